/* response.c: what a response holds until it is flushed.
 *
 * Buffered memory coalesces into the last chunk that we own, however small
 * the writes are; descriptors are duplicated; references are lent.  One
 * buffer is kept between flushes, so that a flush loop does not allocate.
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
#define SPARE_MAX 65536

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
    res->owners = res->first_owners;
    res->room = sizeof(res->first_chunks) / sizeof(res->first_chunks[0]);
    res->status = 200;
    res->promised = -1;
}

/* --- chunks ------------------------------------------------------------- */

static void release(iisr_response_t *res, int i)
{
    iisr_chunk_t *owner = &res->owners[i];

    if (owner->owner == IISR_CHUNK_DUPLICATE) {
        close(iis_fd_from_handle(owner->handle));
    }
    else if (owner->owner == IISR_CHUNK_BUCKET && owner->bucket) {
        apr_bucket_destroy(owner->bucket);
    }
    else if (owner->owner == IISR_CHUNK_BUFFER && owner->memory) {
        if (!res->spare && owner->room <= SPARE_MAX) {
            res->spare = owner->memory;
            res->spare_room = owner->room;
        }
        else {
            free(owner->memory);
        }
    }
}

/* The first elements are part of the response. */
static void *grown(void *array, void *first, apr_size_t first_size,
                   apr_size_t size)
{
    void *larger = realloc(array == first ? NULL : array, size);

    if (larger && array == first) {
        memcpy(larger, first, first_size);
    }
    return larger;
}

static apr_status_t grow_arrays(iisr_response_t *res)
{
    int room = res->room < 16 ? 16 : res->room * 2;
    HTTP_DATA_CHUNK *chunks = grown(res->chunks, res->first_chunks,
        sizeof(res->first_chunks), room * sizeof(*chunks));
    iisr_chunk_t *owners = grown(res->owners, res->first_owners,
        sizeof(res->first_owners), room * sizeof(*owners));

    res->chunks = chunks ? chunks : res->chunks;
    res->owners = owners ? owners : res->owners;
    if (!chunks || !owners) {
        return APR_ENOMEM;
    }
    res->room = room;
    return APR_SUCCESS;
}

static apr_status_t make_room(iisr_response_t *res)
{
    /* What a module took off the end of the view goes now. */
    while (res->nowned > res->nchunks) {
        release(res, --res->nowned);
    }
    if (res->nchunks >= IISR_CHUNKS_MAX) {
        return APR_EGENERAL;
    }
    return res->nchunks < res->room ? APR_SUCCESS : grow_arrays(res);
}

void iisr_response_clear_entity(iisr_response_t *res)
{
    int i;

    for (i = 0; i < res->nowned; i++) {
        release(res, i);
    }
    res->nchunks = res->nowned = 0;
    res->references = 0;
    res->buffered = 0;
    iisr_response_chunks_changed(res);
}

int iisr_response_owns(const iisr_response_t *res, int i, const void *data)
{
    return i < res->nowned && res->owners[i].owner == IISR_CHUNK_BUFFER
           && res->owners[i].memory == data;
}

void *iisr_response_give_away(iisr_response_t *res, int i)
{
    void *memory = res->owners[i].memory;

    res->owners[i].memory = NULL;
    return memory;
}

static apr_int64_t file_length(const HTTP_DATA_CHUNK *chunk)
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

