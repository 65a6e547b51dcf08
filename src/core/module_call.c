/* module_call.c: calls a module: without the lock, and with its own guard
 * around the call, which catches what is thrown.  No exception goes through
 * the engine: a module that calls in and is called back by it is guarded
 * there.
 */
#include <string.h>
#include "context.h"
#include "head.h"
#include "iis_notifications.h"
#include "log_data.h"
#include "module_call.h"

/* --- which method ------------------------------------------------------- */

typedef REQUEST_NOTIFICATION_STATUS (*notify_fn)(CHttpModule *module,
                                                 IHttpContext *context,
                                                 IHttpEventProvider *provider);

#define DEFINE_CALL(method, bit, is_post, provider_type, name) \
    static REQUEST_NOTIFICATION_STATUS notify_##method(CHttpModule *module, \
        IHttpContext *context, IHttpEventProvider *provider) \
    { \
        return module->lpVtbl->method(module, context, \
                                      (provider_type *)(void *)provider); \
    }
IIS_NOTIFICATIONS(DEFINE_CALL)
#undef DEFINE_CALL

/* [is_post][the number of the event's bit] */
static const notify_fn notifications[2][32] = {
#define TABLE_ROW(method, bit, is_post, provider_type, name) \
    [is_post][__builtin_ctz(bit)] = notify_##method,
    IIS_NOTIFICATIONS(TABLE_ROW)
#undef TABLE_ROW
};

static notify_fn notification(iisr_event_e event, int post)
{
    return notifications[post][__builtin_ctz(iisr_event_bit(event))];
}

/* Without a call to find it: a pointer fits in what is kept for modules. */
static __thread iisr_context_t *running
    __attribute__((tls_model("initial-exec")));

iisr_context_t *iisr_pipeline_context(void)
{
    return running;
}

/* --- what leaves a module ----------------------------------------------- */

/* One call into a module, lock not held. */
typedef struct call_t {
    iisr_context_t *ctx;
    iisr_place_t *place;
    iisr_instance_t *instance;
    IModuleAllocator *allocator;        /* to make the instance with, or NULL */
    const iisr_operation_t *op;         /* of a completion, or NULL */
    IHttpCompletionInfo2 *info;
    HRESULT hr;                         /* of GetHttpModule */
    REQUEST_NOTIFICATION_STATUS verdict;
    char *what;                         /* left it; "": nothing */
} call_t;

/* Room for what left a module. */
#define WHAT 256

/* What its module had in mind with the request is not known. */
static void report_exception(const call_t *call)
{
    iisr_context_t *ctx = call->ctx;
    const iisr_place_t *place = call->place;

    ctx->host->log(ctx->req, IISR_LOG_ERROR, "IISR0012",
                   "module %s: an exception left %s%s: %s: it takes no "
                   "further part in this request", place->module->name,
                   place->post ? "Post" : "", iisr_event_name(place->event),
                   call->what);
}

/* 500; an answer that has begun is cut off, for the client to notice. */
static REQUEST_NOTIFICATION_STATUS answer_exception(call_t *call)
{
    iisr_context_t *ctx = call->ctx;

    call->instance->failed = 1;
    report_exception(call);
    if (!ctx->req || ctx->pipeline.no_io || ctx->response.ended) {
        return RQ_NOTIFICATION_CONTINUE;
    }
    if (ctx->response.committed) {
        ctx->host->abort(ctx->req, IISR_END_CUT);
        ctx->response.is_reset = 1;
        iisr_response_clear_entity(&ctx->response);
    }
    else {
        iisr_response_clear(&ctx->response);
        iisr_response_set_status(&ctx->response, 500, NULL, 0);
        ctx->response.error = E_UNEXPECTED;
    }
    ctx->response.touched = 1;
    return RQ_NOTIFICATION_FINISH_REQUEST;
}

/* The lock is given up for the time of the call. */
static void run_module(call_t *call, void (*run)(void *baton))
{
    iisr_context_t *ctx = call->ctx;
    iisr_place_t *outer = ctx->pipeline.inner;
    iisr_context_t *before = running;
    unsigned int depth;
    int caught;

    ctx->pipeline.inner = call->place;
    ctx->completion.since = 0;
    running = ctx;
    depth = iisr_give_up(ctx);
    caught = !iisr_module_call(call->place->module, run, call, call->what,
                               WHAT);
    iisr_take_again(ctx, depth);
    running = before;
    ctx->pipeline.inner = outer;
    iisr_response_take_back(&ctx->response);
    iisr_head_report_status(ctx);
    iisr_log_data_keep(ctx);
    if (caught) {
        call->verdict = answer_exception(call);
    }
}

