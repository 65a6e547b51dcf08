#!/bin/sh
# Runs every test program and the guards, and adds up what they report.
# Usage: tests/run.sh <build folder> [name...]
# With names, only the programs whose name contains one of them.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
[ $# = 0 ] || shift
export IISR_BUILD="$build"
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=0
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS="atexit_sleep_ms=0 suppressions=$PWD/tests/tsan.supp"
logs=$build/logs
rm -rf "$logs"
mkdir -p "$logs/called"

wanted() { # wanted <label> <name...>
    label=$1
    shift
    [ $# = 0 ] && return 0
    for name; do
        case $label in *"$name"*) return 0 ;; esac
    done
    return 1
}

# Check closes with "NN%: Checks: T, Failures: F, Errors: E".
passed=0
failed=0
report() {
    code=$(cat "$logs/$1.exit" 2>/dev/null || echo 1)
    line=$(grep -E '^[0-9]+%: Checks: ' "$logs/$1" | tail -n 1)
    checks=$(echo "$line" | sed -n 's/.*Checks: \([0-9]*\),.*/\1/p')
    bad=$(echo "$line" | sed -n 's/.*Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1+\2/p')
    checks=${checks:-1}
    bad=$((${bad:-$code}))
    [ "$code" = 0 ] || [ "$bad" -gt 0 ] || bad=1
    [ "$bad" -le "$checks" ] || bad=$checks
    passed=$((passed + checks - bad))
    failed=$((failed + bad))
    if [ "$bad" -gt 0 ]; then
        echo "--- $1"
        grep -vE '^(Running suite|[0-9]+%: )' "$logs/$1" | tail -n 120
    fi
}

# Programs side by side: lines of label and command.
at_once() { # at_once <how many>
    while read -r label command; do
        # shellcheck disable=SC2086
        ! wanted "$label" $names || echo "$label $command"
    done | xargs -r -P "$1" -L 1 sh tests/one.sh "$logs"
}

programs() { # programs <label> <folder> [variables [pattern]]: its programs
    for t in "$2"/test_${4:-*}; do
        case $t in *.d | *'*') continue ;; esac
        echo "$1-$(basename "$t") ${3:+env $3} $t"
    done
}

scripts() { # scripts <label> <file...>
    label=$1
    shift
    for t; do
        echo "$label-$(basename "$t" .sh) sh $t $build"
    done
}

names=$*
# Of some of the tests there is nothing to be learned about all methods.
[ -n "$names" ] || export IISR_CALLED="$logs/called"
{
    scripts kit tests/kit/*.sh
    for kind in asan tsan; do
        programs "$kind-unit" "$build/$kind/unit"
        programs "$kind-win32" "$build/$kind/win32"
    done
    echo "abi sh tests/abi/run.sh $build"
} | at_once "$(nproc 2>/dev/null || echo 2)"
# guards/methods.sh looks at what the unit tests have called.
scripts guard tests/guards/*.sh | at_once "$(nproc 2>/dev/null || echo 2)"
# The integration tests mostly wait, each server in a ServerRoot and on a port
# of its own. With their full numbers they do not, and some measure.
wide=6
[ -z "${IISR_LONG:-}" ] || wide=1
{
    programs httpd-asan "$build/httpd" "IISR_MODULE=$build/asan/mod_iisresp.so"
    programs httpd-plain "$build/httpd" "IISR_MODULE=$build/mod_iisresp.so"
    programs attack-asan "$build/attack" "IISR_MODULE=$build/asan/mod_iisresp.so"
    programs httpd-noepoll "$build/httpd" "IISR_MODULE=$build/noepoll/mod_iisresp.so IISR_MPM=event" stream
    # What waits, where it leaves its thread.
    raced="IISR_MODULE=$build/tsan/mod_iisresp.so IISR_MPM=event"
    for what in async life reading stream wait; do
        programs httpd-tsan "$build/httpd" "$raced" $what
    done
} | at_once $wide
for log in "$logs"/*.exit; do
    [ ! -f "$log" ] || report "$(basename "$log" .exit)"
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
