/* request.c: facts, header copies and body of one request; the view that
 * modules get of them is built in request_view.c.  See request.h.
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

/* --- body --------------------------------------------------------------- */

typedef struct insertion_t {
    const void *data;
    apr_size_t length;
    int taken;                          /* by the host */
} insertion_t;

/* It is read, and counted, once more. */
static void put_back_here(iisr_context_t *ctx, void *baton)
{
    insertion_t *insertion = baton;
    iisr_request_t *r = &ctx->request;
    apr_size_t n = insertion->length;

    if (!ctx->req || !ctx->host->put_back(ctx->req, insertion->data, n)) {
        return;
    }
    insertion->taken = 1;
    iisr_request_facts(ctx);
    r->body_ended = r->body_broken = 0;
    r->body_read -= n < r->body_read ? n : r->body_read;
    iisr_request_view_received(ctx);
    if (r->remaining >= 0) {
        r->remaining += n;
    }
}

void iisr_request_insert(iisr_context_t *ctx, const void *data,
                         apr_size_t len)
{
    insertion_t insertion = { .data = data, .length = len };
    iisr_inserted_t *inserted;

    if (ctx->req && ctx->host->put_back) {
        iisr_context_on_worker(ctx, put_back_here, &insertion);
    }
    if (insertion.taken) {
        return;
    }
    inserted = apr_palloc(ctx->pool, sizeof(*inserted));
    inserted->data = data;
    inserted->left = len;
    inserted->next = ctx->request.inserted;
    ctx->request.inserted = inserted;
}

static apr_size_t read_inserted(iisr_request_t *r, char *buffer,
                                apr_size_t room)
{
    apr_size_t done = 0, n;

    while (r->inserted && done < room) {
        n = r->inserted->left;
        if (n > room - done) {
            n = room - done;
        }
        memcpy(buffer + done, r->inserted->data, n);
        done += n;
        r->inserted->data += n;
        r->inserted->left -= n;
        if (!r->inserted->left) {
            r->inserted = r->inserted->next;
        }
    }
    return done;
}

/* Counts what an input filter made of the body (it may inflate it) against
 * the length that the client announced: only a hint, the end is what the
 * host says. */
static void count(iisr_context_t *ctx, apr_size_t n)
{
    iisr_request_t *r = &ctx->request;

    r->body_read += n;
    iisr_request_view_received(ctx);
    if (r->remaining > 0) {
        r->remaining -= (apr_int64_t)n < r->remaining ? (apr_int64_t)n
                                                      : r->remaining;
    }
}

apr_status_t iisr_request_read(iisr_context_t *ctx, char *buffer,
                               apr_size_t *len, int block)
{
    iisr_request_t *r = &ctx->request;
    apr_size_t room = *len;
    apr_status_t rv;

    iisr_request_facts(ctx);
    if ((*len = read_inserted(r, buffer, room))) {
        return APR_SUCCESS;
    }
    if (r->body_broken || !ctx->req) {
        return APR_ECONNABORTED;
    }
    if (r->body_ended) {
        return APR_EOF;
    }
    *len = room;
    rv = ctx->host->read(ctx->req, buffer, len, block);
    if (rv == APR_SUCCESS) {
        count(ctx, *len);
        return APR_SUCCESS;
    }
    *len = 0;
    if (APR_STATUS_IS_EAGAIN(rv)) {
        return APR_EAGAIN;
    }
    r->remaining = 0;
    if (rv == APR_EOF) {
        r->body_ended = 1;
        return APR_EOF;
    }
    r->body_broken = 1;
    return APR_ECONNABORTED;
}

/* OnReadEntity sees what was read, also that there is no body, and may
 * replace it (IReadEntityProvider::SetEntity).  What does not fit the reader's
 * buffer stays in front of the body.  The end behind a body is not shown: a
 * module that sets an entity each time would make it endless. */
static apr_status_t show_modules(iisr_context_t *ctx, char *buffer,
                                 apr_size_t room, apr_size_t *len,
                                 apr_status_t rv)
{
    iisr_request_t *r = &ctx->request;
    apr_size_t length;

    r->entity = buffer;
    r->entity_length = (DWORD)*len;
    r->entity_room = (DWORD)room;
    iisr_pipeline_raise(ctx, IISR_EV_READ_ENTITY,
                        ctx->objects_table->provider(ctx,
                                                     IISR_EV_READ_ENTITY));
    length = r->entity_length;
    if (length > room) {
        iisr_request_insert(ctx, apr_pmemdup(ctx->pool,
                                             (char *)r->entity + room,
                                             length - room), length - room);
        length = room;
    }
    if (r->entity != buffer && length) {
        memmove(buffer, r->entity, length);
    }
    r->entity = NULL;
    *len = length;
    return length ? APR_SUCCESS : rv;
}

apr_status_t iisr_request_entity(iisr_context_t *ctx, void *buffer,
                                 apr_size_t *len, int block)
{
    const iisr_place_t *place = iisr_pipeline_current(ctx);
    apr_size_t room = *len;
    apr_status_t rv = iisr_request_read(ctx, buffer, len, block);

    /* entity_room: 0 until it was raised. */
    if ((rv == APR_SUCCESS
         || (rv == APR_EOF && !ctx->request.entity_room))
        && (!place || place->event != IISR_EV_READ_ENTITY)
        && iisr_pipeline_wants(ctx, IISR_EV_READ_ENTITY)) {
        rv = show_modules(ctx, buffer, room, len, rv);
    }
    return rv;
}

