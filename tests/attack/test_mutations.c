/* test_mutations.c: requests that were written for the attack port, with
 * random bytes changed, taken out, put in, doubled and mixed.  Whatever comes,
 * the server answers or closes in time, stays whole, and answers the next
 * client.  IISR_SEED chooses the sequence (1), IISR_FUZZ_SECONDS how long it
 * goes on (20). */
#include <check.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "server.h"
#include "strict.h"

#define PATIENCE 5000
#define LONGEST 8192

static server_t server;
static unsigned int state;

static const char *const seeds[] = {
    "GET /iis?put=copy,B,40&flush=sync&put=ref,C,30 HTTP/1.1\r\nHost: a\r\n"
        "Cookie: a=b\r\nCookie: c=d\r\n\r\n",
    "GET /iis?post=3&put=copy,B,20&flush=async&put=copy,B,20 HTTP/1.1\r\n"
        "Host: a:80\r\nRange: bytes=5-9\r\nIf-Range: \"x\"\r\n\r\n",
    "POST /iis?read=all&insert=other&at=execute&read=3&put=copy,B,5 HTTP/1.1"
        "\r\nHost: a\r\nContent-Length: 11\r\n\r\nfoo and bar",
    "POST /iis?read=3&put=copy,B,5&flush=async HTTP/1.1\r\nHost: a\r\n"
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n"
        "X-Trailer: t\r\n\r\n",
    "HEAD /canary.txt HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n"
        "GET /iis?status=404,No&set=X-A:b HTTP/1.1\r\nHost: a\r\n\r\n",
    "GET /iis?at=begin&put=copy,B,20&flush=sync&at=send&edit=split&put=copy,B"
        ",9 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "PUT /iis?set=Transfer-Encoding:chunked&put=copy,B,40 HTTP/1.1\r\n"
        "Host: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\nbody",
    "GET http://a/iis?redirect=/x&error=80004005 HTTP/1.1\r\nHost: b\r\n"
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n",
};
#define SEEDS (sizeof(seeds) / sizeof(seeds[0]))

/* --- mutating ------------------------------------------------------------- */

/* Below n, from a generator of our own: the same everywhere. */
static unsigned int chance(unsigned int n)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % n;
}

static const char *const pieces[] = {
    "\r\n", "\n", "\r", "\0", ":", " ", "\t", "0\r\n\r\n", "chunked",
    "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "ffffffffffffff",
    "-1", "%00", "%5c..", "../", "?", "&flush=async", "&flush=last", "&reset=",
    "&edit=own", "&put=file,D,300000", "&status=103,X", "HTTP/1.1", "\xff",
    "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
};

static size_t put_in(char *text, size_t n, size_t at, const char *what,
                     size_t length)
{
    if (n + length > LONGEST) {
        return n;
    }
    memmove(text + at + length, text + at, n - at);
    memcpy(text + at, what, length);
    return n + length;
}

static size_t mutate(char *text, size_t n)
{
    size_t at = chance((unsigned int)n), length = 1 + chance(20);
    const char *piece = pieces[chance(sizeof(pieces) / sizeof(pieces[0]))];
    char copy[32];

    length = length < n - at ? length : n - at;
    memcpy(copy, text + at, length);
    switch (chance(5)) {
    case 0:
        text[at] = (char)chance(256);
        return n;
    case 1:
        if (n - length < 2) {
            return n;
        }
        memmove(text + at, text + at + length, n - at - length);
        return n - length;
    case 2:
        return put_in(text, n, at, copy, length);
    case 3:
        return put_in(text, n, at, piece, *piece ? strlen(piece) : 1);
    default:
        piece = seeds[chance(SEEDS)];
        return put_in(text, n, at, piece + chance(strlen(piece) / 2),
                      strlen(piece) / 3);
    }
}

/* --- sending -------------------------------------------------------------- */

/* Until the server closes, or is silent for a moment: it may wait for more of
 * what it takes for a body. */
static void take_answer(strict_t *c)
{
    struct pollfd fd = { .fd = c->fd, .events = POLLIN };
    char bytes[65536];

    while (poll(&fd, 1, 60) == 1 && read(c->fd, bytes, sizeof(bytes)) > 0) {
        continue;
    }
}

static void send_mutant(void)
{
    static char text[LONGEST + 1];
    const char *seed = seeds[chance(SEEDS)];
    size_t n = strlen(seed);
    int times = 1 + (int)chance(6);
    strict_t c;

    memcpy(text, seed, n);
    while (times--) {
        n = mutate(text, n);
    }
    strict_open(&c, server.port, PATIENCE);
    strict_send(&c, text, n);
    take_answer(&c);
    strict_close(&c);
}

static void ask_canary(unsigned int round)
{
    strict_t c;
    answer_t a;

    strict_open(&c, server.port, PATIENCE);
    strict_send(&c, CANARY, sizeof(CANARY) - 1);
    strict_answer(&c, &a, "GET", 0);
    ck_assert_msg(!*a.wrong && !strcmp(a.body, CANARY_BODY),
                  "after mutant %u: %s %.100s", round, a.wrong, a.body);
    answer_free(&a);
    strict_close(&c);
}

START_TEST(mutated_requests_leave_the_server_whole)
{
    const char *seed = getenv("IISR_SEED");
    const char *seconds = getenv("IISR_FUZZ_SECONDS");
    time_t end = time(NULL) + (seconds ? atoi(seconds) : 20);
    unsigned int round;

    state = seed ? (unsigned int)strtoul(seed, NULL, 10) : 1;
    server_start(&server, MPM_EVENT, "attack=attack", "", "Timeout 5\n"
                 "<Location /iis>\nSetHandler iis\n</Location>\n");
    server_expect("[");         /* What they make httpd and modules say. */
    for (round = 0; time(NULL) < end; round++) {
        send_mutant();
        if (round % 8 == 7) {
            ask_canary(round);
        }
    }
    ask_canary(round);
    ck_assert_ptr_null(strstr(server_log(&server), "AddressSanitizer"));
    ck_assert_ptr_null(strstr(server_log(&server), "runtime error"));
    ck_assert_ptr_null(strstr(server_log(&server), "exit signal"));
    printf("%u mutants of seed %s\n", round, seed ? seed : "1");
    server_stop(&server);
}
END_TEST

static void add_tests(TCase *tc)
{
    tcase_add_test(tc, mutated_requests_leave_the_server_whole);
}

int main(void)
{
    return run_tests("mutations", add_tests, 300);
}
