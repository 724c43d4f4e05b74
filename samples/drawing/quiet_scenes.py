"""Rooms, tables and things."""

import math


def kopi_tubruk_jam_dua_pagi(c):
    c.sky("#0d1b2e", "#173049", "#24455a")
    c.rect(60, 230, 480, 360, "#0b1726")
    c.rect(72, 242, 456, 336, c.linear("#14284a", "#28497a"))
    c.moon(430, 316, 34, "#ffeec2", 3.4)
    c.stars(36, 420, most=1.4)
    c.city(578, "#0d1a2e", "#ffd27a", 40, 140, (30, 52))
    c.rect(60, 576, 480, 30, "#2e1d16")
    c.line("M300 242 V578 M72 410 H528", "#0b1726", 9)
    c.rect(0, 600, 600, 305, c.linear("#6b3f22", "#3a1f12"))
    for y in (640, 700, 776, 850):
        c.line(f"M-10 {y} Q200 {y + 8} 610 {y - 4}", "#2c160c", 2, 'opacity="0.5"')
    c.glow(300, 640, 280, "#ffb45a", 0.45)
    c.ellipse(300, 770, 190, 30, "#1a0d07", 'opacity="0.55"')
    c.ellipse(300, 752, 180, 34, c.linear("#f5ead6", "#c9b392"))
    c.ellipse(300, 748, 120, 20, "#b69d79")
    # A glass, as coffee is served at a stall: dark below, with the grounds at the bottom.
    c.path("M206 520 H394 L372 748 Q300 770 228 748 Z", c.linear("#dff1f5/0.55", "#9fc0c9/0.45"))
    c.path("M213 566 H387 L371 742 Q300 762 229 742 Z", c.linear("#5a2f17", "#2a1208", "#120603"))
    c.ellipse(300, 566, 87, 17, c.radial("#b9793f", "#7c461f", "#4a2511"))
    c.ellipse(300, 520, 94, 17, "none", 'stroke="#e8f6f8" stroke-width="4" opacity="0.85"')
    c.path("M394 560 Q474 560 460 640 Q448 700 380 692 L383 668 Q430 670 436 632 Q442 584 391 586 Z", "#d3e8ec", 'opacity="0.55"')
    c.path("M226 544 L238 724 L252 730 L242 542 Z", "#ffffff", 'opacity="0.3"')
    soft = c.blur(5)
    for dx, lean in ((-34, -1), (8, 1), (44, -1)):
        c.path(f"M{300 + dx} 540 c{lean * 46} -60 {-lean * 46} -120 0 -180 c{lean * 30} -46 {-lean * 8} -90 {-lean * 6} -120", "none", f'stroke="#fff5e2" stroke-width="13" stroke-linecap="round" opacity="0.42" filter="{soft}"')
    c.title(["Kopi Tubruk", "Jam Dua Pagi"], 108, "round", "#ffe7bd", width=500, most=96, leading=0.92)
    c.credit("SERIAL ROMANSA · 10 EPISODE", 864, "#f0c795")


