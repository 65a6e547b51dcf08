/* test_crowd.c: as many parked requests in one process with four threads as
 * it has descriptors for.  A thread of the module posts them all; they all
 * finish, their connections serve a second request, and nothing stays.  The
 * same beside slow readers.
 */
#include <check.h>
#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

/* --- one connection of the crowd ----------------------------------------- */

typedef struct member_t {
    int fd;
    size_t have;
    char text[512];             /* the response so far */
} member_t;

static member_t *members;

static void ask(int i, const char *op)
{
    char request[128];

    members[i].have = 0;
    snprintf(request, sizeof(request),
             "GET /iis?op=%s&i=%d HTTP/1.1\r\nHost: a\r\n\r\n", op, i);
    client_send(members[i].fd, request);
}

/* Reads what is there.  Whether the response is complete; it must be the
 * expected one, and the connection must stay. */
static int read_some(int i, const char *body)
{
    member_t *m = &members[i];
    ssize_t n = recv(m->fd, m->text + m->have, sizeof(m->text) - 1 - m->have,
                     0);
    char *end;

    ck_assert_msg(n > 0, "connection %d ended after %zu bytes: %s", i,
                  m->have, m->text);
    m->have += n;
    m->text[m->have] = '\0';
    if (!(end = strstr(m->text, "\r\n\r\n"))
        || strlen(end + 4) < strlen(body)) {
        return 0;
    }
    ck_assert_msg(!strncmp(m->text, "HTTP/1.1 200 OK\r\n", 17)
                  && !strcmp(end + 4, body), "connection %d: %s\nwanted: %s",
                  i, m->text, body);
    return 1;
}

static const char *woken(int i)
{
    static char body[256];
    int n = snprintf(body, sizeof(body), "woken %d\n", i);

    memset(body + n, 'a' + i % 26, 100);
    body[n + 100] = '\0';
    return body;
}

/* --- the whole of it ----------------------------------------------------- */

static void get(const char *path, reply_t *reply)
{
    char url[256];

    snprintf(url, sizeof(url), "%s%s", server.url, path);
    client_get(reply, url, 0, NULL);
    ck_assert_msg(reply->curl == CURLE_OK && reply->status == 200,
                  "%s: curl %d, status %ld", path, reply->curl,
                  reply->status);
}

static void wait_until_parked(int n)
{
    int i, parked = -1;
    reply_t reply;

    for (i = 0; i < 600 && parked != n; i++) {
        usleep(i ? 50000 : 0);
        get("/iis?op=count", &reply);
        ck_assert_int_eq(sscanf(reply.body, "parked %d", &parked), 1);
        client_free(&reply);
    }
    ck_assert_int_eq(parked, n);
}

static void static_page(void)
{
    reply_t reply;

    get("/file.txt", &reply);
    ck_assert_ptr_nonnull(strstr(reply.body, "a static file"));
    client_free(&reply);
}

static void park_all(int n, int epoll)
{
    int i;

    for (i = 0; i < n; i++) {
        struct epoll_event event = { .events = EPOLLIN, .data.u32 = i };

        members[i].fd = client_open(server.port);
        ask(i, "park");
        ck_assert_int_eq(epoll_ctl(epoll, EPOLL_CTL_ADD, members[i].fd,
                                   &event), 0);
    }
    wait_until_parked(n);
}

static void wake_all(int n, int epoll)
{
    struct epoll_event events[256];
    reply_t reply;
    int i, got;

    get("/iis?op=post", &reply);
    client_free(&reply);
    while (n) {
        got = epoll_wait(epoll, events, 256, 60000);
        ck_assert_msg(got > 0, "%d of the crowd are not woken", n);
        for (i = 0; i < got; i++) {
            int who = events[i].data.u32;

            if (read_some(who, woken(who))) {
                epoll_ctl(epoll, EPOLL_CTL_DEL, members[who].fd, NULL);
                n--;
            }
        }
    }
}

/* One after another, and a thread has time to become idle again: a httpd
 * whose threads are all busy closes its keep-alive connections. */
static void ask_again(int n)
{
    char body[64];
    int i;

    for (i = 0; i < n; i++) {
        ask(i, "now");
        snprintf(body, sizeof(body), "now %d\n", i);
        while (!read_some(i, body)) {
            continue;
        }
        usleep(1000);
    }
}

/* Two descriptors each, and some for httpd itself. */
static int crowd_size(int most)
{
    struct rlimit files;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &files), 0);
    return files.rlim_max / 2 - 100 < (rlim_t)most
           ? (int)(files.rlim_max / 2 - 100) : most;
}

