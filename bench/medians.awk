# medians.awk: from lines of case, contender, unit, value, processor time:
# case, contender, unit, median, ratio to the case's first contender, lowest,
# highest, median of the processor time, its ratio; in the order in which
# they first appear.
BEGIN { FS = OFS = "\t" }
{
    key = $1 FS $2
    if (!(key in count)) {
        order[++keys] = key
        unit[key] = $3
        case_of[key] = $1
        if (!($1 in first)) first[$1] = key
    }
    if ($4 != "") value[key, ++count[key]] = $4 + 0
    if ($5 != "") time[key, ++times[key]] = $5 + 0
}
# Sorts v[1..n]; the middle.
function median(v, n,    i, j, swap) {
    for (i = 2; i <= n; i++)
        for (j = i; j > 1 && v[j - 1] > v[j]; j--) { swap = v[j]; v[j] = v[j - 1]; v[j - 1] = swap }
    return n == 0 ? 0 : n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
function ratio(a, b) { return b ? sprintf("%.3f", a / b) : "-" }
END {
    for (k = 1; k <= keys; k++) {
        key = order[k]
        for (i = 1; i <= times[key]; i++) v[i] = time[key, i]
        cpu[key] = median(v, times[key] + 0)
        for (i = 1; i <= count[key]; i++) v[i] = value[key, i]
        middle[key] = median(v, count[key] + 0)
        low[key] = v[1]
        high[key] = v[count[key]]
    }
    for (k = 1; k <= keys; k++) {
        key = order[k]
        yard = first[case_of[key]]
        print key, unit[key], middle[key], ratio(middle[key], middle[yard]), low[key], high[key],
            cpu[key], ratio(cpu[key], cpu[yard])
    }
}
