"""Streets, stations and corridors."""


def surat_untuk_hujan_kedua(c):
    c.sky("#22304f", "#3b5377", "#6c86a0", "#a9b8b9")
    c.city(640, "#33496a", "#ffdf9a", 120, 330)
    c.city(700, "#22324f", "#ffd07a", 60, 210)
    c.rect(0, 690, 600, 210, c.linear("#2a3b58", "#121b30"))
    for x in (70, 190, 470, 540):
        c.rect(x, 712, 26, 170, c.linear("#ffd98a/0.5", "#ffd98a/0"), f'filter="{c.blur(6)}"')
    c.rain(200, "#e6f2ff", 10, 0.5)
    # The letters that the rain carries off.
    for x, y, size, turn in ((104, 322, 44, -18), (506, 316, 48, 14), (530, 430, 34, 30), (86, 470, 36, 12), (420, 390, 30, -26), (196, 372, 26, 24)):
        c.add(f'<g transform="translate({x} {y}) rotate({turn})"><rect x="{-size}" y="{-size * .62}" width="{size * 2}" height="{size * 1.24}" rx="3" fill="#fffaf0"/><path d="M{-size} {-size * .62} L0 {size * .2} L{size} {-size * .62}" fill="none" stroke="#c9b79a" stroke-width="2"/><circle cy="{size * .14}" r="{size * .15}" fill="#d6334c"/></g>')
    c.ellipse(300, 838, 120, 12, "#0a1020", 'opacity="0.6"')
    c.person(300, 836, 210, "#141c30", "woman")
    c.line("M316 690 L322 560", "#141c30", 5)
    c.path("M182 604 Q196 470 322 462 Q448 470 462 604 Q440 584 415 602 Q392 580 368 602 Q345 580 322 602 Q298 580 276 602 Q252 580 229 602 Q204 584 182 604 Z", c.linear("#ff5a6e", "#c41f45"))
    c.path("M322 462 Q268 510 276 602 Q298 580 322 602 Q345 580 368 602 Q376 510 322 462 Z", "#ff8a90", 'opacity="0.75"')
    c.line("M322 462 V446", "#141c30", 5)
    c.fade(720, "#0c1425", strength=0.55)
    c.title(["Surat", "untuk Hujan", "Kedua"], 118, "bookslant", "#fff7ea", width=430, most=88, leading=0.92)
    c.credit("SERIAL ROMANSA", 876, "#cfdcec")


def peron_lima_menit_lagi(c):
    c.sky("#f9c784", "#fc9e6a", "#e7635c", "#83345f")
    c.circle(410, 300, 120, c.linear("#fff2c2", "#ffb35e"))
    c.city(520, "#7b2f58", None, 40, 150)
    # The roof and the clock.
    c.polygon([(-10, 226), (610, 176), (610, 216), (-10, 278)], "#2b1330")
    for x in (60, 250, 470):
        c.rect(x, 206, 16, 464, "#2b1330")
        c.line(f"M{x + 8} 340 L{x - 44} 254 M{x + 8} 340 L{x + 60} 246", "#2b1330", 8)
    c.line("M360 200 V272", "#2b1330", 6)
    c.circle(360, 322, 50, "#2b1330")
    c.circle(360, 322, 41, "#fffaf0")
    for hour in range(12):
        c.add(f'<rect x="358.5" y="285" width="3" height="8" fill="#2b1330" transform="rotate({hour * 30} 360 322)"/>')
    c.line("M360 322 L346 298 M360 322 L332 340", "#d3333f", 4.5)
    # The train that is about to leave.
    c.path("M-10 420 H330 Q420 428 456 520 Q470 570 470 640 H-10 Z", c.linear("#f6efe2", "#d9cdbd"))
    c.path("M-10 540 H462 Q470 580 470 610 H-10 Z", "#d3333f")
    c.path("M352 446 Q414 456 438 530 H360 Q352 530 352 520 Z", c.linear("#9fd8e8", "#40718f"))
    for x in (20, 122, 224):
        c.rect(x, 448, 84, 72, c.linear("#ffe9ae", "#ffbf6b"), 'rx="8"')
        c.person(x + 42, 530, 82, "#5b2a3d", "woman" if x == 122 else "man")
        c.rect(x, 520, 84, 20, "#e4d9c9")
    c.rect(-10, 638, 490, 26, "#24102a")
    c.glow(452, 596, 80, "#fff2c2", 0.9)
    c.circle(452, 596, 10, "#fffbe6")
    c.rect(0, 664, 600, 240, c.linear("#4d2148", "#1c0b22"))
    c.rect(0, 664, 600, 10, "#f4c04d")
    for x, kind, tall in ((196, "woman", 176), (402, "man", 190)):
        c.ellipse(x, 796, 60, 8, "#000000", 'opacity="0.35"')
        c.person(x, 796, tall, "#14081a", kind)
    c.rect(424, 758, 44, 38, "#14081a", 'rx="5"')
    c.title(["Peron", "Lima Menit Lagi"], 84, "narrow", "#2b1330", width=500, most=92, leading=0.8, shade=None)
    c.credit("SEBUAH FILM", 866, "#f7c9a5", 8)


