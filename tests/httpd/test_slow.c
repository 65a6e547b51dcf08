/* test_slow.c: clients that read slowly, or not at all, or leave: nobody else
 * is delayed, every completion comes, and nothing stays behind.
 */
#include <check.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* A static page while others are slow; the seconds it took. */
static double static_page(void)
{
    double began = now();
    char url[128];
    reply_t reply;

    snprintf(url, sizeof(url), "%s/file.txt", server.url);
    client_get(&reply, url, 0, NULL);
    ck_assert_int_eq(reply.status, 200);
    client_free(&reply);
    return now() - began;
}

START_TEST(clients_that_never_read_delay_nobody_and_are_logged)
{
    int fds[40], i;
    char request[256];
    double slowest = 0;

    /* All are accepted at once, however few threads are idle. */
    server_start(&server, MPM_EVENT, "waits=waits", "",
                 "ThreadsPerChild 4\nMaxRequestWorkers 4\nIISFlushTimeout 2\n"
                 "AsyncRequestWorkerFactor 200\nSendBufferSize 65536");
    snprintf(request, sizeof(request), "GET /iis?op=stuck&size=1000000"
             "&path=%s/htdocs/notes HTTP/1.1\r\nHost: a\r\n\r\n", server.root);
    for (i = 0; i < 40; i++) {
        fds[i] = client_open(server.port);
        client_send(fds[i], request);
    }
    for (i = 0; i < 30; i++) {
        double took = static_page();

        slowest = took > slowest ? took : slowest;
        usleep(100000);
    }
    /* ERROR_CONNECTION_ABORTED, once each. */
    ck_assert_int_eq(server_count(server_notes(&server, "callback 800704D4",
                                               40), "callback 800704D4"), 40);
    for (i = 0; i < 100 && server_count(server_access_log(&server), "op=stuck") < 40;
         i++) {
        usleep(50000);
    }
    ck_assert_int_eq(server_count(server_access_log(&server), "op=stuck"), 40);
    /* Nobody waited for Timeout; what is over is the machine's. */
    ck_assert_msg(slowest < 8, "a static page took %.2f s", slowest);
    for (i = 0; i < 40; i++) {
        close(fds[i]);
    }
    server_stop(&server);
}
END_TEST

/* --- many readers at a limited rate ------------------------------------- */

typedef struct reader_t {
    int fd;
    size_t head, body, wrong;
    double first;               /* byte, after the start */
    int done;
} reader_t;

/* What op=chain sends: lines of 'a' that end with a newline. */
static void check_bytes(reader_t *reader, const char *data, size_t n,
                        size_t line)
{
    size_t i;

    for (i = 0; i < n; i++, reader->body++) {
        reader->wrong += data[i] != (reader->body % line == line - 1 ? '\n'
                                                                     : 'a');
    }
}

static void read_some(reader_t *reader, size_t most, size_t line,
                      double began)
{
    static char buffer[65536];
    ssize_t n = recv(reader->fd, buffer, most, MSG_DONTWAIT);
    char *data = buffer;

    if (n < 0 && errno == EAGAIN) {
        return;
    }
    if (n <= 0) {
        reader->done = 1;
        return;
    }
    if (!reader->head) {
        reader->first = now() - began;
        buffer[n < 65535 ? n : 65535] = '\0';
        ck_assert_ptr_nonnull((data = strstr(buffer, "\r\n\r\n")));
        data += 4;
        reader->head = data - buffer;
    }
    check_bytes(reader, data, n - (data - buffer), line);
}

#define LINE 60000

/* readers at rate bytes a second, each of a response of lines; HTTP/1.0, so
 * that the bytes are the module's. */
