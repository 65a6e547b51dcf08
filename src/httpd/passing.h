/* passing.h: how a response leaves, and how one ends that breaks off; see
 * passing.c.  On the thread that works on the request, all of it. */
#ifndef IISR_HTTPD_PASSING_H
#define IISR_HTTPD_PASSING_H
#include "httpd/host.h"

/* pass and abort of the seam (core/host.h). */
apr_status_t iisr_pass(iisr_host_request_t *hr, apr_bucket_brigade *bb,
                       iisr_pass_e how, iisr_sent_fn sent, void *baton);
void iisr_pass_abort(iisr_host_request_t *hr, iisr_end_e how);

/* The response ends now, and its client is to see that it is not whole.
 * code: of RST_STREAM (RFC 9113, 7), for a stream. */
void iisr_pass_break_off(iisr_host_request_t *hr, apr_uint32_t code);

/* The EOS at the end of a brigade says that all has been sent: a FLUSH takes
 * its place.  Once the brigade has been passed, iisr_pass_break_off. */
void iisr_pass_take_end(apr_bucket_brigade *bb);

#endif
