#!/usr/bin/env bash
# Packs target/release/warung for a server: scripts/dist.sh VERSION ARCH. The same commit gives the same archive.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly name=warung-$1-$2 out=target/dist
readonly folder=$out/$name

rm -rf "$folder"
mkdir -p "$folder"
install -m 755 target/release/warung "$folder/warung"
install -m 644 .env.example LICENSE README.md README.id.md "$folder/"
# Also for those who host the Mini App elsewhere.
cp -R clients/mini-app/dist "$folder/mini-app"
install -m 644 deploy/systemd/warung.service "$folder/"

tar --create --gzip --file "$out/$name.tar.gz" --directory "$out" \
    --sort=name --owner=0 --group=0 --numeric-owner \
    --mtime="@$(git log -1 --format=%ct 2>/dev/null || echo 0)" "$name"
rm -rf "$folder"
(cd "$out" && sha256sum "$name.tar.gz" >"$name.tar.gz.sha256")
du -h "$out/$name.tar.gz"
