/* body.h: the client's body, as the engine reads it; see body.c. */
#ifndef IISR_HTTPD_BODY_H
#define IISR_HTTPD_BODY_H
#include "httpd/host.h"

/* What the request says: bytes, or -1: chunked. */
apr_int64_t iisr_body_length(const request_rec *r);
/* As iisr_host_t's read. */
apr_status_t iisr_body_read(iisr_host_request_t *hr, char *buffer,
                            apr_size_t *len, int block);
#endif