def warisan_mesin_jahit(c):
    c.rect(0, 0, 600, 900, "#f3e3c6")
    c.rect(0, 0, 600, 900, c.kawung(74, "#c58a4d", "#f3e3c6", 0.5))
    c.circle(300, 400, 262, "#8c2f2b")
    c.circle(300, 400, 246, c.radial("#b8443a", "#8c2f2b"))
    c.circle(300, 400, 232, "none", 'stroke="#f0c987" stroke-width="3" stroke-dasharray="2 9" stroke-linecap="round"')
    iron, gold = c.linear("#33302e", "#141211"), "#f0c06a"
    c.rect(96, 560, 420, 30, "#5b331c", 'rx="4"')
    c.rect(96, 586, 420, 12, "#3a1f10")
    c.path("M130 560 V520 Q130 506 146 506 H470 Q482 506 482 520 V560 Z", iron)
    c.path("M392 506 V392 Q392 360 356 358 H222 Q196 358 196 384 V414 Q196 424 186 424 H156 Q146 424 146 412 V344 Q146 296 196 290 H396 Q470 290 474 362 V506 Z", iron)
    c.path("M170 424 h20 v52 h-20 Z", "#9b9690")
    c.line("M180 476 V506", "#d7d2ca", 4)
    c.rect(164, 492, 32, 8, "#d7d2ca", 'rx="3"')
    c.circle(494, 400, 62, "none", f'stroke="{"#1b1817"}" stroke-width="15"')
    c.circle(494, 400, 15, "#1b1817")
    for turn in range(6):
        a = math.radians(turn * 60)
        c.line(f"M494 400 L{494 + 58 * math.cos(a):.0f} {400 + 58 * math.sin(a):.0f}", "#1b1817", 6)
    c.rect(330, 262, 30, 30, "#d1493f", 'rx="4"')
    c.rect(324, 256, 42, 7, "#7a5a34")
    c.rect(324, 290, 42, 6, "#7a5a34")
    c.line("M345 270 Q230 210 180 300 V480", "#d1493f", 2.5)
    for x, y, size in ((250, 326, 30), (430, 440, 26), (310, 534, 22)):
        c.add(f'<g transform="translate({x} {y})" fill="none" stroke="{gold}" stroke-width="3"><path d="M{-size * 1.6} 0 C{-size} {-size * .8} {-size * .3} {size * .8} 0 0 C{size * .3} {-size * .8} {size} {size * .8} {size * 1.6} 0"/><circle r="5" fill="{gold}"/></g>')
    # The cloth that flows out of it.
    cloth = c.parang(64, "#f3dcae", "#233a5e")
    c.path("M96 500 Q150 486 214 502 Q236 540 190 586 Q120 650 210 716 Q330 790 610 740 V905 H-10 V640 Q30 560 96 500 Z", cloth)
    c.path("M96 500 Q150 486 214 502 Q236 540 190 586 Q120 650 210 716 Q330 790 610 740", "none", 'stroke="#f0c06a" stroke-width="7"')
    c.rect(0, 660, 600, 240, c.linear("#131f35/0", "#131f35/0.9", "#131f35/0.98"))
    c.title(["Warisan", "Mesin Jahit"], 792, "book", "#fff0cf", width=470, most=80, leading=0.85)
    c.credit("SERIAL KELUARGA", 884, "#e5c894", size=13)


def kursi_kosong_bapak(c):
    c.rect(0, 0, 600, 900, c.linear("#2f4a4a", "#223636"))
    c.rect(0, 690, 600, 210, c.linear("#6d4a32", "#2c1b12"))
    c.polygon([(330, 150), (540, 120), (540, 480), (330, 470)], "#1b2625")
    c.polygon([(342, 162), (528, 136), (528, 466), (342, 458)], c.linear("#bfe6ee", "#f4e2b4", "#f7b979"))
    c.polygon([(342, 400), (528, 396), (528, 466), (342, 458)], c.linear("#5fa5ae", "#2f7284"))
    c.path("M400 398 l34 0 l-6 12 h-22 Z M414 396 v-46 l22 40 Z", "#2a2f33")
    c.line("M435 150 V462 M342 306 L528 300", "#1b2625", 8)
    light = c.linear("#ffe3a3/0.75", "#ffe3a3/0.08")
    c.polygon([(342, 160), (528, 136), (330, 880), (30, 840)], c.linear("#ffe3a3/0.5", "#ffe3a3/0.06"))
    c.polygon([(90, 745), (330, 735), (330, 890), (20, 850)], light)
    wood, dark = "#a8672f", "#5d3416"
    # His rattan chair, and the sarong left on it.
    c.polygon([(180, 846), (420, 856), (330, 880), (90, 872)], "#120a06", 'opacity="0.45"')
    c.path("M176 400 Q184 372 216 370 H344 Q374 372 380 400 L394 640 H162 Z", wood)
    weave = c.define('<pattern id="{id}" width="20" height="20" patternUnits="userSpaceOnUse"><rect width="20" height="20" fill="#d9a45d"/><path d="M0 0 L20 20 M20 0 L0 20" stroke="#7b4a20" stroke-width="3"/><circle cx="10" cy="10" r="2.6" fill="#7b4a20"/></pattern>')
    c.path("M204 412 Q206 396 222 396 H338 Q352 396 354 412 L366 622 H190 Z", weave)
    c.path("M146 620 H412 Q424 622 424 640 V668 H132 V640 Q132 622 146 620 Z", wood)
    c.rect(140, 640, 276, 14, dark)
    for x in (140, 392):
        c.path(f"M{x} 668 h24 l-4 190 h-14 Z", wood)
    for x in (186, 352):
        c.path(f"M{x} 668 h16 l-2 150 h-11 Z", dark)
    for side, x in ((-1, 176), (1, 382)):
        c.path(f"M{x} 500 q{side * 44} 0 {side * 50} 26 v100 h{-side * 18} v-86 q{-side * 4} -14 {-side * 30} -12 Z", dark)
    cloth = c.define('<pattern id="{id}" width="36" height="36" patternUnits="userSpaceOnUse"><rect width="36" height="36" fill="#29618a"/><path d="M0 9 H36 M9 0 V36" stroke="#f4e6c6" stroke-width="3"/><path d="M0 27 H36 M27 0 V36" stroke="#c23b3b" stroke-width="6" opacity="0.8"/></pattern>')
    c.path("M330 390 Q372 376 384 404 L412 600 Q424 690 400 742 Q372 752 352 738 Q366 660 350 570 Q336 470 330 390 Z", cloth)
    c.ellipse(262, 618, 56, 12, "#2b2b2b")
    c.path("M222 616 Q224 582 262 580 Q300 582 302 616 Z", "#2b2b2b")
    c.vignette(0.5)
    c.title(["Kursi", "Kosong", "Bapak"], 118, "book", "#fff1d4", width=270, most=88, leading=0.92, x=40, anchor="start")
    c.credit("SEBUAH FILM KELUARGA", 876, "#e9cfa6")


