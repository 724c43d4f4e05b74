"""What the shop sells: things on a plain ground, with their names in few words."""

import math


def ground(c, top, bottom, pattern=None):
    c.rect(0, 0, 600, 600, c.linear(top, bottom))
    if pattern:
        c.rect(0, 0, 600, 600, pattern)
    c.vignette(0.28)


def shadow(c, x, y, rx, ry=22):
    c.ellipse(x, y, rx, ry, "#000000", f'opacity="0.3" filter="{c.blur(12)}"')


def label(c, lines, fill, font="block", most=58, y=None):
    top = 540 - 52 * (len(lines) - 1) if y is None else y
    c.title(lines, top, font, fill, width=520, most=most, leading=1.02)


def akun_senandung_30(c):
    ground(c, "#5b2a86", "#1d1147", c.kawung(90, "#ffffff", opacity=0.05))
    shadow(c, 300, 408, 170)
    c.path("M172 300 A128 128 0 0 1 428 300", "none", 'stroke="#ffd166" stroke-width="26" stroke-linecap="round"')
    for x, turn in ((172, 8), (428, -8)):
        c.add(f'<g transform="rotate({turn} {x} 330)"><rect x="{x - 36}" y="276" width="72" height="120" rx="34" fill="#ff6b6b"/><rect x="{x - 36}" y="276" width="26" height="120" rx="13" fill="#c94458"/></g>')
    for x, y, size in ((262, 352, 1.0), (336, 316, 1.3)):
        c.add(f'<g transform="translate({x} {y}) scale({size})" fill="#fff4d6"><ellipse cx="0" cy="30" rx="16" ry="12" transform="rotate(-20 0 30)"/><rect x="11" y="-40" width="6" height="70"/><path d="M11 -40 q30 8 26 38 q-6 -18 -26 -20 Z"/></g>')
    for number, far in enumerate((170, 205, 240)):
        c.path(f"M{300 - far} 150 q{far} {-90 - number * 8} {2 * far} 0", "none", f'stroke="#ffffff" stroke-width="5" opacity="{0.3 - number * 0.08:.2f}" stroke-linecap="round"')
    label(c, ["Senandung Premium", "30 Hari"], "#fff4d6", most=52)


def voucher_rimba_juara_500(c):
    ground(c, "#0f7a5c", "#06382f")
    for x, y, height, lean in ((70, 470, 300, -24), (545, 470, 330, 26), (8, 480, 220, 14)):
        c.palm(x, y, height, "#04291f", lean)
    c.glow(300, 250, 240, "#b8ffe0", 0.6)
    shadow(c, 300, 404, 130)
    top, middle, low = 160, 235, 395
    sides = [(170, middle), (232, top), (368, top), (430, middle), (300, low)]
    c.polygon(sides, c.linear("#d7fff0", "#38d39f", "#0fa37a"))
    c.polygon([(170, middle), (246, middle), (300, low)], "#23b98a")
    c.polygon([(354, middle), (430, middle), (300, low)], "#0b8f6b")
    c.polygon([(232, top), (246, middle), (170, middle)], "#a5f5d6")
    c.polygon([(368, top), (354, middle), (430, middle)], "#5fe3b5")
    c.polygon([(246, middle), (232, top), (300, top + 4), (368, top), (354, middle)], "#eafff8", 'opacity="0.75"')
    for x, y, size in ((150, 150, 20), (452, 170, 26), (420, 380, 16), (180, 352, 14)):
        c.path(f"M{x} {y - size} Q{x} {y} {x + size} {y} Q{x} {y} {x} {y + size} Q{x} {y} {x - size} {y} Q{x} {y} {x} {y - size} Z", "#fff7c2")
    label(c, ["Rimba Juara", "500 Permata"], "#fff7c2")