def lorong_kota_lama(c):
    c.sky("#18314a", "#2c4f63", "#4d6f70")
    c.moon(300, 322, 44, "#ffe9b0", 4)
    c.stars(60, 300, most=1.3)
    left, right = c.linear("#b98637", "#e8b654", x2=1, y2=0), c.linear("#e8b654", "#a8752c", x2=1, y2=0)
    c.polygon([(-5, 120), (212, 330), (212, 700), (-5, 905)], left)
    c.polygon([(605, 90), (388, 320), (388, 700), (605, 905)], right)
    c.polygon([(-5, 120), (212, 330), (212, 308), (-5, 76)], "#7a2f22")
    c.polygon([(605, 90), (388, 320), (388, 298), (605, 46)], "#7a2f22")
    c.polygon([(-5, 905), (212, 700), (388, 700), (605, 905)], c.linear("#6b6257", "#26231f"))
    for side in (-1, 1):
        for near, far in ((0.06, 0.3), (0.4, 0.6), (0.68, 0.84)):
            def wall(at, high):
                x = 300 + side * (305 - 217 * at)
                top, bottom = 120 + 210 * at, 905 - 205 * at
                return x, top + (bottom - top) * high
            for high, low in ((0.2, 0.42), (0.56, 0.86)):
                frame = [wall(near, high), wall(far, high), wall(far, low), wall(near, low)]
                c.polygon(frame, "#2d4a4f" if (near, high) != (0.4, 0.56) or side < 0 else "#ffe08a", 'stroke="#5b3a1c" stroke-width="5"')
                middle = ((near + far) / 2)
                (ax, ay), (bx, by) = wall(middle, high), wall(middle, low)
                c.line(f"M{ax:.0f} {ay:.0f} L{bx:.0f} {by:.0f}", "#5b3a1c", 3)
    for row in range(12):
        y = 705 + 195 * (row / 12) ** 1.5
        half = 88 + (y - 700) * 1.06
        c.line(f"M{300 - half:.0f} {y:.0f} H{300 + half:.0f}", "#191714", 1.6, 'opacity="0.55"')
    # The archway that opens when the clock stands still.
    c.path("M232 706 V520 Q232 440 300 440 Q368 440 368 520 V706 Z", "#6d4a22")
    c.path("M250 706 V524 Q250 460 300 460 Q350 460 350 524 V706 Z", c.linear("#fffbe0", "#ffd469", "#e08c34"))
    c.glow(300, 590, 210, "#ffdc7a", 0.85)
    c.person(300, 706, 128, "#2a1a10")
    c.polygon([(284, 706), (316, 706), (372, 900), (214, 900)], c.linear("#1d120a/0.85", "#1d120a/0"))
    c.line("M126 350 V470", "#1b1512", 5)
    c.path("M108 470 h36 l-7 44 h-22 Z", "#ffe08a", 'stroke="#1b1512" stroke-width="4"')
    c.glow(126, 492, 90, "#ffdd80", 0.8)
    c.vignette(0.55)
    c.title(["Lorong", "Kota Lama"], 122, "book", "#fff1cf", width=440, most=96, leading=0.9)
    c.credit("SERIAL MISTERI · 14 EPISODE", 872, "#f2dba8")


