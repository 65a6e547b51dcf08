/* pipeline.c: the trampoline.  A notification that answers PENDING is held
 * here; completions are delivered in a loop, never by recursion, so a module
 * may chain a million operations on a constant stack.  The lock is held
 * throughout except while module code runs.
 */
#include <string.h>
#include "context.h"
#include "iis_notifications.h"
#include "log_data.h"
#include "turns.h"

/* --- calling a module --------------------------------------------------- */

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

static int place_step(const iisr_place_t *place)
{
    return IISR_STEP(place->event) + place->post;
}

static iisr_instance_t *record_of(iisr_context_t *ctx,
                                  const iisr_module_t *module)
{
    iisr_pipeline_t *p = &ctx->pipeline;

    if (!p->instances) {
        p->instances = apr_pcalloc(ctx->pool, sizeof(*p->instances)
                                              * ctx->registry->nmodules);
    }
    return &p->instances[module->index];
}

void iisr_pipeline_disable(iisr_context_t *ctx, const iisr_module_t *module,
                           DWORD events, DWORD post_events)
{
    iisr_instance_t *instance = record_of(ctx, module);

    instance->disabled[0] |= events;
    instance->disabled[1] |= post_events;
}

/* Without a call to find it: a pointer fits in what is kept for modules. */
static __thread iisr_context_t *running
    __attribute__((tls_model("initial-exec")));

iisr_context_t *iisr_pipeline_context(void)
{
    return running;
}

/* The module's instance for this request, made when it is first called.  No
 * lock held: nobody else looks at the record before that. */
static HRESULT make_instance(const iisr_module_t *module,
                             iisr_instance_t *instance,
                             IModuleAllocator *allocator)
{
    HRESULT hr = module->factory->lpVtbl->GetHttpModule(module->factory,
                                                        &instance->module,
                                                        allocator);

    if (FAILED(hr) || !instance->module) {
        instance->module = NULL;
        instance->failed = 1;
    }
    return hr;
}

/* Without it the request may not go on: it may be the one that decides who is
 * let in.  What has left already cannot be taken back. */
static REQUEST_NOTIFICATION_STATUS fail_request(iisr_context_t *ctx,
                                                const iisr_module_t *module,
                                                HRESULT hr)
{
    int refused = !module->optional && !ctx->response.committed
                  && !ctx->pipeline.no_io;

    ctx->host->log(ctx->req, IISR_LOG_ERROR, "IISR0001",
                   "module %s: GetHttpModule failed with 0x%08X, %s",
                   module->name, (unsigned int)hr,
                   refused ? "the request is answered with 500"
                           : "it takes no part in this request");
    if (!refused) {
        return RQ_NOTIFICATION_CONTINUE;
    }
    iisr_response_clear_entity(&ctx->response);
    iisr_response_set_status(&ctx->response, 500, NULL, 0);
    return RQ_NOTIFICATION_FINISH_REQUEST;
}

static REQUEST_NOTIFICATION_STATUS call_module(iisr_context_t *ctx,
                                               iisr_place_t *place,
                                               iisr_instance_t *instance)
{
    notify_fn call = notification(place->event, place->post);
    IModuleAllocator *allocator = instance->module
        ? NULL : ctx->objects_table->allocator(ctx);
    iisr_place_t *outer = ctx->pipeline.inner;
    iisr_context_t *before = running;
    REQUEST_NOTIFICATION_STATUS verdict = RQ_NOTIFICATION_CONTINUE;
    HRESULT hr = S_OK;
    unsigned int depth;

    ctx->pipeline.inner = place;
    ctx->completion.since = 0;
    running = ctx;
    depth = iisr_give_up(ctx);
    if (!instance->module) {
        hr = make_instance(place->module, instance, allocator);
    }
    if (!instance->failed) {
        verdict = call(instance->module, (IHttpContext *)(void *)&ctx->handle->iface,
                       place->provider);
    }
    iisr_take_again(ctx, depth);
    running = before;
    ctx->pipeline.inner = outer;
    if (instance->failed) {
        verdict = fail_request(ctx, place->module, hr);
    }
    iisr_response_take_back(&ctx->response);
    iisr_log_data_keep(ctx);
    return verdict;
}

