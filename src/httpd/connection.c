/* connection.c: what we keep of a connection: made before its first request,
 * found through conn_config, gone with its pool.
 */
#include <httpd.h>
#include <poll.h>
#include <unistd.h>
#include <sys/socket.h>
#include <apr_atomic.h>
#include <apr_portable.h>
#include <ap_mpm.h>
#include <http_config.h>
#include <http_connection.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include "httpd/config.h"
#include "httpd/connection.h"
#include "httpd/frames.h"
#include "httpd/host.h"
#include "httpd/loader.h"
#include "httpd/life.h"
#include "httpd/network.h"
#include "httpd/parking.h"
#include "iface/objects.h"

APLOG_USE_MODULE(iisresp);

#ifndef POLLRDHUP
#define POLLRDHUP 0
#endif

static struct {
    int can_waitio;                 /* the MPM's answer */
    volatile apr_uint32_t next_id;
    apr_uint32_t pid;
} child;

iisr_conn_t *iisr_conn_get(conn_rec *c)
{
    return ap_get_module_config(c->conn_config, &iisresp_module);
}

/* The pool takes the park and the completion's pool with it; with a request
 * that is parked when the MPM could not watch its descriptor. */
static apr_status_t before_pool_goes(void *data)
{
    iisr_conn_t *conn = data;

    if (conn->pending
        && !apr_atomic_read32(&iisr_loader_registry()->terminated)) {
        iisr_parking_fail(conn);
    }
    iisr_parking_restore(conn);
    iisr_conn_disarm(data);
    return APR_SUCCESS;
}

/* Zero is HTTP_NULL_ID. */
apr_uint64_t iisr_conn_new_id(void)
{
    return ((apr_uint64_t)child.pid << 32)
           | apr_atomic_inc32(&child.next_id);
}

/* --- birth and state ---------------------------------------------------- */

static int pre_connection(conn_rec *c, void *csd)
{
    iisr_registry_t *registry = iisr_loader_registry();
    iisr_conn_t *conn, *master;

    if (!registry || !registry->nmodules) {
        return DECLINED;
    }
    conn = apr_pcalloc(c->pool, sizeof(*conn));
    conn->c = c;
    /* Of HTTP/2 all streams are one connection. */
    master = c->master ? iisr_conn_get(c->master) : NULL;
    conn->id = master ? master->id : iisr_conn_new_id();
    if (c->master || apr_os_sock_get(&conn->socket, csd)) {
        conn->socket = -1;
    }
    conn->may_park = child.can_waitio && c->cs && !c->master;
    ap_set_module_config(c->conn_config, &iisresp_module, conn);
    if (conn->may_park) {
        apr_pool_pre_cleanup_register(c->pool, conn, before_pool_goes);
    }
    iisr_frames_watch(c);
    return OK;
}

void iisr_conn_request_over(iisr_conn_t *conn, iisr_host_request_t *hr)
{
    /* Not the next request's, whose flush may be what destroys this one. */
    if (conn->sent_baton == hr->ctx) {
        iisr_conn_forget(conn);
    }
    if (conn->pending == hr) {
        conn->pending = NULL;
    }
}

/* Any thread: nothing here changes while the connection lives, but the flag
 * that httpd sets when a write has failed. */
int iisr_conn_connected(iisr_conn_t *conn)
{
    struct pollfd fd = { .fd = conn->socket, .events = POLLRDHUP };

    if (conn->c->master) {
        /* A stream that is through with is aborted. */
        return (conn->whole || !conn->c->aborted)
               && !conn->c->master->aborted;
    }
    if (conn->c->aborted) {
        return 0;
    }
    return poll(&fd, 1, 0) <= 0
           || !(fd.revents & (POLLHUP | POLLERR | POLLNVAL));
}

int iisr_conn_is_closed(const iisr_conn_t *conn)
{
    apr_socket_t *socket = ap_get_conn_socket(conn->c);
    apr_os_sock_t fd = -1;

    return !conn->c->master
           && (!socket || apr_os_sock_get(&fd, socket) || fd < 0);
}

static int post_config(apr_pool_t *p, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *s)
{
    int can = 0;

    (void)p;
    (void)plog;
    (void)ptemp;
    child.can_waitio = ap_mpm_query(AP_MPMQ_CAN_WAITIO, &can) == APR_SUCCESS
                       && can && IISR_LOOKOUT_AVAILABLE;
    if (ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_CREATE_PRE_CONFIG) {
        ap_log_error(APLOG_MARK, APLOG_INFO, 0, s,
                     "asynchronous requests %s",
                     child.can_waitio
                     ? "are parked: the MPM waits for them and no thread "
                       "does (HTTP/1.x, handler stage)"
                     : IISR_LOOKOUT_AVAILABLE
                     ? "wait on their own threads: this MPM cannot wait for "
                       "them (AP_MPMQ_CAN_WAITIO)"
                     : "wait on their own threads: this system has no epoll, "
                       "or the module was built without it");
    }
    return OK;
}

void iisr_connection_child_init(apr_pool_t *pchild, server_rec *s)
{
    child.pid = getpid();
    child.can_waitio = iisr_life_child_init(pchild, s, child.can_waitio);
}

void iisr_connection_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_pre_connection(pre_connection, NULL, NULL, APR_HOOK_REALLY_FIRST);
    iisr_parking_hooks();
    iisr_network_register();
    iisr_frames_register();
}
