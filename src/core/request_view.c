/* request_view.c: HTTP_REQUEST, the view of a request that modules read.
 *
 * Built when it is first asked for, and rebuilt in place after every edit:
 * the pointer never changes, and what it points to lives as long as the
 * context.  Header values are the copies that GetHeader hands out.
 */
#include <string.h>
#include <strings.h>
#include <wchar.h>
#include <apr_strings.h>
#include "context.h"
#include "headers.h"
#include "wide.h"

/* HTTP_VERB in order; the methods before it are no verbs of a request. */
static const char *const verbs[] = {
    "OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT",
    "TRACK", "MOVE", "COPY", "PROPFIND", "PROPPATCH", "MKCOL", "LOCK",
    "UNLOCK", "SEARCH"
};

static HTTP_REQUEST_V1 *view_of(iisr_request_t *r)
{
    /* The base of HTTP_REQUEST in C++, its first member in C. */
    return (HTTP_REQUEST_V1 *)(void *)&r->view->raw;
}

static USHORT clamp(apr_size_t length)
{
    return length > 0xffff ? 0xffff : (USHORT)length;
}

/* CookedUrl counts bytes of WCHAR, which are four a character here. */
static USHORT wide_bytes(apr_size_t characters)
{
    return characters > 0xffff / sizeof(WCHAR)
           ? (USHORT)(0xffff / sizeof(WCHAR) * sizeof(WCHAR))
           : (USHORT)(characters * sizeof(WCHAR));
}

static void build_verb(HTTP_REQUEST_V1 *v, const char *method)
{
    unsigned int i;

    v->Verb = HttpVerbUnknown;
    v->pUnknownVerb = NULL;
    v->UnknownVerbLength = 0;
    for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (!strcmp(verbs[i], method)) {
            v->Verb = (HTTP_VERB)(HttpVerbOPTIONS + i);
            return;
        }
    }
    v->pUnknownVerb = method;
    v->UnknownVerbLength = clamp(strlen(method));
}

/* One string, http://host:port/path?query, and pointers into it.  IIS writes
 * the port even where it is the usual one. */
static WCHAR *put(WCHAR *end, const char *utf8)
{
    return end + iisr_widen_into(utf8, end);
}

static WCHAR *put_port(WCHAR *end, int port)
{
    char digits[8], *first = digits + sizeof(digits) - 1;

    *first = '\0';
    do {
        *--first = '0' + port % 10;
        port /= 10;
    } while (port > 0);
    *--first = ':';
    return put(end, first);
}

static void build_cooked(iisr_context_t *ctx, HTTP_COOKED_URL *cooked)
{
    const iisr_request_facts_t *f = ctx->request.facts;
    const char *query = f->query ? f->query : "";
    /* A character takes at least a byte. */
    apr_size_t room = strlen(f->scheme) + strlen("://") + strlen(f->hostname)
                      + strlen(":65535") + strlen(f->path) + strlen("?")
                      + strlen(query) + 1;
    WCHAR *full = apr_palloc(ctx->pool, room * sizeof(*full));
    WCHAR *host = put(put(full, f->scheme), "://");
    WCHAR *path = put_port(put(host, f->hostname), f->port & 0xFFFF);
    WCHAR *mark = put(path, f->path), *end = mark;

    if (f->query) {
        end = put(put(mark, "?"), query);
    }
    *end = 0;
    cooked->pFullUrl = full;
    cooked->pHost = host;
    cooked->pAbsPath = path;
    cooked->pQueryString = f->query ? mark : NULL;
    cooked->FullUrlLength = wide_bytes(end - full);
    cooked->HostLength = wide_bytes(path - host);
    cooked->AbsPathLength = wide_bytes(mark - path);
    cooked->QueryStringLength = wide_bytes(end - mark);
}

static void build_url(iisr_context_t *ctx, HTTP_REQUEST_V1 *v)
{
    const iisr_request_facts_t *facts = ctx->request.facts;
    iisr_request_view_t *view = ctx->request.view;

    v->pRawUrl = facts->raw_url;
    v->RawUrlLength = clamp(strlen(facts->raw_url));
    if (!v->CookedUrl.pFullUrl || view->cooked_path != facts->path
        || view->cooked_query != facts->query) {
        build_cooked(ctx, &v->CookedUrl);
        view->cooked_path = facts->path;
        view->cooked_query = facts->query;
    }
}

