# explain.awk: reads what a compiler said (-v source=the file that it was
# given, or "") and says it in porting terms, each name once: hints.tsv knows
# what to use instead. -v hints=hints.tsv -v docs=the folder of docs or a URL.
# Exits with 1 when something stands in the way of building.
BEGIN {
    while ((getline row < hints) > 0) {
        if (row !~ /^#/ && split(row, cell, "\t") == 4) {
            names[++n] = "^(" cell[1] ")$"
            what[n] = cell[2]
            instead[n] = cell[3]
            page[n] = cell[4]
        }
    }
    close(hints)
}

# file:line:column: error: ...
match($0, /^[^ :]+:[0-9]+:([0-9]+:)? (fatal )?error: /) {
    place = substr($0, 1, RLENGTH)
    message = substr($0, RLENGTH + 1)
    sub(/:([0-9]+:)? (fatal )?error: $/, "", place)
    explain(place, message)
}

/undefined reference to/ || /undefined symbol/ {
    message = $0
    sub(/^.*undefined/, "undefined", message)
    explain("linking", message)
}

# What follows an error on its line is mostly noise, unless it names something
# else that is missing.
function explain(place, message,    name, missing, i)
{
    name = named(message)
    missing = message ~ /not declared|undeclared|iis_uuid<|No such file|not found|does not name a type|unknown type|no member|undefined/
    if ((place in done) && !missing) {
        return
    }
    done[place] = 1
    if (name == "" || !missing) {
        item("", place ": " message, "")
        return
    }
    if (name in said) {
        return
    }
    said[name] = 1
    for (i = 1; i <= n; i++) {
        if (name ~ names[i]) {
            item(i, place, name)
            return
        }
    }
    item("", place ": " message, name)
}

# What one row of hints explains is said once, with all its names.
function item(row, text, name)
{
    if (row != "" && (row in at)) {
        who[at[row]] = who[at[row]] ", " name
        return
    }
    of_row[++items] = row
    texts[items] = text
    who[items] = name
    if (row != "") {
        at[row] = items
    }
}

# The name that a message is about: the header, or what is quoted first.
function named(message,    name)
{
    if (match(message, /^[^ ]+: No such file/)) {
        name = substr(message, 1, RLENGTH - 14)
    }
    else if (message ~ /no member named '/) {
        name = message
        sub(/^.*no member named '/, "", name)
    }
    else if (match(message, /['`][^']+'/)) {
        name = substr(message, RSTART + 1, RLENGTH - 2)
    }
    sub(/'.*/, "", name)
    sub(/\(.*/, "", name)
    sub(/^.*::/, "", name)
    sub(/^.*[\/\\]/, "", name)
    return name
}

END {
    for (i = 1; i <= items; i++) {
        row = of_row[i]
        if (row != "") {
            print "  " texts[i] ": " who[i] ": " what[row] ". " instead[row]
            print "    see " docs "/" page[row]
            continue
        }
        print "  " texts[i]
        if (who[i] != "") {
            unknown = unknown ", " who[i]
        }
    }
    if (unknown != "") {
        print "  " substr(unknown, 3) ": not part of the Win32 dialect here. Put it behind" \
            " #ifdef _WIN32, or use what C++ or POSIX has."
        print "    see " docs "/win32.md"
    }
    exit items > 0
}
