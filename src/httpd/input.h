/* input.h: the request body between the client and whoever reads it: where
 * it stands among the input filters; see input.c.  The request's own thread. */
#ifndef IISR_HTTPD_INPUT_H
#define IISR_HTTPD_INPUT_H
#include "httpd/host.h"

void iisr_input_register(void);
/* hr->r is another than before: what is kept of the body is there, too. */
void iisr_input_follow(iisr_host_request_t *hr);
/* Lock held.  The input filters of hr->r are in place: from here on the body
 * is read through them. */
void iisr_input_insert(iisr_host_request_t *hr);
/* Lock held.  httpd's own handler is about to run: it finds what modules left
 * of the body, and a length that they edited. */
void iisr_input_hand_on(iisr_host_request_t *hr);
/* More of the body for a module, from below our filter.  AP_FILTER_ERROR with
 * a status: httpd refuses the body. */
apr_status_t iisr_input_get(iisr_host_request_t *hr, apr_bucket_brigade *bb,
                            int block, int *status);
/* What a module did not use of hr->body goes back to where it came from. */
void iisr_input_return(iisr_host_request_t *hr);
/* As iisr_host_t's put_back. */
int iisr_input_put_back(iisr_host_request_t *hr, const void *data,
                        apr_size_t length);
#endif
