#!/usr/bin/env bash
# Takes the picture of the README anew, out of the browser tests. It needs pngquant, which Debian packages.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly picture=docs/images/demo.png

command -v pngquant >/dev/null || {
    echo 'screenshots: pngquant is missing. Run: apt-get install pngquant' >&2
    exit 1
}
cargo test --locked --package warung --test browser a_member_gets_a_film_and_its_video
mkdir -p "$(dirname "$picture")"
pngquant --force --strip --quality 70-95 --output "$picture" target/tmp/browser/member/*-sent.png
du -h "$picture"
