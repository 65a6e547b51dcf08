/* response_view.c: HTTP_RESPONSE, which modules read and edit in place: what
 * it shows, and what is taken back from it.
 */
#include <string.h>
#include <apr_strings.h>
#include "headers.h"
#include "response.h"

static int view_header(void *data, const char *name, const char *value)
{
    iisr_response_t *res = data;
    HTTP_RESPONSE_HEADERS *headers = &res->raw.Headers;
    int id = iisr_response_header_id(name);
    apr_size_t len = strlen(value);

    len = len > 65535 ? 65535 : len;
    if (id >= 0 && !headers->KnownHeaders[id].RawValueLength) {
        headers->KnownHeaders[id].pRawValue = value;
        headers->KnownHeaders[id].RawValueLength = len;
    }
    else {
        HTTP_UNKNOWN_HEADER *h =
            &headers->pUnknownHeaders[headers->UnknownHeaderCount++];

        h->pName = name;
        h->NameLength = strlen(name);
        h->pRawValue = value;
        h->RawValueLength = len;
    }
    return 1;
}

static void view_headers(iisr_response_t *res)
{
    HTTP_RESPONSE_HEADERS *headers = &res->raw.Headers;
    int n = apr_table_elts(res->headers)->nelts;

    memset(headers->KnownHeaders, 0, sizeof(headers->KnownHeaders));
    headers->UnknownHeaderCount = 0;
    /* One zeroed element more: modules read past the end. */
    headers->pUnknownHeaders = apr_pcalloc(res->pool, (n + 1)
        * sizeof(*headers->pUnknownHeaders));
    apr_table_do(view_header, res, res->headers, NULL);
    res->taken_headers = apr_pmemdup(res->pool, headers->KnownHeaders,
                                     sizeof(headers->KnownHeaders));
    res->headers_stale = 0;
}

HTTP_RESPONSE *iisr_response_raw(iisr_response_t *res)
{
    if (!res->raw_taken || res->headers_stale) {
        view_headers(res);
    }
    res->raw_taken = 1;
    iisr_response_true_view(res);
    return &res->raw;
}

/* Known headers that the module pointed elsewhere, or took away. */
static void take_headers(iisr_response_t *res)
{
    const HTTP_KNOWN_HEADER *now = res->raw.Headers.KnownHeaders;
    const HTTP_KNOWN_HEADER *old = res->taken_headers;
    unsigned int id;

    if (res->headers_stale
        || !memcmp(now, old, sizeof(res->raw.Headers.KnownHeaders))) {
        return;
    }
    for (id = 0; id < IISR_RESPONSE_HEADERS; id++) {
        const char *name = iisr_response_header_name(id);

        if (now[id].pRawValue == old[id].pRawValue
            && now[id].RawValueLength == old[id].RawValueLength) {
            continue;
        }
        if (!now[id].pRawValue || !now[id].RawValueLength) {
            apr_table_unset(res->headers, name);
        }
        else if (iisr_value_valid(now[id].pRawValue,
                                  now[id].RawValueLength)) {
            iisr_header_put(res->headers, name, now[id].pRawValue,
                            now[id].RawValueLength, 1);
        }
        res->headers_stale = 1;
    }
}

void iisr_response_take_back(iisr_response_t *res)
{
    if (!res->raw_taken) {
        return;
    }
    take_headers(res);
    if (res->raw.pEntityChunks != res->taken_chunks
        || res->raw.EntityChunkCount != res->taken_count) {
        iisr_response_adopt(res, res->raw.pEntityChunks,
                            res->raw.EntityChunkCount);
        iisr_response_true_view(res);
        res->touched = 1;
    }
    if (res->raw.StatusCode != res->status
        || res->raw.pReason != res->reason) {
        const char *reason = res->raw.pReason
            ? apr_pstrmemdup(res->pool, res->raw.pReason,
                             res->raw.ReasonLength) : NULL;

        iisr_response_set_status(res, res->raw.StatusCode, reason,
                                 res->substatus);
        res->raw.StatusCode = res->status;
        res->raw.pReason = res->reason;
    }
}
