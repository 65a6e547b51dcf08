/* response.c: what a response holds until it is flushed.
 *
 * Buffered memory coalesces into the last chunk that we own, however small
 * the writes are; descriptors are duplicated; references are lent.  One
 * block is kept between flushes, so that a flush loop does not allocate.
 * Who owns what: holdings.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <sys/stat.h>
#include <apr_portable.h>
#include <apr_strings.h>
#include "headers.h"
#include "response.h"

#define BUFFER_MIN 1024
#define BUFFER_MAX 0x40000000u          /* BufferLength is a ULONG */

/* "IHttpResponse::ClearHeaders Method": back to the default headers. */
void iisr_response_clear_headers(iisr_response_t *res)
{
    apr_table_clear(res->headers);
    if (*res->banner) {
        apr_table_addn(res->headers, "Server", res->banner);
    }
    iisr_response_headers_changed(res);
}

int iisr_response_headers_default(const iisr_response_t *res)
{
    const apr_array_header_t *fields = apr_table_elts(res->headers);
    int expected = *res->banner != '\0';

    return fields->nelts == expected
           && (!expected || APR_ARRAY_IDX(fields, 0, apr_table_entry_t).val
                            == res->banner);
}

void iisr_response_init(iisr_response_t *res, const char *banner,
                        apr_pool_t *pool)
{
    res->pool = pool;
    res->banner = banner;
    res->headers = apr_table_make(pool, 8);
    iisr_response_clear_headers(res);
    res->chunks = res->first_chunks;
    res->room = sizeof(res->first_chunks) / sizeof(res->first_chunks[0]);
    res->tail = -1;
    res->status = 200;
    res->promised = -1;
}

/* --- chunks ------------------------------------------------------------- */

apr_status_t iisr_response_hold(iisr_response_t *res, iisr_block_t *block)
{
    iisr_holding_t *holding = iisr_holdings_add(&res->holdings);

    if (!holding) {
        return APR_ENOMEM;
    }
    holding->block = block;
    return APR_SUCCESS;
}

static iisr_holding_t *add_file(iisr_response_t *res, apr_os_file_t fd,
                                apr_bucket *bucket)
{
    iisr_holding_t *holding = iisr_holdings_add(&res->holdings);

    if (holding) {
        holding->block = NULL;
        holding->bucket = bucket;
        holding->fd = fd;
    }
    return holding;
}

/* Lets go of what a module may have seen: not before the flush. */
static apr_status_t retire(iisr_response_t *res, iisr_block_t *block)
{
    if (block && res->view) {
        return iisr_response_hold(res, block);
    }
    if (block) {
        iisr_block_release(block);
    }
    return APR_SUCCESS;
}

static apr_status_t grow_array(iisr_response_t *res, int least)
{
    int room = res->room < 16 ? 16 : res->room * 2;
    iisr_block_t *larger;
    apr_status_t rv;

    room = room < least ? least : room;
    if (!(larger = iisr_block_create(room * sizeof(*res->chunks)))) {
        return APR_ENOMEM;
    }
    memcpy(larger->data, res->chunks, res->nchunks * sizeof(*res->chunks));
    if ((rv = retire(res, res->array))) {
        iisr_block_release(larger);
        return rv;
    }
    res->array = larger;
    res->chunks = (HTTP_DATA_CHUNK *)(void *)larger->data;
    res->room = room;
    return APR_SUCCESS;
}

static apr_status_t make_room(iisr_response_t *res)
{
    if (res->nchunks >= IISR_CHUNKS_MAX) {
        return APR_EGENERAL;
    }
    return res->nchunks < res->room ? APR_SUCCESS
                                    : grow_array(res, res->nchunks + 1);
}

void iisr_response_clear_entity(iisr_response_t *res)
{
    iisr_response_release(res, &res->holdings);
    iisr_response_emptied(res);
}

apr_int64_t iisr_file_length(const HTTP_DATA_CHUNK *chunk)
{
    const HTTP_BYTE_RANGE *range = &chunk->FromFileHandle.ByteRange;
    int fd = iis_fd_from_handle(chunk->FromFileHandle.FileHandle);
    apr_uint64_t start = range->StartingOffset.QuadPart;
    struct stat st;

    if (range->Length.QuadPart != HTTP_BYTE_RANGE_TO_EOF) {
        return (apr_int64_t)range->Length.QuadPart;
    }
    if (fd < 0 || fstat(fd, &st)) {
        return -1;
    }
    return (apr_uint64_t)st.st_size > start ? (apr_int64_t)(st.st_size - start)
                                            : 0;
}

