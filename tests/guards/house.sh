#!/bin/sh
# Every directive is merged and documented, every test is registered, no file
# is too long, every log id is explained.
cd "$(dirname "$0")/../.." || exit 1
bad=0
say() { echo "$1"; bad=1; }

# A directive's function sets a field of dir_config_t or server_config_t; the
# merge must name it.
# Those that are of the whole server say so with GLOBAL_ONLY and need none;
# those that hand the command on keep what it says by its server.
config=src/httpd/config.c
flat=$(tr '\n' ' ' <$config)
merge=$(sed -n '/^static void merge_modules/,/^}/p; /^void \*iisr_merge_dir_config/,/^}/p; /^void \*iisr_merge_server_config/,/^}/p' $config)
table=$(echo "$flat" | grep -oE 'AP_INIT_[A-Z0-9]+\("IIS[A-Za-z]+", *[a-z_]+' \
        | sed 's/.*("//; s/", */ /')
[ -n "$table" ] || say "no directives found in $config"
while read -r directive function; do
    [ -n "$directive" ] || continue
    grep -q "^## $directive\$" docs/mod_iisresp.md 2>/dev/null \
        || say "not documented: $directive"
    body=$(sed -n "/^static const char \*$function(/,/^}/p" $config)
    case $body in *GLOBAL_ONLY* | *'return iisr_'*'(cmd, '*) continue ;; esac
    fields=$(echo "$body" | grep -oE '(conf|dir_config_t \*\)dir\))->[a-z_]+' \
             | sed 's/.*->//' | sort -u)
    [ -n "$fields" ] || say "sets no field and is not of the whole server: $directive"
    for field in $fields; do
        echo "$merge" | grep -q "conf->$field = " || say "not merged: $directive ($field)"
    done
done <<END
$table
END

for f in tests/unit/*.c tests/win32/*.cpp tests/httpd/test_*.c tests/attack/test_*.c tests/abi/*.c; do
    registered=$(tr '\n' ' ' <"$f" | grep -oE '(tcase_add_[a-z_]*test[a-z_]*|[A-Z_]*EVERY_MPM|ONCE)\([^;]*;')
    for t in $(sed -n 's/^START_TEST(\([a-z_A-Z0-9]*\)).*/\1/p' "$f"); do
        echo "$registered" | grep -qwE "$t" || say "not registered: $f: $t"
    done
done
for f in src/*/*.[ch]; do
    lines=$(wc -l <"$f")
    [ "$lines" -le 600 ] || say "too long: $f ($lines lines, 600 at most)"
done
if [ -f docs/messages.md ]; then
    for id in $(grep -ohE 'IISR[0-9]{4}' src/*/*.c | sort -u); do
        grep -q "$id" docs/messages.md || say "not in docs/messages.md: $id"
    done
else
    say "docs/messages.md is missing"
fi
# One version, wherever it stands.
versions=$({ sed -n 's/^version=//p' bin/kit/parts.sh; sed -n 's/^Version: //p' conf/mod_iisresp.pc.in
             sed -n 's/^#define IISR_VERSION "\(.*\)"/\1/p' src/httpd/loader.h
             sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog
             sed -n 's/^Changes with mod_iisresp //p' CHANGES | head -n 1; } | sort | uniq -c | awk '{ print $1, $2 }')
[ "$versions" = "5 ${versions#5 }" ] || say "not one version: $versions"
exit $bad
