/* site.c: see site.h. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>
#include "backend.h"
#include "server.h"
#include "site.h"

/* --- configuration ------------------------------------------------------- */

static const char common[] =
    "ServerName site.test\nUseCanonicalName On\nDocumentRoot ${DOCS}\n"
    "TraceEnable On\nFileETag MTime Size\nLimitInternalRecursion 5\n"
    "LogFormat \"%{X-Case}i|%>s %s %X %u %H %m %U %q %R "
    "type=%{Content-Type}o sent=%B length=%{Content-Length}o bytes=%O\" case\n"
    "CustomLog logs/case case\n"
    "AddLanguage en .en\nAddLanguage de .de\nAddHandler type-map .var\n"
    "AddHandler send-as-is .asis\nAddCharset utf-8 .utf8\n"
    "AddType text/html .shtml\nAddOutputFilter INCLUDES .shtml\n"
    "<Directory ${DOCS}>\nOptions +Indexes +Includes +MultiViews "
    "+FollowSymLinks\n</Directory>\n"
    "<Directory ${DOCS}/cgi>\nOptions +ExecCGI -MultiViews\n"
    "SetHandler cgi-script\n</Directory>\n"
    "<Location /denied>\nRequire all denied\n</Location>\n"
    "<Location /user>\nAuthType Basic\nAuthName site\n"
    "AuthUserFile ${DOCS}/.users\nRequire valid-user\n</Location>\n"
    "<Location /limit>\nLimitRequestBody 6\n</Location>\n"
    "AliasMatch ^/(?:error/[a-z]+|denied|user|limit|bucketeer|deflate|"
    "headers|slow|gz|type|cached|inflate|badgzip)/(.*)$ ${DOCS}/$1\n"
    "<IfModule rewrite_module>\n<Directory ${DOCS}/rewrite>\n"
    "RewriteEngine On\nRewriteRule ^in$ /small.txt [L]\n"
    "RewriteRule ^away$ http://else.test/ [R=301,L]\n"
    "RewriteRule ^no$ - [F]\nRewriteRule ^gone$ - [G]\n</Directory>\n"
    "</IfModule>\n"
    "<Directory ${DOCS}/fallback>\nFallbackResource /cgi/plain\n"
    "</Directory>\n"
    "<IfModule bucketeer_module>\n<Location /bucketeer>\n"
    "SetOutputFilter BUCKETEER\n</Location>\n</IfModule>\n"
    "<IfModule deflate_module>\n<Location /deflate>\n"
    "SetOutputFilter DEFLATE\n</Location>\n"
    "<Location /inflate>\nSetInputFilter DEFLATE\n</Location>\n"
    "<Location /badgzip>\nSetOutputFilter INFLATE\n"
    "Header set Content-Encoding gzip early\nForceType text/html\n"
    "</Location>\n</IfModule>\n"
    "<Location /headers>\nHeader set X-One 1\nHeader append Vary Cookie\n"
    "Header unset ETag\nHeader always set X-Always yes\n</Location>\n"
    "<IfModule expires_module>\n<Location /headers>\nExpiresActive On\n"
    "ExpiresDefault A0\n</Location>\n</IfModule>\n"
    "<IfModule ratelimit_module>\n<Location /slow>\n"
    "SetOutputFilter RATE_LIMIT\nSetEnv rate-limit 4000\n</Location>\n"
    "</IfModule>\n"
    "<IfModule cache_disk_module>\nCacheRoot ${ROOT}/cache\n"
    "CacheQuickHandler off\nCacheHeader on\nCacheLock off\n"
    "<Location /cached>\nCacheEnable disk\n</Location>\n</IfModule>\n"
    "<IfModule dav_fs_module>\nDavLockDB ${ROOT}/davlock\n"
    "Alias /dav ${ROOT}/dav\n<Directory ${ROOT}/dav>\nDav On\n</Directory>\n"
    "<Location /dav/limit>\nLimitRequestBody 6\n</Location>\n</IfModule>\n"
    "<IfModule reflector_module>\n<Location /reflect>\n"
    "SetHandler reflector\nReflectorHeader Content-Type\n</Location>\n"
    "<Location /reflect/deflate>\nSetOutputFilter DEFLATE\n</Location>\n"
    "</IfModule>\n"
    "<IfModule lua_module>\nLuaScope request\n<Directory ${DOCS}/lua>\n"
    "SetHandler lua-script\nOptions -MultiViews\n</Directory>\n"
    "<Location /lua/deflated>\nSetOutputFilter DEFLATE\n</Location>\n"
    "</IfModule>\n"
    "<Location /proxy/>\nProxyPass http://127.0.0.1:${BACKEND}/\n</Location>\n"
    "<Location /override/>\nProxyPass http://127.0.0.1:${BACKEND}/\n"
    "ProxyErrorOverride On\n</Location>\n"
    "<Location /scgi/>\nProxyPass scgi://127.0.0.1:${SCGI}/\n</Location>\n";