static apr_status_t check_file(const HTTP_DATA_CHUNK *chunk)
{
    const HTTP_BYTE_RANGE *range = &chunk->FromFileHandle.ByteRange;
    int fd = iis_fd_from_handle(chunk->FromFileHandle.FileHandle);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        return APR_EBADF;
    }
    if (range->StartingOffset.QuadPart > APR_INT64_MAX
        || (range->Length.QuadPart != HTTP_BYTE_RANGE_TO_EOF
            && range->Length.QuadPart > APR_INT64_MAX
                                        - range->StartingOffset.QuadPart)) {
        return APR_EINVAL;
    }
    return APR_SUCCESS;
}

static apr_status_t check(const HTTP_DATA_CHUNK *chunk)
{
    switch (chunk->DataChunkType) {
    case HttpDataChunkFromMemory:
        return chunk->FromMemory.pBuffer || !chunk->FromMemory.BufferLength
               ? APR_SUCCESS : APR_EINVAL;
    case HttpDataChunkFromFileHandle:
        return check_file(chunk);
    case HttpDataChunkFromFragmentCache:
    case HttpDataChunkFromFragmentCacheEx:
    case HttpDataChunkTrailers:
    case HttpDataChunkFromWinHttpFastForwarding:
        return APR_ENOTIMPL;
    default:
        return APR_EINVAL;
    }
}

/* What is neither memory nor a file is looked up when it leaves. */
static int may_stand(const HTTP_DATA_CHUNK *chunk)
{
    return chunk->DataChunkType == HttpDataChunkFromFragmentCache
           || chunk->DataChunkType == HttpDataChunkFromFragmentCacheEx
           || chunk->DataChunkType == HttpDataChunkTrailers
           || check(chunk) == APR_SUCCESS;
}

/* An array that begins in ours, or is ours: what follows it is nobody's. */
static void adopt_part(iisr_response_t *res, int at, int count)
{
    at = at < res->nchunks ? at : res->nchunks;
    count = count < res->nchunks - at ? count : res->nchunks - at;
    memmove(res->chunks, res->chunks + at, count * sizeof(*res->chunks));
    res->nchunks = count;
}

void iisr_response_adopt(iisr_response_t *res, const HTTP_DATA_CHUNK *theirs,
                         int count)
{
    int good = 0;

    if (theirs >= res->chunks && theirs < res->chunks + res->room) {
        adopt_part(res, (int)(theirs - res->chunks), count);
        return;
    }
    while (theirs && good < count && may_stand(&theirs[good])) {
        good++;
    }
    if (good > res->room && grow_array(res, good) != APR_SUCCESS) {
        good = res->room;
    }
    if (good) {
        memmove(res->chunks, theirs, good * sizeof(*theirs));
    }
    res->references = res->nchunks = good;
}

/* --- writing ------------------------------------------------------------ */

static iisr_block_t *take_block(iisr_response_t *res, apr_size_t least)
{
    iisr_block_t *block = res->spare;

    if (block && block->room >= least) {
        res->spare = NULL;
        return block;
    }
    return iisr_block_create(least > BUFFER_MIN ? least : BUFFER_MIN);
}

/* In a block of its own that is the tail then.  NULL: no memory. */
static iisr_block_t *begin_tail(iisr_response_t *res, apr_size_t least)
{
    iisr_block_t *block = take_block(res, least);

    if (block && iisr_response_hold(res, block) != APR_SUCCESS) {
        iisr_block_release(block);
        return NULL;
    }
    if (block) {
        res->tail = res->holdings.n - 1;
    }
    return block;
}

/* The block that the chunk ends, with room for more behind it.  Where nobody
 * has seen it, it may move; else it is copied, and stays.  NULL: neither. */
static iisr_block_t *grow_tail(iisr_response_t *res, HTTP_DATA_CHUNK *chunk,
                               apr_size_t more)
{
    iisr_holding_t *holding = iisr_holdings_items(&res->holdings) + res->tail;
    apr_size_t need = chunk->FromMemory.BufferLength + more;
    apr_size_t room = holding->block->room * 2;
    iisr_block_t *block;

    room = need > room ? need : room;
    if (!res->view && iisr_block_is_last(holding->block)) {
        if (!(block = iisr_block_grow(holding->block, room))) {
            return NULL;
        }
        holding->block = block;
        res->holdings.ordered = 0;
    }
    else {
        if (!(block = begin_tail(res, room))) {
            return NULL;
        }
        memcpy(block->data, chunk->FromMemory.pBuffer,
               chunk->FromMemory.BufferLength);
        block->used = chunk->FromMemory.BufferLength;
    }
    chunk->FromMemory.pBuffer = block->data;
    return block;
}

