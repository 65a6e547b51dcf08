/* response_view.c: HTTP_RESPONSE, which modules read and edit in place: what
 * it shows, and what is taken back from it.
 */
#include <string.h>
#include <apr_strings.h>
#include "headers.h"
#include "response.h"

static int view_header(void *data, const char *name, const char *value)
{
    HTTP_RESPONSE_HEADERS *headers = data;
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
static void make_unknown(iisr_response_view_t *view, apr_pool_t *pool, int n)
{
    if (n >= view->unknown_room) {
        view->unknown_room = n + 8;
        view->unknown = apr_palloc(pool, 2 * view->unknown_room
                                         * sizeof(*view->unknown));
    }
    memset(view->unknown, 0, view->unknown_room * sizeof(*view->unknown));
    view->raw.Headers.pUnknownHeaders = view->unknown;
    view->raw.Headers.UnknownHeaderCount = 0;
}

void iisr_response_show_headers(iisr_response_t *res)
{
    iisr_response_view_t *view = res->view;
    HTTP_RESPONSE_HEADERS *headers = &view->raw.Headers;

    memset(headers->KnownHeaders, 0, sizeof(headers->KnownHeaders));
    make_unknown(view, res->pool, apr_table_elts(res->headers)->nelts);
    apr_table_do(view_header, headers, res->headers, NULL);
    view->headers = *headers;
    memcpy(view->unknown + view->unknown_room, view->unknown,
           view->unknown_room * sizeof(*view->unknown));
}

void iisr_response_show_status(iisr_response_t *res)
{
    HTTP_RESPONSE *raw = &res->view->raw;

    raw->StatusCode = res->status;
    raw->pReason = res->reason;
    raw->ReasonLength = res->reason ? strlen(res->reason) : 0;
}

void iisr_response_show_chunks(iisr_response_t *res)
{
    iisr_response_view_t *view = res->view;

    view->raw.pEntityChunks = res->nchunks ? res->chunks : NULL;
    view->raw.EntityChunkCount = res->nchunks;
    view->chunks = view->raw.pEntityChunks;
    view->count = res->nchunks;
}

HTTP_RESPONSE *iisr_response_raw(iisr_response_t *res)
{
    if (!res->view) {
        iisr_response_view_t *view = apr_pcalloc(res->pool, sizeof(*view));

        view->raw.Version.MajorVersion = view->raw.Version.MinorVersion = 1;
        res->view = view;
        iisr_response_show_status(res);
        iisr_response_show_headers(res);
    }
    iisr_response_show_chunks(res);
    return &res->view->raw;
}

static int is_edited(const iisr_response_view_t *view)
{
    const HTTP_RESPONSE_HEADERS *now = &view->raw.Headers;
    const HTTP_RESPONSE_HEADERS *old = &view->headers;

    return memcmp(now->KnownHeaders, old->KnownHeaders,
                  sizeof(now->KnownHeaders))
           || now->pUnknownHeaders != old->pUnknownHeaders
           || now->UnknownHeaderCount != old->UnknownHeaderCount
           || memcmp(view->unknown, view->unknown + view->unknown_room,
                     now->UnknownHeaderCount * sizeof(*view->unknown));
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
    const iisr_response_view_t *view = res->view;
    const HTTP_RESPONSE_HEADERS *now = &view->raw.Headers;
    const HTTP_UNKNOWN_HEADER *old = view->unknown + view->unknown_room;
    int i, n = now->pUnknownHeaders ? now->UnknownHeaderCount : 0;

    for (i = 0; i < n; i++) {
        const HTTP_UNKNOWN_HEADER *h = &now->pUnknownHeaders[i];
        int same = h >= view->unknown && h < old
                   && !memcmp(h, &old[h - view->unknown], sizeof(*h));

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
    const HTTP_KNOWN_HEADER *now = res->view->raw.Headers.KnownHeaders;
    const HTTP_KNOWN_HEADER *old = res->view->headers.KnownHeaders;
    apr_table_t *table;
    unsigned int id;

    if (!is_edited(res->view)) {
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
    iisr_response_show_headers(res);
}

void iisr_response_take_view(iisr_response_t *res)
{
    iisr_response_view_t *view = res->view;
    HTTP_RESPONSE *raw = &view->raw;

    take_headers(res);
    if (raw->pEntityChunks != view->chunks
        || raw->EntityChunkCount != view->count) {
        iisr_response_adopt(res, raw->pEntityChunks, raw->EntityChunkCount);
        iisr_response_show_chunks(res);
        res->touched = 1;
    }
    if (raw->StatusCode != res->status || raw->pReason != res->reason) {
        const char *reason = raw->pReason
            ? apr_pstrmemdup(res->pool, raw->pReason, raw->ReasonLength)
            : NULL;

        if (!iisr_status_is_final(raw->StatusCode)
            || iisr_response_set_status(res, raw->StatusCode, reason,
                                        res->substatus)) {
            res->refused = raw->StatusCode ? raw->StatusCode : -1;
        }
        iisr_response_show_status(res);
    }
}
