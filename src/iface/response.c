/* response.c: IHttpResponse to IHttpResponse4: the status, the connection
 * and the table of all methods.
 */
#include <string.h>
#include "flush.h"
#include "response_extra.h"
#include "response_methods.h"
#include "vtable.h"
#include "wide.h"

HRESULT iisr_response_refuse(iisr_context_t *ctx, const char *id,
                             const char *method, const char *why, HRESULT hr)
{
    if (ctx->req) {
        ctx->host->log(ctx->req, IISR_LOG_WARNING, id,
                       "IHttpResponse::%s: %s: 0x%08X", method, why,
                       (unsigned int)hr);
    }
    return hr;
}

/* Pages: the methods' own.  "If the response has already been flushed to the
 * client" they have no effect, and it is no error. */
void iisr_response_too_late(iisr_context_t *ctx, const char *method)
{
    if (ctx->req) {
        ctx->host->log(ctx->req, IISR_LOG_DEBUG, NULL, "IHttpResponse::%s: "
                       "the head has left: no effect", method);
    }
}

/* --- the view and the status -------------------------------------------- */

static HTTP_RESPONSE *response_GetRawHttpResponse(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_response_enter(This);
    HTTP_RESPONSE *raw;

    iisr_response_load(&ctx->response, 0);
    raw = iisr_response_raw(&ctx->response);
    iisr_leave(ctx);
    return raw;
}

static const HTTP_RESPONSE *response_GetRawHttpResponseConst(
    IHttpResponse *This)
{
    return response_GetRawHttpResponse(This);
}

static HRESULT response_SetStatus(IHttpResponse *This, USHORT statusCode,
                                  PCSTR pszReason, USHORT uSubStatus,
                                  HRESULT hrErrorToReport,
                                  IAppHostConfigException *pException,
                                  BOOL fTrySkipCustomErrors)
{
    iisr_context_t *ctx = iisr_response_enter(This);
    HRESULT hr = S_OK;

    (void)pException;
    if (statusCode >= 100 && statusCode < 200) {
        hr = iisr_response_refuse(ctx, "IISR0113", "SetStatus", "100 to 199 "
                                  "are no statuses of a response",
                                  BAD_PARAMETER);
    }
    else if (ctx->response.committed) {
        iisr_response_too_late(ctx, "SetStatus");
    }
    else if (iisr_response_set_status(&ctx->response, statusCode, pszReason,
                                 uSubStatus) != APR_SUCCESS) {
        hr = iisr_response_refuse(ctx, "IISR0101", "SetStatus", "status out "
                                  "of range or reason with control characters",
                                  BAD_DATA);
    }
    else {
        const iisr_place_t *place = iisr_pipeline_current(ctx);

        ctx->response.error = hrErrorToReport;
        ctx->response.skip_custom_errors = fTrySkipCustomErrors != 0;
        ctx->response.touched = 1;
        ctx->response.set_by = place ? place->module : NULL;
        ctx->response.set_at = place ? iisr_event_bit(place->event) : 0;
    }
    iisr_leave(ctx);
    return hr;
}

static void response_GetStatus(IHttpResponse *This, USHORT *pStatusCode,
                               USHORT *pSubStatus, PCSTR *ppszReason,
                               USHORT *pcchReason, HRESULT *phrErrorToReport,
                               PCWSTR *ppszModule, DWORD *pdwNotification,
                               IAppHostConfigException **ppException,
                               BOOL *pfTrySkipCustomErrors)
{
    iisr_context_t *ctx = iisr_response_enter(This);
    const iisr_response_t *res = &ctx->response;
    const char *reason;

    reason = res->reason ? res->reason : iisr_status_reason(res->status);
    GIVE(pStatusCode, res->status);
    GIVE(pSubStatus, res->substatus);
    GIVE(ppszReason, reason);
    GIVE(pcchReason, strlen(reason));
    GIVE(phrErrorToReport, res->error);
    GIVE(ppszModule, res->set_by
         ? ((const iisr_module_t *)res->set_by)->wide_name : NULL);
    GIVE(pdwNotification, res->set_at);
    GIVE(ppException, NULL);
    GIVE(pfTrySkipCustomErrors, res->skip_custom_errors);
    iisr_leave(ctx);
}

static HRESULT response_SetErrorDescription(IHttpResponse *This,
                                            PCWSTR pszDescription,
                                            DWORD cchDescription,
                                            BOOL fHtmlEncode)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    char *text;
    apr_size_t length;

    if (!pszDescription) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    text = iisr_narrow_n(ctx->pool, pszDescription, cchDescription, NULL);
    if (fHtmlEncode) {
        text = (char *)iisr_html_escape(ctx->pool, text);
    }
    ctx->response.description = iisr_widen(ctx->pool, text, &length);
    ctx->response.description_length = length;
    iisr_leave(ctx);
    return S_OK;
}

static PCWSTR response_GetErrorDescription(IHttpResponse *This,
                                           DWORD *pcchDescription)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    GIVE(pcchDescription, ctx->response.description_length);
    return ctx->response.description;
}

/* --- clearing and the connection ---------------------------------------- */

static void response_Clear(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_response_enter(This);

    if (ctx->response.committed) {
        iisr_response_too_late(ctx, "Clear");
    }
    else {
        iisr_response_load(&ctx->response, 1);
        iisr_response_clear(&ctx->response);
    }
    iisr_leave(ctx);
}

static void response_ClearHeaders(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_response_enter(This);

    if (ctx->response.committed) {
        iisr_response_too_late(ctx, "ClearHeaders");
    }
    else {
        iisr_response_clear_headers(&ctx->response);
    }
    iisr_leave(ctx);
}

