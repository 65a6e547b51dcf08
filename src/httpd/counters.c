/* counters.c: shared memory of all children, made with the configuration:
 * counters, and one word in which a child asks for a graceful restart.  A
 * child may not signal the parent, which is usually root; the parent looks
 * at the word in its maintenance (every ten seconds).
 */
#include <httpd.h>
#include <signal.h>
#include <unistd.h>
#include <apr_atomic.h>
#include <apr_shm.h>
#include <ap_mpm.h>
#include <http_config.h>
#include <http_log.h>
#include <mpm_common.h>
#include "httpd/counters.h"
#include "httpd/host.h"
#include "iface/objects.h"

APLOG_USE_MODULE(iisresp);

/* Of the configuration that was read last. */
static struct shared_t {
    volatile apr_uint32_t *restart;
    volatile apr_uint32_t *cells;
    int sites;                          /* and one for the server */
} shared;

static apr_status_t forget(void *data)
{
    (void)data;
    memset(&shared, 0, sizeof(shared));
    return APR_SUCCESS;
}

static int make(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                server_rec *s)
{
    apr_shm_t *shm;
    apr_size_t size;
    server_rec *vhost;
    int sites = 1;

    (void)plog;
    (void)ptemp;
    for (vhost = s; vhost; vhost = vhost->next) {
        sites++;
    }
    size = (1 + (apr_size_t)sites * IISR_COUNTERS) * sizeof(apr_uint32_t);
    if (apr_shm_create(&shm, size, NULL, pconf) != APR_SUCCESS) {
        /* Then each child counts for itself. */
        return OK;
    }
    memset(apr_shm_baseaddr_get(shm), 0, size);
    shared.restart = apr_shm_baseaddr_get(shm);
    shared.cells = shared.restart + 1;
    shared.sites = sites;
    apr_pool_cleanup_register(pconf, NULL, forget, apr_pool_cleanup_null);
    return OK;
}

volatile apr_uint32_t *iisr_counters_cells(int site)
{
    return shared.cells && site < shared.sites
           ? shared.cells + (apr_size_t)site * IISR_COUNTERS : NULL;
}

int iisr_counters_ask_restart(void)
{
    if (!shared.restart) {
        return 0;
    }
    apr_atomic_set32(shared.restart, 1);
    return 1;
}

/* In the parent. */
static int look(apr_pool_t *p, server_rec *s)
{
    (void)p;
    if (shared.restart && apr_atomic_xchg32(shared.restart, 0)) {
        ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, s, "a module asked for the "
                     "process to be recycled: graceful restart");
        kill(getpid(), AP_SIG_GRACEFUL);
    }
    return DECLINED;
}

void iisr_counters_register_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_post_config(make, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_monitor(look, NULL, NULL, APR_HOOK_MIDDLE);
}
