# parts.sh: what iisresp-express and iisresp-port share: where the parts of
# an installation or a checkout are, and which compiler builds a port. Sourced
# with $self, the folder of the command, and $me, its name; starts nothing.
# shellcheck shell=sh

# shellcheck disable=SC2154
top=$(dirname -- "$self")

die() { echo "$me: $*" >&2; exit 1; }

first() { for f in "$@"; do [ -e "$f" ] && { echo "$f"; return; }; done; return 1; }

version=0.1.0
version_line() { echo "$me $version (mod_iisresp)"; }

# Sets $headers.
find_headers() {
    headers=$(first "$top/include/iis" "$top/include/mod_iisresp/iis") \
        || die "include/iis is not beside this command"
}

# Sets $httpd, $moddir and $module.
find_server() {
    httpd=$(command -v apache2 || command -v httpd || first /usr/sbin/apache2 /usr/sbin/httpd) \
        || die "no httpd found: install apache2, or put httpd on the PATH"
    apxs=${APXS:-$(command -v apxs || command -v apxs2 || true)}
    moddir=$([ -n "$apxs" ] && "$apxs" -q LIBEXECDIR \
             || first /usr/lib/apache2/modules /usr/lib64/httpd/modules /usr/libexec/apache2) \
        || die "no folder of httpd modules found"
    module=$(first "$top/build/mod_iisresp.so" "$moddir/mod_iisresp.so") \
        || die "mod_iisresp.so is not built: run 'make' first"
}

# Sets $cxx and what it needs beside the port's own flags: g++ merges statics
# of inline functions between modules unless told not to; both accept, as
# MSVC does, a pointer cast to a shorter integer.
find_compiler() {
    cxx=${CXX:-$(command -v g++ || command -v clang++ || true)}
    [ -n "$cxx" ] || die "no C++ compiler found: install g++"
    compiler=$($cxx --version 2>/dev/null) || die "the compiler does not run: $cxx"
    case $compiler in
    *clang*) cxx_flags="-fms-extensions -Wno-microsoft" ;;
    *) cxx_flags="-fno-gnu-unique -fpermissive" ;;
    esac
}