START_TEST(ten_thousand_parked_requests_all_finish)
{
    int i, n = crowd_size(server_is_long() ? 10000 : 500),
        epoll = epoll_create1(EPOLL_CLOEXEC);
    long before;

    members = calloc(n, sizeof(*members));
    server_start(&server, MPM_EVENT, "parks=parks", "",
                 "ServerLimit 1\nThreadsPerChild 4\nMaxRequestWorkers 4\n"
                 "AsyncRequestWorkerFactor 10000\nLogLevel iisresp:info\n"
                 "KeepAliveTimeout 300");
    static_page();
    before = server_descriptors(&server, 100000);
    park_all(n, epoll);
    static_page();
    ck_assert_int_le(server_descriptors(&server, before + 2 * n + 10),
                     before + 2 * n + 10);
    wake_all(n, epoll);
    ask_again(n);
    for (i = 0; i < n; i++) {
        close(members[i].fd);
    }
    static_page();
    ck_assert_int_le(server_descriptors(&server, before + 2), before + 2);
    server_stop(&server);
    free(members);
    close(epoll);
}
END_TEST

/* --- beside slow readers -------------------------------------------------- */

#define LINES 6
#define LINE 40000              /* the last byte of a line is its end */

typedef struct reader_t {
    int fd, done;
    size_t head, body, wrong;
} reader_t;

/* Little memory, and HTTP/1.0: the body is the module's bytes. */
static void begin_to_read(reader_t *reader)
{
    int room = 16384, segment = 1400;

    reader->fd = client_open(server.port);
    setsockopt(reader->fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    setsockopt(reader->fd, IPPROTO_TCP, TCP_MAXSEG, &segment,
               sizeof(segment));
    client_send(reader->fd, "GET /slow?op=chain&n=6&size=40000 HTTP/1.0"
                "\r\n\r\n");
}

static void read_a_little(reader_t *reader)
{
    char buffer[4097], *at = buffer;
    ssize_t n = recv(reader->fd, buffer, sizeof(buffer) - 1, MSG_DONTWAIT);

    if (n <= 0) {
        reader->done = n == 0 || errno != EAGAIN;
        return;
    }
    buffer[n] = '\0';
    if (!reader->head) {
        ck_assert_ptr_nonnull((at = strstr(buffer, "\r\n\r\n")));
        at += 4;
        reader->head = at - buffer;
    }
    for (; at < buffer + n; at++, reader->body++) {
        reader->wrong += *at != (reader->body % LINE == LINE - 1 ? '\n'
                                                                 : 'a');
    }
}

/* Each a little, so often or until all are through; and static pages. */
static int read_slowly(reader_t *readers, int n, int turns)
{
    int i, turn, left = n;

    for (turn = 0; left && turn < turns; turn++) {
        for (i = left = 0; i < n; i++) {
            if (!readers[i].done) {
                read_a_little(&readers[i]);
                left += !readers[i].done;
            }
        }
        if (turn % 10 == 0) {
            static_page();
        }
        usleep(20000);
    }
    return left;
}

START_TEST(parked_requests_and_slow_readers_share_four_threads)
{
    int i, n = crowd_size(2500), slow = n / 5, parked = n - slow;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    reader_t *readers = calloc(slow, sizeof(*readers));
    long before;

    members = calloc(parked, sizeof(*members));
    server_start(&server, MPM_EVENT, "parks=parks ops=ops", "",
                 "ServerLimit 1\nThreadsPerChild 4\nMaxRequestWorkers 4\n"
                 "AsyncRequestWorkerFactor 10000\nLogLevel iisresp:info\n"
                 "SendBufferSize 16384\nKeepAliveTimeout 300\nTimeout 60\n"
                 "<Location /iis>\nIISModules -ops\n</Location>\n"
                 "<Location /slow>\nSetHandler iis\nIISModules -parks\n"
                 "</Location>");
    static_page();
    before = server_descriptors(&server, 100000);
    park_all(parked, epoll);
    for (i = 0; i < slow; i++) {
        begin_to_read(&readers[i]);
    }
    ck_assert_int_eq(read_slowly(readers, slow, 20), slow);
    wake_all(parked, epoll);
    ck_assert_int_eq(read_slowly(readers, slow, 3000), 0);
    for (i = 0; i < slow; i++) {
        ck_assert_msg(readers[i].body == LINES * LINE && !readers[i].wrong,
                      "reader %d: %zu bytes, %zu wrong", i, readers[i].body,
                      readers[i].wrong);
        close(readers[i].fd);
    }
    for (i = 0; i < parked; i++) {
        close(members[i].fd);
    }
    static_page();
    ck_assert_int_le(server_descriptors(&server, before + 2), before + 2);
    server_stop(&server);
    free(readers);
    free(members);
    close(epoll);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, parked_requests_and_slow_readers_share_four_threads);
    tcase_add_test(tc, ten_thousand_parked_requests_all_finish);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("crowd", add, server_is_long() ? 600 : 120);
}