def lisensi_lembaria_pro(c):
    ground(c, "#f6c453", "#e8823a", c.parang(80, "#ffffff", opacity=0.07))
    shadow(c, 300, 420, 170)
    c.add('<g transform="rotate(-6 300 270)">')
    c.rect(176, 96, 232, 312, "#b35c23", 'rx="14"')
    c.rect(188, 88, 232, 312, "#fffaf0", 'rx="12"')
    for number in range(7):
        c.rect(228, 136 + number * 34, 150 if number % 3 != 2 else 96, 9, "#d8c9ae", 'rx="4"')
    for y in range(112, 392, 40):
        c.circle(196, y, 8, "#3d2b1f")
    c.add("</g>")
    c.add('<g transform="translate(402 226) rotate(30)">')
    c.circle(0, 0, 54, "#3d2b1f")
    c.circle(0, 0, 24, "#f6c453")
    c.rect(-13, 48, 26, 116, "#3d2b1f", 'rx="6"')
    c.rect(10, 108, 34, 20, "#3d2b1f", 'rx="4"')
    c.rect(10, 140, 24, 20, "#3d2b1f", 'rx="4"')
    c.add("</g>")
    label(c, ["Lembaria Pro", "Kunci Lisensi"], "#3d2b1f", most=56)


def akun_tuturia_90(c):
    ground(c, "#2f7fd6", "#123a7a")
    shadow(c, 300, 414, 190)
    c.path("M110 150 h250 a36 36 0 0 1 36 36 v96 a36 36 0 0 1 -36 36 h-150 l-58 56 v-56 h-42 a36 36 0 0 1 -36 -36 v-96 a36 36 0 0 1 36 -36 Z", "#ffffff")
    c.path("M330 246 h150 a32 32 0 0 1 32 32 v84 a32 32 0 0 1 -32 32 h-26 v46 l-50 -46 h-74 a32 32 0 0 1 -32 -32 v-84 a32 32 0 0 1 32 -32 Z", "#ffcf4d")
    c.text("Apa kabar?", 226, 212, 44, "round", "#12407f")
    c.text("Hola!", 404, 340, 46, "round", "#7a4b00")
    for x, y, letter in ((96, 96, "A"), (500, 130, "ñ"), (520, 196, "é"), (66, 418, "ü")):
        c.text(letter, x, y, 42, "book", "#bfe0ff", extra='opacity="0.75"')
    label(c, ["Kelas Tuturia", "3 Bulan"], "#ffffff")


def voucher_saung_senja(c):
    ground(c, "#ff9a62", "#7d2a3b")
    c.circle(300, 268, 168, c.radial("#fff0c2", "#ffc46b", "#ff9a62/0"))
    c.joglo(300, 404, 460, "#4a1524", "#6a2230")
    shadow(c, 300, 428, 120, 14)
    c.path("M222 262 H366 L352 404 Q294 424 236 404 Z", "#fff7ea")
    c.path("M362 288 q62 0 54 48 q-8 42 -64 40 l3 -22 q34 0 38 -22 q2 -22 -33 -22 Z", "#fff7ea")
    c.ellipse(294, 264, 72, 15, "#e6d2b8")
    c.ellipse(294, 266, 62, 11, c.radial("#9c5a2a", "#4b240f"))
    soft = c.blur(4)
    for dx, lean in ((-26, 1), (6, -1), (34, 1)):
        c.path(f"M{294 + dx} 246 c{lean * 28} -34 {-lean * 28} -66 0 -100", "none", f'stroke="#ffffff" stroke-width="9" stroke-linecap="round" opacity="0.55" filter="{soft}"')
    label(c, ["Kopi Saung Senja", "Voucher"], "#fff0d0", "round", most=62)


