#!/bin/sh
# iisresp-port, iisresp-express and make install, as a user meets them.
# Usage: tests/kit/port.sh <build folder>; prints Check's last line.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$(pwd)
build=$top/${1:-build}
port=$top/bin/iisresp-port
express=$top/bin/iisresp-express
dir=$(mktemp -d "${TMPDIR:-/tmp}/iisresp-kit.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
# What has been compiled before with these headers is not again.
export IISRESP_CACHE="$build/kit-cache"
cd "$dir" || exit 1

checks=0 failures=0
it() { # it <sentence> <command...>: true when the command is
    checks=$((checks + 1))
    said=$1
    shift
    "$@" && return
    failures=$((failures + 1))
    echo "not so: it $said"
    sed 's/^/    | /' out | tail -n 20
}
works() { "$@" >out 2>&1; }
fails() { ! "$@" >out 2>&1; }
says() { grep -qF -- "$1" out; }
keeps_quiet_about() { ! grep -qF -- "$1" out; }
one_line() { [ "$(wc -l <out)" = 1 ]; }
exports() { nm -D --defined-only "$1" >out 2>&1 && grep -q " [TW] $2\$" out; }
hides() { nm -D --defined-only "$1" >out 2>&1 && ! grep -q "$2" out; }
merges_no_statics() { readelf -Ws "$1" >out 2>&1 && ! grep -q UNIQUE out; }

# --- check --------------------------------------------------------------------

cp "$top/examples/hello.cpp" hello.cpp
it "finds nothing wrong with a module" works $port check hello.cpp
it "counts what compiles" says "1 of 1 compile"

cat >windows_only.cpp <<'END'
#include <windows.h>
#include <httpserv.h>
int settings(void)
{
    HKEY key;
    RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"Software", 0, KEY_READ, &key);
    NoSuchFunction(1);
    return RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"Other", 0, KEY_READ, &key);
}
END
it "fails where something stands in the way" fails $port check hello.cpp windows_only.cpp
it "names the file that compiles" says "hello.cpp: compiles"
it "explains the registry" says "RegOpenKeyExW: the Windows registry. A configuration file"
it "names the place" says "windows_only.cpp:6"
it "points into the documentation" says "porting.md#settings"
it "says what it cannot explain as the compiler does" says "NoSuchFunction"
it "counts all" says "1 of 2 compile"
it "says one thing once, with all its names" grep -q 'HKEY_LOCAL_MACHINE, .*RegOpenKeyExW: ' out
it "does not repeat it" [ "$(grep -c RegOpenKeyExW out)" = 1 ]

printf '#include <atlstr.h>\n' >shared.h
printf '#include "shared.h"\n' >one.cpp
printf '#include "shared.h"\n' >two.cpp
it "fails where a header of several sources does" fails $port check one.cpp two.cpp
it "explains it once" [ "$(grep -c ATL out)" = 1 ]
printf '#include <atlstr.h>\n#include <no_such_header.h>\n' >atl.cpp
it "fails at a header that is not here" fails $port check atl.cpp
it "explains ATL" says "ATL"
cat >own.cpp <<'END'
#include <windows.h>
struct __declspec(uuid("00000000-1111-2222-3333-444444444444")) IOwn : public IUnknown {};
GUID own() { return __uuidof(IOwn); }
HRSRC find() { return FindResourceW(NULL, MAKEINTRESOURCEW(1), RT_RCDATA); }
int algorithm() { return BCRYPT_SHA256_ALGORITHM[0]; }
END
it "fails at an id that is in no header" fails $port check own.cpp
it "says how it is named" says "IIS_DEFINE_UUID"
it "explains resources" says "resources of a DLL"
it "explains hashes" says "BCRYPT_SHA256_ALGORITHM: Windows cryptography"
printf '#include <no_such_header.h>\n' >gone.cpp
it "fails at an unknown header" fails $port check gone.cpp
it "names the unknown header" says "no_such_header.h"

