/* response_chunks.c: chunks that a response does not hold as they are:
 * fragments of the server's cache, which are copied when they are written
 * (or, where a module put them into the view, when they leave), and
 * trailers.  Lock held.
 */
#include <stdlib.h>
#include <string.h>
#include <apr_strings.h>
#include "response_extra.h"
#include "server.h"

static int is_special(const HTTP_DATA_CHUNK *chunk)
{
    return chunk->DataChunkType == HttpDataChunkFromFragmentCache
           || chunk->DataChunkType == HttpDataChunkFromFragmentCacheEx
           || chunk->DataChunkType == HttpDataChunkTrailers;
}

/* --- fragments ---------------------------------------------------------- */

/* The chunk's part of the fragment as memory.  Zero: the range is not in
 * it. */
static int part_of(const HTTP_DATA_CHUNK *chunk, iisr_block_t *fragment,
                   HTTP_DATA_CHUNK *memory)
{
    apr_uint64_t start = 0, length = fragment->used;

    if (chunk->DataChunkType == HttpDataChunkFromFragmentCacheEx) {
        const HTTP_BYTE_RANGE *range = &chunk->FromFragmentCacheEx.ByteRange;

        start = range->StartingOffset.QuadPart;
        if (start > fragment->used) {
            return 0;
        }
        length -= start;
        if (range->Length.QuadPart != HTTP_BYTE_RANGE_TO_EOF) {
            if (range->Length.QuadPart > length) {
                return 0;
            }
            length = range->Length.QuadPart;
        }
    }
    memset(memory, 0, sizeof(*memory));
    memory->DataChunkType = HttpDataChunkFromMemory;
    memory->FromMemory.pBuffer = fragment->data + start;
    memory->FromMemory.BufferLength = (ULONG)length;
    return 1;
}

/* APR_ENOENT: there is no such fragment; APR_EINVAL: no name, or a range
 * outside it. */
static apr_status_t find(iisr_context_t *ctx, const HTTP_DATA_CHUNK *chunk,
                         iisr_block_t **fragment, HTTP_DATA_CHUNK *memory)
{
    const WCHAR *name;
    apr_size_t length;

    if (chunk->DataChunkType == HttpDataChunkFromFragmentCache) {
        name = chunk->FromFragmentCache.pFragmentName;
        length = chunk->FromFragmentCache.FragmentNameLength / sizeof(WCHAR);
    }
    else {
        name = chunk->FromFragmentCacheEx.pFragmentName;
        length = name ? wcslen(name) : 0;
    }
    if (!name) {
        return APR_EINVAL;
    }
    *fragment = iisr_fragments_find(
        iisr_server_of(ctx->around.server)->fragments, name, length);
    if (!*fragment) {
        return APR_ENOENT;
    }
    return part_of(chunk, *fragment, memory) ? APR_SUCCESS : APR_EINVAL;
}

/* --- trailers ----------------------------------------------------------- */

static apr_status_t take_trailers(iisr_context_t *ctx,
                                  const HTTP_DATA_CHUNK *chunk)
{
    USHORT i;

    for (i = 0; i < chunk->Trailers.TrailerCount; i++) {
        const HTTP_UNKNOWN_HEADER *h = &chunk->Trailers.pTrailers[i];
        const char *name = apr_pstrmemdup(ctx->pool, h->pName, h->NameLength);
        apr_status_t rv = iisr_response_set_trailer(&ctx->response, name,
                                                    h->pRawValue,
                                                    h->RawValueLength, 0);

        if (rv != APR_SUCCESS) {
            return rv;
        }
    }
    return APR_SUCCESS;
}

/* --- both --------------------------------------------------------------- */

static apr_status_t resolve(iisr_context_t *ctx,
                            const HTTP_DATA_CHUNK *chunks, DWORD n,
                            HTTP_DATA_CHUNK *plain, DWORD *nplain,
                            iisr_block_t **held)
{
    apr_status_t rv = APR_SUCCESS;
    DWORD i;

    *nplain = 0;
    for (i = 0; i < n && rv == APR_SUCCESS; i++) {
        if (!is_special(&chunks[i])) {
            plain[(*nplain)++] = chunks[i];
        }
        else if (chunks[i].DataChunkType == HttpDataChunkTrailers) {
            rv = take_trailers(ctx, &chunks[i]);
        }
        else {
            rv = find(ctx, &chunks[i], &held[i], &plain[*nplain]);
            (*nplain)++;
        }
    }
    return rv;
}

