/* client.h: a raw socket for what curl hides, and curl for the rest. */
#ifndef TESTS_CLIENT_H
#define TESTS_CLIENT_H
#include <stddef.h>

int client_open(int port);
void client_send(int fd, const char *text);
/* Turns to another connection: what was read so far is forgotten. */
void client_take_up(void);
/* Until what was read contains text, or the peer closes, or 10 s pass; the
 * text so far, static. */
const char *client_read_until(int fd, const char *text);
const char *client_read_all(int fd);
/* One request on a connection of its own that closes afterwards. */
const char *client_once(int port, const char *request);

typedef struct reply_t {
    long status;
    char *body;                 /* malloc'ed, NUL-terminated */
    size_t length;
    char headers[8192];
    int curl;                   /* CURLcode */
    int version;                /* CURL_HTTP_VERSION_... */
    char wrong[256];            /* what is wrong with it on the wire, or "" */
    void (*saw)(struct reply_t *reply, void *baton);    /* new body bytes */
    void *baton;
} reply_t;

enum { WITH_TLS = 1, WITH_HTTP2 = 2, WITH_DEFLATE = 4, WITH_HEAD = 8,
       WITH_HTTP10 = 16, WITH_BROTLI = 32 };

void client_get(reply_t *reply, const char *url, int with, const char *post);
/* The same, with saw called whenever more of the body is there. */
void client_stream(reply_t *reply, const char *url, int with,
                   void (*saw)(reply_t *reply, void *baton), void *baton);
/* The next response on a raw connection, read by the letter: one status
 * line, header lines of token and value, one framing.  What else comes is
 * wrong.  0 when the connection ended ahead of it.  with: WITH_HEAD. */
int client_response(int fd, reply_t *reply, int with);
/* What came on the connection and belongs to no response so far. */
size_t client_left_over(void);
/* Over TLS, from now on: what the client shows (PEM files, NULL: nothing),
 * and the newest version that it speaks (CURL_SSLVERSION_MAX_...; 0: any). */
void client_show(const char *certificate, const char *key);
void client_tls_version(long newest);
void client_reset(int fd);      /* closes with RST */
void client_free(reply_t *reply);
const char *reply_header(const reply_t *reply, const char *name);
#endif
