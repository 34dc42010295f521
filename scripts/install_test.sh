#!/usr/bin/env bash
# Installs into temporary places and builds programs there as others would: README's C program by pkg-config, by CMake and
# statically, each of which sends to its embedded cluster; a program with another zstd and another Rust library in it; then
# uninstalls, and looks what is left.
#
#   scripts/install_test.sh DIR    what cargo built in DIR (target/quick)
set -euo pipefail
cd "$(dirname "$0")/.."
built=${1:?the directory of the built library}
here=$PWD
CC=${CC:-cc}
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
unset PREFIX DESTDIR LIBDIR INCLUDEDIR DOCDIR PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR CMAKE_PREFIX_PATH LD_LIBRARY_PATH

fail() { echo "install_test: $*" >&2; exit 1; }
passed() { echo "install_test: $*: passed"; }

# sends PROGRAM LIBRARY: runs it, all of its messages arrive, and it has that librdkafka in it (or - for none).
sends() {
    local libraries
    libraries=$(ldd "$1" | sed -n 's/.*librdkafka.*=> \(.*\) (0x[0-9a-f]*)$/\1/p')
    [ "${libraries:--}" = "$2" ] || fail "$1 uses '$libraries', not '$2'"
    timeout 60 "$1" >"$temp/out" 2>"$temp/err" || fail "$1 failed: $(cat "$temp/out" "$temp/err")"
    [ "$(grep -c '^partition [0-9]* offset [0-9]*$' "$temp/out")" = 10 ] || fail "$1: $(cat "$temp/out" "$temp/err")"
}

contents() { (cd "$1" && find . \( -type f -o -type l \) -printf '%p %m %l ' -exec sh -c '[ -h "$1" ] || md5sum <"$1"' - {} \; | sort); }

sed -n '/^```c$/,/^```$/p' README.md | sed '/^```/d' >"$temp/greetings.c"
grep -q 'int main' "$temp/greetings.c" || fail "README has no C program"

# -- In place: PREFIX, no DESTDIR.

prefix=$temp/prefix
PREFIX=$prefix scripts/install.sh install "$built" >/dev/null
contents "$prefix" >"$temp/first"
PREFIX=$prefix scripts/install.sh install "$built" >/dev/null
contents "$prefix" >"$temp/second"
cmp "$temp/first" "$temp/second" || fail "a second install changes files"
[ "$(readlink "$prefix/lib/librdkafka.so")" = librdkafka.so.1 ] || fail "librdkafka.so is no link to librdkafka.so.1"
passed "install, twice"

foreign=$(nm -D --defined-only "$prefix/lib/librdkafka.so.1" | grep -v ' T rd_kafka_' || true)
[ -z "$foreign" ] || fail "foreign symbols in the shared library: $foreign"
foreign=$(nm -g --defined-only "$prefix/lib/librdkafka.a" | grep ' [A-Za-z] ' | grep -v ' T rd_kafka_' || true)
[ -z "$foreign" ] || fail "foreign symbols in the static library: $foreign"
readelf -SW "$prefix/lib/librdkafka.so.1" | grep -q '\.debug_info' && fail "debug information was not stripped"
passed "symbols: rd_kafka_* and nothing else"

flags() { PKG_CONFIG_PATH="$prefix/lib/pkgconfig" pkg-config "$@"; }
[ "$(flags --modversion rdkafka)" = "$(flags --modversion rdkafka-static)" ] || fail "two versions"
flags --atleast-version=2.16.0 rdkafka || fail "pkg-config: version $(flags --modversion rdkafka)"
eval "$CC \"$temp/greetings.c\" -o \"$temp/shared\" $(flags --cflags --libs rdkafka) -Wl,-rpath,\"$prefix/lib\""
sends "$temp/shared" "$prefix/lib/librdkafka.so.1"
passed "pkg-config rdkafka"
eval "$CC \"$temp/greetings.c\" -o \"$temp/static\" $(flags --cflags --libs --static rdkafka-static)"
sends "$temp/static" -
passed "pkg-config --static rdkafka-static"

