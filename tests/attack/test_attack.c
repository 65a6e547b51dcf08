/* test_attack.c: a module that does what its URL says, and a client without
 * mercy.  Whatever a module does to its response, the connection stays in
 * step: the answer is whole by the letter, or the connection ends; and the
 * request that is pipelined behind it gets its own answer.  The cases are
 * made of tables: each status, each field, each end, in each way of
 * writing. */
#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "server.h"
#include "strict.h"

#define PATIENCE 3000

static server_t server;
static int mpm, asked, failures;
static char report[3000];

/* How it must end: whole, or cut off by the server, or either; LATE: whole,
 * or, once the head has left, either. */
enum { WHOLE, ENDS, EITHER, LATE };

/* --- ways of writing ------------------------------------------------------ */

/* Forty bytes; %s is where something is done to the response. */
static const struct { const char *name, *query; int flushed; } ways[] = {
    { "no body", "%s", 0 },
    { "buffered", "%s&put=copy,B,40", 0 },
    { "buffered before", "put=copy,B,40&%s", 0 },
    { "flushed", "%s&put=copy,B,20&flush=sync&put=copy,B,20", 0 },
    { "flushed before", "put=copy,B,20&flush=sync&%s&put=copy,B,20", 1 },
    { "asynchronous", "%s&put=copy,B,20&flush=async&put=copy,B,20", 0 },
    { "by reference", "%s&put=ref,B,20&flush=async&put=ref,B,20&flush=async",
      0 },
    { "file", "%s&put=file,B,20&flush=sync&put=file,B,20", 0 },
    { "last", "%s&put=copy,B,40&flush=last", 0 },
    { "early", "at=begin&%s&put=copy,B,20&flush=sync&put=copy,B,20"
      "&ret=finish", 0 },
    { "from OnSendResponse", "put=copy,B,40&at=send&%s", 0 },
    { "parked", "post=3&%s&put=copy,B,20&flush=async&put=copy,B,20", 0 },
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

static const struct { const char *name, *op; int ends; } deeds[] = {
    { "nothing", "sleep=0", WHOLE },
    { "100", "status=100,Go", WHOLE }, { "101", "status=101,Up", WHOLE },
    { "103", "status=103,Hints", WHOLE }, { "199", "status=199,X", WHOLE },
    { "204", "status=204,None", WHOLE }, { "205", "status=205,Reset", WHOLE },
    { "206", "status=206,Part", WHOLE }, { "304", "status=304,Same", WHOLE },
    { "404", "status=404,Gone", WHOLE }, { "500", "status=500,Bad", WHOLE },
    { "999", "status=999,Odd", WHOLE },
    { "reason", "status=200,OK%0d%0aX-Evil:%201", WHOLE },
    { "length", "set=Content-Length:40", WHOLE },
    { "length 0", "set=Content-Length:0", EITHER },
    { "length short", "set=Content-Length:7", EITHER },
    { "length long", "set=Content-Length:70", ENDS },
    { "length -1", "set=Content-Length:-1", EITHER },
    { "length +40", "set=Content-Length:%2b40", EITHER },
    { "length 40, 40", "set=Content-Length:40,%2040", EITHER },
    { "length huge", "set=Content-Length:99999999999999999999", EITHER },
    { "lengths", "add=Content-Length:7&add=Content-Length:8", EITHER },
    { "gzip", "set=Transfer-Encoding:gzip", WHOLE },
    { "chunked", "set=Transfer-Encoding:chunked", EITHER },
    { "both framings", "set=Transfer-Encoding:chunked"
      "&set=Content-Length:40", EITHER },
    { "Connection", "set=Connection:keep-alive,%20X-Hop&set=X-Hop:1", WHOLE },
    { "close", "set=Connection:close", WHOLE },
    { "Upgrade", "set=Upgrade:h2c", WHOLE },
    { "Trailer", "set=Trailer:X-T", WHOLE },
    { "field", "set=X-A:v%0d%0aX-Evil:%201", WHOLE },
    { "name", "set=X-A%0d%0aX-Evil:1", WHOLE },
    { "no Server", "del=Server", WHOLE },
    { "no type", "set=Content-Type:", WHOLE },
    { "redirect", "redirect=/else", WHOLE },
    { "redirect, evil", "redirect=/x%0d%0aX-Evil:%201", WHOLE },
    { "clear", "clear=", WHOLE }, { "clear fields", "clearheaders=", WHOLE },
    { "error", "error=80070005", LATE },
    { "described", "status=403,No&describe=", WHOLE },
    { "reset", "reset=", ENDS }, { "closed", "close=", EITHER },
    { "disconnect", "disconnect=", LATE }, { "handled", "handled=", WHOLE },
    { "HEAD by the module", "method=HEAD", WHOLE },
    { "odd answer", "ret=77", WHOLE },
};
#define DEEDS (sizeof(deeds) / sizeof(deeds[0]))

/* --- what must hold ------------------------------------------------------- */

__attribute__((format(printf, 2, 3)))
static void fails(const char *name, const char *format, ...)
{
    size_t n = strlen(report);
    char text[400];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    printf("%s: %s: %s\n", mpm_names[mpm], name, text);
    fflush(stdout);
    snprintf(report + n, sizeof(report) - n, "%s: %.150s\n", name, text);
    failures++;
}

static void start(int with_mpm)
{
    mpm = with_mpm;
    asked = failures = 0;
    report[0] = '\0';
    server_start(&server, mpm, "attack=attack", "", NULL);
    /* What a module must not do is logged; here it does nothing else. */
    server_expect("IISR0");
    server_expect("AH");
}

static void stop(void)
{
    server_stop(&server);
    ck_assert_int_gt(asked, 0);
    ck_assert_msg(!failures, "%d of %d:\n%s", failures, asked, report);
}

static int body_is_foreign(const answer_t *a)
{
    return strstr(a->body, "HTTP/1.") || strstr(a->body, CANARY_BODY)
           || (a->head && strstr(a->head, "X-Evil:"));
}

static void answer_judge(const char *name, const answer_t *a, int ends)
{
    asked++;
    if (a->hung) {
        fails(name, "hangs: %s", a->wrong);
    }
    else if (body_is_foreign(a)) {
        fails(name, "what is not its own: %.200s%.100s", a->head, a->body);
    }
    else if (a->interim || a->status == 101) {
        fails(name, "%d of 1xx, %d", a->interim, a->status);
    }
    else if (ends == WHOLE ? *a->wrong : *a->wrong && !a->cut) {
        fails(name, "%s", a->wrong);
    }
    else if (ends == ENDS && !*a->wrong && a->status == 200 && a->length) {
        fails(name, "is whole: %.100s", a->body);
    }
}

static void ask(const char *name, const char *method, const char *query,
                const char *fields, const char *body, int ends)
{
    char request[4096];
    answer_t a;
    int n = snprintf(request, sizeof(request), "%s /iis?%s HTTP/1.1\r\n"
                     "Host: a\r\n%s\r\n%s", method, query, fields, body);

    strict_talk(server.port, PATIENCE, method, request, n, &a);
    answer_judge(name, &a, ends);
    answer_free(&a);
}

static void ask_deed(size_t deed, size_t way, const char *method)
{
    char name[128], query[512];
    int ends = deeds[deed].ends;

    snprintf(name, sizeof(name), "%s, %s, %s", deeds[deed].name,
             ways[way].name, method);
    snprintf(query, sizeof(query), ways[way].query, deeds[deed].op);
    /* Once the head has left, a length is of no effect; and a length of what
     * never comes cannot be kept. */
    if ((ways[way].flushed && ends) || (!way && deeds[deed].ends == WHOLE
                                        && strstr(deeds[deed].op, ":40"))) {
        ends = EITHER;
    }
    ends = ends == LATE ? WHOLE : ends;
    ask(name, method, query, "", "", ends);
}

START_TEST(a_connection_stays_in_step_whatever_a_module_does)
{
    size_t deed, way;

    start(_i);
    for (deed = 0; deed < DEEDS; deed++) {
        for (way = 0; way < WAYS; way++) {
            ask_deed(deed, way, "GET");
        }
        ask_deed(deed, 1, "HEAD");
        ask_deed(deed, 3, "HEAD");
        ask_deed(deed, 5, "HEAD");
    }
    stop();
}
END_TEST

/* --- bodies that are left, in part or whole ------------------------------- */

#define INNER "GET /iis?put=copy,S,9 HTTP/1.1\r\nHost: evil\r\n\r\n"

static const struct { const char *name, *fields, *body; int ends; } bodies[] = {
    { "length", "Content-Length: 54\r\n", INNER "........", EITHER },
    { "chunked", "Transfer-Encoding: chunked\r\n", "2e\r\n" INNER
      "\r\n0\r\n\r\n", WHOLE },
    { "trailers", "Transfer-Encoding: chunked\r\n",
      "5;a=\"b\"\r\nhello\r\n0\r\nX-T: 1\r\n\r\n", WHOLE },
    { "expects", "Content-Length: 5\r\nExpect: 100-continue\r\n", "hello",
      WHOLE },
    { "bad chunk", "Transfer-Encoding: chunked\r\n", "zz\r\nhello\r\n",
      EITHER },
    { "two framings", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
      "5\r\nhello\r\n0\r\n\r\n", EITHER },
    { "two lengths", "Content-Length: 4\r\nContent-Length: 5\r\n", "hello",
      EITHER },
    { "unknown coding", "Transfer-Encoding: xchunked\r\n",
      "5\r\nhello\r\n0\r\n\r\n", EITHER },
};

static const char *const readers[] = {
    "put=copy,B,5", "read=all&put=copy,B,5", "read=3&put=copy,B,5",
    "post=3&put=copy,B,5", "post=3&read=all&flush=async&put=copy,B,5",
    "at=begin&put=copy,B,5&ret=finish", "at=begin&read=all&insert=other"
    "&at=execute&read=all&put=copy,B,5", "at=auth&put=copy,B,5&ret=finish",
    "status=404,No", "status=500,No", "redirect=/x", "ret=77",
    "put=copy,B,5&flush=sync&read=all&put=copy,B,5",
    "put=copy,B,5&flush=async&read=2&put=copy,B,5", "error=80004005",
};

/* 100 Continue belongs to the request that asked for it. */
static void ask_with_body(size_t body, size_t reader)
{
    char name[160], request[4096];
    answer_t a;
    int n;

    snprintf(name, sizeof(name), "body %s, %s", bodies[body].name,
             readers[reader]);
    n = snprintf(request, sizeof(request), "POST /iis?%s HTTP/1.1\r\n"
                 "Host: a\r\n%s\r\n%s", readers[reader], bodies[body].fields,
                 bodies[body].body);
    strict_talk(server.port, PATIENCE, "POST", request, n, &a);
    if (strstr(bodies[body].fields, "Expect")) {
        a.interim = a.interim > 1 ? a.interim : 0;
    }
    if (strstr(a.body, "SSSS")) {
        fails(name, "the body was taken for a request");
    }
    answer_judge(name, &a, bodies[body].ends);
    answer_free(&a);
}

START_TEST(a_body_never_becomes_a_request)
{
    size_t body, reader;

    start(_i);
    for (body = 0; body < sizeof(bodies) / sizeof(bodies[0]); body++) {
        for (reader = 0; reader < sizeof(readers) / sizeof(readers[0]);
             reader++) {
            ask_with_body(body, reader);
        }
    }
    stop();
}
END_TEST

static void add_tests(TCase *tc)
{
    ON_EVERY_MPM(tc, a_connection_stays_in_step_whatever_a_module_does);
    ON_EVERY_MPM(tc, a_body_never_becomes_a_request);
}

int main(void)
{
    return run_tests("attack", add_tests, 240);
}