cat >limited.cpp <<'END'
#include <windows.h>
#include <httpserv.h>
void push(IHttpResponse3 *pResponse)
{
    pResponse->PushPromise(L"/a", NULL, NULL, 0);
}
END
works $port check limited.cpp
it "warns of what compiles and is refused" says "uses PushPromise: IHttpResponse3"

cat >later.cpp <<'END'
#include <windows.h>
#include <httpserv.h>
#include <optional>
std::optional<int> number;
END
it "fails with a source of a later C++" fails $port check later.cpp
it "says which it compiles with" says "it compiles with -std=gnu++17"
it "does not blame Windows for it" keeps_quiet_about "Win32 dialect"
it "compiles it when told so" works $port check later.cpp -std=gnu++17
it "says so when it does not build" fails $port build later.cpp -o later.so
it "names it there too" says "it compiles with -std=gnu++17"
echo 'int n = RegCloseKey(0);' >>later.cpp
it "fails with a later C++ and Windows" fails $port check later.cpp
it "tells them apart" says "it also wants -std=gnu++17"
it "explains Windows only" keeps_quiet_about "optional"
it "does explain that" says "the Windows registry"
echo '#include <no_such_header.h>' >>gone.cpp
it "fails with what no C++ has" fails $port check gone.cpp
it "says nothing of later ones" keeps_quiet_about "-std="

it "wants sources" fails $port check
it "says so in a line" one_line
it "names a file that is not there" fails $port check nowhere.cpp
it "says which" says "nowhere.cpp: no such file"
it "refuses other files" fails $port check "$top/README.md"
it "says why" says "neither a source"

# --- build --------------------------------------------------------------------

mkdir -p project/Common project/src
cat >project/src/StdAfx.h <<'END'
#pragma once
#include <Windows.h>
#include <HttpServ.h>
#include "..\common\Shared.h"
END
cat >project/Common/shared.h <<'END'
#pragma once
class CShared { public: static int *Count() { static int count; return &count; } };
template <class T> struct Unique { static int value; };
template <class T> int Unique<T>::value = 1;
extern "C" int Answer();
extern "C" int Inside();
END
echo '#include "stdafx.h"' >project/src/stdafx.cpp
cat >project/src/main.cpp <<'END'
#include "stdafx.h"
#if __cplusplus != EXPECTED
#error not the C++ that was asked for
#endif
#ifndef LABEL
#define LABEL ""
#endif
int Answer() { return 42 + *CShared::Count() + Unique<int>::value + (int)sizeof(LABEL); }
int Inside() { return (int)(ULONG)"MSVC warns of this only"; }
HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo *, IHttpServer *)
{
    return Answer() && Inside() ? S_OK : E_FAIL;
}
END
printf 'LIBRARY "filter"\r\n; what leaves\r\nEXPORTS\r\n  RegisterModule PRIVATE\r\n  Answer @2\r\n' >project/src/filter.def
printf 'EXPORTS\n  RegisterModule\n  Missing\n' >missing.def
compilers=""
for cxx in g++ clang++; do
    command -v $cxx >/dev/null && compilers="$compilers $cxx"
done

builds_a_project() { # with this compiler
    rm -f m.so d.so e.so
    it "builds several files ($1)" works env CXX="$1" $port build project/src/main.cpp \
        project/src/stdafx.cpp -DEXPECTED=201402L '-DLABEL="two words"' -o m.so
    it "exports RegisterModule ($1)" exports m.so RegisterModule
    it "keeps everything else inside ($1)" hides m.so 'Answer\|CShared'
    it "merges no statics with other modules ($1)" merges_no_statics m.so
    it "takes another C++ ($1)" works env CXX="$1" $port build project/src/main.cpp \
        -std=gnu++17 -O0 -DEXPECTED=201703L -o m.so
    it "honours a .def file ($1)" works env CXX="$1" $port build project/src/main.cpp \
        project/src/filter.def -O0 -DEXPECTED=201402L -o d.so
    it "exports what the .def file names ($1)" exports d.so Answer
    it "exports a C++ function that it names ($1)" exports d.so RegisterModule
    it "exports the handshake ($1)" exports d.so IisModuleHandshake
    it "exports nothing else ($1)" hides d.so 'Inside\|CShared'
    it "refuses a .def file that names too much ($1)" fails env CXX="$1" $port build \
        project/src/main.cpp missing.def -O0 -DEXPECTED=201402L -o e.so
    it "names what is missing ($1)" says "exports Missing"
    it "leaves nothing behind ($1)" [ ! -e e.so ]
}
for cxx in $compilers; do
    builds_a_project $cxx
