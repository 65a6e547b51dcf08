/* life.c: the end of a child process, for requests that wait.
 *
 * Graceful restart, graceful stop, MaxConnectionsPerChild: what waits goes
 * on, for IISShutdownTimeLimit; then it is ended, because endless streams
 * would keep old children alive until the scoreboard is full.  A stop ends
 * what is parked at once: the workers have been joined, httpd closes no
 * connection then, and the modules are terminated next.
 */
#include <ap_mpm.h>
#include <apr_atomic.h>
#include <http_log.h>
#include <http_main.h>
#include "async/parked.h"
#include "httpd/config.h"
#include "httpd/life.h"
#include "httpd/parking.h"
#include "httpd/threads.h"

APLOG_USE_MODULE(iisresp);

static struct {
    apr_time_t stop_by;             /* 0: it is not ending; ticks only,
                                     * the first one sets it */
    volatile apr_uint32_t over;
    volatile apr_uint32_t said;
} child;

int iisr_life_is_over(void)
{
    return apr_atomic_read32(&child.over) != 0;
}

int iisr_life_is_ending(void)
{
    int state = 0;

    return ap_mpm_query(AP_MPMQ_MPM_STATE, &state) == APR_SUCCESS
           && state == AP_MPMQ_STOPPING;
}

static apr_time_t stop_by(apr_time_t now)
{
    apr_time_t set = 0, by = now + iisr_shutdown_time_limit();

    return __atomic_compare_exchange_n(&child.stop_by, &set, by, 0,
                                       __ATOMIC_RELAXED, __ATOMIC_RELAXED)
           ? by : set;
}

/* The watchdog's thread, or those of requests that wait on their own. */
void iisr_life_tick(void)
{
    apr_time_t now;

    if (!iisr_life_is_ending()) {
        return;
    }
    now = apr_time_now();
    if (stop_by(now) <= now) {
        apr_atomic_set32(&child.over, 1);
        if (!apr_atomic_xchg32(&child.said, 1)) {
            ap_log_error(APLOG_MARK, APLOG_INFO, 0, ap_server_conf,
                         "IISShutdownTimeLimit is over: requests that still "
                         "wait are ended");
        }
    }
}

static void watchdog_tick(void)
{
    iisr_life_tick();
    if (iisr_life_is_over()) {
        iisr_watchdog_wake_all();
    }
}

/* The workers have been joined. */
static apr_status_t child_stops(void *data)
{
    (void)data;
    apr_atomic_set32(&child.over, 1);
    iisr_watchdog_stop();
    iisr_watchdog_drain(iisr_parking_fail);
    return APR_SUCCESS;
}

int iisr_life_child_init(apr_pool_t *pchild, server_rec *s, int can_park)
{
    apr_status_t rv;

    if (!can_park) {
        return 0;
    }
    iisr_threads_child_init();
    if ((rv = iisr_watchdog_start(watchdog_tick, iisr_threads_idle))) {
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, s, "IISR0402: no watchdog "
                     "thread: asynchronous requests wait on their threads");
        return 0;
    }
    apr_pool_pre_cleanup_register(pchild, NULL, child_stops);
    return 1;
}
