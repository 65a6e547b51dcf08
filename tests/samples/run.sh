#!/bin/sh
# Compiles, loads and runs Microsoft's published samples, each in an httpd of
# its own, and compares with expectations.tsv. The samples stay where they
# are: DIR is a checkout of MicrosoftDocs/iis-docs.
#
#   tests/samples/run.sh DIR [build folder] [sample...]
#
# MPM=event|worker|prefork, JOBS=2, CLANG=no (g++ alone); the outcome of each sample, with what was
# seen, stays below <build folder>/samples.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$(pwd)

fail() { # fail <sample> <reason>: what the sample's line says
    echo "failed $1: $2"
    exit 0
}

# --- one sample, in a process of its own ---------------------------------------

# The words behind a mark: seen "body" prints each text that must be there.
seen() { printf '%s\n' "$expected" | awk -v RS=' [|] ' -v mark="$1 " 'index($0, mark) == 1 { sub(/\n$/, ""); print substr($0, length(mark) + 1) }'; }
wants() { case " $expected " in "$1 "*|*" | $1 "*) return 0 ;; esac; return 1; }

source_of() {
    folder=$root/${sample%%/*}
    [ ! -d "$root/$sample" ] || folder=$root/$sample
    file=${sample##*/}
    [ -d "$folder/cpp" ] && folder=$folder/cpp || folder=$folder/CPP
    for f in "$folder"/*.vcxproj "$folder"/*.vcproj "$folder/$file.cpp"; do
        case $f in */_base.vcproj) continue ;; esac     # of a console program, left in the folder of a module
        [ -f "$f" ] && { echo "$f"; return; }
    done
    grep -sL _tmain "$folder"/*.cpp
}

# Newer than its source and the headers: a second run compiles nothing.
is_fresh() { [ -e "$1" ] && [ "$1" -nt "$2" ] && [ -z "$(find include bin -type f -newer "$1" | head -n 1)" ]; }

compile() {
    flags="-O0 -g0 -w -D_DEBUG"     # many write to the event log in debug builds only
    case $with in *unicode*) flags="$flags -DUNICODE -D_UNICODE" ;; esac
    mkdir -p "$out/built"
    so=$out/built/$name.so
    # shellcheck disable=SC2086
    is_fresh "$so" "$1" || bin/iisresp-port build $flags "$@" -o "$so" >"$work/compiled" 2>&1 \
        || return 1
    [ "${CLANG:-yes}" = yes ] && command -v clang++ >/dev/null || return 0
    # shellcheck disable=SC2086
    is_fresh "$so.clang" "$1" || { CXX=clang++ bin/iisresp-port check $flags "$@" >"$work/compiled" 2>&1 \
        && : >"$so.clang"; }
}

make_files() {
    mkdir -p "$work/root/htdocs/example"
    cd "$work/root/htdocs" || exit 1
    echo '<p>a static page</p>' | tee index.html x.htm default.htm default.aspx rPost.htm >/dev/null
    echo 'content of Test.htm' >Test.htm
    echo 'example htm' >example/default.htm
    echo 'example asp' >example/default.asp
    echo 'example aspx' >example/default.aspx
    cd "$top" || exit 1
}

make_config() {
    echo "LogLevel notice iisresp:debug"
    echo "DirectoryIndex default.aspx"
    # What a sample counts, it counts in a process.
    echo "StartServers 1"
    [ "$mpm" = prefork ] || echo "MinSpareThreads 1"
    echo "AddType text/html .htm .html .asp .aspx"
    case $with in *echo*) echo "IISModule echo $out/echo.so" ;; esac
}

logged() { grep -qsF -- "$1" "$log"; }
soon() { # soon <tries> <command...>
    tries=$1
    shift
    while [ "$tries" -gt 0 ]; do
        "$@" && return 0
        sleep 0.1
        tries=$((tries - 1))
    done
    return 1
}

start_server() {
    make_files
    make_config >"$work/more.conf"
    bin/iisresp-express setup "$work/root" "$so" --port "$port" --mpm "$mpm" \
        --conf "$work/more.conf" >"$work/setup" 2>&1 || fail "$sample" "$(tail -n 1 "$work/setup")"
    httpd=$(sed -n 's/^start with: \([^ ]*\) .*/\1/p' "$work/setup")
    log=$work/root/logs/error
    "$httpd" -f "$work/root/httpd.conf" -DFOREGROUND 2>"$work/stderr" &
    server=$!
    trap 'kill $server 2>/dev/null; wait $server 2>/dev/null' EXIT
    soon 300 logged "resuming normal operations" \
        || fail "$sample" "httpd does not start: $(tail -n 1 "$log" 2>/dev/null) $(tail -n 1 "$work/stderr")"
}

