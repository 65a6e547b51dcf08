/* file_monitor.c: IHttpFileMonitor, and the thread of a child that tells of
 * changes.
 *
 * A monitor watches its folder and all below (file_watches.h).  The thread
 * is started with the first monitor; a monitor is counted, one for whoever
 * registered it and one while the thread tells of it, so that dereferencing
 * it from anywhere, the telling included, is safe.  The lock is never held
 * while module code runs.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <poll.h>
#include <sys/inotify.h>
#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include "file_watches.h"
#include "objects.h"
#include "vtable.h"
#include "core/wide.h"

typedef struct monitor_t {
    IHttpFileMonitor iface;             /* must be first */
    struct monitor_t *next;             /* lock */
    iisr_monitors_t *monitors;
    apr_pool_t *pool;
    volatile apr_uint32_t refs;
    iisr_watches_t watches;             /* lock */
    int out;                            /* of the list */
    iisr_container_t container;
} monitor_t;

struct iisr_monitors_t {
    apr_thread_mutex_t *lock;
    apr_pool_t *pool;
    iisr_file_changed_fn changed;
    void *baton;
    monitor_t *list;
    apr_thread_t *thread;
    int notify;                         /* inotify's, -1: none yet */
    int stop[2];                        /* a pipe: closed, the thread ends */
    int closed;
};

static monitor_t *monitor_of(IHttpFileMonitor *iface)
{
    return (monitor_t *)(void *)iface;
}

/* --- one monitor -------------------------------------------------------- */

static IHttpModuleContextContainer *monitor_GetModuleContextContainer(
    IHttpFileMonitor *This)
{
    return &monitor_of(This)->container.iface.plain;
}

static void free_watches(monitor_t *monitor)
{
    iisr_watch_t *watch;

    while ((watch = monitor->watches.first)) {
        monitor->watches.first = watch->next;
        free(watch);
    }
}

static void release(monitor_t *monitor)
{
    if (!apr_atomic_dec32(&monitor->refs)) {
        iisr_container_clear(&monitor->container);
        free_watches(monitor);
        apr_pool_destroy(monitor->pool);
    }
}

/* Lock held.  inotify's number is shared by all who watch the folder. */
static void unwatch(iisr_monitors_t *monitors, int number)
{
    const monitor_t *other;

    for (other = monitors->list; other; other = other->next) {
        if (iisr_watches_find(&other->watches, number)) {
            return;
        }
    }
    inotify_rm_watch(monitors->notify, number);
}

static void take_out(monitor_t *monitor)
{
    iisr_monitors_t *monitors = monitor->monitors;
    const iisr_watch_t *watch;
    monitor_t **p;

    apr_thread_mutex_lock(monitors->lock);
    for (p = &monitors->list; *p; p = &(*p)->next) {
        if (*p == monitor) {
            *p = monitor->next;
            monitor->out = 1;
            break;
        }
    }
    for (watch = monitor->out ? monitor->watches.first : NULL; watch;
         watch = watch->next) {
        unwatch(monitors, watch->number);
    }
    apr_thread_mutex_unlock(monitors->lock);
}

static void monitor_DereferenceFileMonitor(IHttpFileMonitor *This)
{
    take_out(monitor_of(This));
    release(monitor_of(This));
}

IISR_VTABLE(IHttpFileMonitor, monitor_vtbl) = {
    .GetModuleContextContainer = monitor_GetModuleContextContainer,
    .DereferenceFileMonitor = monitor_DereferenceFileMonitor
} IISR_VTABLE_END;

/* --- the thread --------------------------------------------------------- */

/* The next monitor of this watch behind the given one, referenced.  NULL
 * also when that one has been taken out meanwhile: what it points to may be
 * gone. */
static monitor_t *next_of(iisr_monitors_t *monitors, int number,
                          monitor_t *after)
{
    monitor_t *monitor;

    apr_thread_mutex_lock(monitors->lock);
    monitor = monitors->list;
    while (after && monitor) {
        after = monitor == after ? NULL : after;
        monitor = monitor->next;
    }
    while (monitor && !iisr_watches_find(&monitor->watches, number)) {
        monitor = monitor->next;
    }
    if (monitor) {
        apr_atomic_inc32(&monitor->refs);
    }
    apr_thread_mutex_unlock(monitors->lock);
    return monitor;
}

static void tell(monitor_t *monitor, const char *path)
{
    iisr_monitors_t *monitors = monitor->monitors;
    apr_pool_t *pool;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) == APR_SUCCESS) {
        monitors->changed(monitors->baton, &monitor->iface,
                          iisr_widen(pool, path, NULL));
        apr_pool_destroy(pool);
    }
}

/* A folder below came or went. */
static void follow(monitor_t *monitor, const char *path, unsigned int mask)
{
    iisr_watch_t *gone;

    apr_thread_mutex_lock(monitor->monitors->lock);
    while (!monitor->out && (mask & (IN_MOVED_FROM | IN_DELETE))
           && (gone = iisr_watches_take_below(&monitor->watches, path))) {
        unwatch(monitor->monitors, gone->number);
        free(gone);
    }
    if (!monitor->out && (mask & (IN_MOVED_TO | IN_CREATE))) {
        iisr_watches_add(&monitor->watches, path);
    }
    apr_thread_mutex_unlock(monitor->monitors->lock);
}

