/* lock.h: a mutex and its condition, which cost no call where nobody else is
 * at it: a request takes its lock some ten times, a flush two or three.
 *
 * On Linux two words and the kernel's futex, elsewhere (or with
 * -DIISR_NO_FUTEX) what pthread.h has.  Who has given the lock up does not
 * touch it again: the next one may free it.
 */
#ifndef IISR_LOCK_H
#define IISR_LOCK_H

#include <pthread.h>
#include <apr_errno.h>
#include <apr_time.h>

#if defined(__linux__) && !defined(IISR_NO_FUTEX)
#define IISR_HAVE_FUTEX 1
#else
#define IISR_HAVE_FUTEX 0
#endif

typedef struct iisr_lock_t {
#if IISR_HAVE_FUTEX
    int state;                      /* 0: free, 1: taken, 2: and waited for */
    int turn;                       /* changes with every announcement */
#else
    pthread_mutex_t mutex;
    pthread_cond_t changed;
#endif
    int sleepers;
} iisr_lock_t;

#if IISR_HAVE_FUTEX

/* What follows when it is not free, or somebody waits for it. */
void iisr_lock_await(iisr_lock_t *lock);
void iisr_lock_pass_on(iisr_lock_t *lock);

static inline void iisr_lock_init(iisr_lock_t *lock)
{
    lock->state = lock->turn = lock->sleepers = 0;
}

static inline void iisr_lock_destroy(iisr_lock_t *lock)
{
    (void)lock;
}

static inline void iisr_lock_take(iisr_lock_t *lock)
{
    int expected = 0;

    if (!__atomic_compare_exchange_n(&lock->state, &expected, 1, 0,
                                     __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        iisr_lock_await(lock);
    }
}

static inline void iisr_lock_give(iisr_lock_t *lock)
{
    if (__atomic_exchange_n(&lock->state, 0, __ATOMIC_RELEASE) == 2) {
        iisr_lock_pass_on(lock);
    }
}

#else

static inline void iisr_lock_init(iisr_lock_t *lock)
{
    pthread_mutex_init(&lock->mutex, NULL);
    pthread_cond_init(&lock->changed, NULL);
    lock->sleepers = 0;
}

static inline void iisr_lock_destroy(iisr_lock_t *lock)
{
    pthread_cond_destroy(&lock->changed);
    pthread_mutex_destroy(&lock->mutex);
}

static inline void iisr_lock_take(iisr_lock_t *lock)
{
    pthread_mutex_lock(&lock->mutex);
}

static inline void iisr_lock_give(iisr_lock_t *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}

#endif

/* Lock held, and given up for the time of the sleep, which may end early.
 * most negative: however long.  APR_TIMEUP: nothing was announced. */
apr_status_t iisr_lock_sleep(iisr_lock_t *lock, apr_interval_time_t most);
/* Wakes all that sleep.  Lock held. */
void iisr_lock_announce(iisr_lock_t *lock);

#endif
