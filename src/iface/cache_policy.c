/* cache_policy.c: IHttpCachePolicy2.  Nothing here caches a response: what
 * modules say of the user-mode cache becomes headers that mod_cache goes by,
 * and that mean shared caches only.  There is no kernel cache.
 */
#include <string.h>
#include <apr_strings.h>
#include "response_extra.h"
#include "vtable.h"

typedef struct policy_t {
    IHttpCachePolicy2 iface;            /* must be first */
    iisr_context_t *ctx;
    HTTP_CACHE_POLICY kernel, user;
    const char *by_header, *by_query, *by_value;
    int invalidator, disabled, cached, forced;
} policy_t;

#define policy_of(p) ((policy_t *)(void *)(p))

static HTTP_CACHE_POLICY *policy_GetKernelCachePolicy(IHttpCachePolicy *This)
{
    return &policy_of(This)->kernel;
}

static void policy_SetKernelCacheInvalidatorSet(IHttpCachePolicy *This)
{
    policy_of(This)->invalidator = 1;
}

static HTTP_CACHE_POLICY *policy_GetUserCachePolicy(IHttpCachePolicy *This)
{
    return &policy_of(This)->user;
}

#define VALUE_MAX 0xffff

/* Comma-separated lists; NULL changes nothing. */
static HRESULT append(policy_t *policy, const char **list, PCSTR item)
{
    iisr_context_t *ctx = policy->ctx;

    if (!item) {
        return S_OK;
    }
    if (strchr(item, ',')) {
        return E_FAIL;
    }
    iisr_enter(ctx);
    *list = *list ? apr_pstrcat(ctx->pool, *list, ",", item, NULL)
                  : apr_pstrdup(ctx->pool, item);
    iisr_leave(ctx);
    return S_OK;
}

/* Pages: a buffer that begins empty. */
static PCSTR text_of(const char *text)
{
    return text ? text : "";
}

static HRESULT policy_AppendVaryByHeader(IHttpCachePolicy *This,
                                         PCSTR pszHeader)
{
    return append(policy_of(This), &policy_of(This)->by_header, pszHeader);
}

static PCSTR policy_GetVaryByHeaders(IHttpCachePolicy *This)
{
    return text_of(policy_of(This)->by_header);
}

static HRESULT policy_AppendVaryByQueryString(IHttpCachePolicy *This,
                                              PCSTR pszParam)
{
    return append(policy_of(This), &policy_of(This)->by_query, pszParam);
}

static PCSTR policy_GetVaryByQueryStrings(IHttpCachePolicy *This)
{
    return text_of(policy_of(This)->by_query);
}

static HRESULT policy_SetVaryByValue(IHttpCachePolicy *This, PCSTR pszValue)
{
    policy_t *policy = policy_of(This);

    if (!pszValue) {
        return E_INVALIDARG;
    }
    if (strlen(pszValue) > VALUE_MAX) {
        return HRESULT_FROM_WIN32(ERROR_ARITHMETIC_OVERFLOW);
    }
    iisr_enter(policy->ctx);
    policy->by_value = apr_pstrdup(policy->ctx->pool, pszValue);
    iisr_leave(policy->ctx);
    return S_OK;
}

static PCSTR policy_GetVaryByValue(IHttpCachePolicy *This)
{
    return text_of(policy_of(This)->by_value);
}

static BOOL policy_IsUserCacheEnabled(IHttpCachePolicy *This)
{
    return !policy_of(This)->disabled;
}

static void policy_DisableUserCache(IHttpCachePolicy *This)
{
    policy_of(This)->disabled = 1;
}

static BOOL policy_IsCached(IHttpCachePolicy *This)
{
    return policy_of(This)->cached;
}

static void policy_SetIsCached(IHttpCachePolicy *This)
{
    policy_of(This)->cached = 1;
}

static BOOL policy_GetKernelCacheInvalidatorSet(IHttpCachePolicy *This)
{
    return policy_of(This)->invalidator;
}

static BOOL policy_IsForceUpdateSet(IHttpCachePolicy2 *This)
{
    return policy_of(This)->forced;
}

static void policy_SetForceUpdate(IHttpCachePolicy2 *This)
{
    policy_of(This)->forced = 1;
}

IISR_VTABLE(IHttpCachePolicy2, policy_vtbl) = {
    .base = {
        .GetKernelCachePolicy = policy_GetKernelCachePolicy,
        .SetKernelCacheInvalidatorSet = policy_SetKernelCacheInvalidatorSet,
        .GetUserCachePolicy = policy_GetUserCachePolicy,
        .AppendVaryByHeader = policy_AppendVaryByHeader,
        .GetVaryByHeaders = policy_GetVaryByHeaders,
        .AppendVaryByQueryString = policy_AppendVaryByQueryString,
        .GetVaryByQueryStrings = policy_GetVaryByQueryStrings,
        .SetVaryByValue = policy_SetVaryByValue,
        .GetVaryByValue = policy_GetVaryByValue,
        .IsUserCacheEnabled = policy_IsUserCacheEnabled,
        .DisableUserCache = policy_DisableUserCache,
        .IsCached = policy_IsCached,
        .SetIsCached = policy_SetIsCached,
        .GetKernelCacheInvalidatorSet = policy_GetKernelCacheInvalidatorSet
    },
    .IsForceUpdateSet = policy_IsForceUpdateSet,
    .SetForceUpdate = policy_SetForceUpdate
} IISR_VTABLE_END;

IHttpCachePolicy *iisr_cache_policy(iisr_context_t *ctx)
{
    policy_t *policy = ctx->response.policy;

    if (!policy) {
        policy = apr_pcalloc(ctx->pool, sizeof(*policy));
        policy->iface.lpVtbl = IISR_VPTR(policy_vtbl);
        policy->ctx = ctx;
        ctx->response.policy = policy;
    }
    return (IHttpCachePolicy *)(void *)&policy->iface;
}

static const char *copy(iisr_context_t *ctx, const char *list)
{
    return list ? apr_pstrdup(ctx->pool, list) : NULL;
}

void iisr_cache_policy_inherit(iisr_context_t *parent, iisr_context_t *child)
{
    policy_t *from, *to;

    iisr_enter(parent);
    iisr_enter(child);
    if ((from = parent->response.policy)) {
        to = policy_of(iisr_cache_policy(child));
        to->by_header = copy(child, from->by_header);
        to->by_query = copy(child, from->by_query);
        to->by_value = copy(child, from->by_value);
    }
    iisr_leave(child);
    iisr_leave(parent);
}

/* A response that varies by a value of the module's own has no header that
 * would say so: it is left alone.  mod_cache's key is the whole query
 * string, whatever part of it the module names. */
void iisr_cache_policy_head(iisr_context_t *ctx, apr_table_t *headers)
{
    const policy_t *policy = ctx->response.policy;

    if (!policy || policy->disabled || policy->by_value
        || ctx->response.status != 200
        || policy->user.Policy != HttpCachePolicyTimeToLive
        || !policy->user.SecondsToLive
        || apr_table_get(headers, "Cache-Control")
        || apr_table_get(headers, "Expires")) {
        return;
    }
    apr_table_setn(headers, "Cache-Control",
                   apr_psprintf(ctx->pool, "s-maxage=%u",
                                policy->user.SecondsToLive));
    if (policy->by_header) {
        apr_table_mergen(headers, "Vary", policy->by_header);
    }
}
