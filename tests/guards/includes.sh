#!/bin/sh
# Arrows one way: mod_iisresp.c -> src/httpd -> src/iface, src/async ->
# src/core -> include/iis and APR. Prints every include that breaks it.
cd "$(dirname "$0")/../.." || exit 1
bad=$(
    grep -nE '#include [<"](httpd|http_[a-z]+|util_[a-z]+|ap_[a-z]+|mpm_common)\.h' \
        src/core/*.[ch] src/iface/*.[ch] src/async/*.[ch]
    grep -nE '#include "(httpd|iface|async)/' src/core/*.[ch]
    grep -nE '#include "(httpd|async)/' src/iface/*.[ch]
    grep -nE '#include "(httpd|iface)/' src/async/*.[ch]
)
[ -z "$bad" ] || { echo "includes against the arrows:"; echo "$bad"; exit 1; }
