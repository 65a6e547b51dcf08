#!/bin/sh
# Instructions, counted with callgrind, that the server spends on one request
# and on one flush, beside the plain C handler on an httpd without our module.
# Always the difference of two counts, so that what comes once for a process,
# a connection or (flushes) a response does not matter.
# Usage: bench/instructions.sh <build folder> [case prefix...]
# callgrind's files stay in <build folder>/bench, for callgrind_annotate.
set -eu
cd "$(dirname "$0")/.."
build=$(realpath "${1:-build}")
[ $# = 0 ] || shift
only=${*:-}
. bench/lib.sh
install_missing valgrind=valgrind
find_httpd
build_parts
port=${BENCH_PORT:-8090}
cp bench/count.c "$work/mod_count.c"
(cd "$work" && "$apxs" -c -n count mod_count.c >/dev/null 2>&1)
count=$(find "$work" -name mod_count.so | head -n 1)
trap stop_all EXIT
trap 'exit 130' INT TERM

wanted() {
    [ -n "$only" ] || return 0
    for o in $only; do case $1 in "$o"*) return 0 ;; esac; done
    return 1
}

# serve <name> [module.so...]: httpd as one process under callgrind.
serve() {
    name=$1
    shift
    write_httpd "$name" "$port" "$@" <<END
LoadModule count_module $count
<Location "/count">
    <IfModule iisresp_module>
        IISModules none
    </IfModule>
</Location>
END
    rm -f "$work/callgrind.$name".*
    # The files are written by whom the server becomes.
    : >"$work/callgrind.$name"
    chmod a+rwx "$work"
    valgrind --tool=callgrind --callgrind-out-file="$work/callgrind.$name" \
        "$httpd" -X -f "$work/$name.conf" >"$work/$name.valgrind" 2>&1 &
    started $!
    wait_for "$port" "$work/$name.valgrind"
    "$work/client" get "$port" /count?start 2 >/dev/null
}

# total <path> <requests>: instructions between two dumps.  The pause lets
# every request find the server asleep: whether a worker thread finds the next
# one before it has given the connection back would be chance.
total() {
    "$work/client" get "$port" /count?before 1 >/dev/null
    "$work/client" get "$port" "$1" "$2" 5 >/dev/null
    "$work/client" get "$port" /count?after 1 >/dev/null
    last=$(ls -t "$work/callgrind.$name".* | head -n 1)
    awk '/^(totals|summary):/ { print $2; exit }' "$last"
}

# request <path>: instructions of one more request on a kept connection.
request() {
    "$work/client" get "$port" "$1" 20 >/dev/null
    a=$(total "$1" 100)
    b=$(total "$1" 300)
    echo $(((b - a) / 200))
}

# flush <path>: instructions of one more flush of a response.
flush() {
    "$work/client" get "$port" "$1?100" 2 >/dev/null
    a=$(total "$1?200" 3)
    b=$(total "$1?1200" 3)
    echo $(((b - a) / 3000))
}

# row <case> <instructions> <of the yardstick>
row() { echo "$1 $2 $3" | awk '{ printf "%s\t%d\t%d\t%.2f\n", $1, $2, $3, $2 / $3 }'; }

printf 'case\tinstructions\tyardstick\tratio\n'
serve c
plain_request=$(request /plain?1)
plain_flush=$(flush /plain)
static=$(request /1k.txt)
stop_all
row plain-request "$plain_request" "$plain_request"
row plain-flush "$plain_flush" "$plain_flush"
row static "$static" "$static"
if wanted request || wanted flush; then
    serve flushes "$work/flushes.so"
    row request "$(request /sync?1)" "$plain_request"
    row flush-sync "$(flush /sync)" "$plain_flush"
    row flush-async "$(flush /async)" "$plain_flush"
    row flush-callback "$(flush /callback)" "$plain_flush"
    stop_all
fi
if wanted static-nothing; then
    serve nothing "$work/nothing.so"
    row static-nothing "$(request /1k.txt)" "$static"
    stop_all
fi
if wanted static-around; then
    serve around "$work/around.so"
    row static-around "$(request /1k.txt)" "$static"
    stop_all
fi
