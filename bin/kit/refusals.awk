# refusals.awk: of the interfaces that docs/interfaces.md does not call fully
# working, prints the rows whose methods, or whose own names, these sources
# use. Reads the page first, then the sources.
BEGIN { FS = "|" }

FNR == NR {
    if ($0 ~ /^\| *C?I?[A-Z][A-Za-z]+[0-9]? *\|/ && $3 !~ /^ works *$/) {
        gsub(/^ +| +$/, "", $2)
        gsub(/^ +| +$/, "", $3)
        row[$2] = $3
        order[++n] = $2
    }
    next
}

{
    sub(/\/\/.*/, "", $0)
    rest = $0
    while (match(rest, /[A-Za-z_][A-Za-z0-9_]*/)) {
        word = substr(rest, RSTART, RLENGTH)
        before = RSTART > 2 ? substr(rest, RSTART - 2, 2) : ""
        rest = substr(rest, RSTART + RLENGTH)
        if (before == "->" || before ~ /[.]$/) {
            called[word] = 1
        }
        else {
            used[word] = 1
        }
    }
}

END {
    for (i = 1; i <= n; i++) {
        rest = row[order[i]]
        found = ""
        while (match(rest, /[A-Z][A-Za-z]*[a-z][A-Za-z]*/)) {
            word = substr(rest, RSTART, RLENGTH)
            rest = substr(rest, RSTART + RLENGTH)
            if (word in called) {
                found = found " " word
            }
        }
        if (found == "" && row[order[i]] ~ /^declared/ && (order[i] in used)) {
            found = " " order[i]
        }
        if (found != "") {
            print "  uses" found ": " order[i] ": " row[order[i]]
        }
    }
}
