#!/usr/bin/env bash
# Draws the status pictures of payments anew, from the SVG files beside them. It needs Chromium, the font DejaVu Sans (whose
# licence allows pictures of it) and pngquant, all of which Debian packages.
set -euo pipefail
cd "$(dirname "$0")/../bot-adapter/assets"

for tool in chromium pngquant; do
    command -v "$tool" >/dev/null || {
        echo "draw-status-pictures: $tool is missing. Run: apt-get install $tool fonts-dejavu-core" >&2
        exit 1
    }
done
for drawing in *.svg; do
    picture=${drawing%.svg}.png
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --window-size=640,640 \
        --screenshot="$PWD/$picture" "file://$PWD/$drawing" 2>/dev/null
    pngquant --force --strip --quality 70-95 --output "$picture" "$picture"
done
du -h ./*.png
