/* pipeline.h: calls the modules, notification by notification, and holds
 * the place where a pending request goes on.
 */
#ifndef IISR_PIPELINE_H
#define IISR_PIPELINE_H

#include "httpserv.h"
#include "registry.h"

struct iisr_context_t;

typedef struct iisr_instance_t {
    CHttpModule *module;            /* NULL: not yet asked for */
    unsigned int failed : 1;        /* the factory refused */
    unsigned int abandoned : 1;     /* it is still to answer: not called */
    DWORD disabled[2];              /* DisableNotifications: [is_post] */
} iisr_instance_t;

typedef enum {
    IISR_RUN_CONTINUE,              /* all modules had their turn */
    IISR_RUN_FINISH,                /* FINISH_REQUEST: skip to Log and End */
    IISR_RUN_PENDING                /* leave the thread; iisr_pipeline_run
                                     * again once woken */
} iisr_run_e;

/* A place in the pipeline: which module of which notification runs. */
typedef struct iisr_place_t {
    iisr_event_e event;
    int post;
    int position;                   /* in registry->order[post][event] */
    iisr_module_t *module;          /* NULL: none */
    IHttpEventProvider *provider;
    int pending;                    /* it returned PENDING and is waited for */
    int over;                       /* it answered; operations are drained */
    REQUEST_NOTIFICATION_STATUS verdict;
} iisr_place_t;

typedef struct iisr_pipeline_t {
    iisr_instance_t *instances;     /* by module index; NULL until needed */
    int next;                       /* the step to be raised next */
    int last;                       /* the host has work of its own after it */
    int resume;                     /* where it goes on once those are asked
                                     * again who decide who is let in */
    unsigned char *asked;           /* by module index: not asked again about
                                     * this URL; NULL: nobody */
    const unsigned char *scope;     /* ctx->enabled when they were asked */
    unsigned int passed : 1;        /* they have let it in */
    unsigned int raising;           /* events without a fixed place that are
                                     * being raised, bits of iisr_event_e */
    int customs;                    /* custom notifications inside one
                                     * another */
    iisr_place_t place;             /* of the ordered event under way */
    iisr_place_t *inner;            /* the innermost notification whose
                                     * module is running, or NULL */
    unsigned int started : 1;       /* place is valid */
    unsigned int finishing : 1;     /* FINISH_REQUEST was returned */
    unsigned int handled : 1;       /* SetRequestHandled */
    unsigned int abandoned : 1;     /* a module's answer is waited for no
                                     * more: it owes a post */
    unsigned int no_io : 1;         /* in log_transaction: writing methods
                                     * are refused */
} iisr_pipeline_t;

/* The handler mapping: who is asked in ExecuteRequestHandler and heard in its
 * post-event, in this order.  Part of the request. */
typedef struct iisr_handlers_t {
    iisr_module_t **order[2];       /* [is_post] */
    int norder[2];
} iisr_handlers_t;

/* Whether any module that takes part registered for the event. */
int iisr_pipeline_wants(struct iisr_context_t *ctx, iisr_event_e event);
/* Whether any will still be called for a step up to this one. */
int iisr_pipeline_expects(struct iisr_context_t *ctx, int step);

/* Raises, in order, what has not been raised yet, up to and with this step,
 * or goes on with what is pending: every step once, whoever asks.  After
 * FINISH_REQUEST only LogRequest and what follows it are left.  may_leave:
 * PENDING may be returned to the caller; otherwise the thread waits. */
iisr_run_e iisr_pipeline_run_to(struct iisr_context_t *ctx, int step,
                                int may_leave);
/* The same, up to and with the post-event of this event. */
iisr_run_e iisr_pipeline_run(struct iisr_context_t *ctx, iisr_event_e event,
                             int may_leave);
/* Whether anybody registered for what decides who is let in:
 * AuthenticateRequest to PostAuthorizeRequest. */
int iisr_pipeline_has_gate(const iisr_registry_t *registry);
/* The request goes on as one for another URL, or where other modules take
 * part: those steps are raised again, for the modules that were not asked
 * about this URL.  What follows them is raised once.  Not while a module is
 * waited for. */
void iisr_pipeline_ask_again(struct iisr_context_t *ctx, int another_url);
/* It comes to another handler: ExecuteRequestHandler is raised again. */
void iisr_pipeline_execute_again(struct iisr_context_t *ctx);
/* Only EndRequest is left: of a request that httpd looked at and does not
 * run. */
void iisr_pipeline_end(struct iisr_context_t *ctx);
/* The request is answered without the steps up to LogRequest. */
void iisr_pipeline_finish(struct iisr_context_t *ctx);
/* EndRequest has been raised. */
int iisr_pipeline_over(const struct iisr_context_t *ctx);
/* Raises an event without a fixed place from inside another; a module that
 * answers PENDING is waited for.  Raised from inside itself, other than a
 * custom notification, it does nothing: the bytes (the path) are on show. */
iisr_run_e iisr_pipeline_raise(struct iisr_context_t *ctx,
                               iisr_event_e event,
                               IHttpEventProvider *provider);
/* NotifyCustomNotification, which a module may call from one.  APR_EGENERAL:
 * too deep. */
#define IISR_CUSTOMS_DEEP 10
apr_status_t iisr_pipeline_raise_custom(struct iisr_context_t *ctx,
                                        IHttpEventProvider *provider);
/* The module takes no part in these events of the request. */
void iisr_pipeline_disable(struct iisr_context_t *ctx,
                           const iisr_module_t *module, DWORD events,
                           DWORD post_events);
void iisr_pipeline_dispose(struct iisr_context_t *ctx);

/* IHttpContext::GetNextNotification: the module that is running goes on with
 * its next notification as if it had been called for it.  NULL: somebody
 * else comes first, another module or the host.  Lock held. */
const iisr_place_t *iisr_pipeline_advance(struct iisr_context_t *ctx,
                                          REQUEST_NOTIFICATION_STATUS status);

/* The request whose module this thread is in, or NULL.  No lock. */
struct iisr_context_t *iisr_pipeline_context(void);

/* The place whose module is running now (innermost), or NULL. */
const iisr_place_t *iisr_pipeline_current(struct iisr_context_t *ctx);

#endif
