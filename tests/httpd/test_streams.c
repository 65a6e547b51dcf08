/* test_streams.c: the ends of responses over HTTP/2, read frame by frame: a
 * response that was delivered is a flush that succeeded, and one that breaks
 * off ends with RST_STREAM, never with END_STREAM.  The same ends over
 * HTTP/1.1, to compare.  mod_http2 does not work under prefork.
 */
#include <check.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <openssl/ssl.h>
#include "client.h"
#include "server.h"

static server_t server;

static void start(int mpm, const char *extra)
{
    char all[512];

    snprintf(all, sizeof(all), "Protocols h2 h2c http/1.1\n%s\n%s",
             mpm == MPM_PREFORK ? ""
             : "ServerLimit 1\nMaxRequestWorkers 8", extra);
    server_start(&server, mpm, "ends=ends",
                 "http2 ssl socache_shmcb filter deflate", all);
}

/* --- a client ------------------------------------------------------------ */

enum { DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING,
       GOAWAY, WINDOW_UPDATE };
#define STREAMS 64              /* of a connection, at once */

/* What has come of a response. */
typedef struct stream_t {
    unsigned int id;
    int status;                 /* 0: no head; -1: one that is not known */
    int ended;                  /* END_STREAM */
    long code;                  /* of RST_STREAM; -1: none */
    size_t length;
    char text[256];             /* the first of it */
} stream_t;

typedef struct http2_t {
    int fd;
    SSL *tls;
    unsigned int next_id;
    unsigned char in[1 << 16];
    size_t have;
    int holds;                  /* opens no window */
    int pongs;                  /* that have come */
    int over;                   /* the server has closed */
    stream_t streams[STREAMS];
    int nstreams;
} http2_t;

static void put(http2_t *h, const void *data, size_t length)
{
    size_t n = 0;

    if (h->tls) {
        ck_assert(SSL_write_ex(h->tls, data, length, &n));
    }
    else {
        n = send(h->fd, data, length, MSG_NOSIGNAL);
    }
    ck_assert_uint_eq(n, length);
}

static void put_number(unsigned char *to, unsigned long number, int n)
{
    while (n--) {
        to[n] = number;
        number >>= 8;
    }
}

static void put_frame(http2_t *h, int type, int flags, unsigned int stream,
                      const void *payload, size_t length)
{
    unsigned char frame[1024];

    put_number(frame, length, 3);
    frame[3] = type;
    frame[4] = flags;
    put_number(frame + 5, stream, 4);
    memcpy(frame + 9, payload, length);
    put(h, frame, 9 + length);
}

static SSL *shake_hands(int fd)
{
    static SSL_CTX *context;
    SSL *tls;

    if (!context) {
        context = SSL_CTX_new(TLS_client_method());
        SSL_CTX_set_alpn_protos(context, (const unsigned char *)"\2h2", 3);
    }
    tls = SSL_new(context);
    SSL_set_fd(tls, fd);
    ck_assert_int_eq(SSL_connect(tls), 1);
    return tls;
}

