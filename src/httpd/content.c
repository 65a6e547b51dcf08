/* content.c: httpd's own content on its way through our filter.
 *
 * A brigade goes through in rounds, mostly one: notifications that are due
 * when it ends the response; OnSendResponse; then down the filters.  While
 * modules run, the brigade is the response's to load (response.h): only when
 * one of them asks is it made into chunks.  Then the round is cut where a
 * bucket of unknown length (a CGI's pipe) has nothing to give, and what was
 * read leaves with a FLUSH, as httpd's content-length filter lets it go; and
 * a round holds IISResponseBufferLimit of memory at most.
 *
 * Memory is shown as a copy that modules may write into.  Where a sum over the
 * chunks tells that one did, or changed the chunks, they are passed on in
 * place of the data; metadata keeps its place between the bytes as long as
 * their number stays, else it follows them.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <mod_core.h>
#include "core/entity.h"
#include "core/flush.h"
#include "core/head.h"
#include "httpd/adoption.h"
#include "httpd/content.h"
#include "httpd/drive.h"
#include "httpd/frames.h"
#include "httpd/passing.h"
#include "httpd/streams.h"

/* One round; on the stack of iisr_content_pass. */
typedef struct content_t {
    iisr_host_request_t *hr;
    apr_bucket_brigade *bb;
    apr_bucket_brigade scratch; /* copies of files that are read */
    apr_bucket *cut;            /* the next round begins here, or NULL */
    apr_uint64_t shown;         /* bytes that were loaded */
    apr_uint64_t places, bytes; /* sums of the chunks as they were loaded */
    iisr_entity_t taken;        /* chunks that have become buckets */
    apr_status_t rv;            /* of reading */
    int last;                   /* the response ends with this brigade */
    int loaded;
    int waits;                  /* there is nothing to read at the cut yet */
    int piped;                  /* some of it came from such a bucket */
    int may_wait;               /* for the first bucket of unknown length */
    int ending;                 /* the notifications after the handler run */
} content_t;

static void brigade_init(apr_bucket_brigade *bb, const content_t *content)
{
    bb->p = content->bb->p;
    bb->bucket_alloc = content->bb->bucket_alloc;
    APR_RING_INIT(&bb->list, apr_bucket, link);
}

static int has_length(const apr_bucket *b)
{
    return b->length != (apr_size_t)-1;
}

/* --- whether modules changed it ----------------------------------------- */

static apr_uint64_t sum_of(apr_uint64_t sum, const void *bytes, apr_size_t n)
{
    const unsigned char *at = bytes;
    apr_uint64_t word;

    for (; n >= sizeof(word); at += sizeof(word), n -= sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        sum = (sum ^ word) * 0x9E3779B97F4A7C15u;
        sum ^= sum >> 32;
    }
    for (; n; at++, n--) {
        sum = (sum ^ *at) * 0x100000001B3u;
    }
    return sum;
}

/* What the chunks are and where: alike, they are in the memory that was
 * loaded, and may be read. */
static apr_uint64_t sum_places(const iisr_response_t *res)
{
    apr_uint64_t sum = (apr_uint64_t)res->nchunks;
    int i;

    for (i = 0; i < res->nchunks; i++) {
        const HTTP_DATA_CHUNK *chunk = &res->chunks[i];
        const HTTP_BYTE_RANGE *range = &chunk->FromFileHandle.ByteRange;

        sum = sum_of(sum, &chunk->DataChunkType,
                     sizeof(chunk->DataChunkType));
        if (chunk->DataChunkType == HttpDataChunkFromMemory) {
            sum = sum_of(sum, &chunk->FromMemory.pBuffer, sizeof(PVOID));
            sum = sum_of(sum, &chunk->FromMemory.BufferLength,
                         sizeof(ULONG));
        }
        else if (chunk->DataChunkType == HttpDataChunkFromFileHandle) {
            sum = sum_of(sum, &chunk->FromFileHandle.FileHandle,
                         sizeof(HANDLE));
            sum = sum_of(sum, &range->StartingOffset, sizeof(ULONGLONG));
            sum = sum_of(sum, &range->Length, sizeof(ULONGLONG));
        }
    }
    return sum;
}

static apr_uint64_t sum_bytes(const iisr_response_t *res)
{
    apr_uint64_t sum = 0;
    int i;

    for (i = 0; i < res->nchunks; i++) {
        const HTTP_DATA_CHUNK *chunk = &res->chunks[i];

        if (chunk->DataChunkType == HttpDataChunkFromMemory) {
            sum = sum_of(sum, chunk->FromMemory.pBuffer,
                         chunk->FromMemory.BufferLength);
        }
    }
    return sum;
}

