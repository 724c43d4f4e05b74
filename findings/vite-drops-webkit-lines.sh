#!/usr/bin/env bash
# Vite 8.4.0 with `build.cssTarget: "chrome80"`, and a line with -webkit- that was written by hand.
#
# Guess: a target older than a property only adds what that browser needs; a line that the author wrote for another
# browser stays.
# So it is: the minifier knows the target alone. A hand-written `-webkit-` line beside its unprefixed twin is dropped from
# the built file when the target does not need it, so that older iPhones lose what their line was written for.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund vite@8.4.0
cat >index.html <<'HTML'
<!doctype html><link rel="stylesheet" href="/style.css"><p class="a">a</p>
HTML
cat >style.css <<'CSS'
.a { -webkit-backdrop-filter: blur(2px); backdrop-filter: blur(2px); }
.b { -webkit-user-select: none; user-select: none; }
CSS
build() {
    cat >vite.config.mjs <<JS
export default { logLevel: "error", build: { cssTarget: $1 } };
JS
    node_modules/.bin/vite build
    cat dist/assets/*.css
}
echo "vite $(node -p 'require("vite/package.json").version')"
for target in '"chrome80"' '["chrome80", "safari14"]'; do
    built=$(build "$target")
    echo "cssTarget $target: $built"
    case $target in
        '"chrome80"') ! grep -q -e '-webkit-' <<<"$built" ;;
        *) grep -q -e '-webkit-backdrop-filter' <<<"$built" ;;
    esac
done
