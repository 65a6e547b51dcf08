/* frames.c: the code that an RST_STREAM frame says.
 *
 * mod_http2 resets a stream whose response breaks off, with a code of its
 * own choice: there is no function and no bucket by which a stream could ask
 * for another.  So a filter stands where a connection's frames come out of
 * mod_http2, above TLS.  It counts its way from frame to frame, reads the
 * nine bytes of each frame's header and nothing else, and puts the code that
 * was asked for into an RST_STREAM of a stream that asked for one.
 *
 * The filter is there before the first frame, or it would not know where one
 * begins: from a connection's start where h2c may begin at once, from the
 * switch of protocols elsewhere.  From a connection whose first bytes are
 * HTTP/1.1 it goes at once.
 */
#include <stdlib.h>
#include <string.h>
#include <httpd.h>
#include <apr_optional.h>
#include <apr_optional_hooks.h>
#include <apr_thread_mutex.h>
#include <http_config.h>
#include <http_connection.h>
#include <http_log.h>
#include <http_protocol.h>
#include <mod_http2.h>
#include <util_filter.h>
#include "httpd/connection.h"
#include "httpd/frames.h"

APLOG_USE_MODULE(iisresp);

#define HEADER 9                /* bytes of a frame ahead of its payload */
#define CODE 4                  /* of an RST_STREAM's payload: all of it */
#define RST_STREAM 3
/* A stream whose client was faster to reset it leaves an entry behind. */
#define ASKED 128

struct iisr_frames_t {
    apr_thread_mutex_t *lock;   /* of what was asked */
    struct {
        apr_uint32_t stream, code;
    } asked[ASKED];             /* a ring */
    unsigned int next;

    /* The connection's thread: */
    unsigned int begun : 1;
    unsigned char header[HEADER];
    unsigned int have;          /* of the header */
    apr_uint32_t left;          /* of the payload */
    unsigned int replace;       /* of the payload, by the code */
    unsigned char code[CODE];
};

static ap_filter_rec_t *frames_filter;
static APR_OPTIONAL_FN_TYPE(http2_is_h2) *is_http2;
static APR_OPTIONAL_FN_TYPE(http2_var_lookup) *http2_variable;

/* --- what was asked ------------------------------------------------------ */

static apr_uint32_t stream_id(conn_rec *c)
{
    char *id = http2_variable ? http2_variable(c->pool, c->base_server, c,
                                               NULL, "H2_STREAM_ID") : NULL;

    return id ? (apr_uint32_t)strtoul(id, NULL, 10) : 0;
}

int iisr_frames_ask(conn_rec *c, apr_uint32_t code)
{
    iisr_conn_t *master = c->master ? iisr_conn_get(c->master) : NULL;
    iisr_frames_t *frames = master ? master->frames : NULL;
    apr_uint32_t stream = frames ? stream_id(c) : 0;

    if (!stream) {
        return 0;
    }
    apr_thread_mutex_lock(frames->lock);
    frames->asked[frames->next].stream = stream;
    frames->asked[frames->next].code = code;
    frames->next = (frames->next + 1) % ASKED;
    apr_thread_mutex_unlock(frames->lock);
    return 1;
}

/* The first code that was asked for is the reason; it is given once. */
static int take_code(iisr_frames_t *frames, apr_uint32_t stream,
                     apr_uint32_t *code)
{
    int i, found = 0;

    apr_thread_mutex_lock(frames->lock);
    for (i = 1; i <= ASKED; i++) {
        unsigned int at = (frames->next + ASKED - i) % ASKED;

        if (frames->asked[at].stream == stream) {
            *code = frames->asked[at].code;
            frames->asked[at].stream = 0;
            found = 1;
        }
    }
    apr_thread_mutex_unlock(frames->lock);
    return found;
}

/* --- from frame to frame ------------------------------------------------- */

static apr_uint32_t number(const unsigned char *bytes, int n)
{
    apr_uint32_t value = 0;

    while (n--) {
        value = value << 8 | *bytes++;
    }
    return value;
}

static void frame_begins(iisr_frames_t *frames)
{
    apr_uint32_t stream = number(frames->header + 5, 4) & 0x7fffffff, code;

    frames->have = 0;
    frames->left = number(frames->header, 3);
    if (frames->header[3] == RST_STREAM && frames->left == CODE
        && take_code(frames, stream, &code)) {
        frames->left = 0;
        frames->replace = CODE;
        frames->code[0] = code >> 24;
        frames->code[1] = code >> 16;
        frames->code[2] = code >> 8;
        frames->code[3] = code;
    }
}

/* Up to n bytes of b, from there on, are the code's; they become a bucket of
 * their own, which is returned. */
