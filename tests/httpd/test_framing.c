/* test_framing.c: every status with every framing, by a client that reads by
 * the letter: behind each response a second request, a canary, is there
 * already, and its own answer comes back whole, or the connection ended as
 * the response said.
 */
#define _GNU_SOURCE
#include <check.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static void start(int mpm, const char *extra)
{
    char all[1024];

    snprintf(all, sizeof(all), "%s\nCustomLog logs/both \"%%>s "
             "%%{sc-status}^IR %%{sc-substatus}^IR %%r\"\n%s",
             mpm == MPM_PREFORK ? "" : "Protocols h2c http/1.1", extra);
    server_start(&server, mpm, "frames=frames",
                 mpm == MPM_PREFORK ? "" : "http2", all);
    server_expect("IISR0113");
}

/* A line of logs/both that contains this, once it is there; static. */
static const char *logged(const char *what)
{
    static char line[4096];
    char path[128];
    int i;

    snprintf(path, sizeof(path), "%s/logs/both", server.root);
    for (i = 0; i < 200; i++) {
        FILE *f = fopen(path, "r");

        while (f && fgets(line, sizeof(line), f)) {
            if (strstr(line, what)) {
                fclose(f);
                return line;
            }
        }
        if (f) {
            fclose(f);
        }
        usleep(20000);
    }
    ck_abort_msg("not logged: %s", what);
    return NULL;
}

/* --- one exchange --------------------------------------------------------- */

typedef struct case_t {
    const char *query;
    int minor;                      /* HTTP/1.minor */
    int with;                       /* WITH_HEAD or 0 */
    reply_t reply;
    int closed;                     /* no answer to the canary */
} case_t;

static const char *name(const case_t *c)
{
    static char text[512];

    snprintf(text, sizeof(text), "%s HTTP/1.%d %s",
             c->with ? "HEAD" : "GET", c->minor, c->query);
    return text;
}

static int says_close(const case_t *c)
{
    const char *connection = reply_header(&c->reply, "Connection");

    return connection ? strcasestr(connection, "close") != NULL : !c->minor;
}

static void expect_canary(int fd, case_t *c)
{
    reply_t canary;

    c->closed = says_close(c);
    if (c->closed) {
        ck_assert_msg(!client_response(fd, &canary, 0)
                      && !client_left_over(), "%s: something came after a "
                      "response that closes", name(c));
    }
    else {
        ck_assert_msg(client_response(fd, &canary, 0), "%s: no canary",
                      name(c));
        ck_assert_msg(!*canary.wrong && canary.status == 200
                      && !strcmp(canary.body, "bbbbbbb"),
                      "%s: the canary is %ld, %s, %s", name(c), canary.status,
                      canary.wrong, canary.body);
    }
    client_free(&canary);
}

/* The response is right by the letter, and so is what follows it. */
static void exchange(case_t *c)
{
    char request[2048];
    int fd = client_open(server.port);

    snprintf(request, sizeof(request), "%s /iis?%s HTTP/1.%d\r\nHost: a\r\n"
             "%s\r\nGET /iis?op=answer&size=7 HTTP/1.1\r\nHost: a\r\n"
             "Connection: close\r\n\r\n", c->with ? "HEAD" : "GET", c->query,
             c->minor, c->minor ? "" : "Connection: keep-alive\r\n");
    client_send(fd, request);
    ck_assert_msg(client_response(fd, &c->reply, c->with), "%s: no response",
                  name(c));
    ck_assert_msg(!*c->reply.wrong, "%s: %s", name(c), c->reply.wrong);
    expect_canary(fd, c);
    close(fd);
}

static int has_field(case_t *c, const char *field, const char *value)
{
    const char *there = reply_header(&c->reply, field);

    return there && (!value || !strcasecmp(there, value));
}

/* --- every status --------------------------------------------------------- */

static const int statuses[] = {
    100, 101, 102, 103, 150, 199, 200, 201, 202, 203, 204, 205, 206, 207, 226,
    299, 300, 301, 302, 303, 304, 307, 308, 399, 400, 401, 403, 404, 405, 406,
    408, 410, 411, 412, 413, 414, 416, 417, 421, 426, 429, 451, 499, 500, 501,
    502, 503, 504, 505, 507, 511, 599
};
#define STATUSES ((int)(sizeof(statuses) / sizeof(statuses[0])))

