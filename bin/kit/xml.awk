# xml.awk: reads one XML document, one tag a record, and calls, of the program
# that follows it, on_open(name) with the attributes in A[], on_text(text),
# on_close(name) and on_end(). Enough for IIS and Visual Studio files:
# namespaces stay in the names, document types are skipped.
BEGIN { RS = "<"; line = 1; depth = 0 }

{
    piece = held == "" ? $0 : held "<" $0
    at = line
    line += gsub(/\n/, "\n", $0)
    held = ""
    if (NR == 1) {
        if (piece ~ /[^ \t\r\n\357\273\277]/) {
            bad("no XML file: it does not begin with a tag")
        }
        next
    }
    if (skip(piece, "!--", "-->") || skip(piece, "![CDATA[", "]]>")) {
        next
    }
    if (piece !~ /^[?!]/) {
        tag(piece)
    }
}

END {
    if (failed) {
        exit 1
    }
    if (held != "" || depth) {
        bad(depth ? "<" stack[depth] "> is not closed" : "a comment is not closed")
    }
    on_end()
}

# Whether this is, or begins, what stands between these two marks.
function skip(piece, begin, end,    where)
{
    if (substr(piece, 1, length(begin)) != begin) {
        return 0
    }
    where = index(piece, end)
    if (!where) {
        held = piece
    }
    else if (begin == "![CDATA[") {
        on_text(substr(piece, length(begin) + 1, where - length(begin) - 1))
    }
    return 1
}

function tag(piece,    name, rest, one, key)
{
    if (!match(piece, /^\/?[A-Za-z_][-A-Za-z0-9_.:]*/)) {
        bad("a stray <")
    }
    name = substr(piece, 1, RLENGTH)
    rest = substr(piece, RLENGTH + 1)
    split("", A)
    while (match(rest, /^[ \t\r\n]+[A-Za-z_][-A-Za-z0-9_.:]*[ \t\r\n]*=[ \t\r\n]*("[^"]*"|'[^']*')/)) {
        one = substr(rest, 1, RLENGTH)
        rest = substr(rest, RLENGTH + 1)
        key = one
        sub(/[ \t\r\n]*=.*/, "", key)
        sub(/^[ \t\r\n]+/, "", key)
        sub(/^[^=]*=[ \t\r\n]*/, "", one)
        A[key] = plain(substr(one, 2, length(one) - 2))
    }
    if (!match(rest, /^[ \t\r\n]*\/?>/)) {
        bad("<" name " is not well-formed")
    }
    one = substr(rest, 1, RLENGTH)
    rest = substr(rest, RLENGTH + 1)
    if (name ~ /^\//) {
        close_tag(substr(name, 2))
    }
    else {
        stack[++depth] = name
        on_open(name)
        if (one ~ /\//) {
            close_tag(name)
        }
    }
    if (rest ~ /[^ \t\r\n]/) {
        on_text(plain(rest))
    }
}

function close_tag(name)
{
    if (!depth || stack[depth] != name) {
        bad("</" name "> closes <" (depth ? stack[depth] : "nothing") ">")
    }
    on_close(name)
    depth--
}

# Without entities and without control characters.
function plain(text)
{
    gsub(/&lt;/, "<", text)
    gsub(/&gt;/, ">", text)
    gsub(/&quot;/, "\"", text)
    gsub(/&apos;/, "'", text)
    gsub(/&#[xX0-9a-fA-F]*;/, "?", text)
    gsub(/&amp;/, "\\&", text)
    gsub(/[\001-\037\177]+/, " ", text)
    return text
}

function bad(text)
{
    failed = 1
    printf "%s: %s, line %d: %s\n", me, FILENAME, at, text >"/dev/stderr"
    exit 1
}
