/* changes.c: GetHeaderChanges of request and response: a snapshot of the
 * headers, and which of them differ from the one before.  Server-internal on
 * IIS, where native and managed code follow each other with it.
 *
 * The last snapshot is kept.  Against any older number everything that is
 * there differs.  Lists of differences end with -1.
 */
#include <string.h>
#include <apr_strings.h>
#include "request_methods.h"
#include "response_methods.h"
#include "core/headers.h"

#define END ((DWORD)-1)

typedef struct question_t {
    DWORD old;
    PCSTR *known;
    DWORD *known_diff;
    int nknown;
    int (*id)(const char *name);
    const char *(*name)(unsigned int id);
    DWORD *number, *nunknown, *nunknown_diff;
    PCSTR **names, **values;
    DWORD **unknown_diff;
} question_t;

/* --- one header --------------------------------------------------------- */

static int differs(const apr_table_t *before, const char *name,
                   const char *now)
{
    const char *then = before ? apr_table_get(before, name) : NULL;

    return now ? !then || strcmp(then, now) : then != NULL;
}

static void answer_known(const question_t *q, const apr_table_t *now,
                         const apr_table_t *before)
{
    int i, n = 0;

    for (i = 0; i < q->nknown; i++) {
        const char *name = q->name((unsigned int)i);
        const char *value = apr_table_get(now, name);

        if (q->known) {
            q->known[i] = value;
        }
        if (q->known_diff && differs(before, name, value)) {
            q->known_diff[n++] = (DWORD)i;
        }
    }
    if (q->known_diff) {
        q->known_diff[n] = END;
    }
}

static void answer_unknown(const question_t *q, apr_pool_t *pool,
                           const apr_table_t *now, const apr_table_t *before)
{
    const apr_array_header_t *all = apr_table_elts(now);
    const apr_table_entry_t *e = (const apr_table_entry_t *)(const void *)
                                 all->elts;
    PCSTR *names = apr_palloc(pool, (all->nelts + 1) * sizeof(*names));
    PCSTR *values = apr_palloc(pool, (all->nelts + 1) * sizeof(*values));
    DWORD *diff = apr_palloc(pool, (all->nelts + 1) * sizeof(*diff));
    DWORD n = 0, changed = 0;
    int i;

    for (i = 0; i < all->nelts; i++) {
        if (q->id(e[i].key) >= 0) {
            continue;
        }
        if (differs(before, e[i].key, e[i].val)) {
            diff[changed++] = n;
        }
        names[n] = e[i].key;
        values[n++] = e[i].val;
    }
    diff[changed] = END;
    *q->names = names;
    *q->values = values;
    *q->unknown_diff = diff;
    *q->nunknown = n;
    *q->nunknown_diff = changed;
}

/* --- both --------------------------------------------------------------- */

/* Lock held. */
static HRESULT answer(iisr_context_t *ctx, iisr_snapshot_t *last,
                      const question_t *q, const apr_table_t *headers)
{
    apr_table_t *now = apr_table_clone(ctx->pool, headers);
    const apr_table_t *before = q->old && q->old == last->number
                                ? last->headers : NULL;

    answer_known(q, now, before);
    answer_unknown(q, ctx->pool, now, before);
    last->headers = now;
    *q->number = ++last->number;
    return S_OK;
}

static int complete(const question_t *q)
{
    return q->number && q->nunknown && q->names && q->values
           && q->nunknown_diff && q->unknown_diff;
}

HRESULT response_GetHeaderChanges(
    IHttpResponse *This, DWORD dwOldChangeNumber, DWORD *pdwNewChangeNumber,
    PCSTR knownHeaderSnapshot[HttpHeaderResponseMaximum],
    DWORD *pdwUnknownHeaderSnapshot, PCSTR **ppUnknownHeaderNameSnapshot,
    PCSTR **ppUnknownHeaderValueSnapshot,
    DWORD diffedKnownHeaderIndices[HttpHeaderResponseMaximum + 1],
    DWORD *pdwDiffedUnknownHeaders, DWORD **ppDiffedUnknownHeaderIndices)
{
    iisr_context_t *ctx = iisr_context_from_response(This);
    question_t q = {
        dwOldChangeNumber, knownHeaderSnapshot, diffedKnownHeaderIndices,
        IISR_RESPONSE_HEADERS, iisr_response_header_id,
        iisr_response_header_name, pdwNewChangeNumber,
        pdwUnknownHeaderSnapshot, pdwDiffedUnknownHeaders,
        ppUnknownHeaderNameSnapshot, ppUnknownHeaderValueSnapshot,
        ppDiffedUnknownHeaderIndices
    };
    HRESULT hr;

    if (!complete(&q)) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    iisr_response_take_back(&ctx->response);
    hr = answer(ctx, &iisr_context_objects(ctx)->response_snapshot, &q,
                ctx->response.headers);
    iisr_leave(ctx);
    return hr;
}

static void copy_headers(iisr_context_t *ctx, void *baton)
{
    if (ctx->req) {
        *(apr_table_t **)baton =
            apr_table_clone(ctx->pool, ctx->host->headers_in(ctx->req));
    }
}

HRESULT request_GetHeaderChanges(
    IHttpRequest *This, DWORD dwOldChangeNumber, DWORD *pdwNewChangeNumber,
    PCSTR knownHeaderSnapshot[HttpHeaderRequestMaximum],
    DWORD *pdwUnknownHeaderSnapshot, PCSTR **ppUnknownHeaderNameSnapshot,
    PCSTR **ppUnknownHeaderValueSnapshot,
    DWORD diffedKnownHeaderIndices[HttpHeaderRequestMaximum + 1],
    DWORD *pdwDiffedUnknownHeaders, DWORD **ppDiffedUnknownHeaderIndices)
{
    iisr_context_t *ctx = iisr_context_from_request(This);
    question_t q = {
        dwOldChangeNumber, knownHeaderSnapshot, diffedKnownHeaderIndices,
        IISR_REQUEST_HEADERS, iisr_request_header_id,
        iisr_request_header_name, pdwNewChangeNumber,
        pdwUnknownHeaderSnapshot, pdwDiffedUnknownHeaders,
        ppUnknownHeaderNameSnapshot, ppUnknownHeaderValueSnapshot,
        ppDiffedUnknownHeaderIndices
    };
    apr_table_t *headers = NULL;
    HRESULT hr = HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID);

    if (!complete(&q)) {
        return BAD_PARAMETER;
    }
    iisr_enter(ctx);
    iisr_context_ask(ctx, copy_headers, &headers);
    if (headers) {
        hr = answer(ctx, &iisr_context_objects(ctx)->request_snapshot, &q,
                    headers);
    }
    iisr_leave(ctx);
    return hr;
}
