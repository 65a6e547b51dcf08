/* markers.c: metadata buckets that only mark a place; see markers.h. */
#include "httpd/markers.h"

apr_status_t iisr_marker_read(apr_bucket *b, const char **str,
                              apr_size_t *len, apr_read_type_e block)
{
    (void)b;
    (void)block;
    *str = NULL;
    *len = 0;
    return APR_SUCCESS;
}

apr_bucket *iisr_marker_create(const apr_bucket_type_t *type, void *data,
                               apr_bucket_alloc_t *list)
{
    apr_bucket *b = apr_bucket_alloc(sizeof(*b), list);

    APR_BUCKET_INIT(b);
    b->free = apr_bucket_free;
    b->list = list;
    b->type = type;
    b->length = 0;
    b->start = 0;
    b->data = data;
    return b;
}
