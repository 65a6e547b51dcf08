#!/bin/sh
# Arrows one way: mod_iisresp.c -> src/httpd -> src/iface, src/async ->
# src/core -> include/iis and APR. Prints every include that breaks it.
cd "$(dirname "$0")/../.." || exit 1
server='#[ ]*include [<"](httpd|http_[a-z]+|util_[a-z]+|ap_[a-z]+|mpm_common|mod_[a-z]+|scoreboard)\.h'
# Headers are found by their bare name too (-Isrc/core -Isrc/iface).
upwards() { # upwards <folder> <folders above it...>
    folder=$1
    shift
    [ -d "src/$folder" ] || return 0
    # The file's own folder comes first for a quoted name.
    grep -nE "#[ ]*include [\"<](\.\./)*($(for f; do echo "$f/"; done | paste -sd'|' -))" \
        "src/$folder"/*.[ch]
    for above; do
        for header in "src/$above"/*.h; do
            name=$(basename "$header")
            [ -e "src/$folder/$name" ] \
                || grep -nE "#[ ]*include [\"<]$name[\">]" "src/$folder"/*.[ch]
        done
    done
}
bad=$(
    grep -nE "$server" src/core/*.[ch] src/iface/*.[ch] src/async/*.[ch]
    upwards core iface async httpd win32
    upwards iface async httpd win32
    upwards async iface httpd win32
    upwards win32 core iface async httpd
    [ ! -d src/win32 ] || grep -nE "$server" src/win32/*.[ch]
    grep -nE '#[ ]*include "(core|iface|async|win32)/' mod_iisresp.c
    # One file knows of epoll: the others build without it.
    grep -nE '#[ ]*include <sys/(epoll|eventfd)\.h>' src/*/*.[ch] | grep -v '^src/async/lookout\.c'
    grep -nE '#[ ]*include .*(src|core|iface|async|httpd)/' include/iis/*.h
)
[ -z "$bad" ] || { echo "includes against the arrows:"; echo "$bad"; exit 1; }
