#!/usr/bin/env bash
# Puts the built library where compilers, pkg-config and CMake find it, and takes it away again.
#
#   scripts/install.sh install DIR    what cargo built in DIR (target/release)
#   scripts/install.sh uninstall
#
# PREFIX (/usr/local), LIBDIR (PREFIX/lib), INCLUDEDIR (PREFIX/include) and DOCDIR are where it is to be used, DESTDIR
# is put before all of them. STRIP= (empty) keeps debug information. LD, OBJCOPY, AR, NM name other tools.
set -euo pipefail
cd "$(dirname "$0")/.."

PREFIX=${PREFIX:-/usr/local}
LIBDIR=${LIBDIR:-$PREFIX/lib}
INCLUDEDIR=${INCLUDEDIR:-$PREFIX/include}
DOCDIR=${DOCDIR:-$PREFIX/share/doc/librdkafka-oxide}
DESTDIR=${DESTDIR:-}
STRIP=${STRIP-strip}
LD=${LD:-ld} OBJCOPY=${OBJCOPY:-objcopy} AR=${AR:-ar} NM=${NM:-nm}

# What the C library holds itself since glibc 2.34, and did not before.
SYSTEM_LIBS="-lpthread -ldl -lm -lrt"
HEADERS="rdkafka.h rdkafka_mock.h"
PKG_CONFIG_FILES="rdkafka.pc rdkafka-static.pc"
CMAKE_FILES="RdKafkaConfig.cmake RdKafkaConfigVersion.cmake RdKafkaTargets.cmake"
DOC_FILES="CONFIGURATION.md LICENSE-APACHE LICENSE-MIT"

fail() { echo "install: $*" >&2; exit 1; }

for dir in "$PREFIX" "$LIBDIR" "$INCLUDEDIR" "$DOCDIR"; do
    [ "${dir:0:1}" = / ] || fail "$dir is no absolute path"
done

# librdkafka's version, out of the header: 0xMMmmrrpp.
version() {
    local hex
    hex=$(sed -n 's/^#define RD_KAFKA_VERSION 0x\([0-9a-f]\{8\}\)$/\1/p' include/librdkafka/rdkafka.h)
    [ -n "$hex" ] || fail "no RD_KAFKA_VERSION in the header"
    echo "$((16#${hex:0:2})).$((16#${hex:2:2})).$((16#${hex:4:2}))"
}

# A directory as a .pc file has it: relative to the prefix if it lies there.
below_prefix() {
    case $1 in
        "$PREFIX"/*) printf '${prefix}%s' "${1#"$PREFIX"}" ;;
        *) printf '%s' "$1" ;;
    esac
}

# fill TEMPLATE TARGET: the template with its @NAMES@ replaced.
fill() {
    local text name value
    text=$(<"$1")
    for name in PREFIX PC_INCLUDEDIR PC_LIBDIR CMAKE_INCLUDEDIR VERSION SYSTEM_LIBS; do
        value=${!name}
        text=${text//"@$name@"/"$value"}
    done
    printf '%s\n' "$text" >"$work/filled"
    install -m 0644 "$work/filled" "$2"
}

# One object of all that the library needs, in which only its own functions are global: a program may have
# another zstd, or another Rust library, beside it. Bitcode that rustc left in it would confuse other tools.
static_library() {
    "$NM" -D --defined-only "$1/librdkafka.so" | sed 's/.* /-u /' >"$work/roots"
    "$LD" -r --gc-sections --force-group-allocation -o "$work/all.o" "@$work/roots" "$1/librdkafka.a"
    "$OBJCOPY" --wildcard --keep-global-symbol='rd_kafka_*' --remove-section=.llvmbc --remove-section=.llvmcmd \
        ${STRIP:+--strip-unneeded} "$work/all.o" "$work/librdkafka.o"
    "$AR" rcsD "$work/librdkafka.a" "$work/librdkafka.o"
    [ "$("$NM" -g --defined-only "$work/librdkafka.a" | grep -c ' T rd_kafka_')" = "$(wc -l <"$work/roots")" ] ||
        fail "the static library lacks functions"
}

do_install() {
    local built=$1 name
    [ -f "$built/librdkafka.so" ] && [ -f "$built/librdkafka.a" ] || fail "no library in $built: run make build first"
    VERSION=$(version)
    PC_LIBDIR=$(below_prefix "$LIBDIR") PC_INCLUDEDIR=$(below_prefix "$INCLUDEDIR")
    CMAKE_INCLUDEDIR=$(realpath -sm --relative-to="$LIBDIR/cmake/RdKafka" "$INCLUDEDIR")
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    static_library "$built"
    cp "$built/librdkafka.so" "$work/librdkafka.so.1"
    [ -z "$STRIP" ] || "$STRIP" --strip-unneeded "$work/librdkafka.so.1"

    install -d "$DESTDIR$LIBDIR/pkgconfig" "$DESTDIR$LIBDIR/cmake/RdKafka" "$DESTDIR$INCLUDEDIR/librdkafka" "$DESTDIR$DOCDIR"
    install -m 0755 "$work/librdkafka.so.1" "$DESTDIR$LIBDIR/librdkafka.so.1"
    ln -sfn librdkafka.so.1 "$DESTDIR$LIBDIR/librdkafka.so"
    install -m 0644 "$work/librdkafka.a" "$DESTDIR$LIBDIR/librdkafka.a"
    for name in $HEADERS; do
        install -m 0644 "include/librdkafka/$name" "$DESTDIR$INCLUDEDIR/librdkafka/$name"
    done
    for name in $PKG_CONFIG_FILES; do fill "packaging/$name.in" "$DESTDIR$LIBDIR/pkgconfig/$name"; done
    for name in $CMAKE_FILES; do fill "packaging/$name.in" "$DESTDIR$LIBDIR/cmake/RdKafka/$name"; done
    for name in $DOC_FILES; do install -m 0644 "$name" "$DESTDIR$DOCDIR/$name"; done
    echo "install: librdkafka-oxide ($VERSION) is in $DESTDIR$LIBDIR and $DESTDIR$INCLUDEDIR"
    [ -n "$DESTDIR" ] || echo "install: if the loader should look there, run: ldconfig"
}

do_uninstall() {
    local name
    rm -f "$DESTDIR$LIBDIR"/librdkafka.so.1 "$DESTDIR$LIBDIR"/librdkafka.so "$DESTDIR$LIBDIR"/librdkafka.a
    for name in $HEADERS; do rm -f "$DESTDIR$INCLUDEDIR/librdkafka/$name"; done
    for name in $PKG_CONFIG_FILES; do rm -f "$DESTDIR$LIBDIR/pkgconfig/$name"; done
    for name in $CMAKE_FILES; do rm -f "$DESTDIR$LIBDIR/cmake/RdKafka/$name"; done
    for name in $DOC_FILES; do rm -f "$DESTDIR$DOCDIR/$name"; done
    # Directories that may be others' too go when they are empty.
    for name in "$LIBDIR/cmake/RdKafka" "$LIBDIR/cmake" "$LIBDIR/pkgconfig" "$INCLUDEDIR/librdkafka" "$DOCDIR"; do
        [ ! -d "$DESTDIR$name" ] || rmdir --ignore-fail-on-non-empty "$DESTDIR$name"
    done
    echo "install: librdkafka-oxide is gone from $DESTDIR$LIBDIR and $DESTDIR$INCLUDEDIR"
}

case ${1:-} in
    install) do_install "${2:?the directory of the built library}" ;;
    uninstall) do_uninstall ;;
    *) fail "usage: scripts/install.sh install DIR | uninstall" ;;
esac
