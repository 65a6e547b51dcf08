#!/bin/sh
# Runs a fuzzer for 20 s, or FUZZ_SECONDS, from its seeds and what it found before.
# Usage: tests/fuzz/run.sh <build folder> <name>
set -u
cd "$(dirname "$0")/../.." || exit 1
mkdir -p "$1/fuzz/corpus/$2"
seeds=tests/fuzz/seeds
[ ! -d "tests/fuzz/seeds_$2" ] || seeds=tests/fuzz/seeds_$2
# Contexts of requests are kept for later ones, which a fuzzer takes for leaks;
# which methods are called counts in the unit tests alone.
exec env -u IISR_CALLED ASAN_OPTIONS="detect_leaks=0:${ASAN_OPTIONS:-}" "$1/fuzz/$2" -seed="${IISR_SEED:-1}" -max_total_time="${FUZZ_SECONDS:-20}" -timeout=10 -max_len=4096 \
    -artifact_prefix="$1/fuzz/" "$1/fuzz/corpus/$2" "$seeds"
