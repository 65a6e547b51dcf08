/* test_edits.c: a module edits the chunks of what it writes in every way;
 * slow readers, and fast ones beside them, get what their URL says, byte by
 * byte, and never a byte of another's.
 */
#include <check.h>
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "client.h"
#include "server.h"

static server_t server;

static const char *const modes[] = {
    "none", "skip", "shorten", "split", "copy", "dup", "reversed", "twice",
    "around", "mixed"
};
#define MODES (int)(sizeof(modes) / sizeof(modes[0]))

/* What is written, and how it is flushed. */
static const struct shape_t {
    int sync, n;
    size_t size;
} shapes[] = {
    { 1, 1, 3900000 }, { 0, 8, 600000 }, { 0, 3, 4097 }, { 1, 3, 70000 },
    { 0, 5, 100 }
};
#define SHAPES (int)(sizeof(shapes) / sizeof(shapes[0]))

/* --- what a URL says ----------------------------------------------------- */

typedef struct text_t {
    char *data;
    size_t length, room;
} text_t;

static void put(text_t *t, const char *data, size_t n)
{
    if (t->length + n > t->room) {
        t->room = 2 * t->room + n;
        t->data = realloc(t->data, t->room);
    }
    memcpy(t->data + t->length, data, n);
    t->length += n;
}

static void fill(text_t *t, char c, size_t n)
{
    char own[5000];

    memset(own, c, sizeof(own));
    put(t, own, n);
}

static void put_edited(text_t *t, const char *mode, const char *data, size_t n)
{
    size_t half = n / 2;

    if (!strcmp(mode, "skip")) {
        put(t, data + 1, n - 1);
    }
    else if (!strcmp(mode, "shorten")) {
        put(t, data, n - n / 3);
    }
    else if (!strcmp(mode, "reversed")) {
        put(t, data + half, n - half);
        put(t, data, half);
    }
    else if (!strcmp(mode, "copy")) {
        put(t, "*", 1);
        put(t, data, n);
    }
    else if (!strcmp(mode, "twice")) {
        put(t, data, n);
        put(t, data, n);
    }
    else if (!strcmp(mode, "around")) {
        fill(t, '<', 5000);
        put(t, data, n);
        fill(t, '>', 5000);
    }
    else if (!strcmp(mode, "mixed")) {
        put(t, data, half);
        fill(t, '-', 5000);
        put(t, data + half, n - half);
        put(t, "*", 1);
    }
    else {
        put(t, data, n);
    }
}

static text_t wanted(const char *mode, int shape, char letter)
{
    size_t n = shapes[shape].size, i;
    char *piece = malloc(n);
    text_t t = { NULL, 0, 0 };
    int k;

    for (k = 0; k < shapes[shape].n; k++) {
        for (i = 0; i < n; i++) {
            piece[i] = 'a' + (i * 7 + i / 101 + k * 3 + (letter - 'A') * 5)
                             % 26;
        }
        put_edited(&t, mode, piece, n);
    }
    free(piece);
    return t;
}

static void name_path(char *path, size_t room, const char *mode, int shape,
                      char letter)
{
    snprintf(path, room, "/iis?m=%s&n=%d&size=%zu&l=%c%s", mode,
             shapes[shape].n, shapes[shape].size, letter,
             shapes[shape].sync ? "&sync=1" : "");
}

static void check_body(const char *mode, int shape, char letter,
                       const char *body, size_t length)
{
    text_t want = wanted(mode, shape, letter);
    size_t i = 0;

    while (i < length && i < want.length && body[i] == want.data[i]) {
        i++;
    }
    ck_assert_msg(i == length && i == want.length, "%s, %d times %zu, %s: "
                  "%zu bytes for %zu, wrong from %zu on", mode,
                  shapes[shape].n, shapes[shape].size,
                  shapes[shape].sync ? "sync" : "async", length, want.length,
                  i);
    free(want.data);
}

/* --- slow readers -------------------------------------------------------- */

typedef struct slow_t {
    CURL *curl;
    text_t got;
} slow_t;

/* The window is 4 KB until the reader makes up its mind. */
static int narrow(void *baton, curl_socket_t fd, curlsocktype purpose)
{
    int bytes = 4096;

    (void)baton;
    (void)purpose;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
    return CURL_SOCKOPT_OK;
}

