#!/bin/sh
# make bench: a module's responses beside a handler written for httpd in C,
# mod_lua, nginx with lua, and Node, on loopback, each with four threads (or
# processes).  Every case is measured in rounds, contender after contender
# (A B C A B C ...), so that a drifting machine does not decide; what counts
# are the medians' ratios.  Beside requests a second stands the processor time
# that the server's processes took for each: it moves less when others use the
# machine.
#
# Usage: bench/run.sh <build folder> [case prefix...]
#   BENCH_ROUNDS=3  BENCH_SECONDS=1  BENCH_PARKED=5000  BENCH_SLOW=500
# Results: <build folder>/bench/results.tsv, .json, .svg
set -eu
cd "$(dirname "$0")/.."
build=$(realpath "${1:-build}")
[ $# = 0 ] || shift
only=${*:-}
rounds=${BENCH_ROUNDS:-3}
seconds=${BENCH_SECONDS:-1}
connections=8
base=${BENCH_PORT:-8100}
. bench/lib.sh
install_missing wrk=wrk h2load=nghttp2-client node=nodejs nginx=nginx openssl=openssl \
    /usr/share/nginx/modules-available/mod-http-lua.conf=libnginx-mod-http-lua
find_httpd
build_parts
raw=$work/raw.tsv
: >"$raw"
trap stop_all EXIT
trap 'exit 130' INT TERM

wanted() {
    [ -n "$only" ] || return 0
    for o in $only; do case $1 in "$o"*) return 0 ;; esac; done
    return 1
}

# --- the servers ------------------------------------------------------------

# Ports: plain, +1 TLS and HTTP/2, +2 through mod_deflate.
plain_port=$base module_port=$((base + 3)) large_port=$((base + 6)) lua_port=$((base + 9))
nothing_port=$((base + 12)) around_port=$((base + 15)) nginx_port=$((base + 18)) node_port=$((base + 21))

three_ports() { # three_ports <port>: more of a configuration
    load ssl http2 deflate socache_shmcb filter lua
    cat <<END
Listen 127.0.0.1:$(($1 + 1))
Listen 127.0.0.1:$(($1 + 2))
<VirtualHost 127.0.0.1:$(($1 + 1))>
    SSLEngine on
    SSLCertificateFile "$work/cert.pem"
    SSLCertificateKeyFile "$work/key.pem"
    Protocols h2 http/1.1
</VirtualHost>
<VirtualHost 127.0.0.1:$(($1 + 2))>
    SetOutputFilter DEFLATE
</VirtualHost>
LuaMapHandler /flush "$PWD/bench/peers/flush.lua"
SSLSessionCache none
H2MinWorkers 4
H2MaxWorkers 4
END
}

start_httpd() { # start_httpd <name> <port> [module.so...]
    three_ports "$2" | write_httpd "$@"
    "$httpd" -DFOREGROUND -f "$work/$1.conf" >>"$work/$1.log" 2>&1 &
    server=$!
    started $server
    wait_for "$2" "$work/$1.log"
}

start_nginx() { # start_nginx <port> <workers>
    cat >"$work/nginx.conf" <<END
include /usr/share/nginx/modules-available/mod-http-ndk.conf;
include /usr/share/nginx/modules-available/mod-http-lua.conf;
daemon off;
worker_processes $2;
worker_rlimit_nofile $(ulimit -Hn);
pid $work/nginx.pid;
error_log $work/nginx.log;
events { worker_connections 16384; }
http {
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path $work/nginx-tmp;
    proxy_temp_path $work/nginx-tmp;
    fastcgi_temp_path $work/nginx-tmp;
    uwsgi_temp_path $work/nginx-tmp;
    scgi_temp_path $work/nginx-tmp;
    lua_package_path "$PWD/bench/peers/?.lua;/usr/share/lua/5.1/?.lua;;";
    init_by_lua_block { bench = dofile("$PWD/bench/peers/nginx.lua") }
    gzip_types text/plain;
    server {
        listen 127.0.0.1:$1 backlog=10000;
        listen 127.0.0.1:$(($1 + 1)) ssl http2;
        ssl_certificate $work/cert.pem;
        ssl_certificate_key $work/key.pem;
        root $work/htdocs;
        location = /flush { content_by_lua_block { bench.flush() } }
        location = /park { content_by_lua_block { bench.park() } }
        location = /wake { content_by_lua_block { bench.wake() } }
    }
}
END
    PATH=$PATH:/usr/sbin nginx -c "$work/nginx.conf" 2>>"$work/nginx.log" &
    server=$!
    started $server
    wait_for "$1" "$work/nginx.log"
}

start_node() { # start_node <port> <workers>
    node bench/peers/node.js "$1" "$2" >"$work/node.log" 2>&1 &
    server=$!
    started $server
    wait_for "$1" "$work/node.log"
}

certificate() {
    [ -e "$work/cert.pem" ] || openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost \
        -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
}

# --- measuring --------------------------------------------------------------

# note <case> <contender> <unit> <value> [microseconds of processor time]
note() { printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "${5:-}" >>"$raw"; }

