/* banner.c: the Server and Date fields as modules left them.
 *
 * httpd writes both itself, whatever is in headers_out, unless the response
 * is a proxied one: so a response whose Server field a module changed passes
 * httpd's header filter as if it were.  A field that a module deleted is
 * taken out of the header block behind that filter.  In the chain only for
 * such responses; runs on the thread that passes.
 */
#include <httpd.h>
#include <http_protocol.h>
#include <util_filter.h>
#include "httpd/banner.h"

static ap_filter_rec_t *above_filter, *below_filter;

/* Above HTTP_HEADER, and above the HTTP/2 filter in its place. */
static apr_status_t above(ap_filter_t *f, apr_bucket_brigade *bb)
{
    request_rec *r = f->r;
    int proxyreq = r->proxyreq;
    apr_status_t rv;

    r->proxyreq = PROXYREQ_REVERSE;
    rv = ap_pass_brigade(f->next, bb);
    r->proxyreq = proxyreq;
    return rv;
}

/* The empty Server field among the first lines of a header block; 0: none
 * there.  *len: of the whole line. */
static apr_size_t find_server(const char *head, apr_size_t n,
                              apr_size_t *len)
{
    static const char field[] = "\r\nServer: \r\n";
    const apr_size_t size = sizeof(field) - 1;
    apr_size_t i;

    for (i = 0; i + size <= n; i++) {
        if (!memcmp(head + i, field, size)) {
            *len = size - 2;
            return i + 2;
        }
    }
    return 0;
}

static apr_status_t below(ap_filter_t *f, apr_bucket_brigade *bb)
{
    apr_bucket *b = APR_BRIGADE_FIRST(bb);
    const char *head;
    apr_size_t n, at, len;

    if (b == APR_BRIGADE_SENTINEL(bb) || APR_BUCKET_IS_METADATA(b)) {
        return ap_pass_brigade(f->next, bb);
    }
    if (apr_bucket_read(b, &head, &n, APR_BLOCK_READ) == APR_SUCCESS
        && (at = find_server(head, n, &len))
        && apr_bucket_split(b, at) == APR_SUCCESS
        && apr_bucket_split(APR_BUCKET_NEXT(b), len) == APR_SUCCESS) {
        apr_bucket_delete(APR_BUCKET_NEXT(b));
    }
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

void iisr_banner_apply(request_rec *r, const char *server)
{
    const char *usual = ap_get_server_banner();

    if (server && (server == usual || !strcmp(server, usual))) {
        return;
    }
    apr_table_set(r->headers_out, "Server", server ? server : "");
    ap_add_output_filter_handle(above_filter, NULL, r, r->connection);
    if ((!server || !*server) && !r->connection->master) {
        ap_add_output_filter_handle(below_filter, NULL, r, r->connection);
    }
}

void iisr_banner_register(void)
{
    above_filter = ap_register_output_filter("IISR_BANNER", above, NULL,
                                             AP_FTYPE_PROTOCOL - 1);
    below_filter = ap_register_output_filter("IISR_NO_BANNER", below, NULL,
                                             AP_FTYPE_PROTOCOL + 1);
}