static const char *const hows[] = { "buffered", "flushed", "async" };

static int has_no_body(long status)
{
    return status == 204 || status == 205 || status == 304;
}

/* What a client must be able to say of the head of this status. */
static void check_head(case_t *c, int status, int size)
{
    ck_assert_msg(c->reply.status == status, "%s: status %ld", name(c),
                  c->reply.status);
    if (status == 204) {
        ck_assert_msg(!has_field(c, "Content-Length", NULL)
                      && !has_field(c, "Transfer-Encoding", NULL),
                      "%s: 204 with a length", name(c));
    }
    if (status == 205 && !c->with) {
        /* Of a HEAD httpd sends no length of 0. */
        ck_assert_msg(has_field(c, "Content-Length", "0"),
                      "%s: 205 without the length 0", name(c));
    }
    if (status == 304 && has_field(c, "Content-Length", NULL)) {
        ck_assert_int_eq(atoi(reply_header(&c->reply, "Content-Length")),
                         size);
    }
}

static void check_body(case_t *c, int status, int size)
{
    if (c->with & WITH_HEAD || has_no_body(status)) {
        ck_assert_msg(!c->reply.length, "%s: a body", name(c));
    }
    else if (size || strstr(c->query, "flushed") || strstr(c->query, "async")
             || status < 400) {
        ck_assert_msg((int)c->reply.length == size
                      && (int)strspn(c->reply.body, "b") == size,
                      "%s: the body is %s", name(c), c->reply.body);
    }
}

static void try_status(int i, const char *how, int minor, int with, int size,
                       int raw)
{
    char query[256];
    case_t c = { .query = query, .minor = minor, .with = with };
    int interim = statuses[i] < 200;
    int status = !interim ? statuses[i] : raw ? 203 : 200;

    snprintf(query, sizeof(query), "op=answer&status=%d&how=%s&size=%d%s",
             statuses[i], how, size, raw ? "&raw=1" : "");
    exchange(&c);
    check_head(&c, status, size);
    check_body(&c, status, size);
    if (!raw && reply_header(&c.reply, "X-SetStatus")) {
        ck_assert_msg(has_field(&c, "X-SetStatus", interim ? "80070057"
                                                            : "00000000"),
                      "%s: SetStatus said %s", name(&c),
                      reply_header(&c.reply, "X-SetStatus"));
    }
    client_free(&c.reply);
}

/* Each line: what httpd logs, what IIS's token says, the status asked for. */
static void check_log(void)
{
    char path[128], line[4096];
    FILE *f;
    int n = 0;

    snprintf(path, sizeof(path), "%s/logs/both", server.root);
    ck_assert_ptr_nonnull((f = fopen(path, "r")));
    while (fgets(line, sizeof(line), f)) {
        const char *asked = strstr(line, "status=");
        int raw = strstr(line, "raw=1") != NULL, wanted;

        ck_assert_msg(!strncmp(line, line + 4, 4), "%s", line);
        if (asked) {
            wanted = atoi(asked + 7);
            ck_assert_msg(atoi(line) == (wanted > 199 ? wanted
                                         : raw ? 203 : 200), "%s", line);
            n++;
        }
    }
    fclose(f);
    ck_assert_int_gt(n, STATUSES);
}

START_TEST(every_status_is_framed_in_every_way)
{
    int i, bits;

    start(_i, "");
    server_expect("IISR0008");
    for (i = 0; i < STATUSES; i++) {
        for (bits = 0; bits < 48; bits++) {
            try_status(i, hows[bits / 16], bits & 1,
                       bits & 2 ? WITH_HEAD : 0, bits & 4 ? 20 : 0,
                       (bits & 8) != 0);
        }
    }
    check_log();
    server_stop(&server);
}
END_TEST

static void get_http2(reply_t *reply, const char *query, int with)
{
    char url[2048];

    snprintf(url, sizeof(url), "%s/iis?%s", server.url, query);
    client_get(reply, url, with | WITH_HTTP2, NULL);
}

