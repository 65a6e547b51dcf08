/* input.h: the request body as httpd's own handlers read it; see input.c. */
#ifndef IISR_HTTPD_INPUT_H
#define IISR_HTTPD_INPUT_H
#include "httpd/host.h"

void iisr_input_register(void);
/* Adds the filter when a module touched the body or wants to see it. */
void iisr_input_insert(iisr_host_request_t *hr);
/* Where the client's body is read from: below our filter. */
ap_filter_t *iisr_input_source(const iisr_host_request_t *hr);
#endif
