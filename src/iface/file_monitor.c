/* file_monitor.c: IHttpFileMonitor, and the thread of a child that tells of
 * changes.
 *
 * inotify watches the folder itself, not what is below it.  The thread is
 * started with the first monitor; a monitor is counted, one for whoever
 * registered it and one while the thread tells of it, so that dereferencing
 * it from anywhere, the telling included, is safe.  The lock is never held
 * while module code runs.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>
#include "objects.h"
#include "vtable.h"
#include "core/wide.h"

#define CHANGES (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM \
                 | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

typedef struct monitor_t {
    IHttpFileMonitor iface;             /* must be first */
    struct monitor_t *next;             /* lock */
    iisr_monitors_t *monitors;
    apr_pool_t *pool;
    volatile apr_uint32_t refs;
    int watch;                          /* inotify's; shared by its equals */
    const char *path;
    iisr_container_t container;
} monitor_t;

struct iisr_monitors_t {
    apr_thread_mutex_t *lock;
    apr_pool_t *pool;
    iisr_file_changed_fn changed;
    void *baton;
    monitor_t *list;
    apr_thread_t *thread;
    int notify, stop;                   /* descriptors, -1: none yet */
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

static void release(monitor_t *monitor)
{
    if (!apr_atomic_dec32(&monitor->refs)) {
        iisr_container_clear(&monitor->container);
        apr_pool_destroy(monitor->pool);
    }
}

/* Lock held. */
static int is_shared(const monitor_t *monitor)
{
    const monitor_t *other;

    for (other = monitor->monitors->list; other; other = other->next) {
        if (other->watch == monitor->watch) {
            return 1;
        }
    }
    return 0;
}

/* Zero: it was out already. */
static int take_out(monitor_t *monitor)
{
    iisr_monitors_t *monitors = monitor->monitors;
    monitor_t **p;
    int found = 0;

    apr_thread_mutex_lock(monitors->lock);
    for (p = &monitors->list; *p; p = &(*p)->next) {
        if (*p == monitor) {
            *p = monitor->next;
            found = 1;
            break;
        }
    }
    if (found && !is_shared(monitor)) {
        inotify_rm_watch(monitors->notify, monitor->watch);
    }
    apr_thread_mutex_unlock(monitors->lock);
    return found;
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
static monitor_t *next_of(iisr_monitors_t *monitors, int watch,
                          monitor_t *after)
{
    monitor_t *monitor;

    apr_thread_mutex_lock(monitors->lock);
    monitor = monitors->list;
    while (after && monitor) {
        after = monitor == after ? NULL : after;
        monitor = monitor->next;
    }
    while (monitor && monitor->watch != watch) {
        monitor = monitor->next;
    }
    if (monitor) {
        apr_atomic_inc32(&monitor->refs);
    }
    apr_thread_mutex_unlock(monitors->lock);
    return monitor;
}

static void tell(monitor_t *monitor, const char *name)
{
    iisr_monitors_t *monitors = monitor->monitors;
    const char *path = monitor->path;
    apr_pool_t *pool;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return;
    }
    if (name && *name) {
        path = apr_pstrcat(pool, path, "/", name, NULL);
    }
    monitors->changed(monitors->baton, &monitor->iface,
                      iisr_widen(pool, path, NULL));
    apr_pool_destroy(pool);
}

static void tell_all(iisr_monitors_t *monitors,
                     const struct inotify_event *event)
{
    monitor_t *monitor = NULL, *next;

    if (event->mask & (IN_IGNORED | IN_Q_OVERFLOW)) {
        return;
    }
    while ((next = next_of(monitors, event->wd, monitor))) {
        if (monitor) {
            release(monitor);
        }
        monitor = next;
        tell(monitor, event->len ? event->name : NULL);
    }
    if (monitor) {
        release(monitor);
    }
}

static void watch_files(iisr_monitors_t *monitors)
{
    struct pollfd fds[2] = { { monitors->notify, POLLIN, 0 },
                             { monitors->stop, POLLIN, 0 } };
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

/* Lock held. */
static apr_status_t start(iisr_monitors_t *monitors)
{
    if (monitors->thread) {
        return APR_SUCCESS;
    }
    if (monitors->notify < 0) {
        monitors->notify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        monitors->stop = eventfd(0, EFD_CLOEXEC);
        if (monitors->notify < 0 || monitors->stop < 0) {
            return errno;
        }
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
    monitors->notify = monitors->stop = -1;
    apr_thread_mutex_create(&monitors->lock, APR_THREAD_MUTEX_DEFAULT, pool);
    return monitors;
}

static monitor_t *make(iisr_monitors_t *monitors, const char *path)
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
    monitor->path = apr_pstrdup(pool, path);
    iisr_container_init(&monitor->container, IISR_CONTAINER_PLAIN);
    return monitor;
}

apr_status_t iisr_monitors_add(iisr_monitors_t *monitors, const char *path,
                               IHttpFileMonitor **result)
{
    monitor_t *monitor = make(monitors, path);
    apr_status_t rv;

    if (!monitor) {
        return APR_ENOMEM;
    }
    apr_thread_mutex_lock(monitors->lock);
    rv = monitors->closed ? APR_EGENERAL : start(monitors);
    if (rv == APR_SUCCESS) {
        monitor->watch = inotify_add_watch(monitors->notify, path, CHANGES);
        rv = monitor->watch < 0 ? errno : APR_SUCCESS;
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
        eventfd_write(monitors->stop, 1);
        apr_thread_join(&rv, thread);
    }
    if (monitors->notify >= 0) {
        close(monitors->notify);
        close(monitors->stop);
        monitors->notify = monitors->stop = -1;
    }
}
