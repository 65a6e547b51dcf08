/* test_life.c: requests that wait while their server restarts, stops, or runs
 * out of connections or descriptors.
 */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

/* httpd itself puts no limit on a graceful stop. */
static void start(int mpm, const char *extra)
{
    char all[512];

    snprintf(all, sizeof(all), "GracefulShutdownTimeout 0\n%s", extra);
    server_start(&server, mpm, "life=life", "", all);
}

/* A connection with one request of the module under way. */
static int begin(const char *query)
{
    char text[512];
    int fd = client_open(server.port);

    snprintf(text, sizeof(text), "%s /iis?%s&path=%s/htdocs/notes HTTP/1.1\r\n"
             "Host: a\r\nConnection: close\r\n%s\r\n",
             strstr(query, "op=read") ? "POST" : "GET", query, server.root,
             strstr(query, "op=read") ? "Content-Length: 10\r\n" : "");
    client_send(fd, text);
    return fd;
}

static void begin_many(int *fds, int n, const char *query)
{
    while (n-- > 0) {
        fds[n] = begin(query);
    }
}

static void close_many(const int *fds, int n)
{
    while (n-- > 0) {
        close(fds[n]);
    }
}

/* Everything until the connection ends; the number of bytes, the first of
 * them in text. */
static size_t rest(int fd, char *text, size_t size)
{
    char buffer[65536];
    size_t total = 0, kept = 0;
    ssize_t n;

    while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
        size_t keep = kept + n < size - 1 ? (size_t)n : size - 1 - kept;

        memcpy(text + kept, buffer, keep);
        kept += keep;
        total += n;
    }
    text[kept] = '\0';
    return total;
}

static int is_silent(int fd)
{
    char byte;

    return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 && errno == EAGAIN;
}

/* Until n requests wait: the module has answered PENDING, or its thread is in
 * a call that blocks. */
static void await(int mpm, int n)
{
    const char *note = mpm == MPM_EVENT ? "waits" : "begins";

    ck_assert_int_ge(server_count(server_notes(&server, note, n), note), n);
    usleep(mpm == MPM_EVENT ? 0 : 300000);
}

/* The process that answers now. */
static int answering(void)
{
    char text[1024];
    const char *pid;
    int fd = begin("op=pid");

    rest(fd, text, sizeof(text));
    close(fd);
    ck_assert_msg((pid = strstr(text, "pid ")) != NULL, "%s", text);
    return atoi(pid + 4);
}

/* Waits until a process answers that is none of these. */
static void await_another(const int *old, int n)
{
    int i, turn, pid = 0, is_old = 1;

    for (turn = 0; turn < 200 && is_old; turn++) {
        usleep(50000);
        pid = answering();
        for (i = is_old = 0; i < n; i++) {
            is_old |= old[i] == pid;
        }
    }
    ck_assert_msg(!is_old, "%d goes on answering", pid);
}

static void no_call_after_terminate(void)
{
    const char *notes = server_notes(&server, "Terminate", 1);

    ck_assert_msg(strstr(notes, "Terminate, alive") != NULL, "%s", notes);
    ck_assert_msg(!strstr(notes, "after Terminate"), "%s", notes);
}

/* --- restarts ------------------------------------------------------------ */

#define SLOW "op=chain&n=40&size=200000"
#define SLOW_BYTES (40 * 200000)

/* A parked request and a reader in mid-flush see their end; others are
 * served by new processes meanwhile. */
static void restart(int mpm, void (*cause)(void), const char *extra)
{
    int old[32], nold, parked, slow, body;
    char text[4096];

    start(mpm, extra);
    parked = begin("op=park&ms=5000");
    slow = begin(SLOW);
    body = begin("op=read");
    await(mpm, 3);
    nold = server_children(&server, old, 32);
    cause();
    await_another(old, nold);
    ck_assert_msg(is_silent(parked), "it did not wait so long");
    client_send(body, "0123456789");
    rest(body, text, sizeof(text));
    ck_assert_msg(strstr(text, "read 10\n") != NULL, "%s", text);
    ck_assert_uint_gt(rest(slow, text, sizeof(text)), SLOW_BYTES);
    rest(parked, text, sizeof(text));
    ck_assert_msg(strstr(text, "posted ") != NULL, "%s", text);
    close(parked);
    close(slow);
    close(body);
    no_call_after_terminate();
    server_stop(&server);
}