stop_server() {
    case $with in
    *restart*)
        kill -USR1 $server
        soon 100 sh -c "[ \$(grep -c 'resuming normal operations' '$log') = 2 ]"
        ;;
    esac
    kill -WINCH $server
    soon 100 sh -c "! kill -0 $server 2>/dev/null" || kill $server
    wait $server 2>/dev/null
    trap - EXIT
}

send_request() {
    # shellcheck disable=SC2086
    set -- $request
    method=$1 path=$2
    shift 2
    data="$*" times=1
    [ "$method" = GET ] && [ -n "$data" ] && { times=$data; data=''; }
    : >"$work/body"
    while [ "$times" -gt 0 ]; do
        # shellcheck disable=SC2086
        curl -s --max-time 90 -D "$work/head" -o "$work/one" -w '%{http_code}\n' -X "$method" -A "a browser" \
            -H "Accept-Language: en-us" ${data:+--data-binary "$data"} -H "Content-Type: text/plain" \
            "http://127.0.0.1:$port$path" >"$work/code"
        curled=$?
        cat "$work/one" >>"$work/body" 2>/dev/null
        times=$((times - 1))
    done
    code=$(cat "$work/code")
}

# Every word of what is expected, the first that is not so named.
compare() {
    if wants reset; then
        [ $curled = 56 ] || [ $curled = 52 ] || fail "$sample" "the connection was not reset ($curled, $code)"
        return
    fi
    wants loads && return
    if wants same; then
        [ "$code" = 200 ] && grep -qxF '<p>a static page</p>' "$work/body" \
            && [ "$(wc -l <"$work/body")" = 1 ] || fail "$sample" "the answer changed: $code $(head -c 60 "$work/body")"
    fi
    seen status | while read -r text; do
        [ "$code" = "$text" ] || { echo "status $code, not $text"; exit 1; }
    done && seen body | while read -r text; do
        grep -qF -- "$text" "$work/body" || { echo "no '$text' in: $(head -c 100 "$work/body")"; exit 1; }
    done && seen 'body!' | while read -r text; do
        ! grep -qF -- "$text" "$work/body" || { echo "'$text' in: $(head -c 100 "$work/body")"; exit 1; }
    done && seen 'body=' | while read -r text; do
        [ "$(printf "$text.")" = "$(cat "$work/body"; echo .)" ] || { echo "not '$text' but: $(head -c 100 "$work/body")"; exit 1; }
    done && seen 'body~' | while read -r text; do
        grep -qE -- "$text" "$work/body" || { echo "no $text in: $(head -c 100 "$work/body")"; exit 1; }
    done && seen once | while read -r text; do
        [ "$(grep -oF -- "$text" "$work/body" | wc -l)" = 1 ] || { echo "'$text' not once in: $(head -c 100 "$work/body")"; exit 1; }
    done && seen head | while read -r text; do
        grep -qiF -- "$text" "$work/head" || { echo "no '$text' in the header fields"; exit 1; }
    done && seen 'head!' | while read -r text; do
        ! grep -qiF -- "$text" "$work/head" || { echo "'$text' in the header fields"; exit 1; }
    done && seen log | while read -r text; do
        logged "$text" || { echo "no '$text' in the error log"; exit 1; }
    done
}