static void crowd(int readers, int lines, size_t rate)
{
    reader_t *all = calloc(readers, sizeof(*all));
    double began, slowest_page = 0, slowest_first = 0, next_page;
    size_t share = rate / 20;   /* of one turn, 50 ms */
    int i, left = readers, room = 65536;

    ck_assert(share < 65536);
    began = now();
    for (i = 0; i < readers; i++) {
        char request[128];

        all[i].fd = client_open(server.port);
        setsockopt(all[i].fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
        snprintf(request, sizeof(request), "GET /iis?op=chain&n=%d&size=%d "
                 "HTTP/1.0\r\n\r\n", lines, LINE);
        client_send(all[i].fd, request);
    }
    next_page = now();
    while (left) {
        double turn = now();

        left = 0;
        for (i = 0; i < readers; i++) {
            if (!all[i].done) {
                read_some(&all[i], share, LINE, began);
                left += !all[i].done;
            }
        }
        if (now() > next_page) {
            double took = static_page();

            slowest_page = took > slowest_page ? took : slowest_page;
            next_page = now() + 0.5;
        }
        if (left && now() - turn < 0.05) {
            usleep((useconds_t)((0.05 - (now() - turn)) * 1e6));
        }
        ck_assert_msg(now() - began < 200, "%d readers are not through",
                      left);
    }
    for (i = 0; i < readers; i++) {
        ck_assert_msg(all[i].body == (size_t)lines * LINE && !all[i].wrong,
                      "reader %d: %zu bytes of %zu, %zu wrong", i,
                      all[i].body, (size_t)lines * LINE, all[i].wrong);
        slowest_first = all[i].first > slowest_first ? all[i].first
                                                     : slowest_first;
        close(all[i].fd);
    }
    free(all);
    fprintf(stderr, "%d readers of %d KB at %zu KB/s: %.1f s; first byte "
            "after %.2f s at the latest, a static page after %.3f s\n",
            readers, lines * LINE / 1000, rate / 1000, now() - began,
            slowest_first, slowest_page);
    ck_assert_msg(slowest_first < 3, "first byte after %.2f s",
                  slowest_first);
    /* Well under half a second where the machine is free. */
    ck_assert_msg(slowest_page < 1.5, "a static page after %.2f s",
                  slowest_page);
}

START_TEST(readers_at_a_limited_rate_hold_no_thread)
{
    int many = server_is_long() && !server_is_sanitized();
    long descriptors;

    server_use_plain_module();
    server_start(&server, MPM_EVENT, "ops=ops", "",
                 "ThreadsPerChild 4\nMaxRequestWorkers 4\n"
                 "AsyncRequestWorkerFactor 200\nLogLevel iisresp:info");
    static_page();
    descriptors = server_descriptors(&server, 100000);
    if (many) {
        crowd(400, 100, 200000);
    }
    else {
        crowd(60, 25, 600000);
    }
    ck_assert_int_le(server_descriptors(&server, descriptors + 1),
                     descriptors + 1);
    server_stop(&server);
}
END_TEST

/* --- small flushes ------------------------------------------------------- */

#define SMALL 64

/* The response of op=chain&copy=1, whose lines count down; HTTP/1.0. */
static void check_numbers(int fd, int lines)
{
    size_t room = (size_t)lines * SMALL + 4096, n = 0;
    char *all = malloc(room), *body, number[16];
    ssize_t got;
    int i;

    while ((got = recv(fd, all + n, room - 1 - n, 0)) > 0) {
        n += got;
    }
    all[n] = '\0';
    ck_assert_ptr_nonnull((body = strstr(all, "\r\n\r\n")));
    body += 4;
    ck_assert_uint_eq(n - (body - all), (size_t)lines * SMALL);
    for (i = 0; i < lines; i++) {
        snprintf(number, sizeof(number), "%08d", lines - 1 - i);
        ck_assert_msg(!memcmp(body + i * SMALL, number, 8)
                      && body[i * SMALL + SMALL - 1] == '\n',
                      "line %d: %.64s", i, body + i * SMALL);
    }
    free(all);
}

START_TEST(small_flushes_wait_for_a_late_reader_without_a_thread)
{
    const char *request = "GET /iis?op=chain&copy=1&n=20000&size=64 HTTP/1.0"
                          "\r\n\r\n";
    int fds[8], room = 65536;
    unsigned int i;

    server_start(&server, MPM_EVENT, "ops=ops", "",
                 "ThreadsPerChild 4\nMaxRequestWorkers 4\n"
                 "AsyncRequestWorkerFactor 200");
    for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        fds[i] = client_open(server.port);
        setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
        client_send(fds[i], request);
    }
    /* Nobody reads: what the kernel holds is full, and all are parked. */
    usleep(500000);
    static_page();
    for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        check_numbers(fds[i], 20000);
        close(fds[i]);
    }
    server_stop(&server);
}
END_TEST

/* --- a reader that is slow and never stops ------------------------------- */

/* A client of little memory.  A kernel says in steps of up to half its receive
 * buffer that there is room again, so that this one says so soon. */
static int thrifty_client(void)
{
    struct sockaddr_in sin = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0), room = 2304, segment = 536;

    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof(segment));
    sin.sin_port = htons(server.port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
    return fd;
}