done

cat >project/src/filter.vcxproj <<'END'
<?xml version="1.0" encoding="utf-8"?>
<Project DefaultTargets="Build" xmlns="http://schemas.microsoft.com/developer/msbuild/2003">
  <PropertyGroup><CharacterSet>Unicode</CharacterSet></PropertyGroup>
  <ItemDefinitionGroup>
    <ClCompile><PreprocessorDefinitions>EXPECTED=201402L;_DEBUG;%(PreprocessorDefinitions)</PreprocessorDefinitions></ClCompile>
    <Link><ModuleDefinitionFile>filter.def</ModuleDefinitionFile></Link>
  </ItemDefinitionGroup>
  <ItemGroup><ClCompile Include="main.cpp" /><ClCompile Include=".\stdafx.cpp" /></ItemGroup>
</Project>
END
it "builds a Visual Studio project" works $port build project/src/filter.vcxproj -o v.so --verbose
it "defines what the project does" says "-DUNICODE"
it "makes no debug build of it" keeps_quiet_about "-D_DEBUG"
it "honours the project's .def file" exports v.so Answer
sed 's|201402L|201703L|; s|<ClCompile><Pre|<ClCompile><LanguageStandard>stdcpp17</LanguageStandard><Pre|' \
    project/src/filter.vcxproj >project/src/later.vcxproj
it "builds it as the project's C++" works $port build project/src/later.vcxproj -o v.so
it "prefers what it is told" works $port build project/src/later.vcxproj -std=gnu++17 -o v.so --verbose
it "takes the newest that both compilers know" works sh -c "sed 's|stdcpp17|stdcpplatest|; s|201703L|202002L|' \
    project/src/later.vcxproj >project/src/latest.vcxproj && $port build project/src/latest.vcxproj -o v.so"
sed 's/main.cpp/lost.cpp/' project/src/filter.vcxproj >project/src/lost.vcxproj
it "names a source that the project lacks" fails $port build project/src/lost.vcxproj -o v.so
it "says which source" says "lost.cpp: no such file"

it "explains what does not compile" fails $port build windows_only.cpp -o w.so
it "explains it as check does" says "the Windows registry"
printf '#include <httpserv.h>\nint lost(void);\nint f(void) { return lost(); }\n' >unlinked.cpp
it "refuses what nobody defines" fails $port build unlinked.cpp -o u.so
it "names it" says "lost"
it "wants -o" fails $port build hello.cpp
it "says that it does" says "-o MODULE.so"
it "wants a .so" fails $port build hello.cpp -o hello.dll
it "names an unknown option" fails $port build hello.cpp -o m.so --fast
it "says which option" says "unknown option --fast"
it "names a compiler that does not run" fails env CXX=no-such-compiler $port build hello.cpp -o m.so
it "says which compiler" says "no-such-compiler"

# --- new ----------------------------------------------------------------------

it "writes a module" works $port new feed
it "builds what it wrote" works $port build feed/feed.cpp -o feed/feed.so
it "writes its configuration" grep -q "^IISModule feed \"$dir/feed/feed.so\"\$" feed/feed.conf
it "overwrites nothing" fails $port new feed
it "wants a name" fails $port new
it "wants a plain name" fails $port new ../feed
it "prints how it is used" works $port --help
it "shows every command" says "convert FILE"
it "knows no other command" fails $port transmogrify
it "names it in a line" one_line

