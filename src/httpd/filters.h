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
/* Ahead of the handler stage httpd has inserted no filters yet: those of the
 * server, the virtual host and Location sections are. */
void iisr_filters_insert_now(iisr_host_request_t *hr);

/* --- a module's head that leaves ahead of the handler stage -------------- */

/* Before its brigade: the chain is there, and will be found again. */
void iisr_filters_hold(iisr_host_request_t *hr);
/* The request was redirected from another: the chain goes with it. */
void iisr_filters_move(iisr_host_request_t *hr, request_rec *from);
/* httpd begins an error page: the response that has begun ends, and the page
 * is dropped. */
void iisr_filters_end_early(iisr_host_request_t *hr);
/* Around httpd's insert_filter: what it adds to that chain goes again. */
void iisr_filters_remember(iisr_host_request_t *hr);
void iisr_filters_inserted(iisr_host_request_t *hr);
/* In the handler: its filters are as they were, in the middle of their work. */
void iisr_filters_restore(iisr_host_request_t *hr);
#endif
