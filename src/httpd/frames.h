/* frames.h: the code that an RST_STREAM frame says; see frames.c. */
#ifndef IISR_HTTPD_FRAMES_H
#define IISR_HTTPD_FRAMES_H
#include <httpd.h>

/* Codes of RFC 9113, 7. */
#define IISR_H2_INTERNAL_ERROR 2
#define IISR_H2_CANCEL 8

void iisr_frames_register(void);

/* A connection begins that may come to speak HTTP/2.  On its thread. */
void iisr_frames_watch(conn_rec *c);

/* When the stream is reset, this is the code that its client reads.  c: the
 * stream's.  Any thread.  Zero: the stream is not known, mod_http2's code
 * stays. */
int iisr_frames_ask(conn_rec *c, apr_uint32_t code);

#endif
