/* parked.c: all parked requests of the process: who wants to be called, in
 * turn, and the watchdog that renews them.
 *
 * A park is owned by its connection's worker; what other threads touch is
 * guarded by the list's mutex, and marked so.
 */
#include <apr_ring.h>
#include <apr_thread_cond.h>
#include <apr_thread_proc.h>
#include "async/parked.h"
#include "async/waiting.h"

struct iisr_park_t {
    APR_RING_ENTRY(iisr_park_t) link;   /* list.mutex, and all that follow */
    APR_RING_ENTRY(iisr_park_t) turn;
    apr_time_t due;
    unsigned int listed : 1;    /* armed */
    unsigned int queued : 1;    /* woken, its turn has not come */
    unsigned int coming : 1;    /* its turn has come, a thread has not */
    unsigned int called : 1;    /* until that thread goes again */
    iisr_lookout_t lookout;     /* the worker's; called under list.mutex */
    int socket;
    void *owner;
};

APR_RING_HEAD(iisr_park_ring_t, iisr_park_t);

static struct {
    apr_thread_mutex_t *mutex;
    apr_thread_cond_t *changed;
    apr_thread_t *thread;
    int stop;
    void (*tick)(void);
    struct iisr_park_ring_t parks;
    struct iisr_park_ring_t turns;
    int (*idle)(void);
    int coming;                 /* how many parks are */
    int called;
    int left;                   /* a thread went since the last tick */
    int looks;                  /* of the watchdog, for an idle thread */
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

/* --- turns: list.mutex held ---------------------------------------------- */

static void unqueue(iisr_park_t *park)
{
    if (park->queued) {
        park->queued = 0;
        APR_RING_REMOVE(park, turn);
    }
}

/* A call that fails stays in the queue, for the watchdog to try again. */
static int call_next(void)
{
    iisr_park_t *park = APR_RING_FIRST(&list.turns);

    if (iisr_lookout_call(&park->lookout) != APR_SUCCESS) {
        return 0;
    }
    unqueue(park);
    park->coming = 1;
    list.coming++;
    if (!park->called) {
        park->called = 1;
        list.called++;
    }
    return 1;
}

static int is_wanted(void)
{
    return !APR_RING_EMPTY(&list.turns, iisr_park_t, turn);
}

static int is_stuck(void)
{
    return is_wanted() && !list.called;
}

/* Threads that nobody has been called for. */
static int to_spare(void)
{
    return list.coming < IISR_COMING_MOST ? list.idle() - list.coming : 0;
}

/* One thread stays for what else comes; the last is taken by a park only
 * when no other is under way.  No thread says when it is idle: with none
 * under way the watchdog looks for one. */
static void call_some(void)
{
    while (is_wanted() && to_spare() > (list.called != 0) && call_next()) {
        continue;
    }
    if (is_stuck()) {
        apr_thread_cond_signal(list.changed);
    }
}

static void unlist(iisr_park_t *park)
{
    if (park->listed) {
        park->listed = 0;
        APR_RING_REMOVE(park, link);
    }
}

static void want(iisr_park_t *park)
{
    if (park->listed && !park->queued && !park->coming) {
        park->queued = 1;
        APR_RING_INSERT_TAIL(&list.turns, park, iisr_park_t, turn);
        call_some();
    }
}

/* --- a park ------------------------------------------------------------ */

static apr_status_t park_cleanup(void *data)
{
    iisr_park_t *park = data;

    iisr_park_disarm(park);
    iisr_park_leave(park);
    iisr_lookout_close(&park->lookout);
    return APR_SUCCESS;
}

apr_status_t iisr_park_create(iisr_park_t **result, int socket, void *owner,
                              apr_pool_t *pool)
{
    iisr_park_t *park = apr_pcalloc(pool, sizeof(*park));
    apr_status_t rv = iisr_lookout_open(&park->lookout);

    if (rv == APR_SUCCESS) {
        park->socket = socket;
        park->owner = owner;
        apr_pool_cleanup_register(pool, park, park_cleanup,
                                  apr_pool_cleanup_null);
        *result = park;
    }
    return rv;
}

int iisr_park_descriptor(const iisr_park_t *park)
{
    return park->lookout.fd;
}

void iisr_park_lost(iisr_park_t *park)
{
    apr_thread_mutex_lock(list.mutex);
    park->lookout.fd = -1;
    apr_thread_mutex_unlock(list.mutex);
}

apr_status_t iisr_park_arm(iisr_park_t *park, int interest,
                           apr_interval_time_t renew)
{
    apr_status_t rv = iisr_lookout_watch(&park->lookout, park->socket,
                                         interest);

    if (rv == APR_SUCCESS) {
        apr_thread_mutex_lock(list.mutex);
        park->due = apr_time_now() + renew;
        park->listed = 1;
        APR_RING_INSERT_TAIL(&list.parks, park, iisr_park_t, link);
        apr_thread_mutex_unlock(list.mutex);
    }
    return rv;
}

int iisr_park_disarm(iisr_park_t *park)
{
    apr_thread_mutex_lock(list.mutex);
    unlist(park);
    unqueue(park);
    if (park->coming) {
        park->coming = 0;
        list.coming--;
        iisr_lookout_dismiss(&park->lookout);
    }
    call_some();
    apr_thread_mutex_unlock(list.mutex);
    return iisr_lookout_seen(&park->lookout);
}

void iisr_park_leave(iisr_park_t *park)
{
    apr_thread_mutex_lock(list.mutex);
    if (park->called && !park->coming) {
        park->called = 0;
        list.called--;
        list.left = 1;
    }
    call_some();
    apr_thread_mutex_unlock(list.mutex);
}

void iisr_park_wake(iisr_park_t *park)
{
    apr_thread_mutex_lock(list.mutex);
    want(park);
    apr_thread_mutex_unlock(list.mutex);
}

/* --- the watchdog ------------------------------------------------------- */

#define TICK apr_time_from_msec(250)
#define LOOK apr_time_from_msec(1)
#define LOOKS_MOST 5

/* Those who were called hold their threads, perhaps for what one in the
 * queue would do: it gets the last thread. */
static void hurry(void)
{
    if (is_wanted() && !list.left && to_spare() > 0) {
        call_next();
    }
    list.left = 0;
}

/* A httpd that is never idle serves parked requests like any other. */
static void look(void)
{
    call_some();
    if (!is_stuck()) {
        list.looks = 0;
    }
    else if (++list.looks > LOOKS_MOST) {
        list.looks = 0;
        call_next();
    }
}

static void renew(apr_time_t now)
{
    iisr_park_t *park;

    APR_RING_FOREACH(park, &list.parks, iisr_park_t, link) {
        if (park->due <= now) {
            park->due = now + TICK;
            want(park);
        }
    }
}

static void *APR_THREAD_FUNC watchdog(apr_thread_t *thread, void *data)
{
    apr_time_t now, next = 0;

    (void)data;
    apr_thread_mutex_lock(list.mutex);
    while (!list.stop) {
        apr_thread_cond_timedwait(list.changed, list.mutex,
                                  is_stuck() ? LOOK : TICK);
        look();
        if ((now = apr_time_now()) >= next) {
            next = now + TICK;
            hurry();
            renew(now);
            apr_thread_mutex_unlock(list.mutex);
            list.tick();
            apr_thread_mutex_lock(list.mutex);
        }
    }
    apr_thread_mutex_unlock(list.mutex);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

apr_status_t iisr_watchdog_start(void (*tick)(void), int (*idle)(void))
{
    apr_pool_t *pool;
    apr_status_t rv;

    /* Never destroyed: connections go when the process exits, after the
     * child's pool. */
    if ((rv = apr_pool_create_unmanaged_ex(&pool, NULL, NULL))) {
        return rv;
    }
    APR_RING_INIT(&list.parks, iisr_park_t, link);
    APR_RING_INIT(&list.turns, iisr_park_t, turn);
    list.stop = 0;
    list.tick = tick;
    list.idle = idle;
    if ((rv = iisr_lookout_child_init())
        || (rv = apr_thread_mutex_create(&list.mutex,
                                         APR_THREAD_MUTEX_DEFAULT, pool))
        || (rv = apr_thread_cond_create(&list.changed, pool))) {
        return rv;
    }
    return apr_thread_create(&list.thread, NULL, watchdog, NULL, pool);
}

void iisr_watchdog_drain(void (*fail)(void *owner))
{
    iisr_park_t *park;

    do {
        apr_thread_mutex_lock(list.mutex);
        park = APR_RING_EMPTY(&list.parks, iisr_park_t, link)
               ? NULL : APR_RING_FIRST(&list.parks);
        if (park) {
            unlist(park);
        }
        apr_thread_mutex_unlock(list.mutex);
        if (park) {
            fail(park->owner);
        }
    } while (park);
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
        want(park);
    }
    apr_thread_mutex_unlock(list.mutex);
}
