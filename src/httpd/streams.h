/* streams.h: how a stream of HTTP/2 ends whose response is not whole; see
 * streams.c.  On the stream's own thread, all of it. */
#ifndef IISR_HTTPD_STREAMS_H
#define IISR_HTTPD_STREAMS_H
#include "httpd/host.h"

/* What was passed so far is on its way; RST_STREAM with this code (RFC 9113,
 * 7) follows it, and nothing else. */
void iisr_stream_reset(iisr_host_request_t *hr, apr_uint32_t code);

/* Passes a brigade and empties it.  A file that ends early is APR_EOF, and
 * the stream is reset. */
apr_status_t iisr_stream_pass(iisr_host_request_t *hr, ap_filter_t *top,
                              apr_bucket_brigade *bb);

/* Whether all that the client waits for has been taken by now; rv: what the
 * last pass said. */
int iisr_stream_is_whole(const iisr_host_request_t *hr, apr_status_t rv);

#endif
