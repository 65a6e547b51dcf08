/* response.h: one response as IIS sees it: status, headers and entity
 * chunks, and the HTTP_RESPONSE view that modules read and edit.
 *
 * What it owns of its entity are holdings (holdings.h; malloc, so that any
 * thread that holds the context's lock may write); everything else is in the
 * context's pool.  Never sends anything: flush.h does.  All functions: lock
 * held.
 */
#ifndef IISR_RESPONSE_H
#define IISR_RESPONSE_H

#include <apr_buckets.h>
#include <apr_tables.h>
#include "http.h"
#include "holdings.h"

#define IISR_CHUNKS_MAX 65535
#define IISR_BUFFER_LIMIT_DEFAULT 4194304

/* The view that modules were given, and what it showed then. */
typedef struct iisr_response_view_t {
    HTTP_RESPONSE raw;
    HTTP_RESPONSE_HEADERS headers;
    HTTP_UNKNOWN_HEADER *unknown;   /* the headers', and then as shown */
    int unknown_room;
    const HTTP_DATA_CHUNK *chunks;
    int count;
} iisr_response_view_t;

/* The host's own content is about to leave and a module asks for it: it
 * becomes chunks.  writes: the module adds to the entity, or clears it. */
typedef void (*iisr_load_fn)(void *baton, int writes);

typedef struct iisr_response_t {
    iisr_response_view_t *view;     /* NULL: nobody has asked for it */
    apr_pool_t *pool;
    apr_table_t *headers;           /* the truth about headers */
    const char *banner;             /* Server, among them by default */
    apr_table_t *trailers;          /* NULL: none */
    int status, substatus;
    const char *reason;             /* NULL: the standard phrase */
    HRESULT error;                  /* hrErrorToReport */
    const void *set_by;             /* the iisr_module_t of SetStatus */
    DWORD set_at;                   /* in this notification: RQ_... */
    void *policy;                   /* src/iface: the cache policy */
    const WCHAR *description;
    DWORD description_length;

    HTTP_DATA_CHUNK *chunks;        /* the view's pEntityChunks, unless a
                                     * module put an array of its own there */
    int nchunks, room;
    HTTP_DATA_CHUNK first_chunks[2];        /* mostly enough */
    iisr_block_t *array;            /* where chunks are when they are not */
    iisr_holdings_t holdings;       /* what is ours of what they show, or
                                     * showed since the last flush */
    int tail;                       /* the holding that is written into, or
                                     * -1 */
    iisr_block_t *spare;            /* kept for the next write, or NULL */
    int references;                 /* by-reference chunks among them */
    iisr_load_fn load;              /* NULL: the chunks are all there is */
    void *load_baton;
    apr_uint64_t buffered;          /* bytes of memory we hold buffered */

    unsigned int touched : 1;       /* status or body set by a module: the
                                     * request is answered */
    unsigned int status_set : 1;
    unsigned int unbuffered : 1;    /* DisableBuffering */
    unsigned int suppressed : 1;    /* SuppressHeaders */
    unsigned int disconnect : 1;    /* SetNeedDisconnect */
    unsigned int skip_custom_errors : 1;
    unsigned int kernel_cache_off : 1;
    unsigned int committed : 1;     /* headers have left */
    unsigned int committed_early : 1;   /* ahead of the handler stage */
    unsigned int bodiless : 1;      /* once committed: HEAD, 204, 304 */
    unsigned int ended : 1;         /* last byte handed over (EOS) */
    unsigned int trailing : 1;      /* the head that left allows trailers */
    unsigned int more : 1;          /* the flush under way has fMoreData */
    unsigned int is_reset : 1;      /* ResetConnection, CloseConnection */
    unsigned int failed_late : 1;   /* SetErrorStatus, with the head gone */
    unsigned int cut : 1;           /* what has left is not the whole, and
                                     * cannot become it */
    apr_uint32_t reset_code;        /* of is_reset, for an HTTP/2 stream */
    int refused;                    /* a status that a module put into the
                                     * view in vain; 0: none */
    struct iisr_chunked_t *frames;  /* the module frames its body itself, and
                                     * so far it is here; NULL: it does not */

    apr_uint64_t sent;              /* entity bytes handed to the host */
    apr_int64_t promised;           /* Content-Length on the wire, or -1 */
    apr_uint32_t flushes;
} iisr_response_t;

/* res: zeroed. */
void iisr_response_init(iisr_response_t *res, const char *banner,
                        apr_pool_t *pool);
void iisr_response_destroy(iisr_response_t *res);   /* frees what it owns */

/* What the host is about to send is among the chunks, as far as it is there.
 * Every call of a module that looks at the entity, or changes it, begins with
 * this. */
static inline void iisr_response_load(iisr_response_t *res, int writes)
{
    if (res->load) {
        res->load(res->load_baton, writes);
    }
}

/* Clear: body, headers and status go back to the defaults. */
void iisr_response_clear(iisr_response_t *res);
void iisr_response_clear_entity(iisr_response_t *res);
void iisr_response_clear_headers(iisr_response_t *res);
/* Whether the headers are the defaults: nobody has changed any. */
int iisr_response_headers_default(const iisr_response_t *res);

/* Not 100 to 199: those announce a response, they are none (RFC 9110, 15.2);
 * a client would take the next one for this. */
