/* test_http2.c: streams that wait, many on one connection, and clients that
 * reset some of them.  mod_http2 does not work under prefork.
 */
#include <check.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

#define STREAMS 20

static server_t server;

static void start(int mpm, const char *modules, const char *extra)
{
    char all[512];

    snprintf(all, sizeof(all), "Protocols h2 http/1.1\n%s", extra);
    server_start(&server, mpm, modules, "http2 ssl socache_shmcb", all);
}

typedef struct stream_t {
    CURL *curl;
    size_t length;
    size_t cut;                 /* reset when so much is there; 0: not */
    CURLcode code;
    char text[64];              /* the first of it */
    char why[CURL_ERROR_SIZE];
} stream_t;

static size_t take(char *data, size_t size, size_t n, void *baton)
{
    stream_t *stream = baton;
    size_t used = strlen(stream->text);

    n *= size;
    if (used < sizeof(stream->text) - 1) {
        strncat(stream->text, data, n < sizeof(stream->text) - 1 - used
                ? n : sizeof(stream->text) - 1 - used);
    }
    stream->length += n;
    return stream->cut && stream->length >= stream->cut ? 0 : n;
}

static void open_stream(CURLM *multi, stream_t *stream, const char *query)
{
    char url[512];
    CURL *curl = curl_easy_init();

    /* Over TLS: curl does not share a connection of prior knowledge. */
    snprintf(url, sizeof(url), "https://127.0.0.1:%d/iis?%s",
             server.tls_port, query);
    memset(stream, 0, sizeof(*stream));
    stream->curl = curl;
    stream->code = (CURLcode)-1;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, stream);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, stream);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, stream->why);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
                     (long)CURL_HTTP_VERSION_2TLS);
    curl_multi_add_handle(multi, curl);
}

/* Goes on with the streams; how many are not through after so long. */
static int perform(CURLM *multi, int ms)
{
    int running = 1, left;
    CURLMsg *message;

    for (; running && ms > 0; ms -= 20) {
        curl_multi_perform(multi, &running);
        curl_multi_poll(multi, NULL, 0, 20, NULL);
        while ((message = curl_multi_info_read(multi, &left))) {
            stream_t *stream;

            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
                              (char **)&stream);
            stream->code = message->data.result;
        }
    }
    return running;
}

/* The connection that the streams to come will share. */
static CURLM *open_connection(const char *query)
{
    CURLM *multi = curl_multi_init();
    stream_t stream;

    open_stream(multi, &stream, query);
    ck_assert_int_eq(perform(multi, 20000), 0);
    ck_assert_msg(stream.code == CURLE_OK, "curl %d", stream.code);
    curl_multi_remove_handle(multi, stream.curl);
    curl_easy_cleanup(stream.curl);
    return multi;
}

/* Ends a stream; one that is not through is reset. */
static void close_stream(CURLM *multi, stream_t *stream)
{
    curl_multi_remove_handle(multi, stream->curl);
    curl_easy_cleanup(stream->curl);
}

static const struct { const char *query; size_t length; const char *text; }
cases[] = {
    { "op=chain&n=50&size=20000", 1000000, "aaaa" },
    { "op=chain&n=200&size=64&callback=1", 12800, "aaaa" },
    { "op=post&ms=300", 22, "posted 77 connected 1\n" },
    { "op=post&ms=20&write=20", 162, "thread\n" },
    { "op=chain&n=2&size=700000&callback=1", 1400000, "aaaa" }
};

static void all_arrive(void)
{
    CURLM *multi = open_connection("op=post&ms=1");
    stream_t streams[STREAMS];
    long connects = 0, version = 0, n;
    int i;

    for (i = 0; i < STREAMS; i++) {
        open_stream(multi, &streams[i], cases[i % 5].query);
    }
    ck_assert_int_eq(perform(multi, 60000), 0);
    for (i = 0; i < STREAMS; i++) {
        ck_assert_msg(streams[i].code == CURLE_OK
                      && streams[i].length == cases[i % 5].length
                      && !strncmp(streams[i].text, cases[i % 5].text,
                                  strlen(cases[i % 5].text)),
                      "%s: curl %d, %zu bytes: %s", cases[i % 5].query,
                      streams[i].code, streams[i].length, streams[i].text);
        curl_easy_getinfo(streams[i].curl, CURLINFO_NUM_CONNECTS, &n);
        curl_easy_getinfo(streams[i].curl, CURLINFO_HTTP_VERSION, &version);
        ck_assert_int_eq(version, CURL_HTTP_VERSION_2);
        connects += n;
        close_stream(multi, &streams[i]);
    }
    ck_assert_int_eq(connects, 0);
    curl_multi_cleanup(multi);
}

