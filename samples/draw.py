#!/usr/bin/env python3
"""Draws the pictures of the sample anew: posters into samples/posters, goods into samples/products.

    python3 -m venv /tmp/draw && /tmp/draw/bin/pip install pillow==13.0.0 pyyaml==6.0.3 resvg_py==0.5.0
    (mkdir -p /tmp/fonts && cd /tmp/fonts && apt-get download fonts-bebas-neue fonts-lobstertwo fonts-league-spartan \\
        fonts-yanone-kaffeesatz fonts-dancingscript fonts-oldstandard fonts-lato && for f in *.deb; do dpkg -x "$f" .; done)
    /tmp/draw/bin/python samples/draw.py /tmp/fonts [CODE ...]

The fonts are Debian's and under the SIL Open Font License, which allows pictures of them.
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

import resvg_py
import yaml
from PIL import Image

from drawing.canvas import FONTS, WIDTH, Canvas
from drawing import city_scenes, goods, land_scenes, quiet_scenes, night_scenes

HERE = Path(__file__).resolve().parent
BYTES_MAX = 60_000
SCENES = {**land_scenes.SCENES, **city_scenes.SCENES, **quiet_scenes.SCENES, **night_scenes.SCENES}


def gather_fonts(where: Path, into: Path) -> Path:
    for *_, name in FONTS.values():
        found = next(where.rglob(name), None)
        if found is None:
            sys.exit(f"{name} is not under {where}")
        shutil.copy(found, into / name)
    return into


def draw(code: str, name: str, fonts: Path) -> int:
    canvas = Canvas(code, fonts)
    SCENES[code](canvas)
    if " ".join(canvas.words) != name:
        sys.exit(f"{code}: the poster says {canvas.words}, the library {name}")
    return save(canvas, fonts, HERE / "posters" / f"{code}.jpg")


def draw_product(code: str, fonts: Path) -> int:
    canvas = Canvas(code, fonts, height=WIDTH)
    goods.GOODS[code](canvas)
    return save(canvas, fonts, HERE / "products" / f"{code}.jpg")


def save(canvas: Canvas, fonts: Path, where: Path) -> int:
    files = [str(fonts / file) for *_, file in FONTS.values()]
    size = (WIDTH, canvas.height)
    # Twice the size and then halved: edges come out smoother than the renderer's own.
    png = resvg_py.svg_to_bytes(
        svg_string=canvas.svg(), width=2 * size[0], height=2 * size[1], skip_system_fonts=True, font_files=files
    )
    picture = Image.open(io.BytesIO(bytes(png))).convert("RGB").resize(size, Image.Resampling.LANCZOS)
    for quality in range(90, 40, -2):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        if out.tell() <= BYTES_MAX:
            break
    where.write_bytes(out.getvalue())
    return out.tell()


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    library = yaml.safe_load((HERE / "library.yaml").read_text())
    names = {title["code"]: title["name"] for title in library["titles"]}
    if names.keys() != SCENES.keys():
        sys.exit(f"not in both library and drawings: {sorted(names.keys() ^ SCENES.keys())}")
    products = {product["code"] for product in library["products"]}
    if products != goods.GOODS.keys():
        sys.exit(f"not in both shop and drawings: {sorted(products ^ goods.GOODS.keys())}")
    with tempfile.TemporaryDirectory() as folder:
        fonts = gather_fonts(Path(sys.argv[1]), Path(folder))
        for code in sys.argv[2:] or [*names, *goods.GOODS]:
            size = draw(code, names[code], fonts) if code in names else draw_product(code, fonts)
            print(f"{code}: {size} bytes")


if __name__ == "__main__":
    main()