static int is_as_loaded(const content_t *content)
{
    const iisr_response_t *res = &content->hr->ctx->response;

    return content->loaded && sum_places(res) == content->places
           && sum_bytes(res) == content->bytes;
}

/* --- loading ------------------------------------------------------------ */

static apr_status_t load_memory(content_t *content, apr_bucket *b,
                                apr_read_type_e block)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };
    const char *data;
    apr_size_t len;
    apr_uint64_t bytes;
    apr_status_t rv = apr_bucket_read(b, &data, &len, block);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    chunk.FromMemory.pBuffer = (PVOID)data;
    chunk.FromMemory.BufferLength = len;
    content->shown += len;
    return iisr_response_append(&content->hr->ctx->response, &chunk, 1,
                                &bytes);
}

/* Through a copy: the bucket itself stays a file. */
static apr_status_t load_file(content_t *content, apr_bucket *b)
{
    iisr_response_t *res = &content->hr->ctx->response;
    apr_bucket_brigade *scratch = &content->scratch;
    apr_status_t rv;
    apr_bucket *copy;

    if (b->length > IISR_CONTENT_FILE_MAX) {
        content->shown += b->length;
        return iisr_response_show_bucket(res, b);
    }
    if ((rv = apr_bucket_copy(b, &copy))) {
        return rv;
    }
    APR_BRIGADE_INSERT_TAIL(scratch, copy);
    while (rv == APR_SUCCESS && !APR_BRIGADE_EMPTY(scratch)) {
        copy = APR_BRIGADE_FIRST(scratch);
        rv = load_memory(content, copy, APR_BLOCK_READ);
        apr_bucket_delete(copy);
    }
    apr_brigade_cleanup(scratch);
    return rv;
}

static apr_status_t load_bucket(content_t *content, apr_bucket *b, int to_end)
{
    int known = has_length(b);
    apr_status_t rv;

    if (APR_BUCKET_IS_FILE(b)) {
        return load_file(content, b);
    }
    rv = load_memory(content, b, known || content->may_wait || to_end
                                 ? APR_BLOCK_READ : APR_NONBLOCK_READ);
    if (!known) {
        content->may_wait = 0;
        content->piped |= rv == APR_SUCCESS
                          && !APR_BUCKET_IS_EOS(APR_BUCKET_NEXT(b));
    }
    return rv;
}

static void load_from(content_t *content, apr_bucket *b, int to_end)
{
    iisr_context_t *ctx = content->hr->ctx;

    content->cut = NULL;
    content->waits = 0;
    for (; b != APR_BRIGADE_SENTINEL(content->bb); b = APR_BUCKET_NEXT(b)) {
        if (APR_BUCKET_IS_METADATA(b)) {
            continue;
        }
        if (!to_end && ctx->response.buffered > ctx->settings.buffer_limit) {
            content->cut = b;
            return;
        }
        content->rv = load_bucket(content, b, to_end);
        if (APR_STATUS_IS_EAGAIN(content->rv)) {
            content->rv = APR_SUCCESS;
            content->cut = b;
            content->waits = 1;
            return;
        }
        if (content->rv != APR_SUCCESS) {
            return;
        }
    }
}

/* iisr_load_fn.  What a module adds after the handler stage goes behind all
 * of the content, which is waited for. */
static void load_content(void *baton, int writes)
{
    content_t *content = baton;
    iisr_response_t *res = &content->hr->ctx->response;
    int to_end = writes && content->ending;
    apr_bucket *from = content->loaded ? content->cut
                                       : APR_BRIGADE_FIRST(content->bb);

    if (content->rv != APR_SUCCESS || (content->loaded && !to_end) || !from) {
        return;
    }
    content->loaded = 1;
    res->load = NULL;
    load_from(content, from, to_end);
    content->places = sum_places(res);
    content->bytes = sum_bytes(res);
    res->load = load_content;
    res->more = !content->last || content->cut;
}

/* --- what leaves -------------------------------------------------------- */

/* Moves the first bytes of one brigade to the end of another. */
static apr_status_t move_bytes(apr_bucket_brigade *to,
                               apr_bucket_brigade *from, apr_uint64_t bytes)
{
    apr_bucket *after, *b;
    apr_status_t rv = apr_brigade_partition(from, bytes, &after);

    if (rv != APR_SUCCESS && rv != APR_INCOMPLETE) {
        return rv;
    }
    while ((b = APR_BRIGADE_FIRST(from)) != after
           && b != APR_BRIGADE_SENTINEL(from)) {
        APR_BUCKET_REMOVE(b);
        APR_BRIGADE_INSERT_TAIL(to, b);
    }
    return APR_SUCCESS;
}

