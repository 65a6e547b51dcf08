/* request.c: facts and header copies of one request; its body is in
 * request_body.c, the view that modules get of them in request_view.c.  See
 * request.h.
 */
#include <string.h>
#include <strings.h>
#include <apr_strings.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include "context.h"
#include "headers.h"

/* --- facts -------------------------------------------------------------- */

/* Keeps the old copy while it is true: pointers into it were handed out. */
static void keep(apr_pool_t *pool, const char **copy, const char *now)
{
    if (!now) {
        *copy = NULL;
    }
    else if (!*copy || strcmp(*copy, now)) {
        *copy = apr_pstrdup(pool, now);
    }
}

/* Anything else (a Unix socket) stays AF_UNSPEC: no IIS module expects it,
 * and its size is not known here. */
static const struct sockaddr *copy_address(struct sockaddr_in6 *copy,
                                           const struct sockaddr *address)
{
    int family = address ? address->sa_family : AF_UNSPEC;

    memset(copy, 0, sizeof(*copy));
    if (family == AF_INET || family == AF_INET6) {
        memcpy(copy, address, family == AF_INET ? sizeof(struct sockaddr_in)
                                                : sizeof(*copy));
    }
    return (const struct sockaddr *)(const void *)copy;
}

static void look(iisr_context_t *ctx, iisr_request_facts_t *now)
{
    memset(now, 0, sizeof(*now));
    if (ctx->req) {
        ctx->host->facts(ctx->req, now);
    }
    now->method = now->method ? now->method : "";
    now->raw_url = now->raw_url ? now->raw_url : "/";
    now->path = now->path ? now->path : "/";
    now->scheme = now->scheme ? now->scheme : "http";
    now->hostname = now->hostname ? now->hostname : "";
}

/* One piece of memory for all of them. */
static void copy_strings(apr_pool_t *pool, iisr_request_facts_t *facts)
{
    const char **strings[] = {
        &facts->method, &facts->raw_url, &facts->path, &facts->query,
        &facts->scheme, &facts->hostname
    };
    enum { N = sizeof(strings) / sizeof(strings[0]) };
    apr_size_t sizes[N], total = 0;
    char *copy;
    int i;

    for (i = 0; i < N; i++) {
        sizes[i] = *strings[i] ? strlen(*strings[i]) + 1 : 0;
        total += sizes[i];
    }
    copy = apr_palloc(pool, total);
    for (i = 0; i < N; i++) {
        if (*strings[i]) {
            *strings[i] = memcpy(copy, *strings[i], sizes[i]);
            copy += sizes[i];
        }
    }
}

/* What a module may change.  Everything else is latched at first sight. */
static void refresh_facts(iisr_context_t *ctx, void *baton)
{
    iisr_request_facts_t *facts = ctx->request.facts, now;

    (void)baton;
    if (ctx->req) {
        look(ctx, &now);
        keep(ctx->pool, &facts->method, now.method);
        keep(ctx->pool, &facts->raw_url, now.raw_url);
        keep(ctx->pool, &facts->path, now.path);
        keep(ctx->pool, &facts->query, now.query);
    }
}

/* A copy of all that the host keeps no longer than its request. */
typedef struct facts_t {
    iisr_request_facts_t facts;
    struct sockaddr_in6 remote, local;
} facts_t;

static void take_facts(iisr_context_t *ctx, void *baton)
{
    iisr_request_t *r = &ctx->request;
    facts_t *own = apr_palloc(ctx->pool, sizeof(*own));

    (void)baton;
    look(ctx, &own->facts);
    copy_strings(ctx->pool, &own->facts);
    own->facts.remote = copy_address(&own->remote, own->facts.remote);
    own->facts.local = copy_address(&own->local, own->facts.local);
    r->remaining = own->facts.body_length;
    r->facts = &own->facts;
}

const iisr_request_facts_t *iisr_request_facts(iisr_context_t *ctx)
{
    if (!ctx->request.facts) {
        iisr_context_ask(ctx, take_facts, NULL);
    }
    return ctx->request.facts;
}

/* --- edits -------------------------------------------------------------- */

/* What one edit or question carries to the thread that may ask the host. */
typedef struct ask_t {
    const char *first, *second;
    iisr_field_t *field;
    apr_status_t rv;
} ask_t;

iisr_field_t *iisr_request_find_field(iisr_field_t *from, const char *name,
                                      const char *value)
{
    while (from && !(iisr_header_is(name, from->name)
                     && !strcmp(from->original, value))) {
        from = from->next;
    }
    return from;
}

