#!/bin/sh
# Runs one test program and says how it went, and how long it took.
# Usage: tests/one.sh <logs folder> <label> <command...>
# <logs>/<label> has what it printed, <label>.exit its status.
logs=$1 label=$2
shift 2
begun=$(date +%s)
"$@" >"$logs/$label" 2>&1
code=$?
echo $code >"$logs/$label.exit"
line=$(grep -E '^[0-9]+%: Checks: ' "$logs/$label" | tail -n 1)
printf '%-34s %4d s  %s\n' "$label" $(($(date +%s) - begun)) "${line:-exit $code}"