/* The last chunk, when it ends where the tail does. */
static int extend(iisr_response_t *res, const char *data, apr_size_t len)
{
    HTTP_DATA_CHUNK *chunk;
    iisr_block_t *block;
    const char *start;

    if (!res->nchunks || res->tail < 0) {
        return 0;
    }
    chunk = &res->chunks[res->nchunks - 1];
    start = chunk->FromMemory.pBuffer;
    block = iisr_holdings_items(&res->holdings)[res->tail].block;
    if (chunk->DataChunkType != HttpDataChunkFromMemory
        || !iisr_block_has(block, start)
        || start + chunk->FromMemory.BufferLength != block->data + block->used
        || len > BUFFER_MAX - chunk->FromMemory.BufferLength
        || (len > block->room - block->used
            && !(block = grow_tail(res, chunk, len)))) {
        return 0;
    }
    memcpy(block->data + block->used, data, len);
    block->used += len;
    chunk->FromMemory.BufferLength += (ULONG)len;
    return 1;
}

static apr_status_t append_memory(iisr_response_t *res, const char *data,
                                  apr_size_t len)
{
    HTTP_DATA_CHUNK *chunk;
    iisr_block_t *block;
    apr_status_t rv;

    if (!len || extend(res, data, len)) {
        res->buffered += len;
        return APR_SUCCESS;
    }
    if ((rv = make_room(res))) {
        return rv;
    }
    if (!(block = begin_tail(res, len))) {
        return APR_ENOMEM;
    }
    memcpy(block->data, data, len);
    block->used = len;
    chunk = &res->chunks[res->nchunks++];
    memset(chunk, 0, sizeof(*chunk));
    chunk->DataChunkType = HttpDataChunkFromMemory;
    chunk->FromMemory.pBuffer = block->data;
    chunk->FromMemory.BufferLength = len;
    res->buffered += len;
    return APR_SUCCESS;
}

static apr_status_t append_file(iisr_response_t *res,
                                const HTTP_DATA_CHUNK *chunk)
{
    int fd = iis_fd_from_handle(chunk->FromFileHandle.FileHandle);
    apr_status_t rv = make_room(res);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    if ((fd = fcntl(fd, F_DUPFD_CLOEXEC, 0)) < 0) {
        return errno;
    }
    if (!add_file(res, fd, NULL)) {
        close(fd);
        return APR_ENOMEM;
    }
    res->chunks[res->nchunks] = *chunk;
    res->chunks[res->nchunks++].FromFileHandle.FileHandle =
        iis_handle_from_fd(fd);
    return APR_SUCCESS;
}

/* --- buckets of the host ------------------------------------------------ */

static apr_status_t append_host_file(iisr_response_t *res, apr_bucket *b)
{
    HTTP_DATA_CHUNK *chunk;
    apr_os_file_t fd;
    apr_status_t rv;

    if (apr_os_file_get(&fd, ((apr_bucket_file *)b->data)->fd)) {
        return APR_ENOTIMPL;
    }
    if ((rv = make_room(res))) {
        return rv;
    }
    if (!add_file(res, fd, b)) {
        return APR_ENOMEM;
    }
    chunk = &res->chunks[res->nchunks++];
    memset(chunk, 0, sizeof(*chunk));
    chunk->DataChunkType = HttpDataChunkFromFileHandle;
    chunk->FromFileHandle.FileHandle = iis_handle_from_fd(fd);
    chunk->FromFileHandle.ByteRange.StartingOffset.QuadPart = b->start;
    chunk->FromFileHandle.ByteRange.Length.QuadPart = b->length;
    iisr_response_chunks_changed(res);
    return APR_SUCCESS;
}

apr_status_t iisr_response_show_bucket(iisr_response_t *res, apr_bucket *b)
{
    const char *data;
    apr_size_t len;
    apr_status_t rv = APR_BUCKET_IS_FILE(b) ? append_host_file(res, b)
                                            : APR_ENOTIMPL;

    if (rv == APR_ENOTIMPL
        && (rv = apr_bucket_read(b, &data, &len, APR_BLOCK_READ))
           == APR_SUCCESS) {
        rv = append_memory(res, data, len);
        iisr_response_chunks_changed(res);
    }
    return rv;
}

static void hide_file(iisr_response_t *res, apr_os_file_t fd)
{
    int i;

    for (i = 0; i < res->nchunks; i++) {
        HTTP_DATA_CHUNK *chunk = &res->chunks[i];

        if (chunk->DataChunkType == HttpDataChunkFromFileHandle
            && iis_fd_from_handle(chunk->FromFileHandle.FileHandle) == fd) {
            memset(chunk, 0, sizeof(*chunk));
        }
    }
}