def resep_warung_nenek(c):
    ground(c, "#c23b3b", "#6d1717", c.kawung(76, "#ffd9a0", opacity=0.1))
    shadow(c, 300, 420, 190)
    c.path("M84 176 Q190 130 300 176 V404 Q190 358 84 404 Z", c.linear("#fff8e8", "#f0dcb8", x2=1, y2=0))
    c.path("M516 176 Q410 130 300 176 V404 Q410 358 516 404 Z", c.linear("#e9d2a8", "#fff8e8", x2=1, y2=0))
    c.line("M300 176 V404", "#b58b55", 3)
    for number in range(5):
        c.line(f"M340 {214 + number * 32} q66 -26 140 {-4 + number}", "#c7ab7c", 6)
    c.ellipse(190, 318, 74, 20, "#3c2a20")
    c.path("M112 262 H268 Q262 336 190 338 Q118 336 112 262 Z", "#3c2a20")
    c.ellipse(190, 262, 78, 18, "#5a4030")
    c.ellipse(190, 262, 64, 12, "#e9a23b")
    for x, y in ((164, 260), (190, 265), (216, 259)):
        c.circle(x, y, 5, "#6fae3b")
    for dx in (-24, 6, 34):
        c.line(f"M{190 + dx} 240 q10 -18 0 -34", "#ffffff", 5, 'opacity="0.7"')
    label(c, ["Resep Warung", "Nenek"], "#ffe9c4", "script", most=82)


def paket_pola_batik(c):
    ground(c, "#20344f", "#0d1727")
    shadow(c, 300, 424, 210)
    sheets = (
        (-11, 150, c.kawung(58, "#f3dcae", "#7a2b22")),
        (3, 232, c.parang(56, "#f3dcae", "#23456e")),
        (15, 318, c.kawung(40, "#2b1b12", "#dba14a")),
    )
    for turn, x, cloth in sheets:
        c.add(f'<g transform="rotate({turn} {x + 70} 420)">')
        c.rect(x - 6, 104, 152, 312, "#f6ead2", 'rx="6"')
        c.rect(x + 4, 114, 132, 292, cloth)
        c.add("</g>")
    label(c, ["Paket Pola", "Batik Digital"], "#f6dfae", "book", most=66)


def panduan_jualan_dari_rumah(c):
    ground(c, "#38b6a6", "#0f5a63")
    shadow(c, 300, 424, 200)
    c.rect(136, 236, 328, 180, "#fff6e5", 'rx="6"')
    for number in range(8):
        color = "#ff6b57" if number % 2 == 0 else "#ffffff"
        c.path(f"M{112 + number * 47} 170 h47 v66 a23.5 26 0 0 1 -47 0 Z", color)
    c.rect(112, 156, 376, 22, "#b8392c", 'rx="6"')
    c.rect(164, 284, 110, 132, "#0f5a63", 'rx="4"')
    c.rect(172, 292, 94, 124, "#7fd8cc")
    c.circle(256, 352, 5, "#0f5a63")
    c.rect(302, 290, 134, 84, "#0f5a63", 'rx="4"')
    c.rect(310, 298, 118, 68, "#c8f1ea")
    bars = ((324, 22), (350, 34), (376, 46), (402, 58))
    for x, height in bars:
        c.rect(x, 362 - height, 16, height, "#ff9f43", 'rx="2"')
    c.line("M326 332 L358 320 L384 306 L416 292", "#b8392c", 5)
    label(c, ["Panduan Jualan", "dari Rumah"], "#fff6e5", most=58)


def desain_logo_warung(c):
    ground(c, "#fff0d9", "#f4b183")
    shadow(c, 300, 416, 170)
    c.circle(300, 262, 150, "#ffffff")
    c.circle(300, 262, 138, "none", 'stroke="#d1495b" stroke-width="4" stroke-dasharray="3 12" stroke-linecap="round"')
    c.line("M300 96 V428 M134 262 H466", "#e8c7b0", 2)
    c.joglo(300, 316, 190, "#d1495b")
    c.circle(300, 214, 20, "#edae49")
    c.add('<g transform="translate(444 310) rotate(-42)">')
    c.rect(-120, -15, 150, 30, "#00798c", 'rx="4"')
    c.rect(-120, -15, 150, 10, "#30a5b8", 'rx="4"')
    c.rect(-140, -15, 24, 30, "#edae49")
    c.polygon([(30, -15), (72, 0), (30, 15)], "#f7dfc0")
    c.polygon([(58, -5), (72, 0), (58, 5)], "#2f2f2f")
    c.add("</g>")
    label(c, ["Desain Logo", "Warung"], "#7a2632")


