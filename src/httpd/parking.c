/* parking.c: how a request leaves its thread and comes back.
 *
 * A process_connection hook wraps the others, so that it sees the state
 * after the HTTP hook returned.  A request that is pending by us makes it
 * CONN_STATE_ASYNC_WAITIO: the MPM's listener polls and calls again, on any
 * worker thread.  What it polls is the park's descriptor, swapped into the
 * connection's socket for that time and swapped back before anything else
 * touches the socket: first thing in process_connection, in
 * pre_close_connection, and before the pool goes.  A httpd that stops at once
 * closes the sockets of its threads under them (close_worker_sockets): the
 * descriptor that was in it is closed then, and the other one is not.
 *
 * ap_mpm_resume_suspended does not exist in 2.4: a connection is never left
 * in CONN_STATE_SUSPENDED.  And with c->aborted set the MPM would close the
 * connection under a module that has yet to answer: `lost` keeps it for the
 * time of a park.
 */
#include <httpd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#ifdef __linux__
#include <linux/sockios.h>
#endif
#include <apr_portable.h>
#include <http_config.h>
#include <http_connection.h>
#include <http_core.h>
#include <http_log.h>
#include <http_request.h>
#include <scoreboard.h>
#include "httpd/connection.h"
#include "httpd/drive.h"
#include "httpd/host.h"
#include "httpd/life.h"
#include "httpd/network.h"
#include "httpd/parking.h"

APLOG_USE_MODULE(iisresp);

/* --- the socket's two descriptors --------------------------------------- */

static void put_descriptor(iisr_conn_t *conn, int fd)
{
    apr_socket_t *socket = ap_get_conn_socket(conn->c);
    apr_os_sock_t os = fd;

    apr_os_sock_put(&socket, &os, conn->c->pool);
}

int iisr_parking_restore(iisr_conn_t *conn)
{
    int seen;

    if (!conn->swapped) {
        return 0;
    }
    if (iisr_conn_is_closed(conn)) {
        /* It was the park's descriptor that httpd closed. */
        iisr_park_lost(conn->park);
        shutdown(conn->socket, SHUT_RDWR);
        conn->lost = 1;
    }
    else {
        put_descriptor(conn, conn->socket);
    }
    conn->swapped = 0;
    conn->c->aborted |= conn->lost;
    seen = iisr_park_disarm(conn->park);
    conn->half_closed |= (seen & IISR_SEE_HALF_CLOSED) != 0;
    conn->gone |= (seen & IISR_SEE_GONE) != 0;
    return seen;
}

/* --- how long, and for what --------------------------------------------- */

/* The MPM closes a WAITIO connection after a Timeout, the base server's or
 * the virtual host's: be back before the smaller one. */
static apr_interval_time_t renewal(const iisr_host_request_t *hr)
{
    apr_interval_time_t base = hr->conn->c->base_server->timeout;
    apr_interval_time_t host = hr->r->server->timeout;
    apr_interval_time_t renew = (base < host ? base : host) / 2;
    apr_time_t now = apr_time_now(), deadline = hr->write_deadline;

    if (deadline) {
        /* And in time to see that it does read, if slowly. */
        apr_interval_time_t half = hr->ctx->settings.flush_timeout / 2;

        renew = half < renew ? half : renew;
    }
    if (hr->read_deadline && (!deadline || hr->read_deadline < deadline)) {
        deadline = hr->read_deadline;
    }
    if (deadline && deadline < now + renew) {
        renew = deadline > now ? deadline - now : 0;
    }
    return renew;
}

/* A read that a module waits for, or a body that is to be discarded. */
static int wants_body(const iisr_host_request_t *hr)
{
    return hr->stage == IISR_STAGE_DISCARD
           || iisr_completion_is_outstanding(&hr->ctx->completion,
                                             IISR_OP_READ);
}

