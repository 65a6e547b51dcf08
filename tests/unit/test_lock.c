/* test_lock.c: one thread at a time, and none that sleeps for ever; also under
 * ThreadSanitizer.
 */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <apr_general.h>
#include "core/lock.h"

#define THREADS 4
#define ROUNDS 20000

static iisr_lock_t lock;
static int count, inside, most_inside;

static void run(int n, void *(*body)(void *))
{
    pthread_t threads[THREADS];
    int i;

    for (i = 0; i < n; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, body, NULL), 0);
    }
    for (i = 0; i < n; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void setup(void)
{
    count = inside = most_inside = 0;
    iisr_lock_init(&lock);
}

static void teardown(void)
{
    iisr_lock_destroy(&lock);
}

static void *add(void *unused)
{
    int i;

    for (i = 0; i < ROUNDS; i++) {
        iisr_lock_take(&lock);
        if (++inside > most_inside) {
            most_inside = inside;
        }
        count++;
        if (i % 64 == 0) {
            /* The others come while it is taken. */
            sched_yield();
        }
        inside--;
        iisr_lock_give(&lock);
    }
    return unused;
}

START_TEST(one_thread_has_it_at_a_time)
{
    run(THREADS, add);
    ck_assert_int_eq(most_inside, 1);
    ck_assert_int_eq(count, THREADS * ROUNDS);
}
END_TEST

/* Each waits until the other has counted on. */
static void *count_on(void *unused)
{
    int parity, n = 0;

    iisr_lock_take(&lock);
    parity = inside++;
    while (n < ROUNDS) {
        if (count % 2 != parity) {
            ck_assert_int_eq(iisr_lock_sleep(&lock, -1), APR_SUCCESS);
            continue;
        }
        count++;
        n++;
        iisr_lock_announce(&lock);
    }
    iisr_lock_give(&lock);
    return unused;
}

START_TEST(no_announcement_is_missed)
{
    run(2, count_on);
    ck_assert_int_eq(count, 2 * ROUNDS);
}
END_TEST

static void *sleep_until_told(void *unused)
{
    iisr_lock_take(&lock);
    inside++;
    while (!count) {
        iisr_lock_sleep(&lock, apr_time_from_sec(50));
    }
    inside--;
    iisr_lock_give(&lock);
    return unused;
}

static void *tell(void *unused)
{
    int ready = 0;

    while (!ready) {
        sched_yield();
        iisr_lock_take(&lock);
        if ((ready = inside == THREADS - 1)) {
            count = 1;
            iisr_lock_announce(&lock);
        }
        iisr_lock_give(&lock);
    }
    return unused;
}

static void *sleep_or_tell(void *unused)
{
    static volatile int tellers;

    return __atomic_fetch_add(&tellers, 1, __ATOMIC_RELAXED) % THREADS
           ? sleep_until_told(unused) : tell(unused);
}

START_TEST(an_announcement_wakes_all)
{
    run(THREADS, sleep_or_tell);
    ck_assert_int_eq(inside, 0);
}
END_TEST

START_TEST(a_sleep_ends_when_its_time_is_over)
{
    apr_time_t start = apr_time_now();
    apr_status_t rv;

    iisr_lock_take(&lock);
    while ((rv = iisr_lock_sleep(&lock, 20000)) == APR_SUCCESS) {
        continue;
    }
    iisr_lock_give(&lock);
    ck_assert(APR_STATUS_IS_TIMEUP(rv));
    ck_assert_int_ge(apr_time_now() - start, 19000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lock");
    TCase *tc = tcase_create("threads");
    SRunner *runner;
    int failed;

    apr_initialize();
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, setup, teardown);
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, one_thread_has_it_at_a_time);
    tcase_add_test(tc, no_announcement_is_missed);
    tcase_add_test(tc, an_announcement_wakes_all);
    tcase_add_test(tc, a_sleep_ends_when_its_time_is_over);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