iisr_field_t *iisr_request_make_field(iisr_context_t *ctx, const char *name,
                                      const char *value)
{
    apr_size_t length = strlen(value), name_length = strlen(name);
    iisr_field_t *field = apr_palloc(ctx->pool, sizeof(*field)
                                     + name_length + 1 + 2 * (length + 1));

    field->value = (char *)(field + 1);
    field->original = memcpy(field->value + length + 1, value, length + 1);
    field->name = memcpy(field->value + 2 * (length + 1), name,
                         name_length + 1);
    memcpy(field->value, value, length + 1);
    field->name_length = (USHORT)name_length;
    field->length = length > 0xffff ? 0xffff : (USHORT)length;
    field->next = ctx->request.fields;
    ctx->request.fields = field;
    return field;
}

/* Headers that say where the body ends and what becomes of the connection:
 * what modules make of them is for other modules to see, and for nobody who
 * reads from the connection. */
static int is_framing(const char *name)
{
    static const char *const names[] = {
        "Content-Length", "Transfer-Encoding", "Connection", "Expect",
        "Keep-Alive", "TE", "Trailer", "Upgrade"
    };
    unsigned int i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!strcasecmp(name, names[i])) {
            return 1;
        }
    }
    return 0;
}

static const char *header_now(iisr_context_t *ctx, const char *name)
{
    const char *edit = ctx->request.framing
                       ? apr_table_get(ctx->request.framing, name) : NULL;

    if (edit) {
        return *edit ? edit : NULL;
    }
    return ctx->host->header_in(ctx->req, name);
}

static void find_field(iisr_context_t *ctx, void *baton)
{
    ask_t *ask = baton;
    const char *value;

    if (!ctx->req || !(value = header_now(ctx, ask->first))) {
        return;
    }
    ask->field = iisr_request_find_field(ctx->request.fields, ask->first,
                                         value);
    if (!ask->field) {
        ask->field = iisr_request_make_field(ctx, ask->first, value);
    }
}

const iisr_field_t *iisr_request_field(iisr_context_t *ctx, const char *name)
{
    ask_t ask = { name, NULL, NULL, APR_SUCCESS };

    iisr_context_ask(ctx, find_field, &ask);
    return ask.field;
}

/* A header that comes back to an old value starts from a fresh copy. */
static void forget_fields(iisr_request_t *r, const char *name)
{
    iisr_field_t **link = &r->fields;

    while (*link) {
        if (!strcasecmp((*link)->name, name)) {
            *link = (*link)->next;
        }
        else {
            link = &(*link)->next;
        }
    }
}

static void set_header(iisr_context_t *ctx, void *baton)
{
    ask_t *ask = baton;
    iisr_request_t *r = &ctx->request;

    if (!ctx->req) {
        return;
    }
    if (is_framing(ask->first)) {
        if (!r->framing) {
            r->framing = apr_table_make(ctx->pool, 2);
        }
        apr_table_set(r->framing, ask->first, ask->second ? ask->second : "");
    }
    else {
        ctx->host->set_header_in(ctx->req, ask->first, ask->second);
    }
    forget_fields(r, ask->first);
    iisr_request_changed(ctx);
}

void iisr_request_set_header(iisr_context_t *ctx, const char *name,
                             const char *value)
{
    ask_t ask = { name, value, NULL, APR_SUCCESS };

    iisr_context_ask(ctx, set_header, &ask);
}

static void set_method(iisr_context_t *ctx, void *baton)
{
    ask_t *ask = baton;

    if (!ctx->req) {
        return;
    }
    ask->rv = ctx->host->set_method(ctx->req, ask->first);
    if (ask->rv == APR_SUCCESS) {
        iisr_request_changed(ctx);
    }
}

apr_status_t iisr_request_set_method(iisr_context_t *ctx, const char *method)
{
    ask_t ask = { method, NULL, NULL, APR_ECONNABORTED };

    iisr_context_ask(ctx, set_method, &ask);
    return ask.rv;
}

static void set_url(iisr_context_t *ctx, void *baton)
{
    ask_t *ask = baton;

    if (!ctx->req) {
        return;
    }
    ask->rv = ctx->host->set_url(ctx->req, ask->first, ask->second);
    if (ask->rv == APR_SUCCESS) {
        ctx->request.url_changed = 1;
        ctx->request.forwarded = NULL;
        iisr_request_changed(ctx);
    }
}

apr_status_t iisr_request_set_url(iisr_context_t *ctx, const char *path,
                                  const char *query)
{
    ask_t ask = { path, query, NULL, APR_ECONNABORTED };

    iisr_context_ask(ctx, set_url, &ask);
    return ask.rv;
}

void iisr_request_changed(iisr_context_t *ctx)
{
    if (ctx->request.facts) {
        iisr_context_ask(ctx, refresh_facts, NULL);
    }
    iisr_request_view_changed(ctx);
}
