/* entity.c: the chunks of a response become the buckets of a brigade.
 *
 * Who owns what is told by holdings.c, whose rule this file carries out:
 *
 *  - memory is transient where that is enough (the pass is synchronous, or
 *    the piece is small: who keeps it copies it);
 *  - otherwise a piece of a block of ours is a heap bucket with a reference
 *    to the block, and memory of the module's is lent;
 *  - a file of the host's is a copy of its bucket with a range of its own;
 *  - any other descriptor is duplicated, once a flush however often it
 *    occurs: the caller may close his on return.  The duplicates live until
 *    the pass returns or the flush is complete; who keeps such a bucket
 *    longer has set it aside, which takes the descriptor or another
 *    duplicate of it.
 */
#include <stdlib.h>
#include <string.h>
#include <apr_file_io.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include "entity.h"

/* What is longer is shared: copying it, should the network not take it, would
 * cost more than to allocate anew for the next write. */
#define COPY_MAX 4096

/* A file bucket of more than this is several: its length must fit an int. */
#define FILE_MAX 0x40000000

/* --- memory that is lent ------------------------------------------------ */

/* What a module's memory is to the buckets that point at it. */
typedef struct iisr_lent_t {
    apr_bucket_refcount refcount;   /* must be first */
    struct iisr_lent_t *next, **at;        /* of ctx->lent; at NULL: recalled */
    const char *base;
    apr_size_t length;
    char *copy;                     /* base, once recalled */
    apr_status_t lost;              /* or why there is none */
} iisr_lent_t;

static void lent_unlink(iisr_lent_t *lent)
{
    if (lent->at) {
        *lent->at = lent->next;
        if (lent->next) {
            lent->next->at = lent->at;
        }
        lent->at = NULL;
    }
}

static void lent_destroy(void *data)
{
    iisr_lent_t *lent = data;

    if (apr_bucket_shared_destroy(lent)) {
        lent_unlink(lent);
        free(lent->copy);
        apr_bucket_free(lent);
    }
}

static apr_status_t lent_read(apr_bucket *b, const char **str,
                              apr_size_t *len, apr_read_type_e block)
{
    const iisr_lent_t *lent = b->data;

    (void)block;
    *str = lent->base ? lent->base + b->start : NULL;
    *len = lent->base ? b->length : 0;
    return lent->lost;
}

static const apr_bucket_type_t lent_bucket = {
    "IISR_LENT", 5, APR_BUCKET_DATA,
    lent_destroy,
    lent_read,
    apr_bucket_setaside_noop,       /* it is recalled in time */
    apr_bucket_shared_split,
    apr_bucket_shared_copy
};

static apr_bucket *lent_create(iisr_context_t *ctx, const char *data,
                               apr_size_t length, apr_bucket_alloc_t *list)
{
    iisr_lent_t *lent = apr_bucket_alloc(sizeof(*lent), list);
    apr_bucket *b = apr_bucket_alloc(sizeof(*b), list);

    memset(lent, 0, sizeof(*lent));
    lent->base = data;
    lent->length = length;
    if ((lent->next = ctx->lent)) {
        lent->next->at = &lent->next;
    }
    lent->at = &ctx->lent;
    ctx->lent = lent;
    APR_BUCKET_INIT(b);
    b->free = apr_bucket_free;
    b->list = list;
    b = apr_bucket_shared_make(b, lent, 0, length);
    b->type = &lent_bucket;
    return b;
}

static void lent_recall(iisr_lent_t *lent, apr_status_t status)
{
    lent_unlink(lent);
    if (status == APR_SUCCESS && !(lent->copy = malloc(lent->length))) {
        status = APR_ENOMEM;
    }
    if (lent->copy) {
        memcpy(lent->copy, lent->base, lent->length);
    }
    lent->base = lent->copy;
    lent->lost = status;
}

/* --- files -------------------------------------------------------------- */

