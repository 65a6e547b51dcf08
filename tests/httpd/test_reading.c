/* test_reading.c: request bodies that modules read asynchronously: every
 * overload, every framing, slow clients, refused bodies, clients that leave.
 */
#include <check.h>
#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static void start(int mpm, const char *extra)
{
    server_start(&server, mpm, "uploads=uploads",
                 mpm == MPM_PREFORK ? "ssl socache_shmcb"
                                    : "http2 ssl socache_shmcb", extra);
}

/* --- a body by curl, in pieces -------------------------------------------- */

typedef struct body_t {
    size_t size, sent, piece;
    useconds_t pause;
    unsigned sum;
} body_t;

static size_t next_piece(char *to, size_t size, size_t n, void *baton)
{
    body_t *body = baton;
    size_t i, left = body->size - body->sent;

    if (body->sent) {
        usleep(body->pause);
    }
    n = size * n < left ? size * n : left;
    n = n < body->piece ? n : body->piece;
    for (i = 0; i < n; i++, body->sent++) {
        to[i] = (char)(body->sent * 7 + body->sent / 251);
        body->sum = body->sum * 31 + (unsigned char)to[i];
    }
    return n;
}

static size_t keep(char *data, size_t size, size_t n, void *text)
{
    strncat(text, data, 500 - strlen(text) < size * n ? 0 : size * n);
    return size * n;
}

/* What the module says of it, static. */
static const char *upload(const char *query, int with, int chunked,
                          body_t *body)
{
    static char text[512];
    struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
    CURL *curl = curl_easy_init();
    char url[256];
    CURLcode code;

    snprintf(url, sizeof(url), "http%s://127.0.0.1:%d/iis?%s",
             with & WITH_TLS ? "s" : "",
             with & WITH_TLS ? server.tls_port : server.port, query);
    *text = '\0';
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, next_piece);
    curl_easy_setopt(curl, CURLOPT_READDATA, body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, text);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)(with & WITH_HTTP2
        ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE : CURL_HTTP_VERSION_1_1));
    if (chunked) {
        if (!(with & WITH_HTTP2)) {
            headers = curl_slist_append(headers,
                                        "Transfer-Encoding: chunked");
        }
    }
    else {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body->size);
    }
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    code = curl_easy_perform(curl);
    ck_assert_msg(code == CURLE_OK, "%s: curl %d\n%s", query, code,
                  server_log(&server));
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return text;
}

static const char *const ways[] = {
    "how=async", "how=callback", "how=flags", "how=blind", "how=sync",
    "how=async&size=1", "how=callback&wait=20"
};
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* Each byte once, ERROR_HANDLE_EOF behind them, and OnReadEntity saw all. */
static void reads_all(const char *query, int with, int chunked, body_t body)
{
    const char *answer = upload(query, with, chunked, &body);
    char expected[200];

    snprintf(expected, sizeof(expected),
             "bytes %zu sum %08X end 80070026 seen %zu wrong 0\n", body.size,
             body.sum, body.size);
    ck_assert_msg(!strcmp(answer, expected), "%s%s: %s", query,
                  chunked ? ", chunked" : "", answer);
}

static void every_way(int with)
{
    static const size_t sizes[] = { 0, 1, 9000, 150000 };
    size_t i, j;

    for (i = 0; i < WAYS; i++) {
        for (j = 0; j < 4; j++) {
            body_t body = { .size = strstr(ways[i], "size=1") && sizes[j] > 9000
                                    ? 3000 : sizes[j],
                            .piece = 65536 };

            reads_all(ways[i], with, 0, body);
            reads_all(ways[i], with, 1, body);
        }
    }
}

START_TEST(every_overload_reads_every_body)
{
    start(_i, "");
    every_way(0);
    server_stop(&server);
}
END_TEST

START_TEST(so_it_is_over_tls)
{
    start(_i, "");
    every_way(WITH_TLS);
    server_stop(&server);
}
END_TEST

START_TEST(so_it_is_over_http2)
{
    start(_i, "Protocols h2c http/1.1");
    every_way(WITH_HTTP2);
    server_stop(&server);
}
END_TEST

static void trickle(int with)
{
    size_t i;

    for (i = 0; i < WAYS; i++) {
        body_t body = { .size = 900, .piece = 100, .pause = 20000 };

        reads_all(ways[i], with, 0, body);
        reads_all(ways[i], with, 1, body);
    }
}

START_TEST(a_body_comes_in_small_pieces)
{
    start(_i, _i == MPM_PREFORK ? "" : "Protocols h2c http/1.1");
    trickle(0);
    trickle(WITH_TLS);
    if (_i != MPM_PREFORK) {
        trickle(WITH_HTTP2);
    }
    server_stop(&server);
}
END_TEST

/* --- by hand -------------------------------------------------------------- */

static int post(const char *query, const char *more)
{
    char text[600];
    int fd = client_open(server.port);

    snprintf(text, sizeof(text), "POST /iis?%s&path=%s/htdocs/notes HTTP/1.1"
             "\r\nHost: a\r\n%s", query, server.root, more);
    client_send(fd, text);
    return fd;
}