static void ask_for_restart(void)
{
    server_graceful(&server);
}

START_TEST(a_graceful_restart_lets_what_waits_finish)
{
    restart(_i, ask_for_restart, "");
}
END_TEST

static void use_up_connections(void)
{
    int i;

    for (i = 0; i < 10; i++) {
        answering();
    }
}

/* Prefork's processes have one connection each, and none waits beside. */
START_TEST(max_connections_per_child_lets_what_waits_finish)
{
    restart(_i, use_up_connections, "MaxConnectionsPerChild 8");
}
END_TEST

/* --- stops ---------------------------------------------------------------- */

START_TEST(a_graceful_stop_lets_what_waits_finish)
{
    char text[4096];
    int parked, slow, body;

    start(_i, "");
    parked = begin("op=park&ms=2500");
    slow = begin(SLOW);
    body = begin("op=read");
    await(_i, 3);
    ck_assert(!server_ends(&server, SIGWINCH, 700));
    client_send(body, "0123456789");
    rest(body, text, sizeof(text));
    ck_assert_msg(strstr(text, "read 10\n") != NULL, "%s", text);
    ck_assert_uint_gt(rest(slow, text, sizeof(text)), SLOW_BYTES);
    rest(parked, text, sizeof(text));
    ck_assert_msg(strstr(text, "posted ") != NULL, "%s", text);
    ck_assert_msg(server_ends(&server, 0, 10000), "%s", server_log(&server));
    no_call_after_terminate();
    server_remove(&server);
    close(parked);
    close(slow);
    close(body);
}
END_TEST

#define STUCK "op=chain&n=3&size=8000000"

/* What is under way completes with an error, or the call fails that blocks;
 * a module that has yet to post is not waited for. */
static void ends_by_itself(int mpm, int fds[3])
{
    const char *notes;

    ck_assert_msg(server_ends(&server, 0, 15000), "%s", server_log(&server));
    no_call_after_terminate();
    notes = server_notes(&server, "Terminate", 1);
    ck_assert_msg(mpm == MPM_EVENT ? strstr(notes, "chain 80070")
                                     && strstr(notes, "read 80070")
                  : server_count(notes, "refused 80070") == 2, "%s", notes);
    ck_assert_msg(!strstr(notes, "posted"), "%s", notes);
    ck_assert_int_eq(server_count(server_access_log(&server), "/iis?op="), 3);
    ck_assert_ptr_nonnull(strstr(server_log(&server),
                                 "IISShutdownTimeLimit is over"));
    server_remove(&server);
    close_many(fds, 3);
}

START_TEST(what_outlasts_the_shutdown_time_limit_is_ended)
{
    int fds[3];

    /* A flush or a read that blocks its thread has limits of its own. */
    start(_i, _i == MPM_EVENT ? "IISShutdownTimeLimit 2"
                              : "IISShutdownTimeLimit 2\nTimeout 3");
    fds[0] = begin("op=park&ms=100000");
    fds[1] = begin(STUCK);
    fds[2] = begin("op=read");
    await(_i, 3);
    ck_assert(!server_ends(&server, SIGWINCH, 1000));
    ends_by_itself(_i, fds);
}
END_TEST

/* Endless streams would fill the scoreboard. */
START_TEST(an_old_child_is_not_kept_for_ever)
{
    char text[1024];
    int fd;

    start(_i, "IISShutdownTimeLimit 1");
    fd = begin("op=park&ms=100000");
    await(_i, 1);
    server_graceful(&server);
    ck_assert_uint_eq(rest(fd, text, sizeof(text)), 0);
    ck_assert_ptr_nonnull(strstr(server_log(&server),
                                 "IISShutdownTimeLimit is over"));
    no_call_after_terminate();
    close(fd);
    server_stop(&server);
}
END_TEST

