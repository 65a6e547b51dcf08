/* test_listening.c: a module that listens and edits nothing changes nothing.
 * Each kind of content that httpd makes is asked of httpd as it is and of
 * httpd with a listener for each notification; status line, fields, framing,
 * body and log line must be the same. */
#define _GNU_SOURCE             /* memmem */
#include <check.h>
#include <curl/curl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include "client.h"
#include "server.h"
#include "site.h"
#include "strict.h"

#define PATIENCE 2500           /* ms until an answer counts as hung */

/* TIMED: where a chunk ends is a matter of time.  UNSTEADY: so is whether all
 * of it is there at once, and has its length.  STATEFUL: the answer depends on
 * the one before; %s is the listener's own key.  OVER_2: asked by HTTP/2 too.
 * MIRROR: it shows the request.  NEW: made for this request.  PARTS: its
 * boundary has no fixed length. */
enum { TIMED = 1, UNSTEADY = 3, STATEFUL = 4, OVER_2 = 8, MIRROR = 16,
       NEW = 32, PARTS = 64 };

typedef struct maker_t {
    const char *name, *method, *path, *fields, *body, *need;
    int flags;
} maker_t;

#define GZ "Accept-Encoding: gzip\r\n"
#define TEN "Content-Length: 10\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define CHUNKS "5\r\nfirst\r\n5\r\nother\r\n0\r\n\r\n"
#define ALICE "Authorization: Basic YWxpY2U6c2VjcmV0\r\n"
#define BYTES(range) "Range: bytes=" range "\r\n"

