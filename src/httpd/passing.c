/* passing.c: how a response leaves, and how one ends that breaks off. */
#include <httpd.h>
#include <sys/socket.h>
#include <apr_portable.h>
#include <http_core.h>
#include <util_filter.h>
#include "httpd/entrance.h"
#include "httpd/filters.h"
#include "httpd/frames.h"
#include "httpd/network.h"
#include "httpd/passing.h"
#include "httpd/streams.h"

/* --- the end ------------------------------------------------------------- */

void iisr_pass_break_off(iisr_host_request_t *hr, apr_uint32_t code)
{
    conn_rec *c = hr->r->connection;

    if (c->master) {
        iisr_stream_reset(hr, code);
    }
    /* What core has not written it drops, and with it the last chunk. */
    c->aborted = 1;
}

void iisr_pass_take_end(apr_bucket_brigade *bb)
{
    apr_bucket *b = APR_BRIGADE_LAST(bb);

    if (b != APR_BRIGADE_SENTINEL(bb) && APR_BUCKET_IS_EOS(b)) {
        apr_bucket_delete(b);
    }
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_flush_create(bb->bucket_alloc));
}

/* The close that follows sends RST instead of FIN. */
static void close_with_reset(conn_rec *c)
{
    struct linger now = { .l_onoff = 1, .l_linger = 0 };
    apr_os_sock_t fd;

    if (!c->master && ap_get_conn_socket(c)
        && apr_os_sock_get(&fd, ap_get_conn_socket(c)) == APR_SUCCESS) {
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    }
}

void iisr_pass_abort(iisr_host_request_t *hr, iisr_end_e how)
{
    const iisr_response_t *res = &hr->ctx->response;
    conn_rec *c = hr->r->connection;

    c->keepalive = AP_CONN_CLOSE;
    if (how == IISR_END_CLOSE
        || (hr->child && how != IISR_END_RESET && !res->is_reset)) {
        /* What a child could not send is missed in its parent's response,
         * which knows of it. */
        return;
    }
    if (how == IISR_END_SHORT) {
        hr->falls_short = 1;
        return;
    }
    if (how == IISR_END_RESET) {
        close_with_reset(c);
    }
    iisr_pass_break_off(hr, res->is_reset ? res->reset_code
                            : how == IISR_END_RESET ? IISR_H2_CANCEL
                            : IISR_H2_INTERNAL_ERROR);
}

/* --- a pass -------------------------------------------------------------- */

/* Core waits for a Timeout at most whenever the client takes nothing; here
 * that is IISFlushTimeout. */
IISR_FLAT apr_status_t pass_and_wait(iisr_host_request_t *hr,
                                     ap_filter_t *top, apr_bucket_brigade *bb)
{
    conn_rec *c = hr->r->connection;
    apr_socket_t *socket = c->master ? NULL : ap_get_conn_socket(c);
    apr_interval_time_t usual = hr->ctx->settings.flush_timeout;
    unsigned int depth;
    apr_status_t rv;

    if (socket && usual != hr->r->server->timeout) {
        apr_socket_timeout_get(socket, &usual);
        apr_socket_timeout_set(socket, hr->ctx->settings.flush_timeout);
    }
    depth = iisr_context_go_down(hr->ctx);
    rv = c->master ? iisr_stream_pass(hr, top, bb) : ap_pass_brigade(top, bb);
    iisr_context_come_up(hr->ctx, depth);
    apr_brigade_cleanup(bb);
    if (socket && usual != hr->ctx->settings.flush_timeout) {
        apr_socket_timeout_set(socket, usual);
    }
    return rv;
}

static apr_status_t pass_short(iisr_host_request_t *hr,
                               apr_bucket_brigade *bb)
{
    apr_status_t rv;

    iisr_pass_take_end(bb);
    rv = pass_and_wait(hr, iisr_entrance(hr, bb), bb);
    iisr_pass_break_off(hr, IISR_H2_INTERNAL_ERROR);
    return rv;
}

/* Of a stream, its pass says whether it was delivered: c->aborted may say
 * that it is through with. */
static apr_status_t pass_stream(iisr_host_request_t *hr,
                                apr_bucket_brigade *bb)
{
    conn_rec *c = hr->r->connection;
    apr_status_t rv;

    if (hr->conn->whole) {
        /* Nothing of it would leave: a status without a body. */
        apr_brigade_cleanup(bb);
        return APR_SUCCESS;
    }
    rv = pass_and_wait(hr, iisr_entrance(hr, bb), bb);
    if (iisr_stream_is_whole(hr, rv)) {
        hr->conn->whole = 1;
        return APR_SUCCESS;
    }
    return rv == APR_SUCCESS && c->aborted ? APR_ECONNABORTED : rv;
}

static apr_status_t pass_blocking(iisr_host_request_t *hr,
                                  apr_bucket_brigade *bb)
{
    conn_rec *c = hr->r->connection;
    apr_status_t rv;

    if (hr->falls_short) {
        return pass_short(hr, bb);
    }
    if (c->master) {
        return pass_stream(hr, bb);
    }
    rv = pass_and_wait(hr, iisr_entrance(hr, bb), bb);
    return rv == APR_SUCCESS && c->aborted ? APR_ECONNABORTED : rv;
}

static apr_status_t pass_as(iisr_host_request_t *hr, apr_bucket_brigade *bb,
                            iisr_pass_e how, iisr_sent_fn sent, void *baton)
{
    conn_rec *c = hr->r->connection;
    apr_status_t rv;

    if (c->aborted && !hr->conn->whole) {
        apr_brigade_cleanup(bb);
        return APR_ECONNABORTED;
    }
    if (how == IISR_PASS_ASYNC && hr->may_leave && !hr->falls_short) {
        iisr_network_add(hr->conn, hr->r);
        rv = iisr_conn_pass(hr->conn, iisr_entrance(hr, bb), bb, sent,
                            baton);
        if (hr->conn->sent && !hr->write_deadline) {
            iisr_conn_watch_write(hr);
        }
        return rv;
    }
    rv = pass_blocking(hr, bb);
    if (rv == APR_SUCCESS && how == IISR_PASS_ASYNC) {
        sent(baton, APR_SUCCESS);
    }
    return rv;
}

apr_status_t iisr_pass(iisr_host_request_t *hr, apr_bucket_brigade *bb,
                       iisr_pass_e how, iisr_sent_fn sent, void *baton)
{
    int outer = hr->own_pass, begun = hr->begun;
    apr_status_t rv;

    if (hr->trial) {
        /* It is only asked. */
        apr_brigade_cleanup(bb);
        return APR_ECONNABORTED;
    }
    iisr_filters_hold(hr);
    hr->own_pass = 1;
    rv = pass_as(hr, bb, how, sent, baton);
    hr->own_pass = outer;
    if (rv != APR_SUCCESS && hr->r->sent_bodyct && begun == hr->begun
        && !hr->r->connection->aborted) {
        /* A filter failed in the middle of a body and answered nothing. */
        iisr_pass_break_off(hr, IISR_H2_INTERNAL_ERROR);
    }
    return rv;
}