static REQUEST_NOTIFICATION_STATUS deliver(iisr_context_t *ctx,
                                           iisr_place_t *place,
                                           iisr_operation_t *op)
{
    IHttpContext *context = (IHttpContext *)(void *)&ctx->handle->iface;
    IHttpCompletionInfo2 *info = ctx->objects_table->completion_info(ctx, op);
    CHttpModule *module = ctx->pipeline.instances[place->module->index].module;
    iisr_place_t *outer = ctx->pipeline.inner;
    iisr_context_t *before = running;
    REQUEST_NOTIFICATION_STATUS verdict = RQ_NOTIFICATION_PENDING;
    unsigned int depth;

    ctx->pipeline.inner = place;
    ctx->completion.since = 0;
    running = ctx;
    depth = iisr_give_up(ctx);
    if (op->callback) {
        verdict = op->callback((IHttpContext3 *)(void *)context, info,
                               op->baton);
    }
    else if (op->routine) {
        op->routine(HRESULT_CODE(op->status), (DWORD)op->bytes, op->baton);
    }
    else {
        verdict = module->lpVtbl->OnAsyncCompletion(module, context,
                        iisr_event_bit(place->event), place->post,
                        place->provider, (IHttpCompletionInfo *)(void *)info);
    }
    iisr_take_again(ctx, depth);
    running = before;
    ctx->pipeline.inner = outer;
    iisr_response_take_back(&ctx->response);
    iisr_log_data_keep(ctx);
    return verdict;
}

/* --- the trampoline ----------------------------------------------------- */

static REQUEST_NOTIFICATION_STATUS checked(iisr_context_t *ctx,
                                           const iisr_place_t *place,
                                           REQUEST_NOTIFICATION_STATUS verdict)
{
    if (verdict == RQ_NOTIFICATION_CONTINUE
        || verdict == RQ_NOTIFICATION_PENDING
        || verdict == RQ_NOTIFICATION_FINISH_REQUEST) {
        return verdict;
    }
    ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0002",
                   "module %s answered %s with %d, which IIS does not know: "
                   "taken as RQ_NOTIFICATION_CONTINUE", place->module->name,
                   iisr_event_name(place->event), (int)verdict);
    return RQ_NOTIFICATION_CONTINUE;
}

/* It answered PENDING and is not waited for: it may yet post, so that its
 * instance stays; it is not called again. */
static REQUEST_NOTIFICATION_STATUS abandon(iisr_context_t *ctx,
                                           const iisr_place_t *place)
{
    ctx->pipeline.instances[place->module->index].abandoned = 1;
    ctx->pipeline.abandoned = 1;
    if (ctx->abandoning) {
        ctx->host->log(ctx->req, IISR_LOG_INFO, NULL, "module %s has not "
                       "answered %s: the request ends without it",
                       place->module->name, iisr_event_name(place->event));
        return RQ_NOTIFICATION_FINISH_REQUEST;
    }
    ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0006",
                   "module %s answered %s with PENDING where the request "
                   "cannot wait any more: taken as RQ_NOTIFICATION_CONTINUE",
                   place->module->name, iisr_event_name(place->event));
    return RQ_NOTIFICATION_CONTINUE;
}

static int wait_for(iisr_context_t *ctx, const iisr_place_t *place,
                    int may_leave)
{
    iisr_completion_t *completion = &ctx->completion;
    const iisr_place_t *outer = completion->waited;
    int runnable;

    if (!completion->since) {
        completion->since = apr_time_now();
    }
    completion->waited = place;
    runnable = ctx->way->wait(ctx, may_leave);
    if (runnable) {
        completion->waited = outer;
    }
    return runnable;
}

/* It went on although something it started is not through: memory that it
 * lent must not be read after this notification.  Zero: the thread shall
 * leave and come back here. */
static int settle_operations(iisr_context_t *ctx, iisr_place_t *place,
                             int may_leave)
{
    while (iisr_completion_outstanding(&ctx->completion)) {
        if (ctx->abandoning) {
            iisr_completion_abort(ctx, HRESULT_FROM_WIN32(
                                           ERROR_OPERATION_ABORTED));
            break;
        }
        if (!place->over) {
            place->over = 1;
            ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0003",
                           "module %s left %s with an asynchronous operation "
                           "outstanding: waiting for it, its completion is "
                           "not delivered", place->module->name,
                           iisr_event_name(place->event));
        }
        if (!ctx->way->wait(ctx, may_leave)) {
            return 0;
        }
    }
    iisr_completion_drop(ctx);
    return 1;
}

/* Until the module has answered and nothing that it started is outstanding.
 * Zero: the thread shall leave and come back here. */