static const maker_t makers[] = {
    /* What is cached, first: a restart would lose it. */
    { "cache miss", "GET", "/cached/cgi/cacheable?%s", "", "", "cache_disk",
      UNSTEADY | STATEFUL },
    { "cache hit", "GET", "/cached/cgi/cacheable?%s", "", "", "cache_disk",
      STATEFUL },
    { "cache hit, range", "GET", "/cached/cgi/cacheable?%s", BYTES("0-3"), "",
      "cache_disk", STATEFUL },
    { "cache hit, HEAD", "HEAD", "/cached/cgi/cacheable?%s", "", "",
      "cache_disk", STATEFUL },
    { "cache revalidates", "GET", "/cached/cgi/cacheable?%s",
      "Cache-Control: max-age=0\r\n", "", "cache_disk", UNSTEADY | STATEFUL },
    { "cache, If-None-Match", "GET", "/cached/cgi/cacheable?%s",
      "If-None-Match: \"k1\"\r\n", "", "cache_disk", STATEFUL },
    { "cache, file, miss", "GET", "/cached/medium.bin?%s", "", "",
      "cache_disk", STATEFUL },
    { "cache, file, hit", "GET", "/cached/medium.bin?%s", "", "",
      "cache_disk", STATEFUL },
    { "dav put", "PUT", "/dav/%s.txt", TEN, "0123456789", "dav_fs",
      STATEFUL | NEW },
    { "dav put chunked", "PUT", "/dav/%s.txt", CHUNKED, CHUNKS, "dav_fs",
      STATEFUL | NEW },
    { "dav get", "GET", "/dav/%s.txt", "", "", "dav_fs", STATEFUL | NEW },
    { "dav delete", "DELETE", "/dav/%s.txt", "", "", "dav_fs", STATEFUL },
    /* The default handler. */
    { "small file", "GET", "/small.txt", "", "", NULL, OVER_2 },
    { "empty file", "GET", "/empty.txt", "", "", NULL, OVER_2 },
    { "medium file", "GET", "/medium.bin", "", "", NULL, OVER_2 },
    { "large file", "GET", "/large.bin", "", "", NULL, OVER_2 },
    { "small file, HEAD", "HEAD", "/small.txt", "", "", NULL, OVER_2 },
    { "large file, HEAD", "HEAD", "/large.bin", "", "", NULL, OVER_2 },
    { "1.0", "GET 1.0", "/small.txt", "", "", NULL, 0 },
    { "1.0 keep-alive", "GET 1.0", "/small.txt",
      "Connection: keep-alive\r\n", "", NULL, 0 },
    { "1.0 HEAD", "HEAD 1.0", "/small.txt", "", "", NULL, 0 },
    { "close", "GET", "/small.txt", "Connection: close\r\n", "", NULL, 0 },
    { "304", "GET", "/small.txt",
      "If-Modified-Since: Fri, 01 Jan 2038 00:00:00 GMT\r\n", "", NULL,
      OVER_2 },
    { "304, large", "GET", "/large.bin", "If-None-Match: *\r\n", "", NULL,
      OVER_2 },
    { "412", "GET", "/small.txt", "If-Match: \"no\"\r\n", "", NULL, OVER_2 },
    { "412, large", "GET", "/large.bin", "If-Match: \"no\"\r\n", "", NULL, 0 },
    { "412, HEAD", "HEAD", "/small.txt", "If-Match: \"no\"\r\n", "", NULL, 0 },
    { "If-Unmodified-Since", "GET", "/small.txt",
      "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "", NULL, 0 },
    { "range", "GET", "/small.txt", BYTES("2-8"), "", NULL, OVER_2 },
    { "range of a large file", "GET", "/large.bin", BYTES("300000-700000"),
      "", NULL, OVER_2 },
    { "range from the end", "GET", "/large.bin", BYTES("-7"), "", NULL, 0 },
    { "ranges", "GET", "/small.txt", BYTES("0-1,5-7"), "", NULL,
      OVER_2 | PARTS },
    { "ranges of a large file", "GET", "/large.bin",
      BYTES("0-1,70000-300000,1000000-"), "", NULL, PARTS },
    { "range of many", "GET", "/small.txt", BYTES("0-,0-,0-,0-,0-,0-"), "",
      NULL, PARTS },
    { "If-Range that fails", "GET", "/small.txt", BYTES("2-8")
      "If-Range: \"no\"\r\n", "", NULL, 0 },
    { "range and HEAD", "HEAD", "/small.txt", BYTES("2-8"), "", NULL, 0 },
    { "PUT to a file", "PUT", "/small.txt", TEN, "0123456789", NULL, 0 },
    { "POST to a file", "POST", "/small.txt", TEN, "0123456789", NULL, 0 },
    { "OPTIONS", "OPTIONS", "/small.txt", "", "", NULL, 0 },
    { "OPTIONS *", "OPTIONS", "*", "", "", NULL, 0 },
    { "TRACE", "TRACE", "/small.txt", "X-Traced: yes\r\n", "", NULL,
      MIRROR },
    { "unknown method", "BREW", "/small.txt", "", "", NULL, 0 },
    { "GET with a body", "GET", "/small.txt", TEN, "0123456789", NULL, 0 },
    { "Expect", "POST", "/cgi/echo", TEN "Expect: 100-continue\r\n",
      "0123456789", NULL, UNSTEADY },
    { "Expect, unknown", "GET", "/small.txt", "Expect: tea\r\n", "", NULL,
      0 },
    { "offer of h2c", "GET", "/small.txt", "Connection: Upgrade, "
      "HTTP2-Settings\r\nUpgrade: foo\r\nHTTP2-Settings: AAAA\r\n", "", NULL,
      0 },
    /* Errors and their documents. */
    { "404", "GET", "/nowhere", "", "", NULL, OVER_2 },
    { "404, HEAD", "HEAD", "/nowhere", "", "", NULL, OVER_2 },
    { "404, text", "GET", "/error/text/nowhere", "", "", NULL, 0 },
    { "404, page", "GET", "/error/page/nowhere", "", "", NULL, OVER_2 },
    { "404, page, HEAD", "HEAD", "/error/page/nowhere", "", "", NULL, 0 },
    { "404, away", "GET", "/error/away/nowhere", "", "", NULL, 0 },
    { "404, script", "GET", "/error/script/nowhere", "", "", NULL,
      UNSTEADY | OVER_2 },
    { "404, lost", "GET", "/error/lost/nowhere", "", "", NULL, 0 },
    { "403", "GET", "/denied/small.txt", "", "", NULL, OVER_2 },
    { "403, text", "GET", "/error/text/denied/x", "", "", NULL, 0 },
    { "403, page", "GET", "/error/page/denied/x", "", "", NULL, 0 },
    { "403, script", "GET", "/error/script/denied/x", "", "", NULL, UNSTEADY },
    { "401", "GET", "/user/small.txt", "", "", NULL, OVER_2 },
    { "401, wrong", "GET", "/user/small.txt",
      "Authorization: Basic YWxpY2U6d3Jvbmc=\r\n", "", NULL, 0 },
    { "a user", "GET", "/user/small.txt", ALICE, "", NULL, OVER_2 },
    { "a user, CGI", "GET", "/user/cgi/plain", ALICE, "", NULL, UNSTEADY },
    /* Others that make content. */
    { "index of a folder", "GET", "/dir/", "", "", NULL, OVER_2 },
    { "folder without slash", "GET", "/dir", "", "", NULL, OVER_2 },
    { "listing", "GET", "/list/", "", "", NULL, OVER_2 },
    { "listing, HEAD", "HEAD", "/list/", "", "", NULL, 0 },
    { "negotiated", "GET", "/lang.html", "Accept-Language: de\r\n", "", NULL,
      OVER_2 },
    { "negotiated, 406", "GET", "/lang.html", "Accept-Language: fr\r\n"
      "Accept: image/png\r\n", "", NULL, 0 },
    { "type map", "GET", "/type.var", "", "", NULL, 0 },
    { "multiviews", "GET", "/small", "", "", NULL, 0 },
    { "as is", "GET", "/sent.asis", "", "", "asis", 0 },
    { "SSI", "GET", "/part.shtml", "", "", NULL, OVER_2 },
    { "SSI, HEAD", "HEAD", "/part.shtml", "", "", NULL, 0 },
    { "SSI of a CGI", "GET", "/cgi.shtml", "", "", NULL, UNSTEADY },
    { "rewritten", "GET", "/rewrite/in", "", "", NULL, OVER_2 },
    { "rewritten, 301", "GET", "/rewrite/away", "", "", NULL, 0 },
    { "rewritten, 403", "GET", "/rewrite/no", "", "", NULL, 0 },
    { "rewritten, 410", "GET", "/rewrite/gone", "", "", NULL, 0 },
    { "fallback", "GET", "/fallback/nothing", "", "", NULL, UNSTEADY },
    { "headers and expires", "GET", "/headers/small.txt", "", "", NULL, 0 },
    { "rate limit", "GET", "/slow/medium.bin", "", "", "ratelimit", 0 },
    { "deflated file", "GET", "/deflate/page.html", GZ, "", "deflate",
      OVER_2 },
    { "deflated file, HEAD", "HEAD", "/deflate/page.html", GZ, "", "deflate",
      0 },
    { "deflated file, identity", "GET", "/deflate/page.html", "", "",
      "deflate", 0 },
    { "deflated large file", "GET", "/deflate/large.bin", GZ, "", "deflate",
      OVER_2 },
    { "deflated, 304", "GET", "/deflate/page.html", GZ
      "If-Modified-Since: Fri, 01 Jan 2038 00:00:00 GMT\r\n", "", "deflate",
      0 },
    { "bucketeer", "GET", "/bucketeer/flushes.txt", "", "", "bucketeer",
      OVER_2 },
    { "bucketeer, flush and end", "GET", "/bucketeer/ends.txt", "", "",
      "bucketeer", OVER_2 },
    { "bucketeer, HEAD", "HEAD", "/bucketeer/flushes.txt", "", "",
      "bucketeer", 0 },
    { "lua, many writes", "GET", "/lua/puts.lua", "", "", "lua", OVER_2 },
    { "lua, flushes", "GET", "/lua/flushes.lua", "", "", "lua", OVER_2 },
    { "lua, flushes, HEAD", "HEAD", "/lua/flushes.lua", "", "", "lua", 0 },
    { "lua, flushes, deflated", "GET", "/lua/deflated/flushes.lua", GZ, "",
      "lua", 0 },
    { "lua, 503", "GET", "/lua/fails.lua", "", "", "lua", 0 },
    { "reflector", "POST", "/reflect/x", TEN "Content-Type: text/plain\r\n",
      "0123456789", "reflector", NEW },
    { "reflector, chunked", "POST", "/reflect/x", CHUNKED, CHUNKS,
      "reflector", UNSTEADY | NEW },
    { "reflector, deflated", "POST", "/reflect/deflate", GZ CHUNKED, CHUNKS,
      "reflector", UNSTEADY | NEW },
    /* CGI. */
    { "CGI", "GET", "/cgi/plain", "", "", NULL, UNSTEADY | OVER_2 },
    { "CGI, HEAD", "HEAD", "/cgi/plain", "", "", NULL, UNSTEADY | OVER_2 },
    { "CGI, 1.0", "GET 1.0", "/cgi/plain", "", "", NULL, UNSTEADY },
    { "CGI, big", "GET", "/cgi/big", "", "", NULL, UNSTEADY },
    { "CGI, length", "GET", "/cgi/length", "", "", NULL, UNSTEADY | OVER_2 },
    { "CGI, length, HEAD", "HEAD", "/cgi/length", "", "", NULL, UNSTEADY },
    { "lua, range", "GET", "/lua/once.lua", BYTES("2-5"), "", "lua", 0 },
    { "CGI, 404", "GET", "/cgi/status", "", "", NULL, UNSTEADY },
    { "CGI, 304", "GET", "/cgi/fresh", "", "", NULL, 0 },
    { "CGI, 204", "GET", "/cgi/none", "", "", NULL, 0 },
    { "CGI, cookies", "GET", "/cgi/cookies", "", "", NULL, UNSTEADY },
    { "CGI, If-None-Match", "GET", "/cgi/etag", "If-None-Match: \"e1\"\r\n",
      "", NULL, UNSTEADY },
    { "CGI, If-Match", "GET", "/cgi/etag", "If-Match: \"e2\"\r\n", "", NULL,
      UNSTEADY },
    { "CGI, sends elsewhere", "GET", "/cgi/here", "", "", NULL, 0 },
    { "CGI, sends away", "GET", "/cgi/there", "", "", NULL, UNSTEADY },
    { "CGI, nph", "GET", "/cgi/nph-raw", "Connection: close\r\n", "", NULL,
      UNSTEADY },
    { "CGI, echo", "POST", "/cgi/echo", TEN, "0123456789", NULL,
      UNSTEADY | OVER_2 },
    { "CGI, echo chunked", "POST", "/cgi/echo", CHUNKED, CHUNKS, NULL,
      UNSTEADY },
    { "CGI, echo inflated", "POST", "/inflate/cgi/echo", TEN
      "Content-Encoding: gzip\r\n", "no gzip...", "deflate", UNSTEADY },
    { "CGI, in two steps", "GET", "/cgi/steps", "", "", NULL,
      TIMED | OVER_2 },
    { "CGI, length, in two steps", "GET", "/cgi/longsteps", "", "", NULL,
      TIMED | OVER_2 },
    { "CGI, in two steps, HEAD", "HEAD", "/cgi/steps", "", "", NULL, 0 },
    { "CGI, in two steps, 1.0", "GET 1.0", "/cgi/steps", "", "", NULL, 0 },
    { "CGI, no head", "GET", "/cgi/nohead", "", "", NULL, 0 },
    { "CGI, silent", "GET", "/cgi/silent", "", "", NULL, 0 },
    { "CGI, missing", "GET", "/cgi/nowhere", "", "", NULL, 0 },
    /* mod_proxy. */
    { "proxy, length", "GET", "/proxy/length", "", "", NULL, OVER_2 },
    { "proxy, length, HEAD", "HEAD", "/proxy/length", "", "", NULL, OVER_2 },
    { "proxy, length, 1.0", "GET 1.0", "/proxy/length", "", "", NULL, 0 },
    { "proxy, range", "GET", "/proxy/part", BYTES("0-3"), "", NULL, 0 },
    { "proxy, own range", "GET", "/proxy/length", BYTES("0-3"), "", NULL, 0 },
    { "proxy, chunked", "GET", "/proxy/chunked", "", "", NULL,
      UNSTEADY | OVER_2 },
    { "proxy, chunked, HEAD", "HEAD", "/proxy/chunked", "", "", NULL, 0 },
    { "proxy, chunked, 1.0", "GET 1.0", "/proxy/chunked", "", "", NULL, 0 },
    { "proxy, until it closes", "GET", "/proxy/close", "", "", NULL,
      UNSTEADY },
    { "proxy, 304", "GET", "/proxy/fresh", "If-None-Match: \"b1\"\r\n", "",
      NULL, 0 },
    { "proxy, 204", "GET", "/proxy/empty", "", "", NULL, 0 },
    { "proxy, nothing", "GET", "/proxy/nothing", "", "", NULL, 0 },
    { "proxy, moved", "GET", "/proxy/moved", "", "", NULL, 0 },
    { "proxy, 404", "GET", "/proxy/missing", "", "", NULL, 0 },
    { "proxy, 404, page", "GET", "/override/missing", "", "", NULL, 0 },
    { "proxy, short", "GET", "/proxy/short", "", "", NULL, 0 },
    { "proxy, broken", "GET", "/proxy/broken", "", "", NULL, 0 },
    /* What httpd says below. */
    { "413", "POST", "/limit/cgi/echo", TEN, "0123456789", NULL, UNSTEADY },
    { "413, chunked", "POST", "/limit/cgi/echo", CHUNKED, CHUNKS, NULL,
      UNSTEADY },
    { "413, text", "POST", "/error/text/limit/cgi/echo", CHUNKED, CHUNKS,
      NULL, UNSTEADY },
    { "413, page", "POST", "/error/page/limit/cgi/echo", TEN, "0123456789",
      NULL, UNSTEADY },
    { "413, page, chunked", "POST", "/error/page/limit/cgi/echo", CHUNKED,
      CHUNKS, NULL, UNSTEADY },
    { "413, script", "POST", "/error/script/limit/cgi/echo", CHUNKED, CHUNKS,
      NULL, UNSTEADY },
    { "413, dav", "PUT", "/dav/limit/x.txt", CHUNKED, CHUNKS, "dav_fs", 0 },
    { "bad chunks", "POST", "/cgi/echo", CHUNKED, "zz\r\nfirst\r\n", NULL,
      UNSTEADY },
    { "416", "GET", "/small.txt", BYTES("99999-"), "", NULL, OVER_2 },
    { "416, large", "GET", "/large.bin", BYTES("9999999-"), "", NULL, 0 },
    { "416, HEAD", "HEAD", "/small.txt", BYTES("99999-"), "", NULL, 0 },
    { "416, text", "GET", "/error/text/small.txt", BYTES("99999-"), "", NULL,
      0 },
    { "416, page", "GET", "/error/page/small.txt", BYTES("99999-"), "", NULL,
      OVER_2 },
    { "416, away", "GET", "/error/away/small.txt", BYTES("99999-"), "", NULL,
      0 },
    { "416, script", "GET", "/error/script/small.txt", BYTES("99999-"), "",
      NULL, UNSTEADY },
    { "416, lost", "GET", "/error/lost/small.txt", BYTES("99999-"), "", NULL,
      0 },
    { "416, lua", "GET", "/lua/once.lua", BYTES("99999-"), "", "lua", OVER_2 },
    { "416, lua, page", "GET", "/error/page/lua/once.lua",
      BYTES("99999-"), "", "lua", 0 },
    { "416, cached", "GET", "/cached/small.txt?%s", BYTES("99999-"), "",
      "cache_disk", STATEFUL },
    { "bad field", "GET", "/lua/bad.lua", "Connection: close\r\n", "", "lua",
      0 },
    { "bad field, page", "GET", "/error/page/lua/bad.lua",
      "Connection: close\r\n", "", "lua", 0 },
    { "filter that fails", "GET", "/badgzip/page.html", "", "", "deflate",
      0 },
};
#define MAKERS (sizeof(makers) / sizeof(makers[0]))

/* Those that have something to do with how a response leaves come first;
 * under worker and prefork only they are asked. */
static const char *const listeners[] = {
    "all", "look", "send", "end", "read", "execute", "begin", "log", "none",
    "authn", "pauthz", "mappath", "pend", "plog", "authz", "resolve", "map",
    "acquire", "pre", "release", "update", "custom", "pbegin", "pauthn",
    "presolve", "pmap", "pacquire", "ppre", "pexecute", "prelease", "pupdate"
};
#define LISTENERS ((int)(sizeof(listeners) / sizeof(listeners[0])))
#define FIRST_LISTENERS 9

static server_t plain, server;
static int mpm;

/* --- what differs -------------------------------------------------------- */

static char report[3000];
static int differences;

/* What was found about one maker, each with the listeners that it is so of. */
static struct { char text[700], of[300]; int many; } found[40];
static int nfound;

__attribute__((format(printf, 2, 3)))
static void differs(const char *listener, const char *format, ...)
{
    char text[sizeof(found[0].text)];
    va_list args;
    int i = 0;
    size_t n;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    while (i < nfound && strcmp(found[i].text, text)) {
        i++;
    }
    if (i == nfound && nfound < 39) {
        strcpy(found[nfound].text, text);
        found[nfound].of[0] = '\0';
        found[nfound++].many = 0;
    }
    n = strlen(found[i].of);
    found[i].many++;
    snprintf(found[i].of + n, sizeof(found[i].of) - n, " %s", listener);
}

/* On standard output all of it; what the test says at its end is short. */
static void report_maker(const char *name)
{
    size_t n = strlen(report);
    int i;

    for (i = 0; i < nfound; i++) {
        printf("%s: %s: %d:%s: %s\n", mpm_names[mpm], name, found[i].many,
               found[i].of, found[i].text);
        snprintf(report + n, sizeof(report) - n, "%s: %d:%.60s: %.120s\n",
                 name, found[i].many, found[i].of, found[i].text);
        n = strlen(report);
        differences++;
    }
    fflush(stdout);
    nfound = 0;
}

/* --- two servers --------------------------------------------------------- */

static const char *listener_config(const char *docs, const char *more)
{
    static char text[32768];
    size_t n;
    int i;

    n = snprintf(text, sizeof(text), "%s%s", site_config(mpm, docs), more);
    for (i = 0; i < LISTENERS; i++) {
        n += snprintf(text + n, sizeof(text) - n, "<VirtualHost *:${PORT}>\n"
                      "ServerName site.test\nServerAlias l%02d.test\n"
                      "IISModules none%s%s\n</VirtualHost>\n", i,
                      strcmp(listeners[i], "none") ? " +" : "",
                      strcmp(listeners[i], "none") ? listeners[i] : "");
    }
    ck_assert_uint_lt(n, sizeof(text));
    return text;
}

static const char *listener_ports(void)
{
    static char text[2048];
    size_t n = 0;
    int i;

    for (i = 0; i < LISTENERS; i++) {
        if (strcmp(listeners[i], "none")) {
            n += snprintf(text + n, sizeof(text) - n, "%s=listens ",
                          listeners[i]);
        }
    }
    ck_assert_uint_lt(n, sizeof(text));
    return text;
}

/* What is wrong with a request, httpd says with and without the module. */
static void expect_words_of_httpd(void)
{
    static const char *const words[] = {
        "AH01", "AH00", "AH02", "AH03", "AH10", "[cgi", "[lua", "[proxy",
        "[ext_filter", "[deflate", "[dav"
    };
    size_t i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        server_expect(words[i]);
    }
}

