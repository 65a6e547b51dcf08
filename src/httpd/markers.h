/* markers.h: metadata buckets that only mark a place in what is passed: what
 * becomes of them tells how far that has come.
 */
#ifndef IISR_HTTPD_MARKERS_H
#define IISR_HTTPD_MARKERS_H

#include <apr_buckets.h>

/* A type of such buckets; destroy gets the data that one was made with. */
#define IISR_MARKER(name, destroy) { \
    name, 5, APR_BUCKET_METADATA, destroy, iisr_marker_read, \
    apr_bucket_setaside_noop, apr_bucket_split_notimpl, \
    apr_bucket_copy_notimpl \
}
apr_status_t iisr_marker_read(apr_bucket *b, const char **str,
                              apr_size_t *len, apr_read_type_e block);

/* data belongs to the type's destroy. */
apr_bucket *iisr_marker_create(const apr_bucket_type_t *type, void *data,
                               apr_bucket_alloc_t *list);

#endif