# Processor time of a process and those below it, in microseconds.
cpu() {
    all=$1
    for pid in $(cat "/proc/$1/task/"*/children 2>/dev/null); do all="$all $pid"; done
    for pid in $all; do cat "/proc/$pid/stat" 2>/dev/null || true; done \
        | awk -v tick="$(getconf CLK_TCK)" '{ sub(/.*\) /, ""); sum += $12 + $13 } END { print int(sum * 1000000 / tick) }'
}

# One measurement: the rate in units of the case, and how many requests.
load_with() { # load_with <unit> <url>
    case $1 in
    h2/s) h2load -D "$seconds" -c $connections -m 1 -t 1 "$2" 2>/dev/null \
            | awk '/^finished in/ { r = $4 } /^requests:/ { n = $8 } END { print r + 0, n + 0 }' ;;
    gz/s) wrk -t1 -c$connections -d"$seconds" -H 'Accept-Encoding: gzip' "$2" ;;
    MB/s) wrk -t1 -c2 -d"$seconds" "$2" ;;
    *) wrk -t1 -c$connections -d"$seconds" "$2" ;;
    esac | awk -v unit="$1" '
        NF == 2 && $1 + 0 > 0 && unit == "h2/s" { r = $1; n = $2 }
        /requests in/ { n = $1 }
        /^Requests\/sec/ && unit != "MB/s" { r = $2 }
        /^Transfer\/sec/ && unit == "MB/s" { r = $2 + 0; if ($2 ~ /GB/) r *= 1024; if ($2 ~ /KB/) r /= 1024 }
        END { print r + 0, n + 0 }'
}

# throughput <case> <unit> <name@pid=url>...: the first is the yardstick.
throughput() {
    wanted "$1" || return 0
    say "$1"
    case_name=$1 unit=$2
    shift 2
    for _ in $(seq "$rounds"); do
        for contender; do
            name=${contender%%@*} url=${contender#*=} pid=${contender#*@}
            pid=${pid%%=*}
            before=$(cpu "$pid")
            # shellcheck disable=SC2046
            set_result $(load_with "$unit" "$url")
            note "$case_name" "$name" "$unit" "$result" \
                "$(echo "$before $(cpu "$pid") $requests" | awk '$3 > 0 { printf "%.1f", ($2 - $1) / $3 }')"
        done
    done
}
set_result() { result=$1 requests=$2; }

# A contender: of <name> <server> <path>; pids by server are set as they start.
of() { eval "echo \"$1@\$$2_pid=http://127.0.0.1:\$$2_port$3\""; }
tls() { eval "echo \"$1@\$$2_pid=https://127.0.0.1:\$(($2_port + 1))$3\""; }
deflate() { eval "echo \"$1@\$$2_pid=http://127.0.0.1:\$(($2_port + 2))$3\""; }

flush_case() { # flush_case <case> <count,size> [without mod_lua]
    throughput "$1" req/s "$(of c plain "/plain?$2")" "$(of sync module "/sync?$2")" \
        "$(of async module "/async?$2")" "$(of callback module "/callback?$2")" \
        "$(of mod_lua lua "/flush?$2")" "$(of nginx nginx "/flush?$2")" \
        "$(of node node "/flush?$2")"
}

all_throughput() {
    start_httpd plain $plain_port
    plain_pid=$server
    start_httpd module $module_port "$work/flushes.so"
    module_pid=$server
    start_httpd large $large_port "$work/large.so"
    large_pid=$server
    start_httpd lua $lua_port
    lua_pid=$server
    start_httpd nothing $nothing_port "$work/nothing.so"
    nothing_pid=$server
    start_httpd around $around_port "$work/around.so"
    around_pid=$server
    start_nginx $nginx_port 4
    nginx_pid=$server
    start_node $node_port 4
    node_pid=$server
    throughput one req/s "$(of c plain "/plain?1")" "$(of sync module "/sync?1")" \
        "$(of mod_lua lua "/flush?1")" "$(of nginx nginx "/flush?1")" "$(of node node "/flush?1")"
    flush_case flush-100 100
    flush_case flush-10000 10000
    flush_case chunk-16x64k 16,65536
    throughput memory-100m MB/s "$(of c plain "/plain?100,1048576")" \
        "$(of sync large "/memory?104857600")" "$(of async large "/memory-async?104857600")"
    throughput file-100m MB/s "$(of default plain "/100m.bin")" \
        "$(of sync large "/file?$work/htdocs/100m.bin")" \
        "$(of async large "/file-async?$work/htdocs/100m.bin")" "$(of nginx nginx "/100m.bin")"
    throughput static req/s "$(of default plain "/1k.txt")" "$(of nothing nothing "/1k.txt")" \
        "$(of around around "/1k.txt")" "$(of nginx nginx "/1k.txt")"
    for n in 1 100 16,65536; do
        throughput "tls-${n%,*}" req/s "$(tls c plain "/plain?$n")" "$(tls sync module "/sync?$n")" \
            "$(tls async module "/async?$n")" "$(tls nginx nginx "/flush?$n")"
    done
    for n in 1 100; do
        throughput "h2-$n" h2/s "$(tls c plain "/plain?$n")" "$(tls sync module "/sync?$n")" \
            "$(tls async module "/async?$n")" "$(tls nginx nginx "/flush?$n")"
    done
    throughput deflate-100 gz/s "$(deflate c plain "/plain?100")" "$(deflate sync module "/sync?100")" \
        "$(deflate async module "/async?100")"
    stop_all
}

# Lines "name value" of the client, as results of the case.
figures() { # figures <case> <contender> <command...>
    case_name=$1 contender=$2
    shift 2
    "$@" >"$work/figures" || say "$case_name: $contender failed"
    while read -r name value; do
        note "$case_name-$name" "$contender" "$(unit_of "$name")" "$value"
    done <"$work/figures"
}

unit_of() {
    case $1 in
    kib_*) echo KiB ;;
    *_p50 | *_p99 | *_max) echo us ;;
    *) echo "$1" ;;
    esac
}

