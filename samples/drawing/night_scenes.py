"""What goes about at night."""

import math


def sumur_tanpa_timba(c):
    c.sky("#02080a", "#0a2222", "#1d4a44", "#3c6a58")
    c.moon(300, 330, 128, "#e7f5d8", 2.2)
    for _ in range(4):
        y = c.random.uniform(300, 470)
        c.ellipse(c.random.uniform(60, 540), y, 220, 10, c.radial("#dff3e0/0.35", "#dff3e0/0"))
    c.ridge(600, 30, "#0b2424", rough=0.8)
    branch = "#040d0d"
    # A dead tree, its branches like fingers.
    c.path("M452 720 Q486 560 452 430 Q438 372 466 300 L476 304 Q464 372 486 426 Q516 560 524 720 Z", branch)
    for d, width in (("M462 440 Q400 380 330 392 Q290 396 262 420", 9), ("M400 392 Q360 340 312 326", 6), ("M352 392 Q330 420 300 448", 5), ("M468 380 Q430 300 372 262", 8), ("M420 306 Q404 262 410 226", 5), ("M470 310 Q480 250 456 196", 8), ("M480 420 Q540 350 612 332", 10), ("M540 362 Q560 310 552 268", 6), ("M474 262 Q506 222 520 178", 5)):
        c.line(d, branch, width)
    c.birds(180, 250, 4, branch, 60, 12)
    c.path("M-10 700 Q160 660 300 690 T610 680 V905 H-10 Z", c.linear("#0a1a18", "#020606"))
    # The well.
    stone = c.linear("#5b6f66", "#27362f", "#0d1512", x2=1, y2=0)
    c.path("M160 668 V800 Q300 860 440 800 V668 Z", stone)
    for row in range(4):
        for column in range(7):
            x = 166 + column * 40 + row % 2 * 18
            bow = 24 * math.cos((x - 286) / 150)
            c.rect(f"{x:.0f}", f"{684 + row * 32 + bow - 8:.0f}", 34, 25, "#0c1411", 'rx="7" opacity="0.28"')
    c.ellipse(300, 668, 148, 40, c.linear("#7d9186", "#3c4c45"))
    c.ellipse(300, 670, 118, 28, "#010303")
    c.ellipse(300, 676, 60, 12, c.radial("#b7ffdd/0.75", "#b7ffdd/0"))
    for x in (172, 414):
        c.rect(x, 486, 14, 190, "#0b100e")
    c.rect(150, 482, 300, 15, "#0b100e", 'rx="4"')
    c.line("M300 496 V652", "#c9b98a", 3.5)
    # A hand has it from below.
    for dx, tall, turn in ((-14, 54, -10), (-4, 66, -3), (7, 64, 5), (18, 50, 13)):
        c.add(f'<rect x="{296 + dx}" y="{668 - tall}" width="8.5" height="{tall}" rx="4" fill="#cfe3d2" transform="rotate({turn} {300 + dx} 668)"/>')
    c.path("M274 674 Q272 640 288 640 H316 Q332 644 328 676 Z", "#cfe3d2")
    c.line("M300 636 V600", "#c9b98a", 3.5)
    c.path("M182 672 Q300 720 418 672 L440 690 Q300 750 160 690 Z", stone)
    c.vignette(0.65)
    c.title(["Sumur", "Tanpa Timba"], 106, "bookslant", "#e8f5df", width=500, most=104, leading=0.9)
    c.credit("SEBUAH FILM HOROR", 876, "#9fc4ac", 6)


