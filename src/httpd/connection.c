/* connection.c: how a request leaves its thread and comes back.
 *
 * A process_connection hook wraps the others, so that it sees the state
 * after the HTTP hook returned.  A request that is pending by us makes it
 * CONN_STATE_ASYNC_WAITIO: the MPM's listener polls and calls again, on any
 * worker thread.  What it polls is the park's descriptor, swapped into the
 * connection's socket for that time and swapped back before anything else
 * touches the socket: first thing in process_connection, in
 * pre_close_connection, and before the pool goes.
 *
 * ap_mpm_resume_suspended does not exist in 2.4: a connection is never left
 * in CONN_STATE_SUSPENDED.
 */
#include <httpd.h>
#include <poll.h>
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
#include "httpd/drive.h"
#include "httpd/host.h"
#include "httpd/loader.h"
#include "httpd/network.h"
#include "iface/objects.h"

APLOG_USE_MODULE(iisresp);

static struct {
    int can_waitio;                 /* the MPM's answer */
    apr_time_t stop_by;             /* graceful stop: parked requests fail */
    volatile apr_uint32_t next_id;
    volatile apr_uint32_t stopping; /* parked requests shall fail */
    apr_uint32_t pid;
} child;

iisr_conn_t *iisr_conn_get(conn_rec *c)
{
    return ap_get_module_config(c->conn_config, &iisresp_module);
}

/* --- the socket's two descriptors --------------------------------------- */

static void put_descriptor(iisr_conn_t *conn, int fd)
{
    apr_socket_t *socket = ap_get_conn_socket(conn->c);
    apr_os_sock_t os = fd;

    apr_os_sock_put(&socket, &os, conn->c->pool);
}

/* Lock held when a request is pending. */
static int restore(iisr_conn_t *conn)
{
    int seen;

    if (!conn->swapped) {
        return 0;
    }
    put_descriptor(conn, conn->socket);
    conn->swapped = 0;
    conn->c->aborted |= conn->lost;
    seen = iisr_park_disarm(conn->park);
    conn->half_closed |= (seen & IISR_SEE_HALF_CLOSED) != 0;
    conn->gone |= (seen & IISR_SEE_GONE) != 0;
    return seen;
}

static apr_status_t before_pool_goes(void *data)
{
    restore(data);
    return APR_SUCCESS;
}

static apr_status_t make_park(iisr_conn_t *conn)
{
    apr_os_sock_t fd;
    apr_status_t rv = apr_os_sock_get(&fd, ap_get_conn_socket(conn->c));

    if (rv == APR_SUCCESS) {
        conn->socket = fd;
        rv = iisr_park_create(&conn->park, fd, conn,
                              conn->c->pool);
    }
    return rv;
}

/* The MPM closes a WAITIO connection after a Timeout, the base server's or
 * the virtual host's: be back before the smaller one. */
static apr_interval_time_t renewal(iisr_host_request_t *hr)
{
    apr_interval_time_t base = hr->conn->c->base_server->timeout;
    apr_interval_time_t host = hr->r->server->timeout;
    apr_interval_time_t renew = (base < host ? base : host) / 2;
    apr_time_t now = apr_time_now();

    if (hr->write_deadline && hr->write_deadline < now + renew) {
        renew = hr->write_deadline > now ? hr->write_deadline - now : 0;
    }
    return renew;
}

/* A read that a module waits for, or a body that is to be discarded. */
static int wants_body(const iisr_host_request_t *hr)
{
    return hr->stage == IISR_STAGE_DISCARD
           || hr->ctx->completion.op[IISR_OP_READ].state
              == IISR_SLOT_OUTSTANDING;
}

/* Lock held: a poster that comes from now on finds the park. */
static int park(iisr_conn_t *conn)
{
    int interest = (wants_body(conn->pending) ? IISR_SEE_READ : 0)
                   | (iisr_conn_has_output(conn) ? IISR_SEE_WRITE : 0)
                   | (conn->half_closed ? IISR_SEE_HALF_CLOSED : 0)
                   | (conn->gone || conn->c->aborted ? IISR_SEE_GONE : 0);
    apr_status_t rv = conn->park ? APR_SUCCESS : make_park(conn);

    if (rv == APR_SUCCESS) {
        rv = iisr_park_arm(conn->park, interest, renewal(conn->pending));
    }
    if (rv != APR_SUCCESS) {
        ap_log_cerror(APLOG_MARK, APLOG_ERR, rv, conn->c,
                      "IISR0401: a request cannot leave its thread: no "
                      "descriptors; it waits on it");
        return 0;
    }
    put_descriptor(conn, iisr_park_descriptor(conn->park));
    conn->swapped = 1;
    /* The MPM would close it under a module that has yet to answer. */
    conn->lost |= conn->c->aborted;
    conn->c->aborted = 0;
    conn->c->cs->state = CONN_STATE_ASYNC_WAITIO;
    conn->c->cs->sense = CONN_SENSE_WANT_READ;
    return 1;
}