def tiga_piring_di_meja(c):
    c.rect(0, 0, 600, 900, "#e4572e")
    check = c.define('<pattern id="{id}" width="80" height="80" patternUnits="userSpaceOnUse"><rect width="80" height="80" fill="#fff3df"/><rect width="40" height="80" fill="#e4572e" opacity="0.45"/><rect width="80" height="40" fill="#e4572e" opacity="0.45"/></pattern>')
    c.rect(0, 0, 600, 900, check)
    shadow = c.blur(9)
    for x, y, r in ((196, 292, 142), (424, 470, 142), (188, 632, 142)):
        c.circle(x + 8, y + 16, r, "#6b1d0c", f'opacity="0.4" filter="{shadow}"')
        c.circle(x, y, r, c.linear("#ffffff", "#dfe7ea"))
        c.circle(x, y, r - 8, "none", 'stroke="#1f5f8b" stroke-width="5"')
        for petal in range(24):
            a = math.radians(petal * 15)
            c.ellipse(f"{x + (r - 22) * math.cos(a):.1f}", f"{y + (r - 22) * math.sin(a):.1f}", 7, 4, "#1f5f8b", f'transform="rotate({petal * 15} {x + (r - 22) * math.cos(a):.1f} {y + (r - 22) * math.sin(a):.1f})"')
        c.circle(x, y, r - 42, c.linear("#eef3f4", "#ffffff"), 'stroke="#cfd9dd" stroke-width="2"')
    # Two are eaten from; the third waits.
    c.path("M130 300 Q136 236 196 236 Q258 238 262 300 Q250 340 196 342 Q140 340 130 300 Z", "#fffdf6", 'stroke="#e7dcc4" stroke-width="2"')
    c.path("M206 262 Q262 262 268 310 Q250 350 206 330 Z", "#b5651d")
    c.path("M132 296 q24 -28 52 -10 q-6 34 -40 40 Z", "#4f9d3a")
    c.circle(212, 252, 17, "#d6281f")
    c.path("M366 480 Q370 420 424 420 Q484 424 486 480 Q470 520 424 522 Q376 518 366 480 Z", "#fffdf6", 'stroke="#e7dcc4" stroke-width="2"')
    c.circle(406, 452, 33, "#fff")
    c.circle(406, 452, 15, "#ffb703")
    c.path("M440 470 q40 -8 44 26 q-18 24 -46 18 Z", "#4f9d3a")
    c.circle(456, 440, 12, "#d6281f")
    for x, y, turn in ((196, 292, 8), (424, 470, -6), (188, 632, 0)):
        c.add(f'<g transform="translate({x + 160 if x < 300 else x - 168} {y}) rotate({turn})"><rect x="-5" y="-40" width="10" height="130" rx="5" fill="#b9c3c9"/><ellipse cy="-62" rx="19" ry="32" fill="#cfd8dc"/></g>')
    c.rect(0, 690, 600, 210, c.linear("#7a1f0d/0", "#7a1f0d/0.96"))
    c.fade(190, "#7a1f0d", up=True, strength=0.94)
    c.title(["Tiga Piring"], 112, "round", "#fff4dc", width=520, most=124)
    c.title(["di Meja"], 838, "round", "#fff4dc", width=520, most=112)
    c.credit("SERIAL KELUARGA · 8 EPISODE", 878, "#ffd9b0", size=13)


