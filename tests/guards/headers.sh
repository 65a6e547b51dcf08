#!/bin/sh
# Every header of a port compiles alone, and all of them together with each
# compiler and standard; what tests/win32 makes of them with clang++ too. Again
# only when one has changed.
# Usage: tests/guards/headers.sh <build folder>
cd "$(dirname "$0")/../.." || exit 1
build=${1:-build}
done=$build/headers.done
[ -n "${IISR_WIDE:-}" ] && done=$done.wide
[ -z "$(find include/iis tests/win32 tests/guards/headers.sh -newer "$done" 2>&1)" ] && exit 0
mkdir -p "$build"

# Those that only stand for another one need no compiler: what is included is there.
alone=$(for h in include/iis/*.h include/iis/win32/*.h; do [ "$(wc -l <"$h")" -le 11 ] || echo "$h"; done)
together=$(cd include/iis && for h in *.h; do echo "#include \"$h\""; done)
bad=0
for h in include/iis/*.h include/iis/WINDOWS.H; do
    for name in $(sed -n 's/^#include "\(.*\)"/\1/p' "$h"); do
        [ -f "include/iis/$name" ] || { echo "$h includes $name, which is not there"; bad=1; }
    done
done

if [ -z "${IISR_WIDE:-}" ]; then
    echo "$together" | g++ -std=gnu++14 -Wall -Wextra -Werror -Iinclude/iis -fsyntax-only -x c++ - || bad=1
    [ $bad = 0 ] && touch "$done"
    exit $bad
fi
echo "$alone" | xargs -P "$(nproc 2>/dev/null || echo 2)" -I '{}' sh -c \
    'g++ -std=gnu++14 -Wall -Wextra -Werror -Iinclude/iis -fsyntax-only -x c++ -include "{}" /dev/null' || bad=1
for cxx in g++ clang++; do
    command -v $cxx >/dev/null || continue
    for standard in gnu++14 c++17 "gnu++14 -fno-exceptions"; do
        # shellcheck disable=SC2086
        echo "$together" | $cxx -std=$standard -Wall -Wextra -Werror -Iinclude/iis -fsyntax-only -x c++ - || bad=1
    done
done
! command -v clang++ >/dev/null || printf '%s\n' tests/win32/*.cpp | xargs -P "$(nproc 2>/dev/null || echo 2)" -n 1 \
    clang++ -std=gnu++14 -Wall -Wextra -Werror -Iinclude/iis -fsyntax-only || bad=1
[ $bad = 0 ] && touch "$done"
exit $bad
