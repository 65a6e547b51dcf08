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
export TSAN_OPTIONS=atexit_sleep_ms=0
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

# A label, and what is run; the exit status is kept beside the log.
start() {
    label=$1
    shift
    ( "$@" >"$logs/$label" 2>&1; echo $? >"$logs/$label.exit" )
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
    printf '%-34s %s\n' "$1" "${line:-exit $code}"
    if [ "$bad" -gt 0 ]; then
        grep -vE '^(Running suite|[0-9]+%: )' "$logs/$1" | tail -n 120
    fi
}

alone() { # alone <label> <command...>, reported at once
    # shellcheck disable=SC2086
    wanted "$1" $names || return 0
    start "$@"
    report "$1"
}

names=$*
# Of some of the tests there is nothing to be learned about all methods.
[ -n "$names" ] || export IISR_CALLED="$logs/called"
[ ! -f tests/abi/run.sh ] || alone abi sh tests/abi/run.sh "$build"
for t in tests/kit/*.sh; do
    alone "kit-$(basename "$t" .sh)" sh "$t" "$build"
done
for kind in asan tsan; do
    for t in "$build/$kind"/unit/test_* "$build/$kind"/win32/test_*; do
        case $t in *.d | *'*') continue ;; esac
        alone "$kind-$(basename "$t")" "$t"
    done
done
# guards/methods.sh looks at what the unit tests have called.
for t in tests/guards/*.sh; do
    alone "guard-$(basename "$t" .sh)" sh "$t" "$build"
done

# The integration tests mostly wait: several programs run side by side, each
# server in a ServerRoot and on a port of its own.
at_once=4
integration() { # integration <label> <module>: label, module and program
    for t in "$build"/httpd/test_*; do
        case $t in *.d | *'*') continue ;; esac
        # shellcheck disable=SC2086
        wanted "$1-$(basename "$t")" $names || continue
        echo "$1-$(basename "$t") $2 $t"
    done
}
{
    integration httpd-asan "$build/asan/mod_iisresp.so"
    integration httpd-plain "$build/mod_iisresp.so"
} | xargs -r -P "$at_once" -n 3 sh -c 'IISR_MODULE=$2 "$3" >"$0/$1" 2>&1
    echo $? >"$0/$1.exit"' "$logs"
for log in "$logs"/httpd-*.exit; do
    [ ! -f "$log" ] || report "$(basename "$log" .exit)"
done

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