/* A bucket of the whole file, which others are copied from. */
static apr_status_t file_open(iisr_context_t *ctx, iisr_entity_t *entity,
                              apr_os_file_t fd, apr_bucket_alloc_t *list,
                              apr_bucket **whole)
{
    apr_int32_t flags = APR_FOPEN_READ;
    apr_file_t *lent, *file;
    apr_status_t rv;

    if (ctx->host->may_sendfile(ctx->req)) {
        flags |= APR_FOPEN_SENDFILE_ENABLED;
    }
    if ((rv = apr_os_file_put(&lent, &fd, flags, entity->files))
        || (rv = apr_file_dup(&file, lent, entity->files))) {
        return rv;
    }
    *whole = apr_bucket_file_create(file, 0, 0, entity->files, list);
#if APR_HAS_MMAP
    /* A mapped file that shrinks is a SIGBUS. */
    apr_bucket_file_enable_mmap(*whole, 0);
#endif
    return APR_SUCCESS;
}

static void insert_range(apr_bucket_brigade *bb, apr_bucket *whole,
                         apr_uint64_t start, apr_uint64_t length)
{
    while (length) {
        apr_size_t n = length < FILE_MAX ? (apr_size_t)length : FILE_MAX;
        apr_bucket *b;

        apr_bucket_copy(whole, &b);
        b->start = (apr_off_t)start;
        b->length = n;
        APR_BRIGADE_INSERT_TAIL(bb, b);
        start += n;
        length -= n;
    }
}

/* --- taking ------------------------------------------------------------- */

typedef struct iisr_taking_t {
    iisr_context_t *ctx;
    apr_bucket_brigade *bb;
    iisr_entity_t *entity;
    apr_hash_t *wholes;             /* by descriptor; NULL: none yet */
    int hint;
} iisr_taking_t;

/* The descriptor's bucket that others are copied from. */
static apr_status_t whole_file(iisr_taking_t *taking, apr_os_file_t fd,
                               apr_bucket **whole)
{
    apr_pool_t **files = &taking->entity->files;
    apr_status_t rv;

    if (!*files) {
        apr_pool_create(files, taking->ctx->pool);
    }
    if (!taking->wholes) {
        taking->wholes = apr_hash_make(*files);
    }
    if ((*whole = apr_hash_get(taking->wholes, &fd, sizeof(fd)))) {
        return APR_SUCCESS;
    }
    rv = file_open(taking->ctx, taking->entity, fd, taking->bb->bucket_alloc,
                   whole);
    if (rv == APR_SUCCESS) {
        apr_hash_set(taking->wholes, apr_pmemdup(*files, &fd, sizeof(fd)),
                     sizeof(fd), *whole);
    }
    return rv;
}

static apr_status_t take_file(iisr_taking_t *taking,
                              const HTTP_DATA_CHUNK *chunk,
                              apr_uint64_t length)
{
    apr_uint64_t start = chunk->FromFileHandle.ByteRange.StartingOffset
                              .QuadPart;
    apr_os_file_t fd = iis_fd_from_handle(chunk->FromFileHandle.FileHandle);
    iisr_holding_t *hosts = iisr_holdings_file(&taking->entity->holdings, fd,
                                               &taking->hint);
    apr_bucket *whole;
    apr_status_t rv;

    if (hosts) {
        insert_range(taking->bb, hosts->bucket, start, length);
        return APR_SUCCESS;
    }
    if ((rv = whole_file(taking, fd, &whole)) == APR_SUCCESS) {
        insert_range(taking->bb, whole, start, length);
    }
    return rv;
}

/* They were for copying: the last copy has the file to itself. */
static void drop_wholes(apr_hash_t *wholes)
{
    apr_hash_index_t *i;
    void *whole;

    for (i = apr_hash_first(NULL, wholes); i; i = apr_hash_next(i)) {
        apr_hash_this(i, NULL, NULL, &whole);
        apr_bucket_destroy((apr_bucket *)whole);
    }
}

IISR_FLAT void take_memory(iisr_taking_t *taking, const char *data,
                           apr_size_t length, int async)
{
    apr_bucket_alloc_t *list = taking->bb->bucket_alloc;
    iisr_block_t *block;
    apr_bucket *b;

    if (!async || length <= COPY_MAX) {
        b = apr_bucket_transient_create(data, length, list);
    }
    else if ((block = iisr_holdings_block(&taking->entity->holdings, data,
                                          &taking->hint))) {
        b = iisr_block_bucket(block, data, length, list);
    }
    else {
        b = lent_create(taking->ctx, data, length, list);
    }
    APR_BRIGADE_INSERT_TAIL(taking->bb, b);
}