def gamelan_tengah_malam(c):
    c.sky("#1a0306", "#3c0709", "#6f120d")
    c.rect(0, 0, 600, 900, c.kawung(92, "#8f1d14", opacity=0.28))
    c.glow(300, 420, 340, "#ff7a2a", 0.7)
    frame, carve = "#150304", "#c9902f"
    # The great gong in its frame, two serpents on top.
    for x in (76, 492):
        c.rect(x, 210, 32, 540, frame)
        c.rect(x + 5, 230, 22, 480, "none", f'stroke="{carve}" stroke-width="2.5"')
        for y in range(250, 700, 46):
            c.polygon([(x + 16, y), (x + 25, y + 14), (x + 16, y + 28), (x + 7, y + 14)], carve)
        c.path(f"M{x - 34} 770 Q{x - 20} 730 {x} 742 H{x + 32} Q{x + 52} 730 {x + 66} 770 Z", frame)
    c.path("M60 214 Q60 184 100 192 Q200 170 300 190 Q400 170 500 192 Q540 184 540 214 L520 232 H80 Z", frame)
    c.line("M84 214 Q200 194 300 212 Q400 194 516 214", carve, 3)
    for side in (-1, 1):
        c.path(f"M{300 + side * 226} 206 q{side * 52} -6 {side * 40} -52 q{-side * 8} -34 {-side * 40} -22 q{-side * 20} 12 {-side * 4} 26 q{side * 18} -8 {side * 20} 14 q0 26 {-side * 46} 26 Z", frame, f'stroke="{carve}" stroke-width="2.5"')
    c.path("M246 192 Q262 150 300 128 Q338 150 354 192 Z", frame, f'stroke="{carve}" stroke-width="2.5"')
    c.line("M216 226 L236 330 M384 226 L364 330", carve, 5)
    c.circle(300, 468, 182, "#2a1206")
    c.circle(300, 462, 180, c.radial("#fbd98a", "#d99a3a", "#8a4b16", "#4b230c", cx=0.4, cy=0.34, r=0.8))
    for r in (160, 128, 92):
        c.circle(300, 462, r, "none", 'stroke="#5a2c0e" stroke-width="2.5" opacity="0.65"')
    c.circle(300, 462, 44, c.radial("#fff2c4", "#e3a94a", "#7a4213", cx=0.38, cy=0.32, r=0.85))
    # In the metal, someone looks back.
    c.add('<g opacity="0.6"><path d="M236 470 Q236 384 300 380 Q364 384 364 470 Q372 560 348 604 H252 Q228 560 236 470 Z" fill="#230b05"/></g>')
    c.path("M254 462 Q256 404 300 402 Q344 404 346 462 Q344 526 300 546 Q256 526 254 462 Z", "#f1dcae", 'opacity="0.5"')
    for side in (-1, 1):
        c.path(f"M{300 + side * 36} 464 q{-side * 16} -14 {-side * 26} 0 q{side * 12} 9 {side * 26} 0 Z", "#1a0503")
        c.circle(300 + side * 22, 464, 2.6, "#ff3b1f")
    c.path("M290 518 q10 6 20 0", "none", 'stroke="#6f120d" stroke-width="4" stroke-linecap="round"')
    for ring in range(4):
        c.circle(300, 462, 204 + ring * 26, "none", f'stroke="#ffb35c" stroke-width="2" opacity="{.42 - ring * .1:.2f}"')
    for x in (150, 226, 374, 450):
        c.path(f"M{x - 44} 812 Q{x - 40} 770 {x} 764 Q{x + 40} 770 {x + 44} 812 Z", c.linear("#e3a94a", "#5a2c0e"))
        c.circle(x, 764, 11, "#f3cd7d")
    c.rect(70, 806, 460, 34, frame, 'rx="6"')
    c.rect(82, 814, 436, 4, carve)
    c.vignette(0.65)
    c.title(["Gamelan Tengah Malam"], 96, "book", "#ffd894", width=520, most=80)
    c.credit("SERIAL HOROR · 8 EPISODE", 876, "#e7a864")


