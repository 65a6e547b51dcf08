/* network.c: the network filter, directly above core's, and the completion
 * bucket.
 *
 * It is added by a connection's first asynchronous pass; others pay nothing.
 * Filters above need FLUSH buckets to let go of what they hold; core would
 * block on them.  So in an asynchronous pass this filter removes them, and
 * hands core no more than FlushMaxThreshold bytes of memory at a time, above
 * which core blocks too; what core is not to get yet is kept.  Everything
 * else goes through untouched.
 *
 * A flush that core can take without blocking goes straight to it, with a
 * FLUSH ahead of the data: core then writes, deletes that bucket as nothing is
 * unsent before it, and has none left to wait for; what the client does not
 * take is set aside.  Mostly nothing is, and the flush is complete.
 *
 * Otherwise the completion bucket follows it into core.  Core destroys buckets
 * in order as it writes: the bucket's destroy clears a pool, whose cleanup
 * records the completion.  That happens when the last byte before it has
 * been accepted, when the client is gone, and when the connection is torn
 * down: once.  Bucket and pool disarm each other.
 */
#include <errno.h>
#include <poll.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <httpd.h>
#include <http_core.h>
#include <http_log.h>
#include <util_filter.h>
#include "httpd/connection.h"
#include "httpd/host.h"
#include "httpd/markers.h"
#include "httpd/network.h"

APLOG_USE_MODULE(iisresp);

static ap_filter_rec_t *network_filter;

/* --- the completion bucket ---------------------------------------------- */

/* What a completion bucket has: outlives neither the connection's memory nor
 * its bucket allocator. */
typedef struct completion_t {
    iisr_conn_t *conn;
    apr_uint64_t serial;
} completion_t;

/* Runs under the context's lock: inside a pass or a push. */
static apr_status_t complete(void *data)
{
    iisr_conn_t *conn = data;
    iisr_sent_fn fn = conn->sent;

    conn->sent = NULL;
    if (fn) {
        fn(conn->sent_baton, conn->c->aborted ? APR_ECONNABORTED
                                              : APR_SUCCESS);
    }
    return APR_SUCCESS;
}

/* A bucket that is left behind (an aborted flush, still in core) does not
 * count any more: a later flush has a serial of its own. */
void iisr_conn_forget(iisr_conn_t *conn)
{
    conn->sent = NULL;
    conn->serial++;
    if (conn->sent_pool) {
        apr_pool_clear(conn->sent_pool);
    }
}

/* APR destroys subpools before a pool's own cleanups, which is where core's
 * and ours still hold buckets. */
void iisr_conn_disarm(iisr_conn_t *conn)
{
    iisr_conn_forget(conn);
    conn->sent_pool = NULL;
}

static void completion_destroy(void *data)
{
    completion_t *completion = data;
    iisr_conn_t *conn = completion->conn;

    if (completion->serial == conn->serial && conn->sent_pool) {
        apr_pool_clear(conn->sent_pool);
    }
    apr_bucket_free(completion);
}

static const apr_bucket_type_t completion_bucket =
    IISR_MARKER("IISR_COMPLETION", completion_destroy);

static apr_bucket *completion_create(iisr_conn_t *conn)
{
    apr_bucket_alloc_t *list = conn->c->bucket_alloc;
    completion_t *completion = apr_bucket_alloc(sizeof(*completion), list);

    if (!conn->sent_pool) {
        /* One pool a connection, cleared by each completion: memory does
         * not grow with the number of flushes. */
        apr_pool_create(&conn->sent_pool, conn->c->pool);
        apr_pool_tag(conn->sent_pool, "iisr_sent");
    }
    apr_pool_cleanup_register(conn->sent_pool, conn, complete,
                              apr_pool_cleanup_null);
    completion->conn = conn;
    completion->serial = ++conn->serial;
    return iisr_marker_create(&completion_bucket, completion, list);
}

/* --- pushing ------------------------------------------------------------ */

/* The bytes of a brigade, counted until they are this many. */
static apr_size_t size_of(const apr_bucket_brigade *bb, apr_size_t limit)
{
    const apr_bucket *b;
    apr_size_t total = 0;

    for (b = APR_BRIGADE_FIRST(bb);
         b != APR_BRIGADE_SENTINEL(bb) && total < limit;
         b = APR_BUCKET_NEXT(b)) {
        /* An unknown length is (apr_size_t)-1. */
        total += b->length < limit ? b->length : limit;
    }
    return total;
}