/* --- its two kinds ------------------------------------------------------ */

/* The module's instance for this request, made when it is first called.  No
 * lock held: nobody else looks at the record before that. */
static void make_instance(call_t *call)
{
    const iisr_module_t *module = call->place->module;
    iisr_instance_t *instance = call->instance;

    call->hr = module->factory->lpVtbl->GetHttpModule(module->factory,
                                                      &instance->module,
                                                      call->allocator);
    if (FAILED(call->hr) || !instance->module) {
        instance->module = NULL;
        instance->failed = 1;
    }
}

/* Without it the request may not go on: it may be the one that decides who is
 * let in.  What has left already cannot be taken back. */
static REQUEST_NOTIFICATION_STATUS fail_request(const call_t *call)
{
    iisr_context_t *ctx = call->ctx;
    const iisr_module_t *module = call->place->module;
    int refused = !module->optional && !ctx->response.committed
                  && !ctx->pipeline.no_io;

    ctx->host->log(ctx->req, IISR_LOG_ERROR, "IISR0001",
                   "module %s: GetHttpModule failed with 0x%08X, %s",
                   module->name, (unsigned int)call->hr,
                   refused ? "the request is answered with 500"
                           : "it takes no part in this request");
    if (!refused) {
        return RQ_NOTIFICATION_CONTINUE;
    }
    iisr_response_clear_entity(&ctx->response);
    iisr_response_set_status(&ctx->response, 500, NULL, 0);
    return RQ_NOTIFICATION_FINISH_REQUEST;
}

static void notify(void *baton)
{
    call_t *call = baton;
    notify_fn fn = notification(call->place->event, call->place->post);

    if (!call->instance->module) {
        make_instance(call);
    }
    if (!call->instance->failed) {
        call->verdict = fn(call->instance->module,
                           (IHttpContext *)(void *)&call->ctx->handle->iface,
                           call->place->provider);
    }
}

REQUEST_NOTIFICATION_STATUS iisr_call_notify(iisr_context_t *ctx,
                                             iisr_place_t *place,
                                             iisr_instance_t *instance)
{
    char what[WHAT];
    call_t call = { .ctx = ctx, .place = place, .instance = instance,
                    .verdict = RQ_NOTIFICATION_CONTINUE, .what = what };

    *what = '\0';
    if (!instance->module) {
        call.allocator = ctx->objects_table->allocator(ctx);
    }
    run_module(&call, notify);
    return instance->failed && !*what ? fail_request(&call) : call.verdict;
}

static void complete(void *baton)
{
    call_t *call = baton;
    const iisr_operation_t *op = call->op;
    IHttpContext *context =
        (IHttpContext *)(void *)&call->ctx->handle->iface;
    const iisr_place_t *place = call->place;
    CHttpModule *module = call->instance->module;

    if (op->callback) {
        call->verdict = op->callback((IHttpContext3 *)(void *)context,
                                     call->info, op->baton);
    }
    else if (op->routine) {
        op->routine(HRESULT_CODE(op->status), (DWORD)op->bytes, op->baton);
    }
    else {
        call->verdict = module->lpVtbl->OnAsyncCompletion(module, context,
            iisr_event_bit(place->event), place->post, place->provider,
            (IHttpCompletionInfo *)(void *)call->info);
    }
}

REQUEST_NOTIFICATION_STATUS iisr_call_complete(iisr_context_t *ctx,
                                               iisr_place_t *place,
                                               const iisr_operation_t *op)
{
    char what[WHAT];
    call_t call = {
        .ctx = ctx, .place = place, .op = op, .what = what,
        .instance = &ctx->pipeline.instances[place->module->index],
        .info = ctx->objects_table->completion_info(ctx, op),
        .verdict = RQ_NOTIFICATION_PENDING
    };

    run_module(&call, complete);
    return call.verdict;
}

/* --- its end ------------------------------------------------------------ */

static void dispose(void *baton)
{
    CHttpModule *module = baton;

    module->lpVtbl->Dispose(module);
}

void iisr_call_dispose(iisr_context_t *ctx, const iisr_module_t *from,
                       CHttpModule *module)
{
    char what[WHAT];

    if (!iisr_module_call(from, dispose, module, what, sizeof(what))) {
        ctx->host->log(ctx->req, IISR_LOG_ERROR, "IISR0012", "module %s: an "
                       "exception left Dispose: %s", from->name, what);
    }
}