def isi_suara_iklan(c):
    ground(c, "#30343f", "#14161c")
    c.glow(300, 240, 230, "#ff595e", 0.45)
    shadow(c, 300, 424, 120)
    c.rect(242, 110, 116, 194, c.linear("#f5f5f5", "#a9adb8"), 'rx="58"')
    for y in range(150, 262, 22):
        c.rect(254, y, 92, 6, "#4b4f5c", 'rx="3"')
    c.path("M206 232 v20 a94 94 0 0 0 188 0 v-20", "none", 'stroke="#ff595e" stroke-width="16" stroke-linecap="round"')
    c.rect(292, 344, 16, 56, "#ff595e")
    c.rect(232, 396, 136, 16, "#ff595e", 'rx="8"')
    for side in (-1, 1):
        for number, height in enumerate((34, 86, 52, 110, 40)):
            x = 300 + side * (138 + number * 26)
            c.rect(x - 5, 236 - height / 2, 10, height, "#ffca3a", 'rx="5"')
    label(c, ["Isi Suara Iklan", "30 Detik"], "#ffe7a3")


def vip(days, top, bottom, metal):
    def draw(c):
        ground(c, top, bottom, c.kawung(84, "#ffffff", opacity=0.06))
        c.glow(300, 220, 250, metal[0], 0.6)
        shadow(c, 300, 350, 150, 18)
        crown = c.linear(*metal)
        c.path("M160 330 L138 176 L224 238 L300 120 L376 238 L462 176 L440 330 Z", crown)
        c.rect(158, 318, 284, 34, crown, 'rx="8"')
        for x, y, r in ((138, 170, 16), (300, 112, 19), (462, 170, 16)):
            c.circle(x, y, r, metal[0])
        for number, x in enumerate((206, 253, 300, 347, 394)):
            c.circle(x, 335, 8, "#d1495b" if number % 2 == 0 else "#fff7e0")
        for turn in range(-7, 2):
            a = math.radians(turn * 30)
            c.line(f"M{300 + 196 * math.cos(a):.0f} {226 + 196 * math.sin(a):.0f} l{22 * math.cos(a):.0f} {22 * math.sin(a):.0f}", metal[0], 5, 'opacity="0.5"')
        label(c, ["VIP", days], "#fff7e0", most=92 if len(days) < 8 else 84, y=470)

    return draw


GOODS = {
    "akun-senandung-30": akun_senandung_30,
    "voucher-rimba-juara-500": voucher_rimba_juara_500,
    "lisensi-lembaria-pro": lisensi_lembaria_pro,
    "akun-tuturia-90": akun_tuturia_90,
    "voucher-saung-senja": voucher_saung_senja,
    "resep-warung-nenek": resep_warung_nenek,
    "paket-pola-batik": paket_pola_batik,
    "panduan-jualan-dari-rumah": panduan_jualan_dari_rumah,
    "desain-logo-warung": desain_logo_warung,
    "isi-suara-iklan": isi_suara_iklan,
    "vip-7-hari": vip("7 Hari", "#4a6fa5", "#1b2a49", ("#f4f6fb", "#b8c1d1", "#7f8aa3")),
    "vip-30-hari": vip("30 Hari", "#8a3ffc", "#2a0f5e", ("#fff3c4", "#f7c948", "#c8870a")),
    "vip-setahun": vip("Setahun", "#b8263b", "#3f0713", ("#fff8d6", "#ffcf40", "#d08b00")),
}
