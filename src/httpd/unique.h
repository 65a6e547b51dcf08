/* unique.h: whether a shared object has STB_GNU_UNIQUE symbols. */
#ifndef IISR_HTTPD_UNIQUE_H
#define IISR_HTTPD_UNIQUE_H
#include <apr_pools.h>
/* The name of one of them, from pool; NULL when there is none. */
const char *iisr_unique_symbol(apr_pool_t *pool, const char *path);
#endif
