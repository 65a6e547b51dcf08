/* file_watches.h: the folders that a file monitor looks at: its own and all
 * below it, each by inotify's number.  Links are not followed.  The caller's
 * lock.
 */
#ifndef IISR_IFACE_FILE_WATCHES_H
#define IISR_IFACE_FILE_WATCHES_H

#include <apr_errno.h>
#include <apr_general.h>

typedef struct iisr_watch_t {
    struct iisr_watch_t *next;
    int number;
    int below;                      /* of the monitor's own folder */
    char path[];
} iisr_watch_t;

typedef struct iisr_watches_t {
    int notify;                     /* inotify's descriptor */
    iisr_watch_t *first;
} iisr_watches_t;

/* APR_SUCCESS also when some of what is below cannot be watched. */
apr_status_t iisr_watches_open(iisr_watches_t *watches, int notify,
                               const char *path);
const iisr_watch_t *iisr_watches_find(const iisr_watches_t *watches,
                                      int number);
/* A folder came to be, with all that is in it. */
void iisr_watches_add(iisr_watches_t *watches, const char *path);
/* Takes one out: by its number, or the next that is at or below the path.
 * NULL: there is none.  The caller frees it. */
iisr_watch_t *iisr_watches_take(iisr_watches_t *watches, int number);
iisr_watch_t *iisr_watches_take_below(iisr_watches_t *watches,
                                      const char *path);

#endif
