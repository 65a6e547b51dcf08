/* test_parked.c: parked requests are called in turn, while threads are idle;
 * how many are is the test's to say.
 */
#include <check.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <apr_atomic.h>
#include <apr_general.h>
#include "async/parked.h"

#define PARKS 600

static apr_pool_t *pool;
static iisr_park_t *parks[PARKS];
static int sockets[PARKS][2];
static volatile apr_uint32_t idle;
static int nparks;

static int threads(void)
{
    return (int)apr_atomic_read32(&idle);
}

static void tick(void)
{
}

static void start(int n, int idle_threads)
{
    int i;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    apr_atomic_set32(&idle, idle_threads);
    ck_assert_int_eq(iisr_watchdog_start(tick, threads), APR_SUCCESS);
    nparks = n;
    for (i = 0; i < n; i++) {
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets[i]), 0);
        ck_assert_int_eq(iisr_park_create(&parks[i], sockets[i][0], NULL,
                                          pool), APR_SUCCESS);
        ck_assert_int_eq(iisr_park_arm(parks[i], 0, apr_time_from_sec(60)),
                         APR_SUCCESS);
    }
}

static void stop(void)
{
    int i;

    iisr_watchdog_stop();
    apr_pool_destroy(pool);
    for (i = 0; i < nparks; i++) {
        close(sockets[i][0]);
        close(sockets[i][1]);
    }
}

static int is_called(int i)
{
    struct pollfd fd = { .fd = iisr_park_descriptor(parks[i]),
                         .events = POLLIN };

    return poll(&fd, 1, 0) == 1;
}

static int called(void)
{
    int i, n = 0;

    for (i = 0; i < nparks; i++) {
        n += is_called(i);
    }
    return n;
}

/* Until so many are, or 10 s have gone. */
static int called_at_last(int wanted)
{
    int i;

    for (i = 0; i < 10000 && called() != wanted; i++) {
        usleep(1000);
    }
    return called();
}

START_TEST(parks_are_called_in_turn_while_a_thread_stays_idle)
{
    int i;

    start(5, 3);
    for (i = 4; i >= 0; i--) {
        iisr_park_wake(parks[i]);
        iisr_park_wake(parks[i]);
    }
    ck_assert(is_called(4) && is_called(3) && called() == 2);
    /* A thread comes, works, and goes again. */
    apr_atomic_set32(&idle, 2);
    ck_assert_int_eq(iisr_park_disarm(parks[4]), 0);
    ck_assert(is_called(3) && called() == 1);
    apr_atomic_set32(&idle, 3);
    iisr_park_leave(parks[4]);
    ck_assert(is_called(3) && is_called(2) && called() == 2);
    stop();
}
END_TEST

START_TEST(a_park_that_is_armed_again_waits_for_its_next_turn)
{
    start(2, 2);
    iisr_park_wake(parks[0]);
    iisr_park_wake(parks[1]);
    ck_assert(is_called(0) && called() == 1);
    apr_atomic_set32(&idle, 1);
    iisr_park_disarm(parks[0]);
    ck_assert_int_eq(called(), 0);
    iisr_park_wake(parks[0]);           /* not armed: nothing */
    iisr_park_arm(parks[0], 0, apr_time_from_sec(60));
    iisr_park_wake(parks[0]);
    apr_atomic_set32(&idle, 2);
    iisr_park_leave(parks[0]);
    ck_assert(is_called(1) && called() == 1);
    iisr_park_disarm(parks[1]);
    iisr_park_leave(parks[1]);
    ck_assert(is_called(0) && called() == 1);
    stop();
}
END_TEST

START_TEST(a_park_that_goes_gives_up_its_turn)
{
    apr_pool_t *own;
    iisr_park_t *park;

    start(2, 2);
    iisr_park_wake(parks[0]);
    apr_pool_create(&own, pool);
    iisr_park_create(&park, sockets[1][1], NULL, own);
    iisr_park_arm(park, 0, apr_time_from_sec(60));
    iisr_park_wake(park);
    iisr_park_wake(parks[1]);
    apr_pool_destroy(own);
    iisr_park_disarm(parks[0]);
    iisr_park_leave(parks[0]);
    ck_assert(is_called(1) && called() == 1);
    stop();
}
END_TEST