def topeng_yang_tersenyum(c):
    c.rect(0, 0, 600, 900, "#0c0c10")
    c.rect(0, 0, 600, 900, c.parang(110, "#1d1d26"))
    c.glow(300, 440, 370, "#8f1022", 0.75)
    for ray in range(26):
        a = math.radians(ray * 360 / 26)
        c.polygon([(300 + 210 * math.cos(a - .06), 420 + 240 * math.sin(a - .06)), (300 + 300 * math.cos(a), 420 + 330 * math.sin(a)), (300 + 210 * math.cos(a + .06), 420 + 240 * math.sin(a + .06))], "#d9a441", f'opacity="{.95 if ray % 2 else .55}"')
    c.path("M110 356 Q120 176 300 172 Q480 176 490 356 Q500 520 420 624 Q360 700 300 704 Q240 700 180 624 Q100 520 110 356 Z", "#d9a441")
    c.path("M126 362 Q136 196 300 192 Q464 196 474 362 Q482 512 408 610 Q354 682 300 686 Q246 682 192 610 Q118 512 126 362 Z", c.linear("#fffaf0", "#efe0c8", "#c9ab84"))
    c.path("M300 192 Q464 196 474 362 Q482 512 408 610 Q354 682 300 686 Z", "#000000", 'opacity="0.12"')
    # The crown.
    c.path("M128 340 Q140 190 300 186 Q460 190 472 340 Q440 270 390 286 Q370 240 300 262 Q230 240 210 286 Q160 270 128 340 Z", "#7a0f1d", 'stroke="#d9a441" stroke-width="5"')
    for x, y, r in ((300, 228, 17), (228, 244, 11), (372, 244, 11), (172, 284, 8), (428, 284, 8)):
        c.circle(x, y, r, "#f3cb62")
        c.circle(x, y, r * 0.5, "#b3122a")
    for side in (-1, 1):
        c.path(f"M{300 + side * 36} 386 Q{300 + side * 90} 344 {300 + side * 146} 378 Q{300 + side * 90} 362 {300 + side * 36} 400 Z", "#17110e")
        c.path(f"M{300 + side * 46} 436 Q{300 + side * 92} 394 {300 + side * 138} 430 Q{300 + side * 94} 456 {300 + side * 46} 436 Z", "#120a08")
        c.path(f"M{300 + side * 46} 436 Q{300 + side * 92} 394 {300 + side * 138} 430", "none", 'stroke="#b3122a" stroke-width="4"')
        c.circle(300 + side * 92, 427, 5, "#ff3d2e")
        c.glow(300 + side * 92, 427, 24, "#ff3d2e", 0.7)
        c.circle(300 + side * 118, 514, 24, "#e2665a", 'opacity="0.35"')
        c.path(f"M{300 + side * 176} 420 q{side * 34} 10 {side * 22} 62 q{-side * 22} 8 {-side * 30} -14 Z", "#d9a441")
    c.line("M300 420 Q288 492 278 510 Q300 526 322 510", "#8a6a48", 5)
    c.path("M196 556 Q300 592 404 556 Q386 646 300 650 Q214 646 196 556 Z", "#2a0508")
    c.path("M212 566 Q300 596 388 566 Q384 588 300 600 Q216 588 212 566 Z", "#fffdf2")
    for x in range(236, 380, 20):
        c.line(f"M{x} 574 V{596 - abs(x - 300) * .05:.0f}", "#c9ab84", 2)
    c.line("M184 546 q8 14 20 12 M416 546 q-8 14 -20 12", "#7a0f1d", 6)
    # It has begun to crack, and something is behind it.
    c.line("M452 300 L420 352 L436 392 L404 440 L424 486 L398 520", "#120a08", 4.5)
    c.line("M420 352 L388 366 M404 440 L374 452", "#120a08", 3)
    c.vignette(0.6)
    c.title(["Topeng", "yang Tersenyum"], 776, "poster", "#fff0cf", width=500, most=140, leading=0.9, even=True)
    c.credit("SERIAL HOROR", 886, "#d9a441", 6, size=13)


