#!/usr/bin/env bash
# Builds the fuzz targets with AddressSanitizer and runs them, each for some seconds: scripts/fuzz.sh TARGET|all SECONDS
# New inputs go to fuzz/found/TARGET, not into the committed corpus; what crashes is left in fuzz/artifacts/TARGET.
#
# The flags are those of cargo-fuzz. The sanitizer is an unstable flag of rustc, which RUSTC_BOOTSTRAP lets a stable compiler
# take; its runtime comes with the stable toolchain. FUZZ_SANITIZER=none leaves it out, which is some three times faster.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:?target}
seconds=${2:?seconds}
shift 2

triple=$(rustc -vV | sed -n 's/^host: //p')
flags="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
for feature in inline-8bit-counters pc-table trace-compares; do
    flags+=" -Cllvm-args=-sanitizer-coverage-$feature"
done
if [ "${FUZZ_SANITIZER:-address}" = address ]; then
    flags+=" -Zsanitizer=address -Cforce-frame-pointers=yes"
fi
# The codecs in C are instrumented along. gcc makes constant tables of functions static, but still marks them as out of scope.
export CFLAGS="${CFLAGS:-} -fno-sanitize-address-use-after-scope"
RUSTC_BOOTSTRAP=1 RUSTFLAGS="$flags" cargo build -q --manifest-path fuzz/Cargo.toml \
    --target-dir target/fuzz --target "$triple" --release --bins

if [ "$target" = all ]; then
    targets=$(sed -n 's|^path = "fuzz_targets/\(.*\)\.rs"|\1|p' fuzz/Cargo.toml)
else
    targets=$target
fi

# No single allocation beyond what the longest input and the limits that the targets set can explain.
malloc_limit_mb=32
for name in $targets; do
    mkdir -p "fuzz/found/$name" "fuzz/artifacts/$name"
    # The threads of a handle make `capi` slow, and whole handles need more memory.
    rss_limit_mb=512
    max_len=4096
    [ "$name" = capi ] && rss_limit_mb=1024
    echo "fuzz: $name"
    ASAN_OPTIONS=${ASAN_OPTIONS:-detect_odr_violation=0} \
        "target/fuzz/$triple/release/$name" "fuzz/found/$name" "fuzz/corpus/$name" \
        -artifact_prefix="fuzz/artifacts/$name/" -max_total_time="$seconds" -max_len=$max_len \
        -timeout=20 -rss_limit_mb=$rss_limit_mb -malloc_limit_mb=$malloc_limit_mb \
        -print_final_stats=1 -verbosity=0 "$@" 2>&1 |
        grep -v "^WARNING: Failed to find function\|^INFO" || [ "${PIPESTATUS[0]}" = 0 ]
done
