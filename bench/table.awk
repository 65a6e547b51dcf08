# table.awk: results.tsv for people: one line a contender, a blank line
# between cases.
BEGIN {
    FS = "\t"
    printf "%-24s %-9s %11s %-5s %6s %12s %6s   %s\n", "case", "contender", "median", "", "ratio",
        "cpu us each", "ratio", "lowest to highest"
}
$1 != last { print ""; last = $1 }
{
    cpu = $8 > 0 ? sprintf("%12.1f %6.2f", $8, $9) : sprintf("%12s %6s", "", "")
    printf "%-24s %-9s %11s %-5s %6.2f %s   %s to %s\n", $1, $2, $4, $3, $5, cpu, $6, $7
}