/* Moves buckets to bb while core can hold them without blocking; one that
 * cannot be split goes whole.  Zero: nothing was left to move. */
static int next_portion(iisr_conn_t *conn, apr_bucket_brigade *bb)
{
    apr_size_t room = conn->threshold;
    apr_bucket *b;

    if (size_of(conn->kept, room) < room) {
        APR_BRIGADE_CONCAT(bb, conn->kept);
    }
    while (!APR_BRIGADE_EMPTY(conn->kept)) {
        b = APR_BRIGADE_FIRST(conn->kept);
        if (!APR_BUCKET_IS_METADATA(b) && !APR_BUCKET_IS_FILE(b)) {
            if (!room) {
                break;
            }
            if (b->length > room
                && apr_bucket_split(b, room) != APR_SUCCESS
                && !APR_BRIGADE_EMPTY(bb)) {
                break;
            }
            room -= b->length < room ? b->length : room;
        }
        APR_BUCKET_REMOVE(b);
        APR_BRIGADE_INSERT_TAIL(bb, b);
    }
    return !APR_BRIGADE_EMPTY(bb);
}

int iisr_conn_has_output(const iisr_conn_t *conn)
{
    return conn->c->data_in_output_filters
           || (conn->kept && !APR_BRIGADE_EMPTY(conn->kept))
           || (conn->source && !APR_BRIGADE_EMPTY(conn->source));
}

/* What core can take now.  APR_EAGAIN: the client takes no more. */
static apr_status_t drain_kept(iisr_conn_t *conn)
{
    ap_filter_t *core = conn->network->next;
    apr_bucket_brigade *bb = conn->portion;
    apr_status_t rv = APR_SUCCESS;

    do {
        if (!conn->c->data_in_output_filters && next_portion(conn, bb)) {
            rv = ap_pass_brigade(core, bb);
            apr_brigade_cleanup(bb);
        }
        if (rv == APR_SUCCESS && conn->c->data_in_output_filters) {
            /* A NULL brigade: write what you hold, never block. */
            rv = core->frec->filter_func.out_func(core, NULL);
        }
    } while (rv == APR_SUCCESS && !conn->c->data_in_output_filters
             && !APR_BRIGADE_EMPTY(conn->kept));
    if (rv == APR_SUCCESS && conn->c->aborted) {
        rv = APR_ECONNABORTED;
    }
    return rv == APR_SUCCESS && conn->c->data_in_output_filters ? APR_EAGAIN
                                                                : rv;
}

/* The next slice of the flush through the filters.  Filters that copy
 * (mod_ssl, mod_deflate) would otherwise copy all of a large body before a
 * slow client has taken the first of it. */
#define SLICE 262144

static apr_status_t next_slice(iisr_conn_t *conn)
{
    apr_bucket_brigade *slice = conn->slice;
    apr_bucket *rest;
    apr_status_t rv;

    if (size_of(conn->source, SLICE) < SLICE) {
        APR_BRIGADE_CONCAT(slice, conn->source);
        return APR_SUCCESS;
    }
    rv = apr_brigade_partition(conn->source, SLICE, &rest);
    if (rv != APR_SUCCESS && rv != APR_INCOMPLETE) {
        return rv;
    }
    while (APR_BRIGADE_FIRST(conn->source) != rest) {
        apr_bucket *b = APR_BRIGADE_FIRST(conn->source);

        APR_BUCKET_REMOVE(b);
        APR_BRIGADE_INSERT_TAIL(slice, b);
    }
    /* Metadata at the end goes with the data before it. */
    if (rest != APR_BRIGADE_SENTINEL(conn->source)
        && APR_BUCKET_IS_METADATA(rest)) {
        APR_BRIGADE_CONCAT(slice, conn->source);
    }
    return APR_SUCCESS;
}

