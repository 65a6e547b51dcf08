# json.awk: results.tsv as JSON.
BEGIN { FS = "\t"; print "[" }
function number(s) { return s == "-" || s == "" ? "null" : s + 0 }
{
    printf "%s  {\"case\": \"%s\", \"contender\": \"%s\", \"unit\": \"%s\", \"median\": %s, \"ratio\": %s, " \
        "\"low\": %s, \"high\": %s, \"cpu_us\": %s, \"cpu_ratio\": %s}", (NR > 1 ? ",\n" : ""), $1, $2, $3,
        number($4), number($5), number($6), number($7), number($8), number($9)
}
END { print "\n]" }
