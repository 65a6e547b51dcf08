#!/bin/sh
# Runs one test program and says at once how it went, how long it took and,
# when it failed, why.
# Usage: tests/one.sh <label> <command...>; tests/run.sh sets IISR_LOGS,
# IISR_COUNT and IISR_COLOUR. <logs>/<label> has what it printed.
label=$1
shift
log=$IISR_LOGS/$label
begun=$(date +%s)
"$@" >"$log" 2>&1
code=$?

# Check closes with "NN%: Checks: T, Failures: F, Errors: E"; what does not is
# one check, whose exit status counts.
line=$(grep -aE '^[0-9]+%: Checks: ' "$log" | tail -n 1)
checks=$(echo "$line" | sed -n 's/.*Checks: \([0-9]*\),.*/\1/p')
bad=$(echo "$line" | sed -n 's/.*Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1+\2/p')
checks=${checks:-1}
bad=$((${bad:-$code}))
[ "$code" = 0 ] || [ "$bad" -gt 0 ] || bad=1
[ "$bad" -le "$checks" ] || bad=$checks
echo "$((checks - bad)) $bad" >>"$IISR_LOGS/.sums"

word='ok    ' colour='32'
if [ "$bad" -gt 0 ]; then
    word=FAILED colour='31;1'
    echo "$label" >>"$IISR_LOGS/.failed"
fi
[ -z "${IISR_COLOUR:-}" ] || word=$(printf '\033[%sm%s\033[0m' "$colour" "$word")
said=$(printf '[%3d of %d] %s %-32s %4d s  %d of %d' "$(wc -l <"$IISR_LOGS/.sums")" "$IISR_COUNT" "$word" "$label" \
    $(($(date +%s) - begun)) $((checks - bad)) "$checks")
# One write, so that those of several stay whole.
if [ "$bad" -gt 0 ]; then
    printf '%s\n%s\n' "$said" "$(grep -avE '^(Running suite|[0-9]+%: )' "$log" | tail -n "${IISR_LINES:-40}" | sed 's/^/    /')"
else
    printf '%s\n' "$said"
fi
