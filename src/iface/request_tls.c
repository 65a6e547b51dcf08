/* request_tls.c: IHttpRequest's methods about the client's certificate.
 *
 * httpd asks for one when its configuration says so (SSLVerifyClient), also
 * for a location, before the handler stage: a module cannot start that.
 */
#include <apr_strings.h>
#include "objects.h"
#include "request_methods.h"

/* Of a certificate that no known authority vouches for: wincrypt's
 * CERT_E_UNTRUSTEDROOT. */
#define UNTRUSTED_ROOT 0x800B0109u

typedef struct question_t {
    iisr_certificate_t certificate;
    int known;
} question_t;

static void ask_host(iisr_context_t *ctx, void *baton)
{
    question_t *question = baton;

    if (ctx->req && ctx->host->certificate) {
        question->known = ctx->host->certificate(ctx->req,
                                                 &question->certificate,
                                                 ctx->pool);
    }
}

/* Lock held.  NULL: there is none. */
static HTTP_SSL_CLIENT_CERT_INFO *certificate_of(iisr_context_t *ctx)
{
    iisr_context_objects_t *objects = iisr_context_objects(ctx);
    question_t question = { 0 };

    if (objects->certificate) {
        return objects->certificate;
    }
    iisr_context_ask(ctx, ask_host, &question);
    if (question.known) {
        objects->certificate = apr_pcalloc(ctx->pool,
                                           sizeof(*objects->certificate));
        objects->certificate->pCertEncoded = question.certificate.der;
        objects->certificate->CertEncodedSize =
            (ULONG)question.certificate.length;
        objects->certificate->CertFlags = question.certificate.trusted
                                          ? 0 : UNTRUSTED_ROOT;
    }
    return objects->certificate;
}

HRESULT request_GetClientCertificate(
    IHttpRequest *This, HTTP_SSL_CLIENT_CERT_INFO **ppClientCertInfo,
    BOOL *pfClientCertNegotiated)
{
    iisr_context_t *ctx = iisr_context_from_request(This);

    if (!ppClientCertInfo || !pfClientCertNegotiated) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    *ppClientCertInfo = certificate_of(ctx);
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
    if (!certificate_of(ctx)) {
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
