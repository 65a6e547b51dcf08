# lib.sh: what run.sh and instructions.sh share: packages, parts, servers.
# shellcheck shell=sh disable=SC2034
# Expects $build; sets $work, where everything is written.

work=$build/bench
headers=include/iis
servers=''

say() { echo "$*" >&2; }

# install_missing <command or file>=<package>...
install_missing() {
    need=''
    for pair; do
        PATH=$PATH:/usr/sbin command -v "${pair%%=*}" >/dev/null 2>&1 || [ -e "${pair%%=*}" ] \
            || need="$need ${pair#*=}"
    done
    [ -n "$need" ] || return 0
    if ! command -v apt-get >/dev/null; then
        say "Please install what Debian calls:$need"
        exit 1
    fi
    say "installing with apt-get:$need"
    root=''
    [ "$(id -u)" = 0 ] || root=sudo
    export DEBIAN_FRONTEND=noninteractive
    # A peer is started here with its own configuration, not as a service.
    $root apt-get update -qq
    # shellcheck disable=SC2086
    $root apt-get install -y -qq --no-install-recommends $need >/dev/null
}

find_httpd() {
    apxs=${APXS:-$(command -v apxs || command -v apxs2)}
    httpd=$("$apxs" -q SBINDIR)/$("$apxs" -q PROGNAME)
    moddir=$("$apxs" -q LIBEXECDIR)
}

build_parts() {
    mkdir -p "$work/htdocs"
    cc -std=gnu99 -O2 -Wall bench/client.c -o "$work/client"
    cp bench/handler.c "$work/mod_plain.c"
    (cd "$work" && "$apxs" -c -n plain mod_plain.c >/dev/null 2>&1)
    plain=$(find "$work" -name mod_plain.so | head -n 1)
    for source in bench/modules/*.cpp; do
        name=$(basename "$source" .cpp)
        [ -z "$(find "$source" "$headers" -newer "$work/$name.so" 2>&1)" ] \
            || g++ -std=c++17 -O2 -fPIC -shared -fno-gnu-unique -I"$headers" "$source" -o "$work/$name.so"
    done
    head -c 1024 /dev/zero | tr '\0' x >"$work/htdocs/1k.txt"
    [ -e "$work/htdocs/100m.bin" ] || head -c 104857600 /dev/zero >"$work/htdocs/100m.bin"
    chmod a+rx "$work" "$work/htdocs"
}

load() {
    for m; do
        [ ! -e "$moddir/mod_$m.so" ] || echo "LoadModule ${m}_module $moddir/mod_$m.so"
    done
}

# write_httpd <name> <port> [module.so...]: $work/<name>.conf; more directives
# come from standard input.  Four threads in one process.
write_httpd() {
    conf=$work/$1.conf
    {
        echo "ServerRoot \"$work\""
        echo "Listen 127.0.0.1:$2"
        echo "ServerName 127.0.0.1:$2"
        echo "PidFile \"$work/$1.pid\""
        echo "DocumentRoot \"$work/htdocs\""
        load mpm_event unixd authz_core mime
        echo "LoadModule plain_module $plain"
        echo "<Directory />"
        echo "    AllowOverride None"
        echo "</Directory>"
        echo "TypesConfig /dev/null"
        echo "ErrorLog \"$work/$1.log\""
        echo "LogLevel warn"
        echo "Mutex pthread"
        [ "$(id -u)" != 0 ] || printf 'User www-data\nGroup www-data\n'
        echo "StartServers 1"
        echo "ServerLimit 1"
        echo "ThreadsPerChild 4"
        echo "MinSpareThreads 1"
        echo "MaxRequestWorkers 4"
        echo "AsyncRequestWorkerFactor 10000"
        echo "MaxKeepAliveRequests 0"
        echo "KeepAliveTimeout 100"
        echo "ListenBacklog 10000"
        echo "MaxMemFree 0"
        name=$1
        shift 2
        [ $# = 0 ] || echo "LoadModule iisresp_module $build/mod_iisresp.so"
        for so; do echo "IISModule $(basename "$so" .so) $so"; done
        [ $# = 0 ] || printf '<Location "/">\n    SetHandler iis\n</Location>\n'
        cat
    } >"$conf"
    : >"$work/$name.log"
}

# Remembers a process for stop_all.
started() { servers="$servers $1"; }

stop_all() {
    for pid in $servers; do kill "$pid" 2>/dev/null || true; done
    for pid in $servers; do wait "$pid" 2>/dev/null || true; done
    servers=''
}

listening() { grep -qiE "^ *[0-9]+: (0100007F|00000000):$(printf '%04X' "$1") [0-9A-F:]+ 0A" /proc/net/tcp; }

# wait_for <port> <log>: until somebody listens there.
wait_for() {
    tries=0
    until listening "$1"; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ]; then
            say "nobody listens on port $1:"
            tail -n 20 "$2" >&2
            exit 1
        fi
        sleep 0.1
    done
}
