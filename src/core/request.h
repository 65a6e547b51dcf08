/* request.h: one request as IIS sees it: the facts of the host, module
 * edits, the HTTP_REQUEST view, and the body with what modules inserted.
 *
 * Body framing is latched before the first notification: no edit of a
 * header changes how many bytes of the connection the request consumes.
 * Everything handed out is a copy in the context's pool: it outlives the
 * host's request.  All functions: lock held; what touches the host is handed
 * to the thread that may (iisr_context_on_worker), unless said otherwise.
 */
#ifndef IISR_REQUEST_H
#define IISR_REQUEST_H

#include <apr_tables.h>
#include "httpserv.h"
#include "http.h"
#include "host.h"

/* Memory put in front of the unread body by InsertEntityBody. */
typedef struct iisr_inserted_t {
    struct iisr_inserted_t *next;
    const char *data;                   /* the module's, not copied */
    apr_size_t left;
} iisr_inserted_t;

/* A header as modules see it: real modules write into what GetHeader gave
 * them, so the copy is theirs and is kept while the header has this value. */
typedef struct iisr_field_t {
    struct iisr_field_t *next;
    const char *name;
    const char *original;               /* what the host has */
    char *value;                        /* what modules have */
    USHORT name_length, length;
} iisr_field_t;

/* What modules that asked for it read. */
typedef struct iisr_request_view_t {
    HTTP_REQUEST raw;
    HTTP_SSL_INFO ssl;                  /* raw's, over TLS */
    HTTP_UNKNOWN_HEADER *unknown;       /* raw's, with room for one more */
    unsigned int unknown_room;
    apr_size_t head_length;             /* request line and header fields */
    const char *cooked_path, *cooked_query;     /* what CookedUrl was made
                                                 * from */
} iisr_request_view_t;

typedef struct iisr_request_t {
    iisr_request_view_t *view;          /* NULL: nobody has asked for it */
    HTTP_SSL_CLIENT_CERT_INFO *certificate;     /* NULL: none so far */
    iisr_request_facts_t *facts;        /* NULL: nobody has asked for them */
    unsigned int url_changed : 1;
    unsigned int body_ended : 1;        /* the host said APR_EOF */
    unsigned int body_broken : 1;
    apr_int64_t remaining;              /* of the host's body; -1 unknown */
    apr_uint64_t body_read;             /* from the host */
    iisr_inserted_t *inserted;
    iisr_field_t *fields;
    apr_table_t *framing;               /* edits of framing headers: the host
                                         * never sees them; "" is deleted */
    const WCHAR *forwarded;             /* SetUrl with a URL elsewhere */
    void *entity;                       /* what OnReadEntity sees */
    DWORD entity_length, entity_room;
} iisr_request_t;

/* One ReadEntityBody. */
typedef struct iisr_receive_t {
    void *buffer;
    DWORD room;
    int async;
    PFN_ASYNC_COMPLETION callback;
    void *baton;
    int must_complete;              /* the caller passed no flag: promise */
    /* results */
    DWORD bytes;
    int pending;                    /* a completion will be delivered */
} iisr_receive_t;

struct iisr_context_t;

const iisr_request_facts_t *iisr_request_facts(struct iisr_context_t *ctx);
HTTP_REQUEST *iisr_request_raw(struct iisr_context_t *ctx);
/* The client's certificate; the view gets it, too.  NULL: there is none.
 * Lock held, on the host's thread or not. */
HTTP_SSL_CLIENT_CERT_INFO *iisr_request_certificate(
    struct iisr_context_t *ctx);
/* HTTP_REQUEST_FLAG_..., of the view and of the variable REQUEST_FLAGS. */
DWORD iisr_request_flags(apr_int64_t body_length, int major);
/* After a change of header, method or URL: the view, if it was ever handed
 * out, is made true again in place. */
void iisr_request_changed(struct iisr_context_t *ctx);
/* Its part in request_view.c; and when more of the body has been read. */
void iisr_request_view_changed(struct iisr_context_t *ctx);
void iisr_request_view_received(struct iisr_context_t *ctx);

/* NULL: the request has no such header, or is closed. */
const iisr_field_t *iisr_request_field(struct iisr_context_t *ctx,
                                       const char *name);
/* The copy of a header that has this value, or NULL.  from: of the request's
 * copies, newest first. */
iisr_field_t *iisr_request_find_field(iisr_field_t *from, const char *name,
                                      const char *value);
iisr_field_t *iisr_request_make_field(struct iisr_context_t *ctx,
                                      const char *name, const char *value);
/* value NULL: delete.  Name and value were checked. */
void iisr_request_set_header(struct iisr_context_t *ctx, const char *name,
                             const char *value);
/* As host->set_method and host->set_url; APR_ECONNABORTED: closed. */
apr_status_t iisr_request_set_method(struct iisr_context_t *ctx,
                                     const char *method);
apr_status_t iisr_request_set_url(struct iisr_context_t *ctx,
                                  const char *path, const char *query);

void iisr_request_insert(struct iisr_context_t *ctx, const void *data,
                         apr_size_t len);
/* Inserted memory first, then the host's body.  As host->read, and on the
 * thread that may call it. */
apr_status_t iisr_request_read(struct iisr_context_t *ctx, char *buffer,
                               apr_size_t *len, int block);
/* The same with OnReadEntity around it: what a reader gets. */
apr_status_t iisr_request_entity(struct iisr_context_t *ctx, void *buffer,
                                 apr_size_t *len, int block);
/* Reads with OnReadEntity around it.  APR_EOF: none left; APR_EBUSY: a read
 * is outstanding; APR_ENOTIMPL: not in this notification; APR_ECONNABORTED:
 * the body is broken or the request closed. */
apr_status_t iisr_request_receive(struct iisr_context_t *ctx,
                                  iisr_receive_t *receive);
/* Input became readable (or ended): an asynchronous read that waits for it
 * tries again and, unless there is still nothing, records its result.  The
 * request's own thread. */
void iisr_request_resume_read(struct iisr_context_t *ctx);
/* Bytes known to be left; a chunked body counts as 0xffffffff until its end
 * has been seen (IHttpRequest::GetRemainingEntityBytes). */
DWORD iisr_request_remaining(struct iisr_context_t *ctx);

#endif