def kunci_kamar_404(c):
    c.rect(0, 0, 600, 900, "#3b0d16")
    c.polygon([(0, 0), (210, 250), (210, 620), (0, 900)], c.linear("#5b1420", "#a2293a", x2=1, y2=0))
    c.polygon([(600, 0), (390, 250), (390, 620), (600, 900)], c.linear("#a2293a", "#4c101b", x2=1, y2=0))
    c.polygon([(0, 0), (600, 0), (390, 250), (210, 250)], c.linear("#260a10", "#6b2430"))
    c.polygon([(0, 900), (600, 900), (390, 620), (210, 620)], c.linear("#c06a3d", "#3f1220"))
    for tile in range(1, 9):
        at = (tile / 9) ** 1.6
        y, half = 620 + 280 * at, 90 + 210 * at
        for part in range(-3, 4):
            x = 300 + part * half / 3.5
            size = 6 + 24 * at
            c.polygon([(x, y - size * 0.5), (x + size, y), (x, y + size * 0.5), (x - size, y)], "#f2c14e" if (part + tile) % 2 else "#7d1d2d")
    for side in (-1, 1):
        for near, far in ((0.1, 0.32), (0.45, 0.6), (0.7, 0.81)):
            def spot(at, high):
                x = 300 + side * (300 - 210 * at)
                top, bottom = 250 * at, 900 - 280 * at
                return x, top + (bottom - top) * high
            c.polygon([spot(near, 0.3), spot(far, 0.3), spot(far, 0.985), spot(near, 0.985)], c.linear("#3a1410", "#1d0a0a"), 'stroke="#e0a94a" stroke-width="3"')
            x, y = spot(near + (far - near) * 0.85, 0.66)
            c.circle(x, y, 5, "#f2c14e")
    c.rect(210, 250, 180, 370, c.linear("#8a2433", "#5d1422"))
    c.rect(254, 330, 92, 290, "#14070a")
    c.polygon([(254, 330), (282, 344), (282, 640), (254, 620)], "#c99b45")
    c.glow(318, 480, 130, "#dff6c8", 0.75)
    c.rect(282, 340, 64, 280, c.linear("#f4ffe0", "#a9d18a"))
    c.person(316, 620, 170, "#0d130c")
    c.add('<g transform="translate(300 772) rotate(-18)"><circle r="46" fill="none" stroke="#f6cf6c" stroke-width="17" cx="-84"/><rect x="-42" y="-8" width="170" height="17" fill="#f6cf6c" rx="4"/><rect x="86" y="6" width="14" height="30" fill="#f6cf6c"/><rect x="112" y="6" width="14" height="42" fill="#f6cf6c"/></g>')
    c.fade(640, "#15040a", strength=0.55)
    c.vignette(0.5)
    c.title(["Kunci Kamar", "404"], 110, "poster", "#ffe9b5", width=500, most=240, leading=0.83, even=True)
    c.credit("SERIAL MISTERI", 872, "#f2c98a")