def kabut_kilometer_tujuh(c):
    c.sky("#0a0f14", "#1a2831", "#3d515a", "#6d8087")
    soft = c.blur(14)
    for depth, (number, tone, base, least, most) in enumerate(((13, "#56696f", 520, 150, 260), (10, "#33444b", 560, 220, 360), (7, "#131d22", 640, 380, 560))):
        for tree in range(number):
            x = (tree + 0.5) * 600 / number + c.random.uniform(-14, 14)
            if depth == 2 and 170 < x < 430:
                continue
            tall = c.random.uniform(least, most)
            for layer in range(6):
                y, half = base - tall * (0.2 + layer * 0.14), tall * 0.2 * (1 - layer * 0.13)
                c.polygon([(x - half, y), (x, y - tall * 0.26), (x + half, y)], tone)
            c.rect(f"{x - tall * .018:.1f}", f"{base - tall * .25:.1f}", f"{tall * .036:.1f}", f"{tall * .4:.1f}", tone)
        c.ellipse(300, base - 20, 430, 60, "#b9c8cb", f'opacity="0.32" filter="{soft}"')
    c.polygon([(284, 500), (316, 500), (640, 905), (-40, 905)], c.linear("#5c6a6f", "#20282c", "#0c1113"))
    for dash in range(7):
        at = (dash / 7) ** 1.8
        y, h, w = 512 + 390 * at, 10 + 44 * at, 1.6 + 7 * at
        c.rect(f"{300 - w:.1f}", f"{y:.0f}", f"{2 * w:.1f}", f"{h * .7:.0f}", "#e7e2c8", 'opacity="0.8"')
    # Who stands on the road: eight, where there should be seven.
    for number, x in enumerate((196, 226, 256, 284, 314, 344, 374, 404)):
        strange = number == 5
        c.person(x, 622 + (number % 3) * 6, 88 + number % 3 * 7 + (16 if strange else 0), "#8f1220" if strange else "#0b1114", "woman" if number in (1, 5, 6) else "man")
    c.ellipse(300, 626, 230, 26, "#c4d0d2", f'opacity="0.5" filter="{soft}"')
    # The headlights of the one who counts them.
    for side in (-1, 1):
        c.polygon([(300 + side * 118, 880), (300 + side * 20, 590), (300 + side * 250, 590)], c.linear("#fff6cf/0", "#fff6cf/0.4"))
    c.path("M-10 905 V858 Q140 800 300 798 Q460 800 610 858 V905 Z", "#06090b")
    for side in (-1, 1):
        c.glow(300 + side * 120, 836, 110, "#fff4c6", 0.85)
        c.ellipse(300 + side * 120, 838, 38, 15, "#fffbe6")
    c.add('<g transform="translate(506 470)"><rect x="-5" y="0" width="10" height="200" fill="#10171a"/><path d="M-44 -72 H44 V22 Q0 40 -44 22 Z" fill="#f1efe4" stroke="#10171a" stroke-width="4"/><path d="M-44 -72 H44 V-40 H-44 Z" fill="#c9a227"/></g>')
    c.text("KM", 506, 422, 24, "heavy", "#10171a")
    c.text("7", 506, 488, 62, "poster", "#10171a")
    c.vignette(0.6)
    c.title(["Kabut", "Kilometer Tujuh"], 158, "poster", "#f3f6f1", width=520, most=190, leading=0.86, even=True)
    c.credit("SEBUAH FILM HOROR", 884, "#aab8b8", 6, size=13)