/* Through the filters with it, and as much as core takes. */
IISR_FLAT apr_status_t feed(iisr_conn_t *conn, apr_bucket_brigade *slice)
{
    apr_status_t rv;

    conn->async_pass = 1;
    rv = ap_pass_brigade(conn->top, slice);
    conn->async_pass = 0;
    apr_brigade_cleanup(slice);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (APR_BRIGADE_EMPTY(conn->source)) {
        if (!iisr_conn_has_output(conn) && !conn->c->aborted) {
            complete(conn);
            return APR_SUCCESS;
        }
        /* Behind everything of this flush that the filters let go of: not
         * sent through them, mod_deflate moves metadata ahead of data. */
        APR_BRIGADE_INSERT_TAIL(conn->kept, completion_create(conn));
    }
    return drain_kept(conn);
}

/* A filter that refuses the flush has mostly passed an answer of its own, an
 * error page, which leaves: only what follows of the flush goes.  Core says so
 * when it has lost the connection. */
static apr_status_t drop_unless_well(iisr_conn_t *conn, apr_status_t rv)
{
    if (rv != APR_SUCCESS && rv != APR_EAGAIN) {
        if (conn->c->aborted) {
            iisr_conn_drop(conn);
        }
        else {
            apr_brigade_cleanup(conn->source);
        }
    }
    return rv;
}

apr_status_t iisr_conn_push(iisr_conn_t *conn)
{
    apr_status_t rv = APR_SUCCESS;

    if (conn->c->data_in_output_filters || !APR_BRIGADE_EMPTY(conn->kept)) {
        rv = drain_kept(conn);
    }
    while (rv == APR_SUCCESS && !APR_BRIGADE_EMPTY(conn->source)) {
        if ((rv = next_slice(conn)) == APR_SUCCESS) {
            rv = feed(conn, conn->slice);
        }
    }
    return drop_unless_well(conn, rv);
}

apr_status_t iisr_conn_finish(iisr_conn_t *conn, apr_interval_time_t timeout)
{
    struct pollfd fd = { .fd = conn->socket, .events = POLLOUT };
    apr_status_t rv;
    int n;

    while ((rv = iisr_conn_push(conn)) == APR_EAGAIN) {
        n = poll(&fd, 1, (int)apr_time_as_msec(timeout));
        if (n == 0 || (n < 0 && errno != EINTR)) {
            conn->c->aborted = 1;
            iisr_conn_drop(conn);
            return APR_TIMEUP;
        }
    }
    return rv;
}

void iisr_conn_drop(iisr_conn_t *conn)
{
    if (conn->kept) {
        apr_brigade_cleanup(conn->source);
        apr_brigade_cleanup(conn->kept);
    }
}

/* --- the filter --------------------------------------------------------- */

/* What stays here longer than its pass must not be in its maker's memory. */
static apr_status_t set_aside(iisr_conn_t *conn, apr_bucket_brigade *bb)
{
    apr_status_t rv = APR_SUCCESS;
    apr_bucket *b;

    for (b = APR_BRIGADE_FIRST(bb);
         b != APR_BRIGADE_SENTINEL(bb) && rv == APR_SUCCESS;
         b = APR_BUCKET_NEXT(b)) {
        /* A file of ours lives until its flush is complete. */
        rv = APR_BUCKET_IS_FILE(b) ? APR_SUCCESS
                                   : apr_bucket_setaside(b, conn->c->pool);
        if (rv == APR_ENOTIMPL) {
            const char *data;
            apr_size_t len;

            rv = apr_bucket_read(b, &data, &len, APR_BLOCK_READ);
        }
    }
    return rv;
}

/* FLUSH buckets, out of the brigade and one of them into our hands; NULL:
 * there was none.  *total: what the others have, as size_of counts it. */
static apr_bucket *take_flush(apr_bucket_brigade *bb, apr_size_t limit,
                              apr_size_t *total)
{
    apr_bucket *b, *next, *flush = NULL;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb); b = next) {
        next = APR_BUCKET_NEXT(b);
        *total += b->length < limit ? b->length : limit;
        if (APR_BUCKET_IS_FLUSH(b)) {
            if (flush) {
                apr_bucket_destroy(flush);
            }
            APR_BUCKET_REMOVE(b);
            flush = b;
        }
    }
    return flush;
}

/* A socket that can be written to takes this much: 64 KiB with what filters
 * put around them are just above the default FlushMaxThreshold. */
#define SURELY 4096

static int is_writable(const iisr_conn_t *conn)
{
    struct pollfd fd = { .fd = conn->socket, .events = POLLOUT };

    return poll(&fd, 1, 0) == 1 && fd.revents == POLLOUT;
}

