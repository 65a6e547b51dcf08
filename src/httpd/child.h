/* child.h: child requests as httpd's subrequests; see child.c and
 * core/child.h. */
#ifndef IISR_HTTPD_CHILD_H
#define IISR_HTTPD_CHILD_H
#include "httpd/host.h"

void iisr_child_register_hooks(apr_pool_t *p);
apr_status_t iisr_child_clone_request(iisr_host_request_t *parent,
                                      unsigned int flags,
                                      iisr_context_t **child);
apr_status_t iisr_child_run(iisr_host_request_t *hr,
                            struct iisr_execution_t *execution);
void iisr_child_drop(iisr_host_request_t *hr);
#endif