START_TEST(every_status_is_right_over_http2)
{
    int i, bits;

    start(_i, "");
    server_expect("IISR0008");
    for (i = 0; i < STATUSES; i++) {
        for (bits = 0; bits < 12; bits++) {
            char query[256];
            int interim = statuses[i] < 200, raw = bits & 1;
            int status = !interim ? statuses[i] : raw ? 203 : 200;
            int with = bits & 2 ? WITH_HEAD : 0;
            case_t c = { .query = query, .with = with };

            snprintf(query, sizeof(query), "op=answer&status=%d&how=%s&"
                     "size=20%s", statuses[i], hows[bits / 4],
                     raw ? "&raw=1" : "");
            get_http2(&c.reply, query, with);
            ck_assert_msg(c.reply.curl == CURLE_OK, "%s: curl %d", query,
                          c.reply.curl);
            check_head(&c, status, 20);
            check_body(&c, status, 20);
            client_free(&c.reply);
        }
    }
    check_log();
    server_stop(&server);
}
END_TEST

/* --- a Content-Length of the module's ------------------------------------- */

/* As the module wrote it; -1: it is none. */
static const struct {
    const char *text;
    long long value;
} lengths[] = {
    { "0", 0 }, { "5", 5 }, { "20", 20 }, { "50", 50 }, { "-1", -1 },
    { "%2B5", -1 }, { "5,5", -1 }, { "5,%206", -1 }, { "0x5", -1 },
    { "%2020", -1 }, { "abc", -1 }, { "99999999999999999999", -1 },
    { "9223372036854775807", 9223372036854775807LL }
};
#define LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static void try_length(unsigned int i, int status, unsigned int bits)
{
    char query[256];
    case_t c = { .query = query, .minor = bits & 1,
                 .with = bits & 2 ? WITH_HEAD : 0 };
    int bodiless = c.with || has_no_body(status);
    long long length = lengths[i].value;

    if (!bodiless && length > 20) {
        return;                         /* falls short, and is cut */
    }
    snprintf(query, sizeof(query), "op=answer&status=%d&how=%s&size=20"
             "&length=%s", status, hows[bits / 4], lengths[i].text);
    exchange(&c);
    if (status == 204 || status == 205) {
        check_head(&c, status, 20);
    }
    ck_assert_msg((long long)c.reply.length
                  == (bodiless ? 0 : length < 0 ? 20 : length),
                  "%s: %zu bytes", name(&c), c.reply.length);
    client_free(&c.reply);
}

START_TEST(a_length_is_right_or_not_there)
{
    static const int some[] = { 200, 204, 205, 304, 404 };
    unsigned int i, k, bits;

    start(_i, "");
    server_expect("IISR0004");
    for (i = 0; i < LENGTHS; i++) {
        for (k = 0; k < sizeof(some) / sizeof(some[0]); k++) {
            for (bits = 0; bits < 12; bits++) {
                try_length(i, some[k], bits);
            }
        }
    }
    server_stop(&server);
}
END_TEST

/* --- a body that its module frames ---------------------------------------- */

#define CR "%0d%0a"
#define AB "2" CR "ab" CR

/* Good ones, all of "hello". */
static const char *const framed[] = {
    "5" CR "hello" CR "0" CR CR,
    "5" CR "hello" CR "|0" CR CR,
    "1" CR "h" CR "|4" CR "ello" CR "|0" CR CR,
    "|5" CR "|he|llo|" CR "|0|" CR "|" CR,
    "00005;a=b;c=%22d%22" CR "hello" CR "0;x" CR CR,
    "5%20%09" CR "hello" CR "000" CR CR,
    "3%0d|%0ahel%0d|%0a2" CR "l|o" CR "0%0d|%0a%0d|%0a",
};
#define FRAMED ((int)(sizeof(framed) / sizeof(framed[0])))

static void try_framed(int i, unsigned int bits, const char *more)
{
    char query[1024];
    case_t c = { .query = query, .minor = bits & 1,
                 .with = bits & 2 ? WITH_HEAD : 0 };

    snprintf(query, sizeof(query), "op=framed&how=%s&kind=%s&parts=%s%s",
             hows[bits / 8], bits & 4 ? "file" : "memory", framed[i], more);
    exchange(&c);
    ck_assert_int_eq(c.reply.status, 200);
    if (c.with) {
        ck_assert_int_eq(c.reply.length, 0);
    }
    else {
        ck_assert_msg(!strcmp(c.reply.body, "hello"), "%s: the body is %s",
                      name(&c), c.reply.body);
        ck_assert_msg(c.minor ? has_field(&c, "Transfer-Encoding", "chunked")
                      : !has_field(&c, "Transfer-Encoding", NULL),
                      "%s: %s", name(&c), c.reply.headers);
    }
    client_free(&c.reply);
}

