/* host.h: a request_rec behind the engine's seam (core/host.h).
 *
 * One iisr_host_request_t a request, in r->pool, found through the request
 * configuration of r, of the requests it was redirected from, or made when
 * a module takes part.  Owned by the thread that works on the request.
 */
#ifndef IISR_HTTPD_HOST_H
#define IISR_HTTPD_HOST_H

#include <httpd.h>
#include <util_filter.h>
#include <http_config.h>
#include "core/context.h"
#include "httpd/connection.h"

extern module AP_MODULE_DECLARE_DATA iisresp_module;

/* Where a request stands; see drive.c. */
typedef enum {
    IISR_STAGE_NEW, IISR_STAGE_BEGUN, IISR_STAGE_BEFORE, IISR_STAGE_MAP,
    IISR_STAGE_EXECUTE, IISR_STAGE_HAND_ON, IISR_STAGE_REST,
    IISR_STAGE_LAST_FLUSH, IISR_STAGE_DRAIN, IISR_STAGE_DISCARD,
    IISR_STAGE_DONE
} iisr_stage_e;

struct iisr_host_request_t {
    request_rec *r;                 /* the current one, after redirects */
    iisr_context_t *ctx;
    iisr_conn_t *conn;
    apr_uint64_t id;                /* no other request or connection has it */
    iisr_stage_e stage;
    int result;                     /* what the handler hook answers */
    const char *handler;            /* r->handler when its thread left */
    const void *scope;              /* r->per_dir_config that ctx->enabled is
                                     * of */
    const char *asked_uri, *asked_args;     /* what those were asked about who
                                     * decide who is let in; NULL: not yet */
    const void *asked_scope;        /* r->per_dir_config then */
    const request_rec *handled;     /* whose handler stage was reached */
    const char *user, *auth_type;   /* that a module has set, or NULL */
    ap_filter_t *content;           /* our content filter, or NULL */
    apr_table_t *own_headers;       /* the modules', from before httpd's were
                                     * taken over; NULL: none */
    ap_filter_t *top;               /* of the chain that a head left through
                                     * early, or NULL */
    apr_array_header_t *chain;      /* output filters that have seen the head,
                                     * while httpd inserts others; or NULL */
    int begun;                      /* how often httpd began a response anew */
    apr_bucket_brigade *body;       /* came through the input filters, not yet
                                     * used; see input.c */
    apr_bucket_brigade *raw;        /* has yet to come through them; or NULL */
    const request_rec *filtered;    /* whose input filters are in place */
    request_rec *cooked;            /* whose input filters the body has begun
                                     * to come through; NULL: nobody's */
    const char *client_length;      /* the client's framing, while httpd has */
    const char *client_coding;      /* not latched it and a module's length
                                     * stands in its place; NULL: none */
    apr_int64_t body_length;        /* latched; -1 chunked */
    int body_error;                 /* httpd's status for a refused body */
    apr_status_t body_broken;       /* it ended early */
    unsigned int body_ended : 1;
    unsigned int body_touched : 1;  /* modules read or inserted some of it */
    unsigned int body_latched : 1;  /* httpd knows where it ends */
    unsigned int framed_by_module : 1;  /* client_... are to be restored */
    unsigned int raw_read : 1;      /* bytes were read that no input filter
                                     * has seen, and not put back */
    unsigned int refusal_passed : 1;    /* body_error, to httpd's handler */
    unsigned int filters_inserted : 1;  /* into r's chain, by httpd or, for
                                         * an early answer, by us */
    unsigned int adopted : 1;       /* httpd's own response was taken over */
    unsigned int answered : 1;      /* by modules */
    unsigned int failed : 1;        /* httpd sends an error page */
    unsigned int inserts_early : 1; /* output filters alone are wanted */
    unsigned int own_head : 1;      /* the head on the wire is a module's */
    unsigned int own_pass : 1;      /* the modules' brigade is on its way */
    unsigned int on_show : 1;       /* modules look at httpd's content */
    unsigned int resized : 1;       /* they changed its length when the head
                                     * had left */
    unsigned int may_leave : 1;     /* at a stage that can be continued */
    unsigned int trial : 1;         /* asked about it, and nothing leaves */
    unsigned int lookup : 1;        /* asked so, and not run (yet) */
    unsigned int looking : 1;       /* we look something up for a module */
    unsigned int told_gone : 1;     /* that the client left */
    unsigned int falls_short : 1;   /* what is passed last is not all */
    iisr_host_request_t *body_of;   /* a child's body is its parent's */
    struct iisr_child_t *child;     /* set: this is a child request */
    struct iisr_child_t *making;    /* a child that httpd is about to make */
    apr_time_t write_deadline;      /* a client that does not read */
    apr_time_t read_deadline;       /* ... that does not send its body */
    char chunk_size[20];            /* in hexadecimal, and CR LF: of the
                                     * flush that is passed */
    int unsent;                     /* of a flush, in the kernel, when
                                     * write_deadline was set */
};

extern const iisr_host_t iisr_httpd_host;

/* The status, and the line for it. */
void iisr_host_set_status(request_rec *r, const iisr_head_t *head);
/* Once, when the module is loaded. */
void iisr_host_register(apr_pool_t *p);

/* The engine's request behind r, or NULL when no module takes part (or,
 * !create, has not yet). */
iisr_host_request_t *iisr_host_request(request_rec *r, int create);
/* There was no memory for one. */
int iisr_host_failed(const request_rec *r);
/* One that iisr_host_request does not find, to ask modules about r; NULL:
 * there is no memory. */
iisr_host_request_t *iisr_host_trial(request_rec *r);
void iisr_host_trial_over(iisr_host_request_t *hr);

/* httpd begins an error page in place of the response under way.  Takes the
 * lock. */
void iisr_host_fails(iisr_host_request_t *hr);

#endif
