# objects.sh: how iisresp-port compiles: side by side, what has changed alone,
# and the big headers once. Sourced by it, with its variables.
# shellcheck shell=sh disable=SC2154

# $cache: what stays between runs; below $work when there is no place for it.
find_cache() {
    cache=${IISRESP_CACHE:-${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/iisresp}
    mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || { cache=$work/cache; mkdir -p "$cache"; }
    # What nobody has used for a week goes.
    find "$cache" -mindepth 1 -maxdepth 1 -mtime +7 -exec rm -rf {} + 2>/dev/null
}

sum() { cksum | tr ' ' -; }

# What respell has made stays too, as old as it is: objects depend on it.
keep_spelled() {
    [ -n "$misspelled" ] || return 0
    kept=$cache/$(cd "$work/1" && find . -type f -print -exec cat {} + | sum).spelled
    mkdir -p "$kept"
    [ -d "$kept/1" ] || mv "$work/1" "$kept/1" 2>/dev/null
    touch "$kept"
    spelled=$kept/1/2/3/4/5
}

# $wrapped: wrap.sh's folder for this compiler. $base: the sum of the compiler
# and of our headers, as they are.
find_wrapped() {
    identity=$({ $cxx --version; command -v "${cxx%% *}"; cksum <"$kit/wrap.sh"; } | sum)
    wrapped=$cache/$identity.std
    if [ ! -d "$wrapped" ]; then
        sh "$kit/wrap.sh" "$work/std" $cxx && mv "$work/std" "$wrapped" 2>/dev/null
        [ -d "$wrapped" ] || wrapped=$work/std
    else
        touch "$wrapped"
    fi
    base=$identity-$(find "$headers" -type f -newermt @0 -printf '%p %T@\n' | sort | sum)
}

# The includes that a source begins with, up to httpserv.h; one that stands
# beside it with its folder.
beginning() { # beginning <source>
    tr -d '\r' <"$1" | awk '
        NR == 1 { sub(/^\357\273\277/, "") }
        /^[ \t]*\/\*/ && !/\*\// { inside = 1 }
        inside { if (/\*\//) inside = 0; next }
        /^[ \t]*(\/\/.*|\/\*.*\*\/[ \t]*)?$/ { next }
        /^[ \t]*#[ \t]*(include|define)[ \t]/ && !/\\$/ { print; if (tolower($0) ~ /include.*(httpserv|stdafx|pch)\.h/) exit; next }
        { exit }' | while read -r line; do
        name=$(printf '%s' "$line" | sed -n 's/^#[ \t]*include[ \t]*"\(.*\)".*/\1/p')
        if [ -n "$name" ] && [ -f "$(dirname -- "$1")/$name" ]; then
            echo "#include \"$(realpath -- "$(dirname -- "$1")/$name")\""
        else
            printf '%s\n' "$line"
        fi
    done
}

# Sets $prefix: a header, compiled already, of what all sources begin with.
make_prefix() { # make_prefix [option...]: those of the compilations to come
    prefix=''
    first=yes
    while read -r source; do
        case $source in ''|*.c) continue ;; esac
        beginning "$source" >"$work/beginning"
        if [ -n "$first" ]; then
            cp "$work/beginning" "$work/common"
        else
            awk 'NR == FNR { line[++n] = $0; next } FNR > n || $0 != line[FNR] { exit } { print }' \
                "$work/common" "$work/beginning" >"$work/shorter"
            mv "$work/shorter" "$work/common"
        fi
        first=''
    done <<END
$sources
END
    grep -q '#[ 	]*include' "$work/common" 2>/dev/null || return 0
    verbose_before=$verbose verbose=only
    key=$({ echo "$base"; compile "$work/common" "$@" | sed "s|$work||g"; cat "$work/common"; pwd; } | sum)
    verbose=$verbose_before
    made=$cache/$key.pch
    if ! is_fresh "$made/begin.h.gch" "$made/begin.d"; then
        # For one source that comes once it costs more than it saves.
        if [ ! -d "$made" ] && [ "$(echo "$sources" | grep -c .)" -lt 2 ]; then
            mkdir -p "$made"
            return 0
        fi
        mkdir -p "$made" "$work/pch"
        cp "$work/common" "$work/pch/begin.h" && mv "$work/pch/begin.h" "$made/"
        # shellcheck disable=SC2046
        compile "$made/begin.h" $(without_syntax "$@") -MMD -MF "$work/pch/begin.d" -MT begin -x c++-header \
            -o "$work/pch/begin.h.gch" 2>/dev/null || return 0
        # Another run may be at the same: each file changes as a whole.
        mv "$work/pch/begin.h.gch" "$work/pch/begin.d" "$made/"
    fi
    touch -c "$made"
    prefix=$made/begin.h
}

without_syntax() { for word; do [ "$word" = -fsyntax-only ] || echo "$word"; done; }

# is_fresh <file> <what it depends on, as -MMD writes it>: all of that is older.
is_fresh() {
    [ -s "$1" ] && [ -s "$2" ] || return 1
    # A blank in a name is written with a backslash.
    sed 's/^[^:]*: *//; s/ *\\$//; s/\\ /\t/g' "$2" | tr ' ' '\n' | tr '\t' ' ' >"$work/depends"
    while read -r needed; do
        [ -z "$needed" ] && continue
        [ -e "$needed" ] && ! [ "$needed" -nt "$1" ] || return 1
    done <"$work/depends"
}

# Compiles one source to an object that stays; what the compiler says stays too.
make_object() { # make_object <source> <object without .o>
    [ -z "$verbose" ] || { verbose=only; compile "$1" -c | tr '\n' ' ' | sed 's/ $//'; echo; } >&2
    # What is kept is what the compiler says, not what it was asked.
    child='' in_place=yes verbose=''
    trap '[ -z "$child" ] || { kill "$child"; wait "$child"; } 2>/dev/null; rm -f "$2.$$".*; exit 143' TERM
    # Again without: a header that cannot be read twice, or ahead of others.
    until compile "$1" -MMD -MF "$2.$$.d" -MT object -c -o "$2.$$.o" 2>"$2.$$.said" & child=$! && wait $child; do
        [ -n "$prefix" ] || { rm -f "$2.o" "$2.$$".[do]; mv "$2.$$.said" "$2.said"; return 1; }
        prefix=''
    done
    mv "$2.$$.said" "$2.said" && mv "$2.$$.d" "$2.d" && mv "$2.$$.o" "$2.o"
}

# Sets $objects; as many compilers at a time as there are processors.
make_objects() {
    objects='' running=''
    processors=$(nproc 2>/dev/null || echo 2)
    : >"$work/commands"
    while read -r source; do
        [ -n "$source" ] || continue
        verbose_before=$verbose verbose=only
        key=$({ echo "$base"; compile "$source" -c | sed "s|$work||g"; pwd; } | sum)
        compile "$source" -c | sed "s|^$work.*||" | json_command "$source" >>"$work/commands"
        verbose=$verbose_before
        mkdir -p "$cache/$key.object"
        object=$cache/$key.object/object
        objects="$objects$nl$object.o"
        echo "$source$nl$object" >>"$work/made"
        # A precompiled header stands for all that it is made of.
        if is_fresh "$object.o" "$object.d" && { [ -z "$prefix" ] || ! [ "$prefix.gch" -nt "$object.o" ]; }; then
            touch -c "$cache/$key.object"
            continue
        fi
        rm -f "$object.o"
        (make_object "$source" "$object") &
        running="$running $!"
        # shellcheck disable=SC2086
        set -- $running
        if [ $# -ge "$processors" ]; then
            wait "$1"
            shift
            running=$*
        fi
    done <<END
$sources
END
    wait
    while read -r source && read -r object; do
        [ ! -s "$object.said" ] || cat "$object.said" >&2
        [ ! -e "$object.o" ] || continue
        cp "$object.said" "$work/said"
        prefix=''
        try_later "$source"
        { echo "$me: $source does not compile:${later:+ $later}"; explain "$work/said"; } >&2
        exit 1
    done <"$work/made"
}

# One entry of compile_commands.json, of words one a line.
json_command() { # json_command <source>
    sed 's/[\\"]/\\&/g' | awk -v folder="$(pwd | sed 's/[\\"]/\\&/g')" -v file="$(printf '%s' "$1" | sed 's/[\\"]/\\&/g')" '
        BEGIN { printf "  { \"directory\": \"%s\", \"file\": \"%s\", \"arguments\": [", folder, file }
        $0 == "-include" { skip = 1; next }
        skip { skip = 0; next }
        $0 != "" { printf "%s\"%s\"", n++ ? ", " : "", $0 }
        END { print "] }" }'
}

# For editors: compile_commands.json beside the module.
write_commands() {
    { echo '['; sed '$!s/$/,/' "$work/commands"; echo ']'; } >"$(dirname -- "$output")/compile_commands.json" 2>/dev/null
}
