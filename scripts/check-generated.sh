#!/usr/bin/env bash
# Proves that the generated files are what the proto files give: generating them anew changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

digests() {
    find clients proto docs \( -name node_modules -o -name .venv -o -name __pycache__ -o -name dist \) -prune \
        -o -type f -print0 | sort -z | xargs -0 sha256sum
}

before=$(digests)
clients/generate.sh
after=$(digests)
if [ "$before" != "$after" ]; then
    diff <(printf '%s\n' "$before") <(printf '%s\n' "$after") | sed -n 's/^[<>] [0-9a-f]*  /stale: /p' | sort -u >&2
    echo 'check-generated: these were not current; they are now. Commit them.' >&2
    exit 1
fi