/* The chunks take the place of the brigade's data. */
static apr_status_t replace_data(content_t *content, int resized)
{
    apr_bucket_brigade data, out;
    apr_uint64_t bytes = 0;
    apr_status_t rv;
    apr_bucket *b;

    brigade_init(&data, content);
    brigade_init(&out, content);
    rv = iisr_flush_entity(content->hr->ctx, &data, &content->taken);
    if (resized) {
        APR_BRIGADE_CONCAT(&out, &data);
    }
    while (rv == APR_SUCCESS && !APR_BRIGADE_EMPTY(content->bb)) {
        b = APR_BRIGADE_FIRST(content->bb);
        if (!APR_BUCKET_IS_METADATA(b)) {
            bytes += b->length;
            apr_bucket_delete(b);
            continue;
        }
        if (bytes && !resized) {
            rv = move_bytes(&out, &data, bytes);
            bytes = 0;
        }
        APR_BUCKET_REMOVE(b);
        APR_BRIGADE_INSERT_TAIL(&out, b);
    }
    APR_BRIGADE_CONCAT(&out, &data);
    APR_BRIGADE_CONCAT(content->bb, &out);
    return rv;
}

/* What modules wrote before the handler stage goes ahead of it. */
static apr_status_t insert_earlier(content_t *content)
{
    apr_bucket_brigade earlier;
    apr_status_t rv;

    brigade_init(&earlier, content);
    rv = iisr_flush_entity(content->hr->ctx, &earlier, &content->taken);
    APR_BRIGADE_PREPEND(content->bb, &earlier);
    return rv;
}

/* What begins at the cut waits for the next round. */
static void cut_off(content_t *content, apr_bucket_brigade *rest)
{
    apr_bucket_brigade *bb = content->bb;

    if (!content->cut) {
        return;
    }
    apr_brigade_split_ex(bb, content->cut, rest);
    if (content->waits) {
        APR_BRIGADE_INSERT_TAIL(bb,
                                apr_bucket_flush_create(bb->bucket_alloc));
    }
}

/* The head leaves with this round: as httpd made it, or as modules did. */
static apr_status_t commit_head(content_t *content, int resized)
{
    iisr_host_request_t *hr = content->hr;
    iisr_response_t *res = &hr->ctx->response;
    const char *length;

    if (resized || iisr_adoption_is_edited(hr)) {
        return iisr_head_commit_content(hr->ctx, resized);
    }
    length = apr_table_get(hr->r->headers_out, "Content-Length");
    res->promised = length ? apr_atoi64(length) : -1;
    res->committed = 1;
    return APR_SUCCESS;
}

/* The data of the brigade past so many bytes goes. */
static void trim_data(content_t *content, apr_uint64_t most)
{
    apr_bucket_brigade *bb = content->bb, kept;

    brigade_init(&kept, content);
    move_bytes(&kept, bb, most);
    while (!APR_BRIGADE_EMPTY(bb)
           && !APR_BUCKET_IS_METADATA(APR_BRIGADE_FIRST(bb))) {
        apr_bucket_delete(APR_BRIGADE_FIRST(bb));
    }
    APR_BRIGADE_PREPEND(bb, &kept);
}

/* Once a module has changed their number, no more bytes leave than the
 * Content-Length on the wire says. */
static void keep_promise(content_t *content, int resized)
{
    iisr_host_request_t *hr = content->hr;
    iisr_response_t *res = &hr->ctx->response;
    apr_uint64_t most;
    apr_off_t bytes;

    hr->resized |= (resized && res->sent) || hr->own_head
                   || (res->bodiless && res->status == HTTP_RESET_CONTENT);
    if (apr_brigade_length(content->bb, 0, &bytes) || bytes < 0) {
        /* Nobody can count them. */
        res->promised = -1;
        bytes = 0;
    }
    if (hr->resized && res->promised >= 0) {
        most = iisr_flush_allowed(hr->ctx, bytes);
        if (most < (apr_uint64_t)bytes) {
            trim_data(content, most);
            bytes = most;
        }
    }
    res->sent += bytes;
    if (content->last && !content->cut) {
        if (!hr->resized) {
            res->promised = -1;
        }
        iisr_flush_end_content(hr->ctx);
    }
}

static apr_status_t prepare(content_t *content, apr_bucket_brigade *rest)
{
    iisr_host_request_t *hr = content->hr;
    iisr_response_t *res = &hr->ctx->response;
    int strange, resized;
    apr_status_t rv = content->rv;

    resized = iisr_entity_length(hr->ctx, &strange) != content->shown
              || strange;

    cut_off(content, rest);
    if (!resized && is_as_loaded(content)) {
        /* Nobody changed a byte: it passes as it came. */
        iisr_response_clear_entity(res);
    }
    else if (rv == APR_SUCCESS && content->loaded) {
        rv = replace_data(content, resized);
    }
    else if (rv == APR_SUCCESS && res->nchunks) {
        rv = insert_earlier(content);
    }
    if (rv == APR_SUCCESS && !res->committed) {
        rv = commit_head(content, resized);
    }
    if (rv == APR_SUCCESS) {
        keep_promise(content, resized);
    }
    return rv;
}