apr_int64_t iisr_chunk_length(const HTTP_DATA_CHUNK *chunk)
{
    switch (chunk->DataChunkType) {
    case HttpDataChunkFromMemory:
        return chunk->FromMemory.BufferLength;
    case HttpDataChunkFromFileHandle:
        return file_length(chunk);
    default:
        return -1;
    }
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

void iisr_response_adopt(iisr_response_t *res, const HTTP_DATA_CHUNK *theirs,
                         int count)
{
    int i, good = 0;

    if (theirs == res->chunks && count <= res->nchunks) {
        /* It dropped chunks at the end. */
        res->nchunks = count;
        return;
    }
    while (theirs && good < count && may_stand(&theirs[good])) {
        good++;
    }
    res->nchunks = 0;
    for (i = 0; i < good; i++) {
        if (i >= res->nowned) {
            if (make_room(res) != APR_SUCCESS) {
                break;
            }
            memset(&res->owners[i], 0, sizeof(iisr_chunk_t));
            res->nowned = i + 1;
        }
        res->chunks[i] = theirs[i];
        res->nchunks = i + 1;
    }
    res->references = res->nchunks;
}

/* --- writing ------------------------------------------------------------ */

static void *take_buffer(iisr_response_t *res, apr_size_t least,
                         apr_size_t *room)
{
    void *memory = res->spare;

    if (memory && res->spare_room >= least) {
        *room = res->spare_room;
        res->spare = NULL;
        return memory;
    }
    *room = least > BUFFER_MIN ? least : BUFFER_MIN;
    return malloc(*room);
}

static int grow(HTTP_DATA_CHUNK *chunk, iisr_chunk_t *owner, apr_size_t more)
{
    apr_size_t need = chunk->FromMemory.BufferLength + more;
    apr_size_t room = owner->room;
    void *memory;

    if (need > BUFFER_MAX) {
        return 0;
    }
    if (need > room) {
        room = need > room * 2 ? need : room * 2;
        if (!(memory = realloc(owner->memory, room))) {
            return 0;
        }
        owner->memory = chunk->FromMemory.pBuffer = memory;
        owner->room = room;
    }
    return 1;
}

/* The last chunk, when it is a buffer of ours as we left it and has room. */
static int extend(iisr_response_t *res, const char *data, apr_size_t len)
{
    HTTP_DATA_CHUNK *chunk;
    iisr_chunk_t *owner;

    if (!res->nchunks) {
        return 0;
    }
    chunk = &res->chunks[res->nchunks - 1];
    owner = &res->owners[res->nchunks - 1];
    if (owner->owner != IISR_CHUNK_BUFFER
        || chunk->FromMemory.pBuffer != owner->memory
        || !grow(chunk, owner, len)) {
        return 0;
    }
    memcpy((char *)owner->memory + chunk->FromMemory.BufferLength, data, len);
    chunk->FromMemory.BufferLength += len;
    return 1;
}

static apr_status_t append_memory(iisr_response_t *res, const char *data,
                                  apr_size_t len)
{
    HTTP_DATA_CHUNK *chunk;
    iisr_chunk_t *owner;
    apr_status_t rv;

    if (!len || extend(res, data, len)) {
        res->buffered += len;
        return APR_SUCCESS;
    }
    if ((rv = make_room(res))) {
        return rv;
    }
    chunk = &res->chunks[res->nchunks];
    owner = &res->owners[res->nchunks];
    memset(chunk, 0, sizeof(*chunk));
    if (!(owner->memory = take_buffer(res, len, &owner->room))) {
        return APR_ENOMEM;
    }
    owner->owner = IISR_CHUNK_BUFFER;
    chunk->DataChunkType = HttpDataChunkFromMemory;
    memcpy(owner->memory, data, len);
    chunk->FromMemory.pBuffer = owner->memory;
    chunk->FromMemory.BufferLength = len;
    res->nowned = ++res->nchunks;
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
    res->chunks[res->nchunks] = *chunk;
    res->chunks[res->nchunks].FromFileHandle.FileHandle =
        iis_handle_from_fd(fd);
    memset(&res->owners[res->nchunks], 0, sizeof(iisr_chunk_t));
    res->owners[res->nchunks].owner = IISR_CHUNK_DUPLICATE;
    res->owners[res->nchunks].handle = iis_handle_from_fd(fd);
    res->nowned = ++res->nchunks;
    return APR_SUCCESS;
}

/* --- files of the host -------------------------------------------------- */

static void show_file(const apr_bucket *b, apr_os_file_t fd,
                      HTTP_DATA_CHUNK *chunk)
{
    memset(chunk, 0, sizeof(*chunk));
    chunk->DataChunkType = HttpDataChunkFromFileHandle;
    chunk->FromFileHandle.FileHandle = iis_handle_from_fd(fd);
    chunk->FromFileHandle.ByteRange.StartingOffset.QuadPart = b->start;
    chunk->FromFileHandle.ByteRange.Length.QuadPart = b->length;
}

apr_status_t iisr_response_append_bucket(iisr_response_t *res, apr_bucket *b)
{
    iisr_chunk_t *owner;
    apr_os_file_t fd;
    apr_status_t rv;

    if (apr_os_file_get(&fd, ((apr_bucket_file *)b->data)->fd)) {
        return APR_ENOTIMPL;
    }
    if ((rv = make_room(res))) {
        return rv;
    }
    APR_BUCKET_REMOVE(b);
    show_file(b, fd, &res->chunks[res->nchunks]);
    owner = &res->owners[res->nchunks];
    memset(owner, 0, sizeof(*owner));
    owner->owner = IISR_CHUNK_BUCKET;
    owner->bucket = b;
    res->nowned = ++res->nchunks;
    iisr_response_chunks_changed(res);
    return APR_SUCCESS;
}

apr_bucket *iisr_response_take_bucket(iisr_response_t *res, int i)
{
    iisr_chunk_t *owner = &res->owners[i];
    apr_bucket *b = owner->bucket;
    HTTP_DATA_CHUNK chunk;
    apr_os_file_t fd;

    if (i >= res->nowned || owner->owner != IISR_CHUNK_BUCKET || !b
        || apr_os_file_get(&fd, ((apr_bucket_file *)b->data)->fd)) {
        return NULL;
    }
    show_file(b, fd, &chunk);
    if (memcmp(&chunk, &res->chunks[i], sizeof(chunk))) {
        return NULL;
    }
    owner->bucket = NULL;
    return b;
}

void iisr_response_drop_buckets(iisr_response_t *res)
{
    int i;

    for (i = 0; i < res->nowned; i++) {
        if (res->owners[i].owner == IISR_CHUNK_BUCKET
            && res->owners[i].bucket) {
            apr_bucket_destroy(res->owners[i].bucket);
            res->owners[i].bucket = NULL;
            memset(&res->chunks[i], 0, sizeof(res->chunks[i]));
        }
    }
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
    memmove(&res->owners[at + 1], &res->owners[at],
            (res->nchunks - at) * sizeof(*res->owners));
    res->chunks[at] = *chunk;
    memset(&res->owners[at], 0, sizeof(iisr_chunk_t));
    res->references++;
    res->nowned = ++res->nchunks;
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
    free(res->spare);
    if (res->chunks != res->first_chunks) {
        free(res->chunks);
    }
    if (res->owners != res->first_owners) {
        free(res->owners);
    }
}