START_TEST(a_body_that_its_module_frames_is_framed_once)
{
    int i, bits;

    start(_i, "");
    for (i = 0; i < FRAMED; i++) {
        for (bits = 0; bits < 24; bits++) {
            try_framed(i, bits, "");
            try_framed(i, bits, "&length=15");
        }
    }
    server_stop(&server);
}
END_TEST

START_TEST(over_http2_it_is_not_framed)
{
    char query[1024];
    reply_t reply;
    int i, k;

    start(_i, "");
    for (i = 0; i < FRAMED; i++) {
        for (k = 0; k < 6; k++) {
            snprintf(query, sizeof(query), "op=framed&how=%s&kind=%s&parts=%s",
                     hows[k / 2], k & 1 ? "file" : "memory", framed[i]);
            get_http2(&reply, query, 0);
            ck_assert_int_eq(reply.curl, CURLE_OK);
            ck_assert_str_eq(reply.body, "hello");
            ck_assert_ptr_null(reply_header(&reply, "Transfer-Encoding"));
            client_free(&reply);
        }
    }
    server_stop(&server);
}
END_TEST

START_TEST(a_large_framed_body_is_whole)
{
    char query[256];
    int k;

    start(_i, "");
    for (k = 0; k < 6; k++) {
        case_t c = { .query = query, .minor = 1 };

        snprintf(query, sizeof(query), "op=framed&how=%s&kind=%s&big=12&"
                 "parts=%s", hows[k / 2], k & 1 ? "file" : "memory",
                 framed[0]);
        exchange(&c);
        ck_assert_msg(c.reply.length == 12 * 65536 + 5, "%s: %zu", name(&c),
                      c.reply.length);
        ck_assert_uint_eq(strspn(c.reply.body, "B"), 12 * 65536);
        ck_assert_str_eq(c.reply.body + 12 * 65536, "hello");
        client_free(&c.reply);
    }
    server_stop(&server);
}
END_TEST

static const char *const broken[] = {
    "hello", "5" CR "hello" CR, "5" CR "hel", "5" CR "hello!" CR "0" CR CR,
    "x" CR "hello" CR "0" CR CR, CR "0" CR CR, "5%0ahello%0a0%0a%0a",
    "-5" CR "hello" CR "0" CR CR, "5" CR "hello" CR "0" CR CR "more",
    "8000000000000000" CR "hello", "fffffffffffffffff" CR "hello",
    "5" CR "hello" CR "0" CR "no%20field" CR CR, "5" CR "hello" CR "0" CR,
    "5%20h" CR "hello" CR "0" CR CR
};
#define BROKEN ((int)(sizeof(broken) / sizeof(broken[0])))

/* Ahead of the head it is a 500 and says that the connection closes. */
START_TEST(a_frame_that_is_broken_at_once_is_a_500)
{
    char query[1024];
    int i, bits;

    start(_i, "");
    server_expect("IISR0009");
    for (i = 0; i < BROKEN; i++) {
        for (bits = 0; bits < 4; bits++) {
            case_t c = { .query = query, .minor = bits & 1 };

            snprintf(query, sizeof(query), "op=framed&kind=%s&parts=%s",
                     bits & 2 ? "file" : "memory", broken[i]);
            exchange(&c);
            ck_assert_msg(c.reply.status == 500, "%s: %ld", name(&c),
                          c.reply.status);
            ck_assert_msg(c.closed, "%s: stays", name(&c));
            client_free(&c.reply);
        }
    }
    ck_assert_int_eq(atoi(logged("op=framed")), 500);
    server_stop(&server);
}
END_TEST

