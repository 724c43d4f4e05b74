#!/usr/bin/env bash
# Guards the API: style, format, and that a change breaks no client.
# The base of the last is the newest tag; before the first tag `main`, and on `main` itself the commit before.
# BREAKING_AGAINST names another commit, for a break that is meant.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly buf=clients/node_modules/.bin/buf

base() {
    if [ -n "${BREAKING_AGAINST:-}" ]; then
        git rev-parse --verify --quiet "$BREAKING_AGAINST^{commit}"
        return
    fi
    local head main tag
    head=$(git rev-parse --verify --quiet HEAD) || return 1
    if tag=$(git describe --tags --abbrev=0 2>/dev/null); then
        git rev-parse "$tag^{commit}"
        return
    fi
    main=$(git rev-parse --verify --quiet main || true)
    if [ -n "$main" ] && [ "$main" != "$head" ]; then
        echo "$main"
        return
    fi
    git rev-parse --verify --quiet HEAD^
}

$buf lint
$buf format --diff --exit-code
if commit=$(base); then
    if git cat-file -e "$commit:buf.yaml" 2>/dev/null; then
        $buf breaking --against ".git#ref=$commit"
    else
        echo "check-proto: $commit has no API yet, nothing can break"
    fi
elif [ -n "${BREAKING_AGAINST:-}" ]; then
    echo "check-proto: BREAKING_AGAINST=$BREAKING_AGAINST is not a commit of this repository" >&2
    exit 1
else
    echo "check-proto: no commit before this one, nothing can break"
fi
