#!/bin/sh
# Runs every test program and the guards, and adds up what they report.
# Usage: tests/run.sh <build folder>
set -u
build=${1:-build}
passed=0
failed=0
cd "$(dirname "$0")/.." || exit 1

# Check closes with "NN%: Checks: T, Failures: F, Errors: E".
run() {
    log=$build/$(echo "$1" | tr ' /' '__').log
    if "$@" >"$log" 2>&1; then code=0; else code=$?; fi
    line=$(grep -E '^[0-9]+%: Checks: ' "$log" | tail -n 1)
    checks=$(echo "$line" | sed -n 's/.*Checks: \([0-9]*\),.*/\1/p')
    bad=$(echo "$line" | sed -n 's/.*Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1+\2/p')
    checks=${checks:-1}
    bad=$((${bad:-$code}))
    [ "$code" = 0 ] || [ "$bad" -gt 0 ] || bad=1
    [ "$bad" -le "$checks" ] || checks=$bad
    passed=$((passed + checks - bad))
    failed=$((failed + bad))
    printf '%-34s %s\n' "${1#"$build"/}" "${line:-exit $code}"
    if [ "$bad" -gt 0 ]; then
        grep -vE '^(Running suite|100%)' "$log" | tail -n 60
    fi
}

export ASAN_OPTIONS=detect_leaks=0:abort_on_error=0
export UBSAN_OPTIONS=print_stacktrace=1
for t in tests/guards/*.sh; do run sh "$t" "$build"; done
[ -f tests/abi/run.sh ] && run sh tests/abi/run.sh "$build"
for t in "$build"/asan/unit/test_*; do
    case $t in *.d) ;; *) run "$t" ;; esac
done
for t in "$build"/tsan/unit/test_*; do
    case $t in *.d) ;; *) run "$t" ;; esac
done
for t in "$build"/httpd/test_*; do run "$t"; done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
