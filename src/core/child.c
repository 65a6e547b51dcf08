/* child.c: who is whose child, and when one may run or go; see child.h. */
#include "context.h"

/* --- making ------------------------------------------------------------- */

typedef struct cloning_t {
    DWORD flags;
    iisr_context_t *child;
    apr_status_t rv;
} cloning_t;

static void clone_here(iisr_context_t *parent, void *baton)
{
    cloning_t *cloning = baton;

    cloning->rv = !parent->req ? APR_ECONNABORTED
                  : parent->host->clone && !parent->pipeline.no_io
                  ? parent->host->clone(parent->req, cloning->flags,
                                        &cloning->child)
                  : APR_ENOTIMPL;
}

static void adopt(iisr_context_t *parent, iisr_context_t *child)
{
    iisr_children_t *of = &child->children;

    of->parent = parent;
    of->root = parent->children.root ? parent->children.root : parent;
    of->depth = parent->children.depth + 1;
    of->next = parent->children.first;
    parent->children.first = child;
}

apr_status_t iisr_child_clone(iisr_context_t *parent, DWORD flags,
                              iisr_context_t **child)
{
    cloning_t cloning = { flags, NULL, APR_SUCCESS };

    iisr_enter(parent);
    iisr_context_on_worker(parent, clone_here, &cloning);
    if (cloning.rv == APR_SUCCESS) {
        adopt(parent, cloning.child);
    }
    iisr_leave(parent);
    *child = cloning.child;
    return cloning.rv;
}

/* --- executing ---------------------------------------------------------- */

typedef struct running_t {
    iisr_context_t *child;
    iisr_execution_t *execution;
    apr_status_t rv;
} running_t;

static int is_child(const iisr_context_t *parent, const iisr_context_t *child)
{
    const iisr_context_t *c;

    for (c = parent->children.first; c; c = c->children.next) {
        if (c == child) {
            return 1;
        }
    }
    return 0;
}

static const iisr_module_t *current_module(iisr_context_t *parent)
{
    const iisr_place_t *place = iisr_pipeline_current(parent);

    if (!place && parent->pipeline.started) {
        place = &parent->pipeline.place;
    }
    return place ? place->module : NULL;
}

/* EXECUTE_FLAG_IGNORE_CURRENT_INTERCEPTOR: "for this request chain", so also
 * below the child. */
static void leave_out_ignored(iisr_context_t *child)
{
    const iisr_context_t *c;

    for (c = child; c; c = c->children.parent) {
        if (c->children.ignored) {
            iisr_pipeline_disable(child, c->children.ignored,
                                  RQ_EXECUTE_REQUEST_HANDLER, 0);
        }
    }
}

/* What the engine itself makes of EXECUTE_FLAG_...; the others are the
 * host's (SAME_URL, NO_HEADERS, DISABLE_CUSTOM_ERROR, BUFFER_RESPONSE), and
 * IGNORE_APPPOOL asks for nothing: there is one pool. */
static void apply_flags(iisr_context_t *parent, iisr_context_t *child,
                        DWORD flags)
{
    child->children.flags = flags;
    if (flags & EXECUTE_FLAG_IGNORE_CURRENT_INTERCEPTOR) {
        child->children.ignored = current_module(parent);
    }
    leave_out_ignored(child);
    if (!(flags & EXECUTE_FLAG_HTTP_CACHE_ELIGIBLE)) {
        child->response.kernel_cache_off = 1;
    }
}

static void run_here(iisr_context_t *parent, void *baton)
{
    running_t *running = baton;
    iisr_context_t *child = running->child;
    unsigned int depth;

    if (!parent->req) {
        running->rv = APR_ECONNABORTED;
        return;
    }
    if (parent->pipeline.no_io || !is_child(parent, child)
        || child->children.executed) {
        running->rv = APR_ENOTIMPL;
        return;
    }
    if (child->children.depth > IISR_CHILDREN_DEEP) {
        running->rv = APR_EGENERAL;
        return;
    }
    child->children.executed = 1;
    apply_flags(parent, child, running->execution->flags);
    depth = iisr_give_up(parent);
    running->rv = parent->host->execute(child->req, running->execution);
    iisr_take_again(parent, depth);
}

apr_status_t iisr_child_execute(iisr_context_t *parent, iisr_context_t *child,
                                iisr_execution_t *execution)
{
    running_t running = { child, execution, APR_SUCCESS };

    iisr_enter(parent);
    iisr_context_on_worker(parent, run_here, &running);
    iisr_leave(parent);
    return running.rv;
}

/* --- releasing ---------------------------------------------------------- */

/* The host's part goes.  The lock is given up meanwhile, since instances of
 * modules are disposed of. */
static void drop(iisr_context_t *held, iisr_context_t *child)
{
    unsigned int depth = iisr_give_up(held);

    if (child->req) {
        held->host->drop(child->req);
    }
    iisr_take_again(held, depth);
}

static void unlink_child(iisr_context_t *parent, iisr_context_t *child)
{
    iisr_context_t **p = &parent->children.first;

    while (*p && *p != child) {
        p = &(*p)->children.next;
    }
    if (*p) {
        *p = child->children.next;
    }
}

/* Its memory stays, for its own release to be refused. */
static void orphan(iisr_context_t *child)
{
    iisr_context_t *root = child->children.root;

    unlink_child(child->children.parent, child);
    child->refs++;
    child->children.orphan = 1;
    child->children.parent = NULL;
    child->children.next = root->children.orphans;
    root->children.orphans = child;
}

static void make_orphan(iisr_context_t *held, iisr_context_t *child)
{
    while (child->children.first) {
        make_orphan(held, child->children.first);
    }
    orphan(child);
    drop(held, child);
}

void iisr_child_abandon(iisr_context_t *child)
{
    iisr_context_t *parent = child->children.parent;

    if (parent) {
        iisr_enter(parent);
        orphan(child);
        iisr_leave(parent);
    }
}

static void release_here(iisr_context_t *parent, void *baton)
{
    iisr_context_t *child = baton;

    while (child->children.first) {
        make_orphan(parent, child->children.first);
    }
    unlink_child(parent, child);
    drop(parent, child);
}

apr_status_t iisr_child_release(iisr_context_t *child)
{
    iisr_context_t *parent = child->children.parent;

    if (!parent || child->children.orphan) {
        return APR_EINVAL;
    }
    iisr_enter(parent);
    iisr_context_on_worker(parent, release_here, child);
    iisr_leave(parent);
    return APR_SUCCESS;
}

void iisr_children_forget(iisr_context_t *root)
{
    iisr_context_t *child;

    while ((child = root->children.orphans)) {
        root->children.orphans = child->children.next;
        iisr_enter(child);
        child->refs--;
        iisr_leave(child);
    }
}
