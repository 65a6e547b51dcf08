#!/bin/sh
# The public headers and every header of the C++ library, in both orders, with
# each compiler that is here and each C++ that it knows, beside the folder
# that bin/kit/wrap.sh makes and without it: __in and __out stand in a
# module's sources and never reach the library. Syntax only.
# Usage: tests/guards/std.sh <build folder>; IISR_WIDE=1: all compilers and
# versions, otherwise the default ones.
set -u
cd "$(dirname "$0")/../.." || exit 1
dir=${1:-build}/std_guard
rm -rf "$dir"
mkdir -p "$dir"

compilers() {
    if [ -z "${IISR_WIDE:-}" ]; then
        echo "${CXX:-g++}"
        return
    fi
    # g++ is one of g++-12 and so on.
    echo "$PATH" | tr : '\n' | while read -r at; do
        ls "$at"/g++ "$at"/g++-[0-9]* "$at"/clang++ "$at"/clang++-[0-9]* 2>/dev/null
    done | while read -r cxx; do
        echo "$(readlink -f "$cxx") $cxx"
    done | sort -u -k1,1 | cut -d' ' -f2
}

versions() { # versions <compiler>
    for v in ${IISR_WIDE:+11 14 17 2b 2c} 20; do
        ! echo | "$1" -std=gnu++$v -x c++ -E - >/dev/null 2>&1 || echo $v
    done
}

# The library's headers that this C++ can include without us.
headers() { # headers <compiler> <version> <folder of wrap.sh>
    # Before C++23 <stdatomic.h> is C's, and not for beside <atomic>.
    case $2 in 2[bc]) not='/$|^iis_' ;; *) not='/$|^iis_|^stdatomic.h' ;; esac
    list=$(cd "$3" && ls -p | grep -vE "$not" | sed 's/.*/#include <&>/')
    preprocesses() { "$1" -std=gnu++"$2" -w -x c++ -E - >/dev/null 2>&1; }
    if echo "$list" | preprocesses "$1" "$2"; then
        echo "$list"
        return
    fi
    echo "$list" | while read -r line; do
        ! echo "$line" | preprocesses "$1" "$2" || echo "$line"
    done
}

ours='#include <windows.h>
#include <httpserv.h>
#ifndef IIS_NO_SAL1
HRESULT USE(__in PCSTR a, __out DWORD *b, __inout_opt PVOID c, __out_bcount(9) BYTE *d, __deref_out void **e);
#endif'
words() { grep -owE '__in|__out' | sort | uniq -c; }

bad() { echo "$*"; touch "$dir/bad"; }

one() { # one <compiler> <version> <label> <option...>
    c=$1 v=$2 label=$3
    shift 3
    at=$dir/$(basename "$c")-$v
    for order in first last; do
        if [ $order = first ]; then
            { echo "$ours"; cat "$at.headers"; echo "$ours"; } | sed '2,$s/USE/use2/'
        else
            { tac "$at.headers"; echo "$ours"; }
        fi >"$at-$order.cpp"
        # One of both orders is compiled, of both the words are counted.
        case $label-$order in wrapped-first|bare-last) ;; *)
        "$c" -std=gnu++"$v" -Wall -Wextra -Werror -Wno-deprecated -Wno-cpp "-Wno-#warnings" "$@" -Iinclude/iis \
            -fsyntax-only "$at-$order.cpp" >"$at.said" 2>&1 \
            || { bad "$c C++$v, $label, windows.h $order:"; grep -E 'error' "$at.said" | head -n 5; }
        esac
        for sal in -DIIS_SAL -DIIS_NO_SAL1; do
            "$c" -std=gnu++"$v" -w $sal "$@" -Iinclude/iis -E -P "$at-$order.cpp" 2>/dev/null | words >"$at.words$sal"
        done
        cmp -s "$at.words-DIIS_SAL" "$at.words-DIIS_NO_SAL1" || bad "$c C++$v, $label, windows.h $order: the library's words are gone"
    done
}

both() { # both <compiler> <version>
    name=$(basename "$1")
    headers "$1" "$2" "$dir/$name-wrapped" >"$dir/$name-$2.headers"
    [ "$(wc -l <"$dir/$name-$2.headers")" -gt 60 ] || bad "$1 C++$2: too few headers are found"
    one "$1" "$2" wrapped -isystem "$dir/$name-wrapped"
    one "$1" "$2" bare
}

for c in $(compilers); do
    sh bin/kit/wrap.sh "$dir/$(basename "$c")-wrapped" "$c" || bad "$c: no folder of headers"
    # Two versions at once.
    for v in $(versions "$c"); do
        both "$c" "$v" &
        [ -z "${before:-}" ] || wait "$before"
        before=$!
    done
    wait
    before=""
done
[ ! -e "$dir/bad" ]
