/* threads.c: the child's worker threads, as the scoreboard shows them.  A
 * thread says that it is ready after the MPM has counted it as idle.
 */
#include <unistd.h>
#include <ap_mpm.h>
#include <scoreboard.h>
#include "httpd/threads.h"

static struct {
    int slot;                   /* of the scoreboard; -1: not known yet */
    int threads;
} child = { -1, 0 };

void iisr_threads_child_init(void)
{
    child.slot = -1;
    if (ap_mpm_query(AP_MPMQ_MAX_THREADS, &child.threads) != APR_SUCCESS) {
        child.threads = 0;
    }
}

int iisr_threads_idle(void)
{
    int i, n = 0;

    if (child.slot < 0) {
        /* The parent writes it there after the fork. */
        apr_proc_t self = { .pid = getpid() };

        child.slot = ap_find_child_by_pid(&self);
    }
    for (i = 0; child.slot >= 0 && i < child.threads; i++) {
        const worker_score *ws =
            ap_get_scoreboard_worker_from_indexes(child.slot, i);

        n += ws && (ws->status == SERVER_READY
                    || ws->status == SERVER_GRACEFUL);
    }
    return n;
}
