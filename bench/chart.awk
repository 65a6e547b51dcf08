# chart.awk: the throughput cases of results.tsv as an SVG: bars are ratios
# to the first contender of each case, the line at 1.0.
BEGIN {
    FS = "\t"
    width = 860; left = 250; scale = 230; most = 2.05; bar = 15; gap = 20
    colour["c"] = colour["default"] = "#8a8f98"
    colour["sync"] = "#1f6feb"; colour["async"] = "#0a9396"; colour["callback"] = "#56b4a6"
    colour["nothing"] = "#94c1ff"; colour["around"] = "#1f6feb"
    colour["mod_lua"] = "#c9a227"; colour["nginx"] = "#bc6c25"; colour["node"] = "#9b5094"
    label["c"] = "plain C handler"; label["default"] = "httpd, no module"
    label["sync"] = "mod_iisresp, sync"; label["async"] = "mod_iisresp, async"
    label["callback"] = "mod_iisresp, callback"; label["nothing"] = "module loaded, registers for nothing"
    label["around"] = "module around it"; label["nginx"] = "nginx + lua"; label["node"] = "Node"
    title["one"] = "One response of 64 bytes"; title["flush-100"] = "100 flushes of 64 bytes"
    title["flush-10000"] = "10,000 flushes of 64 bytes"; title["chunk-16x64k"] = "16 flushes of 64 KiB"
    title["memory-100m"] = "100 MB from memory"; title["file-100m"] = "100 MB from a file handle"
    title["static"] = "A static file of 1 KiB"; title["tls-1"] = "TLS: one response of 64 bytes"
    title["tls-100"] = "TLS: 100 flushes"; title["tls-16"] = "TLS: 16 flushes of 64 KiB"
    title["h2-1"] = "HTTP/2: one response of 64 bytes"; title["h2-100"] = "HTTP/2: 100 flushes"
    title["deflate-100"] = "mod_deflate: 100 flushes"
    y = 70
}
$3 !~ /\/s$/ || !($1 in title) { next }
$1 != last {
    y += last == "" ? 0 : gap
    body = body sprintf("<text x='16' y='%d' class='t'>%s</text>\n", y + 12, title[$1])
    y += 20
    last = $1
}
{
    ratio = $5 + 0
    shown = ratio > most ? most : ratio
    name = $2 in label ? label[$2] : $2
    unit = $3 == "MB/s" ? "MB/s" : "/s"
    amount = $4 >= 100 ? commas(int($4 + 0.5)) : sprintf("%.1f", $4)
    body = body sprintf("<text x='%d' y='%d' class='n'>%s</text>\n", left - 8, y + 11, name)
    body = body sprintf("<rect x='%d' y='%d' width='%.1f' height='%d' rx='2' fill='%s'/>\n",
        left, y + 1, shown * scale, bar - 3, $2 in colour ? colour[$2] : "#444")
    # From the lowest round to the highest.
    unit_width = $4 > 0 ? ratio / $4 * scale : 0
    end = left + shown * scale
    if ($7 > $6 && ratio <= most && $7 * unit_width <= most * scale) {
        end = left + $7 * unit_width
        body = body sprintf("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' class='w'/>\n",
            left + $6 * unit_width, y + bar / 2, end, y + bar / 2)
    }
    body = body sprintf("<text x='%.1f' y='%d' class='v'>%s%.2f  <tspan class='a'>%s %s</tspan></text>\n",
        end + 6, y + 11, ratio > most ? "&#8594; " : "", ratio, amount, unit)
    y += bar
}
function commas(n,    s) {
    s = n ""
    while (match(s, /[0-9][0-9][0-9][0-9]($|,)/)) s = substr(s, 1, RSTART) "," substr(s, RSTART + 1)
    return s
}
END {
    printf "<svg xmlns='http://www.w3.org/2000/svg' width='%d' height='%d' font-family='Helvetica, Arial, sans-serif'>\n", width, y + 24
    print "<style>.w{stroke:#1c2128;stroke-opacity:.45}.t{font-size:13px;font-weight:bold;fill:#1c2128}.n{font-size:11px;fill:#444c56;text-anchor:end}"
    print ".v{font-size:11px;fill:#1c2128}.a{fill:#768390}.h{font-size:17px;font-weight:bold;fill:#1c2128}.s{font-size:12px;fill:#57606a}</style>"
    print "<rect width='100%' height='100%' fill='white'/>"
    print "<text x='16' y='30' class='h'>mod_iisresp beside a C handler and its peers</text>"
    print "<text x='16' y='50' class='s'>Throughput as a ratio to the grey bar of each case; longer is better. Medians and extremes of one run, 4 threads each.</text>"
    if (machine) printf "<text x='%d' y='30' class='s' text-anchor='end'>%s</text>\n", width - 16, machine
    printf "<line x1='%.1f' y1='62' x2='%.1f' y2='%d' stroke='#d0d7de' stroke-dasharray='3,3'/>\n", left + scale, left + scale, y
    printf "%s</svg>\n", body
}
