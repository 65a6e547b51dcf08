/* client.c: see client.h. */
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

static char text[1 << 20];
static size_t have;

int client_open(int port)
{
    struct sockaddr_in sin = { .sin_family = AF_INET };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    sin.sin_port = htons(port);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
    have = 0;
    text[0] = '\0';
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

static size_t on_body(char *data, size_t size, size_t n, void *baton)
{
    reply_t *reply = baton;

    reply->body = realloc(reply->body, reply->length + size * n + 1);
    memcpy(reply->body + reply->length, data, size * n);
    reply->length += size * n;
    reply->body[reply->length] = '\0';
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

void client_get(reply_t *reply, const char *url, int with, const char *post)
{
    CURL *curl = curl_easy_init();
    long version = 0;

    memset(reply, 0, sizeof(*reply));
    reply->body = calloc(1, 1);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    if (with & WITH_HTTP2) {
        curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)(with & WITH_TLS
            ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE));
    }
    else {
        curl_easy_setopt(curl, CURLOPT_HTTP_VERSION,
                         (long)CURL_HTTP_VERSION_1_1);
    }
    if (with & WITH_DEFLATE) {
        curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "gzip");
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
