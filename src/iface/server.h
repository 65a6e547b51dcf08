/* server.h: what the files that make up IHttpServer3 share.  Constant after
 * creation but for what locks for itself; any thread.
 */
#ifndef IISR_IFACE_SERVER_H
#define IISR_IFACE_SERVER_H

#include "objects.h"
#include "core/fragments.h"

/* What is refused, each logged once a process. */
typedef enum {
    IISR_REFUSED_THREAD_POOL, IISR_REFUSED_KERNEL_CACHE,
    IISR_REFUSED_PROTOCOL, IISR_REFUSED_TOKEN, IISR_REFUSED_PROPERTY,
    IISR_REFUSALS
} iisr_refusal_e;

typedef struct iisr_server_t {
    IHttpServer3 iface;                 /* must be first */
    const WCHAR *pool_name, *config_file;
    DWORD config_file_length;
    iisr_server_hooks_t hooks;
    IHttpTraceContext *trace;
    iisr_trace_hub_t *trace_hub;
    iisr_fragments_t *fragments;
    iisr_files_t *files;
    iisr_monitors_t *monitors;
    iisr_shelf_t *urls, *metadata;
    iisr_object_cache_t *objects;
    IHttpPerfCounterInfo *counters;
    IWpfSettings *settings;
    IWorkerProcessFramework *framework;
    volatile apr_uint32_t closing;
    volatile apr_uint32_t said[IISR_REFUSALS];
} iisr_server_t;

#define iisr_server_of(p) ((iisr_server_t *)(void *)(p))

/* ERROR_NOT_SUPPORTED, and a line once a process. */
HRESULT iisr_server_refuse(void *server, iisr_refusal_e what);

/* precondition.c.  *unknown: a name in the list that nobody knows. */
BOOL iisr_precondition(const WCHAR *pool_name, const WCHAR *list,
                       BOOL *unknown);
/* extended.c.  S_OK: a pointer to an object seen as the first is one seen as
 * the second. */
HRESULT iisr_extended(REFGUID from, REFGUID to);

/* server_cache.c */
HRESULT server_FlushKernelCache(IHttpServer *This, PCWSTR pszUrl);
HRESULT server_DoCacheOperation(
    IHttpServer *This, CACHE_OPERATION cacheOperation,
    IHttpCacheKey *pCacheKey, IHttpCacheSpecificData **ppCacheSpecificData,
    IHttpTraceContext *pHttpTraceContext);
HRESULT server_AddFragmentToCache(IHttpServer *This,
                                  HTTP_DATA_CHUNK *pDataChunk,
                                  PCWSTR pszFragmentName);
HRESULT server_ReadFragmentFromCache(IHttpServer *This,
                                     PCWSTR pszFragmentName, BYTE *pvBuffer,
                                     DWORD cbSize, DWORD *pcbCopied);
HRESULT server_RemoveFragmentFromCache(IHttpServer *This,
                                       PCWSTR pszFragmentName);

/* server_files.c */
HRESULT server_GetFileInfo(IHttpServer *This, PCWSTR pszPhysicalPath,
                           HANDLE hUserToken, PSID pSid,
                           PCWSTR pszChangeNotificationPath,
                           HANDLE hChangeNotificationToken, BOOL fCache,
                           IHttpFileInfo **ppFileInfo,
                           IHttpTraceContext *pHttpTraceContext);
HRESULT server_RegisterFileChangeMonitor(IHttpServer *This, PCWSTR pszPath,
                                         HANDLE hToken,
                                         IHttpFileMonitor **ppFileMonitor);
void server_NotifyFileChange(IHttpServer *This, PCWSTR pszFileName);
HRESULT server_GetMetadata(IHttpServer2 *This, PCWSTR pszSiteName,
                           PCWSTR pszUrl,
                           IReferencedMetadataInfo **ppMetadataInfo);

#endif