static void start_listening(const char *more)
{
    char docs[128];

    snprintf(docs, sizeof(docs), "%s/htdocs", plain.root);
    server_start(&server, mpm, listener_ports(), site_modules(mpm),
                 listener_config(docs, more));
    site_open(server.root);
    expect_words_of_httpd();
}

static void start_both(int with_mpm, const char *more)
{
    char docs[128], config[20000];

    mpm = with_mpm;
    differences = 0;
    report[0] = '\0';
    snprintf(config, sizeof(config), "%s%s", site_config(mpm, NULL), more);
    server_start(&plain, mpm, NULL, site_modules(mpm), config);
    snprintf(docs, sizeof(docs), "%s/htdocs", plain.root);
    site_fill(docs);
    site_open(plain.root);
    start_listening(more);
}

static void stop_both(void)
{
    server_stop_now(&server);
    server_stop_now(&plain);
    ck_assert_msg(!differences, "%d differ, of them:\n%s", differences,
                  report);
}

/* --- an answer, made comparable ------------------------------------------ */

static int line_order(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

static int line_is_of_the_time(const char *line, int flags)
{
    static const char *const names[] = {
        "Date:", "Age:", "Expires:", "ETag:", "Last-Modified:",
        "Content-Length:", "Transfer-Encoding:"
    };
    size_t many = (flags & UNSTEADY) == UNSTEADY ? 7 : flags & NEW ? 5 : 3, i;

    for (i = 0; i < many; i++) {
        if (!strncasecmp(line, names[i], strlen(names[i]))
            && (flags & NEW || (i != 3 && i != 4))) {
            return 1;
        }
    }
    return flags & PARTS && !strncasecmp(line, names[5], strlen(names[5]));
}

/* httpd's methods come out of a hash in any order. */
static void line_sort_words(char *line)
{
    char *words[20], *state = NULL, *word, copy[256];
    size_t n = 0, i;

    snprintf(copy, sizeof(copy), "%s", line + 7);
    for (word = strtok_r(copy, ",", &state); word && n < 20;
         word = strtok_r(NULL, ",", &state)) {
        words[n++] = word;
    }
    qsort(words, n, sizeof(words[0]), line_order);
    for (i = 0, line += 6; i < n; i++) {
        line += sprintf(line, "%c%s", i ? ',' : ' ', words[i]);
    }
}

/* The status line, then the fields in one order. */
static void head_settle(answer_t *a, int flags)
{
    char *lines[100], *copy = strdup(a->head ? a->head : ""), *state, *line;
    size_t n = 0, i;

    for (line = strtok_r(copy, "\n", &state); line && n < 100;
         line = strtok_r(NULL, "\n", &state)) {
        if (!line_is_of_the_time(line, flags)) {
            lines[n++] = line;
        }
        if (!strncmp(line, "Allow: ", 7)) {
            line_sort_words(line);
        }
    }
    if (n) {
        qsort(lines + 1, n - 1, sizeof(lines[0]), line_order);
        a->head[0] = '\0';
        for (i = 0; i < n; i++) {
            strcat(strcat(a->head, lines[i]), "\n");
        }
    }
    free(copy);
}

/* The boundary between ranges is made of the time. */
static void boundary_settle(answer_t *a)
{
    const char *type = answer_field(a, "Content-Type");
    char boundary[64] = "", *at;
    size_t n;

    type = type ? strstr(type, "boundary=") : NULL;
    if (!type || sscanf(type, "boundary=%63[^; ]", boundary) != 1) {
        return;
    }
    n = strlen(boundary);
    while ((at = strstr(a->head, boundary))) {
        memmove(at, at + n, strlen(at + n) + 1);
    }
    while ((at = memmem(a->body, a->length, boundary, n))) {
        memmove(at, at + n, a->body + a->length - at - n);
        a->length -= n;
    }
}

/* For the listener of that number: the name of a host and the key of what
 * is cached. */
static void maker_ask(const maker_t *maker, int port, int listener,
                      answer_t *a)
{
    char request[2048], path[256], method[16], key[8];
    int with_10 = strstr(maker->method, " 1.0") != NULL, n;

    snprintf(key, sizeof(key), "%02d", listener);
    snprintf(path, sizeof(path), maker->path, key);
    sscanf(maker->method, "%15s", method);
    n = snprintf(request, sizeof(request), "%s %s HTTP/1.%d\r\nHost: l%s.test"
                 "\r\nX-Case: %s@%s\r\n%s\r\n%s", method, path, !with_10,
                 key, maker->name, key, maker->fields, maker->body);
    strict_talk(port, PATIENCE, method, request, n, a);
    boundary_settle(a);
    head_settle(a, maker->flags);
}

/* Adds the lines that are in one and not in the other. */
static void lines_only_in(const char *one, const char *other,
                          const char *mark, char *text, size_t size)
{
    char *copy = strdup(one), *line, *state = NULL, whole[700];
    size_t n;

    for (line = strtok_r(copy, "\n", &state); line;
         line = strtok_r(NULL, "\n", &state)) {
        snprintf(whole, sizeof(whole), "%s\n", line);
        if (!strstr(other, whole)) {
            n = strlen(text);
            snprintf(text + n, size - n, "%s%s; ", mark, line);
        }
    }
    free(copy);
}

static int head_differs(const char *listener, const answer_t *is,
                        const answer_t *should)
{
    const char *one = is->head ? is->head : "";
    const char *other = should->head ? should->head : "";
    char text[500] = "";

    if (strcmp(one, other)) {
        lines_only_in(one, other, "has ", text, sizeof(text));
        lines_only_in(other, one, "lacks ", text, sizeof(text));
        differs(listener, "%s", text);
    }
    return *text;
}

static void maker_compare(const maker_t *maker, const char *listener,
                          const answer_t *is, const answer_t *should)
{
    size_t i;

    if (strcmp(is->wrong, should->wrong)) {
        differs(listener, "\"%s\", not \"%s\"", is->wrong, should->wrong);
    }
    else if (head_differs(listener, is, should)) {
        return;
    }
    else if (is->interim != should->interim) {
        differs(listener, "1xx: %d, not %d", is->interim, should->interim);
    }
    else if (!(maker->flags & TIMED) && strcmp(is->chunks, should->chunks)) {
        differs(listener, "chunks of %.100s not of %.100s", is->chunks,
                should->chunks);
    }
    else if (maker->flags & MIRROR) {
        return;
    }
    else if (is->length != should->length
             || memcmp(is->body, should->body, is->length)) {
        for (i = 0; i < is->length && is->body[i] == should->body[i]; i++) {
            continue;
        }
        differs(listener, "%lu bytes, not %lu, equal up to %lu",
                (unsigned long)is->length, (unsigned long)should->length,
                (unsigned long)i);
    }
}

/* --- log lines ----------------------------------------------------------- */

static char *log_read(const server_t *s)
{
    char path[128], *text = calloc(1, 1 << 23);
    FILE *f;

    snprintf(path, sizeof(path), "%s/logs/case", s->root);
    ck_assert_ptr_nonnull((f = fopen(path, "r")));
    text[1 + fread(text + 1, 1, (1 << 23) - 2, f)] = '\0';
    text[0] = '\n';
    fclose(f);
    return text;
}

/* What it says of a request, behind the "|"; "" when it says nothing.  How
 * many bytes framed it is its end. */
static void log_find(const char *text, const maker_t *maker, int listener,
                     char *line, size_t size)
{
    char start[128];
    const char *at;

    snprintf(start, sizeof(start), "\n%s@%02d|", maker->name,
             listener);
    at = strstr(text, start);
    at = at ? at + strlen(start) : "";
    snprintf(line, size, "%.*s", (int)strcspn(at, "\n"), at);
    if (maker->flags & PARTS && strstr(line, " sent=")) {
        strstr(line, " sent=")[0] = '\0';
    }
    else if (maker->flags & (TIMED | NEW) && strstr(line, " length=")) {
        strstr(line, " length=")[0] = '\0';
    }
}

static int was_asked[LISTENERS][MAKERS];

static void compare_logs(void)
{
    char *is = log_read(&server), *should = log_read(&plain);
    char line[2][512];
    size_t i;
    int l;

    for (i = 0; i < MAKERS; i++) {
        for (l = 0; l < LISTENERS; l++) {
            if (was_asked[l][i]) {
                log_find(is, &makers[i], l, line[0], sizeof(line[0]));
                log_find(should, &makers[i],
                         makers[i].flags & STATEFUL ? l : 0, line[1],
                         sizeof(line[1]));
                if (strcmp(line[0], line[1])) {
                    differs(listeners[l], "logged %s, not %s",
                            line[0], line[1]);
                }
            }
        }
        report_maker(makers[i].name);
    }
    free(is);
    free(should);
}

/* One that hangs does not come back: the server is taken down as it is. */
static void restart_listening(const char *more)
{
    usleep(100000);
    compare_logs();
    memset(was_asked, 0, sizeof(was_asked));
    server_ends(&server, SIGKILL, 2000);
    server_remove(&server);
    start_listening(more);
}

/* --- the matrix ---------------------------------------------------------- */

static int maker_is_there(const maker_t *maker)
{
    return !maker->need || server_has(maker->need);
}

static void say_what_is_not_there(void)
{
    size_t i;

    for (i = 0; i < MAKERS; i++) {
        if (!maker_is_there(&makers[i])) {
            printf("not run: %s, for want of mod_%s\n", makers[i].name,
                   makers[i].need);
        }
    }
}

/* Keys are listeners' names; the oracle's own is "all", asked first. */
static void matrix_row(const maker_t *maker, int many)
{
    answer_t once, is;
    int l, hung = 0;

    if (!(maker->flags & STATEFUL)) {
        maker_ask(maker, plain.port, 0, &once);
    }
    for (l = 0; l < many; l++) {
        if (hung == 2) {
            differs("and others", "not asked any more");
            break;
        }
        if (maker->flags & STATEFUL) {
            maker_ask(maker, plain.port, l, &once);
        }
        maker_ask(maker, server.port, l, &is);
        maker_compare(maker, listeners[l], &is, &once);
        was_asked[l][maker - makers] = !is.hung;
        if (is.hung) {
            hung++;
            report_maker(maker->name);
            restart_listening("");
        }
        answer_free(&is);
        if (maker->flags & STATEFUL) {
            answer_free(&once);
        }
    }
    if (!(maker->flags & STATEFUL)) {
        answer_free(&once);
    }
    report_maker(maker->name);
}

START_TEST(what_httpd_makes_stays_as_it_is)
{
    int many = _i == MPM_EVENT ? LISTENERS : FIRST_LISTENERS;
    size_t i;

    start_both(_i, "");
    say_what_is_not_there();
    memset(was_asked, 0, sizeof(was_asked));
    for (i = 0; i < MAKERS; i++) {
        if (maker_is_there(&makers[i])) {
            matrix_row(&makers[i], many);
        }
    }
    server_ends(&server, SIGWINCH, 3000);
    compare_logs();
    stop_both();
}
END_TEST

/* --- events -------------------------------------------------------------- */

static const struct { const char *name, *path; } sources[] = {
    { "CGI", "/cgi/event?%s" }, { "SSI of a CGI", "/event.shtml?%s" },
    { "proxy", "/proxy/event/%s" }, { "SCGI", "/scgi/%s" },
};
#define SOURCES (sizeof(sources) / sizeof(sources[0]))

/* Until the text is there, or the connection ends, or the time is over. */
static int event_comes(int fd, const char *what, char *text, size_t size,
                       int ms)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    size_t have = strlen(text);
    ssize_t n;

    while (!strstr(text, what)) {
        if (poll(&p, 1, ms) <= 0 || (n = recv(fd, text + have,
                                              size - 1 - have, 0)) <= 0) {
            return 0;
        }
        text[have += n] = '\0';
    }
    return 1;
}