# The names that zstd, libdeflate and Rust use, as the program's own: each of them would be defined twice.
cat >"$temp/others.c" <<'C'
#include <stdlib.h>
int ZSTD_isError(size_t code) { (void)code; abort(); }
size_t ZSTD_compress(void *to, size_t room, const void *from, size_t size, int level) {
    (void)to, (void)room, (void)from, (void)size, (void)level;
    abort();
}
size_t ZSTD_compressCCtx(void) { abort(); }
size_t ZSTD_compressBound(size_t size) { (void)size; abort(); }
void *ZSTD_createCCtx(void) { abort(); }
void *libdeflate_alloc_compressor(int level) { (void)level; abort(); }
int adler32(void) { abort(); }
int rdkafka_oxide_producev(void) { abort(); }
extern int other_rust(void);
int others(void) { return other_rust(); }
C
cat >"$temp/other.rs" <<'R'
#[unsafe(no_mangle)]
pub extern "C" fn other_rust() -> i32 {
    std::panic::catch_unwind(|| std::env::args().count().to_string().len() as i32).unwrap_or(0)
}
R
sed -e 's/int main(void) {/int others(void);\n&\n    if (others() != 1) return 1;/' \
    -e 's/rd_kafka_t \*rk = /rd_kafka_conf_set(conf, "compression.codec", getenv("CODEC"), NULL, 0);\n    &/' \
    -e '1i #include <stdlib.h>' "$temp/greetings.c" >"$temp/crowded.c"
rustc --edition 2024 --crate-type staticlib -o "$temp/libother.a" "$temp/other.rs"
for order in first last; do
    eval "$CC \"$temp/crowded.c\" \"$temp/others.c\" -o \"$temp/crowded\" $([ $order = last ] || echo "\"$temp/libother.a\"") \
        $(flags --cflags --libs --static rdkafka-static) $([ $order = first ] || echo "\"$temp/libother.a\"")"
    for codec in zstd gzip lz4 snappy; do CODEC=$codec sends "$temp/crowded" -; done
done
passed "statically beside another zstd, libdeflate and Rust library"

cat >"$temp/CMakeLists.txt" <<'M'
cmake_minimum_required(VERSION 3.13)
project(greetings C)
find_package(RdKafka 2.0 REQUIRED)
add_executable(shared greetings.c)
target_link_libraries(shared PRIVATE RdKafka::rdkafka)
add_executable(static greetings.c)
target_link_libraries(static PRIVATE RdKafka::rdkafka-static)
find_package(RdKafka 99 QUIET)
if(RdKafka_FOUND)
  message(FATAL_ERROR "a version that is not there was found")
endif()
M
# by_cmake PREFIX LIBDIR NAME
by_cmake() {
    cmake -S "$temp" -B "$temp/cmake-$3" -DCMAKE_PREFIX_PATH="$1" -DCMAKE_C_COMPILER="$CC" >"$temp/out" 2>&1 || fail "$(cat "$temp/out")"
    cmake --build "$temp/cmake-$3" >"$temp/out" 2>&1 || fail "$(cat "$temp/out")"
    sends "$temp/cmake-$3/shared" "$2/librdkafka.so.1"
    sends "$temp/cmake-$3/static" -
}
by_cmake "$prefix" "$prefix/lib" place
passed "CMake, RdKafka::rdkafka and RdKafka::rdkafka-static"

# -- Staged, as packages are made: DESTDIR, and a directory for the architecture.

stage="$temp/staged here"
export PREFIX=/usr LIBDIR=/usr/lib/x86_64-linux-gnu DESTDIR=$stage
scripts/install.sh install "$built" >/dev/null
grep -rqF "$temp" "$stage" --include='*.pc' --include='*.cmake' && fail "DESTDIR in an installed file"
[ "$(sed -n 's/^libdir=//p' "$stage$LIBDIR/pkgconfig/rdkafka.pc")" = "\${prefix}/lib/x86_64-linux-gnu" ] || fail "libdir in rdkafka.pc"
flags() { PKG_CONFIG_SYSROOT_DIR="$temp/s" PKG_CONFIG_LIBDIR="$temp/s$LIBDIR/pkgconfig" pkg-config "$@"; }
ln -s "$stage" "$temp/s"
for kind in rdkafka rdkafka-static; do
    eval "$CC \"$temp/greetings.c\" -o \"$temp/$kind\" $(flags --cflags --libs $kind) -Wl,-rpath,\"$stage$LIBDIR\""
done
sends "$temp/rdkafka" "$stage$LIBDIR/librdkafka.so.1"
sends "$temp/rdkafka-static" -
by_cmake "$stage/usr" "$stage$LIBDIR" staged
passed "DESTDIR and LIBDIR"

# -- And away.

scripts/install.sh uninstall >/dev/null
scripts/install.sh uninstall >/dev/null
left=$(find "$stage" ! -type d)
[ -z "$left" ] || fail "left after uninstall: $left"
unset PREFIX LIBDIR DESTDIR
touch "$prefix/lib/pkgconfig/other.pc"
PREFIX=$prefix scripts/install.sh uninstall >/dev/null
left=$(find "$prefix" ! -type d -o -name '*dkafka*' | sed "s|$prefix/||")
[ "$left" = lib/pkgconfig/other.pc ] || fail "left after uninstall: $left"
passed "uninstall, twice; what others put there stays"
[ "$PWD" = "$here" ]
