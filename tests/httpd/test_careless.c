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

/* --- answers ------------------------------------------------------------ */

static void goes_on(int mpm, const char *query, const char *id)
{
    start(mpm, one_child(mpm));
    server_expect(id);
    asked(query, "200 poked 0,");
    asked(query, "200 poked 0,");
    ck_assert_ptr_nonnull(strstr(server_log(&server), id));
    serves_on();
    server_stop(&server);
}

START_TEST(a_number_that_is_no_status_is_taken_as_continue)
{
    goes_on(_i, "op=status", "IISR0002");
}
END_TEST

/* As a bad pointer does; another child takes its place. */
START_TEST(what_nobody_can_catch_ends_one_child)
{
    char url[128];
    reply_t reply;
    int turn;

    start(_i, NULL);
    server_expect("exit signal");
    snprintf(url, sizeof(url), "%s/iis?op=thread", server.url);
    client_get(&reply, url, 0, NULL);
    ck_assert_int_ne(reply.curl, 0);
    client_free(&reply);
    for (turn = 0; turn < 200 && !strstr(server_log(&server), "exit signal");
         turn++) {
        usleep(50000);
    }
    serves_on();
    server_stop(&server);
}
END_TEST

/* --- exceptions --------------------------------------------------------- */

static void logged(const char *text)
{
    int turn;

    for (turn = 0; turn < 200 && !strstr(server_log(&server), text);
         turn++) {
        usleep(20000);
    }
    ck_assert_msg(strstr(server_log(&server), text) != NULL, "%s", text);
}

static const struct {
    const char *query, *answer, *line;
} throws[] = {
    { "at=begin&what=std", "500 ",
      "left BeginRequest: std::runtime_error: careless\\nhere" },
    { "at=authenticate&what=std", "500 ",
      "left AuthenticateRequest: std::runtime_error: careless" },
    { "at=execute&what=std", "500 ",
      "left ExecuteRequestHandler: std::runtime_error: careless" },
    { "at=execute&what=int", "500 ", "left ExecuteRequestHandler: int: it" },
    { "at=execute&what=odd", "500 ", "left ExecuteRequestHandler: COdd: it" },
    { "at=completion&what=std", "500 ",
      "left ExecuteRequestHandler: std::runtime_error: careless" },
    { "at=send&what=std", "500 ",
      "left SendResponse: std::runtime_error: careless" },
    /* The last flush follows them. */
    { "at=log&what=std", "500 ",
      "left LogRequest: std::runtime_error: careless" },
    { "at=end&what=std", "500 ",
      "left EndRequest: std::runtime_error: careless" },
    /* The answer is out. */
    { "at=dispose&what=std", "200 poked",
      "left Dispose: std::runtime_error: out of Dispose" }
};

/* In one child, which goes on. */
START_TEST(an_exception_is_an_error_of_one_request)
{
    unsigned int i, turn;
    pid_t child;
    char query[128];

    start(_i, one_child(_i));
    server_expect("IISR0012");
    child = server_child(&server);
    for (turn = 0; turn < 2; turn++) {
        for (i = 0; i < sizeof(throws) / sizeof(throws[0]); i++) {
            snprintf(query, sizeof(query), "op=throw&%s", throws[i].query);
            asked(query, throws[i].answer);
            logged(throws[i].line);
        }
    }
    serves_on();
    ck_assert_int_eq(server_child(&server), child);
    server_stop(&server);
}
END_TEST

/* What has left cannot be taken back: the client sees that it is cut off. */
START_TEST(an_answer_that_has_begun_is_cut_off)
{
    static const char *const queries[] = {
        "op=throw&at=execute&what=std&after=1", "op=throw&at=callback"
    };
    char url[128];
    reply_t reply;
    pid_t child;
    int i;

    start(_i, one_child(_i));
    server_expect("IISR0012");
    child = server_child(&server);
    for (i = 0; i < 2; i++) {
        snprintf(url, sizeof(url), "%s/iis?%s", server.url, queries[i]);
        client_get(&reply, url, 0, NULL);
        ck_assert_msg(reply.curl != 0, "%s: complete", queries[i]);
        client_free(&reply);
    }
    logged("left ExecuteRequestHandler: std::runtime_error: careless");
    logged("left ExecuteRequestHandler: std::runtime_error: out of a");
    serves_on();
    ck_assert_int_eq(server_child(&server), child);
    server_stop(&server);
}
END_TEST

/* --- names and addresses ------------------------------------------------ */

static void named(const char *host, const char *answer)
{
    char request[256];
    const char *text;

    snprintf(request, sizeof(request), "GET /iis?op=names HTTP/1.1\r\n"
             "Host: %s\r\nConnection: close\r\n\r\n", host);
    text = client_once(server.port, request);
    ck_assert_msg(strstr(text, answer) != NULL, "%s: %s, not %s", host, text,
                  answer);
}

/* The port is the connection's, the site the server's. */
START_TEST(the_client_does_not_name_the_server)
{
    static const char *const hosts[] = { "foo:1234", "foo", "foo:80",
                                         "foo:99999" };
    char answer[256];
    int i;

    start(_i, NULL);
    snprintf(answer, sizeof(answer), "foo %d localhost "
             "http://foo:%d/iis?op=names foo:%d", server.port, server.port,
             server.port);
    for (i = 0; i < 3; i++) {
        named(hosts[i], answer);
    }
    named(hosts[3], " 400 ");
    server_stop(&server);
}
END_TEST

