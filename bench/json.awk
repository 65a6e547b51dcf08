# json.awk: results.tsv as JSON.
BEGIN { FS = "\t"; print "[" }
{
    printf "%s  {\"case\": \"%s\", \"contender\": \"%s\", \"unit\": \"%s\", \"median\": %s, \"ratio\": %s, \"low\": %s, \"high\": %s}",
        (NR > 1 ? ",\n" : ""), $1, $2, $3, $4, ($5 == "-" ? "null" : $5), $6, $7
}
END { print "\n]" }
