/* test_wait.c: what a module may do while its request is PENDING, and how
 * each completion comes, under every way of waiting.
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

static void start(int mpm, const char *extra)
{
    server_start(&server, mpm, "waits=waits", "", extra);
}

static void get(reply_t *reply, const char *query)
{
    char url[512];

    snprintf(url, sizeof(url), "%s/iis?%s", server.url, query);
    client_get(reply, url, 0, NULL);
    ck_assert_int_eq(reply->curl, CURLE_OK);
    ck_assert_int_eq(reply->status, 200);
}

static void expect(const char *query, const char *body)
{
    reply_t reply;

    get(&reply, query);
    ck_assert_str_eq(reply.body, body);
    client_free(&reply);
}

/* With a place where the module may write. */
static const char *ask(const char *query)
{
    static char text[512];

    snprintf(text, sizeof(text), "GET /iis?%s&path=%s/htdocs/notes HTTP/1.1\r\n"
             "Host: a\r\n\r\n", query, server.root);
    return text;
}

START_TEST(indicate_completion_comes_from_another_thread)
{
    start(_i, NULL);
    expect("op=indicate&ms=0", "indicated\n");
    expect("op=indicate&ms=100", "indicated\n");
    server_stop(&server);
}
END_TEST

/* ERROR_IO_PENDING: and the first one is delivered, once. */
START_TEST(a_second_post_is_refused)
{
    start(_i, NULL);
    expect("op=postpost", "first=00000000\nsecond=800703E5\nbytes=00000001\n");
    server_stop(&server);
}
END_TEST

START_TEST(a_foreign_thread_flushes_asynchronously)
{
    reply_t reply;

    start(_i, NULL);
    get(&reply, "op=foreign&ms=0&n=50");
    ck_assert_int_eq(reply.length, 50 * strlen("foreign\n"));
    client_free(&reply);
    get(&reply, "op=foreign&ms=5&n=10");
    ck_assert_int_eq(reply.length, 10 * strlen("foreign\n"));
    client_free(&reply);
    server_stop(&server);
}
END_TEST

START_TEST(cancel_io_ends_a_read_with_operation_aborted)
{
    const char *text;
    int fd;

    start(MPM_EVENT, NULL);
    fd = client_open(server.port);
    client_send(fd, "POST /iis?op=cancel&ms=200 HTTP/1.1\r\nHost: a\r\n"
                "Connection: close\r\nContent-Length: 5\r\n\r\n");
    text = client_read_until(fd, "status");
    ck_assert_msg(strstr(text, "status=800703E3") != NULL, "%s", text);
    close(fd);
    server_stop(&server);
}
END_TEST

/* A read is outstanding while a large flush drains; the client sends the
 * body only when it has read half of what comes. */
START_TEST(full_duplex_reads_while_it_writes)
{
    char buffer[65536], tail[256] = "";
    size_t total = 0;
    int fd, sent = 0;
    ssize_t n;

    start(MPM_EVENT, NULL);
    fd = client_open(server.port);
    client_send(fd, "POST /iis?op=duplex&size=8000000 HTTP/1.1\r\nHost: a\r\n"
                "Connection: close\r\nContent-Length: 9\r\n\r\n");
    while ((n = recv(fd, buffer, sizeof(buffer) - 1, 0)) > 0) {
        total += n;
        buffer[n] = '\0';
        if (n > 200) {
            snprintf(tail, sizeof(tail), "%s", buffer + n - 200);
        }
        else {
            size_t keep = strlen(tail);

            keep = keep + n > 250 ? 0 : keep;
            snprintf(tail + keep, sizeof(tail) - keep, "%s", buffer);
        }
        if (total > 4000000 && !sent++) {
            client_send(fd, "both-ways");
        }
    }
    ck_assert_msg(total > 8000000, "%zu", total);
    ck_assert_msg(strstr(tail, "both-ways") != NULL, "%s", tail);
    ck_assert_msg(strstr(tail, "end=80070026") != NULL, "%s", tail);
    close(fd);
    server_stop(&server);
}
END_TEST

START_TEST(notify_disconnect_may_post)
{
    int fd;

    start(_i, NULL);
    fd = client_open(server.port);
    client_send(fd, ask("op=notify"));
    server_notes(&server, "watched", 1);
    client_reset(fd);
    ck_assert_ptr_nonnull(strstr(
        server_notes(&server, "completion", 1), "disconnected 00000000"));
    server_stop(&server);
}
END_TEST

/* The client resets the connection; a second later the module's own thread
 * writes, flushes and posts: errors perhaps, nothing worse. */
START_TEST(a_late_thread_finds_no_client_and_does_no_harm)
{
    int fd, i;

    start(_i, NULL);
    for (i = 0; i < 8; i++) {
        fd = client_open(server.port);
        client_send(fd, ask("op=late&ms=1000"));
        usleep(50000);
        client_reset(fd);
    }
    ck_assert_ptr_nonnull(strstr(server_notes(&server, "post", 1), "post"));
    usleep(300000);
    server_stop(&server);
}
END_TEST

START_TEST(a_module_that_forgot_its_post_is_named_in_the_log)
{
    start(_i, "IISPendingWarning 1\nTimeout 2");
    server_expect("IISR0404");
    expect("op=post&ms=3500", "");
    ck_assert_ptr_nonnull(strstr(server_log(&server), "IISR0404: module waits"));
    server_stop(&server);
}
END_TEST

START_TEST(a_client_that_does_not_send_its_body_is_given_up)
{
    int fd, i;

    start(_i, "Timeout 1");
    fd = client_open(server.port);
    client_send(fd, ask("op=read"));
    close(fd);
    fd = client_open(server.port);
    client_send(fd, "POST /iis?op=read HTTP/1.1\r\nHost: a\r\n"
                "Content-Length: 50\r\n\r\nhalf");
    client_read_all(fd);
    close(fd);
    for (i = 0; i < 100 && !strstr(server_access_log(&server), "POST /iis");
         i++) {
        usleep(50000);
    }
    ck_assert_ptr_nonnull(strstr(server_access_log(&server), "POST /iis"));
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, indicate_completion_comes_from_another_thread);
    ON_EVERY_MPM(tc, a_second_post_is_refused);
    ON_EVERY_MPM(tc, a_foreign_thread_flushes_asynchronously);
    tcase_add_test(tc, cancel_io_ends_a_read_with_operation_aborted);
    tcase_add_test(tc, full_duplex_reads_while_it_writes);
    ON_EVERY_MPM(tc, notify_disconnect_may_post);
    ON_EVERY_MPM(tc, a_late_thread_finds_no_client_and_does_no_harm);
    ON_EVERY_MPM(tc, a_module_that_forgot_its_post_is_named_in_the_log);
    ON_EVERY_MPM(tc, a_client_that_does_not_send_its_body_is_given_up);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("wait", add, 90);
}