/* window: of each stream; 0: the usual one. */
static http2_t *open_http2(int with_tls, unsigned int window)
{
    http2_t *h = calloc(1, sizeof(*h));
    unsigned char setting[6] = { 0, 4 };

    h->fd = client_open(with_tls ? server.tls_port : server.port);
    h->tls = with_tls ? shake_hands(h->fd) : NULL;
    h->next_id = 1;
    h->holds = window != 0;
    put(h, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
    put_number(setting + 2, window, 4);
    put_frame(h, SETTINGS, 0, 0, setting, window ? 6 : 0);
    return h;
}

static void close_http2(http2_t *h)
{
    SSL_free(h->tls);
    close(h->fd);
    free(h);
}

static size_t put_field(unsigned char *to, const char *name,
                        const char *value)
{
    size_t n = strlen(name), v = strlen(value);

    ck_assert_uint_lt(v, 127);
    to[0] = 0;                  /* a literal that is not indexed */
    to[1] = n;
    memcpy(to + 2, name, n);
    to[2 + n] = v;
    memcpy(to + 3 + n, value, v);
    return 3 + n + v;
}

static stream_t *ask(http2_t *h, const char *query)
{
    unsigned char block[512];
    char path[256];
    size_t n = 0;
    stream_t *stream = &h->streams[h->nstreams++ % STREAMS];

    memset(stream, 0, sizeof(*stream));
    stream->id = h->next_id;
    stream->code = -1;
    h->next_id += 2;
    snprintf(path, sizeof(path), "/iis?%s", query);
    n += put_field(block + n, ":method", "GET");
    n += put_field(block + n, ":scheme", h->tls ? "https" : "http");
    n += put_field(block + n, ":authority", "localhost");
    n += put_field(block + n, ":path", path);
    put_frame(h, HEADERS, 5, stream->id, block, n);
    return stream;
}

static unsigned long number(const unsigned char *bytes, int n)
{
    unsigned long value = 0;

    while (n--) {
        value = value << 8 | *bytes++;
    }
    return value;
}

/* Fields of a head that stand in the static table. */
static int status_of(unsigned char first)
{
    static const int known[] = { 200, 204, 206, 304, 400, 404, 500 };

    return first >= 0x88 && first <= 0x8e ? known[first - 0x88] : -1;
}

static void open_windows(http2_t *h, unsigned int stream, unsigned long by)
{
    unsigned char more[4];

    put_number(more, by, 4);
    put_frame(h, WINDOW_UPDATE, 0, stream, more, 4);
    put_frame(h, WINDOW_UPDATE, 0, 0, more, 4);
}

static void take_data(http2_t *h, stream_t *s, const unsigned char *payload,
                      size_t length)
{
    size_t used = strlen(s->text);
    size_t n = sizeof(s->text) - 1 - used;

    ck_assert_int_ne(s->status, 0);
    memcpy(s->text + used, payload, length < n ? length : n);
    s->length += length;
    if (length && !h->holds) {
        open_windows(h, s->id, length);
    }
}

static void take_stream_frame(http2_t *h, int type, int flags,
                              unsigned int id, const unsigned char *payload,
                              size_t length)
{
    stream_t *s = NULL;
    int i;

    for (i = 0; i < STREAMS; i++) {
        s = h->streams[i].id == id ? &h->streams[i] : s;
    }
    ck_assert_ptr_nonnull(s);
    /* Nothing after the end. */
    ck_assert_msg(!s->ended && s->code < 0, "frame %d of stream %u after its "
                  "end", type, id);
    if (type == RST_STREAM) {
        ck_assert_uint_eq(length, 4);
        s->code = (long)number(payload, 4);
        return;
    }
    if (type == HEADERS && !s->status) {
        s->status = status_of(*payload);
    }
    else {
        ck_assert_int_eq(type, DATA);
        take_data(h, s, payload, length);
    }
    s->ended = flags & 1;
}

static void take_frame(http2_t *h, const unsigned char *frame, size_t length)
{
    int type = frame[3], flags = frame[4];
    unsigned int id = (unsigned int)number(frame + 5, 4);

    if (type == SETTINGS && !(flags & 1)) {
        put_frame(h, SETTINGS, 1, 0, "", 0);
    }
    else if (type == PING) {
        h->pongs += flags & 1;
    }
    else if (id && type != WINDOW_UPDATE) {
        take_stream_frame(h, type, flags, id, frame + 9, length);
    }
    else {
        ck_assert(type == SETTINGS || type == WINDOW_UPDATE
                  || type == GOAWAY);
    }
}

/* Zero: nothing came for so long, or the server has closed. */
static int take_more(http2_t *h, int ms)
{
    struct pollfd p = { .fd = h->fd, .events = POLLIN };
    size_t n = 0, at = 0;

    if (!(h->tls && SSL_pending(h->tls)) && poll(&p, 1, ms) <= 0) {
        return 0;
    }
    if (h->tls) {
        SSL_read_ex(h->tls, h->in + h->have, sizeof(h->in) - h->have, &n);
    }
    else {
        ssize_t got = recv(h->fd, h->in + h->have,
                           sizeof(h->in) - h->have, 0);

        n = got > 0 ? got : 0;
    }
    h->over = n == 0;
    h->have += n;
    while (h->have - at >= 9
           && h->have - at >= 9 + number(h->in + at, 3)) {
        size_t length = number(h->in + at, 3);

        take_frame(h, h->in + at, length);
        at += 9 + length;
    }
    memmove(h->in, h->in + at, h->have - at);
    h->have -= at;
    return n > 0;
}

static int is_through(const stream_t *s)
{
    return s->ended || s->code >= 0;
}

static void wait_for(http2_t *h, const stream_t *s)
{
    while (!is_through(s) && take_more(h, 20000)) {
        continue;
    }
    ck_assert_msg(is_through(s), "stream %u has no end: status %d, %zu "
                  "bytes%s", s->id, s->status, s->length,
                  h->over ? ", the server has closed" : "");
}

/* Whatever the server still had to say has come. */
static void ping(http2_t *h)
{
    int wanted = h->pongs + 1;

    put_frame(h, PING, 0, 0, "12345678", 8);
    while (h->pongs < wanted && take_more(h, 20000)) {
        continue;
    }
    ck_assert_int_eq(h->pongs, wanted);
}

/* --- what modules were told ---------------------------------------------- */

typedef struct told_t {
    long flushes, failed, completions, badly, gone;
    unsigned int last, status;
} told_t;

static told_t report(void)
{
    reply_t reply;
    char url[128];
    told_t told;

    snprintf(url, sizeof(url), "%s/iis?how=report", server.url);
    client_get(&reply, url, 0, NULL);
    ck_assert_int_eq(reply.curl, CURLE_OK);
    ck_assert_int_eq(sscanf(reply.body, "flushes %ld failed %ld %X "
                            "completions %ld failed %ld %X gone %ld",
                            &told.flushes, &told.failed, &told.last,
                            &told.completions, &told.badly, &told.status,
                            &told.gone), 7);
    client_free(&reply);
    return told;
}

/* EndRequest comes after the end that the client sees. */
static told_t report_of(long flushes)
{
    told_t sum = report();
    int i;

    for (i = 0; sum.flushes < flushes && i < 500; i++) {
        told_t told;

        usleep(10000);
        told = report();
        sum.flushes += told.flushes;
        sum.failed += told.failed;
        sum.completions += told.completions;
        sum.badly += told.badly;
        sum.gone += told.gone;
    }
    return sum;
}

/* --- ends that are whole -------------------------------------------------- */

static const char *const lasts[] = {
    "how=last", "how=last&size=70000", "how=last&begin=1",
    "how=last&status=204", "how=last&status=304&begin=1"
};
static const size_t last_lengths[] = { 9, 70000, 25, 0, 0 };
#define LASTS 5
#define AT_ONCE 20

static long flushes_of(int i)
{
    return 1 + (strstr(lasts[i], "begin") != NULL);
}

/* That many flushes; how many there were. */
static long ask_for_lasts(http2_t *h, int n, const char *async)
{
    stream_t *streams[AT_ONCE];
    char query[128];
    long flushes = 0;
    int i;

    for (i = 0; i < n; i++) {
        snprintf(query, sizeof(query), "%s%s", lasts[i % LASTS], async);
        streams[i] = ask(h, query);
        flushes += flushes_of(i % LASTS);
    }
    for (i = 0; i < n; i++) {
        wait_for(h, streams[i]);
        ck_assert_msg(streams[i]->ended
                      && streams[i]->length == last_lengths[i % LASTS],
                      "%s%s: ended %d, code %ld, %zu bytes",
                      lasts[i % LASTS], async, streams[i]->ended,
                      streams[i]->code, streams[i]->length);
    }
    return flushes;
}

/* closes: the client goes as soon as it has the last END_STREAM. */
static void deliver(int tls, const char *async, int closes)
{
    long wanted = server_is_long() ? 10000 : 200, flushes = 0;
    http2_t *h = open_http2(tls, 0);
    told_t told;

    while (flushes < wanted) {
        flushes += ask_for_lasts(h, closes ? 5 : AT_ONCE, async);
        if (closes) {
            close_http2(h);
            h = open_http2(tls, 0);
        }
    }
    ping(h);
    close_http2(h);
    told = report_of(flushes);
    ck_assert_int_eq(told.flushes, flushes);
    ck_assert_msg(!told.failed && !told.badly, "tls %d%s closes %d: %ld of "
                  "%ld flushes failed (%08X), %ld completions (%08X)", tls,
                  async, closes, told.failed, flushes, told.last, told.badly,
                  told.status);
    ck_assert_int_eq(told.completions, *async ? flushes : 0);
    if (!closes) {
        ck_assert_int_eq(told.gone, 0);
    }
}

START_TEST(a_flush_that_was_delivered_succeeds)
{
    int way;

    start(_i, "");
    for (way = 0; way < 8; way++) {
        deliver(way & 1, way & 2 ? "&async=1" : "", way & 4);
    }
    server_stop(&server);
}
END_TEST

/* --- ends that are not ---------------------------------------------------- */

static const char first[] = "the first of it\n";

/* Of a response whose head has left with begin=1. */
static const struct {
    const char *query;
    long code;                  /* of RST_STREAM */
    unsigned int hr;            /* of the flush that fails, or 0 */
    const char *more;           /* what follows the first of it */
    int resets;                 /* HTTP/1.1: with RST */
} breaks[] = {
    { "how=reset", 8, 0, "", 1 },
    { "how=close", 8, 0, "", 0 },
    { "how=stream&code=8", 8, 0, "", 1 },
    { "how=stream&code=11", 11, 0, "", 1 },
    { "how=stream&code=0", 0, 0, "", 1 },
    { "how=stream&code=305419896", 305419896, 0, "", 1 },
    { "how=file&path=", 2, 0x80070026, "", 0 },
    { "how=file&more=1&path=", 2, 0x80070026, "", 0 },
    { "how=missing", 2, 0x80070003, "", 0 },
    { "how=missing&more=1", 2, 0x80070003, "", 0 },
    { "how=short&length=100", 2, 0, "not all\n", 0 },
    { "how=failed", 2, 0, "", 0 }
};
#define BREAKS ((int)(sizeof(breaks) / sizeof(breaks[0])))

static const char *break_query(int i, const char *more)
{
    static char query[256];
    size_t n = strlen(breaks[i].query);

    snprintf(query, sizeof(query), "%s%s%s%s", breaks[i].query,
             breaks[i].query[n - 1] == '=' ? server.root : "",
             breaks[i].query[n - 1] == '=' ? "/htdocs/notes" : "", more);
    return query;
}

static void expect_breaks(void)
{
    server_expect("IISR0005");
    server_expect("IISR0007");
}

static void check_break(const stream_t *s, int i, const char *query)
{
    char text[64];

    snprintf(text, sizeof(text), "%s%s", first, breaks[i].more);
    ck_assert_msg(!s->ended && s->status == 200 && s->code == breaks[i].code
                  && !strcmp(s->text, text),
                  "%s: status %d, ended %d, code %ld in place of %ld: %s",
                  query, s->status, s->ended, s->code, breaks[i].code,
                  s->text);
}

START_TEST(what_breaks_off_is_reset_with_its_code)
{
    int i, way;

    start(_i, "");
    expect_breaks();
    for (way = 0; way < 4; way++) {
        http2_t *h = open_http2(way & 1, 0);

        for (i = 0; i < BREAKS; i++) {
            const char *query = break_query(i, way & 2 ? "&begin=1&async=1"
                                                       : "&begin=1");
            stream_t *s;
            told_t told;

            report();
            wait_for(h, s = ask(h, query));
            ping(h);
            check_break(s, i, query);
            told = report_of(breaks[i].hr ? 2 : 1);
            ck_assert_uint_eq(told.failed, breaks[i].hr != 0);
            ck_assert_uint_eq(told.last, breaks[i].hr);
            ck_assert_uint_eq(told.badly, 0);
        }
        ask_for_lasts(h, 5, "");
        close_http2(h);
    }
    server_stop(&server);
}
END_TEST

/* Nothing has left: no head then, but for a failure that can be told. */
START_TEST(what_is_reset_ahead_of_its_head_has_none)
{
    static const struct { const char *query; long code; } resets[] = {
        { "how=reset", 8 }, { "how=close", 8 }, { "how=stream&code=7", 7 },
        { "how=stream&code=400", 400 }
    };
    int i, tls;

    start(_i, "");
    for (tls = 0; tls < 2; tls++) {
        http2_t *h = open_http2(tls, 0);

        for (i = 0; i < 4; i++) {
            stream_t *s = ask(h, resets[i].query);

            wait_for(h, s);
            ping(h);
            ck_assert_msg(s->code == resets[i].code && !s->status,
                          "%s: status %d, code %ld", resets[i].query,
                          s->status, s->code);
        }
        ask_for_lasts(h, 5, "");
        close_http2(h);
    }
    server_stop(&server);
}
END_TEST

/* Filters that copy read a file ahead of core, and of mod_http2. */
START_TEST(what_breaks_off_in_a_filter_is_cut_too)
{
    const char *query;
    int with, i;

    start(_i, "SetOutputFilter DEFLATE");
    server_expect("AH10298");           /* mod_deflate's word for it */
    query = break_query(6, "&begin=1");
    for (with = 0; with <= WITH_HTTP2; with += WITH_HTTP2) {
        for (i = 0; i < 2; i++) {
            reply_t reply;
            char url[512];

            snprintf(url, sizeof(url), "%s/iis?%s%s", server.url, query,
                     i ? "&async=1" : "");
            client_get(&reply, url, with | WITH_DEFLATE, NULL);
            ck_assert_msg(reply.curl != CURLE_OK
                          && reply.curl != CURLE_OPERATION_TIMEDOUT,
                          "%s: curl %d", url, reply.curl);
            client_free(&reply);
        }
    }
    server_stop(&server);
}
END_TEST

/* Whole ones and others side by side: each has its own end. */
static void mix(http2_t *h, unsigned int round)
{
    stream_t *streams[AT_ONCE];
    int kinds[AT_ONCE], i;

    for (i = 0; i < AT_ONCE; i++) {
        kinds[i] = (int)((round * 7 + i * 5) % (BREAKS + LASTS));
        streams[i] = ask(h, kinds[i] < BREAKS
            ? break_query(kinds[i], i % 2 ? "&begin=1&async=1" : "&begin=1")
            : lasts[kinds[i] - BREAKS]);
    }
    for (i = 0; i < AT_ONCE; i++) {
        wait_for(h, streams[i]);
        if (kinds[i] < BREAKS) {
            ck_assert_msg(!streams[i]->ended
                          && streams[i]->code == breaks[kinds[i]].code,
                          "%s: ended %d, code %ld", breaks[kinds[i]].query,
                          streams[i]->ended, streams[i]->code);
        }
        else {
            ck_assert_int_eq(streams[i]->ended, 1);
            ck_assert_uint_eq(streams[i]->length,
                              last_lengths[kinds[i] - BREAKS]);
        }
    }
}

START_TEST(ends_side_by_side_are_not_mixed_up)
{
    unsigned int round, rounds = server_is_long() ? 500 : 10;
    int tls;

    start(_i, "");
    expect_breaks();
    for (tls = 0; tls < 2; tls++) {
        http2_t *h = open_http2(tls, 0);

        for (round = 0; round < rounds; round++) {
            mix(h, round);
        }
        ping(h);
        close_http2(h);
    }
    server_stop(&server);
}
END_TEST

/* H2StreamTimeout; no window for what was flushed, and then one. */
START_TEST(a_flush_that_the_client_does_not_take_ends_in_a_reset)
{
    http2_t *h;
    stream_t *s;
    told_t told;

    start(_i, "H2StreamTimeout 1");
    report();
    h = open_http2(0, 1000);
    s = ask(h, "how=endless&size=20000");
    while (s->length < 1000 && take_more(h, 20000)) {
        continue;
    }
    ck_assert_uint_eq(s->length, 1000);
    do {
        told = report();
        usleep(10000);
    } while (!told.failed);
    open_windows(h, s->id, 8000000);
    wait_for(h, s);
    ck_assert_int_eq(s->code, 2);
    ck_assert_int_eq(s->ended, 0);
    close_http2(h);
    server_stop(&server);
}
END_TEST

/* IISShutdownTimeLimit is over, and a module has not answered. */
START_TEST(a_stop_that_gives_up_resets_the_stream)
{
    http2_t *h;
    stream_t *s;

    start(_i, "ServerLimit 4\nIISShutdownTimeLimit 1");
    h = open_http2(1, 0);
    s = ask(h, "how=wait&begin=1");
    while (!s->length && take_more(h, 20000)) {
        continue;
    }
    server_graceful(&server);
    wait_for(h, s);
    ck_assert_int_eq(s->code, 2);
    ck_assert_int_eq(s->ended, 0);
    close_http2(h);
    server_stop(&server);
}
END_TEST

/* And one that has become shorter is none. */
START_TEST(whole_files_are_sent)
{
    char path[128], query[256];
    http2_t *h;
    stream_t *s;
    int fd;

    start(_i, "");
    snprintf(path, sizeof(path), "%s/htdocs/notes", server.root);
    ck_assert_int_ge((fd = open(path, O_RDWR)), 0);
    ck_assert_int_eq(ftruncate(fd, 3000000), 0);
    close(fd);
    h = open_http2(0, 0);
    snprintf(query, sizeof(query), "how=whole&begin=1&path=%s", path);
    wait_for(h, s = ask(h, query));
    ck_assert_int_eq(s->ended, 1);
    ck_assert_uint_eq(s->length, strlen(first) + 3000000);
    snprintf(query, sizeof(query), "how=shrinks&begin=1&path=%s", path);
    wait_for(h, s = ask(h, query));
    ck_assert_int_eq(s->code, 2);
    close_http2(h);
    server_stop(&server);
}
END_TEST

/* Said once each, and nothing else comes of it. */
START_TEST(what_a_stream_cannot_do_is_said)
{
    http2_t *h;
    stream_t *s;

    start(_i, "");
    server_expect("IISR0123");
    server_expect("IISR0124");
    h = open_http2(0, 0);
    wait_for(h, s = ask(h, "how=suppress"));
    ck_assert(s->ended && s->status == 200);
    ck_assert_ptr_nonnull(strstr(s->text, "HTTP/1.1 299 Own"));
    wait_for(h, s = ask(h, "how=disconnect&begin=1"));
    ck_assert(s->ended && s->status == 200);
    wait_for(h, s = ask(h, "how=goaway"));
    ck_assert(s->ended && s->status == 200);
    ask_for_lasts(h, 5, "");
    close_http2(h);
    ck_assert_int_eq(server_count(server_log(&server), "IISR0123"), 1);
    ck_assert_int_eq(server_count(server_log(&server), "IISR0124"), 1);
    server_stop(&server);
}
END_TEST

/* --- the same over HTTP/1.1 ----------------------------------------------- */

/* Whether the connection ended with a reset; *text: what came. */
static int read_to_the_end(int fd, char *text, size_t size)
{
    size_t have = 0;
    ssize_t n;

    while ((n = recv(fd, text + have, size - 1 - have, 0)) > 0) {
        have += n;
    }
    text[have] = '\0';
    return n < 0 && errno == ECONNRESET;
}

START_TEST(the_same_over_http_1_has_no_last_chunk)
{
    int i, way;

    start(_i, "");
    server_expect("AH10034");           /* prefork */
    expect_breaks();
    for (way = 0; way < 2; way++) {
        for (i = 0; i < BREAKS; i++) {
            const char *query = break_query(i, way ? "&begin=1&async=1"
                                                   : "&begin=1");
            char text[4096], request[512];
            int fd = client_open(server.port), reset;

            snprintf(request, sizeof(request), "GET /iis?%s HTTP/1.1\r\n"
                     "Host: localhost\r\n\r\n", query);
            client_send(fd, request);
            reset = read_to_the_end(fd, text, sizeof(text));
            ck_assert_msg(reset == breaks[i].resets, "%s: reset %d", query,
                          reset);
            ck_assert_msg(reset || strstr(text, first), "%s: %s", query,
                          text);
            ck_assert_msg(!strstr(text, "\r\n0\r\n"), "%s: %s", query, text);
            close(fd);
        }
    }
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_flush_that_was_delivered_succeeds, MPM_EVENT,
                        MPM_PREFORK);
    tcase_add_loop_test(tc, what_breaks_off_is_reset_with_its_code,
                        MPM_EVENT, MPM_PREFORK);
    tcase_add_loop_test(tc, what_is_reset_ahead_of_its_head_has_none,
                        MPM_EVENT, MPM_PREFORK);
    tcase_add_loop_test(tc, what_breaks_off_in_a_filter_is_cut_too,
                        MPM_EVENT, MPM_PREFORK);
    tcase_add_loop_test(tc, ends_side_by_side_are_not_mixed_up, MPM_EVENT,
                        MPM_PREFORK);
    tcase_add_loop_test(tc, a_flush_that_the_client_does_not_take_ends_in_a_reset,
                        MPM_EVENT, MPM_PREFORK);
    tcase_add_loop_test(tc, a_stop_that_gives_up_resets_the_stream,
                        MPM_EVENT, MPM_PREFORK);
    tcase_add_loop_test(tc, whole_files_are_sent, MPM_EVENT, MPM_PREFORK);
    tcase_add_loop_test(tc, what_a_stream_cannot_do_is_said, MPM_EVENT,
                        MPM_PREFORK);
    ON_EVERY_MPM(tc, the_same_over_http_1_has_no_last_chunk);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("streams", add, server_is_long() ? 600 : 90);
}
