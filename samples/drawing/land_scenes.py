"""Sea, fields and mountains."""

import math


def senja_di_dermaga_tiga(c):
    c.sky("#2b1b4d", "#7b2d6b", "#e0526a", "#ff9a5a", "#ffd58a")
    c.glow(300, 520, 330, "#ffe9a8", 0.9)
    c.circle(300, 520, 92, c.linear("#fffbe0", "#ffc864"))
    for y, width, paint in ((300, 420, "#ffffff/0.16"), (352, 520, "#ffd9c0/0.25"), (412, 380, "#ffe6c0/0.3")):
        c.ellipse(140 + y % 230, y, width / 2, 9, c.radial(paint, "#ffffff/0"))
    c.birds(420, 330, 7, "#3a1640")
    c.ridge(575, 26, "#5b2257", rough=0.6)
    c.water(575, "#f2885c", "#a83a63", "#35164a", "#170a2b")
    c.glitter(300, 580, 800, "#ffe2a0", 74, 26)
    # The pier, narrowing towards the sun, and two who wait.
    c.polygon([(262, 640), (338, 640), (520, 905), (80, 905)], c.linear("#3b1b3f", "#180a20"))
    for row in range(14):
        at = (row / 14) ** 1.7
        y, half = 642 + 258 * at, 38 + 182 * at
        c.line(f"M{300 - half} {y:.0f} H{300 + half}", "#0d0514", 1.2 + 2 * at, 'opacity="0.6"')
    for side in (-1, 1):
        for at in (0.0, 0.16, 0.42, 0.85):
            x, y, size = 300 + side * (41 + 185 * at), 642 + 258 * at, 7 + 16 * at
            c.rect(x - size / 2, y - 34 - 60 * at, size, 50 + 90 * at, "#12071b")
    c.person(282, 690, 104, "#150819", "woman")
    c.person(326, 690, 116, "#150819")
    c.title(["Senja", "di Dermaga", "Tiga"], 124, "script", "#fff4dc", width=470, most=96, leading=0.9)
    c.credit("SERIAL ROMANSA", 868, "#ffd9ae")


def rumah_di_ujung_pematang(c):
    c.sky("#8fd3d1", "#cfeac0", "#fff0b8", "#ffe39a")
    c.glow(430, 250, 240, "#fff6c8", 0.95)
    c.circle(430, 250, 58, "#fffbe6")
    c.ridge(430, 60, "#9ac7a8", rough=0.5)
    c.polygon([(-10, 460), (120, 262), (168, 300), (212, 268), (420, 470)], c.linear("#6fae9d", "#a9d3ae"))
    c.ridge(470, 26, "#5f9f74", rough=0.8)
    greens = ("#8fbf4d", "#7db144", "#6aa23c", "#579234", "#45812d", "#356f27", "#275c20")
    for step, green in enumerate(greens):
        y = 500 + step * 58
        bend = 44 - step * 3
        c.path(f"M-10 {y + bend} Q150 {y - bend} 330 {y + 6} T610 {y - bend * .5} V910 H-10 Z", green)
        c.line(f"M-10 {y + bend} Q150 {y - bend} 330 {y + 6} T610 {y - bend * .5}", "#e9f0a6", 3, 'opacity="0.75"')
        c.line(f"M-10 {y + bend + 8} Q150 {y - bend + 8} 330 {y + 14} T610 {y - bend * .5 + 8}", "#d5f1ee", 4, 'opacity="0.35"')
    c.joglo(196, 512, 210, "#7a3b22", "#ffd27a")
    c.palm(330, 515, 150, "#2f6b3a", 16)
    c.palm(362, 520, 116, "#3a7a42", -12)
    c.palm(62, 520, 128, "#2f6b3a", -16)
    for x, y, size in ((300, 668, 62), (328, 674, 56), (270, 676, 54), (352, 682, 40)):
        c.person(x, y, size, "#2a2b1c", "woman" if size in (56, 40) else "man")
    c.rect(0, 720, 600, 180, c.linear("#173d17/0", "#12330f/0.92"))
    c.title(["Rumah", "di Ujung Pematang"], 768, "round", "#fffbe2", width=520, most=84, leading=0.86)
    c.credit("SERIAL KELUARGA · 24 EPISODE", 868, "#e6f0bb")