/* What HTTP/2 has nothing for; these methods return nothing. */
static int is_refused(iisr_context_t *ctx, iisr_once_e what)
{
    const iisr_request_facts_t *facts;

    iisr_enter(ctx);
    facts = iisr_request_facts(ctx);
    iisr_leave(ctx);
    return facts && facts->major >= 2
           && iisr_refuse_once(ctx, what,
                               HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED));
}

static void response_SetNeedDisconnect(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    if (is_refused(ctx, IISR_ONCE_DISCONNECT)) {
        return;
    }
    iisr_enter(ctx);
    ctx->response.disconnect = 1;
    if (ctx->req && ctx->response.committed) {
        ctx->host->abort(ctx->req, IISR_END_CLOSE);
    }
    iisr_leave(ctx);
}

static void reset_here(iisr_context_t *ctx, void *baton)
{
    const iisr_end_e *how = baton;

    if (ctx->req) {
        ctx->host->abort(ctx->req, *how);
    }
}

static void reset(iisr_context_t *ctx, iisr_end_e how, ULONG code)
{
    iisr_enter(ctx);
    if (!ctx->response.is_reset) {
        ctx->response.is_reset = 1;
        ctx->response.reset_code = code;
    }
    ctx->response.touched = 1;
    iisr_response_clear_entity(&ctx->response);
    iisr_context_on_worker(ctx, reset_here, &how);
    iisr_leave(ctx);
}

/* RFC 9113, 7: the stream is no longer needed. */
#define H2_CANCEL 8

static void response_ResetConnection(IHttpResponse *This)
{
    reset(iisr_context_from_response(This), IISR_END_RESET, H2_CANCEL);
}

static void response_CloseConnection(IHttpResponse *This)
{
    reset(iisr_context_from_response(This), IISR_END_CUT, H2_CANCEL);
}

static void response_ResetStream(IHttpResponse4 *This, ULONG errorCode)
{
    reset(iisr_context_from_response(This), IISR_END_RESET, errorCode);
}

static void response_SetNeedGoAway(IHttpResponse4 *This)
{
    response_SetNeedDisconnect((IHttpResponse *)(void *)This);
}

static void response_DisableKernelCache(IHttpResponse *This, ULONG reason)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    (void)reason;
    iisr_enter(ctx);
    ctx->response.kernel_cache_off = 1;
    iisr_leave(ctx);
}

/* TRUE only means that caching was not disabled. */
static BOOL response_GetKernelCacheEnabled(IHttpResponse *This)
{
    return !iisr_context_from_response(This)->response.kernel_cache_off;
}

static void response_SuppressHeaders(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    if (is_refused(ctx, IISR_ONCE_SUPPRESS)) {
        return;
    }
    iisr_enter(ctx);
    ctx->response.suppressed = 1;
    iisr_leave(ctx);
}

static BOOL response_GetHeadersSuppressed(IHttpResponse *This)
{
    return iisr_context_from_response(This)->response.suppressed;
}

static void response_DisableBuffering(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_context_from_response(This);

    iisr_enter(ctx);
    ctx->response.unbuffered = 1;
    iisr_leave(ctx);
}

static IHttpCachePolicy *response_GetCachePolicy(IHttpResponse *This)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    IHttpCachePolicy *policy;

    iisr_enter(ctx);
    policy = iisr_cache_policy(ctx);
    iisr_leave(ctx);
    return policy;
}

IISR_VTABLE(IHttpResponse4, response_vtbl) = {
    .base.base.base = {
        .GetRawHttpResponseConst = response_GetRawHttpResponseConst,
        .GetRawHttpResponse = response_GetRawHttpResponse,
        .GetCachePolicy = response_GetCachePolicy,
        .SetStatus = response_SetStatus,
        .SetHeaderById = response_SetHeaderById,
        .SetHeader = response_SetHeader,
        .DeleteHeaderById = response_DeleteHeaderById,
        .DeleteHeader = response_DeleteHeader,
        .GetHeaderById = response_GetHeaderById,
        .GetHeader = response_GetHeader,
        .Clear = response_Clear,
        .ClearHeaders = response_ClearHeaders,
        .SetNeedDisconnect = response_SetNeedDisconnect,
        .ResetConnection = response_ResetConnection,
        .DisableKernelCache = response_DisableKernelCache,
        .GetKernelCacheEnabled = response_GetKernelCacheEnabled,
        .SuppressHeaders = response_SuppressHeaders,
        .GetHeadersSuppressed = response_GetHeadersSuppressed,
        .Flush = response_Flush,
        .Redirect = response_Redirect,
        .WriteEntityChunkByReference = response_WriteEntityChunkByReference,
        .WriteEntityChunks = response_WriteEntityChunks,
        .DisableBuffering = response_DisableBuffering,
        .GetStatus = response_GetStatus,
        .SetErrorDescription = response_SetErrorDescription,
        .GetErrorDescription = response_GetErrorDescription,
        .GetHeaderChanges = response_GetHeaderChanges,
        .CloseConnection = response_CloseConnection
    },
    .base.base.WriteEntityChunksWithCallback =
        response_WriteEntityChunksWithCallback,
    .base.base.FlushWithCallback = response_FlushWithCallback,
    .base.PushPromise = response_PushPromise,
    .DeleteTrailer = response_DeleteTrailer,
    .GetTrailer = response_GetTrailer,
    .ResetStream = response_ResetStream,
    .SetNeedGoAway = response_SetNeedGoAway,
    .SetTrailer = response_SetTrailer
} IISR_VTABLE_END;

void iisr_response_iface_init(IHttpResponse4 *iface)
{
    iface->lpVtbl = IISR_VPTR(response_vtbl);
}