START_TEST(many_streams_wait_at_once)
{
    start(_i, "ops=ops", "");
    all_arrive();
    server_stop(&server);
}
END_TEST

/* Every other one, at any moment; the rest is none the worse.  mod_http2 ends
 * a connection whose client resets a stream as its response begins (nghttp2
 * refuses the head, "proto error"): then the rest may end with it. */
static void reset_some(unsigned round)
{
    CURLM *multi = open_connection("op=post&ms=1");
    stream_t streams[STREAMS];
    int i, early = round % 3 == 0;

    for (i = 0; i < STREAMS; i++) {
        open_stream(multi, &streams[i], cases[i % 5].query);
        streams[i].cut = i % 2 ? 1 + (round * 7919 + i * 104729)
                                     % cases[i % 5].length : 0;
    }
    if (early) {
        /* And some whose modules are at work. */
        perform(multi, 60);
        close_stream(multi, &streams[1]);
        close_stream(multi, &streams[3]);
    }
    perform(multi, 60000);
    for (i = 0; i < STREAMS; i++) {
        if (i % 2 == 0) {
            ck_assert_msg((streams[i].code == CURLE_OK
                           && streams[i].length == cases[i % 5].length)
                          || (early && streams[i].code != CURLE_OK),
                          "%s: curl %d (%s), %zu bytes", cases[i % 5].query,
                          streams[i].code, streams[i].why,
                          streams[i].length);
        }
        if (!early || (i != 1 && i != 3)) {
            close_stream(multi, &streams[i]);
        }
    }
    curl_multi_cleanup(multi);
}

START_TEST(streams_that_clients_reset_cost_nothing)
{
    unsigned round, rounds = server_is_long() ? 200 : 12;
    long before;

    start(_i, "ops=ops", "ServerLimit 1\nMaxRequestWorkers 8");
    server_expect("AH00484");
    reset_some(0);
    before = server_descriptors(&server, 100000);
    for (round = 0; round < rounds; round++) {
        reset_some(round);
    }
    ck_assert_int_le(server_descriptors(&server, before + 2), before + 2);
    all_arrive();
    server_stop(&server);
}
END_TEST

static const char *noted(const char *op)
{
    static char query[256];

    snprintf(query, sizeof(query), "%s&path=%s/htdocs/notes", op,
             server.root);
    return query;
}

/* A module that waits hears that its client has gone, and posts. */
START_TEST(a_reset_stream_is_a_disconnected_client)
{
    CURLM *multi;
    stream_t waits;

    start(_i, "waits=waits", "");
    multi = open_connection("op=indicate&ms=1");
    open_stream(multi, &waits, noted("op=notify"));
    ck_assert_int_eq(perform(multi, 100), 1);
    server_notes(&server, "watched", 1);
    close_stream(multi, &waits);
    perform(multi, 400);
    open_stream(multi, &waits, "op=indicate&ms=1");
    ck_assert_int_eq(perform(multi, 10000), 0);
    ck_assert_int_eq(waits.code, CURLE_OK);
    ck_assert_ptr_nonnull(strstr(server_notes(&server, "completion", 1),
                                 "disconnected 00000000"));
    close_stream(multi, &waits);
    curl_multi_cleanup(multi);
    server_stop(&server);
}
END_TEST

