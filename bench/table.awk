# table.awk: results.tsv for people: one line a contender, a blank line
# between cases.
BEGIN {
    FS = "\t"
    printf "%-26s %-10s %12s %-6s %8s   %s\n", "case", "contender", "median", "unit", "ratio", "lowest to highest"
}
$1 != last { print ""; last = $1 }
{ printf "%-26s %-10s %12s %-6s %8.2f   %s to %s\n", $1, $2, $4, $3, $5, $6, $7 }