# --- convert ------------------------------------------------------------------

cat >applicationHost.config <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<!-- <globalModules><add name="Commented" image="x.dll"/></globalModules> -->
<configuration>
  <system.webServer>
    <globalModules>
      <add name="StaticFileModule" image="%windir%\System32\inetsrv\static.dll" />
      <add name="IpFilter" image="C:\Program Files\Contoso\feed.dll" preCondition="bitness64" />
      <add name="IpFilter32" image="C:\x86\IpFilter.dll" preCondition="bitness32" />
      <add name="JSON Feed" image="D:\mods\feed.dll" />
      <add name="Idle" image="D:\mods\feed.dll" />
    </globalModules>
  </system.webServer>
  <location path="" overrideMode="Allow">
    <system.webServer>
      <modules>
        <add name="StaticFileModule" />
        <add name="IpFilter" preCondition="bitness64" />
        <add name="JSON Feed" />
        <add name="Session" type="System.Web.SessionState.SessionStateModule" />
      </modules>
      <handlers accessPolicy="Read, Script">
        <add name="static" path="/plain/*" verb="*" modules="StaticFileModule" />
        <add name="feed" path="*.feed" verb="GET,HEAD" modules="JSON Feed" />
        <add name="post" path="*.FEED" verb="POST, GET" modules="IpFilter" />
        <add name="late" path="*.feed" verb="HEAD" modules="Idle" />
        <add name="two" path="*.two" verb="*" modules="IpFilter,JSON Feed" />
        <add name="php" path="*.php" verb="*" modules="FastCgiModule" scriptProcessor="C:\php\php-cgi.exe" />
      </handlers>
    </system.webServer>
  </location>
  <location path="Default Web Site/my app">
    <system.webServer>
      <modules><remove name="IpFilter" /></modules>
      <handlers><add name="one" path="*" verb="*" modules="JSON Feed" /></handlers>
    </system.webServer>
  </location>
</configuration>
END
it "converts an applicationHost.config" works $port convert applicationHost.config --modules-dir "$dir/feed"
it "loads a module of globalModules" says "IISModule IpFilter $dir/feed/feed.so"
it "quotes a name with a blank" says "IISModule \"JSON Feed\""
it "says who does the work of IIS's own modules" grep -q '^# *StaticFileModule *httpd itself' out
it "leaves the 32-bit build out" says "# IpFilter32: the 32-bit build"
it "turns off what <modules> does not name" says "IISModules -Idle"
it "says that managed modules do not run" says "# Session: a managed module"
it "does not convert a comment" keeps_quiet_about Commented
it "maps a handler" grep -qF '<LocationMatch "(?i)^/(.*/)?.*\.feed$">' out
it "names its modules, each with its verbs" says 'SetHandler "iis:JSON Feed[GET,HEAD],IpFilter[POST]"'
it "says what is never reached" says "# handler late (*.feed): never reached"
it "keeps the order of a handler's modules" says 'SetHandler "iis:IpFilter,JSON Feed"'
it "takes a static file's path out of it" says "SetHandler default-handler"
first_counts() {
    [ "$(grep -n 'two' out | head -n 1 | cut -d: -f1)" -lt "$(grep -n 'plain' out | tail -n 1 | cut -d: -f1)" ]
}
it "writes the first of IIS's last, which counts in httpd" first_counts
it "says what takes the place of another's handler" says "mod_proxy_fcgi"
it "turns a location into a section" says '<Location "/my app">'
it "keeps other sections within reach" says '#IISConfig applicationHost.config'
it "names the site of a location" says "the site Default Web Site"
cp out converted.conf
conf_is_right() {
    works $express setup "$dir/root" feed/feed.so --port 18080 --conf converted.conf \
        && sed -n 's/^start with: \([^ ]*\) .*/\1/p' out >httpd && works "$(cat httpd)" -f "$dir/root/httpd.conf" -t
}
it "prints what httpd accepts" conf_is_right
lists_modules() { works "$(cat httpd)" -f "$dir/root/httpd.conf" -t -D DUMP_IIS_MODULES; }
it "lists modules" lists_modules
it "says which version lists them" says "mod_iisresp $(sed -n 's/^version=//p' "$top/bin/kit/parts.sh")"