/* A flush that its client does not take, and then resets. */
START_TEST(a_flush_of_a_reset_stream_fails)
{
    CURLM *multi = curl_multi_init();
    stream_t stream;
    const char *notes;

    start(_i, "life=life", "");
    open_stream(multi, &stream, noted("op=chain&n=3&size=9000000"));
    stream.cut = 100000;
    perform(multi, 10000);
    ck_assert_int_eq(stream.code, CURLE_WRITE_ERROR);
    notes = server_notes(&server, " 80070", 1);
    ck_assert_msg(strstr(notes, "refused 80070") || strstr(notes,
                  "chain 80070"), "%s", notes);
    close_stream(multi, &stream);
    curl_multi_cleanup(multi);
    server_stop(&server);
}
END_TEST

static size_t five_bytes(char *to, size_t size, size_t n, void *baton)
{
    int *sent = baton;

    if (*sent || size * n < 5) {
        return CURL_READFUNC_PAUSE;
    }
    *sent = 1;
    memcpy(to, "01234", 5);
    return 5;
}

/* Half of a body, and then no stream. */
START_TEST(the_body_of_a_reset_stream_is_an_error_to_its_reader)
{
    static const char *const ways[] = { "how=async", "how=callback",
                                        "how=sync" };
    CURLM *multi;
    int i;

    start(_i, "uploads=uploads", "");
    multi = open_connection("how=ignore");
    for (i = 0; i < 3; i++) {
        stream_t stream;
        int sent = 0;

        open_stream(multi, &stream, noted(ways[i]));
        curl_easy_setopt(stream.curl, CURLOPT_POST, 1L);
        curl_easy_setopt(stream.curl, CURLOPT_POSTFIELDSIZE, 10L);
        curl_easy_setopt(stream.curl, CURLOPT_READFUNCTION, five_bytes);
        curl_easy_setopt(stream.curl, CURLOPT_READDATA, &sent);
        ck_assert_int_eq(perform(multi, 500), 1);
        ck_assert_int_eq(sent, 1);
        close_stream(multi, &stream);
        perform(multi, 100);
        open_stream(multi, &stream, "how=ignore");
        ck_assert_int_eq(perform(multi, 10000), 0);
        close_stream(multi, &stream);
        ck_assert_msg(server_count(server_notes(&server, "bytes 5", i + 1),
                                   "end 800704CD") == i + 1, "%s: %s",
                      ways[i], server_notes(&server, "", 0));
    }
    curl_multi_cleanup(multi);
    server_stop(&server);
}
END_TEST

START_TEST(a_graceful_restart_lets_streams_finish)
{
    static const char waits[] = "op=post&begin=1&ms=1500";
    CURLM *multi;
    stream_t streams[STREAMS];
    int i;

    start(_i, "ops=ops", "");
    multi = open_connection("op=post&ms=1");
    for (i = 0; i < STREAMS; i++) {
        open_stream(multi, &streams[i], i % 2 ? waits
                    : "op=flush&n=30&size=1000&ms=50");
    }
    for (i = 0; i < STREAMS; i++) {
        while (!streams[i].length && perform(multi, 20)) {
            continue;
        }
    }
    server_graceful(&server);
    ck_assert_int_eq(perform(multi, 60000), 0);
    for (i = 0; i < STREAMS; i++) {
        ck_assert_msg(streams[i].code == CURLE_OK && streams[i].length
                      == (i % 2 ? strlen("begun\nposted 77 connected 1\n")
                          : 30000),
                      "%d: curl %d, %zu bytes: %s", i, streams[i].code,
                      streams[i].length, streams[i].text);
        close_stream(multi, &streams[i]);
    }
    curl_multi_cleanup(multi);
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, many_streams_wait_at_once, MPM_EVENT, MPM_PREFORK);
    tcase_add_loop_test(tc, streams_that_clients_reset_cost_nothing,
                        MPM_EVENT, MPM_PREFORK);
    tcase_add_loop_test(tc, a_reset_stream_is_a_disconnected_client,
                        MPM_EVENT, MPM_PREFORK);
    tcase_add_loop_test(tc, a_flush_of_a_reset_stream_fails,
                        MPM_EVENT, MPM_PREFORK);
    tcase_add_loop_test(tc, the_body_of_a_reset_stream_is_an_error_to_its_reader,
                        MPM_EVENT, MPM_PREFORK);
    tcase_add_loop_test(tc, a_graceful_restart_lets_streams_finish,
                        MPM_EVENT, MPM_PREFORK);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("http2", add, 90);
}
