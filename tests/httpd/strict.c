/* strict.c: see strict.h. */
#define _GNU_SOURCE             /* memmem */
#include <arpa/inet.h>
#include <check.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include "strict.h"

/* --- the connection ------------------------------------------------------ */

void strict_open(strict_t *c, int port, int patience)
{
    struct sockaddr_in sin = { .sin_family = AF_INET };

    memset(c, 0, sizeof(*c));
    c->patience = patience;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sin.sin_port = htons(port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(connect(c->fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
}

void strict_send(strict_t *c, const void *bytes, size_t n)
{
    size_t at = 0;

    while (at < n) {
        struct pollfd p = { .fd = c->fd, .events = POLLOUT };
        ssize_t sent;

        if (poll(&p, 1, c->patience) <= 0) {
            return;
        }
        sent = send(c->fd, (const char *)bytes + at, n - at,
                    MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            return;
        }
        at += sent > 0 ? sent : 0;
    }
}

/* 1: more bytes are there; 0: none will come, see c->ended. */
static int strict_more(strict_t *c)
{
    struct pollfd p = { .fd = c->fd, .events = POLLIN };
    ssize_t n;

    if (c->ended || poll(&p, 1, c->patience) <= 0) {
        return 0;
    }
    if (c->room - c->have < 65536) {
        c->room = c->room * 2 + 131072;
        c->bytes = realloc(c->bytes, c->room);
    }
    n = recv(c->fd, c->bytes + c->have, c->room - c->have - 1, 0);
    if (n <= 0) {
        c->ended = n < 0 ? 2 : 1;
        return 0;
    }
    c->have += n;
    c->bytes[c->have] = '\0';
    return 1;
}

static char *strict_at(strict_t *c)
{
    return c->bytes + c->taken;
}

static size_t strict_left(const strict_t *c)
{
    return c->have - c->taken;
}

/* The place of what ends with `end`, or NULL. */
static char *strict_upto(strict_t *c, const char *end)
{
    char *at = NULL;

    while (!(c->bytes && (at = memmem(strict_at(c), strict_left(c), end,
                                      strlen(end)))) && strict_more(c)) {
        continue;
    }
    return at;
}

static int strict_need(strict_t *c, size_t n)
{
    while (strict_left(c) < n && strict_more(c)) {
        continue;
    }
    return strict_left(c) >= n;
}

const char *strict_end(strict_t *c)
{
    static char text[128];

    if (strict_left(c)) {
        snprintf(text, sizeof(text), "bytes after the end: %.60s",
                 strict_at(c));
        return text;
    }
    if (strict_more(c)) {
        return strict_end(c);
    }
    return c->ended ? "" : "says close and stays open";
}

void strict_close(strict_t *c)
{
    close(c->fd);
    free(c->bytes);
    c->bytes = NULL;
}

/* --- the head ------------------------------------------------------------ */

__attribute__((format(printf, 2, 3)))
static int answer_wrong(answer_t *a, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(a->wrong, sizeof(a->wrong), format, args);
    va_end(args);
    return 0;
}

int strict_is_token(const char *s, size_t n)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    size_t i;

    for (i = 0; i < n; i++) {
        if (!s[i] || (!isalnum((unsigned char)s[i]) && !strchr(others, s[i]))) {
            return 0;
        }
    }
    return n > 0;
}

int strict_has_control(const char *s, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (((unsigned char)s[i] < ' ' && s[i] != '\t') || s[i] == 127) {
            return 1;
        }
    }
    return 0;
}

static int answer_take_status(answer_t *a, const char *line, size_t n)
{
    if (n < 13 || strncmp(line, "HTTP/1.1 ", 9)
        || strspn(line + 9, "0123456789") != 3 || line[12] != ' '
        || line[9] == '0') {
        return answer_wrong(a, "no status line: %.*s", (int)(n < 80 ? n : 80), line);
    }
    if (strict_has_control(line, n)) {
        return answer_wrong(a, "control character in the status line");
    }
    a->status = atoi(line + 9);
    snprintf(a->reason, sizeof(a->reason), "%.*s", (int)(n - 13), line + 13);
    return 1;
}

static int answer_check_field(answer_t *a, const char *line, size_t n)
{
    const char *colon = memchr(line, ':', n);

    if (!colon || !strict_is_token(line, colon - line)) {
        return answer_wrong(a, "not a field: %.*s", (int)(n < 80 ? n : 80), line);
    }
    if (strict_has_control(colon, n - (colon - line))) {
        return answer_wrong(a, "control character in: %.*s", (int)(n < 80 ? n : 80),
                     line);
    }
    return 1;
}

static void answer_add_line(answer_t *a, const char *line, size_t n)
{
    size_t have = a->head ? strlen(a->head) : 0;

    a->head = realloc(a->head, have + n + 2);
    memcpy(a->head + have, line, n);
    memcpy(a->head + have + n, "\n", 2);
}

/* Head is n bytes with the CRLF of its last line. */
static int answer_take_head(answer_t *a, const char *head, size_t n)
{
    const char *line = head, *end;
    int first = 1;

    for (; line < head + n; line = end + 2, first = 0) {
        end = memmem(line, head + n - line, "\r\n", 2);
        if (first ? !answer_take_status(a, line, end - line)
                  : !answer_check_field(a, line, end - line)) {
            return 0;
        }
        answer_add_line(a, line, end - line);
    }
    return 1;
}

static const char *head_find(const char *at, const char *name)
{
    size_t n = strlen(name);

    for (at = strchr(at, '\n'); at && *++at; at = strchr(at, '\n')) {
        if (!strncasecmp(at, name, n) && at[n] == ':') {
            return at + n + 1;
        }
    }
    return NULL;
}

const char *answer_field(const answer_t *a, const char *name)
{
    static char values[4][2048];
    static int next;
    char *value = values[next++ & 3];
    const char *at = a->head ? head_find(a->head, name) : NULL;
    size_t n;

    if (!at) {
        return NULL;
    }
    at += strspn(at, " \t");
    n = strcspn(at, "\n");
    while (n && (at[n - 1] == ' ' || at[n - 1] == '\t')) {
        n--;
    }
    snprintf(value, sizeof(values[0]), "%.*s", (int)n, at);
    return value;
}

int answer_count(const answer_t *a, const char *name)
{
    const char *at = a->head;
    int n = 0;

    while (at && (at = head_find(at, name))) {
        n++;
    }
    return n;
}

static int answer_check_twins(answer_t *a)
{
    static const char *const once[] = {
        "Content-Length", "Transfer-Encoding", "Content-Type", "Date",
        "Server", "Location", "ETag", "Last-Modified", "Content-Range",
        "Content-Encoding", "Age", "Retry-After"
    };
    size_t i;

    for (i = 0; i < sizeof(once) / sizeof(once[0]); i++) {
        if (answer_count(a, once[i]) > 1) {
            return answer_wrong(a, "%s comes %d times", once[i],
                         answer_count(a, once[i]));
        }
    }
    return 1;
}

/* --- the body ------------------------------------------------------------ */

static void answer_take(strict_t *c, answer_t *a, size_t n)
{
    a->body = realloc(a->body, a->length + n + 1);
    memcpy(a->body + a->length, c->bytes ? strict_at(c) : "", n);
    a->length += n;
    a->body[a->length] = '\0';
    c->taken += n;
}

/* Why no more bytes came. */
static int answer_stops(strict_t *c, answer_t *a, const char *where)
{
    a->cut = c->ended;
    a->hung = !c->ended;
    return answer_wrong(a, "%s %s", c->ended == 2 ? "reset"
                 : c->ended ? "ended" : "nothing more", where);
}

static int answer_take_chunk(strict_t *c, answer_t *a, size_t *n)
{
    char *end = strict_upto(c, "\r\n"), *digits, *at = strict_at(c);
    size_t used = strlen(a->chunks);

    if (!end) {
        return answer_stops(c, a, "where a chunk's size must be");
    }
    if (end == at || end - at > 8
        || strspn(at, "0123456789abcdefABCDEF") != (size_t)(end - at)) {
        return answer_wrong(a, "bad chunk size: %.20s", at);
    }
    *n = strtoul(at, &digits, 16);
    snprintf(a->chunks + used, sizeof(a->chunks) - used, "%lx ",
             (unsigned long)*n);
    c->taken = end + 2 - c->bytes;
    if (!strict_need(c, *n + 2)) {
        answer_take(c, a, strict_left(c) < *n ? strict_left(c) : *n);
        return answer_stops(c, a, "within a chunk");
    }
    if (memcmp(strict_at(c) + *n, "\r\n", 2)) {
        return answer_wrong(a, "chunk of %lu without its end", (unsigned long)*n);
    }
    answer_take(c, a, *n);
    c->taken += 2;
    return 1;
}

static int answer_take_chunks(strict_t *c, answer_t *a)
{
    size_t n;

    do {
        if (!answer_take_chunk(c, a, &n)) {
            return 0;
        }
    } while (n);
    return 1;
}

static int answer_take_length(strict_t *c, answer_t *a, const char *value)
{
    size_t n = strtoul(value, NULL, 10);

    if (!strict_need(c, n)) {
        answer_take(c, a, strict_left(c));
        return answer_stops(c, a, "short of its Content-Length");
    }
    answer_take(c, a, n);
    return 1;
}

static int answer_take_rest(strict_t *c, answer_t *a)
{
    while (strict_more(c)) {
        continue;
    }
    answer_take(c, a, strict_left(c));
    return c->ended == 1 || answer_stops(c, a, "ahead of the end");
}

static int answer_check_framing(answer_t *a, int with_10)
{
    const char *length = answer_field(a, "Content-Length");
    const char *encoding = answer_field(a, "Transfer-Encoding");

    if (length && encoding) {
        return answer_wrong(a, "Content-Length and Transfer-Encoding");
    }
    if (length && (!*length || strlen(length) > 15
                   || strspn(length, "0123456789") != strlen(length))) {
        return answer_wrong(a, "Content-Length: %s", length);
    }
    if (encoding && (strcmp(encoding, "chunked") || with_10)) {
        return answer_wrong(a, "Transfer-Encoding: %s", encoding);
    }
    if ((length || encoding) && (a->status < 200 || a->status == 204)) {
        return answer_wrong(a, "%d with a framing", a->status);
    }
    a->framing = length ? FRAMED_BY_LENGTH : encoding ? FRAMED_BY_CHUNKS
                 : FRAMED_BY_CLOSING;
    return 1;
}

static int answer_take_body(strict_t *c, answer_t *a, const char *method,
                            int with_10)
{
    if (!answer_check_framing(a, with_10)) {
        return 0;
    }
    if (!strcmp(method, "HEAD") || a->status < 200 || a->status == 204
        || a->status == 304) {
        a->framing = a->framing == FRAMED_BY_CLOSING ? FRAMED_NOT : a->framing;
        return 1;
    }
    if (a->framing == FRAMED_BY_LENGTH) {
        return answer_take_length(c, a, answer_field(a, "Content-Length"));
    }
    if (a->framing == FRAMED_BY_CHUNKS) {
        return answer_take_chunks(c, a);
    }
    if (!a->closes && !with_10) {
        return answer_wrong(a, "no framing on a connection that stays");
    }
    return answer_take_rest(c, a);
}

/* --- an answer ----------------------------------------------------------- */

static int answer_take_one(strict_t *c, answer_t *a, const char *method,
                           int with_10)
{
    char *end = strict_upto(c, "\r\n\r\n");
    const char *connection;
    size_t n;

    if (!end) {
        a->cut = c->ended;
        a->hung = !c->ended;
        return strict_left(c) ? answer_wrong(a, "no head: %.60s", strict_at(c))
               : answer_wrong(a, "no answer, %s", c->ended == 2 ? "reset"
                       : c->ended ? "closed" : "hangs");
    }
    n = end + 2 - strict_at(c);
    if (!answer_take_head(a, strict_at(c), n) || !answer_check_twins(a)) {
        return 0;
    }
    c->taken += n + 2;
    connection = answer_field(a, "Connection");
    a->closes = connection && strcasestr(connection, "close");
    return answer_take_body(c, a, method, with_10);
}

void strict_answer(strict_t *c, answer_t *a, const char *method, int with_10)
{
    int interim = 0;

    for (;;) {
        memset(a, 0, sizeof(*a));
        a->body = calloc(1, 1);
        a->interim = interim;
        if (!answer_take_one(c, a, method, with_10) || a->status >= 200
            || a->status == 101) {
            return;
        }
        interim++;
        answer_free(a);
    }
}

void answer_free(answer_t *a)
{
    free(a->head);
    free(a->body);
    a->head = a->body = NULL;
}

static void strict_take_canary(strict_t *c, answer_t *a)
{
    answer_t canary;
    const char *wrong;

    strict_answer(c, &canary, "GET", 0);
    if (*canary.wrong) {
        snprintf(a->wrong, sizeof(a->wrong), "the canary: %.200s",
                 canary.wrong);
        a->hung = canary.hung;
        a->cut = canary.cut && !canary.status && !strict_left(c);
    }
    else if (canary.interim || canary.status != 200
             || strcmp(canary.body, CANARY_BODY)) {
        answer_wrong(a, "the canary got %d: %.100s", canary.status, canary.body);
    }
    else if (*(wrong = strict_end(c))) {
        answer_wrong(a, "the canary: %s", wrong);
    }
    answer_free(&canary);
}

void strict_talk(int port, int patience, const char *method,
                 const void *request, size_t n, answer_t *a)
{
    int with_10 = memmem(request, n, " HTTP/1.0\r\n", 11) != NULL;
    char *both = malloc(n + sizeof(CANARY));
    const char *wrong;
    strict_t c;

    memcpy(both, request, n);
    memcpy(both + n, CANARY, sizeof(CANARY));
    strict_open(&c, port, patience);
    strict_send(&c, both, n + (memmem(request, n, "Connection: close", 17)
                               ? 0 : sizeof(CANARY) - 1));
    free(both);
    strict_answer(&c, a, method, with_10);
    if (!*a->wrong && a->status != 101) {
        if (!a->closes && a->framing != FRAMED_BY_CLOSING) {
            strict_take_canary(&c, a);
        }
        else if (*(wrong = strict_end(&c)) && c.ended != 2) {
            snprintf(a->wrong, sizeof(a->wrong), "%s", wrong);
        }
    }
    strict_close(&c);
}
