#!/usr/bin/env bash
# Guards the API: style, format, and that no change breaks a client of the released API, which proto/released/api.binpb is.
#   scripts/check-proto.sh             checks
#   scripts/check-proto.sh --release   makes the API as it is now the released one; docs/adding-a-use-case.md says when
set -euo pipefail
cd "$(dirname "$0")/.."
readonly buf=clients/node_modules/.bin/buf released=proto/released/api.binpb

case ${1:-} in
    '') ;;
    --release)
        # Without comments and places, so that it changes with the API alone.
        $buf build --exclude-source-info --output "$released"
        exit
        ;;
    *)
        echo "check-proto: unknown argument: $1. Use none, or --release." >&2
        exit 2
        ;;
esac

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
$buf build "$released" --output "$folder/released.json"
$buf build --exclude-source-info --output "$folder/now.json"

# All that is wrong is told at once.
failed=0
$buf lint || failed=1
$buf format --diff --exit-code || failed=1
$buf breaking --against "$released" || failed=1
# What JSON clients call and who may call lies in options, which `buf breaking` does not look into.
scripts/compare-api.py "$folder/released.json" "$folder/now.json" || failed=1
exit "$failed"
