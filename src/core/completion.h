/* completion.h: the state machine of asynchronous operations.
 *
 * At most one outstanding operation a direction; exactly one completion for
 * each that promised one, never before its notification has returned
 * PENDING, never from a pool cleanup, always from the pipeline's trampoline.
 * A result may be recorded from anywhere (the network, a pool cleanup, any
 * thread); it is delivered from a normal stack only.
 */
#ifndef IISR_COMPLETION_H
#define IISR_COMPLETION_H

#include <apr_errno.h>
#include <apr_time.h>
#include "httpserv.h"

struct iisr_context_t;

/* IHttpCompletionInfo2::GetCompletedOperation; the numbers of IIS are not
 * documented, 1 for a read is what shipping modules test for. */
typedef enum {
    IISR_OP_READ = 1, IISR_OP_WRITE = 2, IISR_OP_POST = 3,
    IISR_OP_CHILD = 4, IISR_OPS = 5
} iisr_op_e;

#define IISR_OP_BIT(op) (1u << (op))

typedef struct iisr_operation_t {
    iisr_op_e kind;             /* of a result that was taken */
    apr_uint64_t bytes;         /* of the result */
    apr_uint64_t promised;      /* a write: what it handed over */
    HRESULT status;
    DWORD room;                 /* of a read's buffer */
    PFN_ASYNC_COMPLETION callback;              /* NULL: OnAsyncCompletion */
    LPOVERLAPPED_COMPLETION_ROUTINE routine;    /* a post's */
    void *baton;
    void *buffer;               /* an asynchronous read goes here */
} iisr_operation_t;

typedef struct iisr_completion_t {
    iisr_operation_t op[IISR_OPS];
    /* By IISR_OP_BIT.  Neither of the first two: free. */
    unsigned int outstanding;   /* promised, no result yet; never a post */
    unsigned int ready;         /* result recorded, not yet delivered */
    unsigned int hidden;        /* belong to the notification around the
                                 * running one */
    unsigned int full_duplex : 1;
    unsigned int indicated : 1;
    int nested;                 /* notifications inside a notification */
    REQUEST_NOTIFICATION_STATUS verdict;        /* of IndicateCompletion */
    const struct iisr_place_t *waited;  /* its module is waited for */
    apr_time_t since;               /* and has done nothing; 0: it has */
    unsigned int overdue : 1;       /* that was logged */
} iisr_completion_t;

/* Whether an operation of this kind may start now: not beside one that is
 * outstanding, and an asynchronous one not before the completion of the
 * last one has been delivered, which it would replace. */
int iisr_completion_may_start(struct iisr_context_t *ctx, iisr_op_e op,
                              int async);
iisr_operation_t *iisr_completion_start(struct iisr_context_t *ctx,
                                        iisr_op_e op,
                                        PFN_ASYNC_COMPLETION callback,
                                        void *baton);
/* Records the result; wakes whoever waits.  A second result is ignored. */
void iisr_completion_record(struct iisr_context_t *ctx, iisr_op_e op,
                            apr_uint64_t bytes, HRESULT status);
/* Takes the next result to deliver out of its slot.  0: there is none. */
int iisr_completion_take(struct iisr_context_t *ctx, iisr_operation_t *result);
/* Nothing of it will be delivered. */
static inline void iisr_completion_free(iisr_completion_t *c, iisr_op_e op)
{
    c->outstanding &= ~IISR_OP_BIT(op);
    c->ready &= ~IISR_OP_BIT(op);
}
static inline int iisr_completion_is_outstanding(const iisr_completion_t *c,
                                                 iisr_op_e op)
{
    return (c->outstanding & IISR_OP_BIT(op)) != 0;
}
static inline int iisr_completion_is_ready(const iisr_completion_t *c,
                                           iisr_op_e op)
{
    return (c->ready & IISR_OP_BIT(op)) != 0;
}
static inline int iisr_completion_is_free(const iisr_completion_t *c,
                                          iisr_op_e op)
{
    return !((c->outstanding | c->ready) & IISR_OP_BIT(op));
}
/* Whether any is, of the running notification. */
static inline int iisr_completion_ready(const iisr_completion_t *c)
{
    return (c->ready & ~c->hidden) != 0;
}
static inline int iisr_completion_outstanding(const iisr_completion_t *c)
{
    return (c->outstanding & ~c->hidden) != 0;
}
/* Forgets results that nobody will be told (the notification is over). */
void iisr_completion_drop(struct iisr_context_t *ctx);
/* Around a notification raised from inside another (OnSendResponse in a
 * Flush): it is not told of what the outer one has under way. */
typedef struct iisr_nest_t {
    unsigned int hidden;
    unsigned int posted;        /* the outer one's post is ready */
    iisr_operation_t post;
} iisr_nest_t;
void iisr_completion_nest(struct iisr_context_t *ctx, iisr_nest_t *nest);
void iisr_completion_unnest(struct iisr_context_t *ctx,
                            const iisr_nest_t *nest);
/* Ends every outstanding operation with an error. */
void iisr_completion_abort(struct iisr_context_t *ctx, HRESULT status);

/* A module has been waited for this long without a sign of life: logged,
 * once a request. */
void iisr_completion_watch(struct iisr_context_t *ctx,
                           apr_interval_time_t limit);

/* Any thread.  APR_ECONNABORTED: the request is closed; APR_EBUSY: an
 * earlier post has not been delivered yet. */
apr_status_t iisr_completion_post(struct iisr_context_t *ctx, DWORD bytes,
                                  LPOVERLAPPED_COMPLETION_ROUTINE routine,
                                  void *baton);
apr_status_t iisr_completion_indicate(struct iisr_context_t *ctx,
                                      REQUEST_NOTIFICATION_STATUS status);
/* CancelIo: what is outstanding ends with ERROR_OPERATION_ABORTED; a flush
 * that is partly sent can only close the connection.  APR_EBADF: nothing
 * was outstanding; APR_TIMEUP: no thread was free to do it. */
apr_status_t iisr_completion_cancel(struct iisr_context_t *ctx);

#endif