def ojek_antar_galaksi(c):
    c.sky("#12063a", "#3a0ca3", "#7209b7", "#f72585")
    c.stars(190, 640)
    c.glow(470, 250, 190, "#4cc9f0", 0.5)
    c.circle(470, 250, 74, c.linear("#90e0ef", "#4361ee"))
    c.path("M398 236 Q470 272 544 236 L543 262 Q470 296 399 262 Z", "#caf0f8", 'opacity="0.65"')
    c.add('<ellipse cx="470" cy="250" rx="132" ry="26" fill="none" stroke="#ffd166" stroke-width="9" transform="rotate(-18 470 250)" stroke-dasharray="300 118" stroke-dashoffset="-150"/>')
    c.circle(96, 330, 30, c.linear("#ffd166", "#ef476f"))
    c.circle(560, 470, 16, "#06d6a0")
    for x, y, long in ((40, 210, 120), (330, 380, 80), (70, 470, 90)):
        c.line(f"M{x} {y} l{long} {-long * .4}", "#ffffff", 2.5, 'opacity="0.7"')
    c.circle(300, 1190, 480, c.linear("#fdf0d5", "#c9b8d4"))
    for x, y, rx in ((150, 800, 46), (440, 784, 58), (300, 860, 70), (520, 856, 40), (60, 872, 44)):
        c.ellipse(x, y, rx, rx * 0.32, "#a795bb")
        c.ellipse(x + 4, y + 4, rx * 0.86, rx * 0.24, "#8c7aa6")
    # The motorbike in mid-leap, its driver and the one who ordered.
    c.add('<g transform="translate(290 590) rotate(-14)">'
          '<path d="M-210 40 q-90 -6 -150 30 q40 -6 62 4 q-40 6 -58 26 q70 -20 150 -22 Z" fill="#ffd166" opacity="0.95"/><path d="M-208 48 q-60 2 -92 22 q48 -4 96 -4 Z" fill="#ffffff"/>'
          '<circle cx="-120" cy="70" r="58" fill="#14121f"/><circle cx="-120" cy="70" r="34" fill="#d9d7e8"/><circle cx="-120" cy="70" r="12" fill="#14121f"/>'
          '<circle cx="142" cy="70" r="58" fill="#14121f"/><circle cx="142" cy="70" r="34" fill="#d9d7e8"/><circle cx="142" cy="70" r="12" fill="#14121f"/>'
          '<path d="M-180 -6 Q-150 -44 -80 -36 H10 Q40 -30 52 6 L92 12 L112 -66 L92 -78 L100 -94 L136 -80 L146 66 L128 70 L112 34 Q90 66 40 64 H-60 Q-70 20 -120 8 Q-150 4 -176 18 Z" fill="#06d6a0"/>'
          '<path d="M-60 64 H40 Q30 92 -10 92 H-40 Q-56 86 -60 64 Z" fill="#3a3550"/><path d="M-186 30 L-220 44 L-216 56 L-120 66 Z" fill="#8d8aa3"/><circle cx="134" cy="-52" r="17" fill="#fff6c8"/>'
          '<path d="M-92 -40 Q-100 -130 -62 -138 Q-24 -136 -22 -60 L-14 -40 Z" fill="#7cf0c0"/><ellipse cx="-60" cy="-172" rx="38" ry="42" fill="#7cf0c0"/><ellipse cx="-46" cy="-176" rx="10" ry="15" fill="#12063a"/><ellipse cx="-72" cy="-178" rx="8" ry="14" fill="#12063a"/><path d="M-70 -152 q14 10 26 0" stroke="#12063a" stroke-width="4" fill="none"/><path d="M-76 -210 q-14 -26 -6 -40 M-44 -212 q10 -26 22 -36" stroke="#7cf0c0" stroke-width="6" fill="none"/><circle cx="-82" cy="-252" r="8" fill="#ffd166"/><circle cx="-20" cy="-250" r="8" fill="#ffd166"/>'
          '<path d="M-26 -34 Q-26 -128 22 -134 Q66 -130 60 -50 L48 -24 H-20 Z" fill="#2b9348"/><path d="M34 -118 Q80 -104 108 -84 L100 -66 Q60 -74 30 -88 Z" fill="#237a3b"/><path d="M10 -34 Q70 -40 66 0 L58 44 H38 L36 -2 Q10 10 -14 -6 Z" fill="#22223b"/>'
          '<path d="M-20 -158 Q-20 -208 28 -210 Q78 -206 78 -158 Q74 -132 28 -130 Q-14 -132 -20 -158 Z" fill="#2b9348"/><path d="M30 -188 Q76 -188 77 -160 Q70 -146 36 -148 Q24 -168 30 -188 Z" fill="#caf0f8"/><path d="M-16 -176 Q20 -190 30 -188" stroke="#ffffff" stroke-width="6" fill="none"/></g>')
    c.title(["Ojek", "Antar Galaksi"], 110, "round", "#ffffff", width=520, most=130, leading=0.8, even=True, shade="#12063a")
    c.credit("SEBUAH FILM KOMEDI", 874, "#3a1c71", 5)


