/* test_resets.c: clients that reset their TLS connections in the middle of a
 * flush, many at a time: each completion comes once, and no request,
 * descriptor or memory stays behind.  IISR_RESETS=1000000: that many, in
 * rounds of 100,000 with a server of their own each, as Check cannot report a
 * test that lasts 35 minutes ("too big to pack").
 *
 * Looked at after each tenth of them; memory is compared with the first one,
 * when pools, caches and the allocator's own reserves are what they will be.
 */
#include <arpa/inet.h>
#include <check.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

#define THREADS 4
#define AT_ONCE 16              /* connections of a thread */
#define ROUND 100000L           /* resets of one server at most */

static server_t server;

/* --- one thread of clients: no assertion here, it is not check's --------- */

typedef struct slot_t {
    int fd;
    SSL *ssl;
    long take;                  /* bytes to read before it leaves */
    int holds_thread;           /* of the server: it leaves at once */
} slot_t;

typedef struct crowd_t {
    pthread_t thread;
    unsigned int random;
    long n;                     /* of this round */
    SSL_CTX *tls[2];            /* TLS 1.2, TLS 1.3 */
    SSL_SESSION *session[2];
    slot_t slots[AT_ONCE];
    long asked, resumed, took;
    char wrong[128];
} crowd_t;

static unsigned int next_random(crowd_t *crowd)
{
    crowd->random = crowd->random * 1664525u + 1013904223u;
    return crowd->random >> 8;
}

static void fails(crowd_t *crowd, const char *what, long a, long b)
{
    if (!*crowd->wrong) {
        snprintf(crowd->wrong, sizeof(crowd->wrong), "%s: %ld %ld", what, a,
                 b);
    }
}

static int open_socket(void)
{
    struct sockaddr_in sin = { .sin_family = AF_INET };
    struct timeval limit = { 30, 0 };
    int fd = socket(AF_INET, SOCK_STREAM, 0), room = 16384, segment = 1400;

    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
    setsockopt(fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof(segment));
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    sin.sin_port = htons(server.tls_port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&sin, sizeof(sin))) {
        close(fd);
        return -1;
    }
    return fd;
}

/* What the response is made by, and how much of it is wanted. */
static void ask(crowd_t *crowd, slot_t *slot)
{
    static const struct { const char *op; long n; } kinds[] = {
        { "completion", 10 }, { "completion", 10 }, { "completion", 60 },
        { "callback", 10 }, { "callback", 60 }, { "sync", 10 },
        { "whole", 1 }, { "posted", 1 }
    };
    static const long sizes[] = { 100, 5000, 30000, 100000 };
    unsigned int random = next_random(crowd);
    long kind = random % 8, size = sizes[random / 8 % 4];
    long all = kinds[kind].n * size;
    char request[256];
    int length = snprintf(request, sizeof(request), "GET /iis?op=%s&n=%ld"
                          "&size=%ld HTTP/1.1\r\nHost: a\r\n\r\n",
                          kinds[kind].op, kinds[kind].n, size);

    if (SSL_write(slot->ssl, request, length) != length) {
        fails(crowd, "request", kind, size);
        return;
    }
    crowd->asked++;
    /* Nothing, the first bytes, a few records, and rarely many of them. */
    slot->take = random / 32 % 4 == 0 ? 0
                 : 1 + next_random(crowd) % (random / 128 % 32 ? 30000
                                                               : 500000);
    slot->take = slot->take < all ? slot->take : all;
    slot->holds_thread = !strcmp(kinds[kind].op, "sync");
}

/* The server keeps one for five minutes. */
static void take_session(crowd_t *crowd, slot_t *slot, int version)
{
    if (SSL_session_reused(slot->ssl)) {
        crowd->resumed++;
        return;
    }
    SSL_SESSION_free(crowd->session[version]);
    crowd->session[version] = SSL_get1_session(slot->ssl);
}

