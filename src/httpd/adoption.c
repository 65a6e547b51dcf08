/* adoption.c: the head of httpd's own response, shown to modules and written
 * back where they changed it.
 *
 * What describes the connection or the framing (Connection, Upgrade,
 * Content-Length ...) is httpd's business and not shown; it stays as httpd
 * made it.  Values are copied, since a module may write into one; httpd's
 * own, still in its tables, then tell what was changed.  The names are httpd's,
 * and no longer there once the context is closed.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <http_request.h>
#include "core/headers.h"
#include "httpd/adoption.h"
#include "httpd/banner.h"

static int is_shown(const char *name)
{
    return !iisr_header_hop_by_hop(name)
           && !iisr_header_is(name, "Content-Length");
}

/* --- walking through httpd's fields ------------------------------------- */

/* headers_out, err_headers_out, and Content-Type, in the order in which they
 * are shown. */
typedef struct fields_t {
    const request_rec *r;
    int table, at;
} fields_t;

static const apr_table_entry_t *next_entry(fields_t *fields)
{
    const apr_table_t *const tables[] = { fields->r->headers_out,
                                          fields->r->err_headers_out };

    for (; fields->table < 2; fields->table++, fields->at = 0) {
        const apr_array_header_t *list =
            apr_table_elts(tables[fields->table]);

        while (fields->at < list->nelts) {
            const apr_table_entry_t *entry =
                &APR_ARRAY_IDX(list, fields->at++, apr_table_entry_t);

            if (is_shown(entry->key)) {
                return entry;
            }
        }
    }
    return NULL;
}

/* Zero: there is no other. */
static int next_field(fields_t *fields, const char **name, const char **value)
{
    const apr_table_entry_t *entry = next_entry(fields);

    if (entry) {
        *name = entry->key;
        *value = entry->val;
        return 1;
    }
    if (fields->table++ > 2 || !fields->r->content_type) {
        return 0;
    }
    *name = "Content-Type";
    *value = ap_make_content_type((request_rec *)fields->r,
                                  fields->r->content_type);
    return 1;
}

/* --- taking ------------------------------------------------------------- */

static int sets_server(const request_rec *r)
{
    return apr_table_get(r->headers_out, "Server")
           || apr_table_get(r->err_headers_out, "Server");
}

static void take_fields(iisr_host_request_t *hr)
{
    iisr_response_t *res = &hr->ctx->response;
    const apr_table_t *own = hr->own_headers;
    fields_t fields = { .r = hr->r };
    const char *name, *value;

    while (next_field(&fields, &name, &value)) {
        /* What a module set stands, but for a cookie beside a cookie. */
        if (!own || iisr_header_stands_alone(name)
            || !apr_table_get(own, name)) {
            apr_table_addn(res->headers, name,
                           apr_pstrdup(res->pool, value));
        }
    }
    iisr_response_headers_changed(res);
}

/* 200 is what httpd says when it has decided nothing. */
static void take_status(iisr_host_request_t *hr)
{
    iisr_response_t *res = &hr->ctx->response;
    int status = hr->r->status;

    if (res->status != status && (status != HTTP_OK || !res->status_set)) {
        iisr_response_set_status(res, status, NULL, 0);
        res->status_set = 0;
    }
}

void iisr_adoption_take(iisr_host_request_t *hr)
{
    iisr_response_t *res = &hr->ctx->response;

    hr->adopted = 1;
    res->touched = 0;
    if (hr->own_head) {
        return;
    }
    hr->own_headers = iisr_response_headers_default(res)
                      ? NULL : apr_table_copy(res->pool, res->headers);
    if (sets_server(hr->r)
        && apr_table_get(res->headers, "Server") == res->banner) {
        /* The origin's, behind a proxy. */
        apr_table_unset(res->headers, "Server");
    }
    take_fields(hr);
    take_status(hr);
    if (hr->r->status >= 400) {
        iisr_response_clear_entity(res);
    }
}