/* After it, nothing looks like the end, and the connection closes. */
START_TEST(a_frame_that_is_broken_later_cuts_the_response)
{
    char request[1024];
    int i, k;

    start(_i, "");
    server_expect("IISR0009");
    for (i = 0; i < BROKEN; i++) {
        for (k = 1; k < 3; k++) {
            const char *text;

            snprintf(request, sizeof(request), "GET /iis?op=framed&how=%s&"
                     "parts=%s|%s HTTP/1.1\r\nHost: a\r\n\r\n"
                     "GET /iis?op=answer&size=7 HTTP/1.1\r\nHost: a\r\n\r\n",
                     hows[k], AB, broken[i]);
            text = client_once(server.port, request);
            ck_assert_msg(strstr(text, "\r\n2\r\nab\r\n") != NULL, "%s: %s",
                          broken[i], text);
            ck_assert_msg(!strstr(text, "\r\n0\r\n") && !strstr(text, "bbbb"),
                          "%s: %s", broken[i], text);
        }
    }
    server_stop(&server);
}
END_TEST

START_TEST(over_http2_a_broken_frame_resets_the_stream)
{
    char query[1024];
    reply_t reply;
    int i;

    start(_i, "");
    server_expect("IISR0009");
    for (i = 0; i < BROKEN; i++) {
        snprintf(query, sizeof(query), "op=framed&how=flushed&parts=%s|%s",
                 AB, broken[i]);
        get_http2(&reply, query, 0);
        ck_assert_msg(reply.curl != CURLE_OK, "%s: %s", broken[i],
                      reply.body);
        client_free(&reply);
    }
    server_stop(&server);
}
END_TEST

START_TEST(trailers_behind_the_last_chunk_are_sent_where_they_may)
{
    const char *text;
    int k;

    start(_i, "");
    server_expect("IISR0011");
    for (k = 0; k < 2; k++) {
        text = client_once(server.port, k
            ? "GET /iis?op=framed&how=flushed&parts=2" CR "ab" CR "|0" CR
              "X-After:%20yes" CR CR " HTTP/1.1\r\nHost: a\r\n"
              "Connection: close\r\n\r\n"
            : "GET /iis?op=framed&parts=2" CR "ab" CR "0" CR
              "X-After:%20yes" CR CR " HTTP/1.1\r\nHost: a\r\n"
              "Connection: close\r\n\r\n");
        ck_assert_msg(strstr(text, "\r\n2\r\nab\r\n0\r\nX-After: yes\r\n"
                             "\r\n") != NULL, "%d: %s", k, text);
    }
    text = client_once(server.port, "GET /iis?op=framed&parts=2" CR "ab" CR
                       "0" CR "Content-Length:%209" CR CR " HTTP/1.1\r\n"
                       "Host: a\r\nConnection: close\r\n\r\n");
    ck_assert_msg(strstr(text, "\r\n2\r\nab\r\n0\r\n\r\n") != NULL, "%s",
                  text);
    server_stop(&server);
}
END_TEST

START_TEST(another_transfer_coding_is_not_sent)
{
    case_t c = { .query = "op=framed&te=gzip&parts=hello", .minor = 1 };

    start(_i, "");
    server_expect("IISR0010");
    exchange(&c);
    ck_assert_str_eq(c.reply.body, "hello");
    client_free(&c.reply);
    server_stop(&server);
}
END_TEST

/* --- when the head has left ----------------------------------------------- */

START_TEST(what_comes_too_late_changes_nothing)
{
    static const char *const whats[] = { "redirect", "clear", "clearheaders",
                                         "raw", "status" };
    char query[256], wanted[64];
    unsigned int i, k;

    start(_i, "");
    for (i = 0; i < sizeof(whats) / sizeof(whats[0]); i++) {
        for (k = 0; k < 4; k++) {
            case_t c = { .query = query, .minor = k & 1 };
            int status = k & 2 ? 202 : 200;

            snprintf(query, sizeof(query), "op=late&what=%s&status=%d",
                     whats[i], k & 2 ? 202 : 0);
            snprintf(wanted, sizeof(wanted), "sent unsent 00000000 %d",
                     status);
            exchange(&c);
            ck_assert_int_eq(c.reply.status, status);
            ck_assert_msg(!strcmp(c.reply.body, wanted), "%s: %s", name(&c),
                          c.reply.body);
            ck_assert_int_eq(atoi(logged(query)), status);
            client_free(&c.reply);
        }
    }
    server_stop(&server);
}
END_TEST