/* Lock held: a poster that comes from now on finds the park. */
static int park(iisr_conn_t *conn)
{
    int interest = (wants_body(conn->pending) ? IISR_SEE_READ : 0)
                   | (iisr_conn_has_output(conn) ? IISR_SEE_WRITE : 0)
                   | (conn->half_closed ? IISR_SEE_HALF_CLOSED : 0)
                   | (conn->gone || conn->c->aborted ? IISR_SEE_GONE : 0);
    apr_status_t rv;

    if (iisr_conn_is_closed(conn)) {
        return 0;
    }
    rv = conn->park ? APR_SUCCESS
        : iisr_park_create(&conn->park, conn->socket, conn, conn->c->pool);
    if (rv == APR_SUCCESS) {
        rv = iisr_park_arm(conn->park, interest, renewal(conn->pending));
    }
    if (rv != APR_SUCCESS) {
        ap_log_cerror(APLOG_MARK, APLOG_ERR, rv, conn->c,
                      "IISR0401: a request cannot leave its thread, which "
                      "takes a descriptor: it waits on it");
        return 0;
    }
    put_descriptor(conn, iisr_park_descriptor(conn->park));
    conn->swapped = 1;
    conn->lost |= conn->c->aborted;
    conn->c->aborted = 0;
    conn->c->cs->state = CONN_STATE_ASYNC_WAITIO;
    conn->c->cs->sense = CONN_SENSE_WANT_READ;
    return 1;
}

/* No park: what is under way is brought to its end on this thread, and from
 * now on the request waits on it.  Lock held. */
static void stay(iisr_conn_t *conn)
{
    iisr_host_request_t *hr = conn->pending;

    hr->may_leave = 0;
    if (iisr_conn_has_output(conn)) {
        iisr_network_add(conn, hr->r);
        iisr_conn_finish(conn, hr->ctx->settings.flush_timeout);
    }
    hr->ctx->read_wanted = 1;
}

/* --- watching the client ------------------------------------------------ */

/* What the kernel has not got rid of; it shrinks while the client reads,
 * long before there is room enough to be told of. */
static int unsent(iisr_conn_t *conn)
{
    int n = 0;

#ifdef SIOCOUTQ
    if (ioctl(conn->socket, SIOCOUTQ, &n)) {
        n = 0;
    }
#endif
    return n;
}

static void give_up(iisr_host_request_t *hr, const char *why)
{
    ap_log_rerror(APLOG_MARK, APLOG_INFO, APR_TIMEUP, hr->r,
                  "%s: closing the connection", why);
    hr->conn->c->aborted = 1;
}

void iisr_conn_watch_write(iisr_host_request_t *hr)
{
    hr->unsent = unsent(hr->conn);
    hr->write_deadline = apr_time_now() + hr->ctx->settings.flush_timeout;
}

/* A client that reads nothing for IISFlushTimeout.  What it took is seen
 * before more is written: a push may fill the queue up again. */
static void push(iisr_host_request_t *hr, int seen)
{
    iisr_conn_t *conn = hr->conn;
    int took = (seen & IISR_SEE_WRITE) || unsent(conn) < hr->unsent;

    iisr_network_add(conn, hr->r);
    if (iisr_conn_push(conn) != APR_EAGAIN) {
        hr->write_deadline = 0;
        return;
    }
    hr->unsent = unsent(conn);
    if (!hr->write_deadline || took) {
        iisr_conn_watch_write(hr);
    }
    else if (hr->write_deadline < apr_time_now()) {
        give_up(hr, "the client has taken nothing for IISFlushTimeout");
    }
}

/* A client that announced a body and sends nothing for Timeout. */
static void watch_body(iisr_host_request_t *hr, int seen)
{
    if (!wants_body(hr)) {
        hr->read_deadline = 0;
    }
    else if (!hr->read_deadline || (seen & IISR_SEE_READ)) {
        hr->read_deadline = apr_time_now() + hr->r->server->timeout;
    }
    else if (hr->read_deadline < apr_time_now()) {
        give_up(hr, "the client has sent nothing of its body for Timeout");
    }
}

