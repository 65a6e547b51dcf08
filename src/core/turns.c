/* turns.c: whose turn it is; see turns.h. */
#include "context.h"
#include "turns.h"

iisr_module_t **iisr_turns_order(const iisr_context_t *ctx, int step, int *n)
{
    const iisr_registry_t *registry = ctx->registry;

    if (ctx->handlers && step / 2 == IISR_EV_EXECUTE) {
        *n = ctx->handlers->norder[step & 1];
        return ctx->handlers->order[step & 1];
    }
    *n = registry->norder[step & 1][step / 2];
    return registry->order[step & 1][step / 2];
}

static void map_step(iisr_context_t *ctx, iisr_handlers_t *handlers, int post,
                     iisr_module_t *const *modules, int n)
{
    int i, k;

    handlers->order[post] = apr_palloc(ctx->pool, (n + 1) * sizeof(*modules));
    for (i = k = 0; i < n; i++) {
        DWORD events = post ? modules[i]->post_events : modules[i]->events;

        if (modules[i]->factory && (events & RQ_EXECUTE_REQUEST_HANDLER)) {
            handlers->order[post][k++] = modules[i];
        }
    }
    handlers->norder[post] = k;
}

void iisr_turns_map(iisr_context_t *ctx, iisr_module_t *const *modules,
                    int n)
{
    static const iisr_handlers_t nobody;
    iisr_handlers_t *handlers;

    if (!n) {
        ctx->handlers = &nobody;
        return;
    }
    handlers = apr_palloc(ctx->pool, sizeof(*handlers));
    map_step(ctx, handlers, 0, modules, n);
    map_step(ctx, handlers, 1, modules, n);
    ctx->handlers = handlers;
}

void iisr_turns_map_all(iisr_context_t *ctx)
{
    ctx->handlers = NULL;
}

/* About this URL, by what decides who is let in. */
static int is_asked(const iisr_pipeline_t *p, const iisr_module_t *module,
                    iisr_event_e event)
{
    return p->asked && p->asked[module->index]
           && (event == IISR_EV_AUTHENTICATE || event == IISR_EV_AUTHORIZE);
}

int iisr_turns_takes_part(iisr_context_t *ctx, const iisr_module_t *module,
                          iisr_event_e event, int post)
{
    const iisr_instance_t *instances = ctx->pipeline.instances;

    return (!ctx->enabled || ctx->enabled[module->index])
           && !is_asked(&ctx->pipeline, module, event)
           && (!module->application
               || module->application == ctx->around.application)
           && !(instances && (instances[module->index].abandoned
                              || (instances[module->index].disabled[post]
                                  & iisr_event_bit(event))));
}

int iisr_turns_next(iisr_context_t *ctx, int step, int from)
{
    int i, n;
    iisr_module_t **order = iisr_turns_order(ctx, step, &n);

    if (ctx->pipeline.handled && step == IISR_STEP(IISR_EV_EXECUTE)) {
        return n;
    }
    for (i = from; i < n; i++) {
        if (iisr_turns_takes_part(ctx, order[i], step / 2, step & 1)) {
            break;
        }
    }
    return i;
}

static int step_wanted(iisr_context_t *ctx, iisr_event_e event, int post)
{
    int i, n;
    iisr_module_t **order = iisr_turns_order(ctx, IISR_STEP(event) + post, &n);

    for (i = 0; i < n; i++) {
        if (iisr_turns_takes_part(ctx, order[i], event, post)) {
            return 1;
        }
    }
    return 0;
}

int iisr_pipeline_wants(iisr_context_t *ctx, iisr_event_e event)
{
    return step_wanted(ctx, event, 0) || step_wanted(ctx, event, 1);
}

int iisr_pipeline_expects(iisr_context_t *ctx, int step)
{
    const unsigned char *due = ctx->registry->due;
    int s;

    for (s = due[ctx->pipeline.next]; s <= step; s = due[s + 1]) {
        if (step_wanted(ctx, s / 2, s & 1)) {
            return 1;
        }
    }
    return 0;
}

/* --- asking again ------------------------------------------------------- */

int iisr_pipeline_has_gate(const iisr_registry_t *registry)
{
    return registry->due[IISR_GATE_FIRST] <= IISR_GATE_LAST;
}

void iisr_turns_let_in(iisr_context_t *ctx)
{
    iisr_pipeline_t *p = &ctx->pipeline;

    if (!p->passed && p->next > IISR_GATE_LAST) {
        p->passed = 1;
        p->scope = ctx->enabled;
        p->next = p->next < p->resume ? p->resume : p->next;
    }
}

static void remember_asked(iisr_context_t *ctx)
{
    iisr_pipeline_t *p = &ctx->pipeline;
    int i, n = ctx->registry->nmodules;

    if (!p->asked) {
        p->asked = apr_pcalloc(ctx->pool, n);
    }
    for (i = 0; i < n; i++) {
        p->asked[i] |= !p->scope || p->scope[i];
    }
}

void iisr_pipeline_ask_again(iisr_context_t *ctx, int another_url)
{
    iisr_pipeline_t *p = &ctx->pipeline;

    if (p->finishing || p->next <= IISR_GATE_FIRST
        || !iisr_pipeline_has_gate(ctx->registry)) {
        return;
    }
    if (another_url) {
        p->asked = NULL;
    }
    else if (p->passed) {
        remember_asked(ctx);
    }
    if (p->next > IISR_GATE_LAST) {
        p->resume = p->next;
    }
    p->next = IISR_GATE_FIRST;
    p->passed = 0;
    p->started = 0;
}

void iisr_pipeline_execute_again(iisr_context_t *ctx)
{
    iisr_pipeline_t *p = &ctx->pipeline;

    if (!p->finishing && p->next == IISR_POST_STEP(IISR_EV_EXECUTE)) {
        p->next = IISR_STEP(IISR_EV_EXECUTE);
        p->started = 0;
    }
}

void iisr_pipeline_end(iisr_context_t *ctx)
{
    iisr_pipeline_finish(ctx);
    if (ctx->pipeline.next < IISR_STEP(IISR_EV_END)) {
        ctx->pipeline.next = IISR_STEP(IISR_EV_END);
    }
}
