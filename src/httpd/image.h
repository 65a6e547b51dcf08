/* image.h: a module's file as it is loaded: a private copy, as IIS and
 * ASP.NET make shadow copies.
 *
 * What is mapped is a file of its own: whoever writes over the module's (cp,
 * a linker) changes nothing in a process that runs.  It lies beside the
 * original while it is opened, so that $ORIGIN means the same folder, and has
 * no name afterwards; where that folder may not be written to it is in memory
 * only.  To the module, dladdr and debuggers it has the original's path.
 */
#ifndef IISR_HTTPD_IMAGE_H
#define IISR_HTTPD_IMAGE_H

#include <apr_pools.h>

typedef struct iisr_image_t {
    void *handle;                       /* for dlclose */
    const char *unique;                 /* unique.h, of the copy; or NULL */
    const char *build_id;               /* hex digits, "none" */
    apr_off_t size;                     /* bytes of the file */
    const char *in_place;               /* why there is no copy, or NULL */
} iisr_image_t;

/* Opens path, after another process has tried to: it may be broken in ways
 * that end a process.  All from pool but the handle.  NULL, or what is wrong
 * with it. */
const char *iisr_image_open(apr_pool_t *pool, const char *path,
                            iisr_image_t *image);

#endif