/* Whether the first event is there before the second is made. */
static int event_leaves_at_once(int port, int listener, size_t source)
{
    char request[512], path[128], name[64], go[256], text[8192] = "";
    int fd = client_open(port), first;

    snprintf(name, sizeof(name), "%d-%d-%d", listener, (int)source, port);
    snprintf(path, sizeof(path), sources[source].path, name);
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: l%02d.test\r\n"
             "Connection: close\r\n\r\n", path, listener);
    client_send(fd, request);
    first = event_comes(fd, "first", text, sizeof(text), 1500);
    snprintf(go, sizeof(go), "%s/htdocs/go/%s.go", plain.root, name);
    fclose(fopen(go, "w"));
    if (first && !event_comes(fd, "second", text, sizeof(text), 5000)) {
        first = 0;
    }
    close(fd);
    return first;
}

START_TEST(events_leave_as_they_come)
{
    int many = _i == MPM_EVENT ? LISTENERS : FIRST_LISTENERS, l, late;
    size_t i;

    start_both(_i, "");
    for (i = 0; i < SOURCES; i++) {
        ck_assert_msg(event_leaves_at_once(plain.port, 0, i), "%s: not "
                      "even without a module", sources[i].name);
        for (l = late = 0; l < many; l++) {
            if (late < 4
                && !event_leaves_at_once(server.port, l, i)) {
                differs(listeners[l], "the first event is held back");
                late++;
            }
        }
        report_maker(sources[i].name);
    }
    stop_both();
}
END_TEST