void iisr_response_drop_buckets(iisr_response_t *res)
{
    iisr_holding_t *items = iisr_holdings_items(&res->holdings);
    int i;

    for (i = 0; i < res->holdings.n; i++) {
        if (items[i].block || !items[i].bucket) {
            continue;
        }
        hide_file(res, items[i].fd);
        items[i].bucket = NULL;
        items[i].fd = -1;
    }
    res->holdings.ordered = 0;
}

/* --- writing, inserting ------------------------------------------------- */

apr_status_t iisr_response_append(iisr_response_t *res,
                                  const HTTP_DATA_CHUNK *chunks, DWORD n,
                                  apr_uint64_t *bytes)
{
    apr_status_t rv = APR_SUCCESS;
    DWORD i;

    *bytes = 0;
    for (i = 0; i < n; i++) {
        if ((rv = check(&chunks[i]))) {
            return rv;
        }
    }
    for (i = 0; i < n && rv == APR_SUCCESS; i++) {
        apr_int64_t length = iisr_chunk_length(&chunks[i]);

        rv = chunks[i].DataChunkType == HttpDataChunkFromMemory
             ? append_memory(res, chunks[i].FromMemory.pBuffer, length)
             : append_file(res, &chunks[i]);
        *bytes += rv == APR_SUCCESS ? length : 0;
    }
    iisr_response_chunks_changed(res);
    return rv;
}

apr_status_t iisr_response_insert(iisr_response_t *res,
                                  const HTTP_DATA_CHUNK *chunk, LONG position)
{
    int at = position == 0 ? 0 : res->nchunks;
    apr_status_t rv = check(chunk);

    if (rv != APR_SUCCESS || (rv = make_room(res))) {
        return rv;
    }
    memmove(&res->chunks[at + 1], &res->chunks[at],
            (res->nchunks - at) * sizeof(*res->chunks));
    res->chunks[at] = *chunk;
    res->nchunks++;
    res->references++;
    iisr_response_chunks_changed(res);
    return APR_SUCCESS;
}

/* --- status and headers ------------------------------------------------- */

apr_status_t iisr_response_set_status(iisr_response_t *res, int code,
                                      const char *reason, int substatus)
{
    apr_size_t len = reason ? strlen(reason) : 0;

    if (code < 100 || code > 999 || len > 65535
        || !iisr_value_valid(reason ? reason : "", len)) {
        return APR_EINVAL;
    }
    if (res->committed) {
        return APR_SUCCESS;
    }
    res->status = code;
    res->substatus = substatus;
    res->reason = len ? apr_pstrdup(res->pool, reason) : NULL;
    res->status_set = 1;
    iisr_response_status_changed(res);
    return APR_SUCCESS;
}

/* What a receiver needs before the body must not come after it.  RFC 9110,
 * 6.5.1. */
static int is_no_trailer(const char *name)
{
    static const char *const names[] = {
        "Authorization", "Cache-Control", "Content-Encoding", "Content-Range",
        "Content-Type", "Host", "Set-Cookie", "WWW-Authenticate"
    };
    unsigned int i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!strcasecmp(names[i], name)) {
            return 1;
        }
    }
    return iisr_header_hop_by_hop(name);
}

apr_status_t iisr_response_set_trailer(iisr_response_t *res, const char *name,
                                       const char *value, apr_size_t len,
                                       int replace)
{
    if (!name || !value || len > 65535
        || !iisr_token_valid(name, strlen(name))
        || !iisr_value_valid(value, len) || is_no_trailer(name)) {
        return APR_EINVAL;
    }
    if (res->ended || (res->committed && !res->trailing)) {
        return APR_EINPROGRESS;
    }
    if (!res->trailers) {
        res->trailers = apr_table_make(res->pool, 4);
    }
    iisr_header_put(res->trailers, apr_pstrdup(res->pool, name), value, len,
                    replace);
    return APR_SUCCESS;
}

void iisr_response_clear(iisr_response_t *res)
{
    iisr_response_clear_entity(res);
    iisr_response_clear_headers(res);
    iisr_response_set_status(res, 200, NULL, 0);
    res->status_set = 0;
    res->error = S_OK;
    res->description = NULL;
    res->description_length = 0;
}

void iisr_response_destroy(iisr_response_t *res)
{
    iisr_response_clear_entity(res);
    if (res->spare) {
        iisr_block_release(res->spare);
    }
    if (res->array) {
        iisr_block_release(res->array);
    }
}