cat >web.config <<'END'
<configuration>
  <system.webServer>
    <modules><clear /><add name="One" /><remove name="Two" /></modules>
    <handlers>
      <add name="evil" path="a&quot;&#10;LoadModule x" verb="*" modules="One" />
    </handlers>
  </system.webServer>
</configuration>
END
it "converts a web.config" works $port convert web.config
it "turns clear, add and remove into IISModules" says "IISModules none +One -Two"
it "lets no value begin a line of its own" [ -z "$(grep '^LoadModule' out)" ]
printf '<configuration><system.webServer><modules></configuration>' >broken.config
it "refuses what is not closed" fails $port convert broken.config
it "says where" says "broken.config, line 1"
it "refuses what is no XML" fails $port convert hello.cpp
it "says that it is none" says "no XML file"
echo '<configuration><system.web /></configuration>' >empty.config
it "refuses what has nothing to convert" fails $port convert empty.config
it "says what it looks for" says "no globalModules"
it "names a configuration that is not there" fails $port convert nowhere.config
it "wants a configuration" fails $port convert

cat >filter.config <<'END'
<configuration><system.webServer><security><requestFiltering>
<hiddenSegments><add segment="private"/><add segment="a.b (c)"/><remove segment="bin"/></hiddenSegments>
<fileExtensions allowUnlisted="false"><add fileExtension=".html" allowed="true"/>
<add fileExtension=".css" allowed="true"/><add fileExtension=".b&quot;k" allowed="false"/></fileExtensions>
<denyUrlSequences><add sequence="wp-&#10;LoadModule"/></denyUrlSequences>
<verbs allowUnlisted="true"><add verb="PUT" allowed="false"/><add verb="TRACE" allowed="false"/></verbs>
<requestLimits maxAllowedContentLength="1000" maxUrl="200"/>
<filteringRules><filteringRule name="x"/></filteringRules>
</requestFiltering></security></system.webServer>
<location path="Site/shop"><system.webServer><security><requestFiltering>
<hiddenSegments><add segment="secret"/></hiddenSegments>
<verbs allowUnlisted="false"><add verb="GET" allowed="true"/></verbs>
</requestFiltering></security></system.webServer></location>
</configuration>
END
it "converts requestFiltering" works $port convert filter.config
it "hides its segments" grep -qF 'RedirectMatch 404 "(?i)/(private|a\.b \(c\))(/|$)"' out
it "hides its extensions" grep -qF 'RedirectMatch 404 "(?i)\.(b\x22k)(/|$)"' out
it "hides the extensions that it does not list" grep -qF 'RedirectMatch 404 "(?i)\.(?!(html|css)$)[^./]*$"' out
it "keeps a filter within its line" [ -z "$(grep '^LoadModule' out)" ]
it "refuses its verbs" says "%{REQUEST_METHOD} in { 'PUT', 'TRACE' }"
it "allows only its verbs in a location" says "!(%{REQUEST_METHOD} in { 'GET' })"
it "hides a location's segments" grep -qF 'RedirectMatch 404 "(?i)^/shop(?=/).*/(secret)(/|$)"' out
it "limits a body" says "LimitRequestBody 1000"
it "says what of it is not converted" says "<filteringRules> of requestFiltering"
it "says what is shown again" says "bin is removed"
cp out converted.conf
it "prints filters that httpd accepts" conf_is_right

# --- express, and what make install installs -----------------------------------

