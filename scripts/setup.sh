#!/usr/bin/env bash
# Makes sure that what `make` needs is there; quick, and without a word, when it is.
#   scripts/setup.sh build   Rust, a C compiler and Node: enough for `make demo` and `make dist`
#   scripts/setup.sh test    also Python 3, PostgreSQL and Chromium
# As root, missing Debian packages are installed; otherwise the command to run is printed. It never asks.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly node_least=20.19 postgres_least=15
readonly tools=$PWD/target/tools

fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

# version_reached HAVE LEAST
version_reached() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

has_node() {
    command -v node >/dev/null && command -v npm >/dev/null && version_reached "$(node -p process.versions.node)" "$node_least"
}

has_python() {
    command -v python3 >/dev/null && python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

has_postgres() {
    local folder
    for folder in /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] &&
            version_reached "$(basename "$(dirname "$folder")")" "$postgres_least"; then
            return 0
        fi
    done
    return 1
}

# packages_missing KIND: the Debian packages that are needed and not there, one a line.
packages_missing() {
    command -v cc >/dev/null || printf 'gcc\nlibc6-dev\n'
    command -v cargo >/dev/null || echo rustup
    has_node || printf 'nodejs\nnpm\n'
    [ "$1" = test ] || return 0
    command -v git >/dev/null || echo git
    has_python || printf 'python3\npython3-venv\n'
    has_postgres || echo postgresql
    command -v chromium >/dev/null || echo chromium
}

install_packages() {
    if ! command -v apt-get >/dev/null; then
        fail "missing: $*. Install them with this system's package manager, then run it again."
    fi
    if [ "$(id -u)" != 0 ]; then
        fail "missing: $*. Run this, then run it again:
    sudo apt-get update && sudo apt-get install --yes --no-install-recommends $*"
    fi
    export DEBIAN_FRONTEND=noninteractive
    echo "setup: installing $*" >&2
    apt-get update --quiet=2 </dev/null
    # Debian 12 has no rustup: the rest is installed all the same, and what is missing is named afterwards.
    local package available=()
    for package in "$@"; do
        if apt-cache show "$package" >/dev/null 2>&1; then
            available+=("$package")
        fi
    done
    if [ "${#available[@]}" -gt 0 ]; then
        apt-get install --yes --quiet=2 --no-install-recommends "${available[@]}" </dev/null >&2
    fi
}

# Debian 12 has Node 18. npm carries the newer program, so that it alone serves to get it.
newer_node() {
    local machine
    case $(uname -m) in
        x86_64) machine=x64 ;;
        aarch64) machine=arm64 ;;
        *) fail "Node $node_least or newer is needed; install it by hand on $(uname -m)." ;;
    esac
    echo "setup: Node $(node -p process.versions.node) is too old, putting Node 22 into target/tools" >&2
    mkdir -p "$tools/bin"
    npm install --prefix "$tools" --no-save --no-audit --no-fund --loglevel=error "node-linux-$machine@22" </dev/null >&2
    ln -sf "$tools/node_modules/node-linux-$machine/bin/node" "$tools/bin/node"
}

main() {
    local kind=${1:-test} packages
    case $kind in
        build | test) ;;
        *) fail "unknown kind: $kind. Use build or test." ;;
    esac
    PATH="$tools/bin:$PATH"

    mapfile -t packages < <(packages_missing "$kind")
    if [ "${#packages[@]}" -gt 0 ]; then
        # With an older Node there, the packages would change nothing.
        if ! { [ "${packages[*]}" = 'nodejs npm' ] && command -v node >/dev/null && command -v npm >/dev/null; }; then
            install_packages "${packages[@]}"
        fi
        if ! has_node && command -v node >/dev/null && command -v npm >/dev/null; then
            newer_node
        fi
        hash -r
        mapfile -t packages < <(packages_missing "$kind")
    fi
    case " ${packages[*]} " in
        *' rustup '*) fail 'Rust is missing. Install rustup as rustup.rs says; it then reads rust-toolchain.toml by itself.' ;;
    esac
    if [ "${#packages[@]}" -gt 0 ]; then
        fail "still missing after the installation: ${packages[*]}. PostgreSQL $postgres_least, Node $node_least and Python 3.11 are the oldest that serve."
    fi
    # A version's folder without its user was not installed by Debian: the tests run the server as that user when root.
    if [ "$kind" = test ] && [ "$(id -u)" = 0 ] && ! id postgres >/dev/null 2>&1; then
        fail 'PostgreSQL does not run as root, and there is no user "postgres". Run: useradd --system postgres'
    fi
}

main "$@"