static void arrive(crowd_t *crowd, slot_t *slot)
{
    unsigned int random = next_random(crowd);
    int version = random % 4 == 0;

    if ((slot->fd = open_socket()) < 0) {
        fails(crowd, "connect", 0, 0);
        return;
    }
    slot->ssl = SSL_new(crowd->tls[version]);
    SSL_set_fd(slot->ssl, slot->fd);
    SSL_set_session(slot->ssl, crowd->session[version]);
    slot->take = slot->holds_thread = 0;
    if (random / 4 % 64 == 0) {
        /* It leaves in the middle of its handshake. */
        SSL_set_connect_state(slot->ssl);
        send(slot->fd, "\x16\x03\x01\x02", 4, MSG_NOSIGNAL);
        slot->holds_thread = 1;
        return;
    }
    if (SSL_connect(slot->ssl) != 1) {
        fails(crowd, "handshake", SSL_get_error(slot->ssl, 0), 0);
        return;
    }
    ask(crowd, slot);
}

static void leave(crowd_t *crowd, slot_t *slot)
{
    struct linger now = { 1, 0 };
    static __thread char buffer[16384];
    long got = 0;
    int n = 1;

    while (got < slot->take && n > 0) {
        n = SSL_read(slot->ssl, buffer, sizeof(buffer));
        got += n > 0 ? n : 0;
    }
    if (got < slot->take) {
        fails(crowd, "bytes that came and that were due", got, slot->take);
    }
    crowd->took += got;
    /* TLS 1.3 has its tickets after the handshake. */
    if (got) {
        take_session(crowd, slot, SSL_version(slot->ssl) == TLS1_3_VERSION);
    }
    setsockopt(slot->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(slot->fd);
    /* Or its session would not do for another. */
    SSL_set_shutdown(slot->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(slot->ssl);
    slot->ssl = NULL;
    slot->holds_thread = 0;
}

static void *come_and_go(void *data)
{
    crowd_t *crowd = data;
    long i;

    for (i = 0; i < crowd->n + AT_ONCE && !*crowd->wrong; i++) {
        slot_t *slot = &crowd->slots[i % AT_ONCE];

        if (slot->ssl) {
            leave(crowd, slot);
        }
        if (i < crowd->n) {
            arrive(crowd, slot);
        }
        if (slot->holds_thread) {
            leave(crowd, slot);
        }
    }
    return NULL;
}

static void prepare(crowd_t *crowd, unsigned int seed)
{
    int i;

    memset(crowd, 0, sizeof(*crowd));
    crowd->random = seed;
    for (i = 0; i < 2; i++) {
        ck_assert_ptr_nonnull(crowd->tls[i] = SSL_CTX_new(
                                                  TLS_client_method()));
        SSL_CTX_set_max_proto_version(crowd->tls[i], i ? TLS1_3_VERSION
                                                       : TLS1_2_VERSION);
    }
}

static void dismiss(crowd_t *crowd)
{
    int i;

    for (i = 0; i < 2; i++) {
        SSL_SESSION_free(crowd->session[i]);
        SSL_CTX_free(crowd->tls[i]);
    }
}

/* --- what is left of them ------------------------------------------------ */

typedef struct count_t {
    int begun, alive, promised, completed;
} count_t;

static void ask_count(count_t *count)
{
    char url[128];
    reply_t reply;

    snprintf(url, sizeof(url), "%s/iis?op=count", server.url);
    client_get(&reply, url, 0, NULL);
    ck_assert_msg(reply.body && sscanf(reply.body, "begun %d alive %d "
                  "promised %d completed %d", &count->begun, &count->alive,
                  &count->promised, &count->completed) == 4, "curl %d: %s",
                  reply.curl, reply.body);
    client_free(&reply);
}

/* Until none is left, for a minute. */
static void settle(count_t *count)
{
    int i;

    ask_count(count);
    for (i = 0; i < 600 && (count->alive
                            || count->promised != count->completed); i++) {
        usleep(100000);
        ask_count(count);
    }
    ck_assert_msg(!count->alive && count->promised == count->completed,
                  "begun %d alive %d promised %d completed %d", count->begun,
                  count->alive, count->promised, count->completed);
}

static long logged(void)
{
    char command[160];
    long n = -1;
    FILE *f;

    snprintf(command, sizeof(command), "grep -c 'size=' %s/logs/access",
             server.root);
    ck_assert_ptr_nonnull((f = popen(command, "r")));
    ck_assert_int_eq(fscanf(f, "%ld", &n), 1);
    pclose(f);
    return n;
}

static long resets(void)
{
    const char *n = getenv("IISR_RESETS");

    return n ? atol(n) : server_is_long() ? 20000 : 400;
}

static void a_tenth(crowd_t *crowds, long n)
{
    int i;

    for (i = 0; i < THREADS; i++) {
        crowds[i].n = n / THREADS;
        ck_assert_int_eq(pthread_create(&crowds[i].thread, NULL, come_and_go,
                                        &crowds[i]), 0);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(crowds[i].thread, NULL);
        ck_assert_msg(!*crowds[i].wrong, "%s", crowds[i].wrong);
    }
}

static void report(const crowd_t *crowds, long n, const count_t *count,
                   long memory)
{
    long asked = 0, resumed = 0, took = 0;
    int i;

    for (i = 0; i < THREADS; i++) {
        asked += crowds[i].asked;
        resumed += crowds[i].resumed;
        took += crowds[i].took;
    }
    fprintf(stderr, "%ld resets: %ld requests, %d begun, %d completions, "
            "%ld MB read, %ld handshakes resumed, %ld KB resident\n", n,
            asked, count->begun, count->completed, took / 1000000, resumed,
            memory);
}

START_TEST(resets_in_mid_flush_over_tls_leave_nothing_behind)
{
    crowd_t crowds[THREADS];
    count_t count;
    long n = resets() < ROUND ? resets() : ROUND;
    long descriptors = 0, memory = 0, now = 0;
    int i, child;

    /* What is freed is not kept for long. */
    server_sanitize_with(":quarantine_size_mb=8:"
                         "thread_local_quarantine_size_kb=64");
    server_start(&server, MPM_EVENT, "resets=resets", "ssl socache_shmcb",
                 "ServerLimit 1\nMaxRequestWorkers 8\nMaxSpareThreads 8\n"
                 "SendBufferSize 16384\nLogLevel warn\n"
                 "<Directory \"/\">\n    AllowOverride None\n</Directory>");
    settle(&count);
    child = server_child(&server);
    for (i = 0; i < THREADS; i++) {
        prepare(&crowds[i], _i * THREADS + i + 1);
    }
    for (i = 1; i <= 10; i++) {
        a_tenth(crowds, n / 10);
        settle(&count);
        now = server_memory(&server);
        if (i == 1) {
            memory = now;
            descriptors = server_descriptors(&server, 100000);
        }
        if (server_is_long()) {
            report(crowds, n / 10 * i, &count, now);
        }
    }
    ck_assert_int_eq(server_child(&server), child);
    ck_assert_int_gt(count.begun, n / 2);
    ck_assert_int_gt(count.completed, n / 2);
    ck_assert_int_eq(logged(), count.begun);
    ck_assert_int_le(server_descriptors(&server, descriptors + 2),
                     descriptors + 2);
    ck_assert_msg(now <= memory + (server_is_sanitized() ? 16384 : 4096),
                  "%ld KB after a tenth, %ld KB at the end", memory, now);
    for (i = 0; i < THREADS; i++) {
        dismiss(&crowds[i]);
    }
    server_stop(&server);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, resets_in_mid_flush_over_tls_leave_nothing_behind,
                        0, (resets() + ROUND - 1) / ROUND);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("resets", add, 1800);
}