it "prints directives for a module" works $express module-config feed/feed.so
it "loads the module in them" says "IISModule \"feed\" \"$dir/feed/feed.so\""
it "sets a server up" works $express setup "$dir/root2" hello.cpp --port 18081
it "says how it is started" says "start with:"
it "refuses a source that does not compile" fails $express setup "$dir/root3" windows_only.cpp
it "explains why" says "the Windows registry"

installs() {
    works make -C "$top" "$1" BUILD="$build" DESTDIR="$dir/de st" PREFIX=/opt/iis MODS_AVAILABLE="$dir/mods" LIBEXECDIR=/opt/modules
}
mkdir mods
it "installs, into a folder with a blank" installs install
installed="$dir/de st/opt/iis"
it "installs the licence" [ -r "$installed/share/doc/mod_iisresp/LICENSE" ]
it "builds from an installed prefix" works "$installed/bin/iisresp-port" build hello.cpp -o i.so
it "builds the same from there" exports i.so RegisterModule
it "checks from an installed prefix" fails "$installed/bin/iisresp-port" check windows_only.cpp
it "points to the installed documentation" says "$installed/share/doc/mod_iisresp/porting.md"
it "finds the page that it points to" [ -r "$installed/share/doc/mod_iisresp/porting.md" ]
it "begins a module from an installed prefix" works "$installed/bin/iisresp-port" new other
it "tells pkg-config where the headers are" grep -q '^prefix=/opt/iis$' "$installed/share/pkgconfig/mod_iisresp.pc"

it "takes all of it away again" installs uninstall
it "leaves no file" [ -z "$(find "$dir/de st" -type f)" ]

mkdir 'a folder'
cp hello.cpp 'a folder/my module.cpp'
it "builds in a folder with a blank" works $port build 'a folder/my module.cpp' -o 'a folder/my module.so'
it "writes what editors read" grep -q '"file": "a folder/my module.cpp"' 'a folder/compile_commands.json'
accepts_blanks() {
    works $express setup "$dir/a root" 'a folder/my module.so' --port 18082 \
        && works "$(cat httpd)" -f "$dir/a root/httpd.conf" -t
}
it "serves it from a folder with a blank" accepts_blanks
it "quotes it for another httpd" works $express module-config 'a folder/my module.so'
it "name and path" says "IISModule \"my module\" \"$dir/a folder/my module.so\""

# A change is seen, wherever it is; nothing else is compiled.
cp -r project 'a project'
builds_again() { works $port build 'a project/src/filter.vcxproj' -o p.so --verbose; }
compiled() { grep -c -- ' -c .*\.cpp$' out; }
it "builds a project" builds_again
it "compiles all of it" [ "$(compiled)" = 2 ]
it "builds it again" builds_again
it "compiles none of it" [ "$(compiled)" = 0 ]
echo 'int Answer();' >>'a project/src/main.cpp'
it "builds it with a change" builds_again
it "compiles what has changed" [ "$(compiled)" = 1 ]
echo '#define LABEL "other"' >>'a project/Common/shared.h'
it "builds it with another header" builds_again
it "compiles what includes it" [ "$(compiled)" = 2 ]

one_line_about() { # one_line_about <words> <command...>
    words=$1
    shift
    fails "$@" && one_line && says "$words"
}
it "has a version" works $port --version
it "prints it" says "iisresp-port $(sed -n 's/^Version: //p' "$top/conf/mod_iisresp.pc.in")"
it "has it in both commands" works $express --version
it "refuses a port out of range" one_line_about "1 to 65535" $express run hello.cpp --port 65536
it "refuses port 0" one_line_about "1 to 65535" $express run hello.cpp --port 0
it "wants a value" one_line_about "--port wants a value" $express run hello.cpp --port
it "takes no option for a value" one_line_about "--conf wants a value" $express run --conf --mpm event
it "wants the command first" one_line_about "the command comes first" $express --port 8081 run hello.cpp
it "knows what to do with a file alone" one_line_about "iisresp-express run hello.cpp" $express hello.cpp
it "wants it of the other command too" one_line_about "the command comes first" $port -o m.so build hello.cpp