/* Real modules read one element past the end: there is one, and zeroed. */
static void make_room(iisr_context_t *ctx, unsigned int n)
{
    iisr_request_view_t *view = ctx->request.view;

    if (n + 1 > view->unknown_room) {
        view->unknown_room = view->unknown_room ? n + 1 + 8 : n + 1;
        view->unknown = apr_palloc(ctx->pool, view->unknown_room
                                              * sizeof(*view->unknown));
    }
    memset(view->unknown, 0, view->unknown_room * sizeof(*view->unknown));
}

static void add_header(HTTP_REQUEST_HEADERS *headers,
                       HTTP_UNKNOWN_HEADER *unknown, iisr_field_t *field)
{
    int id = iisr_request_header_id(field->name);

    if (id >= 0) {
        HTTP_KNOWN_HEADER *known = &headers->KnownHeaders[id];

        if (!known->pRawValue) {
            known->pRawValue = field->value;
            known->RawValueLength = field->length;
        }
        return;
    }
    unknown += headers->UnknownHeaderCount++;
    unknown->pName = field->name;
    unknown->NameLength = field->name_length;
    unknown->pRawValue = field->value;
    unknown->RawValueLength = field->length;
}

/* The host's list, without what modules edited of it, or those edits. */
static void add_list(iisr_context_t *ctx, HTTP_REQUEST_V1 *v,
                     const apr_array_header_t *list, int are_edits)
{
    const apr_table_t *edits = ctx->request.framing;
    const apr_table_entry_t *e =
        (const apr_table_entry_t *)(const void *)list->elts;
    iisr_field_t *before = ctx->request.fields, *field;
    int i;

    for (i = 0; i < list->nelts
                && v->Headers.UnknownHeaderCount < 0xffff; i++) {
        if (are_edits ? !*e[i].val
                      : edits && apr_table_get(edits, e[i].key)) {
            continue;
        }
        field = iisr_request_find_field(before, e[i].key, e[i].val);
        if (!field) {
            field = iisr_request_make_field(ctx, e[i].key, e[i].val);
        }
        else if (strcmp(field->name, e[i].key)) {
            /* Asked for in other letters than the client's. */
            field->name = apr_pstrdup(ctx->pool, e[i].key);
        }
        add_header(&v->Headers, ctx->request.view->unknown, field);
    }
}

static void build_headers(iisr_context_t *ctx, HTTP_REQUEST_V1 *v)
{
    const apr_table_t *edits = ctx->request.framing;
    const apr_array_header_t *list =
        apr_table_elts(ctx->host->headers_in(ctx->req));

    make_room(ctx, list->nelts + (edits ? apr_table_elts(edits)->nelts : 0));
    add_list(ctx, v, list, 0);
    if (edits) {
        add_list(ctx, v, apr_table_elts(edits), 1);
    }
    v->Headers.pUnknownHeaders = ctx->request.view->unknown;
}

DWORD iisr_request_flags(apr_int64_t body_length, int major)
{
    return (body_length ? HTTP_REQUEST_FLAG_MORE_ENTITY_BODY_EXISTS : 0)
           | (major == 2 ? HTTP_REQUEST_FLAG_HTTP2 : 0);
}

static void build_fixed(iisr_request_t *r, HTTP_REQUEST_V1 *v)
{
    const iisr_request_facts_t *f = r->facts;

    v->ConnectionId = v->RawConnectionId = f->connection_id;
    v->RequestId = f->request_id;
    v->Version.MajorVersion = (USHORT)f->major;
    v->Version.MinorVersion = (USHORT)f->minor;
    v->Address.pRemoteAddress = (PSOCKADDR)(void *)f->remote;
    v->Address.pLocalAddress = (PSOCKADDR)(void *)f->local;
    v->Flags = iisr_request_flags(f->body_length, f->major);
}

/* --- TLS ---------------------------------------------------------------- */

/* Of a certificate that no known authority vouches for: wincrypt's
 * CERT_E_UNTRUSTEDROOT. */
#define UNTRUSTED_ROOT 0x800B0109u

