/* content.h: httpd's own content on its way through our filter: modules see
 * it in OnSendResponse and may change it.
 *
 * As long as no module asks for it, a brigade passes as it came: its
 * buckets, its borders, its framing.  What a module asks for becomes entity
 * chunks, as far as it is there without waiting.
 */
#ifndef IISR_HTTPD_CONTENT_H
#define IISR_HTTPD_CONTENT_H

#include <util_filter.h>
#include "httpd/host.h"

/* A file up to this size is shown as memory: so does IIS, whose file cache
 * holds such files, and modules that rewrite pages skip file handles. */
#define IISR_CONTENT_FILE_MAX 262144

/* A brigade that came to the filter f; empties it.  Request's thread, lock
 * held once: it is given up while the brigade is passed. */
apr_status_t iisr_content_pass(iisr_host_request_t *hr, ap_filter_t *f,
                               apr_bucket_brigade *bb);

#endif
