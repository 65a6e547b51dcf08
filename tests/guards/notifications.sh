#!/bin/sh
# docs/notifications.md has the rows of src/httpd/stages.h and core/global.h.
cd "$(dirname "$0")/../.." || exit 1

# The name that an event has in the log, by its place in the enumeration.
names=$(sed -n 's/.*\[IISR_EV_\([A-Z_]*\)\] = { .*/\1/p' src/core/registry.c)
[ "$(echo "$names" | wc -l)" -ge 16 ] || { echo "registry.c: no events"; exit 1; }

in_table() {
    tr '\n' ' ' <src/core/registry.c \
        | grep -o '\[IISR_EV_[A-Z_]*\] = {[^}]*}' \
        | sed 's/\[IISR_EV_\([A-Z_]*\)\].*"\([A-Za-z]*\)".*/\1 \2/'
}

in_code() {
    in_table >"$1"
    sed -n 's/^ *ROW(\([A-Z_]*\), *\([01]\), *\([a-z_]*\), *\([a-z]*\), *\([a-z]*\), *\([a-z]*\)).*/\1 \2 \3 \4 \5 \6/p' \
        src/httpd/stages.h | while read -r event post hook writes pending url; do
        name=$(sed -n "s/^$event //p" "$1")
        [ "$post" = 1 ] && name="Post$name"
        echo "| $name | $hook | $writes | $pending | $url |"
    done
}

table=$(mktemp)
trap 'rm -f "$table" "$table".*' EXIT
in_code "$table.names" >"$table.code"
grep -E '^\| [A-Za-z]+ \| [a-z_]+ \| (yes|no) \|' docs/notifications.md \
    >"$table.docs"
[ "$(wc -l <"$table.code")" -eq 28 ] || { echo "stages.h: not 28 rows"; exit 1; }
diff "$table.code" "$table.docs" || {
    echo "docs/notifications.md and src/httpd/stages.h differ"
    exit 1
}

# Each global notification has its row; those with a reason are "never".
tr '\n' ' ' <src/core/global.h | sed 's/\\ *//g' \
    | grep -oE '(ROW|BARE)\(OnG?[A-Za-z]+, GL_[^)]*\)' \
    | sed -E 's/.*"([A-Za-z]+)", *(NULL|"([^"]*)")\)/\1|\3/' >"$table.globals"
[ "$(wc -l <"$table.globals")" -ge 16 ] || { echo "global.h: too few rows"; exit 1; }
failed=0
while IFS='|' read -r name reason; do
    row=$(grep -E "^\| $name \|" docs/notifications.md)
    case "$row" in
    '') echo "docs/notifications.md has no row $name"; failed=1 ;;
    *'| never'*) [ -n "$reason" ] && [ "${row#*"$reason"}" != "$row" ] \
        || { echo "$name: docs say never, global.h: '$reason'"; failed=1; } ;;
    *) [ -z "$reason" ] || { echo "$name is never raised: say why"; failed=1; } ;;
    esac
done <"$table.globals"
exit $failed
