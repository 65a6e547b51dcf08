/* provider.c: IHttpEventProvider and its kin, what a notification gets
 * beside the context.  Part of the request; every method takes its lock.
 */
#include "objects.h"
#include "vtable.h"

static iisr_provider_t *provider_of(void *iface)
{
    return iface;
}

/* IIS: records why, does not change the flow of the request. */
static void provider_SetErrorStatus(IHttpEventProvider *This, HRESULT hrError)
{
    iisr_context_t *ctx = provider_of(This)->ctx;

    iisr_enter(ctx);
    ctx->response.error = hrError;
    iisr_leave(ctx);
}

/* --- ISendResponseProvider ---------------------------------------------- */

static BOOL send_GetHeadersBeingSent(ISendResponseProvider *This)
{
    iisr_context_t *ctx = provider_of(This)->ctx;
    BOOL sent;

    iisr_enter(ctx);
    sent = !ctx->response.committed && !ctx->response.suppressed;
    iisr_leave(ctx);
    return sent;
}

static DWORD send_GetFlags(ISendResponseProvider *This)
{
    iisr_context_t *ctx = provider_of(This)->ctx;
    DWORD flags;

    iisr_enter(ctx);
    flags = provider_of(This)->flags;
    if (ctx->response.disconnect) {
        flags |= HTTP_SEND_RESPONSE_FLAG_DISCONNECT;
    }
    iisr_leave(ctx);
    return flags;
}

/* Only DISCONNECT has a meaning here; the others are kept, so that modules
 * read back what they wrote. */
static void send_SetFlags(ISendResponseProvider *This, DWORD dwFlags)
{
    iisr_context_t *ctx = provider_of(This)->ctx;

    iisr_enter(ctx);
    provider_of(This)->flags = dwFlags;
    if (dwFlags & HTTP_SEND_RESPONSE_FLAG_DISCONNECT) {
        ctx->response.disconnect = 1;
    }
    iisr_leave(ctx);
}

/* Log data is never ready: httpd's log reads the request itself.  IIS: NULL
 * when GetReadyToLogData says FALSE. */
static HTTP_LOG_DATA *send_GetLogData(ISendResponseProvider *This)
{
    (void)This;
    return NULL;
}

static HRESULT send_SetLogData(ISendResponseProvider *This,
                               HTTP_LOG_DATA *pLogData)
{
    (void)This;
    (void)pLogData;
    return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
}

static BOOL send_GetReadyToLogData(ISendResponseProvider *This)
{
    (void)This;
    return FALSE;
}

/* --- IReadEntityProvider ------------------------------------------------ */

static void read_GetEntity(IReadEntityProvider *This, PVOID *ppBuffer,
                           DWORD *pcbData, DWORD *pcbBuffer)
{
    iisr_context_t *ctx = provider_of(This)->ctx;

    iisr_enter(ctx);
    if (ppBuffer) {
        *ppBuffer = ctx->request.entity;
    }
    if (pcbData) {
        *pcbData = ctx->request.entity_length;
    }
    if (pcbBuffer) {
        *pcbBuffer = ctx->request.entity_room;
    }
    iisr_leave(ctx);
}

/* Outside OnReadEntity there is no entity to replace. */
static void read_SetEntity(IReadEntityProvider *This, PVOID pBuffer,
                           DWORD cbData, DWORD cbBuffer)
{
    iisr_context_t *ctx = provider_of(This)->ctx;

    iisr_enter(ctx);
    if (!ctx->request.entity || (!pBuffer && cbData) || cbData > cbBuffer) {
        if (ctx->req) {
            ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0230",
                           "SetEntity refused: %u bytes in a buffer of %u at "
                           "%p", cbData, cbBuffer, pBuffer);
        }
    }
    else {
        ctx->request.entity = pBuffer ? pBuffer : ctx->request.entity;
        ctx->request.entity_length = cbData;
        ctx->request.entity_room = cbBuffer;
    }
    iisr_leave(ctx);
}

IISR_VTABLE(IHttpEventProvider, base_vtbl) = {
    .SetErrorStatus = provider_SetErrorStatus
} IISR_VTABLE_END;

IISR_VTABLE(ISendResponseProvider, send_vtbl) = {
    .base = { .SetErrorStatus = provider_SetErrorStatus },
    .GetHeadersBeingSent = send_GetHeadersBeingSent,
    .GetFlags = send_GetFlags,
    .SetFlags = send_SetFlags,
    .GetLogData = send_GetLogData,
    .SetLogData = send_SetLogData,
    .GetReadyToLogData = send_GetReadyToLogData
} IISR_VTABLE_END;

IISR_VTABLE(IReadEntityProvider, read_vtbl) = {
    .base = { .SetErrorStatus = provider_SetErrorStatus },
    .GetEntity = read_GetEntity,
    .SetEntity = read_SetEntity
} IISR_VTABLE_END;

IHttpEventProvider *iisr_provider_for(iisr_context_t *ctx, iisr_event_e event)
{
    iisr_context_objects_t *objects = iisr_context_objects(ctx);
    iisr_provider_t *provider = &objects->provider;

    if (event == IISR_EV_SEND_RESPONSE) {
        provider = &objects->send_provider;
        provider->iface.send.lpVtbl = IISR_VPTR(send_vtbl);
        provider->flags = 0;
    }
    else if (event == IISR_EV_READ_ENTITY) {
        provider = &objects->read_provider;
        provider->iface.read.lpVtbl = IISR_VPTR(read_vtbl);
    }
    else {
        provider->iface.base.lpVtbl = IISR_VPTR(base_vtbl);
    }
    provider->ctx = ctx;
    return &provider->iface.base;
}