static void show_certificate(iisr_request_t *r)
{
    r->view->ssl.pClientCertInfo = r->certificate;
    r->view->ssl.SslClientCertNegotiated = r->certificate != NULL;
}

static void ask_certificate(iisr_context_t *ctx, void *baton)
{
    iisr_request_t *r = &ctx->request;
    iisr_certificate_t found = { 0 };

    (void)baton;
    if (!ctx->req || !ctx->host->certificate
        || !ctx->host->certificate(ctx->req, &found, ctx->pool)) {
        return;
    }
    r->certificate = apr_pcalloc(ctx->pool, sizeof(*r->certificate));
    r->certificate->pCertEncoded = found.der;
    r->certificate->CertEncodedSize = (ULONG)found.length;
    r->certificate->CertFlags = found.trusted ? 0 : UNTRUSTED_ROOT;
    if (r->view) {
        show_certificate(r);
    }
}

/* httpd may ask the client for one as late as at a location. */
HTTP_SSL_CLIENT_CERT_INFO *iisr_request_certificate(iisr_context_t *ctx)
{
    if (!ctx->request.certificate) {
        iisr_context_ask(ctx, ask_certificate, NULL);
    }
    return ctx->request.certificate;
}

static void build_ssl(iisr_context_t *ctx, HTTP_REQUEST_V1 *v)
{
    HTTP_SSL_INFO *ssl = &ctx->request.view->ssl;
    iisr_tls_t tls = { 0 };

    if (v->pSslInfo || !ctx->host->tls
        || !ctx->host->tls(ctx->req, &tls, ctx->pool)) {
        return;
    }
    ssl->ServerCertKeySize = (USHORT)(tls.server_bits / 8);
    ssl->ConnectionKeySize = (USHORT)(tls.connection_bits / 8);
    ssl->pServerCertIssuer = tls.issuer;
    ssl->ServerCertIssuerSize = (ULONG)strlen(tls.issuer);
    ssl->pServerCertSubject = tls.subject;
    ssl->ServerCertSubjectSize = (ULONG)strlen(tls.subject);
    iisr_request_certificate(ctx);
    show_certificate(&ctx->request);
    v->pSslInfo = ssl;
}

/* --- bytes -------------------------------------------------------------- */

/* As the fields stand when a module first asks: the host keeps no count.  A
 * field is `name: value\r\n`. */
static apr_size_t head_length(const iisr_request_t *r)
{
    apr_size_t n = strlen(r->facts->method) + strlen(" ")
                   + strlen(r->facts->raw_url) + strlen(" HTTP/1.1\r\n\r\n");
    const iisr_field_t *field;

    for (field = r->fields; field; field = field->next) {
        n += field->name_length + strlen(": \r\n") + field->length;
    }
    return n;
}

void iisr_request_view_received(iisr_context_t *ctx)
{
    if (ctx->request.view) {
        view_of(&ctx->request)->BytesReceived =
            ctx->request.view->head_length + ctx->request.body_read;
    }
}

static void build(iisr_context_t *ctx)
{
    iisr_request_t *r = &ctx->request;
    HTTP_REQUEST_V1 *v = view_of(r);

    build_fixed(r, v);
    build_verb(v, r->facts->method);
    build_url(ctx, v);
    if (ctx->req) {
        build_headers(ctx, v);
        build_ssl(ctx, v);
    }
}

static void make(iisr_context_t *ctx, void *baton)
{
    iisr_request_t *r = &ctx->request;

    (void)baton;
    iisr_request_facts(ctx);
    r->view = apr_pcalloc(ctx->pool, sizeof(*r->view));
    build(ctx);
    r->view->head_length = head_length(r);
    iisr_request_view_received(ctx);
}

void iisr_request_view_changed(iisr_context_t *ctx)
{
    if (ctx->request.view) {
        HTTP_REQUEST_V1 *v = view_of(&ctx->request);

        memset(&v->Headers, 0, sizeof(v->Headers));
        build(ctx);
    }
}

HTTP_REQUEST *iisr_request_raw(iisr_context_t *ctx)
{
    if (!ctx->request.view) {
        iisr_context_ask(ctx, make, NULL);
    }
    return &ctx->request.view->raw;
}