/* --- HTTP/2, and its offer ----------------------------------------------- */

static size_t take_body(char *data, size_t size, size_t n, void *baton)
{
    answer_t *a = baton;

    a->body = realloc(a->body, a->length + size * n + 1);
    memcpy(a->body + a->length, data, size * n);
    a->length += size * n;
    a->body[a->length] = '\0';
    return size * n;
}

static size_t take_line(char *data, size_t size, size_t n, void *baton)
{
    answer_t *a = baton;
    size_t have = strlen(a->head), length = strcspn(data, "\r\n");

    if (length) {
        a->head = realloc(a->head, have + length + 2);
        memcpy(a->head + have, data, length);
        memcpy(a->head + have + length, "\n", 2);
    }
    return size * n;
}

static void curl_set_fields(CURL *curl, const char *fields,
                            struct curl_slist **list)
{
    char *copy = strdup(fields), *line, *state = NULL;

    for (line = strtok_r(copy, "\r\n", &state); line;
         line = strtok_r(NULL, "\r\n", &state)) {
        if (strncmp(line, "Content-Length", 14)) {
            *list = curl_slist_append(*list, line);
        }
    }
    free(copy);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, *list);
}

static void curl_set_method(CURL *curl, const maker_t *maker)
{
    if (!strcmp(maker->method, "HEAD")) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    }
    else if (strcmp(maker->method, "GET")) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, maker->body);
    }
}

