/* request_tls.c: IHttpRequest's methods about certificates, and what
 * IHttpServer3::QueryRequestProperty knows.
 *
 * httpd asks for one when its configuration says so (SSLVerifyClient), also
 * for a location, before the handler stage: a module cannot start that.
 */
#include <string.h>
#include <apr_strings.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include "core/wide.h"
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

/* --- channel binding ---------------------------------------------------- */

typedef struct tls_question_t {
    iisr_tls_t tls;
    int known;
} tls_question_t;

static void ask_tls(iisr_context_t *ctx, void *baton)
{
    tls_question_t *question = baton;

    question->known = ctx->req && ctx->host->tls
                      && ctx->host->tls(ctx->req, &question->tls, ctx->pool)
                      && question->tls.der;
}

/* RFC 5929, section 4.1: the hash of the certificate's signature, SHA-256
 * instead of MD5 and SHA-1.  NULL: it has none, or not only one. */
static const EVP_MD *hash_of(const char *signature)
{
    int hash = NID_undef;

    OBJ_find_sigid_algs(OBJ_txt2nid(signature), &hash, NULL);
    if (hash == NID_md5 || hash == NID_sha1) {
        hash = NID_sha256;
    }
    return hash == NID_undef ? NULL : EVP_get_digestbynid(hash);
}

#define PREFIX "tls-server-end-point:"
/* Windows's SEC_CHANNEL_BINDINGS: eight numbers, of which the last two are
 * the length of what follows and where it is. */
#define HEADER (8 * sizeof(DWORD))

/* Lock held. */
static void make_binding(iisr_context_t *ctx)
{
    iisr_context_objects_t *objects = iisr_context_objects(ctx);
    tls_question_t question = { { 0 }, 0 };
    unsigned char hash[EVP_MAX_MD_SIZE], *token;
    DWORD numbers[8] = { 0 };
    const EVP_MD *kind;
    unsigned int length;

    iisr_context_ask(ctx, ask_tls, &question);
    if (!question.known || !(kind = hash_of(question.tls.signature))
        || !EVP_Digest(question.tls.der, question.tls.length, hash, &length,
                       kind, NULL)) {
        return;
    }
    numbers[6] = (DWORD)(sizeof(PREFIX) - 1 + length);
    numbers[7] = HEADER;
    token = apr_palloc(ctx->pool, HEADER + numbers[6]);
    memcpy(token, numbers, HEADER);
    memcpy(token + HEADER, PREFIX, sizeof(PREFIX) - 1);
    memcpy(token + HEADER + sizeof(PREFIX) - 1, hash, length);
    objects->binding = token;
    objects->binding_size = (DWORD)(HEADER + numbers[6]);
}

HRESULT request_GetChannelBindingToken(IHttpRequest2 *This, PBYTE *ppToken,
                                       DWORD *pTokenSize)
{
    iisr_context_t *ctx = iisr_context_from_request(This);
    iisr_context_objects_t *objects;

    if (!ppToken || !pTokenSize) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    objects = iisr_context_objects(ctx);
    if (!objects->binding) {
        make_binding(ctx);
    }
    *ppToken = objects->binding;
    *pTokenSize = objects->binding_size;
    iisr_leave(ctx);
    return *ppToken ? S_OK : HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
}

/* --- properties --------------------------------------------------------- */

/* HTTP_REQUEST_PROPERTY_SNI's flags. */
#define SNI_USED 1
#define NO_SNI 2

/* Lock held. */
static void fill_in_name(iisr_context_t *ctx, HTTP_REQUEST_PROPERTY_SNI *sni)
{
    tls_question_t question = { { 0 }, 0 };
    const WCHAR *name;
    apr_size_t length;

    memset(sni, 0, sizeof(*sni));
    sni->Flags = NO_SNI;
    iisr_context_ask(ctx, ask_tls, &question);
    if (question.known && *question.tls.server_name) {
        name = iisr_widen(ctx->pool, question.tls.server_name, &length);
        if (length < sizeof(sni->Hostname) / sizeof(WCHAR)) {
            memcpy(sni->Hostname, name, length * sizeof(WCHAR));
            sni->Flags = SNI_USED;
        }
    }
}

HRESULT iisr_request_server_name(iisr_context_t *ctx, HTTP_OPAQUE_ID id,
                                 HTTP_REQUEST_PROPERTY_SNI *sni)
{
    HRESULT hr = S_OK;

    iisr_enter(ctx);
    if (iisr_request_facts(ctx)->request_id == id) {
        fill_in_name(ctx, sni);
    }
    else {
        hr = HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID);
    }
    iisr_leave(ctx);
    return hr;
}
