# medians.awk: case, contender, unit, median, ratio to the case's first
# contender, lowest and highest, from lines of case, contender, unit, value;
# in the order in which cases and contenders first appear.
BEGIN { FS = OFS = "\t" }
{
    key = $1 FS $2
    if (!(key in count)) {
        order[++keys] = key
        unit[key] = $3
        if (!($1 in first)) first[$1] = key
        case_of[key] = $1
    }
    if ($4 != "") value[key, ++count[key]] = $4 + 0
}
function median(key,    i, j, n, v, swap) {
    n = count[key]
    for (i = 1; i <= n; i++) v[i] = value[key, i]
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && v[j - 1] > v[j]; j--) { swap = v[j]; v[j] = v[j - 1]; v[j - 1] = swap }
    low[key] = v[1]
    high[key] = v[n]
    return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
END {
    for (i = 1; i <= keys; i++) m[order[i]] = median(order[i])
    for (i = 1; i <= keys; i++) {
        key = order[i]
        yard = m[first[case_of[key]]]
        print key, unit[key], m[key], (yard ? sprintf("%.3f", m[key] / yard) : "-"), low[key], high[key]
    }
}
