/* backend.c: see backend.h. */
#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "backend.h"

static char waits_in[128] = "/nonexistent";

static const struct { const char *path, *answer; } pages[] = {
    { "/length", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                 "ETag: \"b1\"\r\nContent-Length: 20\r\n\r\n"
                 "twenty bytes in all\n" },
    { "/chunked", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n"
                  "6\r\nfirst\n\r\n7\r\nsecond\n\r\n0\r\n\r\n" },
    { "/close", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                "Connection: close\r\n\r\nuntil it closes\n" },
    { "/short", "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                "Content-Length: 100\r\nConnection: close\r\n\r\n"
                "cut off\n" },
    { "/missing", "HTTP/1.1 404 Gone Fishing\r\nContent-Type: text/plain\r\n"
                  "Content-Length: 8\r\n\r\nmissing\n" },
    { "/fresh", "HTTP/1.1 304 Not Modified\r\nETag: \"b1\"\r\n\r\n" },
    { "/empty", "HTTP/1.1 204 No Content\r\n\r\n" },
    { "/nothing", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
    { "/part", "HTTP/1.1 206 Partial Content\r\nContent-Type: text/plain\r\n"
               "Content-Range: bytes 0-3/20\r\nContent-Length: 4\r\n\r\n"
               "twen" },
    { "/moved", "HTTP/1.1 302 Found\r\nLocation: http://else.test/x\r\n"
                "Content-Length: 6\r\n\r\nmoved\n" },
    { "/broken", "HTTP/1.1 200 OK\r\nX Bad: 1\r\nContent-Length: 2\r\n\r\n"
                 "ab" },
};

static void backend_say(int fd, const char *text)
{
    size_t n = strlen(text);

    if (send(fd, text, n, MSG_NOSIGNAL) != (ssize_t)n) {
        shutdown(fd, SHUT_RDWR);
    }
}

/* Until the file is there; 0: it did not come. */
static int backend_awaits(const char *name)
{
    char path[256];
    int i;

    snprintf(path, sizeof(path), "%s/%s.go", waits_in, name);
    for (i = 0; i < BACKEND_WAITS / 20; i++) {
        if (access(path, F_OK) == 0) {
            return 1;
        }
        usleep(20000);
    }
    return 0;
}

static void backend_sends_events(int fd, const char *name, int chunked)
{
    backend_say(fd, chunked ? "6\r\nfirst\n\r\n" : "first\n");
    if (backend_awaits(name)) {
        backend_say(fd, chunked ? "7\r\nsecond\n\r\n0\r\n\r\n" : "second\n");
    }
    else {
        backend_say(fd, chunked ? "5\r\nlate\n\r\n0\r\n\r\n" : "late\n");
    }
}

/* Whether the connection stays. */
static int backend_answers(int fd, const char *path)
{
    char name[64];
    size_t i;

    if (sscanf(path, "/event/%63[a-zA-Z0-9_-]", name) == 1) {
        backend_say(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n");
        backend_sends_events(fd, name, 1);
        return 1;
    }
    for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        size_t n = strlen(pages[i].path);

        if (!strncmp(path, pages[i].path, n) && strchr(" ?", path[n])) {
            backend_say(fd, pages[i].answer);
            return !strstr(pages[i].answer, "Connection: close");
        }
    }
    backend_say(fd, "HTTP/1.1 500 What\r\nContent-Length: 0\r\n\r\n");
    return 1;
}

/* A HEAD has the head of its GET. */
static int backend_answers_head(int fd, const char *path)
{
    char head[512];
    size_t i;

    for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        size_t n = strlen(pages[i].path);

        if (!strncmp(path, pages[i].path, n) && path[n] == ' ') {
            snprintf(head, sizeof(head), "%s", pages[i].answer);
            strstr(head, "\r\n\r\n")[4] = '\0';
            backend_say(fd, head);
        }
    }
    return 1;
}

static void *backend_speaks_http(void *baton)
{
    int fd = (int)(intptr_t)baton, stays = 1;
    char text[16384], *end;
    size_t have = 0;
    ssize_t n;

    text[0] = '\0';
    while (stays && have < sizeof(text) - 1
           && (n = recv(fd, text + have, sizeof(text) - 1 - have, 0)) > 0) {
        text[have += n] = '\0';
        while (stays && (end = strstr(text, "\r\n\r\n"))) {
            stays = !strncmp(text, "HEAD ", 5)
                    ? backend_answers_head(fd, text + 5)
                    : backend_answers(fd, strchr(text, ' ') + 1);
            have -= end + 4 - text;
            memmove(text, end + 4, have + 1);
        }
    }
    close(fd);
    return NULL;
}

/* The request is a netstring of names and values, each with its NUL. */
static void *backend_speaks_scgi(void *baton)
{
    static const char key[] = "REQUEST_URI";
    int fd = (int)(intptr_t)baton;
    char text[8192], name[64] = "none";
    ssize_t n = recv(fd, text, sizeof(text) - 1, 0), i;

    for (i = 0; n > 0 && i < n - (ssize_t)sizeof(key); i++) {
        if (!memcmp(text + i, key, sizeof(key))) {
            text[n] = '\0';
            sscanf(text + i + sizeof(key), "/scgi/%63[a-zA-Z0-9_-]", name);
        }
    }
    backend_say(fd, "Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n");
    backend_sends_events(fd, name, 0);
    close(fd);
    return NULL;
}

typedef struct backend_t {
    int fd;
    void *(*speaks)(void *baton);
} backend_t;

static void *backend_accepts(void *baton)
{
    backend_t *backend = baton;
    pthread_t thread;
    int fd;

    while ((fd = accept(backend->fd, NULL, NULL)) >= 0) {
        pthread_create(&thread, NULL, backend->speaks, (void *)(intptr_t)fd);
        pthread_detach(thread);
    }
    return NULL;
}

static int backend_listen(void *(*speaks)(void *))
{
    struct sockaddr_in sin = { .sin_family = AF_INET };
    socklen_t len = sizeof(sin);
    backend_t *backend = calloc(1, sizeof(*backend));
    pthread_t thread;

    backend->speaks = speaks;
    backend->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(backend->fd, (struct sockaddr *)&sin, len), 0);
    ck_assert_int_eq(listen(backend->fd, 100), 0);
    getsockname(backend->fd, (struct sockaddr *)&sin, &len);
    pthread_create(&thread, NULL, backend_accepts, backend);
    pthread_detach(thread);
    return ntohs(sin.sin_port);
}

void backend_start(int *http, int *scgi)
{
    *http = backend_listen(backend_speaks_http);
    *scgi = backend_listen(backend_speaks_scgi);
}

void backend_waits_in(const char *folder)
{
    snprintf(waits_in, sizeof(waits_in), "%s", folder);
}
