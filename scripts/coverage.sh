#!/usr/bin/env bash
# Line coverage of the core by the simulator: what SEEDS seeds reach of src/producer and src/cluster, file by file, and the
# lines that they don't. Needs LLVM's tools in the version of rustc's LLVM: Debian's llvm-NN package.
set -euo pipefail
cd "$(dirname "$0")/.."
seeds=${SEEDS:-2000}
version=$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
profdata=llvm-profdata-$version cov=llvm-cov-$version
if ! command -v "$cov" >/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get -qq update >/dev/null || true
        apt-get -qq install -y --no-install-recommends "llvm-$version" >/dev/null
    else
        echo "missing: $cov; get it with: sudo apt-get install llvm-$version" >&2
        exit 1
    fi
fi

out=target/coverage
export RUSTFLAGS="-C instrument-coverage" LLVM_PROFILE_FILE="$PWD/$out/build-%p.profraw"
mkdir -p "$out"
rm -f "$out"/*.profraw
program=$(cargo test --profile quick --target-dir "$out" --test sim --no-run 2>&1 |
    sed -n 's/.*(\(.*\/deps\/sim-[0-9a-f]*\))$/\1/p')
LLVM_PROFILE_FILE="$PWD/$out/sim-%p.profraw" SIM_SEED=1 SIM_SEEDS=$seeds "$program" seeds
"$profdata" merge -sparse "$out"/sim-*.profraw -o "$out/sim.profdata"
sources=$(find src/producer src/cluster -name '*.rs' ! -path '*tests*')
# shellcheck disable=SC2086
"$cov" report "$program" -instr-profile="$out/sim.profdata" $sources | tee "$out/report.txt" |
    awk 'NR == 1 || /^-/ || NF > 9 { printf "%-40s %8s %8s %8s\n", $1, $8, $9, $10 }'
# shellcheck disable=SC2086
"$cov" show "$program" -instr-profile="$out/sim.profdata" $sources |
    awk '/^\/|^src/ { file = $0 } /^ *[0-9]+\| *0\|/ { print file $0 }' >"$out/missed.txt"
echo "lines that were not reached: $out/missed.txt"