static int settle(iisr_context_t *ctx, iisr_place_t *place, int may_leave)
{
    iisr_completion_t *completion = &ctx->completion;
    iisr_operation_t op;

    while (place->verdict == RQ_NOTIFICATION_PENDING) {
        if (completion->indicated) {
            completion->indicated = 0;
            place->verdict = completion->verdict;
        }
        else if (iisr_completion_take(ctx, &op)) {
            place->verdict = checked(ctx, place, deliver(ctx, place, &op));
        }
        else if (ctx->abandoning || ctx->pipeline.no_io) {
            place->verdict = abandon(ctx, place);
        }
        else {
            place->pending = 1;
            if (!wait_for(ctx, place, may_leave)) {
                return 0;
            }
        }
    }
    place->pending = 0;
    return settle_operations(ctx, place, may_leave);
}

/* One module's turn; zero: the thread shall leave. */
static int turn(iisr_context_t *ctx, iisr_place_t *place, int may_leave)
{
    if (!place->module) {
        int n;
        const iisr_module_t *module =
            iisr_turns_order(ctx, place_step(place), &n)[place->position];
        iisr_instance_t *instance;

        place->verdict = RQ_NOTIFICATION_CONTINUE;
        if (!iisr_turns_takes_part(ctx, module, place->event, place->post)
            || (instance = record_of(ctx, module))->failed) {
            return 1;
        }
        place->module = (iisr_module_t *)module;
        place->over = 0;
        ctx->host->log(ctx->req, IISR_LOG_DEBUG, NULL, "%s%s: %s",
                       place->post ? "Post" : "",
                       iisr_event_name(place->event), module->name);
        place->verdict = checked(ctx, place,
                                 call_module(ctx, place, instance));
    }
    if (!settle(ctx, place, may_leave)) {
        return 0;
    }
    place->module = NULL;
    return 1;
}

/* --- events ------------------------------------------------------------- */

/* SetRequestHandled: no handler that has not begun is executed. */
static int handled_already(const iisr_context_t *ctx,
                           const iisr_place_t *place)
{
    return ctx->pipeline.handled && place->event == IISR_EV_EXECUTE
           && !place->post && !place->module;
}

/* The modules of one event, or post-event, from where the place stands. */
static iisr_run_e run_modules(iisr_context_t *ctx, iisr_place_t *place,
                              int may_leave)
{
    iisr_run_e result = IISR_RUN_CONTINUE;
    int n;

    for (iisr_turns_order(ctx, place_step(place), &n); place->position < n; ) {
        if (handled_already(ctx, place)) {
            break;
        }
        if (!turn(ctx, place, may_leave)) {
            return IISR_RUN_PENDING;
        }
        place->position++;
        if (place->verdict == RQ_NOTIFICATION_FINISH_REQUEST) {
            result = IISR_RUN_FINISH;
            break;
        }
    }
    return result;
}

void iisr_pipeline_finish(iisr_context_t *ctx)
{
    iisr_pipeline_t *p = &ctx->pipeline;

    p->finishing = 1;
    if (p->next < IISR_STEP(IISR_EV_LOG)) {
        p->next = IISR_STEP(IISR_EV_LOG);
    }
}

int iisr_pipeline_over(const iisr_context_t *ctx)
{
    return ctx->pipeline.next >= IISR_STEPS;
}

static void enter_step(iisr_context_t *ctx, int step)
{
    iisr_pipeline_t *p = &ctx->pipeline;

    if (p->started && p->place.event == (iisr_event_e)(step / 2)
        && p->place.post == (step & 1)) {
        return;                         /* goes on after PENDING */
    }
    memset(&p->place, 0, sizeof(p->place));
    p->place.event = step / 2;
    p->place.post = step & 1;
    p->place.provider = ctx->objects_table->provider(ctx, p->place.event);
    p->started = 1;
}

iisr_run_e iisr_pipeline_run_to(iisr_context_t *ctx, int last, int may_leave)
{
    iisr_pipeline_t *p = &ctx->pipeline;

    if (p->finishing) {
        iisr_pipeline_finish(ctx);      /* said so from OnSendResponse */
    }
    p->last = last;
    while (p->next <= last) {
        int step = ctx->registry->due[p->next];
        iisr_run_e result;

        if (step > last) {
            p->next = last + 1;
            iisr_turns_let_in(ctx);
            break;
        }
        p->next = step;
        enter_step(ctx, step);
        result = run_modules(ctx, &p->place, may_leave);
        if (result == IISR_RUN_PENDING) {
            return result;
        }
        step = p->next;                 /* the module may have gone on */
        /* FINISH_REQUEST leaves out the post-event of its event too. */
        p->next = result == IISR_RUN_FINISH ? IISR_STEP(step / 2 + 1)
                                            : step + 1;
        if (result == IISR_RUN_FINISH || p->finishing) {
            iisr_pipeline_finish(ctx);
        }
        iisr_turns_let_in(ctx);
    }
    return p->finishing ? IISR_RUN_FINISH : IISR_RUN_CONTINUE;
}

