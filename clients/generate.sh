#!/bin/sh
# Generates the TypeScript and Python clients anew from proto/. Needs Node and Python 3 with venv; the pinned plugins are
# installed into clients/node_modules and clients/python/.venv, which git ignores.
set -eu

clients=$(cd "$(dirname "$0")" && pwd)

# An install that is as new as its lock file is kept: generating then needs no network.
installed="$clients/node_modules/.package-lock.json"
if [ ! -e "$installed" ] || [ "$clients/package-lock.json" -nt "$installed" ]; then
    (cd "$clients" && npm ci --no-progress)
fi

venv="$clients/python/.venv"
if [ ! -x "$venv/bin/python" ]; then
    python3 -m venv "$venv"
fi
if ! cmp -s "$clients/python/requirements-dev.txt" "$venv/installed.txt"; then
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$clients/python/requirements-dev.txt"
    cp "$clients/python/requirements-dev.txt" "$venv/installed.txt"
fi

cd "$clients/.."
PATH="$clients/node_modules/.bin:$PATH" buf generate
