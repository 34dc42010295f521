#!/usr/bin/env bash
# Makes sure that what a make target needs is there: installs it on a Debian-like machine when run as
# root, or else says in one line what is missing and how to get it.
#
#   scripts/setup.sh build    for `make run`: a C compiler, Rust
#   scripts/setup.sh check    for `make check`: also librdkafka's own header and library, valgrind, Java, CMake
#   scripts/setup.sh bench    for `make bench-report`: also Go and Python's venv, for the plots
#   scripts/setup.sh apps     for `make check-apps`: also what the programs and their languages need
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

mode=${1:-build}
rust_needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
packages=()

has() { command -v "$1" >/dev/null 2>&1; }
need() { has "$1" || packages+=("$2"); }
need_file() { [ -e "$1" ] || packages+=("$2"); }

rust_is_new_enough() {
    local have
    has cargo && has rustc || return 1
    have=$(rustc --version | cut -d' ' -f2 | cut -d- -f1)
    [ "$(printf '%s\n%s\n' "$rust_needed" "$have" | sort -V | head -1)" = "$rust_needed" ]
}

is_root() { [ "$(id -u)" = 0 ]; }

apt_install() {
    echo "setup: installing $*"
    DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null || true
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

need cc gcc
need_file /usr/include/stdio.h libc6-dev
if [ "$mode" = check ] || [ "$mode" = bench ] || [ "$mode" = apps ]; then
    need valgrind valgrind
    need c++ g++
    need_file /usr/include/librdkafka/rdkafka.h librdkafka-dev
    need python3 python3
    need kcat kcat
    need javac default-jdk-headless
    need mvn maven
    python3 -m pip --version >/dev/null 2>&1 || packages+=(python3-pip)
    need cmake cmake
    need pkg-config pkg-config
fi
if [ "$mode" = bench ]; then
    need go golang-go
    python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
fi
if [ "$mode" = apps ]; then
    need go golang-go
    need node nodejs
    need npm npm
    need pkg-config pkg-config
    python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
    need_file "$(python3 -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" python3-dev
    need_file /usr/include/node/node.h libnode-dev
fi

if [ ${#packages[@]} -gt 0 ]; then
    if is_root && has apt-get; then
        apt_install "${packages[@]}"
    else
        echo "setup: missing: ${packages[*]}; get them with: sudo apt-get install ${packages[*]}" >&2
        exit 1
    fi
fi

if ! rust_is_new_enough; then
    if ! has rustup && is_root && has apt-get; then
        apt_install rustup 2>/dev/null || true
    fi
    if has rustup; then
        rustup toolchain install stable --profile minimal --component clippy --component rustfmt
        rustup default stable
    fi
fi
if ! rust_is_new_enough; then
    echo "setup: missing: Rust $rust_needed or newer; install rustup, then: rustup toolchain install stable" >&2
    exit 1
fi
if [ "$mode" = check ] && ! { cargo clippy --version && cargo fmt --version; } >/dev/null 2>&1; then
    if ! { has rustup && rustup component add clippy rustfmt; }; then
        echo "setup: missing: clippy and rustfmt; get them with: rustup component add clippy rustfmt" >&2
        exit 1
    fi
fi