#define EACH 20

static void each_has_ended(const char *what, const char *note)
{
    const char *notes = server_notes(&server, note, EACH);

    ck_assert_msg(server_count(notes, note) == EACH, "%s: %d of %d\n%s",
                  what, server_count(notes, note), EACH, notes);
}

/* One flush, one read and one post of each is under way. */
START_TEST(a_stop_completes_what_is_parked_before_modules_end)
{
    int fds[3][EACH];
    char text[64];

    start(MPM_EVENT, "ServerLimit 1\nMaxRequestWorkers 8");
    begin_many(fds[0], EACH, "op=park&ms=100000&slow=1");
    begin_many(fds[1], EACH, STUCK);
    begin_many(fds[2], EACH, "op=read");
    await(MPM_EVENT, 3 * EACH);
    server_ends(&server, SIGTERM, 0);
    ck_assert_uint_eq(rest(fds[0][0], text, sizeof(text)), 0);
    ck_assert_msg(!strstr(server_notes(&server, "T", 0), "ended"),
                  "the client's connection lasts as long as its process");
    ck_assert(server_ends(&server, 0, 9000));
    no_call_after_terminate();
    ck_assert_int_eq(server_count(server_log(&server), "module life has not "
                                  "answered ExecuteRequestHandler"), EACH);
    each_has_ended("flushes", "chain 80070");
    each_has_ended("reads", "read 80070");
    ck_assert_int_eq(server_count(server_access_log(&server), "/iis?op="),
                     3 * EACH);
    server_remove(&server);
    close_many(fds[0], EACH);
    close_many(fds[1], EACH);
    close_many(fds[2], EACH);
}
END_TEST

START_TEST(a_stop_ends_what_waits_on_its_thread_before_modules)
{
    int fds[4];

    start(MPM_WORKER, "");
    begin_many(fds, 4, "op=park&ms=100000");
    await(MPM_WORKER, 4);
    ck_assert(server_ends(&server, SIGTERM, 9000));
    no_call_after_terminate();
    ck_assert_int_eq(server_count(server_access_log(&server), "/iis?op="), 4);
    server_remove(&server);
    close_many(fds, 4);
}
END_TEST

/* A module may post what it is waited for when it hears of the stop. */
START_TEST(a_post_at_the_end_of_listening_is_delivered)
{
    static const int signals[] = { SIGTERM, SIGWINCH };
    char text[1024];
    const char *notes;
    int fds[4], i, how;

    for (how = 0; how < 2; how++) {
        start(_i, "");
        begin_many(fds, 4, "op=stop");
        await(_i, 4);
        ck_assert(server_ends(&server, signals[how], 9000));
        no_call_after_terminate();
        notes = server_notes(&server, "Terminate", 1);
        ck_assert_int_eq(server_count(notes, "post 00000000"), 4);
        ck_assert_int_eq(server_count(notes, "posted 00000000"), 4);
        ck_assert_int_eq(server_count(server_access_log(&server), "op=stop"),
                         4);
        for (i = 0; how == 1 && i < 4; i++) {
            rest(fds[i], text, sizeof(text));
            ck_assert_msg(strstr(text, "posted ") != NULL, "%s", text);
        }
        server_remove(&server);
        close_many(fds, 4);
    }
}
END_TEST

