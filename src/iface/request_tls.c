/* request_tls.c: IHttpRequest's methods about the client's certificate.
 *
 * httpd asks for one when its configuration says so (SSLVerifyClient), also
 * for a location, before the handler stage: a module cannot start that.
 */
#include "objects.h"
#include "request_methods.h"

HRESULT request_GetClientCertificate(
    IHttpRequest *This, HTTP_SSL_CLIENT_CERT_INFO **ppClientCertInfo,
    BOOL *pfClientCertNegotiated)
{
    iisr_context_t *ctx = iisr_context_from_request(This);

    if (!ppClientCertInfo || !pfClientCertNegotiated) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    *ppClientCertInfo = iisr_request_certificate(ctx);
    iisr_leave(ctx);
    *pfClientCertNegotiated = *ppClientCertInfo != NULL;
    return *ppClientCertInfo ? S_OK : HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
}

/* S_OK when there is one already; a caller that cannot be told so gets its
 * completion. */
HRESULT request_NegotiateClientCertificate(IHttpRequest *This, BOOL fAsync,
                                           BOOL *pfCompletionPending)
{
    iisr_context_t *ctx = iisr_context_from_request(This);
    HRESULT hr = S_OK;

    if (pfCompletionPending) {
        *pfCompletionPending = FALSE;
    }
    iisr_enter(ctx);
    if (!iisr_request_certificate(ctx)) {
        hr = E_FAIL;
        if (ctx->req) {
            ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0602",
                           "NegotiateClientCertificate: the client has shown "
                           "none; httpd asks for one where SSLVerifyClient "
                           "says so");
        }
    }
    else if (fAsync && !pfCompletionPending
             && iisr_completion_may_start(ctx, IISR_OP_READ, 1)) {
        iisr_completion_start(ctx, IISR_OP_READ, NULL, NULL);
        iisr_completion_record(ctx, IISR_OP_READ, 0, S_OK);
    }
    iisr_leave(ctx);
    return hr;
}

HRESULT request_GetChannelBindingToken(IHttpRequest2 *This, PBYTE *ppToken,
                                       DWORD *pTokenSize)
{
    (void)This;
    if (!ppToken || !pTokenSize) {
        return BAD_PARAMETER;
    }
    *ppToken = NULL;
    *pTokenSize = 0;
    return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
}