/* s SetStatus(403), r ResetConnection, c CloseConnection, f Flush, w write. */
START_TEST(a_status_is_logged_whatever_ends_the_connection)
{
    static const struct {
        const char *order;
        int status;
    } orders[] = {
        { "sr", 403 }, { "sc", 403 }, { "rs", 403 }, { "cs", 403 },
        { "swr", 403 }, { "wsc", 403 }, { "srw", 403 }, { "scf", 403 },
        { "rsf", 403 }, { "sfr", 403 }, { "sfc", 403 }, { "fsr", 200 },
        { "wfsc", 200 }, { "frs", 200 }, { "r", 200 }, { "f", 200 }
    };
    char query[256], line[64], notes[64];
    unsigned int i;

    start(_i, "");
    for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        char request[512];

        snprintf(query, sizeof(query), "op=gone&order=%s&notes=%s/htdocs/notes",
                 orders[i].order, server.root);
        snprintf(request, sizeof(request), "GET /iis?%s HTTP/1.1\r\n"
                 "Host: a\r\nConnection: close\r\n\r\n", query);
        client_once(server.port, request);
        snprintf(line, sizeof(line), "%d %d ", orders[i].status,
                 orders[i].status);
        ck_assert_msg(!strncmp(logged(query), line, 8), "%s: %s",
                      orders[i].order, logged(query));
    }
    snprintf(notes, sizeof(notes), "status ");
    for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        const char *at = server_notes(&server, notes, i + 1);
        unsigned int k;

        for (k = 0; k <= i; k++) {
            at = strstr(k ? at + 1 : at, notes);
        }
        ck_assert_msg(atoi(at + 7) == orders[i].status, "%s: %s",
                      orders[i].order, at);
    }
    server_stop(&server);
}
END_TEST

/* --- what left, and what did not ------------------------------------------ */

static void expect_note(const char *query, const char *head, const char *note)
{
    char request[512];

    snprintf(request, sizeof(request), "%s /iis?%s&notes=%s/htdocs/notes "
             "HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", head, query,
             server.root);
    client_once(server.port, request);
    ck_assert_msg(strstr(server_notes(&server, note, 1), note) != NULL,
                  "%s %s: %s", head, query, server_notes(&server, note, 1));
    snprintf(request, sizeof(request), "%s/htdocs/notes", server.root);
    ck_assert_int_eq(truncate(request, 0), 0);
}

START_TEST(a_flush_tells_what_left)
{
    start(_i, "");
    server_expect("IISR0004");
    server_expect("IISR0005");
    expect_note("op=sent", "GET", "flushed 00000000 10\n");
    expect_note("op=sent", "HEAD", "flushed 00000000 0\n");
    expect_note("op=sent&length=4", "GET", "flushed 00000000 4\n");
    expect_note("op=sent&length=0", "GET", "flushed 00000000 0\n");
    expect_note("op=sent&length=12", "GET", "flushed 00000000 10\n");
    expect_note("op=broken&how=flushed", "GET", "flushed 80070006 0\n");
    expect_note("op=broken&how=flushed&after=1", "GET",
                "flushed 80070006 0\n");
    server_stop(&server);
}
END_TEST

START_TEST(a_completion_tells_what_left)
{
    start(_i, "");
    expect_note("op=sent&how=async", "GET", "completed 00000000 10\n");
    expect_note("op=sent&how=async", "HEAD", "completed 00000000 0\n");
    server_stop(&server);
}
END_TEST

START_TEST(a_first_flush_that_fails_leaves_a_500)
{
    char query[128];
    int k, bits;

    start(_i, "");
    for (k = 0; k < 3; k++) {
        for (bits = 0; bits < 2; bits++) {
            case_t c = { .query = query, .minor = bits };

            snprintf(query, sizeof(query), "op=broken&how=%s", hows[k]);
            exchange(&c);
            ck_assert_msg(c.reply.status == 500, "%s: %ld", name(&c),
                          c.reply.status);
            ck_assert(strstr(c.reply.body, "Internal Server Error"));
            ck_assert(!has_field(&c, "X-Own", NULL));
            ck_assert_int_eq(atoi(logged(query)), 500);
            client_free(&c.reply);
        }
    }
    server_stop(&server);
}
END_TEST

