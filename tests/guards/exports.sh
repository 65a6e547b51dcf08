#!/bin/sh
# The module exports its record and nothing else, and defines what is its own.
so=${1:-build}/mod_iisresp.so
exported=$(nm -D --defined-only "$so" | awk '{print $3}')
[ "$exported" = iisresp_module ] || { echo "exported: $exported"; exit 1; }
missing=$(nm -D --undefined-only "$so" | grep -o 'iisr_.*')
[ -z "$missing" ] || { echo "not defined: $missing"; exit 1; }
