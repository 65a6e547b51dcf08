#!/bin/sh
# Each method of httpserv.h, httpcach.h and ahadmin.h is called by a unit test.
#
# No search for names: the unit programs note while they run which slots of
# which tables are called and by whom (tests/unit/called.c), overloads one by
# one.  tests/run.sh runs this after them; alone, it runs the programs itself.
# Whether the answer is right is what those tests check.
#
# Exempt is what never exists here: interfaces whose row in docs/interfaces.md
# begins with "never made:" or "never called:", and notifications that
# core/global.h gives a reason for not raising.
cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}
called=${IISR_CALLED:-}
if [ -z "$called" ]; then
    called=$(mktemp -d)
    trap 'rm -rf "$called"' EXIT
    for t in "$build"/asan/unit/test_*; do
        case $t in *.d | *interleaving | *completion) continue ;; esac
        IISR_CALLED=$called ASAN_OPTIONS=detect_leaks=0 "$t" >/dev/null 2>&1
    done
fi
[ -n "$(ls "$called")" ] || { echo "no unit test has run: make tests"; exit 1; }

{
    sed -nE 's/^\| (I[^|]*) \| never (made|called):.*/\1/p' docs/interfaces.md \
        | tr -d ' ' | tr ',' '\n' | sed 's/^/X /'
    tr '\n' ' ' <src/core/global.h | sed 's/\\ *//g' \
        | grep -oE '(ROW|BARE)\(On[A-Za-z]+, GL_[^)]*"\)' \
        | sed -nE 's/.*\((On[A-Za-z]+),.*", *"[^"]*"\)$/X CGlobalModule::\1/p'
    sh tests/abi/list include/iis/httpserv.h include/iis/httpcach.h include/iis/ahadmin.h \
        | awk '$1 == "B" { print "I " $2 }'
    echo 'I CHttpModule'
    echo 'I CGlobalModule'
    cat "$called"/*
} | awk '
$1 == "X" { exempt[$2] = 1; next }
$1 == "I" { ours[$2] = 1; next }
{
    split($2, p, "::")
    if (!(p[1] in ours)) next
    if (!($2 in known)) { known[$2] = 1; n++ }
    if ($1 == "+") yes[$2] = 1
}
END {
    if (n < 500) { print "only " n " methods found"; bad = 1 }
    for (m in known) {
        split(m, p, "::")
        if (p[1] in exempt || m in exempt) {
            if (m in yes) { print "called, yet exempt: " m; bad = 1 }
        }
        else if (!(m in yes)) { print "called by no test: " m; bad = 1 }
    }
    exit bad
}'