static void watch_client(iisr_host_request_t *hr, int seen)
{
    iisr_conn_t *conn = hr->conn;

    if (conn->sent || iisr_conn_has_output(conn)) {
        push(hr, seen);
    }
    watch_body(hr, seen);
    if (iisr_life_is_over()) {
        conn->c->aborted = 1;
    }
    if (conn->gone || conn->c->aborted) {
        iisr_drive_client_gone(hr);
    }
    if (iisr_life_is_over()) {
        iisr_context_abandon(hr->ctx, HRESULT_FROM_WIN32(
                                          ERROR_OPERATION_ABORTED));
    }
    iisr_completion_watch(hr->ctx, hr->ctx->settings.pending_warning);
}

/* --- going on with a pending request ------------------------------------ */

/* Runs the pending request as far as it goes.  Nonzero: it ended. */
static int go_on(iisr_conn_t *conn)
{
    iisr_host_request_t *hr = conn->pending;
    request_rec *r = hr->r;
    iisr_context_t *ctx = hr->ctx;
    int result;

    apr_thread_mutex_lock(r->invoke_mtx);
    ap_update_child_status(conn->c->sbh, SERVER_BUSY_WRITE, r);
    iisr_enter(ctx);
    iisr_context_resume(ctx);
    watch_client(hr, iisr_parking_restore(conn));
    if (iisr_completion_is_outstanding(&ctx->completion, IISR_OP_READ)) {
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

static int work(iisr_conn_t *conn)
{
    iisr_context_t *ctx;
    int rc = OK;

    if (!conn->pending) {
        conn->inside = 1;
        rc = ap_run_process_connection(conn->c);
        conn->inside = 0;
    }
    else if (go_on(conn)) {
        return OK;
    }
    while (conn->pending) {
        int parked = 0;

        ctx = conn->pending->ctx;
        iisr_enter(ctx);
        if (!iisr_context_runnable(ctx) && !(parked = park(conn))) {
            stay(conn);
        }
        iisr_leave(ctx);
        if (parked || go_on(conn)) {
            return OK;
        }
    }
    return rc;
}

static int process_connection(conn_rec *c)
{
    iisr_conn_t *conn = iisr_conn_get(c);
    int rc;

    if (!conn || !conn->may_park || conn->inside) {
        return DECLINED;
    }
    rc = work(conn);
    if (conn->park) {
        iisr_park_leave(conn->park);
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
    iisr_context_resume(hr->ctx);
    iisr_parking_restore(conn);
    c->aborted = 1;
    c->keepalive = AP_CONN_CLOSE;
    conn->pending = NULL;
    iisr_drive_client_gone(hr);
    iisr_context_run_jobs(hr->ctx);
    /* What is due is delivered; a module that then still waits is not waited
     * for. */
    iisr_context_abandon(hr->ctx,
                         HRESULT_FROM_WIN32(ERROR_CONNECTION_ABORTED));
    result = iisr_drive(hr);
    iisr_leave(hr->ctx);
    iisr_drive_end(hr, result == SUSPENDED ? DONE : result);
    if (conn->park) {
        iisr_park_leave(conn->park);
    }
    return OK;
}

void iisr_parking_fail(void *data)
{
    iisr_conn_t *conn = data;

    pre_close_connection(conn->c);
    if (!iisr_conn_is_closed(conn)) {
        /* httpd leaves that to the end of the process, which modules may put
         * off. */
        shutdown(conn->socket, SHUT_RDWR);
    }
}

void iisr_parking_hooks(void)
{
    ap_hook_process_connection(process_connection, NULL, NULL,
                               APR_HOOK_REALLY_FIRST);
    ap_hook_pre_close_connection(pre_close_connection, NULL, NULL,
                                 APR_HOOK_REALLY_FIRST);
}