void iisr_adoption_undo(iisr_host_request_t *hr)
{
    iisr_response_t *res = &hr->ctx->response;

    if (!hr->adopted || hr->own_head) {
        return;
    }
    hr->adopted = 0;
    res->committed = res->ended = 0;
    res->sent = 0;
    iisr_response_clear_entity(res);
    iisr_response_clear_headers(res);
    if (hr->own_headers) {
        res->headers = hr->own_headers;
        iisr_response_headers_changed(res);
    }
}

/* --- what modules changed ----------------------------------------------- */

/* Whether the shown fields are httpd's, one for one. */
static int same_fields(iisr_host_request_t *hr)
{
    const iisr_response_t *res = &hr->ctx->response;
    const apr_array_header_t *list = apr_table_elts(res->headers);
    fields_t fields = { .r = hr->r };
    const char *name, *value;
    int i = 0;

    if (!sets_server(hr->r) && *res->banner) {
        if (!list->nelts || APR_ARRAY_IDX(list, i++, apr_table_entry_t).val
                            != res->banner) {
            return 0;
        }
    }
    while (next_field(&fields, &name, &value)) {
        const apr_table_entry_t *field =
            &APR_ARRAY_IDX(list, i, apr_table_entry_t);

        if (i++ >= list->nelts || strcasecmp(field->key, name)
            || strcmp(field->val, value)) {
            return 0;
        }
    }
    return i == list->nelts;
}

int iisr_adoption_is_edited(iisr_host_request_t *hr)
{
    const iisr_response_t *res = &hr->ctx->response;

    return hr->own_headers || res->status != hr->r->status || res->reason
           || res->policy || res->disconnect || res->suppressed
           || (res->trailers && !apr_is_empty_table(res->trailers))
           || !same_fields(hr);
}

/* --- writing back ------------------------------------------------------- */

static int keep_field(void *data, const char *name, const char *value)
{
    if (!is_shown(name)) {
        apr_table_addn(data, name, value);
    }
    return 1;
}

/* What is shown leaves httpd's tables. */
static void drop_shown(request_rec *r)
{
    apr_table_t *kept = apr_table_make(r->pool, 4);

    apr_table_do(keep_field, kept, r->headers_out, NULL);
    r->headers_out = kept;
    kept = apr_table_make(r->pool, 2);
    apr_table_do(keep_field, kept, r->err_headers_out, NULL);
    r->err_headers_out = kept;
}

/* Not copied: the context is closed by r's pool. */
static const char *write_field(request_rec *r, const apr_table_entry_t *field,
                               const char *server)
{
    if (iisr_header_is(field->key, "Content-Type")) {
        if (!r->content_type
            || strcmp(ap_make_content_type(r, r->content_type), field->val)) {
            ap_set_content_type(r, field->val);
        }
    }
    else if (iisr_header_is(field->key, "Server")) {
        return server ? server : field->val;
    }
    else if (is_shown(field->key)) {
        apr_table_addn(r->headers_out, field->key, field->val);
    }
    return server;
}

static void write_fields(request_rec *r, const apr_table_t *headers)
{
    const apr_array_header_t *list = apr_table_elts(headers);
    const char *server = NULL;
    int i;

    if (!apr_table_get(headers, "Content-Type")) {
        r->content_type = NULL;
    }
    drop_shown(r);
    for (i = 0; i < list->nelts; i++) {
        server = write_field(r, &APR_ARRAY_IDX(list, i, apr_table_entry_t),
                             server);
    }
    iisr_banner_apply(r, server);
}

void iisr_adoption_write_back(iisr_host_request_t *hr,
                              const iisr_head_t *head)
{
    request_rec *r = hr->r;

    if (!same_fields(hr) || head->headers != hr->ctx->response.headers) {
        write_fields(r, head->headers);
    }
    if (head->status != r->status || head->reason) {
        iisr_host_set_status(r, head);
    }
}