/* What a folder below tells of itself, the folder above it tells too. */
static void handle(monitor_t *monitor, const struct inotify_event *event)
{
    const iisr_watch_t *watch;
    char path[PATH_MAX];
    int n = 0;

    apr_thread_mutex_lock(monitor->monitors->lock);
    watch = iisr_watches_find(&monitor->watches, event->wd);
    if (watch && (event->len || !watch->below)) {
        n = snprintf(path, sizeof(path), "%s%s%s", watch->path,
                     event->len ? "/" : "", event->len ? event->name : "");
    }
    apr_thread_mutex_unlock(monitor->monitors->lock);
    if (n <= 0 || n >= (int)sizeof(path)) {
        return;
    }
    if (event->len && (event->mask & IN_ISDIR)) {
        follow(monitor, path, event->mask);
    }
    tell(monitor, path);
}

/* inotify has dropped it: the folder is gone, or nobody watches it. */
static void forget(iisr_monitors_t *monitors, int number)
{
    monitor_t *monitor;

    apr_thread_mutex_lock(monitors->lock);
    for (monitor = monitors->list; monitor; monitor = monitor->next) {
        free(iisr_watches_take(&monitor->watches, number));
    }
    apr_thread_mutex_unlock(monitors->lock);
}

static void tell_all(iisr_monitors_t *monitors,
                     const struct inotify_event *event)
{
    monitor_t *monitor = NULL, *next;

    if (event->mask & IN_IGNORED) {
        forget(monitors, event->wd);
    }
    if (event->mask & (IN_IGNORED | IN_Q_OVERFLOW)) {
        return;
    }
    while ((next = next_of(monitors, event->wd, monitor))) {
        if (monitor) {
            release(monitor);
        }
        monitor = next;
        handle(monitor, event);
    }
    if (monitor) {
        release(monitor);
    }
}

static void watch_files(iisr_monitors_t *monitors)
{
    struct pollfd fds[2] = { { monitors->notify, POLLIN, 0 },
                             { monitors->stop[0], POLLIN, 0 } };
    char buffer[4096]
        __attribute__((aligned(__alignof__(struct inotify_event))));

    while (poll(fds, 2, -1) >= 0 && !fds[1].revents) {
        ssize_t n = read(monitors->notify, buffer, sizeof(buffer)), at = 0;

        while (at < n) {
            struct inotify_event *event = (void *)(buffer + at);

            tell_all(monitors, event);
            at += (ssize_t)(sizeof(*event) + event->len);
        }
    }
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *data)
{
    watch_files(data);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

static void close_all(iisr_monitors_t *monitors)
{
    int i, *fds[] = { &monitors->notify, &monitors->stop[0],
                      &monitors->stop[1] };

    for (i = 0; i < 3; i++) {
        if (*fds[i] >= 0) {
            close(*fds[i]);
        }
        *fds[i] = -1;
    }
}

static apr_status_t open_all(iisr_monitors_t *monitors)
{
    apr_status_t rv = APR_SUCCESS;

    monitors->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (monitors->notify < 0 || pipe2(monitors->stop, O_CLOEXEC)) {
        rv = errno;
        close_all(monitors);
    }
    return rv;
}

/* Lock held. */
static apr_status_t start(iisr_monitors_t *monitors)
{
    apr_status_t rv;

    if (monitors->thread) {
        return APR_SUCCESS;
    }
    if (monitors->notify < 0 && (rv = open_all(monitors))) {
        return rv;
    }
    return apr_thread_create(&monitors->thread, NULL, run, monitors,
                             monitors->pool);
}

/* --- all of them -------------------------------------------------------- */

iisr_monitors_t *iisr_monitors_create(apr_pool_t *pool,
                                      iisr_file_changed_fn changed,
                                      void *baton)
{
    iisr_monitors_t *monitors = apr_pcalloc(pool, sizeof(*monitors));

    monitors->pool = pool;
    monitors->changed = changed;
    monitors->baton = baton;
    monitors->notify = monitors->stop[0] = monitors->stop[1] = -1;
    apr_thread_mutex_create(&monitors->lock, APR_THREAD_MUTEX_DEFAULT, pool);
    return monitors;
}

static monitor_t *make(iisr_monitors_t *monitors)
{
    apr_pool_t *pool;
    monitor_t *monitor;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return NULL;
    }
    apr_pool_tag(pool, "iisr_file_monitor");
    monitor = apr_pcalloc(pool, sizeof(*monitor));
    monitor->iface.lpVtbl = IISR_VPTR(monitor_vtbl);
    monitor->monitors = monitors;
    monitor->pool = pool;
    monitor->refs = 1;
    iisr_container_init(&monitor->container, IISR_CONTAINER_PLAIN);
    return monitor;
}

apr_status_t iisr_monitors_add(iisr_monitors_t *monitors, const char *path,
                               IHttpFileMonitor **result)
{
    monitor_t *monitor = make(monitors);
    apr_status_t rv;

    if (!monitor) {
        return APR_ENOMEM;
    }
    apr_thread_mutex_lock(monitors->lock);
    rv = monitors->closed ? APR_EGENERAL : start(monitors);
    if (rv == APR_SUCCESS) {
        rv = iisr_watches_open(&monitor->watches, monitors->notify, path);
    }
    if (rv == APR_SUCCESS) {
        monitor->next = monitors->list;
        monitors->list = monitor;
    }
    apr_thread_mutex_unlock(monitors->lock);
    if (rv != APR_SUCCESS) {
        release(monitor);
        return rv;
    }
    *result = &monitor->iface;
    return APR_SUCCESS;
}

void iisr_monitors_close(iisr_monitors_t *monitors)
{
    apr_thread_t *thread;
    apr_status_t rv;

    apr_thread_mutex_lock(monitors->lock);
    monitors->closed = 1;
    thread = monitors->thread;
    monitors->thread = NULL;
    apr_thread_mutex_unlock(monitors->lock);
    if (thread) {
        close(monitors->stop[1]);
        monitors->stop[1] = -1;
        apr_thread_join(&rv, thread);
    }
    close_all(monitors);
}
