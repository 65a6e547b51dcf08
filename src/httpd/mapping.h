/* mapping.h: the seam's questions about files, handlers and paths; see
 * core/host.h for what they answer. */
#ifndef IISR_HTTPD_MAPPING_H
#define IISR_HTTPD_MAPPING_H
#include "httpd/host.h"

const char *iisr_map_path(iisr_host_request_t *hr, const char *url,
                          apr_pool_t *pool);
int iisr_map_file(iisr_host_request_t *hr, const char **path,
                  const char **etag, apr_pool_t *pool);
int iisr_map_handler(iisr_host_request_t *hr, const char *verb,
                     const char *url, iisr_handler_t *handler,
                     apr_pool_t *pool);
#endif