START_TEST(a_later_flush_that_fails_cuts_the_response)
{
    const char *text;
    char request[256];
    int k;

    start(_i, "");
    for (k = 0; k < 3; k++) {
        snprintf(request, sizeof(request), "GET /iis?op=broken&after=1&how=%s "
                 "HTTP/1.1\r\nHost: a\r\n\r\n", hows[k]);
        text = client_once(server.port, request);
        ck_assert_msg(strstr(text, "\r\n5\r\nbegun\r\n") != NULL, "%s", text);
        ck_assert_msg(!strstr(text, "\r\n0\r\n"), "%s", text);
    }
    server_stop(&server);
}
END_TEST

START_TEST(an_error_page_has_the_server_field_of_its_module)
{
    case_t c = { .query = "op=error&status=404", .minor = 1 };

    start(_i, "ErrorDocument 403 /page.html");
    exchange(&c);
    ck_assert_int_eq(c.reply.status, 404);
    ck_assert(strstr(c.reply.body, "Not Found"));
    ck_assert_msg(!has_field(&c, "Server", NULL), "%s", c.reply.headers);
    client_free(&c.reply);
    c.query = "op=error&status=403";
    exchange(&c);
    ck_assert_int_eq(c.reply.status, 403);
    ck_assert(strstr(c.reply.body, "hello"));
    ck_assert_msg(!has_field(&c, "Server", NULL), "%s", c.reply.headers);
    client_free(&c.reply);
    c.query = "op=error&status=404&server=own";
    exchange(&c);
    ck_assert_msg(has_field(&c, "Server", "Own/1"), "%s", c.reply.headers);
    client_free(&c.reply);
    server_stop(&server);
}
END_TEST

START_TEST(a_method_that_httpd_does_not_know_is_not_allowed)
{
    static const struct {
        const char *request;
        const char *status;
    } some[] = {
        { "GET /file.txt?method=WHATEVER", "HTTP/1.1 405 " },
        { "GET /file.txt?method=DELETE", "HTTP/1.1 405 " },
        { "GET /file.txt?method=GET", "HTTP/1.1 200 " },
        { "WHATEVER /file.txt", "HTTP/1.1 501 " }
    };
    unsigned int i;

    start(_i, "");
    server_expect("AH00135");
    server_expect("AH00131");
    for (i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        char request[128];
        const char *text;

        snprintf(request, sizeof(request), "%s HTTP/1.1\r\nHost: a\r\n"
                 "Connection: close\r\n\r\n", some[i].request);
        text = client_once(server.port, request);
        ck_assert_msg(!strncmp(text, some[i].status, 13), "%s: %s",
                      some[i].request, text);
    }
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, every_status_is_framed_in_every_way);
    tcase_add_loop_test(tc, every_status_is_right_over_http2, MPM_EVENT,
                        MPM_PREFORK);
    ON_EVERY_MPM(tc, a_length_is_right_or_not_there);
    ON_EVERY_MPM(tc, a_body_that_its_module_frames_is_framed_once);
    tcase_add_loop_test(tc, over_http2_it_is_not_framed, MPM_EVENT,
                        MPM_PREFORK);
    ON_EVERY_MPM(tc, a_large_framed_body_is_whole);
    ON_EVERY_MPM(tc, a_frame_that_is_broken_at_once_is_a_500);
    ON_EVERY_MPM(tc, a_frame_that_is_broken_later_cuts_the_response);
    tcase_add_loop_test(tc, over_http2_a_broken_frame_resets_the_stream, MPM_EVENT,
                        MPM_PREFORK);
    ON_EVERY_MPM(tc, trailers_behind_the_last_chunk_are_sent_where_they_may);
    ON_EVERY_MPM(tc, another_transfer_coding_is_not_sent);
    ON_EVERY_MPM(tc, what_comes_too_late_changes_nothing);
    ON_EVERY_MPM(tc, a_status_is_logged_whatever_ends_the_connection);
    ON_EVERY_MPM(tc, a_flush_tells_what_left);
    tcase_add_test(tc, a_completion_tells_what_left);
    ON_EVERY_MPM(tc, a_first_flush_that_fails_leaves_a_500);
    ON_EVERY_MPM(tc, a_later_flush_that_fails_cuts_the_response);
    ON_EVERY_MPM(tc, an_error_page_has_the_server_field_of_its_module);
    ON_EVERY_MPM(tc, a_method_that_httpd_does_not_know_is_not_allowed);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("framing", add, 240);
}