def juragan_kerupuk(c):
    c.rect(0, 0, 600, 900, "#12a594")
    for ray in range(20):
        c.add(f'<polygon points="300,520 262,-420 338,-420" fill="#3fc4b2" transform="rotate({ray * 18} 300 520)"/>')
    c.circle(300, 520, 286, "#ffd23f")
    c.circle(300, 520, 266, "none", 'stroke="#fff4c8" stroke-width="5" stroke-dasharray="1 16" stroke-linecap="round"')
    # The tin with its glass front, as at every stall.
    c.path("M146 372 H454 V786 Q454 800 440 800 H160 Q146 800 146 786 Z", c.linear("#f25c54", "#b3282d", x2=1, y2=0))
    c.ellipse(300, 372, 154, 34, "#d63b3b")
    c.ellipse(300, 360, 162, 34, c.linear("#f7766b", "#c9302f"))
    c.ellipse(300, 340, 34, 12, "#ffd23f", 'stroke="#8f1d22" stroke-width="4"')
    c.rect(184, 436, 232, 236, "#fff3d1", 'rx="14"')
    c.add('<clipPath id="glass"><rect x="184" y="436" width="232" height="236" rx="14"/></clipPath>')
    c.add('<g clip-path="url(#glass)">')
    for row in range(6):
        for column in range(6):
            x, y = 190 + column * 46 + row % 2 * 22, 668 - row * 40
            kerupuk(c, x, y, 33, c.random.uniform(0, 360), ("#ffe7a6", "#ffd9b0", "#fff4d6")[(row + column) % 3])
    c.add("</g>")
    c.path("M196 450 h40 l-70 200 v-180 Z", "#ffffff", 'opacity="0.35" clip-path="url(#glass)"')
    c.rect(184, 436, 232, 236, "none", 'rx="14" stroke="#8f1d22" stroke-width="8"')
    c.text("MAT RENYAH", 300, 760, 50, "poster", "#ffe9a8", spacing=3)
    # His moustache and his hat make the tin a face.
    c.path("M300 700 C250 668 190 690 166 664 C176 716 250 730 300 708 C350 730 424 716 434 664 C410 690 350 668 300 700 Z", "#2a1a14")
    c.path("M196 352 Q200 236 300 232 Q400 236 404 352 Q300 384 196 352 Z", "#1d1d28")
    c.path("M196 352 Q300 384 404 352 L403 338 Q300 368 197 338 Z", "#ffd23f")
    for x, y, size, turn in ((74, 330, 54, 10), (534, 372, 60, 40), (62, 610, 48, 80), (548, 640, 52, 20), (500, 246, 34, 60), (106, 792, 56, 130), (512, 806, 46, 200)):
        kerupuk(c, x, y, size, turn, "#fff0c2")
    c.title(["Juragan", "Kerupuk"], 100, "block", "#ffffff", width=460, most=110, leading=0.82, shade="#06463f")
    c.credit("SERIAL KOMEDI · 20 EPISODE", 872, "#ffffff")


def kerupuk(c, x, y, size, turn, paint):
    """A white cracker: a ribbon of dough that curls into itself."""
    s = size
    c.add(
        f'<g transform="translate({x:.0f} {y:.0f}) rotate({turn:.0f})" fill="none" stroke-linecap="round">'
        f'<circle r="{s}" fill="{paint}" stroke="#e0a75a" stroke-width="2.5"/>'
        f'<path d="M{-s * .7} {-s * .2} Q{-s * .3} {-s * .8} {s * .1} {-s * .3} T{s * .75} {-s * .25} M{-s * .75} {s * .15} Q{-s * .2} {-s * .3} {s * .1} {s * .2} T{s * .7} {s * .25} M{-s * .5} {s * .6} Q0 {s * .1} {s * .5} {s * .65}" stroke="#d99a4a" stroke-width="3"/></g>'
    )