/* --- going on with a pending request ------------------------------------ */

/* A client that reads nothing for IISFlushTimeout. */
static void watch_client(iisr_host_request_t *hr, int seen)
{
    iisr_conn_t *conn = hr->conn;

    if (seen & IISR_SEE_WRITE) {
        hr->write_deadline = apr_time_now() + hr->ctx->settings.flush_timeout;
    }
    if (conn->sent || iisr_conn_has_output(conn)) {
        apr_status_t rv = iisr_conn_push(conn);

        if (rv != APR_EAGAIN) {
            hr->write_deadline = 0;
        }
        else if (hr->write_deadline && hr->write_deadline < apr_time_now()) {
            ap_log_rerror(APLOG_MARK, APLOG_INFO, APR_TIMEUP, hr->r,
                          "the client has taken nothing for IISFlushTimeout: "
                          "closing");
            conn->c->aborted = 1;
        }
    }
    if (conn->gone || conn->c->aborted) {
        iisr_drive_client_gone(hr);
    }
}

/* Runs the pending request as far as it goes.  Nonzero: it ended. */
static int go_on(iisr_conn_t *conn)
{
    iisr_host_request_t *hr = conn->pending;
    request_rec *r = hr->r;
    iisr_context_t *ctx = hr->ctx;
    int result, seen;

    apr_thread_mutex_lock(r->invoke_mtx);
    ap_update_child_status(conn->c->sbh, SERVER_BUSY_WRITE, r);
    iisr_enter(ctx);
    ctx->worker = apr_os_thread_current();
    ctx->waiting = 0;
    seen = restore(conn);
    if (apr_atomic_read32(&child.stopping)) {
        conn->c->aborted = 1;
    }
    watch_client(hr, seen);
    if (ctx->completion.op[IISR_OP_READ].state == IISR_SLOT_OUTSTANDING) {
        iisr_request_resume_read(ctx);
    }
    iisr_context_run_jobs(ctx);
    conn->pending = NULL;
    result = iisr_drive(hr);
    if (result == SUSPENDED) {
        conn->pending = hr;
    }
    iisr_leave(ctx);
    apr_thread_mutex_unlock(r->invoke_mtx);
    if (result != SUSPENDED) {
        iisr_drive_end(hr, result);
        return 1;
    }
    return 0;
}

static int process_connection(conn_rec *c)
{
    iisr_conn_t *conn = iisr_conn_get(c);
    iisr_context_t *ctx;
    int rc = OK;

    if (!conn || !conn->may_park || conn->inside) {
        return DECLINED;
    }
    if (!conn->pending) {
        conn->inside = 1;
        rc = ap_run_process_connection(c);
        conn->inside = 0;
    }
    else if (go_on(conn)) {
        return OK;
    }
    while (conn->pending) {
        int parked = 0;

        ctx = conn->pending->ctx;
        iisr_enter(ctx);
        if (!iisr_context_runnable(ctx)) {
            parked = park(conn);
        }
        iisr_leave(ctx);
        if (parked || go_on(conn)) {
            return OK;
        }
    }
    return rc;
}

/* The MPM gives up on the connection: Timeout, shutdown, an error.  Its
 * flush would block on a client that does not read. */
static int pre_close_connection(conn_rec *c)
{
    iisr_conn_t *conn = iisr_conn_get(c);
    iisr_host_request_t *hr = conn ? conn->pending : NULL;
    int result;

    if (!hr) {
        return DECLINED;
    }
    iisr_enter(hr->ctx);
    hr->ctx->worker = apr_os_thread_current();
    hr->ctx->waiting = 0;
    restore(conn);
    c->aborted = 1;
    c->keepalive = AP_CONN_CLOSE;
    conn->pending = NULL;
    iisr_drive_client_gone(hr);
    iisr_context_run_jobs(hr->ctx);
    /* What is due is delivered; a module that then still waits for a post
     * of its own keeps its context until that has come. */
    result = iisr_drive(hr);
    iisr_leave(hr->ctx);
    iisr_drive_end(hr, result == SUSPENDED ? DONE : result);
    return OK;
}

