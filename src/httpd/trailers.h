/* trailers.h: fields after the body; see trailers.c. */
#ifndef IISR_HTTPD_TRAILERS_H
#define IISR_HTTPD_TRAILERS_H
#include "httpd/host.h"

void iisr_trailers_register(void);
/* The body of this response has no length, even if httpd could tell it. */
void iisr_trailers_keep_open(request_rec *r);
void iisr_trailers_set(iisr_host_request_t *hr, const apr_table_t *trailers);
#endif
