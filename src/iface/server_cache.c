/* server_cache.c: IHttpServer's methods about caches: fragments of
 * responses, and what modules keep under keys of their own.  Any thread.
 */
#include <string.h>
#include <unistd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include "httpcach.h"
#include "hresult.h"
#include "server.h"

/* There is no kernel that caches: nothing to flush. */
HRESULT server_FlushKernelCache(IHttpServer *This, PCWSTR pszUrl)
{
    return pszUrl ? iisr_server_refuse(This, IISR_REFUSED_KERNEL_CACHE)
                  : BAD_PARAMETER;
}

/* --- fragments ---------------------------------------------------------- */

/* The bytes of a file chunk, malloc'ed.  NULL: unusable. */
static char *read_file(const HTTP_DATA_CHUNK *chunk, apr_size_t length)
{
    int fd = iis_fd_from_handle(chunk->FromFileHandle.FileHandle);
    off_t start = (off_t)chunk->FromFileHandle.ByteRange
                         .StartingOffset.QuadPart;
    char *data = malloc(length + 1);
    apr_size_t done = 0;
    ssize_t n = 0;

    while (data && done < length
           && (n = pread(fd, data + done, length - done,
                         start + (off_t)done)) > 0) {
        done += (apr_size_t)n;
    }
    if (data && done < length) {
        free(data);
        data = NULL;
    }
    return data;
}

static HRESULT add(iisr_fragments_t *fragments, const HTTP_DATA_CHUNK *chunk,
                   PCWSTR name)
{
    apr_int64_t length = iisr_chunk_length(chunk);
    apr_status_t rv = APR_EINVAL;
    char *data;

    if (length < 0 || length > 0x7fffffff) {
        return BAD_PARAMETER;
    }
    if (chunk->DataChunkType == HttpDataChunkFromMemory) {
        if (chunk->FromMemory.pBuffer || !length) {
            rv = iisr_fragments_add(fragments, name, wcslen(name),
                                    length ? chunk->FromMemory.pBuffer : "",
                                    (apr_size_t)length);
        }
    }
    else if ((data = read_file(chunk, (apr_size_t)length))) {
        rv = iisr_fragments_add(fragments, name, wcslen(name), data,
                                (apr_size_t)length);
        free(data);
    }
    return rv == APR_SUCCESS ? S_OK
           : rv == APR_ENOMEM ? HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY)
           : BAD_PARAMETER;
}

HRESULT server_AddFragmentToCache(IHttpServer *This,
                                  HTTP_DATA_CHUNK *pDataChunk,
                                  PCWSTR pszFragmentName)
{
    if (!pDataChunk || !pszFragmentName || !*pszFragmentName) {
        return E_INVALIDARG;
    }
    return add(iisr_server_of(This)->fragments, pDataChunk, pszFragmentName);
}

/* A buffer that is too small: ERROR_INSUFFICIENT_BUFFER, and *pcbCopied says
 * how large it must be (the page names no code for that). */
HRESULT server_ReadFragmentFromCache(IHttpServer *This,
                                     PCWSTR pszFragmentName, BYTE *pvBuffer,
                                     DWORD cbSize, DWORD *pcbCopied)
{
    iisr_block_t *fragment;
    HRESULT hr = S_OK;

    if (pcbCopied) {
        *pcbCopied = 0;
    }
    if (!pszFragmentName || (!pvBuffer && cbSize)) {
        return BAD_PARAMETER;
    }
    fragment = iisr_fragments_find(iisr_server_of(This)->fragments,
                                   pszFragmentName, wcslen(pszFragmentName));
    if (!fragment) {
        return HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
    }
    if (fragment->used > cbSize) {
        hr = HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
    }
    else if (fragment->used) {
        memcpy(pvBuffer, fragment->data, fragment->used);
    }
    if (pcbCopied) {
        *pcbCopied = (DWORD)fragment->used;
    }
    iisr_block_release(fragment);
    return hr;
}

HRESULT server_RemoveFragmentFromCache(IHttpServer *This,
                                       PCWSTR pszFragmentName)
{
    if (!pszFragmentName) {
        return BAD_PARAMETER;
    }
    return iisr_fragments_remove(iisr_server_of(This)->fragments,
                                 pszFragmentName, wcslen(pszFragmentName))
           ? S_OK : HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}

/* --- records under keys ------------------------------------------------- */

static HRESULT retrieve(iisr_server_t *server, IHttpCacheKey *key,
                        IHttpCacheSpecificData **record)
{
    *record = iisr_object_cache_find(server->objects, key);
    if (!*record && !wcscmp(key->lpVtbl->GetCacheName(key),
                            FILE_CACHE_NAME)) {
        IFileKey *file = (IFileKey *)(void *)key;

        *record = (IHttpCacheSpecificData *)(void *)iisr_files_find(
            server->files, file->lpVtbl->GetPath(file));
    }
    return *record ? S_OK : HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}

static HRESULT flush_prefix(iisr_server_t *server, IHttpCacheKey *key)
{
    if (!wcscmp(key->lpVtbl->GetCacheName(key), FILE_CACHE_NAME)) {
        IFileKey *file = (IFileKey *)(void *)key;

        iisr_files_drop(server->files, file->lpVtbl->GetPath(file));
    }
    iisr_object_cache_remove(server->objects, key, 1);
    return S_OK;
}

static HRESULT operate(iisr_server_t *server, CACHE_OPERATION operation,
                       IHttpCacheKey *key, IHttpCacheSpecificData **record)
{
    switch (operation) {
    case CACHE_OPERATION_RETRIEVE:
        return record ? retrieve(server, key, record) : BAD_PARAMETER;
    case CACHE_OPERATION_ADD:
        if (!record || !*record) {
            return BAD_PARAMETER;
        }
        iisr_object_cache_add(server->objects, *record);
        return S_OK;
    case CACHE_OPERATION_DELETE:
        return iisr_object_cache_remove(server->objects, key, 0) ? S_OK
               : HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    case CACHE_OPERATION_FLUSH_PREFIX:
        return flush_prefix(server, key);
    case CACHE_OPERATION_ENUM:
        /* IIS: "no-op in current implementations". */
        return S_OK;
    default:
        return BAD_PARAMETER;
    }
}

/* A module that handles GL_CACHE_OPERATION keeps the server's own cache out
 * of it. */
HRESULT server_DoCacheOperation(
    IHttpServer *This, CACHE_OPERATION cacheOperation,
    IHttpCacheKey *pCacheKey, IHttpCacheSpecificData **ppCacheSpecificData,
    IHttpTraceContext *pHttpTraceContext)
{
    iisr_server_t *server = iisr_server_of(This);
    const iisr_server_hooks_t *hooks = &server->hooks;

    if (!pCacheKey) {
        return BAD_PARAMETER;
    }
    if (cacheOperation != CACHE_OPERATION_ADD && ppCacheSpecificData) {
        *ppCacheSpecificData = NULL;
    }
    if (hooks->cache_operation
        && hooks->cache_operation(hooks->baton, cacheOperation, pCacheKey,
                                  ppCacheSpecificData, pHttpTraceContext)
           == GL_NOTIFICATION_HANDLED) {
        return S_OK;
    }
    return operate(server, cacheOperation, pCacheKey, ppCacheSpecificData);
}
