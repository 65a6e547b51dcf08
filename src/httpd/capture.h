/* capture.h: a child request as child.c and capture.c share it.  The request's
 * own thread.
 */
#ifndef IISR_HTTPD_CAPTURE_H
#define IISR_HTTPD_CAPTURE_H
#include "httpd/host.h"

typedef struct iisr_child_t {
    iisr_host_request_t hr;             /* must be first */
    iisr_host_request_t *parent;
    apr_pool_t *pool;
    /* until it is executed */
    const char *method, *raw_path, *path, *query;
    apr_table_t *headers;
    /* then */
    request_rec *sub;
    iisr_execution_t *execution;
    int head_taken;
    apr_bucket_brigade *kept;           /* for the parent to read */
} iisr_child_t;

void iisr_capture_register(void);
/* What stands behind the child's own filters. */
ap_filter_t *iisr_capture_make(iisr_child_t *child);
/* Locks neither held.  The child's head is the parent's from now on, once,
 * where the parent's has not left and it is not to be kept. */
void iisr_capture_head(iisr_child_t *child);
/* What was kept is the child's own response, for the parent to read. */
void iisr_capture_show(iisr_child_t *child);
#endif