/* Nothing comes for so long. */
static int is_silent(int fd, int ms)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, ms) == 0;
}

static void is_served(void)
{
    char url[128];
    reply_t reply;

    snprintf(url, sizeof(url), "%s/file.txt", server.url);
    client_get(&reply, url, 0, NULL);
    ck_assert_int_eq(reply.status, 200);
    client_free(&reply);
}

#define UPLOADS 50

/* Pieces of 50 bodies come in turn; 4 threads have time for others. */
START_TEST(slow_uploads_hold_no_thread)
{
    int fds[UPLOADS], i, turn;

    start(MPM_EVENT, "ThreadsPerChild 4\nMaxRequestWorkers 4\nServerLimit 1");
    server_expect("AH00484");
    for (i = 0; i < UPLOADS; i++) {
        fds[i] = post(i % 2 ? "how=async" : "how=callback",
                      i % 3 ? "Connection: close\r\nContent-Length: 50\r\n\r\n"
                      : "Connection: close\r\nTransfer-Encoding: chunked\r\n"
                        "\r\n");
    }
    for (turn = 0; turn < 5; turn++) {
        is_served();
        for (i = 0; i < UPLOADS; i++) {
            client_send(fds[i], i % 3 ? "0123456789" : "a\r\n0123456789\r\n");
        }
    }
    is_served();
    for (i = 0; i < UPLOADS; i++) {
        const char *text;

        if (i % 3 == 0) {
            client_send(fds[i], "0\r\n\r\n");
        }
        client_take_up();
        text = client_read_all(fds[i]);
        ck_assert_msg(strstr(text, "bytes 50 ")
                      && strstr(text, "end 80070026 seen 50 wrong 0"),
                      "%d: %s", i, text);
        close(fds[i]);
    }
    server_stop(&server);
}
END_TEST

#define EXPECTING "Connection: close\r\nExpect: 100-continue\r\n" \
                  "Content-Length: 10\r\n\r\n"

/* The invitation goes with the first read, and not when nobody reads. */
START_TEST(the_client_is_invited_when_reading_begins)
{
    static const char *const queries[] = {
        "how=async&wait=600", "how=callback&wait=600", "how=sync&wait=600"
    };
    const char *text;
    int fd, i;

    start(_i, "");
    for (i = 0; i < 3; i++) {
        fd = post(queries[i], EXPECTING);
        ck_assert_msg(is_silent(fd, 300), "%s: invited before", queries[i]);
        text = client_read_until(fd, "\r\n\r\n");
        ck_assert_msg(!strncmp(text, "HTTP/1.1 100 ", 13), "%s", text);
        client_send(fd, "0123456789");
        text = client_read_all(fd);
        ck_assert_msg(strstr(text, "bytes 10 ") != NULL, "%s", text);
        ck_assert_int_eq(server_count(text, "HTTP/1.1 "), 2);
        close(fd);
    }
    fd = post("how=ignore", EXPECTING);
    text = client_read_all(fd);
    ck_assert_msg(!strncmp(text, "HTTP/1.1 200 ", 13), "%s", text);
    close(fd);
    server_stop(&server);
}
END_TEST

/* ERROR_CONNECTION_INVALID to the module, 413 to the client of a module that
 * says nothing else, and nothing of the rest is taken for a request. */
static void refuses(const char *how, const char *framing)
{
    char query[64];
    const char *text;
    int fd;

    snprintf(query, sizeof(query), "%s&quiet=1", how);
    fd = post(query, framing);
    text = client_read_all(fd);
    ck_assert_msg(!strncmp(text, "HTTP/1.1 413 ", 13), "%s: %s", how, text);
    ck_assert_int_eq(server_count(text, "HTTP/1.1 "), 1);
    close(fd);
    fd = post(how, framing);
    text = client_read_all(fd);
    ck_assert_msg(strstr(text, " end 800704CD ") != NULL, "%s: %s", how, text);
    ck_assert_int_eq(server_count(text, "HTTP/1.1 "), 1);
    close(fd);
}

START_TEST(a_body_over_the_limit_is_an_error_to_its_reader)
{
    static const char by_length[] = "Content-Length: 31\r\n\r\n"
        "GET /file.txt HTTP/1.1\r\nHost: a";
    static const char chunked[] = "Transfer-Encoding: chunked\r\n\r\n"
        "a\r\n0123456789\r\n1f\r\nGET /file.txt HTTP/1.1\r\nHost: a\r\n0\r\n\r\n";
    size_t i;

    start(_i, "LimitRequestBody 20");
    for (i = 0; i < WAYS; i++) {
        refuses(ways[i], by_length);
        refuses(ways[i], chunked);
    }
    server_stop(&server);
}
END_TEST

/* Half of the body has come. */
static void leaves(const char *how, void (*leave)(int fd), const char *note)
{
    int fd = post(how, "Content-Length: 10\r\n\r\n01234"), before;
    const char *notes;

    usleep(300000);
    before = server_count(server_notes(&server, note, 0), note);
    leave(fd);
    notes = server_notes(&server, note, before + 1);
    ck_assert_msg(server_count(notes, note) == before + 1, "%s: no \"%s\" "
                  "in\n%s", how, note, notes);
}