/* Whether core, which has nothing yet, would not block on them. */
static int core_can_take(const iisr_conn_t *conn, apr_size_t total)
{
    return total < conn->threshold
           || (total < conn->threshold + SURELY && is_writable(conn));
}

static apr_status_t keep_or_write(iisr_conn_t *conn, apr_bucket_brigade *bb)
{
    apr_size_t most = conn->threshold + SURELY;
    apr_size_t total = size_of(conn->kept, most);
    apr_bucket *flush = take_flush(bb, most, &total);
    apr_status_t rv;

    if (flush && !conn->c->data_in_output_filters
        && core_can_take(conn, total)) {
        APR_BRIGADE_PREPEND(bb, conn->kept);
        APR_BRIGADE_INSERT_HEAD(bb, flush);
        return ap_pass_brigade(conn->network->next, bb);
    }
    if (flush) {
        apr_bucket_destroy(flush);
    }
    rv = set_aside(conn, bb);
    APR_BRIGADE_CONCAT(conn->kept, bb);
    return rv;
}

static apr_status_t network_out(ap_filter_t *f, apr_bucket_brigade *bb)
{
    iisr_conn_t *conn = f->ctx;

    if (!conn->async_pass && (!conn->kept || APR_BRIGADE_EMPTY(conn->kept))) {
        return ap_pass_brigade(f->next, bb);
    }
    if (!conn->async_pass) {
        /* Somebody else's synchronous brigade behind our backlog: in
         * order, and blocking is what was asked for. */
        APR_BRIGADE_PREPEND(bb, conn->kept);
        return ap_pass_brigade(f->next, bb);
    }
    if (conn->c->aborted) {
        apr_brigade_cleanup(bb);
        return APR_ECONNABORTED;
    }
    return keep_or_write(conn, bb);
}

apr_status_t iisr_conn_pass(iisr_conn_t *conn, ap_filter_t *top,
                            apr_bucket_brigade *bb, iisr_sent_fn sent,
                            void *baton)
{
    apr_status_t rv;

    conn->top = top;
    conn->sent = sent;
    conn->sent_baton = baton;
    if (!iisr_conn_has_output(conn) && size_of(bb, SLICE) < SLICE) {
        rv = drop_unless_well(conn, feed(conn, bb));
    }
    else {
        APR_BRIGADE_CONCAT(conn->source, bb);
        rv = iisr_conn_push(conn);
    }
    if (rv == APR_EAGAIN) {
        rv = set_aside(conn, conn->source);
    }
    if (rv != APR_SUCCESS) {
        iisr_conn_forget(conn);
    }
    return rv;
}

/* Keeps what the kernel holds of a slow client's response to what the
 * client is about to take.  With the whole send buffer, megabytes where the
 * kernel tunes it, the first readers of many would fill theirs while the
 * others wait for their first byte. */
static void limit_unsent(iisr_conn_t *conn)
{
#ifdef TCP_NOTSENT_LOWAT
    apr_socket_t *socket = ap_get_conn_socket(conn->c);
    apr_os_sock_t fd;
    int most = 262144;

    /* No TCP: no harm. */
    if (conn->may_park && socket
        && apr_os_sock_get(&fd, socket) == APR_SUCCESS) {
        setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof(most));
    }
#else
    (void)conn;
#endif
}

void iisr_network_add(iisr_conn_t *conn, request_rec *r)
{
    conn_rec *c = conn->c;

    if (!conn->network) {
        core_server_config *core =
            ap_get_core_module_config(c->base_server->module_config);

        conn->threshold = core->flush_max_threshold;
        /* With r the request's own filters are made to lead here too. */
        conn->network = ap_add_output_filter_handle(network_filter, conn, r,
                                                    c);
        limit_unsent(conn);
        conn->kept = apr_brigade_create(c->pool, c->bucket_alloc);
        conn->portion = apr_brigade_create(c->pool, c->bucket_alloc);
        conn->slice = apr_brigade_create(c->pool, c->bucket_alloc);
        conn->source = apr_brigade_create(c->pool, c->bucket_alloc);
    }
}

void iisr_network_register(void)
{
    network_filter = ap_register_output_filter("IISR_NETWORK", network_out,
                                               NULL, AP_FTYPE_NETWORK - 1);
}
