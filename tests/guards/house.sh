#!/bin/sh
# Every directive is documented, every test is registered, no file is too
# long, every log id is explained.
cd "$(dirname "$0")/../.." || exit 1
bad=0
say() { echo "$1"; bad=1; }
for d in $(grep -oE 'AP_INIT_[A-Z0-9]+\("IIS[A-Za-z]+"' src/httpd/config.c | grep -oE 'IIS[A-Za-z]+'); do
    grep -q "^## $d" docs/mod_iisresp.md || say "not documented: $d"
done
for f in tests/unit/*.c tests/httpd/test_*.c; do
    for t in $(sed -n 's/^START_TEST(\([a-z_A-Z0-9]*\)).*/\1/p' "$f"); do
        grep -qE "(add_(loop_|exit_|raise_)?test|EVERY_MPM)\([^;]*$t" "$f" || say "not registered: $f: $t"
    done
done
for f in src/*/*.[ch]; do
    [ "$(wc -l <"$f")" -le 760 ] || say "too long: $f"
done
for id in $(grep -ohE 'IISR[0-9]{4}' src/*/*.c | sort -u); do
    grep -q "$id" docs/messages.md || say "not in docs/messages.md: $id"
done
exit $bad
