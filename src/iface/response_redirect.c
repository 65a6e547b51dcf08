/* response_redirect.c: IHttpResponse::Redirect. */
#include <stdio.h>
#include <string.h>
#include <apr_strings.h>
#include "headers.h"
#include "response_extra.h"
#include "response_methods.h"

/* Location is a URI (RFC 9110, 10.2.2): what may not stand in one (RFC 3986),
 * and what is named in `also`, is encoded.  A '%' of the module's may begin
 * what it has encoded itself, so it is left alone. */
static const char *encode(apr_pool_t *pool, const char *text,
                          const char *also)
{
    char *copy = apr_palloc(pool, 3 * strlen(text) + 1), *end = copy;

    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c <= ' ' || c >= 0x7F || strchr("\"<>\\^`{|}", c)
            || strchr(also, c)) {
            end += sprintf(end, "%%%02X", c);
        }
        else {
            *end++ = (char)c;
        }
    }
    *end = '\0';
    return copy;
}

static const char *add_query(apr_pool_t *pool, const char *url,
                             const char *query)
{
    const char *fragment = url + strcspn(url, "#");
    const char *mark = strchr(url, '?');

    return apr_pstrcat(pool, apr_pstrmemdup(pool, url, fragment - url),
                       mark && mark < fragment ? "&" : "?",
                       encode(pool, query, ""), fragment, NULL);
}

/* Lock held.  Relative to absolute, with the host of the request. */
static const char *absolute_url(iisr_context_t *ctx, const char *url,
                                BOOL with_query)
{
    const iisr_request_facts_t *f = iisr_request_facts(ctx);
    apr_pool_t *pool = ctx->pool;
    const char *slash = strrchr(f->path, '/');
    const char *scheme;
    int usual = f->port == 0 || f->port == (strcmp(f->scheme, "https") ? 80
                                                                        : 443);
    const char *host = usual ? f->hostname
        : apr_psprintf(pool, "%s:%d", f->hostname, f->port);

    url = encode(pool, url, "");
    scheme = strstr(url, "://");
    if (*url == '/' && url[1] == '/') {
        url = apr_pstrcat(pool, f->scheme, ":", url, NULL);
    }
    else if (*url == '/') {
        url = apr_pstrcat(pool, f->scheme, "://", host, url, NULL);
    }
    else if (!scheme || scheme > url + strcspn(url, "/?#")) {
        url = apr_pstrcat(pool, f->scheme, "://", host,
            encode(pool, apr_pstrmemdup(pool, f->path,
                                        slash ? slash - f->path + 1 : 0),
                   "%?#"), url, NULL);
    }
    return with_query && f->query && *f->query
           ? add_query(pool, url, f->query) : url;
}

static void moved_page(iisr_context_t *ctx, const char *url)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };
    apr_uint64_t bytes;
    char *page = apr_pstrcat(ctx->pool, "<html><head><title>Document Moved"
        "</title></head><body><h1>Object Moved</h1>This document may be "
        "found <a href=\"", iisr_html_escape(ctx->pool, url),
        "\">here</a></body></html>", NULL);

    chunk.FromMemory.pBuffer = page;
    chunk.FromMemory.BufferLength = strlen(page);
    iisr_response_append(&ctx->response, &chunk, 1, &bytes);
    iisr_header_put(ctx->response.headers, "Content-Type", "text/html", 9, 1);
}

HRESULT response_Redirect(IHttpResponse *This, PCSTR pszUrl,
                          BOOL fResetStatusCode,
                          BOOL fIncludeParameters)
{
    iisr_context_t *ctx = iisr_response_enter(This);
    iisr_response_t *res = &ctx->response;
    HRESULT hr = S_OK;

    if (!pszUrl || !iisr_value_valid(pszUrl, strlen(pszUrl))
        || strlen(pszUrl) > 60000) {
        hr = iisr_response_refuse(ctx, "IISR0112", "Redirect", "the URL is "
                                  "NULL, too long or has control characters",
                                  BAD_PARAMETER);
    }
    else if (res->committed) {
        iisr_response_too_late(ctx, "Redirect");
    }
    else if (ctx->req) {
        const char *url = absolute_url(ctx, pszUrl, fIncludeParameters);

        iisr_response_load(res, 1);
        iisr_response_clear_entity(res);
        apr_table_unset(res->headers, "Content-Length");
        iisr_header_put(res->headers, "Location", url, strlen(url), 1);
        res->touched = 1;
        if (fResetStatusCode) {
            iisr_response_set_status(res, 302, "Redirect", 0);
        }
        moved_page(ctx, url);
        iisr_response_headers_changed(res);
    }
    iisr_leave(ctx);
    return hr;
}
