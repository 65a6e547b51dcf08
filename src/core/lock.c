/* lock.c: what a lock does where somebody has to wait.  See lock.h. */
#include <errno.h>
#include <limits.h>
#include <time.h>
#include "lock.h"

#if IISR_HAVE_FUTEX

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

/* While the word has this value; it may be over before. */
static int sleep_on(int *word, int value, const struct timespec *most)
{
    return syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, most, NULL, 0)
           ? errno : 0;
}

/* The word may be gone by now: then nobody is woken, or somebody who looks
 * and sleeps again. */
static void wake(int *word, int most)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, most, NULL, NULL, 0);
}

/* As others may be waiting too, it stays marked so. */
void iisr_lock_await(iisr_lock_t *lock)
{
    while (__atomic_exchange_n(&lock->state, 2, __ATOMIC_ACQUIRE)) {
        sleep_on(&lock->state, 2, NULL);
    }
}

void iisr_lock_pass_on(iisr_lock_t *lock)
{
    wake(&lock->state, 1);
}

apr_status_t iisr_lock_sleep(iisr_lock_t *lock, apr_interval_time_t most)
{
    struct timespec time = { apr_time_sec(most), apr_time_usec(most) * 1000 };
    int turn = lock->turn, rv;

    lock->sleepers++;
    iisr_lock_give(lock);
    rv = sleep_on(&lock->turn, turn, most < 0 ? NULL : &time);
    iisr_lock_take(lock);
    lock->sleepers--;
    return rv == ETIMEDOUT && turn == lock->turn ? APR_TIMEUP : APR_SUCCESS;
}

void iisr_lock_announce(iisr_lock_t *lock)
{
    if (lock->sleepers) {
        __atomic_add_fetch(&lock->turn, 1, __ATOMIC_RELEASE);
        wake(&lock->turn, INT_MAX);
    }
}

#else

apr_status_t iisr_lock_sleep(iisr_lock_t *lock, apr_interval_time_t most)
{
    apr_time_t until = apr_time_now() + most;
    struct timespec at = { apr_time_sec(until), apr_time_usec(until) * 1000 };
    int rv;

    lock->sleepers++;
    rv = most < 0 ? pthread_cond_wait(&lock->changed, &lock->mutex)
         : pthread_cond_timedwait(&lock->changed, &lock->mutex, &at);
    lock->sleepers--;
    return rv == ETIMEDOUT ? APR_TIMEUP : APR_SUCCESS;
}

void iisr_lock_announce(iisr_lock_t *lock)
{
    if (lock->sleepers) {
        pthread_cond_broadcast(&lock->changed);
    }
}

#endif
