/* entrance.h: where our brigades enter httpd's output filters. */
#ifndef IISR_HTTPD_ENTRANCE_H
#define IISR_HTTPD_ENTRANCE_H
#include "httpd/host.h"

/* The filter that a brigade of ours is to be passed to now; a brigade that
 * enters below httpd's chunking has been made a chunk. */
ap_filter_t *iisr_entrance(iisr_host_request_t *hr, apr_bucket_brigade *bb);
#endif