# Ended while it compiles.
leaves_nothing() {
    mkdir -p tmp
    TMPDIR=$dir/tmp IISRESP_CACHE=$dir/cache2 $port build hello.cpp -o stopped.so >out 2>&1 &
    ended=$!
    until ls tmp/*/ cache2/*.object >/dev/null 2>&1 || ! kill -0 $ended 2>/dev/null; do :; done
    kill -TERM $ended
    wait $ended
    [ ! -e stopped.so ] && { nothing_is_left || { sleep 2; nothing_is_left; }; }
}
nothing_is_left() {
    [ -z "$(ls tmp)" ] && [ -z "$(find cache2 -name '*.o' 2>/dev/null)" ]
}
it "leaves nothing behind when it is stopped" leaves_nothing

every_hint_leads_somewhere() {
    grep -v '^#' "$top/bin/kit/hints.tsv" | cut -f4 | sort -u | while IFS='#' read -r page anchor; do
        [ -r "$top/docs/$page" ] || { echo "no docs/$page" >out; exit 1; }
        [ -z "$anchor" ] || sed -n 's/^##* //p' "$top/docs/$page" | tr 'A-Z ' 'a-z-' \
            | grep -qxF -- "$anchor" || { echo "no #$anchor in docs/$page" >out; exit 1; }
    done
}
it "explains with pages that exist" every_hint_leads_somewhere
every_hint_is_whole() { awk -F'\t' '!/^#/ && NF != 4 { print; bad = 1 } END { exit bad }' "$top/bin/kit/hints.tsv" >out; }
it "has four columns in every row of hints" every_hint_is_whole
# What is declared is explained by nothing but its header.
no_hint_is_stale() {
    { (cd "$top/include/iis" && ls -p | grep -v / && cat ./*.h win32/*.h) \
        | grep -oE '^[A-Za-z0-9_]+\.h$|^ *# *define +[A-Za-z0-9_]+|[A-Za-z0-9_]+ *\(' \
        | sed 's/^ *# *define *//; s/ *(//' | grep -vi '^iis_' | sort -u; } >declared
    [ "$(wc -l <declared)" -gt 1500 ] || { echo "too few names are declared" >out; return 1; }
    awk -F'\t' 'NR == FNR { if (!/^#/) { name[++n] = "^(" $1 ")$"; instead[n] = $3 } next }
        { for (i = 1; i <= n && $0 !~ name[i]; i++); }
        i <= n && instead[i] !~ /^#(include|import) / { print $0 " is declared: " instead[i]; bad = 1 }
        END { exit bad }' "$top/bin/kit/hints.tsv" declared >out
}
it "has no hints for what is declared" no_hint_is_stale
cat >forgot.cpp <<'END'
#include <windows.h>
void f() { WSADATA data; WSAStartup(0x0202, &data); CreateFileMappingA(0, 0, 0, 0, 0, 0); }
END
it "does not compile without the header" fails $port check forgot.cpp
it "names the header that is missing" says "#include <winsock2.h>"
it "explains what is not here at all" says "mmap()"
cat >libraries.cpp <<'END'
#include <windows.h>
void f(char *path)
{
    PathRemoveFileSpecA(path);
    CryptBinaryToStringA(0, 0, CRYPT_STRING_BASE64, 0, 0);
    CryptCreateHash(0, 0, 0, 0, 0);
    TerminateThread(0, 0);
}
END
it "does not compile with what needs a header or a library" fails $port check libraries.cpp
it "names the header of path functions" says "#include <shlwapi.h>"
it "names the header of base64" says "#include <wincrypt.h>"
it "names the library of hashes" says "OpenSSL's EVP functions"
it "says what to do instead of ending threads" says "An event that the thread looks at"

echo "$((100 * (checks - failures) / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
[ $failures = 0 ]
