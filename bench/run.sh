#!/bin/sh
# Requests per second of a module's flushes beside a plain C handler on the
# same httpd, in turn, medians of five: only the ratios count.
# Usage: bench/run.sh <build folder>
set -eu
cd "$(dirname "$0")/.."
build=$(realpath "${1:-build}")
port=8098
if ! command -v wrk >/dev/null; then
    echo "installing with apt-get: wrk"
    root=""
    [ "$(id -u)" = 0 ] || root=sudo
    $root apt-get update -qq
    $root apt-get install -y -qq wrk >/dev/null
fi
apxs=${APXS:-$(command -v apxs || command -v apxs2)}
mkdir -p "$build/bench"
cp bench/handler.c "$build/bench/mod_plain.c"
(cd "$build/bench" && "$apxs" -c -n plain mod_plain.c >/dev/null 2>&1)
plain=$(find "$build/bench" -name mod_plain.so | head -n 1)
g++ -std=c++17 -O2 -fPIC -shared -fno-gnu-unique -Iinclude/iis bench/modules/flushes.cpp -o "$build/bench/flushes.so"
cat >"$build/bench/extra.conf" <<END
LoadModule plain_module $plain
StartServers 1
ServerLimit 1
ThreadsPerChild 4
MaxRequestWorkers 4
AsyncRequestWorkerFactor 100
MaxKeepAliveRequests 0
LogLevel warn
<Location "/plain">
    IISModules none
</Location>
END
bin/iisresp-express run "$build/bench/flushes.so" --port $port --conf "$build/bench/extra.conf" >"$build/bench/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
sleep 3

rate() { wrk -t1 -c8 -d"${BENCH_SECONDS:-3}" "http://127.0.0.1:$port$1" | awk '/Requests\/sec/ {print $2}'; }
median() { printf '%s\n' "$@" | sort -n | sed -n 3p; }
printf '%-28s %12s %12s %12s %8s %8s\n' "flushes of 64 bytes" "plain C" "sync" "async" "sync/C" "async/C"
for n in 1 100 10000; do
    c='' s='' a=''
    for _ in 1 2 3 4 5; do
        c="$c $(rate "/plain?$n")"
        s="$s $(rate "/sync?$n")"
        a="$a $(rate "/async?$n")"
    done
    # shellcheck disable=SC2086
    echo "$n $(median $c) $(median $s) $(median $a)" \
        | awk '{printf "%-28s %12s %12s %12s %8.2f %8.2f\n", $1, $2, $3, $4, $3/$2, $4/$2}'
done
