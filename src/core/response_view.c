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

/* What the view is given is kept beside it, to see what a module edits.  One
 * zeroed element more: modules read past the end. */
static void make_unknown(iisr_response_t *res, int n)
{
    if (n >= res->unknown_room) {
        res->unknown_room = n + 8;
        res->unknown = apr_palloc(res->pool, 2 * res->unknown_room
                                             * sizeof(*res->unknown));
    }
    memset(res->unknown, 0, res->unknown_room * sizeof(*res->unknown));
    res->raw.Headers.pUnknownHeaders = res->unknown;
    res->raw.Headers.UnknownHeaderCount = 0;
}

static void view_headers(iisr_response_t *res)
{
    HTTP_RESPONSE_HEADERS *headers = &res->raw.Headers;

    memset(headers->KnownHeaders, 0, sizeof(headers->KnownHeaders));
    make_unknown(res, apr_table_elts(res->headers)->nelts);
    apr_table_do(view_header, res, res->headers, NULL);
    if (!res->taken_headers) {
        res->taken_headers = apr_palloc(res->pool, sizeof(*headers));
    }
    *res->taken_headers = *headers;
    memcpy(res->unknown + res->unknown_room, res->unknown,
           res->unknown_room * sizeof(*res->unknown));
}

HTTP_RESPONSE *iisr_response_raw(iisr_response_t *res)
{
    if (!res->raw_taken) {
        res->raw_taken = 1;
        view_headers(res);
    }
    iisr_response_true_view(res);
    return &res->raw;
}

/* The module that holds the view sees what it has set. */
void iisr_response_headers_changed(iisr_response_t *res)
{
    if (res->raw_taken) {
        view_headers(res);
    }
}

static int is_edited(const iisr_response_t *res)
{
    const HTTP_RESPONSE_HEADERS *now = &res->raw.Headers;
    const HTTP_RESPONSE_HEADERS *old = res->taken_headers;

    return memcmp(now->KnownHeaders, old->KnownHeaders,
                  sizeof(now->KnownHeaders))
           || now->pUnknownHeaders != old->pUnknownHeaders
           || now->UnknownHeaderCount != old->UnknownHeaderCount
           || memcmp(res->unknown, res->unknown + res->unknown_room,
                     now->UnknownHeaderCount * sizeof(*res->unknown));
}

/* Of the value that the view was given, all counts, however long. */
static void take_header(apr_table_t *table, const char *name,
                        const char *value, USHORT length, int as_it_was)
{
    apr_pool_t *pool = apr_table_elts(table)->pool;

    if (as_it_was) {
        apr_table_addn(table, name, value);
    }
    else if (value && length && iisr_value_valid(value, length)) {
        apr_table_addn(table, name, apr_pstrmemdup(pool, value, length));
    }
}

static void take_unknown(iisr_response_t *res, apr_table_t *table)
{
    const HTTP_RESPONSE_HEADERS *now = &res->raw.Headers;
    const HTTP_UNKNOWN_HEADER *old = res->unknown + res->unknown_room;
    int i, n = now->pUnknownHeaders ? now->UnknownHeaderCount : 0;

    for (i = 0; i < n; i++) {
        const HTTP_UNKNOWN_HEADER *h = &now->pUnknownHeaders[i];
        int same = h >= res->unknown && h < old
                   && !memcmp(h, &old[h - res->unknown], sizeof(*h));

        if (h->pName && iisr_token_valid(h->pName, h->NameLength)) {
            take_header(table, apr_pstrmemdup(res->pool, h->pName,
                                              h->NameLength),
                        h->pRawValue, h->RawValueLength, same);
        }
    }
}

/* Headers that the module pointed elsewhere, added or took away. */
static void take_headers(iisr_response_t *res)
{
    const HTTP_KNOWN_HEADER *now = res->raw.Headers.KnownHeaders;
    const HTTP_KNOWN_HEADER *old = res->taken_headers->KnownHeaders;
    apr_table_t *table;
    unsigned int id;

    if (!is_edited(res)) {
        return;
    }
    table = apr_table_make(res->pool, 8);
    for (id = 0; id < IISR_RESPONSE_HEADERS; id++) {
        if (now[id].pRawValue) {
            take_header(table, iisr_response_header_name(id),
                        now[id].pRawValue, now[id].RawValueLength,
                        !memcmp(&now[id], &old[id], sizeof(now[id])));
        }
    }
    take_unknown(res, table);
    res->headers = table;
    view_headers(res);
}

void iisr_response_take_view(iisr_response_t *res)
{
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