static void record(iisr_context_t *ctx, apr_size_t bytes, apr_status_t rv)
{
    iisr_completion_record(ctx, IISR_OP_READ, bytes,
        rv == APR_SUCCESS ? S_OK
        : rv == APR_EOF ? HRESULT_FROM_WIN32(ERROR_HANDLE_EOF)
        : HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID));
}

static void promise(iisr_context_t *ctx, iisr_receive_t *receive)
{
    iisr_operation_t *op = iisr_completion_start(ctx, IISR_OP_READ,
                                                 receive->callback,
                                                 receive->baton);

    op->buffer = receive->buffer;
    op->room = receive->room;
    receive->pending = 1;
}

/* fAsync: the end of the body and a failure are an HRESULT, as on IIS, to a
 * caller that can be told that no completion follows; bytes that are there
 * at once complete all the same, unless IISInlineCompletion is on. */
static apr_status_t receive_async(iisr_context_t *ctx,
                                  iisr_receive_t *receive)
{
    apr_size_t len = receive->room;
    apr_status_t rv = iisr_request_entity(ctx, receive->buffer, &len, 0);
    int wait = (rv == APR_EAGAIN);

    if (wait && !ctx->host->can_park(ctx->req)) {
        len = receive->room;
        rv = iisr_request_entity(ctx, receive->buffer, &len, 1);
        wait = 0;
    }
    if (!wait && !receive->must_complete
        && (rv != APR_SUCCESS || ctx->settings.inline_completion)) {
        receive->bytes = (DWORD)len;
        return rv;
    }
    promise(ctx, receive);
    if (!wait) {
        record(ctx, len, rv);
    }
    return APR_SUCCESS;
}

typedef struct receive_job_t {
    iisr_receive_t *receive;
    apr_status_t rv;
} receive_job_t;

/* A result that was not yet delivered occupies the slot too. */
static int may_read(iisr_context_t *ctx, int async)
{
    return iisr_completion_is_free(&ctx->completion, IISR_OP_READ)
           && (!async || iisr_completion_may_start(ctx, IISR_OP_READ, 1));
}

static apr_status_t refusal(iisr_context_t *ctx, int async)
{
    return !ctx->req ? APR_ECONNABORTED
           : ctx->pipeline.no_io ? APR_ENOTIMPL
           : !may_read(ctx, async) ? APR_EBUSY : APR_SUCCESS;
}

static void receive_here(iisr_context_t *ctx, void *baton)
{
    receive_job_t *job = baton;
    iisr_receive_t *receive = job->receive;
    apr_size_t len = receive->room;

    if ((job->rv = refusal(ctx, receive->async))) {
        return;
    }
    if (receive->async) {
        job->rv = receive_async(ctx, receive);
    }
    else {
        job->rv = iisr_request_entity(ctx, receive->buffer, &len, 1);
        receive->bytes = (DWORD)len;
    }
}

apr_status_t iisr_request_receive(iisr_context_t *ctx,
                                  iisr_receive_t *receive)
{
    receive_job_t job = { receive, APR_SUCCESS };
    apr_status_t rv;

    receive->bytes = 0;
    receive->pending = 0;
    if (receive->async && ctx->waiting) {
        /* Asked for by another thread: it need not wait for the worker. */
        if ((rv = refusal(ctx, 1)) == APR_SUCCESS) {
            promise(ctx, receive);
            ctx->read_wanted = 1;
            iisr_context_wake(ctx);
        }
        return rv;
    }
    rv = iisr_context_on_worker(ctx, receive_here, &job);
    return rv == APR_SUCCESS ? job.rv : rv;
}

void iisr_request_resume_read(iisr_context_t *ctx)
{
    iisr_operation_t *op = &ctx->completion.op[IISR_OP_READ];
    apr_size_t len = op->room;
    apr_status_t rv;

    ctx->read_wanted = 0;
    if (!iisr_completion_is_outstanding(&ctx->completion, IISR_OP_READ)) {
        return;
    }
    rv = iisr_request_entity(ctx, op->buffer, &len,
                             !ctx->host->can_park(ctx->req));
    if (rv != APR_EAGAIN) {
        record(ctx, len, rv);
    }
}

DWORD iisr_request_remaining(iisr_context_t *ctx)
{
    iisr_request_t *r = &ctx->request;
    apr_uint64_t total = 0;
    iisr_inserted_t *inserted;

    iisr_request_facts(ctx);
    if (r->remaining < 0 && !r->body_ended && !r->body_broken) {
        return 0xffffffff;
    }
    if (r->remaining > 0) {
        total = (apr_uint64_t)r->remaining;
    }
    for (inserted = r->inserted; inserted; inserted = inserted->next) {
        total += inserted->left;
    }
    /* 0xffffffff is kept for "not known". */
    return total > 0xfffffffe ? 0xfffffffe : (DWORD)total;
}
