/* filters.h: the content filter, which shows httpd's own responses to the
 * modules; see filters.c. */
#ifndef IISR_HTTPD_FILTERS_H
#define IISR_HTTPD_FILTERS_H
#include "httpd/host.h"

void iisr_filters_register(void);
/* Adds the content filter when a module wants to see the response. */
void iisr_filters_insert(iisr_host_request_t *hr);
/* The response is a module's own: nothing of httpd's will pass. */
void iisr_filters_step_aside(iisr_host_request_t *hr);
/* Before the handler stage httpd has inserted no content filters yet. */
void iisr_filters_insert_early(iisr_host_request_t *hr);
#endif
