#!/bin/sh
# The module exports its record and nothing else.
exported=$(nm -D --defined-only "${1:-build}/mod_iisresp.so" | awk '{print $3}')
[ "$exported" = iisresp_module ] || { echo "exported: $exported"; exit 1; }
