#!/bin/sh
# Builds and runs what tests/plan.sh lists, says how each went, and adds up.
# Usage: tests/run.sh check|all <build folder> [name...]
# With names, those whose label has one of them, of all that there are, and
# nothing else is built. MAKE and IISR_VARIABLES come from make run-tests.
set -u
cd "$(dirname "$0")/.." || exit 1
level=$1 build=$2
shift 2
names=$*
export IISR_BUILD="$build"
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=0
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS="atexit_sleep_ms=0 suppressions=$PWD/tests/tsan.supp"
logs=$build/logs
processors=$(nproc 2>/dev/null || echo 2)
begun=$(date +%s)
rm -rf "$logs"
mkdir -p "$logs/called"

wanted() { # the lines of the plan that were asked for
    [ -n "$names" ] || { cat; return; }
    awk -F'\t' -v names="$names" 'BEGIN { n = split(names, name, " ") }
        { for (i = 1; i <= n; i++) if (index($2, name[i])) { print; next } }'
}

if [ -n "$names" ]; then
    { sh tests/plan.sh all "$build"; sh tests/plan.sh check "$build"; } | awk -F'\t' '!seen[$2]++' | wanted >"$logs/.plan"
else
    sh tests/plan.sh "$level" "$build" >"$logs/.plan"
fi
[ -s "$logs/.plan" ] || { echo "no test's label has one of: $names; tests/plan.sh all $build prints them"; exit 1; }
[ "$level" != all ] && [ -z "$names" ] || export IISR_WIDE=1
# Of some of the tests there is nothing to be learned about all methods.
[ -n "$names" ] || export IISR_CALLED="$logs/called"
export IISR_LOGS="$logs"
IISR_COUNT=$(wc -l <"$logs/.plan")
[ ! -t 1 ] || IISR_COLOUR=yes
export IISR_COUNT IISR_COLOUR="${IISR_COLOUR:-}"

# Whatever does not build fails with the rest below: it is not there.
cut -f3 "$logs/.plan" | tr ' ' '\n' | sort -u | xargs -r "${MAKE:-make}" --no-print-directory -k -j"$processors" \
    || echo "not everything could be built"
built=$(($(date +%s) - begun))

at_once() { # at_once <when> <how many>
    awk -F'\t' -v when="$1" '$1 == when { print $2, $4 }' "$logs/.plan" | xargs -r -P "$2" -L 1 sh tests/one.sh
}
at_once 1 "$processors"
at_once 2 "$processors"
# The integration tests mostly wait, each server in a ServerRoot and on a port
# of its own. With their full numbers they do not, and some measure.
wide=6
[ -z "${IISR_LONG:-}" ] || wide=1
at_once 3 $wide
at_once 4 1

echo "built in $built s, run in $(($(date +%s) - begun - built)) s"
if [ -s "$logs/.failed" ]; then
    echo "What failed, and how to run it alone:"
    sort -u "$logs/.failed" | while read -r label; do
        echo "    make check ONLY=$label    # $logs/$label"
    done
fi
awk '{ passed += $1; failed += $2 } END { printf "%d passed, %d failed\n", passed, failed; exit failed > 0 }' "$logs/.sums"