/* 1 KB each 200 ms, for five times IISFlushTimeout, then the rest. */
START_TEST(a_reader_that_takes_something_is_not_given_up)
{
    static const struct { const char *query; size_t size; } cases[] = {
        { "op=chain&n=100&size=10000", 1000000 },
        { "op=chain&n=1&size=1000000", 1000000 },
        { "op=whole&size=1000000", 1000000 },
    };
    reader_t readers[3] = { { 0 } };
    int i, turn;

    server_start(&server, MPM_EVENT, "ops=ops", "", "IISFlushTimeout 2");
    for (i = 0; i < 3; i++) {
        char request[128];

        readers[i].fd = thrifty_client();
        snprintf(request, sizeof(request), "GET /iis?%s HTTP/1.0\r\n\r\n",
                 cases[i].query);
        client_send(readers[i].fd, request);
    }
    for (turn = 0; turn < 50; turn++) {
        usleep(200000);
        for (i = 0; i < 3; i++) {
            read_some(&readers[i], 1024, 1 << 30, now());
            ck_assert_msg(!readers[i].done, "%s: cut after %zu bytes\n%s",
                          cases[i].query, readers[i].body,
                          server_log(&server));
        }
    }
    for (i = 0; i < 3; i++) {
        while (!readers[i].done) {
            struct pollfd p = { .fd = readers[i].fd, .events = POLLIN };

            ck_assert_int_eq(poll(&p, 1, 10000), 1);
            read_some(&readers[i], 60000, 1 << 30, now());
        }
        ck_assert_msg(readers[i].body == cases[i].size, "%s: %zu bytes",
                      cases[i].query, readers[i].body);
        close(readers[i].fd);
    }
    server_stop(&server);
}
END_TEST

/* --- a network that takes little ---------------------------------------- */

static void all_the_bytes(int with)
{
    static const struct { const char *query; size_t size; } cases[] = {
        { "op=chain&n=200&size=700", 140000 },
        { "op=chain&n=30&size=90000&callback=1", 2700000 },
        { "op=chain&n=1&size=3000000", 3000000 },
        { "op=flush&n=20&size=30000", 600000 },
        { "op=whole&size=2000000", 2000000 },
        { "op=whole&size=20", 20 }
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char url[256];
        reply_t reply;

        snprintf(url, sizeof(url), with & WITH_TLS
                 ? "https://127.0.0.1:%d/iis?%s"
                 : "http://127.0.0.1:%d/iis?%s",
                 with & WITH_TLS ? server.tls_port : server.port,
                 cases[i].query);
        client_get(&reply, url, with, NULL);
        ck_assert_msg(reply.curl == CURLE_OK, "%s: curl %d", cases[i].query,
                      reply.curl);
        ck_assert_msg(reply.length == cases[i].size, "%s: %zu bytes",
                      cases[i].query, reply.length);
        client_free(&reply);
    }
}

START_TEST(short_writes_and_refusals_lose_no_byte)
{
    server_preload("shortwrite");
    server_start(&server, _i, "ops=ops", "ssl socache_shmcb deflate filter",
                 "SendBufferSize 4096\n"
                 "AddOutputFilterByType DEFLATE text/plain");
    all_the_bytes(0);
    all_the_bytes(WITH_TLS);
    all_the_bytes(WITH_DEFLATE);
    server_stop(&server);
}
END_TEST

/* --- clients that leave -------------------------------------------------- */

START_TEST(an_abort_storm_leaves_nothing_behind)
{
    static const char *const queries[] = {
        "op=chain&n=1000&size=100000", "op=chain&n=1&size=20000000",
        "op=post&ms=20&write=50", "op=post&ms=150", "op=whole&size=9000000"
    };
    long before;
    int i, n = !server_is_long() ? 200
               : server_is_sanitized() ? 2000 : 20000;

    server_start(&server, MPM_EVENT, "ops=ops", "",
                 "LogLevel iisresp:info\nServerLimit 1\nMaxRequestWorkers 8");
    for (i = 0; i < 20; i++) {
        static_page();
    }
    before = server_descriptors(&server, 100000);
    for (i = 0; i < n; i++) {
        char request[256];
        int fd = client_open(server.port);

        snprintf(request, sizeof(request), "GET /iis?%s HTTP/1.1\r\n"
                 "Host: a\r\n\r\n", queries[i % 5]);
        client_send(fd, request);
        if (i % 7) {
            char byte[100];

            recv(fd, byte, sizeof(byte), i % 3 ? 0 : MSG_DONTWAIT);
        }
        if (i % 2) {
            client_reset(fd);
        }
        else {
            close(fd);
        }
    }
    static_page();
    ck_assert_msg(server_descriptors(&server, before + 2) <= before + 2,
                  "descriptors: %ld before, %ld after", before,
                  server_descriptors(&server, before + 2));
    for (i = 0; i < 200 && server_count(server_access_log(&server), "/iis") < n;
         i++) {
        usleep(50000);
    }
    ck_assert_int_eq(server_count(server_access_log(&server), "/iis"), n);
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, clients_that_never_read_delay_nobody_and_are_logged);
    tcase_add_test(tc, readers_at_a_limited_rate_hold_no_thread);
    tcase_add_test(tc,
                   small_flushes_wait_for_a_late_reader_without_a_thread);
    tcase_add_test(tc, a_reader_that_takes_something_is_not_given_up);
    ON_EVERY_MPM(tc, short_writes_and_refusals_lose_no_byte);
    tcase_add_test(tc, an_abort_storm_leaves_nothing_behind);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("slow", add, getenv("IISR_LONG") ? 3600 : 120);
}
