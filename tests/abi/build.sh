#!/bin/sh
# Builds the ABI test once per compiler and language version: <outdir>/abi-<variant> and <outdir>/abi-<variant>.so.
# Usage: tests/abi/build.sh <outdir>
set -eu
here=$(cd "$(dirname "$0")" && pwd)
include=$here/../../include/iis
out=${1:?output folder}
mkdir -p "$out"
sh "$here/generate" "$include" "$out"

warn="-Wall -Wextra -Werror -g"
check=$(pkg-config --cflags --libs check)
rm -f "$out/variants"

# IISR_ABI: this variant alone.
variant() {                                  # name, C compiler, C version, C++ compiler, C++ version
    [ "${IISR_ABI:-$1}" = "$1" ] || return 0
    for c in "$here/suite.c" "$out/probes.c"; do
        $2 -std="$3" $warn -I"$include" -iquote "$here" -iquote "$out" -c "$c" -o "$out/$1-$(basename "$c").o"
    done
    for cpp in "$here/module.cpp" "$out/calls.cpp"; do
        $4 -std="$5" $warn -I"$include" -iquote "$here" -iquote "$out" -c "$cpp" -o "$out/$1-$(basename "$cpp").o"
    done
    $4 -o "$out/abi-$1" "$out/$1"-*.o $check -ldl
    $4 -std="$5" $warn -O2 -fPIC -shared -fvisibility=hidden -fno-rtti -Wl,-z,defs -I"$include" \
        -o "$out/abi-$1.so" "$here/port.cpp" "$here/port_more.cpp"
    echo "$1" >>"$out/variants"
}

variant g++-c++17 gcc gnu99 g++ c++17
variant g++-gnu++14 gcc gnu11 g++ gnu++14
if command -v clang++ >/dev/null 2>&1; then
    variant clang++-c++17 clang gnu99 clang++ c++17
    variant clang++-gnu++14 clang gnu11 clang++ gnu++14
else
    echo "abi: clang++ is not installed, its variants are skipped"
fi