def penjaga_kawah_biru(c):
    c.sky("#050a1f", "#0a1c46", "#123a73", "#1d5e96")
    c.stars(150, 520)
    c.glow(300, 430, 330, "#49d8ff", 0.75)
    c.ridge(640, 70, "#0c2450", rough=0.7)
    c.polygon([(-40, 905), (214, 404), (244, 420), (286, 412), (330, 424), (384, 404), (640, 905)], c.linear("#16305f", "#060d22"))
    for side in (-1, 1):
        for crack in range(4):
            x = 300 + side * (24 + crack * 18)
            c.line(f"M{x} {424 + crack * 4} q{side * 26} 70 {side * (14 + crack * 9)} 120 t{side * (30 + crack * 8)} 130", "#59e1ff", 2.2, f'opacity="{.75 - crack * .15}"')
    for flame, (dx, tall, wide) in enumerate(((-64, 90, 34), (-26, 170, 48), (16, 230, 56), (56, 140, 42))):
        x = 300 + dx
        paint = c.linear("#d8fbff/0", "#8bf0ff/0.85", "#1fa9ff/0.95")
        c.path(f"M{x - wide} 424 C{x - wide} {424 - tall * .5} {x - wide * .1} {424 - tall * .5} {x + (flame % 2 * 2 - 1) * 10} {424 - tall} C{x + wide * .5} {424 - tall * .6} {x + wide} {424 - tall * .4} {x + wide} 424 Z", paint)
    c.ellipse(300, 424, 92, 14, c.radial("#eaffff", "#4ed7ff", "#1280d8/0"))
    for _ in range(60):
        a, far = c.random.uniform(-2.7, -0.4), c.random.uniform(30, 330)
        c.circle(f"{300 + far * math.cos(a):.0f}", f"{410 + far * math.sin(a):.0f}", f"{c.random.uniform(.8, 2.6):.1f}", "#b9f4ff", f'opacity="{c.random.uniform(.3, 1):.2f}"')
    c.path("M-10 905 L-10 760 Q120 700 240 716 L330 700 L352 716 Q430 730 610 800 V905 Z", "#030714")
    c.person(292, 712, 118, "#030714")
    c.line("M322 716 L330 570", "#030714", 5)
    c.circle(330, 566, 9, "#8bf0ff")
    c.glow(330, 566, 46, "#59e1ff", 0.9)
    c.title(["Penjaga", "Kawah Biru"], 778, "block", c.linear("#ffffff", "#8fe9ff"), width=480, most=80, leading=0.86, upper=True)
    c.credit("SERIAL LEGENDA", 872, "#9fdfff")