static apr_bucket *put_code(iisr_frames_t *frames, apr_bucket *b,
                            apr_size_t at, apr_size_t n)
{
    apr_bucket *code;

    n = n < frames->replace ? n : frames->replace;
    if (at) {
        apr_bucket_split(b, at);
        b = APR_BUCKET_NEXT(b);
    }
    if (b->length > n) {
        apr_bucket_split(b, n);
    }
    code = apr_bucket_heap_create((char *)frames->code + CODE
                                  - frames->replace, n, NULL, b->list);
    frames->replace -= n;
    APR_BUCKET_INSERT_BEFORE(b, code);
    apr_bucket_delete(b);
    return code;
}

/* Data that lies in memory; the last bucket that was seen. */
static apr_bucket *walk_memory(iisr_frames_t *frames, apr_bucket *b,
                               const char *data, apr_size_t length)
{
    apr_size_t at = 0;

    while (at < length) {
        apr_size_t n = length - at;

        if (frames->replace) {
            return put_code(frames, b, at, n);
        }
        if (frames->left) {
            n = n < frames->left ? n : frames->left;
            frames->left -= n;
        }
        else {
            n = n < HEADER - frames->have ? n : HEADER - frames->have;
            memcpy(frames->header + frames->have, data + at, n);
            if ((frames->have += n) == HEADER) {
                frame_begins(frames);
            }
        }
        at += n;
    }
    return b;
}

/* Payload need not be read: it may be a file. */
static apr_status_t walk(iisr_frames_t *frames, apr_bucket_brigade *bb)
{
    apr_bucket *b;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        const char *data;
        apr_size_t length;
        apr_status_t rv;

        if (APR_BUCKET_IS_METADATA(b)) {
            continue;
        }
        if (b->length <= frames->left) {
            frames->left -= (apr_uint32_t)b->length;
            continue;
        }
        rv = apr_bucket_read(b, &data, &length, APR_BLOCK_READ);
        if (rv != APR_SUCCESS) {
            return rv;
        }
        b = walk_memory(frames, b, data, length);
    }
    return APR_SUCCESS;
}

static apr_status_t frames_out(ap_filter_t *f, apr_bucket_brigade *bb)
{
    iisr_frames_t *frames = f->ctx;
    iisr_conn_t *conn = iisr_conn_get(f->c);
    apr_status_t rv;

    if (!frames->begun && !is_http2(f->c)) {
        conn->frames = NULL;
        ap_remove_output_filter(f);
        return ap_pass_brigade(f->next, bb);
    }
    frames->begun = 1;
    rv = bb ? walk(frames, bb) : APR_SUCCESS;
    return rv == APR_SUCCESS ? ap_pass_brigade(f->next, bb) : rv;
}

/* --- in and out of the chain --------------------------------------------- */

static void add_filter(conn_rec *c)
{
    iisr_conn_t *conn = iisr_conn_get(c);
    iisr_frames_t *frames;

    if (!conn || conn->frames || !is_http2) {
        return;
    }
    frames = apr_pcalloc(c->pool, sizeof(*frames));
    if (apr_thread_mutex_create(&frames->lock, APR_THREAD_MUTEX_DEFAULT,
                                c->pool) == APR_SUCCESS) {
        conn->frames = frames;
        ap_add_output_filter_handle(frames_filter, frames, NULL, c);
    }
}

/* Without a switch of protocols begins what the client knows beforehand. */
void iisr_frames_watch(conn_rec *c)
{
    if (!c->master && is_http2
        && (ap_is_allowed_protocol(c, NULL, NULL, "h2c")
            || ap_is_allowed_protocol(c, NULL, NULL, "h2"))) {
        add_filter(c);
    }
}

/* By ALPN, or by Upgrade: the 101 has left. */
static int protocol_switch(conn_rec *c, request_rec *r, server_rec *s,
                           const char *protocol)
{
    (void)r;
    (void)s;
    if (!c->master && (!strcmp(protocol, "h2") || !strcmp(protocol, "h2c"))) {
        add_filter(c);
    }
    return DECLINED;
}

static void find_functions(void)
{
    is_http2 = APR_RETRIEVE_OPTIONAL_FN(http2_is_h2);
    http2_variable = APR_RETRIEVE_OPTIONAL_FN(http2_var_lookup);
}

void iisr_frames_register(void)
{
    /* Above mod_ssl's. */
    frames_filter = ap_register_output_filter("IISR_FRAMES", frames_out,
                                              NULL, AP_FTYPE_CONNECTION);
    ap_hook_protocol_switch(protocol_switch, NULL, NULL,
                            APR_HOOK_REALLY_FIRST);
    ap_hook_optional_fn_retrieve(find_functions, NULL, NULL,
                                 APR_HOOK_MIDDLE);
}
