/* client.c: see client.h. */
#define _GNU_SOURCE             /* memmem, strcasestr */
#include <arpa/inet.h>
#include <check.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>
#include "client.h"
#include "strict.h"

static char text[1 << 20];
static size_t have;

void client_take_up(void)
{
    have = 0;
    text[0] = '\0';
}

int client_open(int port)
{
    struct sockaddr_in sin = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    sin.sin_port = htons(port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
    client_take_up();
    return fd;
}

void client_send(int fd, const char *request)
{
    size_t length = strlen(request);

    ck_assert_int_eq(send(fd, request, length, MSG_NOSIGNAL),
                     (ssize_t)length);
}

static int more(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    ssize_t n;

    if (have == sizeof(text) - 1 || poll(&p, 1, 10000) <= 0) {
        return 0;
    }
    n = recv(fd, text + have, sizeof(text) - 1 - have, 0);
    if (n > 0) {
        have += n;
        text[have] = '\0';
    }
    return n > 0;
}

const char *client_read_until(int fd, const char *wanted)
{
    while (!strstr(text, wanted) && more(fd)) {
        continue;
    }
    return text;
}

const char *client_read_all(int fd)
{
    while (more(fd)) {
        continue;
    }
    return text;
}

const char *client_once(int port, const char *request)
{
    int fd = client_open(port);

    client_send(fd, request);
    client_read_all(fd);
    close(fd);
    return text;
}

/* --- a response by the letter -------------------------------------------- */

size_t client_left_over(void)
{
    return have;
}

void client_reset(int fd)
{
    struct linger now = { 1, 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close(fd);
}

static void take(size_t n)
{
    have -= n;
    memmove(text, text + n, have + 1);
}

/* Reads until end is in what came; its place, or NULL. */
static char *upto(int fd, const char *end)
{
    char *at;

    while (!(at = memmem(text, have, end, strlen(end))) && more(fd)) {
        continue;
    }
    return at;
}

static int need(int fd, size_t n)
{
    while (have < n && more(fd)) {
        continue;
    }
    return have >= n;
}

#define WRONG(...) \
    (snprintf(reply->wrong, sizeof(reply->wrong), __VA_ARGS__), 1)

static int wrong_line(reply_t *reply, const char *line, size_t n)
{
    const char *colon = memchr(line, ':', n);

    if (!colon || !strict_is_token(line, colon - line)) {
        return WRONG("not a header: %.*s", (int)n, line);
    }
    if (strict_has_control(colon, n - (colon - line))) {
        return WRONG("control character in: %.*s", (int)n, line);
    }
    return 0;
}

/* The head is n bytes with the CRLF of its last line. */
static int wrong_head(reply_t *reply, const char *head, size_t n)
{
    const char *end = memmem(head, n, "\r\n", 2), *line;

    if (n < 14 || strncmp(head, "HTTP/1.", 7) || head[8] != ' '
        || strspn(head + 9, "0123456789") != 3 || head[12] != ' '
        || strict_has_control(head, end - head)) {
        return WRONG("no status line: %.60s", head);
    }
    reply->status = atoi(head + 9);
    for (line = end + 2; line < head + n; line = end + 2) {
        end = memmem(line, head + n - line, "\r\n", 2);
        if (wrong_line(reply, line, end - line)) {
            return 1;
        }
    }
    return 0;
}

static int count(const reply_t *reply, const char *name)
{
    const char *at = reply->headers;
    int n = 0;

    while ((at = strcasestr(at, name))) {
        n += at > reply->headers && at[-1] == '\n' && at[strlen(name)] == ':';
        at++;
    }
    return n;
}

static void add_body(reply_t *reply, size_t n)
{
    reply->body = realloc(reply->body, reply->length + n + 1);
    memcpy(reply->body + reply->length, text, n);
    reply->length += n;
    reply->body[reply->length] = '\0';
    take(n);
}

static int wrong_chunks(int fd, reply_t *reply)
{
    for (;;) {
        char *end = upto(fd, "\r\n"), *digits;
        unsigned long n = strtoul(text, &digits, 16);

        if (!end || digits != end || digits == text
            || strspn(text, "0123456789abcdefABCDEF") != (size_t)(end - text)) {
            return WRONG("bad chunk size: %.20s", text);
        }
        take(end + 2 - text);
        if (!need(fd, n + 2) || memcmp(text + n, "\r\n", 2)) {
            return WRONG("chunk of %lu without its end", n);
        }
        add_body(reply, n);
        take(2);
        if (!n) {
            return 0;
        }
    }
}

static int wrong_body(int fd, reply_t *reply, int with)
{
    int lengths = count(reply, "Content-Length");
    int encodings = count(reply, "Transfer-Encoding");
    const char *value;

    if (lengths > 1 || encodings > 1 || (lengths && encodings)) {
        return WRONG("%d Content-Length, %d Transfer-Encoding", lengths,
                     encodings);
    }
    if (encodings && (value = reply_header(reply, "Transfer-Encoding"))
        && strcmp(value, "chunked")) {
        return WRONG("Transfer-Encoding: %s", value);
    }
    value = lengths ? reply_header(reply, "Content-Length") : NULL;
    if (value && (!*value || strspn(value, "0123456789") != strlen(value))) {
        return WRONG("Content-Length: %s", value);
    }
    if (reply->status < 200 || reply->status == 204) {
        return lengths + encodings ? WRONG("%ld with a framing",
                                           reply->status) : 0;
    }
    if (with & WITH_HEAD || reply->status == 304) {
        return 0;
    }
    if (encodings) {
        return wrong_chunks(fd, reply);
    }
    if (!value) {
        client_read_all(fd);
        add_body(reply, have);
        return 0;
    }
    if (!need(fd, strtoul(value, NULL, 10))) {
        add_body(reply, have);
        return WRONG("body short of Content-Length: %s",
                     reply_header(reply, "Content-Length"));
    }
    add_body(reply, strtoul(value, NULL, 10));
    return 0;
}

int client_response(int fd, reply_t *reply, int with)
{
    char *end;
    size_t n;

    memset(reply, 0, sizeof(*reply));
    reply->body = calloc(1, 1);
    if (!(end = upto(fd, "\r\n\r\n"))) {
        return 0;
    }
    n = end + 2 - text;
    if (n < sizeof(reply->headers)) {
        memcpy(reply->headers, text, n);
    }
    if (!wrong_head(reply, text, n)) {
        take(n + 2);
        wrong_body(fd, reply, with);
    }
    return 1;
}

/* --- curl ---------------------------------------------------------------- */

static size_t on_body(char *data, size_t size, size_t n, void *baton)
{
    reply_t *reply = baton;

    reply->body = realloc(reply->body, reply->length + size * n + 1);
    memcpy(reply->body + reply->length, data, size * n);
    reply->length += size * n;
    reply->body[reply->length] = '\0';
    if (reply->saw) {
        reply->saw(reply, reply->baton);
    }
    return size * n;
}

static size_t on_header(char *data, size_t size, size_t n, void *baton)
{
    reply_t *reply = baton;
    size_t used = strlen(reply->headers);

    if (used + size * n < sizeof(reply->headers)) {
        memcpy(reply->headers + used, data, size * n);
        reply->headers[used + size * n] = '\0';
    }
    return size * n;
}

static const char *certificate_file, *key_file;
static long newest_tls;

void client_show(const char *certificate, const char *key)
{
    certificate_file = certificate;
    key_file = key;
}

void client_tls_version(long newest)
{
    newest_tls = newest;
}

static void perform(reply_t *reply, const char *url, int with,
                    const char *post)
{
    CURL *curl = curl_easy_init();
    long version = 0;

    reply->body = calloc(1, 1);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, newest_tls);
    curl_easy_setopt(curl, CURLOPT_SSLCERT, certificate_file);
    curl_easy_setopt(curl, CURLOPT_SSLKEY, key_file);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    if (with & WITH_HTTP2) {
        curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)(with & WITH_TLS
            ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE));
    }
    else {
        curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)(with & WITH_HTTP10
                         ? CURL_HTTP_VERSION_1_0 : CURL_HTTP_VERSION_1_1));
    }
    if (with & WITH_DEFLATE) {
        curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
    }
    if (with & WITH_BROTLI) {
        curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "br");
    }
    if (with & WITH_HEAD) {
        curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    }
    if (post) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, post);
    }
    reply->curl = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
    curl_easy_getinfo(curl, CURLINFO_HTTP_VERSION, &version);
    reply->version = version;
    curl_easy_cleanup(curl);
}

void client_get(reply_t *reply, const char *url, int with, const char *post)
{
    memset(reply, 0, sizeof(*reply));
    perform(reply, url, with, post);
}

void client_stream(reply_t *reply, const char *url, int with,
                   void (*saw)(reply_t *reply, void *baton), void *baton)
{
    memset(reply, 0, sizeof(*reply));
    reply->saw = saw;
    reply->baton = baton;
    perform(reply, url, with, NULL);
}

void client_free(reply_t *reply)
{
    free(reply->body);
    reply->body = NULL;
}

const char *reply_header(const reply_t *reply, const char *name)
{
    static char value[1024];
    size_t length = strlen(name);
    const char *line;

    for (line = reply->headers; line && *line;
         line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        if (!strncasecmp(line, name, length) && line[length] == ':') {
            line += length + 1 + (line[length + 1] == ' ');
            snprintf(value, sizeof(value), "%.*s", (int)strcspn(line, "\r\n"),
                     line);
            return value;
        }
    }
    return NULL;
}