static const char *const documents[][2] = {
    { "text", "\"a text of the site\"" }, { "page", "/page.html" },
    { "away", "http://else.test/e" }, { "script", "/cgi/error" },
    { "lost", "/nowhere.html" },
};

const char *site_modules(int mpm)
{
    static char names[1024];

    snprintf(names, sizeof(names), "%s logio include negotiation autoindex "
             "cache cache_disk proxy proxy_http proxy_scgi deflate filter "
             "headers expires rewrite auth_basic authn_core authn_file "
             "authz_user dav dav_fs reflector bucketeer ratelimit asis "
             "ext_filter env lua%s", mpm == MPM_EVENT ? "cgid" : "cgi",
             mpm == MPM_PREFORK ? "" : " http2");
    return names;
}

const char *site_config(int mpm, const char *docs)
{
    static char text[16384];
    static int http, scgi;
    static const int codes[] = { 403, 404, 413, 416, 500 };
    size_t n, i, k;

    if (!http) {
        backend_start(&http, &scgi);
    }
    n = snprintf(text, sizeof(text), "Define DOCS %s\nDefine BACKEND %d\n"
                 "Define SCGI %d\n%s%s", docs ? docs : "${ROOT}/htdocs", http,
                 scgi, mpm == MPM_EVENT ? "ScriptSock ${ROOT}/logs/cgisock\n" : "",
                 common);
    for (i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
        n += snprintf(text + n, sizeof(text) - n, "<Location /error/%s>\n",
                      documents[i][0]);
        for (k = 0; k < sizeof(codes) / sizeof(codes[0]); k++) {
            n += snprintf(text + n, sizeof(text) - n, "ErrorDocument %d %s\n",
                          codes[k], documents[i][1]);
        }
        n += snprintf(text + n, sizeof(text) - n, "</Location>\n"
                      "<Location /error/%s/limit>\nLimitRequestBody 6\n"
                      "</Location>\n<Location /error/%s/denied>\n"
                      "Require all denied\n</Location>\n", documents[i][0],
                      documents[i][0]);
    }
    ck_assert_uint_lt(n, sizeof(text));
    return text;
}

/* --- files --------------------------------------------------------------- */

#define HEAD "#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n"