def layar_terakhir_pinisi(c):
    c.sky("#f7ecd4", "#f6d9a8", "#eeb37a", "#d9805f")
    for ring in range(9):
        c.circle(300, 330, 60 + ring * 34, "none", f'stroke="#c7502f" stroke-width="{7 - ring * .6:.1f}" opacity="{.6 - ring * .055:.2f}"')
    c.circle(300, 330, 66, c.linear("#e8532f", "#b72d2b"))
    hull, sail = "#2a1626", "#fff6e2"
    # Two masts, seven sails, as the ships of Bulukumba carry them.
    c.line("M238 582 L250 236", hull, 7)
    c.line("M372 582 L366 250", hull, 7)
    c.path("M252 250 Q330 380 344 548 L246 556 Q262 400 252 250 Z", c.linear(sail, "#f1cf9d"))
    c.path("M369 264 Q446 400 470 544 L366 554 Q382 400 369 264 Z", c.linear(sail, "#eec48e"))
    for at, (x, y) in enumerate(((112, 566), (80, 580), (52, 592))):
        c.path(f"M{246 - at * 5} {252 + at * 44} Q{186 - at * 14} {430 + at * 24} {x} {y} Q{176 - at * 10} {566 + at * 6} {240 - at * 4} {552 + at * 4} Q{236} 410 {246 - at * 5} {252 + at * 44} Z", c.linear(sail, "#e7b277"), f'stroke="{hull}" stroke-width="1.5"')
    c.path("M250 238 L300 300 L252 326 Z", sail)
    c.path("M366 252 L412 312 L368 336 Z", sail)
    c.path("M40 588 Q150 604 250 592 H470 L512 560 Q516 640 452 690 H176 Q100 664 40 588 Z", c.linear("#5a2a2c", hull))
    c.line("M70 600 Q180 622 262 612 H488", "#e9b65f", 5)
    c.line("M20 582 L92 598", hull, 7)
    tones = (("#14355c", "#23588a", "#3d84b5", "#79b8d6", "#c6e4ea"), ("#5b1f38", "#8d2f45", "#bb5152", "#e08a6b", "#f7c79b"))
    for x, y, width, tone in ((90, 700, 330, 0), (505, 706, 320, 1), (300, 752, 380, 0), (40, 800, 300, 1), (560, 806, 320, 0), (300, 850, 430, 1)):
        c.cloud(x, y, width, tones[tone])
    c.rect(0, 690, 600, 210, c.linear("#2a1626/0", "#2a1626/0.93"))
    c.title(["Layar Terakhir", "Pinisi"], 104, "book", "#6e1f24", width=500, most=78, leading=0.9, shade=None)
    c.credit("SEBUAH FILM LEGENDA", 868, "#ffe3b8")


def layang_layang_naga(c):
    c.sky("#1f9fd0", "#6fcbe0", "#c8eddf", "#fdf3c4")
    for x, y, width in ((120, 300, 200), (500, 190, 230), (470, 560, 180), (90, 600, 150)):
        c.cloud(x, y, width, ("#ffffff", "#eefaf7", "#dcf3f0"))
    # The dragon: its spine is a curve, each scale a diamond of paper.
    spine = []
    for step in range(64):
        at = step / 63
        spine.append((475 - 330 * at + 118 * math.sin(at * 9.2), 312 + 300 * at + 26 * math.sin(at * 13)))
    colors = ("#e63946", "#f77f00", "#fcbf49", "#2a9d8f")
    c.line("M" + " L".join(f"{x:.0f} {y:.0f}" for x, y in spine), "#7a1420", 6)
    for step in range(len(spine) - 2, 0, -1):
        (x, y), (px, py) = spine[step], spine[step - 1]
        angle = math.degrees(math.atan2(y - py, x - px))
        size = 36 * (1 - step / 78)
        c.add(f'<g transform="translate({x:.1f} {y:.1f}) rotate({angle:.1f})"><ellipse rx="{size * .62:.1f}" ry="{size:.1f}" fill="{colors[step % 4]}" stroke="#7a1420" stroke-width="1.6"/><path d="M0 {-size:.1f} l4 {-size * .5:.1f} l4 {size * .52:.1f} Z" fill="#fff1c9"/></g>')
    x, y = spine[0]
    c.add(f'<g transform="translate({x + 4:.0f} {y - 6:.0f}) rotate(-14)">'
          '<path d="M-50 -32 Q-20 -78 34 -58 Q84 -48 104 -8 Q74 -4 66 10 Q86 16 96 34 Q40 52 -6 40 Q-58 30 -50 -32 Z" fill="#e63946" stroke="#7a1420" stroke-width="3"/>'
          '<path d="M-30 -52 Q-70 -92 -112 -88 Q-84 -70 -70 -44 Z M8 -62 Q-12 -112 -54 -124 Q-36 -98 -22 -60 Z" fill="#fcbf49" stroke="#7a1420" stroke-width="2.5"/>'
          '<circle cx="28" cy="-28" r="15" fill="#fffbe6"/><circle cx="33" cy="-27" r="7.5" fill="#1d2433"/><path d="M62 8 l6 14 l8 -10 l4 14 l9 -8" fill="none" stroke="#fffbe6" stroke-width="6"/>'
          '<path d="M96 -4 q40 -10 60 14 M92 30 q36 14 40 44" fill="none" stroke="#f77f00" stroke-width="5" stroke-linecap="round"/><path d="M-46 10 q-30 10 -46 36 q34 2 56 -14 Z" fill="#2a9d8f"/></g>')
    c.ridge(770, 22, "#6cae4f", rough=0.6)
    c.ridge(812, 20, "#3f8a3c", rough=0.8)
    tail_x, tail_y = spine[40]
    c.line(f"M{tail_x:.0f} {tail_y:.0f} Q330 700 402 758", "#33413f", 1.6)
    c.person(418, 820, 88, "#26302b")
    c.line("M412 764 L402 756", "#26302b", 6)
    c.palm(70, 830, 130, "#2c6a35", 14)
    c.title(["Layang-Layang", "Naga"], 112, "round", "#ffffff", width=520, most=124, leading=0.82, x=36, anchor="start", even=True, shade="#0b4a66")
    c.credit("SEBUAH FILM UNTUK SEMUA UMUR", 876, "#eaf6d0")


