#!/usr/bin/env bash
# Packs a binary for a server: scripts/dist.sh VERSION ARCH [BINARY [FOLDER]]. The same commit gives the same archive.
# Beside the binary lies all that the READMEs link to, in the same places.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly name=warung-$1-$2 binary=${3:-target/release/warung} out=${4:-target/dist}
readonly folder=$out/$name

rm -rf "$folder"
mkdir -p "$folder"
install -m 755 "$binary" "$folder/warung"
install -m 644 .env.example LICENSE README.md README.id.md "$folder/"
# Also for those who host the Mini App elsewhere.
cp -R clients/mini-app/dist "$folder/mini-app"
# What lies between and is not the project's stays here: somebody's `.env`, or what tools have left.
git ls-files -z -- clients deploy docs samples | tar --create --null --files-from=- | tar --extract --directory "$folder"

tar --create --gzip --file "$out/$name.tar.gz" --directory "$out" \
    --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX \
    --mtime="@$(git log -1 --format=%ct 2>/dev/null || echo 0)" "$name"
rm -rf "$folder"
(cd "$out" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
du -h "$out/$name.tar.gz"
echo "It needs $(getconf GNU_LIBC_VERSION) or newer."
