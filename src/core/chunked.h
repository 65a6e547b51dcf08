/* chunked.h: the chunked transfer coding (RFC 9112, 7.1) of a module that
 * frames its body itself: checked, and taken off again.  What leaves is
 * framed by the host, as its protocol wants it.  Not for several threads.
 */
#ifndef IISR_CHUNKED_H
#define IISR_CHUNKED_H

#include <apr_buckets.h>
#include <apr_tables.h>

typedef enum {
    IISR_CHUNKED_SIZE,              /* the first digit of a size */
    IISR_CHUNKED_DIGITS,
    IISR_CHUNKED_BLANK,             /* behind the digits */
    IISR_CHUNKED_EXTENSION,
    IISR_CHUNKED_SIZE_LF,
    IISR_CHUNKED_DATA,              /* left bytes of body come */
    IISR_CHUNKED_DATA_CR,
    IISR_CHUNKED_DATA_LF,
    IISR_CHUNKED_TRAILER,           /* the first byte of a field, or CR */
    IISR_CHUNKED_FIELD,
    IISR_CHUNKED_FIELD_LF,
    IISR_CHUNKED_LAST_LF,
    IISR_CHUNKED_DONE,              /* nothing may follow */
    IISR_CHUNKED_BROKEN
} iisr_chunked_e;

/* Zeroed is ready for the first byte. */
typedef struct iisr_chunked_t {
    iisr_chunked_e state;
    apr_uint64_t left;              /* of the chunk; or its size so far */
    apr_size_t line;                /* bytes of the line so far */
    const char *fault;              /* once BROKEN: what is wrong */
    /* Of a field behind the last chunk, NUL-terminated: called while it is
     * read, name and value checked.  NULL: nobody wants to know. */
    void (*field)(void *baton, const char *name, const char *value);
    void *baton;
    char text[1024];                /* the field so far */
} iisr_chunked_t;

/* Reads framing from the front of text; how many bytes of it that was.  It
 * stops in front of the body's bytes (left of them) and at a fault. */
apr_size_t iisr_chunked_read(iisr_chunked_t *chunked, const char *text,
                             apr_size_t len);
/* n of the body's bytes have gone by: left at most. */
void iisr_chunked_pass(iisr_chunked_t *chunked, apr_uint64_t n);

/* What is in the brigade becomes the body alone: framing goes, the rest
 * stays in its buckets, but for the bytes of a file that had to be read to
 * find the framing.  APR_EINVAL: a fault, and the brigade is of no use any
 * more; others: a bucket that could not be read. */
apr_status_t iisr_chunked_strip(iisr_chunked_t *chunked,
                                apr_bucket_brigade *bb);

#endif