static void maker_ask_over_2(const maker_t *maker, int port,
                             int listener, answer_t *a)
{
    struct curl_slist *list = NULL;
    CURL *curl = curl_easy_init();
    char url[256], fields[512];
    CURLcode code;

    memset(a, 0, sizeof(*a));
    a->head = calloc(1, 1);
    a->body = calloc(1, 1);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", port, maker->path);
    snprintf(fields, sizeof(fields), "Host: l%02d.test\r\nX-Case: %s over 2@%02d"
             "\r\n%s", listener, maker->name, listener, maker->fields);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
                     (long)CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, a);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_line);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, a);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)PATIENCE + 1000);
    curl_set_fields(curl, fields, &list);
    curl_set_method(curl, maker);
    if ((code = curl_easy_perform(curl))) {
        snprintf(a->wrong, sizeof(a->wrong), "%s", curl_easy_strerror(code));
        a->hung = code == CURLE_OPERATION_TIMEDOUT;
    }
    curl_slist_free_all(list);
    curl_easy_cleanup(curl);
    boundary_settle(a);
    head_settle(a, maker->flags);
}

#define H2C "Protocols h2c http/1.1\n"

/* over_2: by HTTP/2, else by HTTP/1.1 of a server that offers it. */
static void row_beside_2(const maker_t *maker, int over_2)
{
    answer_t should, is;
    int l;

    for (l = 0; l < 4; l++) {
        if (over_2) {
            maker_ask_over_2(maker, plain.port, l, &should);
            maker_ask_over_2(maker, server.port, l, &is);
        }
        else {
            maker_ask(maker, plain.port, l, &should);
            maker_ask(maker, server.port, l, &is);
        }
        maker_compare(maker, listeners[l], &is, &should);
        if (is.hung) {
            server_ends(&server, SIGKILL, 2000);
            server_remove(&server);
            start_listening(H2C);
            l = 4;
        }
        answer_free(&is);
        answer_free(&should);
    }
    report_maker(maker->name);
}

START_TEST(the_same_beside_http_2)
{
    size_t i;
    int over_2;

    start_both(_i, H2C);
    for (over_2 = 0; over_2 < 2; over_2++) {
        for (i = 0; i < MAKERS; i++) {
            if (maker_is_there(&makers[i]) && makers[i].flags & OVER_2) {
                row_beside_2(&makers[i], over_2);
            }
        }
    }
    stop_both();
}
END_TEST

static void add_tests(TCase *tc)
{
    ON_EVERY_MPM(tc, what_httpd_makes_stays_as_it_is);
    ON_EVERY_MPM(tc, events_leave_as_they_come);
    if (mpm_from() < MPM_PREFORK && server_has("http2")) {
        tcase_add_loop_test(tc, the_same_beside_http_2, mpm_from(),
                            mpm_from() + 1);
    }
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("listening", add_tests, 300);
}