static void close_it(int fd)
{
    close(fd);
}

START_TEST(a_client_that_leaves_is_an_error_to_its_reader)
{
    size_t i;

    start(_i, "");
    for (i = 0; i < WAYS; i++) {
        leaves(ways[i], client_reset, "connected 0 bytes 5");
        leaves(ways[i], close_it, "bytes 5");
    }
    ck_assert_int_eq(server_count(server_notes(&server, "end", 0),
                                  "end 8007"), 2 * WAYS);
    ck_assert_ptr_null(strstr(server_notes(&server, "end", 0),
                              "end 80070026"));
    server_stop(&server);
}
END_TEST

/* --- the next request ----------------------------------------------------- */

/* Every way of leaving a body, and then another request on the connection. */
START_TEST(the_next_request_follows_a_body_whoever_read_it)
{
    static const char *const queries[] = {
        "how=async", "how=callback&wait=50", "how=sync", "how=ignore",
        "how=async&most=3&size=3", "how=callback&most=60&size=20"
    };
    static const char *const framings[] = {
        "Content-Length: 100\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"
    };
    char half[64];
    size_t i, turn;
    int fd;

    memset(half, 'x', 50);
    half[50] = '\0';
    start(_i, "");
    fd = client_open(server.port);
    for (turn = 0; turn < 4; turn++) {
        for (i = 0; i < 6; i++) {
            char text[512];
            reply_t reply;

            snprintf(text, sizeof(text), "POST /iis?%s HTTP/1.1\r\nHost: a"
                     "\r\n%s", queries[i], framings[turn % 2]);
            client_send(fd, text);
            usleep(turn > 1 ? 30000 : 0);
            snprintf(text, sizeof(text), turn % 2 ? "32\r\n%s\r\n" : "%s",
                     half);
            client_send(fd, text);
            usleep(turn > 1 ? 150000 : 0);
            snprintf(text, sizeof(text), turn % 2 ? "32\r\n%s\r\n0\r\n\r\n%s"
                     : "%s%s", half, turn == 1
                     ? "GET /file.txt HTTP/1.1\r\nHost: a\r\n\r\n" : "");
            client_send(fd, text);
            ck_assert_int_eq(client_response(fd, &reply, 0), 1);
            ck_assert_msg(reply.status == 200 && !*reply.wrong, "%s: %s %s",
                          queries[i], reply.headers, reply.wrong);
            ck_assert_msg(strstr(reply.body, "bytes ") != NULL, "%s",
                          reply.body);
            client_free(&reply);
            if (turn != 1) {
                client_send(fd, "GET /file.txt HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            ck_assert_int_eq(client_response(fd, &reply, 0), 1);
            ck_assert_msg(reply.status == 200 && !*reply.wrong, "%s: %s %s",
                          queries[i], reply.headers, reply.wrong);
            ck_assert_msg(strstr(reply.body, "static file") != NULL, "%s",
                          reply.body);
            client_free(&reply);
        }
    }
    close(fd);
    server_stop(&server);
}
END_TEST

/* The answers are there and the bodies are not: 20 of them, 4 threads. */
START_TEST(bodies_that_nobody_reads_hold_no_thread)
{
    int fds[20], i;

    start(MPM_EVENT, "ThreadsPerChild 4\nMaxRequestWorkers 4\nServerLimit 1");
    server_expect("AH00484");
    for (i = 0; i < 20; i++) {
        fds[i] = post("how=ignore", "Content-Length: 10\r\n\r\n01234");
        client_read_until(fds[i], "bytes 0");
    }
    is_served();
    for (i = 0; i < 20; i++) {
        const char *text;

        client_send(fds[i], "56789GET /file.txt HTTP/1.1\r\nHost: a\r\n"
                    "Connection: close\r\n\r\n");
        client_take_up();
        text = client_read_all(fds[i]);
        ck_assert_msg(strstr(text, "static file") != NULL, "%d: %s", i, text);
        close(fds[i]);
    }
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, every_overload_reads_every_body);
    tcase_add_loop_test(tc, so_it_is_over_tls, MPM_EVENT, MPM_WORKER);
    tcase_add_loop_test(tc, so_it_is_over_http2, MPM_EVENT, MPM_PREFORK);
    ON_EVERY_MPM(tc, a_body_comes_in_small_pieces);
    tcase_add_test(tc, slow_uploads_hold_no_thread);
    ON_EVERY_MPM(tc, the_client_is_invited_when_reading_begins);
    ON_EVERY_MPM(tc, a_body_over_the_limit_is_an_error_to_its_reader);
    ON_EVERY_MPM(tc, a_client_that_leaves_is_an_error_to_its_reader);
    ON_EVERY_MPM(tc, the_next_request_follows_a_body_whoever_read_it);
    tcase_add_test(tc, bodies_that_nobody_reads_hold_no_thread);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("reading", add, 90);
}
