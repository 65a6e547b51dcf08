#!/bin/sh
# wrap.sh: makes a folder of headers, one for each header of a compiler's C++
# library and of its name. Each reads the library's own while sal.h's old
# annotations (__in, __out), which the library has for names, are away.
# The list is the compiler's: a header that it does not have is not there, so
# that __has_include answers as without us.
# Usage: wrap.sh <folder> <compiler> [option...]
set -u
folder=$1
shift

# Where this compiler looks for <vector>, and for what is of the machine.
library() {
    LC_ALL=C "$@" -x c++ -E -v /dev/null 2>&1 \
        | sed -n '/^#include </,/^End of search/s/^ *\(\/.*\)$/\1/p'
}

# Nothing below bits but the one that people include.
names() {
    library "$@" | while read -r at; do
        [ -e "$at/vector" ] || [ -e "$at/bits/stdc++.h" ] || continue
        (cd "$at" && find . -maxdepth 2 -type f \( -path './*/*' -o -name '[a-z]*' \)) | sed 's|^\./||' \
            | grep -E '^[a-z0-9_]+(\.h)?$|^(experimental|tr1|ext|parallel|debug)/[a-z0-9_]+(\.h)?$|^bits/stdc\+\+\.h$'
    done | sort -u
}

mkdir -p "$folder" || exit 1
names "$@" >"$folder/.names"
while read -r name; do
    case $name in
    */*) [ -d "$folder/${name%/*}" ] || mkdir -p "$folder/${name%/*}" ;;
    esac
    echo "#pragma GCC system_header
#ifdef IIS_SAL1
#include <iis_sal1_off.h>
#include_next <$name>
#include <iis_sal1_on.h>
#else
#include_next <$name>
#endif" >"$folder/$name"
done <"$folder/.names"
# sal.h asks for this one.
if [ -s "$folder/.names" ]; then
    echo '/* The headers in this folder were made by wrap.sh. */' >"$folder/iis_std_wrapped.h"
fi
