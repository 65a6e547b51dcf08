/* context_child.c: IHttpContext's methods about child requests.  See
 * context.c. */
#include <apr_atomic.h>
#include "context_parts.h"

#define NOT_SUPPORTED HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)

/* What a module asks for again and again is worth one line a process. */
static HRESULT not_supported(iisr_context_t *ctx, const char *id,
                             volatile apr_uint32_t *said, const char *method)
{
    iisr_enter(ctx);
    if (!apr_atomic_xchg32(said, 1)) {
        iisr_context_refuse(ctx, id, NOT_SUPPORTED, method,
               "not supported (ERROR_NOT_SUPPORTED; said once)");
    }
    iisr_leave(ctx);
    return NOT_SUPPORTED;
}

HRESULT context_ExecuteRequest(IHttpContext *This, BOOL fAsync,
                                      IHttpContext *pHttpContext,
                                      DWORD dwExecuteFlags,
                                      IHttpUser *pHttpUser,
                                      BOOL *pfCompletionExpected)
{
    static volatile apr_uint32_t said;

    (void)fAsync;
    (void)pHttpContext;
    (void)dwExecuteFlags;
    (void)pHttpUser;
    if (pfCompletionExpected) {
        *pfCompletionExpected = FALSE;
    }
    return not_supported(context_of(This), "IISR0210", &said,
                         "ExecuteRequest");
}

HRESULT context_CloneContext(IHttpContext *This, DWORD dwCloneFlags,
                                    IHttpContext **ppHttpContext)
{
    static volatile apr_uint32_t said;

    (void)dwCloneFlags;
    if (!ppHttpContext) {
        return BAD_PARAMETER;
    }
    *ppHttpContext = NULL;
    return not_supported(context_of(This), "IISR0210", &said,
                         "CloneContext");
}

/* IIS: called on a child; there are none. */
HRESULT context_ReleaseClonedContext(IHttpContext *This)
{
    (void)This;
    return BAD_PARAMETER;
}

DWORD context_GetExecuteFlags(IHttpContext *This)
{
    (void)This;
    return 0;
}

IHttpContext *context_GetParentContext(IHttpContext *This)
{
    (void)This;
    return NULL;
}

/* IIS: NULL when the context is the root itself. */
IHttpContext *context_GetRootContext(IHttpContext *This)
{
    (void)This;
    return NULL;
}

