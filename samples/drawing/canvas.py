"""A picture being drawn: an SVG, 600 by 900 for a poster, with the shapes that several pictures share."""

import math
import random
from pathlib import Path

from PIL import ImageFont

WIDTH, HEIGHT = 600, 900

# Family and weight as SVG names them, and the file. All are under the SIL Open Font License.
FONTS = {
    "poster": ("Bebas Neue", 700, "normal", "BebasNeue-Bold.otf"),
    "round": ("Lobster Two", 700, "normal", "LobsterTwo-Bold.otf"),
    "block": ("League Spartan", 900, "normal", "LeagueSpartan-Black.otf"),
    "narrow": ("Yanone Kaffeesatz", 700, "normal", "YanoneKaffeesatz-Bold.otf"),
    "script": ("Dancing Script", 700, "normal", "DancingScript-Bold.otf"),
    "book": ("Old Standard TT", 700, "normal", "OldStandard-Bold.ttf"),
    "bookslant": ("Old Standard TT", 400, "italic", "OldStandard-Italic.ttf"),
    "small": ("Lato", 700, "normal", "Lato-Bold.ttf"),
    "heavy": ("Lato", 900, "normal", "Lato-Black.ttf"),
}


def points(pairs):
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)


class Canvas:
    """Collects SVG; `seed` makes every random detail the same in each run."""

    def __init__(self, seed, fonts: Path, height=HEIGHT):
        self.random = random.Random(seed)
        self.fonts = fonts
        self.height = height
        self.defs, self.body, self.words = [], [], []
        self.count = 0

    def svg(self):
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" width="{WIDTH}" height="{self.height}">'
            f"<defs>{''.join(self.defs)}</defs>{''.join(self.body)}</svg>"
        )

    def define(self, markup):
        """`markup` with `{id}` in it becomes a definition; gives the reference to it."""
        self.count += 1
        self.defs.append(markup.replace("{id}", f"d{self.count}"))
        return f"url(#d{self.count})"

    def add(self, markup):
        self.body.append(markup)

    # Paint

    def linear(self, *colors, x2=0, y2=1):
        stops = "".join(
            f'<stop offset="{at / (len(colors) - 1):.3f}" {self.stop(color)}/>' for at, color in enumerate(colors)
        )
        return self.define(f'<linearGradient id="{{id}}" x1="0" y1="0" x2="{x2}" y2="{y2}">{stops}</linearGradient>')

    def radial(self, *colors, cx=0.5, cy=0.5, r=0.5):
        stops = "".join(
            f'<stop offset="{at / (len(colors) - 1):.3f}" {self.stop(color)}/>' for at, color in enumerate(colors)
        )
        return self.define(f'<radialGradient id="{{id}}" cx="{cx}" cy="{cy}" r="{r}">{stops}</radialGradient>')

    @staticmethod
    def stop(color):
        """`#rrggbb` or `#rrggbb/opacity`."""
        paint, _, opacity = color.partition("/")
        return f'stop-color="{paint}" stop-opacity="{opacity or 1}"'

    def blur(self, amount):
        return self.define(
            f'<filter id="{{id}}" x="-60%" y="-60%" width="220%" height="220%"><feGaussianBlur stdDeviation="{amount}"/></filter>'
        )

    # Shapes

    def rect(self, x, y, w, h, fill, extra=""):
        self.add(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{fill}" {extra}/>')

    def circle(self, x, y, r, fill, extra=""):
        self.add(f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}" {extra}/>')

    def ellipse(self, x, y, rx, ry, fill, extra=""):
        self.add(f'<ellipse cx="{x}" cy="{y}" rx="{rx}" ry="{ry}" fill="{fill}" {extra}/>')

    def path(self, d, fill="none", extra=""):
        self.add(f'<path d="{d}" fill="{fill}" {extra}/>')

    def polygon(self, pairs, fill, extra=""):
        self.add(f'<polygon points="{points(pairs)}" fill="{fill}" {extra}/>')

    def line(self, d, color, width, extra=""):
        self.path(d, "none", f'stroke="{color}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round" {extra}')

    def sky(self, *colors):
        self.rect(0, 0, WIDTH, self.height, self.linear(*colors))

    def glow(self, x, y, r, color, strength=0.8):
        self.circle(x, y, r, self.radial(f"{color}/{strength}", f"{color}/{strength * 0.35}", f"{color}/0"))

    def stars(self, number, bottom, color="#ffffff", least=0.5, most=1.9):
        for _ in range(number):
            x, y = self.random.uniform(0, WIDTH), self.random.uniform(0, bottom)
            size = self.random.uniform(least, most)
            self.circle(f"{x:.0f}", f"{y:.0f}", f"{size:.1f}", color, f'opacity="{self.random.uniform(0.35, 1):.2f}"')

    def moon(self, x, y, r, color="#fff3d6", halo=3.2):
        self.glow(x, y, r * halo, color, 0.55)
        self.circle(x, y, r, self.radial("#ffffff", color, cx=0.38, cy=0.35, r=0.75))
        for dx, dy, part in ((-0.3, 0.2, 0.2), (0.3, -0.2, 0.14), (0.2, 0.42, 0.11), (-0.15, -0.45, 0.09)):
            self.circle(x + dx * r, y + dy * r, r * part, "#000000", 'opacity="0.06"')

    def ridge(self, y, height, color, step=6, rough=1.0):
        """Hills from edge to edge, their tops around `y`."""
        waves = [(self.random.uniform(0.004, 0.02) * rough, self.random.uniform(0, 6.3), self.random.uniform(0.3, 1)) for _ in range(4)]
        total = sum(weight for *_, weight in waves)
        tops = []
        for x in range(-10, WIDTH + 11, step):
            value = sum(weight * math.sin(x * rate + phase) for rate, phase, weight in waves) / total
            tops.append((x, y - value * height))
        self.polygon([(-10, self.height + 10), *tops, (WIDTH + 10, self.height + 10)], color)

    def water(self, y, *colors, bottom=None):
        self.rect(0, y, WIDTH, (bottom or self.height) - y, self.linear(*colors))

    def glitter(self, x, y, bottom, color, width=70, rows=22):
        """Light of a low sun or moon on water."""
        for row in range(rows):
            at = row / rows
            top = y + (bottom - y) * at**1.4
            half = width * (0.35 + at) * self.random.uniform(0.4, 1)
            shift = self.random.uniform(-14, 14) * (0.4 + at)
            self.rect(f"{x - half + shift:.0f}", f"{top:.0f}", f"{2 * half:.0f}", f"{2 + 3 * at:.1f}", color, f'rx="2" opacity="{0.75 - 0.45 * at:.2f}"')

    def swell(self, y, color, height=10, length=90, shift=0):
        """A crest of water with everything below it."""
        d = f"M{-length + shift} {y}"
        x = -length + shift
        while x < WIDTH + length:
            d += f" q{length / 4} {-height} {length / 2} 0 t{length / 2} 0"
            x += length
        self.path(d + f" V{self.height + 5} H-200 Z", color)

    def birds(self, x, y, number, color, spread=120, size=9):
        for _ in range(number):
            bx, by = x + self.random.uniform(-spread, spread), y + self.random.uniform(-spread / 3, spread / 3)
            s = size * self.random.uniform(0.6, 1.2)
            self.line(f"M{bx - s:.1f} {by - s * .35:.1f} Q{bx - s * .4:.1f} {by - s * .6:.1f} {bx:.1f} {by:.1f} Q{bx + s * .4:.1f} {by - s * .6:.1f} {bx + s:.1f} {by - s * .35:.1f}", color, 1.8)

    def city(self, y, color, window=None, least=50, most=190, wide=(34, 70)):
        x = -10
        while x < WIDTH + 10:
            w, h = self.random.randint(*wide), self.random.randint(least, most)
            self.rect(x, y - h, w + 1, h + 400, color)
            roof = self.random.random()
            if roof < 0.3:
                self.line(f"M{x + w / 2} {y - h} v-{self.random.randint(14, 34)}", color, 2)
            elif roof < 0.5:
                self.rect(x + w * 0.2, y - h - 10, w * 0.5, 12, color)
            if window:
                for wx in range(x + 7, x + w - 8, 12):
                    for wy in range(int(y - h + 10), int(y) + 60, 15):
                        if self.random.random() < 0.34:
                            self.rect(wx, wy, 5, 7, window, f'opacity="{self.random.uniform(.4, 1):.2f}"')
            x += w

    def rain(self, number, color="#ffffff", slant=9, most=0.4):
        for _ in range(number):
            x, y = self.random.uniform(-20, WIDTH), self.random.uniform(-40, self.height)
            long = self.random.uniform(18, 54)
            self.line(f"M{x:.0f} {y:.0f} l{-slant * long / 50:.1f} {long:.0f}", color, 1.3, f'opacity="{self.random.uniform(.08, most):.2f}"')

    def palm(self, x, y, height, color, lean=20):
        top_x, top_y = x + lean, y - height
        self.path(f"M{x - 6} {y} Q{x + lean * .2} {y - height * .5} {top_x - 2} {top_y} L{top_x + 3} {top_y} Q{x + lean * .35} {y - height * .5} {x + 7} {y} Z", color)
        long = height * 0.42
        for angle in (-165, -140, -112, -80, -50, -25, -5, 185):
            a = math.radians(angle)
            ex, ey = top_x + long * math.cos(a), top_y + long * math.sin(a) * 0.75 + long * 0.34
            mx, my = top_x + long * 0.55 * math.cos(a), top_y + long * 0.62 * math.sin(a) - 8
            self.path(f"M{top_x} {top_y} Q{mx:.1f} {my:.1f} {ex:.1f} {ey:.1f} Q{mx:.1f} {my + long * .2:.1f} {top_x} {top_y} Z", color)

    def tree(self, x, y, height, color, crown=1.0):
        self.path(f"M{x - height * .06} {y} q{height * .05} {-height * .3} {height * .01} {-height * .6} h{height * .1} q{-height * .03} {height * .3} {height * .07} {height * .6} Z", color)
        for _ in range(26):
            angle, far = self.random.uniform(0, 6.3), self.random.uniform(0, 1) ** 0.6
            self.circle(f"{x + far * height * .42 * crown * math.cos(angle):.1f}", f"{y - height * .72 + far * height * .25 * math.sin(angle):.1f}", f"{height * self.random.uniform(.08, .15):.1f}", color)

    def joglo(self, x, y, width, color, light=None):
        """A Javanese house: its stepped roof over a row of pillars."""
        w, h = width / 2, width * 0.2
        self.polygon([(x - w, y - h), (x - w * 0.42, y - h * 1.75), (x - w * 0.27, y - h * 2.7), (x + w * 0.27, y - h * 2.7), (x + w * 0.42, y - h * 1.75), (x + w, y - h)], color)
        if light:
            self.rect(x - w * 0.78, y - h, w * 1.56, h, light)
        for at in (-0.8, -0.5, -0.2, 0.14, 0.44, 0.74):
            self.rect(x + w * at, y - h - 2, w * 0.06, h + 3, color)
        self.rect(x - w * 0.92, y - 4, w * 1.84, 8, color)

    def person(self, x, y, height, color, kind="man"):
        """Someone standing, seen from behind, feet at (x, y)."""
        u = height / 100
        self.circle(x, y - 91 * u, 8.2 * u, color)
        if kind == "woman":
            self.path(f"M{x - 9 * u} {y - 92 * u} q{9 * u} {-14 * u} {18 * u} 0 q{5 * u} {16 * u} {2 * u} {30 * u} h{-22 * u} q{-3 * u} {-14 * u} {2 * u} {-30 * u} Z", color)
            self.path(f"M{x - 11 * u} {y - 78 * u} q{11 * u} {-7 * u} {22 * u} 0 l{1 * u} {26 * u} q{9 * u} {22 * u} {10 * u} {38 * u} h{-44 * u} q{1 * u} {-16 * u} {10 * u} {-38 * u} Z", color)
            self.rect(x - 7 * u, y - 16 * u, 5.5 * u, 16 * u, color)
            self.rect(x + 2 * u, y - 16 * u, 5.5 * u, 16 * u, color)
        else:
            self.path(f"M{x - 14 * u} {y - 76 * u} q{14 * u} {-9 * u} {28 * u} 0 l{3 * u} {36 * u} h{-5 * u} l{-1 * u} {40 * u} h{-9 * u} l{-2 * u} {-36 * u} l{-2 * u} {36 * u} h{-9 * u} l{-1 * u} {-40 * u} h{-5 * u} Z", color)

    # Cloth

    def kawung(self, size, color, ground="none", opacity=1.0):
        """The batik of four palm fruits, as a pattern to fill with."""
        s = size
        fruit = "".join(
            f'<g transform="rotate({angle} {s / 2} {s / 2})"><ellipse cx="{s / 2}" cy="{s * .2}" rx="{s * .13}" ry="{s * .2}" fill="{color}"/>'
            f'<ellipse cx="{s / 2}" cy="{s * .2}" rx="{s * .045}" ry="{s * .11}" fill="{ground if ground != "none" else "#00000055"}"/></g>'
            for angle in (45, 135, 225, 315)
        )
        return self.define(
            f'<pattern id="{{id}}" width="{s}" height="{s}" patternUnits="userSpaceOnUse"><rect width="{s}" height="{s}" fill="{ground}"/>'
            f'<g opacity="{opacity}">{fruit}<circle cx="{s / 2}" cy="{s / 2}" r="{s * .05}" fill="{color}"/><circle r="{s * .06}" fill="{color}"/><circle cx="{s}" r="{s * .06}" fill="{color}"/>'
            f'<circle cy="{s}" r="{s * .06}" fill="{color}"/><circle cx="{s}" cy="{s}" r="{s * .06}" fill="{color}"/></g></pattern>'
        )

    def parang(self, size, color, ground="none", opacity=1.0):
        """The batik of slanting blades."""
        s = size
        blade = f"M0 {s * .12} C{s * .3} {-s * .05} {s * .42} {s * .3} {s * .25} {s * .42} C{s * .45} {s * .46} {s * .72} {s * .3} {s} {s * .12} L{s} {s * .4} C{s * .8} {s * .56} {s * .5} {s * .78} {s * .2} {s * .68} C{s * .1} {s * .62} {s * .08} {s * .46} 0 {s * .4} Z"
        return self.define(
            f'<pattern id="{{id}}" width="{s}" height="{s}" patternUnits="userSpaceOnUse" patternTransform="rotate(-40)"><rect width="{s}" height="{s}" fill="{ground}"/>'
            f'<g opacity="{opacity}"><path d="{blade}" fill="{color}"/><rect y="{s * .84}" width="{s}" height="{s * .06}" fill="{color}"/><circle cx="{s * .5}" cy="{s * .95}" r="{s * .03}" fill="{color}"/></g></pattern>'
        )

    def cloud(self, x, y, width, colors, lobes=5):
        """A cloud of the mega mendung batik: the same outline again and again, smaller and lighter."""
        for layer, color in enumerate(colors):
            w = width * (1 - layer * 0.17)
            h = w * 0.34
            step = w / lobes
            d = f"M{x - w / 2:.1f} {y + layer * 2:.1f}"
            for lobe in range(lobes):
                rise = h * (0.55 + 0.45 * math.sin(math.pi * (lobe + 0.5) / lobes))
                d += f" c{-step * .15:.1f} {-rise:.1f} {step * 1.15:.1f} {-rise:.1f} {step:.1f} 0"
            for lobe in range(lobes):
                d += f" c{step * .05:.1f} {h * .36:.1f} {-step * 1.05:.1f} {h * .36:.1f} {-step:.1f} 0"
            self.path(d + " Z", color)

    # Words

    def measure(self, text, font, size):
        return ImageFont.truetype(str(self.fonts / FONTS[font][3]), 200).getlength(text) * size / 200

    def text(self, text, x, y, size, font, fill, anchor="middle", spacing=0, extra=""):
        family, weight, style, _ = FONTS[font]
        self.add(
            f'<text x="{x}" y="{y:.1f}" font-family="{family}" font-weight="{weight}" font-style="{style}" font-size="{size:.1f}" '
            f'fill="{fill}" text-anchor="{anchor}" letter-spacing="{spacing}" {extra}>{text}</text>'
        )

    def title(self, lines, y, font, fill, width=500, most=120, leading=0.92, x=WIDTH / 2, anchor="middle", shade="#000000", upper=False, even=False):
        """The title from baseline `y` down: lines as wide as `width` allows, all of one size unless `even`. Gives the last baseline."""
        self.words.extend(lines)
        shown = [line.upper() if upper else line for line in lines]
        sizes = [min(most, width / self.measure(line, font, 1)) for line in shown]
        if not even:
            sizes = [min(sizes)] * len(sizes)
        shadow = self.blur(5)
        for number, (line, size) in enumerate(zip(shown, sizes)):
            if number:
                y += size * leading
            if shade:
                self.text(line, x, y + 3, size, font, shade, anchor, extra=f'opacity="0.5" filter="{shadow}"')
            self.text(line, x, y, size, font, fill, anchor)
        return y

    def credit(self, text, y, color, spacing=3.5, size=15, x=WIDTH / 2, anchor="middle"):
        self.text(text, x, y, size, "small", color, anchor, spacing, 'opacity="0.92"')

    def vignette(self, strength=0.55):
        self.rect(0, 0, WIDTH, self.height, self.radial("#000000/0", "#000000/0", f"#000000/{strength}", r=0.78))

    def fade(self, y, color, up=False, strength=0.9):
        stops = (f"{color}/{strength}", f"{color}/0") if up else (f"{color}/0", f"{color}/{strength}")
        self.rect(0, 0 if up else y, WIDTH, y if up else self.height - y, self.linear(*stops))