/* --- one round ---------------------------------------------------------- */

static void tell_modules(content_t *content)
{
    iisr_host_request_t *hr = content->hr;
    iisr_response_t *res = &hr->ctx->response;

    hr->on_show = 1;
    res->more = !content->last;
    res->load = load_content;
    res->load_baton = content;
    if (content->last) {
        content->ending = 1;
        iisr_drive_rest(hr, 0);
        content->ending = 0;
    }
    if (!res->ended) {
        iisr_flush_show(hr->ctx);
    }
    res->load = NULL;
    hr->on_show = 0;
}

/* httpd's content-length filter, where it is next, would have read the pipe
 * and passed on what it got ahead of the end: the length of such content is
 * not known (and ranges of it are not served). */
static int ends_apart(const content_t *content, const ap_filter_t *f)
{
    return content->piped && content->last && !content->cut
           && f->next->frec == ap_content_length_filter_handle;
}

/* With the lock given up: what is below may come back with another response
 * of httpd's. */
static apr_status_t pass_on(content_t *content, ap_filter_t *f)
{
    iisr_host_request_t *hr = content->hr;
    iisr_context_t *ctx = hr->ctx;
    apr_bucket_brigade *bb = content->bb, end;
    apr_status_t rv = APR_SUCCESS;
    unsigned int depth;

    if (hr->falls_short) {
        iisr_pass_take_end(bb);
    }
    depth = iisr_context_go_down(ctx);
    brigade_init(&end, content);
    if (ends_apart(content, f)) {
        apr_brigade_split_ex(bb, APR_BRIGADE_LAST(bb), &end);
        rv = ap_pass_brigade(f->next, bb);
        apr_brigade_cleanup(bb);
        APR_BRIGADE_CONCAT(bb, &end);
    }
    if (rv == APR_SUCCESS) {
        rv = ap_pass_brigade(f->next, bb);
    }
    iisr_context_come_up(ctx, depth);
    apr_brigade_cleanup(bb);
    if (hr->falls_short) {
        iisr_pass_break_off(hr, IISR_H2_INTERNAL_ERROR);
    }
    else if (hr->r->connection->master && iisr_stream_is_whole(hr, rv)) {
        hr->conn->whole = 1;
    }
    return rv;
}

/* Whether there is anything that modules should hear of. */
static int is_heard(const content_t *content)
{
    const apr_bucket *b;

    if (!content->hr->ctx->response.committed) {
        return 1;
    }
    for (b = APR_BRIGADE_FIRST(content->bb);
         b != APR_BRIGADE_SENTINEL(content->bb); b = APR_BUCKET_NEXT(b)) {
        if (!APR_BUCKET_IS_METADATA(b) || APR_BUCKET_IS_EOS(b)) {
            return 1;
        }
    }
    return 0;
}

static apr_status_t pass_round(content_t *content, ap_filter_t *f,
                               apr_bucket_brigade *rest)
{
    iisr_context_t *ctx = content->hr->ctx;
    iisr_response_t *res = &ctx->response;
    apr_status_t rv = APR_SUCCESS;

    if (is_heard(content)) {
        tell_modules(content);
        if (res->ended) {
            /* A module flushed the end of the response itself. */
            apr_brigade_cleanup(content->bb);
            return APR_SUCCESS;
        }
        rv = prepare(content, rest);
        res->ended = content->last && !content->cut;
        res->flushes++;
    }
    if (rv == APR_SUCCESS) {
        rv = pass_on(content, f);
    }
    iisr_entity_release(ctx, &content->taken);
    return rv;
}

apr_status_t iisr_content_pass(iisr_host_request_t *hr, ap_filter_t *f,
                               apr_bucket_brigade *bb)
{
    int begun = hr->begun, may_wait = 0;
    apr_bucket_brigade rest;
    apr_status_t rv;

    do {
        content_t content = { .hr = hr, .bb = bb, .may_wait = may_wait };

        brigade_init(&rest, &content);
        brigade_init(&content.scratch, &content);
        content.last = APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(bb));
        rv = pass_round(&content, f, &rest);
        may_wait = content.waits;
        APR_BRIGADE_CONCAT(bb, &rest);
    } while (rv == APR_SUCCESS && begun == hr->begun
             && !APR_BRIGADE_EMPTY(bb));
    apr_brigade_cleanup(bb);
    return rv;
}