static const struct { const char *name, *text; } files[] = {
    { "small.txt", "a small file that httpd serves by itself\n" },
    { "empty.txt", "" },
    { "type.var", "URI: small.txt\nContent-Type: text/plain\n" },
    { "lang.html.en", "<p>hello</p>\n" },
    { "lang.html.de", "<p>hallo</p>\n" },
    { "sent.asis", "Status: 299 As It Is\nContent-Type: text/plain\n"
                   "X-Asis: yes\n\nsent as it is\n" },
    { "page.html", "<p>a page that stands for others, and long enough to be "
                   "worth its compression: aaaaaaaaaaaaaaaaaaaaaaaaaa</p>\n" },
    { "part.shtml", "<p>one <!--#echo var=\"DOCUMENT_NAME\" --> "
                    "<!--#include virtual=\"/small.txt\" --> two</p>\n" },
    { "cgi.shtml", "<p>one <!--#include virtual=\"/cgi/plain\" --> two</p>\n" },
    { "event.shtml", "<p><!--#include virtual=\"/cgi/event?$QUERY_STRING\" --></p>\n" },
    { "dir/index.html", "<p>an index</p>\n" },
    { "list/one.txt", "1\n" },
    { "rewrite/x.txt", "x\n" },
    { "fallback/x.txt", "x\n" },
    /* Control characters of mod_bucketeer: a bucket ends, a flush, a brigade
     * is passed. */
    { "flushes.txt", "one\006two\002three\020four\006" },
    { "ends.txt", "all of it\006" },
    { ".users", "alice:$apr1$sDV5vmGv$.Mmm2D6dO174yLKmnUSG4/\n" },
    { "lua/puts.lua", "function handle(r) r.content_type='text/plain' "
      "for i=1,40 do r:puts(string.rep('abcdefg ', 40)) end return apache2.OK "
      "end" },
    { "lua/bad.lua", "function handle(r) r.content_type='text/plain' "
      "r.headers_out['X-Bad'] = 'a' .. string.char(1) .. 'b' "
      "r:puts('fourteen bytes') return apache2.OK end" },
    { "lua/once.lua", "function handle(r) r.content_type='text/plain' "
      "r:puts('fourteen bytes') return apache2.OK end" },
    { "lua/flushes.lua", "function handle(r) r.content_type='text/plain' "
      "for i=1,5 do r:puts('part ' .. i) r:flush() end return apache2.OK "
      "end" },
    { "lua/deflated/flushes.lua", "function handle(r) "
      "r.content_type='text/plain' for i=1,5 do r:puts('part ' .. i) "
      "r:flush() end return apache2.OK end" },
    { "lua/fails.lua", "function handle(r) return 503 end" },
    { "cgi/plain", HEAD "\\r\\nplain output\\n'\n" },
    { "cgi/big", HEAD "\\r\\n'\nhead -c 100000 /dev/zero | tr '\\0' z\n" },
    { "cgi/length", HEAD "Content-Length: 14\\r\\n\\r\\nfourteen bytes'\n" },
    { "cgi/short", HEAD "Content-Length: 40\\r\\n\\r\\nfourteen bytes'\n" },
    { "cgi/status", HEAD "Status: 404 Not Here\\r\\n\\r\\nown words\\n'\n" },
    { "cgi/error", HEAD "\\r\\nthe script says '$REDIRECT_STATUS'\\n'\n" },
    { "cgi/fresh", HEAD "Status: 304 Not Modified\\r\\nETag: \"c1\"\\r\\n"
                   "\\r\\n'\n" },
    { "cgi/none", HEAD "Status: 204 No Content\\r\\n\\r\\n'\n" },
    { "cgi/bad", HEAD "X-Bad: a\\001b\\r\\n\\r\\nbad\\n'\n" },
    { "cgi/nohead", "#!/bin/sh\nprintf 'no head at all'\n" },
    { "cgi/silent", "#!/bin/sh\nexit 0\n" },
    { "cgi/here", "#!/bin/sh\nprintf 'Location: /small.txt\\r\\n\\r\\n'\n" },
    { "cgi/there", "#!/bin/sh\nprintf 'Location: http://else.test/\\r\\n"
                   "\\r\\n'\n" },
    { "cgi/cookies", HEAD "Set-Cookie: a=1\\r\\nSet-Cookie: b=2\\r\\n"
                     "Vary: Accept\\r\\n\\r\\ncookies\\n'\n" },
    { "cgi/etag", HEAD "ETag: \"e1\"\\r\\nLast-Modified: Sun, 06 Nov 1994 "
                  "08:49:37 GMT\\r\\n\\r\\nwith a tag\\n'\n" },
    { "cgi/nph-raw", "#!/bin/sh\nprintf 'HTTP/1.1 200 Raw\\r\\n"
                     "Content-Type: text/plain\\r\\n\\r\\nraw\\n'\n" },
    { "cgi/echo", HEAD "\\r\\n'\ncat\n" },
    { "cgi/steps", HEAD "\\r\\none\\n'\nsleep 0.1\necho two\n" },
    { "cgi/longsteps", HEAD "Content-Length: 8\\r\\n\\r\\none\\n'\nsleep 0.1\n"
                       "echo two\n" },
    { "cgi/cacheable", "#!/bin/sh\ncase $HTTP_IF_NONE_MATCH in *k1*) "
      "printf 'Status: 304 Not Modified\\r\\nETag: \"k1\"\\r\\n"
      "Cache-Control: max-age=60\\r\\n\\r\\n' ;; *) printf 'Content-Type: "
      "text/plain\\r\\nETag: \"k1\"\\r\\nCache-Control: max-age=60\\r\\n"
      "Content-Length: 10\\r\\n\\r\\ncacheable\\n' ;; esac\n" },
    { "cgi/event", HEAD "\\r\\nfirst\\n'\ni=0\n"
      "while [ ! -e \"$DOCUMENT_ROOT/go/$QUERY_STRING.go\" ]; do\n"
      "i=$((i + 1))\n[ $i -lt 60 ] || { echo late; exit; }\nsleep 0.05\n"
      "done\necho second\n" },
};

static void site_write(const char *docs, const char *name, const void *text,
                       size_t n)
{
    char path[256];
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", docs, name);
    ck_assert_msg((f = fopen(path, "w")) != NULL, "%s", path);
    ck_assert_uint_eq(fwrite(text, 1, n, f), n);
    fclose(f);
    /* The ETag of a file that is younger than a second is a weak one. */
    utime(path, &(struct utimbuf){ time(NULL) - 3600, time(NULL) - 3600 });
    if (!strncmp(name, "cgi/", 4)) {
        chmod(path, 0755);
    }
}

void site_fill(const char *docs)
{
    static const char *const folders[] = {
        "cgi", "dir", "list", "rewrite", "fallback", "lua", "lua/deflated", "go"
    };
    static char large[1 << 20];
    char path[256];
    size_t i;

    for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", docs, folders[i]);
        mkdir(path, 0755);
    }
    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        site_write(docs, files[i].name, files[i].text, strlen(files[i].text));
    }
    for (i = 0; i < sizeof(large); i++) {
        large[i] = (char)(i * 7 + (i >> 8) + (i >> 16));
    }
    site_write(docs, "medium.bin", large, 100000);
    site_write(docs, "large.bin", large, sizeof(large));
    snprintf(path, sizeof(path), "%s/go", docs);
    backend_waits_in(path);
}

void site_open(const char *root)
{
    static const char *const folders[] = { "cache", "dav", "dav/limit" };
    char path[256];
    size_t i;

    for (i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", root, folders[i]);
        mkdir(path, 0777);
        chmod(path, 0777);
    }
    chmod(root, 0777);          /* mod_dav's locks */
}