/* Where the pipeline would go on after this place; negative: nowhere before
 * the host has its turn, or to another module. */
static int next_step(iisr_context_t *ctx, const iisr_place_t *place,
                     int finish, int *position)
{
    const unsigned char *due = ctx->registry->due;
    int step = place_step(place), n, last = ctx->pipeline.last;
    iisr_module_t **order;

    iisr_turns_order(ctx, step, &n);
    if (iisr_turns_next(ctx, step, place->position + 1) < n) {
        return -1;
    }
    step = finish ? (int)IISR_STEP(place->event + 1) : step + 1;
    if (finish && step < IISR_STEP(IISR_EV_LOG)) {
        step = IISR_STEP(IISR_EV_LOG);
    }
    if (!ctx->pipeline.passed && ctx->pipeline.resume && last > IISR_GATE_LAST) {
        last = IISR_GATE_LAST;
    }
    for (step = due[step]; step <= last; step = due[step + 1]) {
        order = iisr_turns_order(ctx, step, &n);
        if ((*position = iisr_turns_next(ctx, step, 0)) < n) {
            return order[*position] == place->module ? step : -1;
        }
    }
    return -1;
}

const iisr_place_t *iisr_pipeline_advance(iisr_context_t *ctx,
                                          REQUEST_NOTIFICATION_STATUS status)
{
    iisr_pipeline_t *p = &ctx->pipeline;
    iisr_place_t *place = &p->place;
    int finish = (status == RQ_NOTIFICATION_FINISH_REQUEST), step, position;

    if (p->inner != place || status == RQ_NOTIFICATION_PENDING
        || iisr_completion_outstanding(&ctx->completion)
        || iisr_completion_ready(&ctx->completion)
        || (step = next_step(ctx, place, finish, &position)) < 0) {
        return NULL;
    }
    p->finishing |= finish;
    p->next = step;
    place->event = step / 2;
    place->post = step & 1;
    place->position = position;
    place->provider = ctx->objects_table->provider(ctx, place->event);
    ctx->host->log(ctx->req, IISR_LOG_DEBUG, NULL, "%s%s: %s, without "
                   "returning", place->post ? "Post" : "",
                   iisr_event_name(place->event), place->module->name);
    return place;
}

iisr_run_e iisr_pipeline_run(iisr_context_t *ctx, iisr_event_e event,
                             int may_leave)
{
    return iisr_pipeline_run_to(ctx, IISR_POST_STEP(event), may_leave);
}

iisr_run_e iisr_pipeline_raise(iisr_context_t *ctx, iisr_event_e event,
                               IHttpEventProvider *provider)
{
    iisr_place_t place = { 0 };
    unsigned int bit = 1u << event;
    iisr_nest_t nest;
    iisr_run_e result;

    if (event != IISR_EV_CUSTOM && (ctx->pipeline.raising & bit)) {
        return IISR_RUN_CONTINUE;
    }
    place.event = event;
    place.provider = provider;
    ctx->pipeline.raising |= bit;
    iisr_completion_nest(ctx, &nest);
    result = run_modules(ctx, &place, 0);
    iisr_completion_unnest(ctx, &nest);
    ctx->pipeline.raising &= ~bit;
    if (result == IISR_RUN_FINISH) {
        ctx->pipeline.finishing = 1;
    }
    return result;
}

/* Those of the requests around this one are on the same stack. */
static int customs_deep(const iisr_context_t *ctx)
{
    int deep = 0;

    for (; ctx; ctx = ctx->children.parent) {
        deep += ctx->pipeline.customs;
    }
    return deep;
}

apr_status_t iisr_pipeline_raise_custom(iisr_context_t *ctx,
                                        IHttpEventProvider *provider)
{
    if (customs_deep(ctx) >= IISR_CUSTOMS_DEEP) {
        return APR_EGENERAL;
    }
    ctx->pipeline.customs++;
    iisr_pipeline_raise(ctx, IISR_EV_CUSTOM, provider);
    ctx->pipeline.customs--;
    return APR_SUCCESS;
}

const iisr_place_t *iisr_pipeline_current(iisr_context_t *ctx)
{
    return ctx->pipeline.inner;
}

void iisr_pipeline_dispose(iisr_context_t *ctx)
{
    iisr_instance_t *instances = ctx->pipeline.instances;
    int i;

    for (i = ctx->registry->nmodules; instances && i-- > 0; ) {
        CHttpModule *module = instances[i].module;

        instances[i].module = NULL;
        instances[i].failed = 1;
        if (module) {
            module->lpVtbl->Dispose(module);
        }
    }
}