def rt_paling_ribut(c):
    c.sky("#ffd23f", "#ffb52e", "#ff8f3a")
    for ray in range(16):
        c.add(f'<polygon points="300,470 250,-260 350,-260" fill="#fff0a8" opacity="0.35" transform="rotate({ray * 22.5} 300 470)"/>')
    walls = ("#ef476f", "#06a6a0", "#f8f1e5", "#5a55c9", "#26547c", "#ff7b9c", "#118ab2", "#3fb57a")
    spots = [(x, 590 - row * 88, row) for row in (2, 1, 0) for x in range(-30 + row * 36, 600, 118)]
    for number, (x, y, row) in enumerate(spots):
        wall = walls[(number * 3 + row) % len(walls)]
        tall = 118 + number * 29 % 26
        c.rect(x, y - tall, 108, tall + 160, wall)
        c.polygon([(x - 10, y - tall), (x + 54, y - tall - 46), (x + 118, y - tall)], "#a63a2a" if number % 2 else "#7c2a2a")
        c.rect(x + 14, y - tall + 22, 30, 36, "#fff7d1" if number % 3 else "#2b2d42", 'stroke="#2b2d42" stroke-width="4"')
        c.rect(x + 64, y - tall + 22, 30, 36, "#2b2d42" if number % 4 else "#fff7d1", 'stroke="#2b2d42" stroke-width="4"')
    c.rect(0, 640, 600, 265, c.linear("#4a4e69", "#22223b"))
    c.line("M-10 300 Q150 380 300 320 T610 300", "#2b2d42", 2.5)
    for at, flag in enumerate(range(20, 600, 46)):
        y = 322 + 26 * ((flag - 300) / 300) ** 2 - (flag % 3) * 4 + (18 if 80 < flag < 260 else 0)
        c.polygon([(flag, y), (flag + 26, y), (flag + 13, y + 34)], ("#ef476f", "#fffdf5")[at % 2])
    # Two candidates with megaphones, and the rooster between them.
    for side, paint, kind in ((-1, "#ef476f", "man"), (1, "#118ab2", "woman")):
        x = 300 + side * 168
        c.person(x, 836, 214, "#14142b", kind)
        c.add(f'<g transform="translate({x - side * 40} 656) scale({-side} 1)"><path d="M0 -9 L66 -44 V44 L0 9 Z" fill="{paint}" stroke="#14142b" stroke-width="4"/><rect x="-18" y="-11" width="20" height="22" rx="5" fill="#14142b"/><path d="M84 -30 q14 30 0 60 M102 -44 q22 44 0 88" fill="none" stroke="#fff7d1" stroke-width="6" stroke-linecap="round"/></g>')
        c.line(f"M{x - side * 18} 690 L{x - side * 40} 668", "#14142b", 14)
    c.add('<g transform="translate(300 790)"><path d="M-46 6 Q-84 -26 -66 -72 Q-44 -40 -14 -42 Q10 -46 14 -78 Q40 -84 42 -52 Q46 18 -4 26 Q-30 26 -46 6 Z" fill="#fffdf5"/><path d="M-46 -8 Q-96 -40 -92 -92 Q-70 -70 -66 -50 M-44 4 Q-104 -6 -112 -56" fill="none" stroke="#06a6a0" stroke-width="9" stroke-linecap="round"/><path d="M14 -78 q4 -22 14 -12 q6 -16 12 0 q10 -4 4 18 Z" fill="#e63946"/><path d="M42 -66 l20 8 l-20 6 Z" fill="#f9a825"/><circle cx="30" cy="-66" r="4" fill="#14142b"/><path d="M-10 26 v22 M10 24 v24" stroke="#f9a825" stroke-width="6"/></g>')
    c.title(["RT Paling", "Ribut"], 138, "block", "#ffffff", width=520, most=190, leading=0.8, even=True, shade="#7c2a2a")
    c.credit("SERIAL KOMEDI · 24 EPISODE", 880, "#ffd98a")


