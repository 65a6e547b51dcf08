/* test_careless.c: what a careless module can do, and what happens: the
 * table of docs/porting.md, row by row.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static void start(int mpm, const char *extra)
{
    server_start(&server, mpm, "careless=careless", "", extra);
}

/* What a request is answered with; static. */
static const char *ask(const char *query)
{
    static char text[4096];
    char url[256];
    reply_t reply;

    snprintf(url, sizeof(url), "%s/iis?%s", server.url, query);
    client_get(&reply, url, 0, NULL);
    snprintf(text, sizeof(text), "%ld %s", reply.status,
             reply.body ? reply.body : "");
    client_free(&reply);
    return text;
}

static void asked(const char *query, const char *answer)
{
    const char *text = ask(query);

    ck_assert_msg(strstr(text, answer) == text, "%s: %s, not %s", query, text,
                  answer);
}

/* Every child lives, and nothing of httpd's is broken. */
static void serves_on(void)
{
    char url[128];
    reply_t reply;

    snprintf(url, sizeof(url), "%s/file.txt", server.url);
    client_get(&reply, url, 0, NULL);
    ck_assert_int_eq(reply.status, 200);
    ck_assert_str_eq(reply.body, "a static file, served by httpd itself\n");
    client_free(&reply);
}

/* A small server of one child, so that what ended is met again. */
#define ONE_CHILD "ServerLimit 1\nMaxRequestWorkers 8\nMaxSpareThreads 8\n"
#define ONE_PROCESS "StartServers 1\nMinSpareServers 1\nMaxSpareServers 1\n" \
                    "ServerLimit 1\nMaxRequestWorkers 1\n"

static const char *one_child(int mpm)
{
    return mpm == MPM_PREFORK ? ONE_PROCESS : ONE_CHILD;
}

START_TEST(a_request_that_ends_may_be_looked_at)
{
    static const char *const where[] = { "dispose", "cleanup", "named",
                                         "user" };
    char query[64], poked[64];
    int i, n;

    start(_i, one_child(_i));
    for (i = n = 0; i < 80; i++) {
        snprintf(query, sizeof(query), "op=%s&%d", where[i % 4], i);
        asked(query, "200 poked ");
    }
    /* The last one may be at it still. */
    snprintf(poked, sizeof(poked), "200 poked 80,");
    while (!strstr(ask("op=none"), poked) && n++ < 100) {
        usleep(50000);
    }
    asked("op=none", poked);
    serves_on();
    server_stop(&server);
}
END_TEST

/* Objects of a URL outlive the request: cleaned up when the child ends. */
START_TEST(a_request_that_has_ended_may_be_looked_at)
{
    int i;

    start(_i, one_child(_i));
    for (i = 0; i < 10; i++) {
        asked("op=url", "200 poked 0,");
        asked("op=meta", "200 poked 0,");
    }
    server_stop(&server);
}
END_TEST

START_TEST(a_second_completion_is_no_other_requests)
{
    int i;

    start(_i, one_child(_i));
    for (i = 0; i < 20; i++) {
        asked("op=keep", "200 kept");
    }
    for (i = 0; i < 50; i++) {
        asked("op=later", "200 20 of 20 refused");
    }
    serves_on();
    server_stop(&server);
}
END_TEST

START_TEST(a_notification_from_its_own_is_refused)
{
    start(_i, one_child(_i));
    server_expect("IISR0802");
    /* ERROR_STACK_OVERFLOW */
    asked("op=deep", "200 poked 0, deepest 10, 800703E9");
    asked("op=deep", "200 poked 0, deepest 10, 800703E9");
    serves_on();
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, a_request_that_ends_may_be_looked_at);
    ON_EVERY_MPM(tc, a_request_that_has_ended_may_be_looked_at);
    ON_EVERY_MPM(tc, a_second_completion_is_no_other_requests);
    ON_EVERY_MPM(tc, a_notification_from_its_own_is_refused);
}

int main(void)
{
    return run_tests("careless", add, 60);
}