def mercusuar_nomor_sembilan(c):
    c.sky("#06141c", "#0c2a36", "#154653", "#1c5a60")
    c.stars(70, 380, most=1.4)
    beam = c.linear("#fff6c4/0.95", "#ffe9a0/0.28", "#ffe9a0/0", x2=1, y2=0)
    c.polygon([(392, 318), (392, 336), (-20, 520), (-20, 190)], c.linear("#ffe9a0/0", "#ffe9a0/0.25", "#fff6c4/0.95", x2=1, y2=0))
    c.polygon([(408, 318), (408, 336), (640, 400), (640, 260)], beam)
    c.glow(400, 326, 150, "#fff3b8", 0.95)
    c.ridge(640, 14, "#0b2b33", rough=0.8)
    c.water(650, "#10404a", "#082530", "#03121a")
    c.path("M300 905 L320 690 Q350 640 380 652 L430 640 Q480 650 520 700 L620 740 V905 Z", "#030d12")
    tower = c.linear("#f4e9d6", "#cfc1ab", "#6a655e", x2=1, y2=0)
    c.polygon([(368, 352), (432, 352), (452, 660), (348, 660)], tower)
    for band in (400, 486, 572):
        low, high = 32 + (band - 352) * 0.065, 32 + (band + 42 - 352) * 0.065
        c.polygon([(400 - low, band), (400 + low, band), (400 + high, band + 42), (400 - high, band + 42)], c.linear("#d1493f", "#a12f2f", "#4d1719", x2=1, y2=0))
    c.rect(356, 344, 88, 10, "#1b1f22")
    c.rect(374, 304, 52, 42, "#fff3b8")
    for x in (374, 390, 407, 423):
        c.rect(x, 304, 3, 42, "#1b1f22")
    c.path("M366 306 Q400 258 434 306 Z", "#b23a36")
    c.line("M400 276 V254", "#1b1f22", 3)
    c.rect(392, 606, 16, 26, "#1b1f22", 'rx="8"')
    for y, tone, height in ((724, "#0d3a44", 9), (770, "#0a2c36", 12), (818, "#072029", 14)):
        c.swell(y, tone, height, 120, y % 60)
    c.path("M92 742 q50 22 104 0 l-14 28 h-72 Z", "#02090d")
    c.person(142, 748, 62, "#02090d")
    c.line("M160 720 l44 44", "#02090d", 4)
    c.vignette(0.5)
    c.title(["Mercusuar", "Nomor", "Sembilan"], 118, "poster", "#f9efd2", width=300, most=120, leading=0.9, x=40, anchor="start", even=True)
    c.credit("SERIAL MISTERI · 12 EPISODE", 872, "#9fc4c4")


SCENES = {
    "senja-di-dermaga-tiga": senja_di_dermaga_tiga,
    "rumah-di-ujung-pematang": rumah_di_ujung_pematang,
    "penjaga-kawah-biru": penjaga_kawah_biru,
    "layar-terakhir-pinisi": layar_terakhir_pinisi,
    "layang-layang-naga": layang_layang_naga,
    "mercusuar-nomor-sembilan": mercusuar_nomor_sembilan,
}