/* Nothing else happens: the watchdog must see it. */
START_TEST(no_idle_thread_is_no_reason_to_wait_for_ever)
{
    start(3, 0);
    iisr_park_wake(parks[0]);
    iisr_park_wake(parks[1]);
    ck_assert_int_eq(called_at_last(1), 1);
    ck_assert(is_called(0));
    apr_atomic_set32(&idle, 3);
    ck_assert_int_eq(called_at_last(2), 2);
    stop();
}
END_TEST

/* The one that was called holds its thread; the last goes to the next. */
START_TEST(a_thread_that_does_not_come_back_holds_nobody_up)
{
    start(3, 1);
    iisr_park_wake(parks[0]);
    iisr_park_wake(parks[1]);
    ck_assert(is_called(0) && called() == 1);
    iisr_park_disarm(parks[0]);
    ck_assert_int_eq(called_at_last(1), 1);
    ck_assert(is_called(1));
    stop();
}
END_TEST

START_TEST(a_park_is_woken_when_its_time_has_come)
{
    start(2, 4);
    iisr_park_disarm(parks[1]);
    iisr_park_arm(parks[1], 0, 0);
    ck_assert_int_eq(called_at_last(1), 1);
    ck_assert(is_called(1));
    iisr_watchdog_wake_all();
    ck_assert_int_eq(called(), 2);
    stop();
}
END_TEST

START_TEST(the_client_is_watched_as_far_as_is_wanted)
{
    start(1, 4);
    ck_assert_int_eq(write(sockets[0][1], "x", 1), 1);
    ck_assert_int_eq(called(), 0);
    iisr_park_disarm(parks[0]);
    iisr_park_arm(parks[0], IISR_SEE_READ, apr_time_from_sec(60));
    ck_assert_int_eq(called(), 1);
    ck_assert_int_eq(iisr_park_disarm(parks[0]), IISR_SEE_READ);
    iisr_park_arm(parks[0], IISR_SEE_WRITE, apr_time_from_sec(60));
    ck_assert_int_eq(iisr_park_disarm(parks[0]), IISR_SEE_WRITE);
    iisr_park_arm(parks[0], 0, apr_time_from_sec(60));
    shutdown(sockets[0][1], SHUT_WR);
    ck_assert_int_eq(iisr_park_disarm(parks[0]), IISR_SEE_HALF_CLOSED);
    iisr_park_arm(parks[0], IISR_SEE_HALF_CLOSED, apr_time_from_sec(60));
    ck_assert_int_eq(called(), 0);
    close(sockets[0][1]);
    sockets[0][1] = -1;
    ck_assert(iisr_park_disarm(parks[0]) & IISR_SEE_GONE);
    iisr_park_arm(parks[0], IISR_SEE_GONE, apr_time_from_sec(60));
    ck_assert_int_eq(called(), 0);
    iisr_park_wake(parks[0]);
    ck_assert_int_eq(called(), 1);
    stop();
}
END_TEST

/* All of them inside one epoll descriptor, as the MPM has them: there the
 * kernel counts the paths that lead from what wakes them. */
START_TEST(the_kernel_refuses_no_call_of_hundreds)
{
    int i, all = epoll_create1(0);

    start(PARKS, 10 * PARKS);
    for (i = 0; i < PARKS; i++) {
        struct epoll_event event = { .events = EPOLLIN };

        ck_assert_int_eq(epoll_ctl(all, EPOLL_CTL_ADD,
                                   iisr_park_descriptor(parks[i]), &event),
                         0);
    }
    iisr_watchdog_wake_all();
    ck_assert_int_eq(called(), IISR_COMING_MOST);
    for (i = 0; i < PARKS; i++) {
        ck_assert_msg(is_called(i), "%d", i);
        iisr_park_disarm(parks[i]);
        iisr_park_leave(parks[i]);
    }
    ck_assert_int_eq(called(), 0);
    close(all);
    stop();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("parked");
    TCase *tc = tcase_create("turns");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 60);
    suite_add_tcase(suite, tc);
    tcase_add_test(tc, parks_are_called_in_turn_while_a_thread_stays_idle);
    tcase_add_test(tc, a_park_that_is_armed_again_waits_for_its_next_turn);
    tcase_add_test(tc, a_park_that_goes_gives_up_its_turn);
    tcase_add_test(tc, no_idle_thread_is_no_reason_to_wait_for_ever);
    tcase_add_test(tc, a_thread_that_does_not_come_back_holds_nobody_up);
    tcase_add_test(tc, a_park_is_woken_when_its_time_has_come);
    tcase_add_test(tc, the_client_is_watched_as_far_as_is_wanted);
    tcase_add_test(tc, the_kernel_refuses_no_call_of_hundreds);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