static void slow_open(slow_t *slow, int tls, const char *path)
{
    char url[64], request[256];
    size_t sent;

    memset(slow, 0, sizeof(*slow));
    slow->curl = curl_easy_init();
    snprintf(url, sizeof(url), "%s://127.0.0.1:%d/", tls ? "https" : "http",
             tls ? server.tls_port : server.port);
    curl_easy_setopt(slow->curl, CURLOPT_URL, url);
    curl_easy_setopt(slow->curl, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(slow->curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(slow->curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(slow->curl, CURLOPT_HTTP_VERSION,
                     (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(slow->curl, CURLOPT_SOCKOPTFUNCTION, narrow);
    ck_assert_int_eq(curl_easy_perform(slow->curl), CURLE_OK);
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\n"
             "Connection: close\r\n\r\n", path);
    ck_assert_int_eq(curl_easy_send(slow->curl, request, strlen(request),
                                    &sent), CURLE_OK);
    ck_assert_uint_eq(sent, strlen(request));
}

static curl_socket_t slow_socket(slow_t *slow)
{
    curl_socket_t fd;

    curl_easy_getinfo(slow->curl, CURLINFO_ACTIVESOCKET, &fd);
    return fd;
}

static void slow_widen(slow_t *slow)
{
    int bytes = 1 << 20;

    setsockopt(slow_socket(slow), SOL_SOCKET, SO_RCVBUF, &bytes,
               sizeof(bytes));
}

/* Up to the end of the connection. */
static void slow_read(slow_t *slow)
{
    static char buffer[262144];
    curl_socket_t fd = slow_socket(slow);
    CURLcode rv;
    size_t n;

    while ((rv = curl_easy_recv(slow->curl, buffer, sizeof(buffer), &n))
           == CURLE_AGAIN || (rv == CURLE_OK && n)) {
        struct pollfd p = { .fd = fd, .events = POLLIN };

        if (rv == CURLE_OK) {
            put(&slow->got, buffer, n);
        }
        else {
            ck_assert_msg(poll(&p, 1, 30000) == 1, "nothing for 30 s after "
                          "%zu bytes", slow->got.length);
        }
    }
    put(&slow->got, "", 1);
    slow->got.length--;
    curl_easy_cleanup(slow->curl);
}

/* The body of what came, in place; its length. */
static size_t body_of(slow_t *slow, char **body)
{
    char *end = strstr(slow->got.data, "\r\n\r\n"), *from, *to;
    size_t left, n;

    ck_assert_ptr_nonnull(end);
    ck_assert(!strncmp(slow->got.data, "HTTP/1.1 200 ", 13));
    *end = '\0';
    *body = to = from = end + 4;
    left = slow->got.length - (from - slow->got.data);
    if (!strstr(slow->got.data, "\r\nTransfer-Encoding: chunked")) {
        return left;
    }
    while ((n = strtoul(from, &from, 16))) {
        ck_assert_int_eq(strncmp(from, "\r\n", 2), 0);
        from += 2;
        ck_assert_uint_lt(n, slow->got.length);
        memmove(to, from, n);
        to += n;
        from += n;
        ck_assert_int_eq(strncmp(from, "\r\n", 2), 0);
        from += 2;
    }
    ck_assert_str_eq(from, "\r\n\r\n");
    return to - *body;
}

/* --- side by side -------------------------------------------------------- */

static void fast(const char *mode, int shape, char letter, int with)
{
    char path[128], url[256];
    reply_t reply;

    name_path(path, sizeof(path), mode, shape, letter);
    snprintf(url, sizeof(url), "%s://127.0.0.1:%d%s", with & WITH_TLS ? "https"
             : "http", with & WITH_TLS ? server.tls_port : server.port, path);
    client_get(&reply, url, with, NULL);
    ck_assert_int_eq(reply.status, 200);
    check_body(mode, shape, letter, reply.body, reply.length);
    client_free(&reply);
}

static void check_slow(slow_t *slow, int mode, int shape)
{
    char *body;
    size_t length;

    slow_read(slow);
    length = body_of(slow, &body);
    check_body(modes[mode], shape, 'A' + shape, body, length);
    free(slow->got.data);
}

/* Modes from..to-1: all slow readers at once, and what is freed meanwhile
 * the fast ones get. */
static void side_by_side(int from, int to, int tls)
{
    slow_t slow[MODES][SHAPES];
    char path[128];
    int m, i;

    for (m = from; m < to; m++) {
        for (i = 0; i < SHAPES; i++) {
            name_path(path, sizeof(path), modes[m], i, 'A' + i);
            slow_open(&slow[m][i], tls, path);
        }
    }
    for (m = from; m < to; m++) {
        for (i = 0; i < SHAPES; i++) {
            fast(modes[m], i, 'S', tls ? WITH_TLS : 0);
        }
    }
    for (i = SHAPES - 1; i >= 0; i--) {
        for (m = from; m < to; m++) {
            slow_widen(&slow[m][i]);
        }
    }
    for (i = SHAPES - 1; i >= 0; i--) {
        for (m = from; m < to; m++) {
            check_slow(&slow[m][i], m, i);
        }
    }
}

/* Where a slow reader holds a thread, a few at a time. */
static void edited(int mpm, int tls)
{
    int step = mpm == MPM_EVENT ? MODES : 2, m;

    server_start(&server, mpm, "edits=edits", tls ? "ssl socache_shmcb" : "",
                 "IISFlushTimeout 300\nTimeout 300");
    for (m = 0; m < MODES; m += step) {
        side_by_side(m, m + step, tls);
    }
    server_stop(&server);
}

START_TEST(slow_readers_get_what_their_url_says)
{
    edited(_i, 0);
}
END_TEST

START_TEST(slow_readers_over_tls_get_what_their_url_says)
{
    edited(MPM_EVENT, 1);
}
END_TEST

static void add(TCase *tc)
{
    ON_EVERY_MPM(tc, slow_readers_get_what_their_url_says);
    tcase_add_test(tc, slow_readers_over_tls_get_what_their_url_says);
}

int main(void)
{
    curl_global_init(CURL_GLOBAL_ALL);
    return run_tests("edits", add, 240);
}