/* Who says so in the configuration knows better: a proxy is in front. */
START_TEST(the_administrator_names_the_server)
{
    start(_i, "ServerName www.example.org:8443\nUseCanonicalName On\n");
    named("foo:1234", "foo 8443 www.example.org ");
    server_stop(&server);
}
END_TEST

static const char log_formats[] =
    "LogFormat \"%a\" a\nLogFormat \"%h\" h\n"
    "LogFormat \"%h %l %u \\\"%r\\\" %>s\" common\n"
    "LogFormat \"%h %l %u \\\"%r\\\" %>s "
    "\\\"%{Referer}i\\\" \\\"%{User-Agent}i\\\"\" combined\n"
    "LogFormat \"%{c-ip}^IR\" ir\n"
    "LogFormat \"%m %U %q %{Host}i %{Cookie}i\" rest\n"
    "CustomLog logs/a a\nCustomLog logs/h h\nCustomLog logs/common common\n"
    "CustomLog logs/combined combined\nCustomLog logs/ir ir\n"
    "CustomLog logs/rest rest\n";

static const char *const logs[] = { "a", "h", "common", "combined", "ir",
                                    "rest" };
#define NLOGS (sizeof(logs) / sizeof(logs[0]))

/* Once it has a line more; static. */
static const char *log_text(const char *name, int lines)
{
    static char text[65536];
    char path[128];
    size_t n = 0;
    int turn;
    FILE *f;

    snprintf(path, sizeof(path), "%s/logs/%s", server.root, name);
    for (turn = 0; turn < 200; turn++) {
        ck_assert_ptr_nonnull((f = fopen(path, "r")));
        n = fread(text, 1, sizeof(text) - 1, f);
        fclose(f);
        text[n] = '\0';
        if (server_count(text, "\n") >= lines) {
            break;
        }
        usleep(20000);
    }
    return text;
}

START_TEST(every_format_shows_the_modules_address)
{
    unsigned int i;

    start(_i, log_formats);
    asked("op=log&field=ip&text=203.0.113.9", "200 ");
    for (i = 0; i < NLOGS - 1; i++) {
        const char *text = log_text(logs[i], 1);

        ck_assert_msg(strstr(text, "203.0.113.9") == text, "%s: %s", logs[i],
                      text);
    }
    server_stop(&server);
}
END_TEST

/* With lookups on, too, which ask for the connection's name otherwise. */
START_TEST(a_name_that_is_looked_up_is_the_modules)
{
    start(_i, "HostnameLookups On\nLogFormat \"%h\" h\nCustomLog logs/h h\n");
    asked("op=log&field=ip&text=203.0.113.9", "200 ");
    ck_assert_str_eq(log_text("h", 1), "203.0.113.9\n");
    server_stop(&server);
}
END_TEST

START_TEST(no_field_makes_a_line)
{
    static const char *const fields[] = {
        "ip", "user", "stem", "query", "method", "host", "agent", "cookie",
        "referer"
    };
    static const char forged[] = "1%0A9.9.9.9%20FORGED%0D%1B[31m%22%5C%01";
    char query[256];
    const char *p, *text;
    unsigned int i;
    int n = 0;

    start(_i, log_formats);
    for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        snprintf(query, sizeof(query), "op=log&field=%s&text=%s", fields[i],
                 forged);
        asked(query, "200 ");
        n++;
    }
    for (i = 0; i < NLOGS; i++) {
        text = log_text(logs[i], n);
        ck_assert_int_eq(server_count(text, "\n"), n);
        ck_assert_ptr_null(strstr(text, "\n9.9.9.9"));
        for (p = text; *p; p++) {
            ck_assert_msg(*p == '\n' || ((unsigned char)*p >= 0x20
                                         && *p != 0x7f), "%s", text);
        }
    }
    ck_assert_ptr_nonnull(strstr(log_text("a", n), "1\\n9.9.9.9 FORGED"));
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, a_request_that_ends_may_be_looked_at);
    ON_EVERY_MPM(tc, a_request_that_has_ended_may_be_looked_at);
    ON_EVERY_MPM(tc, a_second_completion_is_no_other_requests);
    ON_EVERY_MPM(tc, a_notification_from_its_own_is_refused);
    ON_EVERY_MPM(tc, a_number_that_is_no_status_is_taken_as_continue);
    ON_EVERY_MPM(tc, what_nobody_can_catch_ends_one_child);
    ON_EVERY_MPM(tc, an_exception_is_an_error_of_one_request);
    ON_EVERY_MPM(tc, an_answer_that_has_begun_is_cut_off);
    ON_EVERY_MPM(tc, the_client_does_not_name_the_server);
    ON_EVERY_MPM(tc, the_administrator_names_the_server);
    ON_EVERY_MPM(tc, every_format_shows_the_modules_address);
    ON_EVERY_MPM(tc, a_name_that_is_looked_up_is_the_modules);
    ON_EVERY_MPM(tc, no_field_makes_a_line);
}

int main(void)
{
    return run_tests("careless", add, 60);
}