/* Those of a connection that is idle, and of one with a request. */
START_TEST(what_modules_keep_of_connections_ends_before_modules)
{
    char text[512];
    int fds[2], n = 1;
    const char *notes;

    start(_i, "");
    fds[0] = client_open(server.port);
    snprintf(text, sizeof(text), "GET /iis?op=pid&keep=1&path=%s/htdocs/notes "
             "HTTP/1.1\r\nHost: a\r\n\r\n", server.root);
    client_send(fds[0], text);
    client_read_until(fds[0], "pid ");
    if (_i != MPM_PREFORK) {
        fds[n++] = begin("op=park&ms=100000&keep=1");
        await(_i, 1);
    }
    usleep(200000);
    ck_assert(server_ends(&server, SIGTERM, 9000));
    no_call_after_terminate();
    notes = server_notes(&server, "Terminate", 1);
    ck_assert_msg(server_count(notes, "gone") == n
                  && server_count(notes, "cleaned") == n, "%s", notes);
    server_remove(&server);
    close_many(fds, n);
}
END_TEST

/* A thread of the module's posts when its process has no modules any more,
 * and while that process exits. */
START_TEST(a_post_after_terminate_finds_a_closed_request)
{
    static const int later[] = { 0, 20, 100, 200 };
    char query[64], text[1024];
    int i, fds[4];
    const char *notes;

    start(_i, "");
    for (i = 0; i < 4; i++) {
        snprintf(query, sizeof(query), "op=after&ms=%d", later[i]);
        fds[i] = begin(query);
    }
    await(_i, 4);
    ck_assert(server_ends(&server, SIGTERM, 9000));
    notes = server_notes(&server, "post ", _i == MPM_EVENT ? 4 : 0);
    ck_assert_msg(!strstr(notes, "posted"), "%s", notes);
    ck_assert_msg(!strstr(notes, "post 00000000"), "%s", notes);
    for (i = 0; i < 4; i++) {
        ck_assert_uint_eq(rest(fds[i], text, sizeof(text)), 0);
    }
    server_remove(&server);
    close_many(fds, 4);
}
END_TEST

/* httpd closes the sockets that its threads work on while they do, some of
 * them with a park's descriptor in them. */
START_TEST(a_stop_closes_each_descriptor_once)
{
    char request[256];
    int i, j, fds[8];

    server_preload("closing");
    start(MPM_EVENT, "ServerLimit 1\nMaxRequestWorkers 8\n"
          "MaxKeepAliveRequests 0");
    snprintf(request, sizeof(request), "GET /iis?op=park&ms=1&path=%s/htdocs/"
             "notes HTTP/1.1\r\nHost: a\r\n\r\n", server.root);
    for (i = 0; i < 8; i++) {
        fds[i] = client_open(server.port);
        for (j = 0; j < 200; j++) {
            client_send(fds[i], request);
        }
    }
    server_notes(&server, "begins", 50);
    ck_assert(server_ends(&server, SIGTERM, 9000));
    ck_assert_int_eq(server_count(server_log(&server), "closed twice"), 0);
    ck_assert_int_eq(server_count(server_access_log(&server), "op=park"),
                     server_count(server_notes(&server, "begins", 1),
                                  "begins"));
    no_call_after_terminate();
    server_remove(&server);
    close_many(fds, 8);
}
END_TEST

/* --- descriptors ---------------------------------------------------------- */

/* The only child may have so many descriptors more. */
static void leave_descriptors(int n)
{
    char query[64], text[1024];
    int fd;

    usleep(300000);             /* connections that closed are gone */
    snprintf(query, sizeof(query), "op=limit&n=%d", n);
    fd = begin(query);
    rest(fd, text, sizeof(text));
    ck_assert_msg(strstr(text, "descriptors ") != NULL, "%s", text);
    close(fd);
    usleep(300000);
}

