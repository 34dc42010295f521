#!/usr/bin/env bash
# Builds the library with a sanitizer and runs the C programs on it: scripts/sanitize.sh address|thread [test filters]
#
# The standard library is not instrumented (that takes its sources, which a stable toolchain lacks), but what is generic or
# inlined of it is, and so are all our dependencies, those in C too. The programs bring the sanitizer's runtime.
set -euo pipefail
cd "$(dirname "$0")/.."
sanitizer=${1:?address or thread}
shift

triple=$(rustc -vV | sed -n 's/^host: //p')
flags="-Zsanitizer=$sanitizer -Cunsafe-allow-abi-mismatch=sanitizer -Cforce-frame-pointers=yes"
cflags=-fno-omit-frame-pointer
# gcc makes constant tables of functions static, but still marks them as out of scope.
[ "$sanitizer" = address ] && cflags+=" -fno-sanitize-address-use-after-scope"
RUSTC_BOOTSTRAP=1 RUSTFLAGS="$flags" CFLAGS="${CFLAGS:-} $cflags" cargo build --profile quick --lib \
    --target-dir "target/sanitize-$sanitizer" --target "$triple"

export CAPI_BUILT=$PWD/target/sanitize-$sanitizer/$triple/quick/librdkafka.so
export CAPI_CFLAGS="-fsanitize=$sanitizer -fno-omit-frame-pointer"
[ "$sanitizer" = thread ] && CAPI_CFLAGS+=" -fno-builtin $PWD/scripts/tsan_memory.c"
export CAPI_PATIENCE=${CAPI_PATIENCE:-5} CAPI_DIVIDE=${CAPI_DIVIDE:-5} CAPI_MESSAGES=${CAPI_MESSAGES:-200000}
export TSAN_OPTIONS="suppressions=$PWD/scripts/tsan.suppressions history_size=4 ${TSAN_OPTIONS:-}"
cargo test --profile quick --test capi -- "$@"