static apr_status_t append_special(iisr_context_t *ctx,
                                   const HTTP_DATA_CHUNK *chunks, DWORD n,
                                   apr_uint64_t *bytes)
{
    HTTP_DATA_CHUNK *plain = calloc(n, sizeof(*plain));
    iisr_block_t **held = calloc(n, sizeof(*held));
    apr_status_t rv = plain && held ? APR_SUCCESS : APR_ENOMEM;
    DWORD i, nplain;

    if (rv == APR_SUCCESS) {
        rv = resolve(ctx, chunks, n, plain, &nplain, held);
    }
    if (rv == APR_SUCCESS) {
        rv = iisr_response_append(&ctx->response, plain, nplain, bytes);
    }
    for (i = 0; held && i < n; i++) {
        if (held[i]) {
            iisr_block_release(held[i]);
        }
    }
    free(plain);
    free(held);
    return rv;
}

apr_status_t iisr_append_chunks(iisr_context_t *ctx,
                                const HTTP_DATA_CHUNK *chunks, DWORD n,
                                apr_uint64_t *bytes)
{
    DWORD i;

    iisr_response_load(&ctx->response, 1);
    for (i = 0; i < n; i++) {
        if (is_special(&chunks[i])) {
            return append_special(ctx, chunks, n, bytes);
        }
    }
    return iisr_response_append(&ctx->response, chunks, n, bytes);
}

/* In front of everything: a copy, as what is written, since modules may write
 * into it. */
static apr_status_t insert_copy(iisr_response_t *res, HTTP_DATA_CHUNK *memory)
{
    apr_size_t length = memory->FromMemory.BufferLength;
    iisr_block_t *block = iisr_block_create(length);

    if (!block) {
        return APR_ENOMEM;
    }
    memcpy(block->data, memory->FromMemory.pBuffer, length);
    block->used = length;
    if (iisr_response_hold(res, block) != APR_SUCCESS) {
        iisr_block_release(block);
        return APR_ENOMEM;
    }
    memory->FromMemory.pBuffer = block->data;
    return iisr_response_insert(res, memory, 0);
}

apr_status_t iisr_insert_chunk(iisr_context_t *ctx,
                               const HTTP_DATA_CHUNK *chunk, LONG position)
{
    iisr_block_t *fragment = NULL;
    HTTP_DATA_CHUNK memory;
    apr_uint64_t bytes;
    apr_status_t rv;

    iisr_response_load(&ctx->response, 1);
    if (!is_special(chunk)) {
        return iisr_response_insert(&ctx->response, chunk, position);
    }
    if (position || chunk->DataChunkType == HttpDataChunkTrailers) {
        return append_special(ctx, chunk, 1, &bytes);
    }
    if ((rv = find(ctx, chunk, &fragment, &memory)) == APR_SUCCESS) {
        rv = insert_copy(&ctx->response, &memory);
    }
    if (fragment) {
        iisr_block_release(fragment);
    }
    return rv;
}

/* Not copied: it leaves now, no module sees it. */
static apr_status_t replace_fragment(iisr_context_t *ctx,
                                     HTTP_DATA_CHUNK *chunk)
{
    iisr_block_t *fragment = NULL;
    HTTP_DATA_CHUNK memory;
    apr_status_t rv = find(ctx, chunk, &fragment, &memory);

    if (rv == APR_SUCCESS
        && (rv = iisr_response_hold(&ctx->response, fragment))
           == APR_SUCCESS) {
        *chunk = memory;
        return rv;
    }
    if (fragment) {
        iisr_block_release(fragment);
    }
    return rv;
}

apr_status_t iisr_plain_chunks(iisr_context_t *ctx)
{
    iisr_response_t *res = &ctx->response;
    apr_status_t rv = APR_SUCCESS;
    int i;

    for (i = 0; i < res->nchunks && rv == APR_SUCCESS; i++) {
        HTTP_DATA_CHUNK *chunk = &res->chunks[i];

        if (!is_special(chunk)) {
            continue;
        }
        if (chunk->DataChunkType == HttpDataChunkTrailers) {
            rv = take_trailers(ctx, chunk);
            memset(chunk, 0, sizeof(*chunk));
            chunk->DataChunkType = HttpDataChunkFromMemory;
        }
        else {
            rv = replace_fragment(ctx, chunk);
        }
    }
    return rv;
}