def arsip_yang_terbakar(c):
    c.sky("#0b0b10", "#171318", "#3a130d", "#8f2a0c")
    # Shelves without end, and one map on fire.
    for side in (-1, 1):
        for shelf in range(7):
            y = 170 + shelf * 104
            for number in range(12):
                at = number / 12
                w, h = 26 * (1 - at * 0.6), 84 * (1 - at * 0.45)
                x = 300 + side * (302 - 210 * at)
                top = 450 + (y - 450) * (1 - at * 0.52)
                tone = ("#3b3230", "#4b3d33", "#5a4737", "#2f2a2c")[(number + shelf) % 4]
                c.rect(f"{x - (w if side > 0 else 0):.1f}", f"{top - h:.1f}", f"{w:.1f}", f"{h:.1f}", tone, f'opacity="{1 - at * .45:.2f}"')
            far = 450 + (y - 450) * 0.48
            c.line(f"M{300 + side * 305} {y + 3} L{300 + side * 92} {far + 2:.0f}", "#15100f", 6)
    c.glow(300, 560, 340, "#ff6a1a", 0.85)
    for _ in range(90):
        far = c.random.uniform(0, 1)
        x, y = 300 + c.random.gauss(0, 90 + 120 * far), 600 - 560 * far
        c.circle(f"{x:.0f}", f"{y:.0f}", f"{c.random.uniform(.8, 2.8):.1f}", "#ffc36b", f'opacity="{1 - far * .75:.2f}"')
    for dx, tall, wide, tones in ((-70, 250, 70, ("#ffb347/0", "#ff7a1a/0.9", "#d63a0a")), (70, 300, 76, ("#ffb347/0", "#ff7a1a/0.9", "#d63a0a")), (0, 390, 92, ("#ffd36b/0", "#ff9a2a/0.95", "#e8500c")), (-30, 230, 46, ("#fff3b0/0.1", "#ffd34e", "#ff9a1a")), (32, 260, 50, ("#fff3b0/0.1", "#ffd34e", "#ff9a1a")), (0, 150, 34, ("#ffffff/0.4", "#fff3b0", "#ffd34e"))):
        x = 300 + dx
        c.path(f"M{x - wide} 700 C{x - wide * 1.2} {700 - tall * .45} {x - wide * .1} {700 - tall * .55} {x + dx * .25 + 8} {700 - tall} C{x + wide * .3} {700 - tall * .62} {x + wide * 1.3} {700 - tall * .4} {x + wide} 700 Z", c.linear(*tones))
    c.add('<g transform="translate(300 716) rotate(-5)"><path d="M-150 -60 h100 l24 22 h176 v150 h-300 Z" fill="#c99b55"/><path d="M-132 -34 h262 v60 h-262 Z" fill="#f7eedb"/><path d="M-150 -14 h300 l-14 126 h-272 Z" fill="#e0b56c"/><path d="M-150 -60 q30 24 46 4 q24 32 50 14 l4 -18 Z" fill="#2a150c"/><rect x="-84" y="22" width="168" height="58" fill="#f7eedb" stroke="#7a2314" stroke-width="4"/></g>')
    c.text("RAHASIA", 303, 776, 33, "poster", "#a5200f", extra='transform="rotate(-5 303 766)"', spacing=5)
    c.fade(780, "#080506", strength=0.95)
    c.fade(300, "#080506", up=True, strength=0.92)
    c.title(["Arsip", "yang Terbakar"], 120, "narrow", c.linear("#fff3c9", "#ff9d3b"), width=500, most=140, leading=0.84, even=True)
    c.credit("SEBUAH FILM MISTERI", 872, "#e9a978", 5)


SCENES = {
    "surat-untuk-hujan-kedua": surat_untuk_hujan_kedua,
    "peron-lima-menit-lagi": peron_lima_menit_lagi,
    "lorong-kota-lama": lorong_kota_lama,
    "kunci-kamar-404": kunci_kamar_404,
    "rt-paling-ribut": rt_paling_ribut,
    "arsip-yang-terbakar": arsip_yang_terbakar,
}
