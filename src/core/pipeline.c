/* pipeline.c: the trampoline.  A notification that answers PENDING is held
 * here; completions are delivered in a loop, never by recursion, so a module
 * may chain a million operations on a constant stack.  The lock is held
 * throughout except while module code runs.
 */
#include <string.h>
#include "context.h"
#include "module_call.h"
#include "turns.h"

/* --- what is known of a module ----------------------------------------- */

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
            place->verdict = checked(ctx, place,
                                     iisr_call_complete(ctx, place, &op));
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
                                 iisr_call_notify(ctx, place, instance));
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
            iisr_call_dispose(ctx, ctx->registry->modules[i], module);
        }
    }
}