def ratu_benang_emas(c):
    c.rect(0, 0, 600, 900, "#0e2a2a")
    c.rect(0, 0, 600, 900, c.kawung(100, "#1f5a52", opacity=0.75))
    c.rect(0, 0, 600, 900, c.radial("#0e2a2a/0", "#061414/0.9", r=0.72))
    # A gunungan behind her: the mountain that opens and closes a shadow play.
    c.path("M300 96 Q372 230 470 330 Q560 440 498 590 Q470 660 440 700 H160 Q130 660 102 590 Q40 440 130 330 Q228 230 300 96 Z", c.linear("#f6d98a", "#c8932f", "#7a4b14"))
    c.path("M300 132 Q368 254 452 344 Q532 444 480 580 Q456 640 428 682 H172 Q144 640 120 580 Q68 444 148 344 Q232 254 300 132 Z", c.linear("#7a1420", "#43080f"))
    for side in (-1, 1):
        for branch in range(6):
            y = 300 + branch * 62
            reach = 60 + branch * 22 - max(0, branch - 3) * 26
            c.line(f"M{300 + side * 14} {y + 40} Q{300 + side * reach * .5} {y + 34} {300 + side * reach} {y} q{side * 26} -14 {side * 20} -34 q{-side * 12} -14 {-side * 24} 2 q0 14 {side * 12} 12", "#e9b84e", 4)
            c.circle(300 + side * (reach + 6), y + 22, 6, "#e9b84e")
    c.glow(300, 430, 200, "#ffe39a", 0.55)
    skin, cloth = c.linear("#c98a58", "#9a5d36"), c.parang(46, "#f0cf86", "#5b1020")
    hair = "#160b0a"
    c.path("M212 426 Q206 300 300 294 Q394 300 388 426 Q404 500 380 548 H220 Q196 500 212 426 Z", hair)
    c.path("M262 500 H338 V566 H262 Z", skin)
    c.path("M234 420 Q236 336 300 332 Q364 336 366 420 Q362 498 300 522 Q238 498 234 420 Z", skin)
    c.path("M110 780 Q120 620 214 584 L264 552 Q300 590 336 552 L386 584 Q480 620 490 780 V905 H110 Z", cloth)
    c.path("M214 584 L264 552 Q300 590 336 552 L386 584 Q350 668 300 672 Q250 668 214 584 Z", skin)
    for size in (0, 14, 28):
        c.path(f"M{226 - size} {590 + size} Q300 {690 + size * 2} {374 + size} {590 + size}", "none", 'stroke="#f6d98a" stroke-width="6" stroke-dasharray="3 7" stroke-linecap="round"')
    c.path("M230 388 Q222 306 300 300 Q378 306 370 388 Q340 344 300 344 Q260 344 230 388 Z", "#f0c14f")
    for x, tall in ((236, 40), (268, 74), (300, 104), (332, 74), (364, 40)):
        c.path(f"M{x - 17} 338 Q{x - 12} {330 - tall * .5} {x} {316 - tall} Q{x + 12} {330 - tall * .5} {x + 17} 338 Z", c.linear("#fff0b8", "#d99a2b"))
        c.circle(x, 330 - tall * 0.3, 6, "#b3122a")
    for side in (-1, 1):
        c.path(f"M{300 + side * 70} 408 q{side * 40} -6 {side * 34} 40 q{-side * 4} 44 {-side * 26} 50 Z", "#f0c14f")
        c.path(f"M{300 + side * 14} 424 Q{300 + side * 34} 410 {300 + side * 54} 422 Q{300 + side * 34} 430 {300 + side * 14} 424 Z", hair)
        c.line(f"M{300 + side * 12} 402 Q{300 + side * 34} 388 {300 + side * 56} 402", hair, 4)
    c.line("M300 420 Q296 456 290 462 Q300 470 310 462", "#7a4325", 3)
    c.path("M280 484 Q300 474 320 484 Q300 500 280 484 Z", "#a01826")
    # The golden thread, and the thief's hand at its end.
    c.path("M330 640 C430 690 250 742 350 792 S560 740 610 812", "none", 'stroke="#fff0b8" stroke-width="9" opacity="0.4"')
    c.path("M330 640 C430 690 250 742 350 792 S560 740 610 812", "none", 'stroke="#ffd75e" stroke-width="3.6"')
    c.fade(620, "#041010", strength=0.98)
    c.fade(700, "#041010", strength=0.9)
    c.fade(170, "#041010", up=True, strength=0.8)
    c.title(["Ratu", "Benang Emas"], 778, "script", "#ffe9a8", width=480, most=96, leading=0.82)
    c.credit("SERIAL LEGENDA", 888, "#e9c978", size=13)


SCENES = {
    "sumur-tanpa-timba": sumur_tanpa_timba,
    "gamelan-tengah-malam": gamelan_tengah_malam,
    "topeng-yang-tersenyum": topeng_yang_tersenyum,
    "kabut-kilometer-tujuh": kabut_kilometer_tujuh,
    "ojek-antar-galaksi": ojek_antar_galaksi,
    "ratu-benang-emas": ratu_benang_emas,
}
