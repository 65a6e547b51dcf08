/* strict.h: an HTTP/1.1 client without mercy, on a raw socket.
 *
 * It takes an answer by the letter of RFC 9112 and says what is wrong with
 * it: fields that are no fields, controls in them, fields that must not come
 * twice, two framings, bodies that are short, bytes after the end.  What a
 * browser would forgive is wrong here. */
#ifndef TESTS_STRICT_H
#define TESTS_STRICT_H
#include <stddef.h>

enum { FRAMED_NOT, FRAMED_BY_LENGTH, FRAMED_BY_CHUNKS, FRAMED_BY_CLOSING };

typedef struct answer_t {
    int status;                 /* 0: no answer came */
    char reason[128];
    char *head;                 /* malloc'ed; lines end with "\n" */
    char *body;                 /* malloc'ed, NUL-terminated */
    size_t length;
    int framing;                /* FRAMED_... */
    char chunks[1024];          /* their sizes in hex, "5 1f4 " */
    int interim;                /* answers of 1xx ahead of it */
    int closes;                 /* it says Connection: close */
    int cut;                    /* the connection ended within it */
    int hung;                   /* nothing came for the time allowed */
    char wrong[256];            /* "", or what is not as it must be */
} answer_t;

typedef struct strict_t {
    int fd;
    int patience;               /* ms without a byte until it is hung */
    char *bytes;
    size_t have, taken, room;
    int ended;                  /* 1: closed by the server, 2: reset */
} strict_t;

/* A connection to 127.0.0.1; it waits that many ms for each byte. */
void strict_open(strict_t *c, int port, int patience);
/* As much as the server takes: an answer may come ahead of the end. */
void strict_send(strict_t *c, const void *bytes, size_t n);
/* The next answer to a request of this method.  The caller frees it,
 * whatever came.  with_10: the request was of HTTP/1.0. */
void strict_answer(strict_t *c, answer_t *a, const char *method, int with_10);
/* What is wrong with the end of the connection, which must come without a
 * byte more, or "". */
const char *strict_end(strict_t *c);
void strict_close(strict_t *c);
/* The value of the first field of that name, or NULL; static buffers that
 * are used in turn. */
const char *answer_field(const answer_t *a, const char *name);
int answer_count(const answer_t *a, const char *name);
void answer_free(answer_t *a);

/* RFC 9110, 5.6.2; and whether there is a control other than a tab. */
int strict_is_token(const char *s, size_t n);
int strict_has_control(const char *s, size_t n);

/* A canary: a request for what every server of these tests has, and whether
 * its answer is whole.  It is sent in the same packet as the request before
 * it: bytes that are too many or too few there are its own. */
#define CANARY "GET /canary.txt HTTP/1.1\r\nHost: canary\r\n" \
               "Connection: close\r\n\r\n"
#define CANARY_BODY "the canary is well\n"
/* Sends the request with a canary behind it and reads both; a request that
 * says Connection: close has none.  Says in a->wrong what is wrong with
 * either. */
void strict_talk(int port, int patience, const char *method,
                 const void *request, size_t n, answer_t *a);
#endif