/* --- birth and state ---------------------------------------------------- */

static int pre_connection(conn_rec *c, void *csd)
{
    iisr_registry_t *registry = iisr_loader_registry();
    iisr_conn_t *conn;

    (void)csd;
    if (!registry || !registry->nmodules) {
        return DECLINED;
    }
    conn = apr_pcalloc(c->pool, sizeof(*conn));
    conn->c = c;
    conn->id = ((apr_uint64_t)child.pid << 32)
               | apr_atomic_inc32(&child.next_id);
    conn->may_park = child.can_waitio && c->cs && !c->master;
    ap_set_module_config(c->conn_config, &iisresp_module, conn);
    if (conn->may_park) {
        iisr_network_add(conn);
        apr_pool_pre_cleanup_register(c->pool, conn, before_pool_goes);
    }
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

int iisr_conn_connected(iisr_conn_t *conn)
{
    struct pollfd fd = { .events = POLLRDHUP };
    apr_os_sock_t os;

    if (conn->gone || conn->c->aborted) {
        return 0;
    }
    if (conn->c->master) {
        return !conn->c->master->aborted;
    }
    if (conn->swapped) {
        fd.fd = conn->socket;
    }
    else {
        if (apr_os_sock_get(&os, ap_get_conn_socket(conn->c))) {
            return 1;
        }
        fd.fd = os;
    }
    if (poll(&fd, 1, 0) > 0 && (fd.revents & (POLLHUP | POLLERR))) {
        conn->gone = 1;
    }
    return !conn->gone;
}

static int post_config(apr_pool_t *p, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *s)
{
    int can = 0;

    (void)p;
    (void)plog;
    (void)ptemp;
    child.can_waitio = ap_mpm_query(AP_MPMQ_CAN_WAITIO, &can) == APR_SUCCESS
                       && can && IISR_PARK_AVAILABLE;
    if (ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_CREATE_PRE_CONFIG) {
        ap_log_error(APLOG_MARK, APLOG_INFO, 0, s,
                     "asynchronous requests %s",
                     child.can_waitio
                     ? "are parked: the MPM waits for them and no thread "
                       "does (HTTP/1.x, handler stage)"
                     : "wait on their own threads: this MPM cannot wait for "
                       "them (AP_MPMQ_CAN_WAITIO)");
    }
    return OK;
}

/* Once a second: endless streams must not keep an old child alive. */
static void tick(void)
{
    int state = 0;
    apr_time_t now = apr_time_now();

    if (ap_mpm_query(AP_MPMQ_MPM_STATE, &state) != APR_SUCCESS
        || state != AP_MPMQ_STOPPING) {
        return;
    }
    if (!child.stop_by) {
        child.stop_by = now + iisr_shutdown_time_limit();
    }
    if (child.stop_by <= now) {
        apr_atomic_set32(&child.stopping, 1);
        iisr_watchdog_wake_all();
    }
}

static void fail_parked(void *conn)
{
    pre_close_connection(((iisr_conn_t *)conn)->c);
}

/* The workers have been joined; an ungraceful stop closes no connection.
 * What is parked is logged and ends before the modules do. */
static apr_status_t child_stops(void *data)
{
    (void)data;
    apr_atomic_set32(&child.stopping, 1);
    iisr_watchdog_stop();
    iisr_watchdog_drain(fail_parked);
    return APR_SUCCESS;
}

void iisr_connection_child_init(apr_pool_t *pchild, server_rec *s)
{
    apr_status_t rv;

    child.pid = getpid();
    if (!child.can_waitio) {
        return;
    }
    if ((rv = iisr_watchdog_start(tick))) {
        child.can_waitio = 0;
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, s, "IISR0402: no watchdog "
                     "thread: asynchronous requests wait on their threads");
        return;
    }
    apr_pool_pre_cleanup_register(pchild, NULL, child_stops);
}

void iisr_connection_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
    /* Before mod_ssl, whose output filter must come above ours. */
    ap_hook_pre_connection(pre_connection, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_process_connection(process_connection, NULL, NULL,
                               APR_HOOK_REALLY_FIRST);
    ap_hook_pre_close_connection(pre_close_connection, NULL, NULL,
                                 APR_HOOK_REALLY_FIRST);
    iisr_network_register();
}
