/* parked.c: the pair of descriptors behind a parked request, and the list
 * of all parks of the process with the watchdog that renews them.
 *
 * A park is owned by its connection's worker, except `wake`, which any
 * thread may write to, and the list links, which the list's mutex guards.
 */
#include <errno.h>
#include <unistd.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <apr_ring.h>
#include <apr_thread_cond.h>
#include <apr_thread_proc.h>
#include "async/parked.h"
#include "async/waiting.h"

struct iisr_park_t {
    APR_RING_ENTRY(iisr_park_t) link;   /* list.mutex */
    int listed;                         /* list.mutex */
    apr_time_t due;                     /* list.mutex */
    int epoll;
    int wake;                           /* eventfd; any thread writes */
    int socket;
    void *owner;
    int watching;                       /* the socket is in the epoll */
};

APR_RING_HEAD(iisr_park_ring_t, iisr_park_t);

static struct {
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *changed;
    apr_thread_t *thread;
    int stop;
    void (*tick)(void);
    struct iisr_park_ring_t parks;
} list;

/* --- the way of waiting ------------------------------------------------- */

static int park_or_wait(iisr_context_t *ctx, int may_leave)
{
    if (iisr_context_runnable(ctx)) {
        iisr_context_run_jobs(ctx);
        return 1;
    }
    if (may_leave && ctx->host->can_park(ctx->req)) {
        ctx->waiting = 1;
        return 0;
    }
    return iisr_waiting.wait(ctx, may_leave);
}

const iisr_way_t iisr_parked = { "parked", park_or_wait };

/* --- the descriptors ---------------------------------------------------- */

static apr_status_t park_cleanup(void *data)
{
    iisr_park_t *park = data;

    iisr_park_disarm(park);
    close(park->epoll);
    close(park->wake);
    return APR_SUCCESS;
}