/* A parked request takes two; for the last one here there is one left. */
START_TEST(without_descriptors_a_request_waits_on_its_thread)
{
    static const char *const queries[] = {
        "op=park&ms=1500", "op=chain&n=20&size=300000", "op=read"
    };
    int fds[3], i, last;
    char text[4096];

    /* No .htaccess files, which would take one for a moment. */
    start(MPM_EVENT, "ServerLimit 1\nMaxRequestWorkers 8\n"
          "<Directory \"/\">\n    AllowOverride None\n</Directory>");
    server_expect("IISR0401");
    answering();
    for (i = 0; i < 3; i++) {
        /* The connection that asks is one of those that are open. */
        leave_descriptors(4);
        fds[0] = begin("op=park&ms=2000");
        fds[1] = begin("op=park&ms=2000");
        usleep(300000);
        last = begin(queries[i]);
        usleep(300000);
        if (i == 2) {
            client_send(last, "0123456789");
        }
        rest(last, text, sizeof(text));
        ck_assert_msg(strstr(text, i == 0 ? "posted " : i == 1 ? "aaaa"
                             : "read 10\n") != NULL, "%s: %s", queries[i],
                      text);
        ck_assert_msg(server_count(server_log(&server), "IISR0401") == i + 1,
                      "%s", server_log(&server));
        rest(fds[0], text, sizeof(text));
        ck_assert_ptr_nonnull(strstr(text, "posted "));
        rest(fds[1], text, sizeof(text));
        ck_assert_ptr_nonnull(strstr(text, "posted "));
        close(last);
        close_many(fds, 2);
    }
    server_stop(&server);
}
END_TEST

/* One request: whole, or left by the client after so many bytes of it. */
static void once(const char *query, const char *body, int how)
{
    char text[70000];
    int fd = begin(query);

    if (*body) {
        client_send(fd, body);
    }
    if (how == 0) {
        rest(fd, text, sizeof(text));
        close(fd);
        return;
    }
    if (how > 1) {
        usleep(how * 1000);
    }
    if (how % 2) {
        close(fd);
    }
    else {
        client_reset(fd);
    }
}

START_TEST(no_descriptor_stays_behind)
{
    static const struct { const char *query, *body; } kinds[] = {
        { "op=park&ms=3", "" }, { "op=park&ms=60", "" },
        { "op=chain&n=3&size=3000", "" }, { "op=chain&n=2&size=900000", "" },
        { "op=read", "0123456789" }, { "op=read", "01234" }
    };
    long before;
    int i, n = server_is_long() ? 5000 : 200;

    start(_i, "ServerLimit 1\nMaxRequestWorkers 8\nTimeout 2");
    for (i = 0; i < 30; i++) {
        answering();
    }
    before = server_descriptors(&server, 100000);
    for (i = 0; i < n; i++) {
        size_t kind = i % 6;

        /* Half a body never ends by itself. */
        once(kinds[kind].query, kinds[kind].body,
             kind == 5 ? 1 + i / 6 % 8 : i / 6 % 9);
    }
    for (i = 0; i < 30; i++) {
        answering();
    }
    ck_assert_msg(server_descriptors(&server, before + 2) <= before + 2,
                  "descriptors: %ld before, %ld after", before,
                  server_descriptors(&server, before + 2));
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, a_graceful_restart_lets_what_waits_finish);
    tcase_add_loop_test(tc, max_connections_per_child_lets_what_waits_finish,
                        MPM_EVENT, MPM_PREFORK);
    ON_EVERY_MPM(tc, a_graceful_stop_lets_what_waits_finish);
    ON_EVERY_MPM(tc, what_outlasts_the_shutdown_time_limit_is_ended);
    ON_EVERY_MPM(tc, an_old_child_is_not_kept_for_ever);
    tcase_add_test(tc, a_stop_ends_what_waits_on_its_thread_before_modules);
    tcase_add_test(tc, a_stop_completes_what_is_parked_before_modules_end);
    tcase_add_loop_test(tc, a_post_at_the_end_of_listening_is_delivered,
                        MPM_EVENT, MPM_PREFORK);
    ON_EVERY_MPM(tc, what_modules_keep_of_connections_ends_before_modules);
    ON_EVERY_MPM(tc, a_post_after_terminate_finds_a_closed_request);
    tcase_add_test(tc, a_stop_closes_each_descriptor_once);
    tcase_add_loop_test(tc, no_descriptor_stays_behind, MPM_EVENT, MPM_PREFORK);
    tcase_add_test(tc, without_descriptors_a_request_waits_on_its_thread);
}

int main(void)
{
    return run_tests("life", add, 90);
}