static inline int iisr_status_is_final(int code)
{
    return code >= 200 && code <= 999;
}

/* code 100..999; reason NULL: the standard phrase.  APR_EINVAL: code or
 * reason (controls, longer than 65535) unusable.  Once the head has left its
 * status stands, and this changes nothing. */
apr_status_t iisr_response_set_status(iisr_response_t *res, int code,
                                      const char *reason, int substatus);

/* A field after the body; name and value are checked.  APR_EINVAL: unusable;
 * APR_EINPROGRESS: the head has left without announcing any. */
apr_status_t iisr_response_set_trailer(iisr_response_t *res, const char *name,
                                       const char *value, apr_size_t len,
                                       int replace);

static inline int iisr_response_has_trailers(const iisr_response_t *res)
{
    return res->trailers && !apr_is_empty_table(res->trailers);
}

/* Appends copies: memory coalesces, descriptors are dup()ed.
 * APR_ENOMEM; APR_EINVAL: a bad chunk, nothing was appended; APR_EBADF: a
 * handle that is no file; APR_ENOTIMPL: a chunk type of IIS that we do not
 * send.  *bytes: entity bytes added. */
apr_status_t iisr_response_append(iisr_response_t *res,
                                  const HTTP_DATA_CHUNK *chunks, DWORD n,
                                  apr_uint64_t *bytes);
/* Inserts a reference: position 0 or -1 (end).  APR_EGENERAL: 65,535
 * references are there already. */
apr_status_t iisr_response_insert(iisr_response_t *res,
                                  const HTTP_DATA_CHUNK *chunk, LONG position);

/* The view, made true first.  The pointer never changes. */
HTTP_RESPONSE *iisr_response_raw(iisr_response_t *res);
/* When a module may have edited the view: takes over its status, headers,
 * chunk array and lengths. */
void iisr_response_take_view(iisr_response_t *res);
static inline void iisr_response_take_back(iisr_response_t *res)
{
    if (res->view) {
        iisr_response_take_view(res);
    }
}
/* After a change of the headers: the view, if there is one, shows it. */
void iisr_response_show_headers(iisr_response_t *res);
void iisr_response_show_status(iisr_response_t *res);
void iisr_response_show_chunks(iisr_response_t *res);
static inline void iisr_response_headers_changed(iisr_response_t *res)
{
    if (res->view) {
        iisr_response_show_headers(res);
    }
}

/* After a change of status or chunks. */
static inline void iisr_response_status_changed(iisr_response_t *res)
{
    if (res->view) {
        iisr_response_show_status(res);
    }
}
static inline void iisr_response_chunks_changed(iisr_response_t *res)
{
    if (res->view) {
        iisr_response_show_chunks(res);
    }
}

/* For response_view.c.  theirs, which a module put there in place of our
 * array, is copied; what it shows is ours wherever it lies in a holding. */
void iisr_response_adopt(iisr_response_t *res, const HTTP_DATA_CHUNK *theirs,
                         int count);

/* Takes over the caller's reference to a block that chunks may show: what lies
 * in it is the response's.  APR_ENOMEM: the caller has it still. */
apr_status_t iisr_response_hold(iisr_response_t *res, iisr_block_t *block);

/* A chunk for a data bucket that stays the host's, in a brigade that it keeps
 * until the response is cleared or its entity taken: the handle of its file,
 * or a copy of what it holds (read, blocking), which modules may write into.
 * On the request's thread, as is the next.  APR_EGENERAL: 65,535 chunks are
 * there; of the read. */
apr_status_t iisr_response_show_bucket(iisr_response_t *res, apr_bucket *b);
/* They must not outlive the host's request. */
void iisr_response_drop_buckets(iisr_response_t *res);

/* For entity.c.  Takes the holdings out of the response. */
static inline void iisr_response_take_holdings(iisr_response_t *res,
                                               iisr_holdings_t *to)
{
    *to = res->holdings;
    res->holdings.items = NULL;
    res->holdings.order = NULL;
    res->holdings.n = res->holdings.ordered = 0;
}
/* Its chunks are gone, and what they showed. */
static inline void iisr_response_emptied(iisr_response_t *res)
{
    res->tail = -1;
    res->nchunks = 0;
    res->references = 0;
    res->buffered = 0;
    iisr_response_chunks_changed(res);
}
/* Lets go of holdings; keeps one block for the next write. */
#define IISR_SPARE_MAX 65536
static inline void iisr_response_release(iisr_response_t *res,
                                         iisr_holdings_t *holdings)
{
    iisr_holdings_release(holdings, &res->spare, IISR_SPARE_MAX);
}

/* Bytes of a chunk; a file range to EOF is measured (fstat). -1: broken. */
apr_int64_t iisr_file_length(const HTTP_DATA_CHUNK *chunk);
static inline apr_int64_t iisr_chunk_length(const HTTP_DATA_CHUNK *chunk)
{
    if (chunk->DataChunkType == HttpDataChunkFromMemory) {
        return chunk->FromMemory.pBuffer || !chunk->FromMemory.BufferLength
               ? (apr_int64_t)chunk->FromMemory.BufferLength : -1;
    }
    return chunk->DataChunkType == HttpDataChunkFromFileHandle
           ? iisr_file_length(chunk) : -1;
}

#endif
