/* test_async.c: requests that wait: parked on event, on their own thread
 * under the others, the same to modules and clients.
 */
#include <check.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static const char *url(const char *query)
{
    static char text[512];

    snprintf(text, sizeof(text), "%s/iis?%s", server.url, query);
    return text;
}

static void start(int mpm, const char *extra)
{
    server_start(&server, mpm, "ops=ops", "", extra);
}

static void get(reply_t *reply, const char *query, const char *post)
{
    client_get(reply, url(query), 0, post);
    ck_assert_int_eq(reply->curl, CURLE_OK);
    ck_assert_int_eq(reply->status, 200);
}

START_TEST(a_chain_of_asynchronous_flushes_arrives_whole)
{
    reply_t reply;

    start(_i, NULL);
    get(&reply, "op=chain&n=1000&size=64", NULL);
    ck_assert_int_eq(reply.length, 64000);
    client_free(&reply);
    get(&reply, "op=chain&n=300&size=100000&callback=1", NULL);
    ck_assert_int_eq(reply.length, 30000000);
    client_free(&reply);
    get(&reply, "op=chain&n=2&size=40000000", NULL);
    ck_assert_int_eq(reply.length, 80000000);
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(inline_completion_delivers_the_same_bytes)
{
    reply_t reply;

    start(_i, "IISInlineCompletion On");
    get(&reply, "op=chain&n=1000&size=64", NULL);
    ck_assert_int_eq(reply.length, 64000);
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(a_post_from_a_modules_thread_goes_on_with_the_request)
{
    reply_t reply;

    start(_i, NULL);
    get(&reply, "op=post&ms=200", NULL);
    ck_assert_str_eq(reply.body, "posted 77 connected 1\n");
    client_free(&reply);
    get(&reply, "op=post&ms=0", NULL);
    ck_assert_str_eq(reply.body, "posted 77 connected 1\n");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(a_modules_thread_may_write_and_flush_while_pending)
{
    reply_t reply;

    start(_i, NULL);
    get(&reply, "op=post&ms=50&write=100", NULL);
    ck_assert_int_eq(reply.length, 700 + strlen("posted 77 connected 1\n"));
    client_free(&reply);
    get(&reply, "op=post&ms=0&write=100", NULL);
    ck_assert_int_eq(reply.length, 700 + strlen("posted 77 connected 1\n"));
    client_free(&reply);
    server_stop(&server);
}
END_TEST

/* More pending requests than threads: 40 against 8. */
START_TEST(pending_requests_hold_no_thread)
{
    int fds[40], i;
    reply_t reply;

    start(MPM_EVENT, NULL);
    for (i = 0; i < 40; i++) {
        fds[i] = client_open(server.port);
        client_send(fds[i], "GET /iis?op=post&ms=3000 HTTP/1.1\r\n"
                    "Host: a\r\nConnection: close\r\n\r\n");
    }
    get(&reply, "op=whole&size=3", NULL);
    ck_assert_str_eq(reply.body, "www");
    client_free(&reply);
    for (i = 0; i < 40; i++) {
        char text[1024] = "";
        size_t n = 0;
        ssize_t got;

        while ((got = recv(fds[i], text + n, sizeof(text) - 1 - n, 0)) > 0) {
            n += got;
        }
        ck_assert_msg(strstr(text, "posted 77") != NULL, "%d: %s", i, text);
        close(fds[i]);
    }
    server_stop(&server);
}
END_TEST

START_TEST(slow_readers_hold_no_thread)
{
    int fds[40], i;
    reply_t reply;

    start(MPM_EVENT, NULL);
    for (i = 0; i < 40; i++) {
        fds[i] = client_open(server.port);
        client_send(fds[i], i % 2
            ? "GET /iis?op=chain&n=100&size=200000 HTTP/1.1\r\nHost: a\r\n\r\n"
            : "GET /iis?op=whole&size=4000000 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    usleep(300000);
    get(&reply, "op=whole&size=3", NULL);
    ck_assert_str_eq(reply.body, "www");
    client_free(&reply);
    for (i = 0; i < 40; i++) {
        close(fds[i]);
    }
    get(&reply, "op=whole&size=3", NULL);
    client_free(&reply);
    server_stop(&server);
}
END_TEST

/* The first response is still on its way when the second one flushes: the
 * end of the one must not lose the completion of the other. */
START_TEST(pipelined_requests_of_a_slow_reader_all_complete)
{
    char buffer[65536];
    size_t total = 0;
    ssize_t n;
    int fd;

    start(_i, NULL);
    fd = client_open(server.port);
    client_send(fd, "GET /iis?op=whole&size=3000000 HTTP/1.1\r\nHost: a\r\n"
                "\r\nGET /iis?op=whole&size=30000 HTTP/1.1\r\nHost: a\r\n"
                "\r\nGET /iis?op=chain&n=50&size=100000 HTTP/1.1\r\n"
                "Host: a\r\nConnection: close\r\n\r\n");
    usleep(300000);
    while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
        total += n;
    }
    ck_assert_msg(total > 8030000, "%zu", total);
    close(fd);
    server_stop(&server);
}
END_TEST

START_TEST(a_body_is_read_asynchronously)
{
    static char body[200001];
    reply_t reply;
    int fd;
    const char *text;

    start(_i, NULL);
    memset(body, 'b', sizeof(body) - 1);
    get(&reply, "op=echo", body);
    ck_assert_int_eq(reply.length, sizeof(body) - 1);
    client_free(&reply);
    fd = client_open(server.port);
    client_send(fd, "POST /iis?op=echo HTTP/1.1\r\nHost: a\r\n"
                "Content-Length: 8\r\nConnection: close\r\n\r\nhalf");
    usleep(300000);
    client_send(fd, "full");
    text = client_read_all(fd);
    ck_assert_ptr_nonnull(strstr(text, "halffull"));
    close(fd);
    fd = client_open(server.port);
    client_send(fd, "POST /iis?op=echo HTTP/1.1\r\nHost: a\r\n"
                "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n"
                "Connection: close\r\n\r\n");
    ck_assert_ptr_nonnull(strstr(client_read_until(fd, "\r\n\r\n"),
                                 "100 Continue"));
    client_send(fd, "3\r\nabc\r\n0\r\n\r\n");
    text = client_read_all(fd);
    ck_assert_ptr_nonnull(strstr(text, "\r\n\r\nabc"));
    close(fd);
    server_stop(&server);
}
END_TEST

START_TEST(waits_longer_than_timeout_survive)
{
    reply_t reply;

    start(_i, "Timeout 1");
    get(&reply, "op=post&ms=3500", NULL);
    ck_assert_str_eq(reply.body, "posted 77 connected 1\n");
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(a_client_that_leaves_is_noticed_and_the_module_still_ends)
{
    reply_t reply;
    struct linger now = { 1, 0 };
    int fd;

    start(_i, NULL);
    fd = client_open(server.port);
    client_send(fd, "GET /iis?op=post&ms=600 HTTP/1.1\r\nHost: a\r\n\r\n");
    usleep(200000);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(fd);
    usleep(800000);
    get(&reply, "op=whole&size=3", NULL);
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(a_half_closed_client_still_gets_its_response)
{
    int fd;
    const char *text;

    start(_i, NULL);
    fd = client_open(server.port);
    client_send(fd, "GET /iis?op=post&ms=400 HTTP/1.1\r\nHost: a\r\n\r\n");
    shutdown(fd, SHUT_WR);
    text = client_read_all(fd);
    ck_assert_ptr_nonnull(strstr(text, "posted 77"));
    close(fd);
    server_stop(&server);
}
END_TEST

START_TEST(a_client_that_does_not_read_is_given_up)
{
    reply_t reply;
    int fd, i;

    start(MPM_EVENT, "IISFlushTimeout 1");
    fd = client_open(server.port);
    client_send(fd, "GET /iis?op=chain&n=100&size=1000000 HTTP/1.1\r\n"
                "Host: a\r\n\r\n");
    for (i = 0; i < 80 && !strstr(server_log(&server), "IISFlushTimeout");
         i++) {
        usleep(100000);
    }
    ck_assert_ptr_nonnull(strstr(server_log(&server), "IISFlushTimeout"));
    get(&reply, "op=whole&size=3", NULL);
    client_free(&reply);
    close(fd);
    server_stop(&server);
}
END_TEST

START_TEST(a_graceful_restart_waits_for_pending_requests)
{
    int fd;
    reply_t reply;

    start(_i, NULL);
    fd = client_open(server.port);
    client_send(fd, "GET /iis?op=post&begin=1&ms=1500 HTTP/1.1\r\n"
                "Host: a\r\n\r\n");
    client_read_until(fd, "begun");
    server_graceful(&server);
    ck_assert_ptr_nonnull(strstr(client_read_until(fd, "connected"),
                                 "posted 77"));
    close(fd);
    get(&reply, "op=whole&size=3", NULL);
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(a_stop_ends_parked_requests_before_their_module)
{
    int fd;

    start(MPM_EVENT, NULL);
    fd = client_open(server.port);
    client_send(fd, "GET /iis?op=chain&n=100&size=1000000 HTTP/1.1\r\n"
                "Host: a\r\n\r\n");
    usleep(300000);
    server_stop_now(&server);
    close(fd);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, a_chain_of_asynchronous_flushes_arrives_whole);
    ON_EVERY_MPM(tc, inline_completion_delivers_the_same_bytes);
    ON_EVERY_MPM(tc, a_post_from_a_modules_thread_goes_on_with_the_request);
    ON_EVERY_MPM(tc, a_modules_thread_may_write_and_flush_while_pending);
    tcase_add_test(tc, pending_requests_hold_no_thread);
    tcase_add_test(tc, slow_readers_hold_no_thread);
    ON_EVERY_MPM(tc, pipelined_requests_of_a_slow_reader_all_complete);
    ON_EVERY_MPM(tc, a_body_is_read_asynchronously);
    ON_EVERY_MPM(tc, waits_longer_than_timeout_survive);
    ON_EVERY_MPM(tc, a_client_that_leaves_is_noticed_and_the_module_still_ends);
    ON_EVERY_MPM(tc, a_half_closed_client_still_gets_its_response);
    tcase_add_test(tc, a_client_that_does_not_read_is_given_up);
    ON_EVERY_MPM(tc, a_graceful_restart_waits_for_pending_requests);
    tcase_add_test(tc, a_stop_ends_parked_requests_before_their_module);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("async", add, 40);
}