/* Bytes of a chunk that may leave.  Nobody has made it longer than what it
 * lies in where nobody has seen it. */
IISR_FLAT apr_int64_t measure(const iisr_response_t *res,
                              const HTTP_DATA_CHUNK *chunk,
                              iisr_holdings_t *holdings, int *hint)
{
    apr_int64_t length = iisr_chunk_length(chunk), most;
    const char *data = chunk->FromMemory.pBuffer;
    const iisr_block_t *block;

    if (res->view && length > 0
        && chunk->DataChunkType == HttpDataChunkFromMemory
        && (block = iisr_holdings_block(holdings, data, hint))) {
        most = block->data + block->used - data;
        return length < most ? length : most;
    }
    return length;
}

apr_status_t iisr_entity_take(iisr_context_t *ctx, apr_bucket_brigade *bb,
                              apr_uint64_t room, int async,
                              iisr_entity_t *entity)
{
    iisr_response_t *res = &ctx->response;
    iisr_taking_t taking = { ctx, bb, entity, NULL, 0 };
    apr_status_t rv = APR_SUCCESS;
    int i;

    entity->files = NULL;
    iisr_response_take_holdings(res, &entity->holdings);
    for (i = 0; i < res->nchunks && room && rv == APR_SUCCESS; i++) {
        const HTTP_DATA_CHUNK *chunk = &res->chunks[i];
        apr_int64_t measured = measure(res, chunk, &entity->holdings,
                                       &taking.hint);
        apr_uint64_t length;

        if (measured <= 0) {
            rv = measured ? APR_EBADF : APR_SUCCESS;
            continue;
        }
        length = (apr_uint64_t)measured < room ? (apr_uint64_t)measured : room;
        room -= length;
        if (chunk->DataChunkType == HttpDataChunkFromMemory) {
            take_memory(&taking, chunk->FromMemory.pBuffer, length, async);
        }
        else {
            rv = take_file(&taking, chunk, length);
        }
    }
    if (taking.wholes) {
        drop_wholes(taking.wholes);
    }
    iisr_response_emptied(res);
    return rv;
}

void iisr_entity_release(iisr_context_t *ctx, iisr_entity_t *entity)
{
    iisr_response_release(&ctx->response, &entity->holdings);
    if (!entity->files) {
        return;
    }
    if (!iisr_completion_is_outstanding(&ctx->completion, IISR_OP_WRITE)) {
        apr_pool_destroy(entity->files);
        return;
    }
    if (ctx->files) {
        /* Of one that failed, since when its connection is aborted. */
        apr_pool_destroy(ctx->files);
    }
    ctx->files = entity->files;
}

apr_uint64_t iisr_entity_measure(iisr_context_t *ctx, int *strange)
{
    iisr_response_t *res = &ctx->response;
    apr_uint64_t total = 0, beyond = 0;
    int i, hint = 0;

    *strange = 0;
    for (i = 0; i < res->nchunks; i++) {
        const HTTP_DATA_CHUNK *chunk = &res->chunks[i];
        apr_int64_t length = measure(res, chunk, &res->holdings, &hint);

        total += length > 0 ? length : 0;
        *strange += length < 0;
        if (length > 0 && chunk->DataChunkType == HttpDataChunkFromMemory) {
            beyond += chunk->FromMemory.BufferLength - length;
        }
    }
    if (beyond) {
        ctx->host->log(ctx->req, IISR_LOG_WARNING, "IISR0130",
                       "a module made chunks longer than the memory they lie "
                       "in: %" APR_UINT64_T_FMT " bytes dropped", beyond);
    }
    return total;
}

/* --- giving back -------------------------------------------------------- */

void iisr_entity_recall(iisr_context_t *ctx, apr_status_t status)
{
    while (ctx->lent) {
        lent_recall(ctx->lent, status);
    }
    /* What failed may have left its files to a connection that is torn down
     * later. */
    if (ctx->files && status == APR_SUCCESS) {
        apr_pool_destroy(ctx->files);
        ctx->files = NULL;
    }
}

void iisr_entity_close(iisr_context_t *ctx)
{
    iisr_entity_over(ctx, APR_SUCCESS);
}