# A parked request of ours has two descriptors.
parked_requests() {
    wanted parked || return 0
    most=$((($(ulimit -Hn) - 500) / 2))
    n=${BENCH_PARKED:-5000}
    [ "$n" -le $most ] || n=$most
    say "parked: $n requests"
    start_httpd plain $plain_port
    figures parked httpd "$work/client" park $plain_port /suspend '' "$n" '' 0 $server
    stop_all
    for _ in $(seq "$rounds"); do
        start_httpd parked $module_port "$work/parked.so"
        figures parked async "$work/client" park $module_port /park /1k.txt "$n" /wake 1000 $server
        stop_all
        start_nginx $nginx_port 1
        figures parked nginx "$work/client" park $nginx_port /park /1k.txt "$n" /wake 1000 $server
        stop_all
        start_node $node_port 1
        figures parked node "$work/client" park $node_port /park /flush?1 "$n" /wake 1000 $server
        stop_all
    done
}

slow_readers() {
    wanted slow || return 0
    n=${BENCH_SLOW:-500}
    say "slow: $n readers of 64 KiB/s"
    start_httpd module $module_port "$work/flushes.so"
    figures slow async "$work/client" slow $module_port /async?160,65536 /1k.txt "$n" 65536 5 $server
    stop_all
    start_nginx $nginx_port 4
    figures slow nginx "$work/client" slow $nginx_port /flush?160,65536 /1k.txt "$n" 65536 5 $server
    stop_all
    start_node $node_port 4
    figures slow node "$work/client" slow $node_port /flush?160,65536 /flush?1 "$n" 65536 5 $server
    stop_all
}

# The most that the child ever had, after a thousand and a million flushes.
peak() { awk '/^VmHWM/ { print $2 }' "/proc/$(cut -d' ' -f1 "/proc/$1/task/$1/children")/status"; }

flat_memory() {
    wanted memory-flat || return 0
    say memory-flat
    for way in sync async callback; do
        start_httpd module $module_port "$work/flushes.so"
        "$work/client" get $module_port "/$way?1000" 1 >/dev/null
        few=$(peak $server)
        "$work/client" get $module_port "/$way?1000000" 1 >/dev/null
        note memory-flat-growth $way KiB $(($(peak $server) - few))
        stop_all
    done
}

milliseconds() { date +%s%3N; }

# Fifty modules: until the port is open, and until the next generation runs.
fifty_modules() {
    wanted start || return 0
    say start
    fifty=''
    mkdir -p "$work/fifty"
    for i in $(seq 50); do
        cp "$work/nothing.so" "$work/fifty/m$i.so"
        fifty="$fifty $work/fifty/m$i.so"
    done
    for _ in $(seq "$rounds"); do
        for contender in none fifty; do
            begin=$(milliseconds)
            # shellcheck disable=SC2086
            if [ $contender = fifty ]; then start_httpd fifty $module_port $fifty
            else start_httpd fifty $module_port; fi
            note start $contender ms $(($(milliseconds) - begin))
            generations=$(grep -c 'resuming normal' "$work/fifty.log" || true)
            begin=$(milliseconds)
            kill -USR1 $server
            until [ "$(grep -c 'resuming normal' "$work/fifty.log")" -gt "$generations" ] \
                && [ -n "$(cat "/proc/$server/task/$server/children")" ]; do
                sleep 0.01
            done
            note start-graceful $contender ms $(($(milliseconds) - begin))
            stop_all
        done
    done
}

certificate
uname -srm >"$work/machine"
grep -m 1 'model name' /proc/cpuinfo | cut -d: -f2 >>"$work/machine" || true
echo "$(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg) at the start" >>"$work/machine"
all_throughput
parked_requests
slow_readers
flat_memory
fifty_modules
awk -f bench/medians.awk "$raw" >"$work/results.tsv"
awk -f bench/json.awk "$work/results.tsv" >"$work/results.json"
awk -v machine="$(tail -n 1 "$work/machine")" -f bench/chart.awk "$work/results.tsv" >"$work/results.svg"
awk -f bench/table.awk "$work/results.tsv"
echo "also in $work: results.tsv results.json results.svg"
