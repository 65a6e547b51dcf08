#!/bin/sh
# The README's two commands on a minimal Debian, as a newcomer: a folder made
# by debootstrap from the mirror that this machine's apt uses, a clean copy of
# HEAD, and make.
# Usage: tests/fresh.sh DIST [name...], as root; with names make check runs
# what has one in its label. FRESH_DIR: where the folder is made, below /tmp.
# What is mounted and runs in it ends with this script: it has namespaces of
# its own.
set -eu
me="make check-fresh"
say() { echo "$me: $*"; }
die() { say "$*" >&2; exit 1; }

if [ "${1:-}" != --inside ]; then
    dist=${1:-}
    [ -n "$dist" ] || die "DIST=bookworm, trixie or testing"
    [ "$(id -u)" = 0 ] || die "debootstrap and chroot want root"
    command -v debootstrap >/dev/null || die "debootstrap is missing: apt-get install debootstrap"
    cd "$(dirname "$0")/.." || exit 1
    # Of the lists that apt has, Debian's main one.
    mirror=$(apt-get indextargets --format "\$(REPO_URI)" 'Identifier: Packages' 'Origin: Debian' 'Label: Debian' \
        'Component: main' | head -n 1)
    [ -n "$mirror" ] || die "apt has no list of a Debian mirror: apt-get update"
    folder=$(mktemp -d "${FRESH_DIR:-/tmp}/iisresp-fresh.XXXXXX")
    trap 'rm -rf --one-file-system "$folder"' EXIT
    trap 'exit 130' INT TERM
    begun=$(date +%s)
    mkdir -p "$folder/cache"
    nice -n 10 debootstrap --variant=minbase --cache-dir="$folder/cache" "$dist" "$folder/root" "$mirror" \
        >"$folder/log" 2>&1 || { tail -n 5 "$folder/log" >&2; die "no $dist from $mirror"; }
    rm -rf "$folder/cache"
    say "$dist is there after $(($(date +%s) - begun)) s"
    [ ! -d /etc/apt/auth.conf.d ] || cp -r /etc/apt/auth.conf.d "$folder/root/etc/apt/"
    # Of a mirror that is behind the clock too.
    echo 'Acquire::Check-Valid-Until "false";' >"$folder/root/etc/apt/apt.conf.d/90fresh"
    cp /etc/resolv.conf "$folder/root/etc/resolv.conf"
    mkdir "$folder/root/src"
    git archive HEAD | tar x -C "$folder/root/src"
    status=0
    unshare --mount --propagation private --pid --fork --kill-child \
        sh "$0" --inside "$folder/root" "$@" || status=$?
    exit $status
fi

shift
root=$1 dist=$2
shift 2
mount -t proc proc "$root/proc"
mkdir -p "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs shm "$root/dev/shm"
[ -e "$root/dev/fd" ] || ln -s /proc/self/fd "$root/dev/fd"
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C HOME=/root "$@"; }
timed() { # timed <what> <command...>
    what=$1 begun=$(date +%s)
    shift
    "$@" || { say "$dist: $what failed"; exit 1; }
    say "$dist: $what took $(($(date +%s) - begun)) s"
}

first_make() {
    inside sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends make' >"$root/tmp/log" 2>&1 \
        || { tail -n 5 "$root/tmp/log"; return 1; }
}

# A module streams at the port: its lines come while it runs.
run_serves() {
    port=${PORT:-8080}
    inside sh -c "cd /src && exec make run PORT=$port" >"$root/tmp/run" 2>&1 &
    run=$!
    while kill -0 $run 2>/dev/null; do
        if inside bash -c "exec 3<>/dev/tcp/127.0.0.1/$port && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && timeout 20 cat <&3" \
            >"$root/tmp/answer" 2>/dev/null; then
            grep -q '^HTTP/1.1 200' "$root/tmp/answer" || { cat "$root/tmp/answer"; return 1; }
            tail -n 2 "$root/tmp/answer"
            inside sh -c "kill -INT \$(cat /tmp/iisresp-express.*/logs/httpd.pid)" 2>/dev/null || kill $run
            wait $run || true
            return 0
        fi
        sleep 1
    done
    tail -n 20 "$root/tmp/run"
    return 1
}

timed "apt-get install make" first_make
timed "make run" run_serves
timed "make check" inside sh -c 'cd /src && make check ONLY="$*"' sh "$@"
