/* request_body.c: ReadEntityBody of IHttpRequest to IHttpRequest4, and what
 * puts a body back. */
#include "request_methods.h"

static const struct {
    apr_status_t status;
    DWORD error;
    const char *why;                    /* NULL: not worth a line */
} read_errors[] = {
    { APR_EOF, ERROR_HANDLE_EOF, NULL },
    { APR_EBUSY, ERROR_INVALID_PARAMETER, "another read is outstanding" },
    { APR_ENOTIMPL, ERROR_NOT_SUPPORTED, "not in this notification" },
    { APR_ECONNABORTED, ERROR_CONNECTION_INVALID, NULL }
};

static HRESULT read_result(iisr_context_t *ctx, apr_status_t rv)
{
    unsigned int i;

    if (rv == APR_SUCCESS) {
        return S_OK;
    }
    for (i = 0; i < sizeof(read_errors) / sizeof(read_errors[0]); i++) {
        if (read_errors[i].status == rv) {
            if (read_errors[i].why) {
                iisr_request_refuse(ctx, "IISR0205", 0, "ReadEntityBody",
                                    read_errors[i].why);
            }
            return HRESULT_FROM_WIN32(read_errors[i].error);
        }
    }
    return HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID);
}

static HRESULT receive(iisr_context_t *ctx, iisr_receive_t *receive,
                       int fill)
{
    char *buffer = receive->buffer;
    DWORD room = receive->room, done = 0;
    apr_status_t rv;

    do {
        rv = iisr_request_receive(ctx, receive);
        done += receive->bytes;
        receive->buffer = buffer + done;
        receive->room = room - done;
    } while (fill && rv == APR_SUCCESS && receive->bytes && done < room);
    receive->bytes = done;
    /* What was read before the end counts; the end comes next time. */
    return read_result(ctx, done && rv == APR_EOF ? APR_SUCCESS : rv);
}

static HRESULT read_body(void *iface, iisr_receive_t *r, int fill,
                         DWORD *received, BOOL *pending)
{
    iisr_context_t *ctx = iisr_context_from_request(iface);
    HRESULT hr;

    r->must_complete = !pending;
    iisr_enter(ctx);
    if (!r->buffer || !r->room) {
        hr = iisr_request_refuse(ctx, "IISR0206", BAD_PARAMETER,
                                 "ReadEntityBody", "no buffer");
    }
    else {
        hr = receive(ctx, r, fill && !r->async);
    }
    iisr_leave(ctx);
    if (received) {
        *received = r->bytes;
    }
    if (pending) {
        *pending = r->pending;
    }
    return hr;
}

HRESULT request_ReadEntityBody(IHttpRequest *This, void *pvBuffer,
                               DWORD cbBuffer, BOOL fAsync,
                               DWORD *pcbBytesReceived,
                               BOOL *pfCompletionPending)
{
    iisr_receive_t r = { .buffer = pvBuffer, .room = cbBuffer,
                         .async = fAsync };

    return read_body(This, &r, 0, pcbBytesReceived, pfCompletionPending);
}

HRESULT request_ReadEntityBodyWithCallback(
    IHttpRequest3 *This, void *pvBuffer, DWORD cbBuffer, BOOL fAsync,
    PFN_ASYNC_COMPLETION pfnCompletionCallback, void *pvCompletionContext,
    DWORD *pcbBytesReceived, BOOL *pfCompletionPending)
{
    iisr_receive_t r = { .buffer = pvBuffer, .room = cbBuffer,
                         .async = fAsync, .callback = pfnCompletionCallback,
                         .baton = pvCompletionContext };

    return read_body(This, &r, 0, pcbBytesReceived, pfCompletionPending);
}

/* Not documented by IIS: HTTP.sys's flag of a receive, fill the buffer. */
HRESULT request_ReadEntityBodyWithFlags(
    IHttpRequest4 *This, void *pvBuffer, DWORD cbBuffer, BOOL fAsync,
    ULONG ulFlags, DWORD *pcbBytesReceived, BOOL *pfCompletionPending)
{
    const ULONG flag = HTTP_RECEIVE_REQUEST_ENTITY_BODY_FLAG_FILL_BUFFER;
    iisr_receive_t r = { .buffer = pvBuffer, .room = cbBuffer,
                         .async = fAsync };

    return read_body(This, &r, (ulFlags & flag) != 0, pcbBytesReceived,
                     pfCompletionPending);
}

HRESULT request_InsertEntityBody(IHttpRequest *This, void *pvBuffer,
                                 DWORD cbBuffer)
{
    iisr_context_t *ctx = iisr_context_from_request(This);
    HRESULT hr = S_OK;

    iisr_enter(ctx);
    if (!pvBuffer) {
        hr = iisr_request_refuse(ctx, "IISR0206", BAD_PARAMETER,
                                 "InsertEntityBody", "no buffer");
    }
    else if (cbBuffer) {
        iisr_request_insert(ctx, pvBuffer, cbBuffer);
    }
    iisr_leave(ctx);
    return hr;
}

DWORD request_GetRemainingEntityBytes(IHttpRequest *This)
{
    iisr_context_t *ctx = iisr_context_from_request(This);
    DWORD remaining;

    iisr_enter(ctx);
    remaining = iisr_request_remaining(ctx);
    iisr_leave(ctx);
    return remaining;
}
