#!/bin/sh
# What make check and make check-all run: one line for each program or script,
# of four fields with tabs between them: when it runs, its label, what make
# builds for it, and its command. New files are found by their names.
# Usage: tests/plan.sh check|all <build folder>
#
# When: 1 takes a processor; 2 as well, and looks at what the first have left;
# 3 starts servers and mostly waits; 4 the same, alone, since it measures.
set -u
level=$1 build=$2
tab='	'

line() { # line <when> <label> <targets> <command>
    echo "$1$tab$2$tab$3$tab$4"
}

programs() { # programs <label> <folder of sources> <folder of programs> [name...]
    label=$1 sources=$2 folder=$3
    shift 3
    for source in "$sources"/test_*; do
        name=$(basename "$source")
        name=${name%.*}
        [ $# = 0 ] || case " $* " in *" ${name#test_} "*) ;; *) continue ;; esac
        line 1 "$label-$name" "$build/$folder/$name" "$build/$folder/$name"
    done
}

scripts() { # scripts <when> <label> <targets> <file...>
    when=$1 label=$2 targets=$3
    shift 3
    for script; do
        [ ! -e "$script" ] || line "$when" "$label-$(basename "$script" .sh)" "$targets" "sh $script $build"
    done
}

# What a program's source names is what its servers load.
ports_of() { # ports_of <source>
    for port in tests/ports/*.cpp tests/projects/*/; do
        name=$(basename "$port" .cpp)
        ! grep -qw -- "$name" "$1" tests/httpd/site.c 2>/dev/null || printf '%s/ports/%s.so ' "$build" "$name"
    done
    ! grep -q server_preload "$1" || printf '%s ' "$build/httpd/shortwrite.so" "$build/httpd/closing.so" "$build/httpd/starve.so"
}

servers() { # servers <label> <folder> <module> <variables> [name...]
    label=$1 folder=$2 module=$3 variables=$4 raced=''
    case $module in */tsan/*) raced="$build/httpd/ordered.so $build/tsan/ports/uploads.so $build/tsan/ports/waits.so" ;; esac
    shift 4
    for source in "tests/$folder"/test_*.c; do
        name=$(basename "$source" .c)
        [ $# = 0 ] || case " $* " in *" ${name#test_} "*) ;; *) continue ;; esac
        # Some look at the module without sanitizers beside the other one.
        line 3 "$label-$name" \
            "$build/$folder/$name $build/mod_iisresp.so $module $raced $(ports_of "$source")" \
            "env IISR_MODULE=$module $variables $build/$folder/$name"
    done
}

plain=$build/mod_iisresp.so
units=$(programs '' tests/unit asan/unit | cut -f3 | tr '\n' ' ')

scripts 1 kit "$plain" tests/kit/*.sh
if [ "$level" = all ]; then
    line 1 abi '' "sh tests/abi/run.sh $build"
    for kind in asan tsan; do
        programs $kind-win32 tests/win32 $kind/win32
    done
    programs tsan-unit tests/unit tsan/unit completion interleaving parked
    for fuzzed in tests/fuzz/*.c; do
        name=$(basename "$fuzzed" .c)
        ! command -v clang >/dev/null || line 1 "fuzz-$name" "$build/fuzz/$name" "sh tests/fuzz/run.sh $build $name"
    done
else
    line 1 abi '' "env IISR_ABI=g++-c++17 sh tests/abi/run.sh $build"
    programs asan-win32 tests/win32 asan/win32
fi
programs asan-unit tests/unit asan/unit
scripts 1 guard "$plain" tests/guards/exports.sh
for guard in tests/guards/*.sh; do
    case $guard in
    */exports.sh) ;;
    */methods.sh) scripts 2 guard "$units" "$guard" ;;
    *) scripts 1 guard '' "$guard" ;;
    esac
done

if [ "$level" = all ]; then
    servers httpd-asan httpd "$build/asan/mod_iisresp.so" ''
    servers httpd-plain httpd "$plain" ''
    servers httpd-noepoll httpd "$build/noepoll/mod_iisresp.so" IISR_MPM=event stream
    # What waits, where it leaves its thread.
    servers httpd-tsan httpd "$build/tsan/mod_iisresp.so" IISR_MPM=event async life reading stream wait
    servers attack-asan attack "$build/asan/mod_iisresp.so" ''
else
    servers httpd-event httpd "$plain" IISR_MPM=event
    servers httpd-worker httpd "$plain" IISR_MPM=worker stream pipeline
    servers httpd-prefork httpd "$plain" IISR_MPM=prefork stream pipeline
fi