# Refused is what a documented message says that the sample ran into.
outcome() {
    if grep -qE 'exit signal|AddressSanitizer|Segmentation' "$log"; then
        fail "$sample" "httpd crashed: $(grep -oE 'exit signal.*' "$log" | head -n 1)"
    fi
    refused=$(grep -oE 'IISR[0-9]{4}' "$log" | sort -u | tr '\n' ' ')
    if why=$(compare); then
        case $why in failed*) echo "$why"; return ;; esac
        case $with in
        *never*) echo "refused $sample: registers for what httpd never raises (docs/notifications.md)" ;;
        *unsupported*) echo "refused $sample: IIS does not support it either (its page says so)" ;;
        *refused*) [ -n "$refused" ] && echo "refused $sample: $refused(docs/messages.md)" \
                       || echo "failed $sample: nothing is said of what it is refused" ;;
        *) echo "passed $sample" ;;
        esac
    else
        echo "failed $sample: $why${refused:+ ($refused)}"
    fi
}

# shellcheck disable=SC2086  # $source: one project, or the sources of a sample without one
run_one() {
    name=$(printf '%s' "$sample" | tr '/' '-')
    work=$out/$name
    rm -rf "$work"
    mkdir -p "$work"
    source=$(source_of) || fail "$sample" "no source below $root"
    case $with in
    none) echo "left-out $sample: $expected"; return ;;
    broken)
        compile $source && fail "$sample" "compiles, though it is listed as broken"
        echo "broken $sample: does not compile on Windows either: $expected"
        return
        ;;
    esac
    [ "$with" != faulty ] || { compile $source || fail "$sample" "does not compile"
        echo "broken $sample: not run: $expected"; return; }
    compile $source || fail "$sample" "does not compile: $(grep -m 1 -E 'error: ' "$work/compiled" || head -n 1 "$work/compiled")"
    expected=$(printf '%s' "$expected" | sed "s|%ROOT%|$work/root/htdocs|g")
    start_server
    send_request
    stop_server
    outcome
}

# --- all of them ------------------------------------------------------------------

if [ "${1:-}" = --one ]; then
    out=$2 root=$3 mpm=$4
    number=${5%%"	"*}
    IFS='	' read -r number sample with request expected <<END
$5
END
    port=$((20000 + number))
    run_one
    exit 0
fi

dir=${1:-}
build=${2:-build}
[ $# -lt 2 ] || shift
[ $# -lt 1 ] || shift
[ -n "$dir" ] || { echo "DIR is to name a checkout of https://github.com/MicrosoftDocs/iis-docs: make check-samples DIR=..." >&2; exit 2; }
root=$(realpath "$dir")/samples/snippets/cpp/VS_Snippets_IIS/IIS7
[ -d "$root" ] || { echo "$dir: no checkout of MicrosoftDocs/iis-docs: samples/snippets/cpp/VS_Snippets_IIS/IIS7 is not in it" >&2; exit 2; }
command -v curl >/dev/null || { echo "curl is not installed" >&2; exit 2; }
mkdir -p "$build/samples"
out=$(realpath "$build/samples")
bin/iisresp-port build tests/samples/echo.cpp -o "$out/echo.so" || exit 1

chosen() {
    grep -v '^#' tests/samples/expectations.tsv | awk -F'\t' -v only="$*" 'BEGIN { n = split(only, o, " ") }
        { ok = n == 0; for (i = 1; i <= n; i++) if (index($1, o[i])) ok = 1 } ok { print NR "\t" $0 }'
}
chosen "$@" | tr '\n' '\0' | xargs -0 -P "${JOBS:-2}" -n 1 sh "$top/tests/samples/run.sh" --one "$out" "$root" "${MPM:-event}" \
    | tee "$out/results"
awk '{ n[$1]++ } END { printf "%d passed, %d refused as documented, %d broken on Windows too, %d failed; %d of the rows are no modules\n", n["passed"], n["refused"], n["broken"], n["failed"], n["left-out"]; exit n["failed"] > 0 }' "$out/results"