def arisan_seratus_juta(c):
    c.sky("#7b2cbf", "#c9379d", "#ff6f91")
    for _ in range(70):
        x, y, turn = c.random.uniform(0, 600), c.random.uniform(180, 860), c.random.uniform(0, 180)
        c.add(f'<rect x="{x:.0f}" y="{y:.0f}" width="14" height="7" fill="{c.random.choice(("#ffd23f", "#2ec4b6", "#ffffff", "#ff9f1c"))}" transform="rotate({turn:.0f} {x:.0f} {y:.0f})" opacity="0.9"/>')
    c.glow(300, 470, 330, "#fff0a8", 0.6)
    # Notes that fly out of the jar.
    for x, y, turn, size in ((150, 330, -28, 1), (440, 300, 24, 1.1), (300, 268, -4, 1.2), (96, 480, -60, .9), (510, 470, 52, .95), (222, 410, 14, .9), (396, 420, -16, .9)):
        c.add(f'<g transform="translate({x} {y}) rotate({turn}) scale({size})"><rect x="-62" y="-31" width="124" height="62" rx="5" fill="#f5a3a3" stroke="#b23a48" stroke-width="3"/><rect x="-53" y="-23" width="106" height="46" fill="none" stroke="#b23a48" stroke-width="1.5"/><circle r="17" fill="#fbd3d0" stroke="#b23a48" stroke-width="2"/></g>')
        c.text("100", x, y + 7 * size, 19 * size, "heavy", "#b23a48", extra=f'transform="rotate({turn} {x} {y})"')
    c.path("M196 500 H404 Q470 560 462 660 Q452 770 380 790 H220 Q148 770 138 660 Q130 560 196 500 Z", c.linear("#ffffff/0.75", "#bfe9ff/0.5"), 'stroke="#ffffff" stroke-width="5"')
    for row in range(5):
        for column in range(6):
            x, y = 188 + column * 45 + row % 2 * 18, 764 - row * 38
            paint = ("#ffd23f", "#2ec4b6", "#ff5d8f", "#ffffff", "#9b5de5")[(row * 2 + column) % 5]
            c.add(f'<g transform="translate({x} {y}) rotate({(row * 37 + column * 53) % 120 - 60})"><rect x="-24" y="-12" width="48" height="24" rx="12" fill="{paint}" stroke="#5a189a" stroke-width="2.5"/><path d="M-24 0 h-8 M24 0 h8" stroke="#5a189a" stroke-width="3"/></g>')
    c.ellipse(300, 500, 108, 20, "none", 'stroke="#ffffff" stroke-width="6"')
    c.path("M176 560 Q158 640 186 720", "none", 'stroke="#ffffff" stroke-width="9" stroke-linecap="round" opacity="0.8"')
    # Everyone reaches for it.
    for x, turn, skin, sleeve in ((70, 38, "#a9683c", "#2ec4b6"), (530, -38, "#8a5230", "#ffd23f"), (186, 14, "#c98a5b", "#ff5d8f"), (414, -14, "#9c5f38", "#4361ee")):
        c.add(f'<g transform="translate({x} 900) rotate({turn})"><path d="M-34 60 L-27 -70 H27 L34 60 Z" fill="{sleeve}"/><path d="M-22 -66 V-120 Q-24 -160 -12 -158 Q-4 -156 -4 -128 V-172 Q2 -186 9 -172 V-126 Q10 -168 20 -164 Q28 -160 24 -118 Q40 -134 44 -122 Q40 -96 22 -66 Z" fill="{skin}"/><circle cx="0" cy="-74" r="30" fill="none" stroke="#ffd23f" stroke-width="6" stroke-dasharray="60 200"/></g>')
    c.title(["Arisan"], 108, "round", "#fff7d6", width=520, most=136)
    c.title(["Seratus Juta"], 176, "block", "#ffd23f", width=460, most=66)
    c.credit("SEBUAH FILM KOMEDI", 884, "#ffffff")


SCENES = {
    "kopi-tubruk-jam-dua-pagi": kopi_tubruk_jam_dua_pagi,
    "warisan-mesin-jahit": warisan_mesin_jahit,
    "kursi-kosong-bapak": kursi_kosong_bapak,
    "tiga-piring-di-meja": tiga_piring_di_meja,
    "juragan-kerupuk": juragan_kerupuk,
    "arisan-seratus-juta": arisan_seratus_juta,
}
