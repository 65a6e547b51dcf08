/* input.h: the request body as httpd's own handlers read it; see input.c. */
#ifndef IISR_HTTPD_INPUT_H
#define IISR_HTTPD_INPUT_H
#include "httpd/host.h"

void iisr_input_register(void);
/* Adds the filter when a module touched the body or wants to see it. */
void iisr_input_insert(iisr_host_request_t *hr);
/* More of the client's body, from below our filter.  AP_FILTER_ERROR with a
 * status: httpd refuses the body. */
apr_status_t iisr_input_get(iisr_host_request_t *hr, apr_bucket_brigade *bb,
                            int block, int *status);
#endif
