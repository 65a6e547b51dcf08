/* wide.h: UTF-8 <-> WCHAR (wchar_t, UTF-32), whatever the locale is.
 * Invalid UTF-8 becomes U+FFFD.  Results are NUL-terminated, from pool. */
#ifndef IISR_WIDE_H
#define IISR_WIDE_H
#include <apr_pools.h>
#include "windows.h"
/* length: characters of the result without NUL; may be NULL. */
WCHAR *iisr_widen(apr_pool_t *pool, const char *utf8, apr_size_t *length);
char *iisr_narrow(apr_pool_t *pool, const WCHAR *wide, apr_size_t *length);
char *iisr_narrow_n(apr_pool_t *pool, const WCHAR *wide, apr_size_t n,
                    apr_size_t *length);
/* Into room for strlen(utf8) characters, or for 4 * n bytes: how many there
 * are.  No NUL. */
apr_size_t iisr_widen_into(const char *utf8, WCHAR *wide);
apr_size_t iisr_narrow_into(const WCHAR *wide, apr_size_t n, char *utf8);
#endif
