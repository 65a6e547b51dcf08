/* context_child.c: IHttpContext's methods about child requests.  See
 * context.c and core/child.h.
 */
#include "context_parts.h"
#include "hresult.h"
#include "response_extra.h"
#include "core/wide.h"

#define NOT_SUPPORTED HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)

#define CLONE_FLAGS (CLONE_FLAG_BASICS | CLONE_FLAG_HEADERS \
                     | CLONE_FLAG_ENTITY | CLONE_FLAG_NO_PRECONDITION \
                     | CLONE_FLAG_NO_DAV | CLONE_FLAG_USER_CACHE_VARY_BY \
                     | CLONE_FLAG_SERVER_VARIABLE)

static IHttpContext *iface_of(iisr_context_t *ctx)
{
    return ctx ? (IHttpContext *)(void *)&ctx->handle->iface : NULL;
}

/* --- CloneContext ------------------------------------------------------- */

static void inherit_variables(iisr_context_t *parent, iisr_context_t *child)
{
    apr_hash_index_t *hi;

    iisr_enter(parent);
    for (hi = apr_hash_first(child->pool,
                             iisr_context_objects(parent)->variables); hi;
         hi = apr_hash_next(hi)) {
        const iisr_variable_t *v = apr_hash_this_val(hi);

        if (v->set_wide) {
            iisr_enter(child);
            iisr_context_set_variable(child, v->name, v->set_wide);
            iisr_leave(child);
        }
    }
    iisr_leave(parent);
}

HRESULT context_CloneContext(IHttpContext *This, DWORD dwCloneFlags,
                             IHttpContext **ppHttpContext)
{
    iisr_context_t *ctx = context_of(This), *child = NULL;
    apr_status_t rv;

    if (!ppHttpContext) {
        return BAD_PARAMETER;
    }
    *ppHttpContext = NULL;
    if (dwCloneFlags & ~CLONE_FLAGS) {
        return BAD_PARAMETER;
    }
    rv = iisr_child_clone(ctx, dwCloneFlags, &child);
    if (rv != APR_SUCCESS) {
        return iisr_hresult(rv);
    }
    if (dwCloneFlags & CLONE_FLAG_SERVER_VARIABLE) {
        inherit_variables(ctx, child);
    }
    if (dwCloneFlags & CLONE_FLAG_USER_CACHE_VARY_BY) {
        iisr_cache_policy_inherit(ctx, child);
    }
    *ppHttpContext = iface_of(child);
    return S_OK;
}

/* --- ExecuteRequest ----------------------------------------------------- */

/* The child has run.  The caller hears of it by a completion, unless it can
 * be told at once and wants that (IISInlineCompletion). */
static void complete(iisr_context_t *ctx, const iisr_execution_t *execution,
                     BOOL *pfCompletionExpected)
{
    iisr_enter(ctx);
    if (!pfCompletionExpected || !ctx->settings.inline_completion) {
        iisr_completion_start(ctx, IISR_OP_CHILD, NULL, NULL);
        iisr_completion_record(ctx, IISR_OP_CHILD, execution->bytes, S_OK);
        if (pfCompletionExpected) {
            *pfCompletionExpected = TRUE;
        }
    }
    iisr_leave(ctx);
}

static HRESULT refuse(iisr_context_t *ctx, HRESULT hr, const char *why)
{
    iisr_enter(ctx);
    iisr_context_refuse(ctx, "IISR0801", hr, "ExecuteRequest", why);
    iisr_leave(ctx);
    return hr;
}

/* Lock held. */
static int is_busy(iisr_context_t *ctx)
{
    return !iisr_completion_is_free(&ctx->completion, IISR_OP_CHILD);
}

static HRESULT execute(iisr_context_t *ctx, iisr_context_t *child,
                       iisr_execution_t *execution)
{
    apr_status_t rv;
    int busy;

    iisr_enter(ctx);
    busy = is_busy(ctx);
    iisr_leave(ctx);
    if (busy) {
        return iisr_hresult(APR_EBUSY);
    }
    rv = iisr_child_execute(ctx, child, execution);
    if (rv == APR_ENOTIMPL) {
        return refuse(ctx, NOT_SUPPORTED, "no clone of this context, or one "
                      "that was executed, or not in this notification");
    }
    if (rv == APR_EGENERAL) {
        return refuse(ctx, HRESULT_FROM_WIN32(ERROR_STACK_OVERFLOW),
                      "more than 10 child requests inside one another");
    }
    return iisr_hresult(rv);
}

/* IIS: asynchronous only.  The child runs inside the call all the same: a
 * thread is not given up while it waits for anything. */
HRESULT context_ExecuteRequest(IHttpContext *This, BOOL fAsync,
                               IHttpContext *pHttpContext,
                               DWORD dwExecuteFlags, IHttpUser *pHttpUser,
                               BOOL *pfCompletionExpected)
{
    iisr_context_t *ctx = context_of(This);
    iisr_execution_t execution = { .flags = dwExecuteFlags };
    apr_pool_t *pool;
    HRESULT hr;

    if (pfCompletionExpected) {
        *pfCompletionExpected = FALSE;
    }
    if (!fAsync || !pHttpContext) {
        return refuse(ctx, NOT_SUPPORTED, fAsync ? "no child" : "fAsync is "
                      "FALSE");
    }
    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
    }
    if (pHttpUser) {
        execution.user = iisr_narrow(pool,
            pHttpUser->lpVtbl->GetUserName(pHttpUser), NULL);
        execution.auth_type = iisr_narrow(pool,
            pHttpUser->lpVtbl->GetAuthenticationType(pHttpUser), NULL);
    }
    hr = execute(ctx, context_of(pHttpContext), &execution);
    apr_pool_destroy(pool);
    if (SUCCEEDED(hr)) {
        complete(ctx, &execution, pfCompletionExpected);
    }
    return hr;
}

/* --- around it ---------------------------------------------------------- */

HRESULT context_ReleaseClonedContext(IHttpContext *This)
{
    return iisr_child_release(context_of(This)) == APR_SUCCESS
           ? S_OK : BAD_PARAMETER;
}

DWORD context_GetExecuteFlags(IHttpContext *This)
{
    return context_of(This)->children.flags;
}

IHttpContext *context_GetParentContext(IHttpContext *This)
{
    return iface_of(context_of(This)->children.parent);
}

/* IIS: NULL when the context is the root itself. */
IHttpContext *context_GetRootContext(IHttpContext *This)
{
    return iface_of(context_of(This)->children.root);
}
