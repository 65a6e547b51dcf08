/* starve.c: preloaded into httpd: while the file is there that IISR_STARVE in
 * the environment names, there is no memory for a request's context.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int apr_pool_create_unmanaged_ex(void **pool, void *abort, void *allocator);

int apr_pool_create_unmanaged_ex(void **pool, void *abort, void *allocator)
{
    static int (*real)(void **, void *, void *);
    const char *file = getenv("IISR_STARVE");

    if (file && access(file, F_OK) == 0) {
        return ENOMEM;
    }
    if (!real) {
        real = (int (*)(void **, void *, void *))
               dlsym(RTLD_NEXT, "apr_pool_create_unmanaged_ex");
    }
    return real(pool, abort, allocator);
}
