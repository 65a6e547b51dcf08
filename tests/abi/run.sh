#!/bin/sh
# Builds and runs the ABI test: one line per variant, a sum at the end, and a failure if any of them fails.
# Usage: tests/abi/run.sh <build folder>
set -u
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?build folder}/abi
mkdir -p "$out" || exit 1
out=$(cd "$out" && pwd)
sh "$here/build.sh" "$out" || exit 1

checks=0 failures=0 errors=0
while read -r name; do
    ABI_PORT=$out/abi-$name.so "$out/abi-$name" >"$out/$name.log" 2>&1
    code=$?
    line=$(grep -E '^[0-9]+%: Checks: ' "$out/$name.log")
    echo "abi $name: ${line:-exit $code}"
    c=$(echo "$line" | sed -n 's/.*Checks: \([0-9]*\),.*/\1/p')
    f=$(echo "$line" | sed -n 's/.*Failures: \([0-9]*\),.*/\1/p')
    e=$(echo "$line" | sed -n 's/.*Errors: \([0-9]*\).*/\1/p')
    checks=$((checks + ${c:-1}))
    failures=$((failures + ${f:-0}))
    errors=$((errors + ${e:-1}))
    [ "$code" = 0 ] || grep -vE '^(Running suite|[0-9]+%)' "$out/$name.log" | head -n 40
done <"$out/variants"
bad=$((failures + errors))
echo "$(((checks - bad) * 100 / checks))%: Checks: $checks, Failures: $failures, Errors: $errors"
[ "$bad" = 0 ]