apr_status_t iisr_park_create(iisr_park_t **result, int socket, void *owner,
                              apr_pool_t *pool)
{
    iisr_park_t *park = apr_pcalloc(pool, sizeof(*park));
    struct epoll_event event = { .events = EPOLLIN, .data.u32 = IISR_SEE_WAKE };

    park->socket = socket;
    park->owner = owner;
    APR_RING_ELEM_INIT(park, link);
    if ((park->epoll = epoll_create1(EPOLL_CLOEXEC)) < 0) {
        return errno;
    }
    if ((park->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) {
        apr_status_t rv = errno;

        close(park->epoll);
        return rv;
    }
    apr_pool_cleanup_register(pool, park, park_cleanup,
                              apr_pool_cleanup_null);
    if (epoll_ctl(park->epoll, EPOLL_CTL_ADD, park->wake, &event)) {
        return errno;
    }
    *result = park;
    return APR_SUCCESS;
}

int iisr_park_descriptor(const iisr_park_t *park)
{
    return park->epoll;
}

static apr_status_t watch(iisr_park_t *park, int interest)
{
    struct epoll_event event = { .data.u32 = 0 };
    int op = park->watching ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

    if (interest & IISR_SEE_GONE) {
        /* It hung up already: it would be reported over and over. */
        op = EPOLL_CTL_DEL;
        if (!park->watching) {
            return APR_SUCCESS;
        }
    }
    event.events = (interest & IISR_SEE_READ ? EPOLLIN : 0)
                   | (interest & IISR_SEE_WRITE ? EPOLLOUT : 0)
                   | (interest & IISR_SEE_HALF_CLOSED ? 0 : EPOLLRDHUP);
    park->watching = op != EPOLL_CTL_DEL;
    return epoll_ctl(park->epoll, op, park->socket, &event) ? errno
                                                            : APR_SUCCESS;
}

apr_status_t iisr_park_arm(iisr_park_t *park, int interest,
                           apr_interval_time_t renew)
{
    apr_thread_mutex_lock(list.mutex);
    park->due = apr_time_now() + renew;
    if (!park->listed) {
        park->listed = 1;
        APR_RING_INSERT_TAIL(&list.parks, park, iisr_park_t, link);
    }
    apr_thread_mutex_unlock(list.mutex);
    return watch(park, interest);
}

int iisr_park_disarm(iisr_park_t *park)
{
    struct epoll_event events[2];
    eventfd_t count;
    int n, seen = 0;

    apr_thread_mutex_lock(list.mutex);
    if (park->listed) {
        park->listed = 0;
        APR_RING_REMOVE(park, link);
    }
    apr_thread_mutex_unlock(list.mutex);
    for (n = epoll_wait(park->epoll, events, 2, 0); n-- > 0; ) {
        unsigned int e = events[n].events;

        if (events[n].data.u32) {
            eventfd_read(park->wake, &count);
            seen |= IISR_SEE_WAKE;
            continue;
        }
        seen |= (e & EPOLLIN ? IISR_SEE_READ : 0)
                | (e & EPOLLOUT ? IISR_SEE_WRITE : 0)
                | (e & EPOLLRDHUP ? IISR_SEE_HALF_CLOSED : 0)
                | (e & (EPOLLHUP | EPOLLERR) ? IISR_SEE_GONE : 0);
    }
    return seen;
}

void iisr_park_wake(iisr_park_t *park)
{
    eventfd_write(park->wake, 1);
}

/* --- the watchdog ------------------------------------------------------- */

#define TICK apr_time_from_msec(250)

static void *APR_THREAD_FUNC watchdog(apr_thread_t *thread, void *data)
{
    iisr_park_t *park;

    (void)data;
    apr_thread_mutex_lock(list.mutex);
    while (!list.stop) {
        apr_time_t now;

        apr_thread_cond_timedwait(list.changed, list.mutex, TICK);
        now = apr_time_now();
        APR_RING_FOREACH(park, &list.parks, iisr_park_t, link) {
            if (park->due <= now) {
                park->due = now + TICK;
                iisr_park_wake(park);
            }
        }
        apr_thread_mutex_unlock(list.mutex);
        list.tick();
        apr_thread_mutex_lock(list.mutex);
    }
    apr_thread_mutex_unlock(list.mutex);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

apr_status_t iisr_watchdog_start(void (*tick)(void))
{
    apr_pool_t *pool;
    apr_status_t rv;

    /* Never destroyed: connections go when the process exits, after the
     * child's pool. */
    if ((rv = apr_pool_create_unmanaged_ex(&pool, NULL, NULL))) {
        return rv;
    }
    APR_RING_INIT(&list.parks, iisr_park_t, link);
    list.stop = 0;
    list.tick = tick;
    if ((rv = apr_thread_mutex_create(&list.mutex, APR_THREAD_MUTEX_DEFAULT,
                                      pool))
        || (rv = apr_thread_cond_create(&list.changed, pool))) {
        return rv;
    }
    return apr_thread_create(&list.thread, NULL, watchdog, NULL, pool);
}

void iisr_watchdog_drain(void (*fail)(void *owner))
{
    while (!APR_RING_EMPTY(&list.parks, iisr_park_t, link)) {
        iisr_park_t *park = APR_RING_FIRST(&list.parks);

        park->listed = 0;
        APR_RING_REMOVE(park, link);
        fail(park->owner);
    }
}

void iisr_watchdog_stop(void)
{
    apr_status_t rv;

    if (list.thread) {
        apr_thread_mutex_lock(list.mutex);
        list.stop = 1;
        apr_thread_cond_signal(list.changed);
        apr_thread_mutex_unlock(list.mutex);
        apr_thread_join(&rv, list.thread);
        list.thread = NULL;
    }
}

void iisr_watchdog_wake_all(void)
{
    iisr_park_t *park;

    apr_thread_mutex_lock(list.mutex);
    APR_RING_FOREACH(park, &list.parks, iisr_park_t, link) {
        iisr_park_wake(park);
    }
    apr_thread_mutex_unlock(list.mutex);
}
