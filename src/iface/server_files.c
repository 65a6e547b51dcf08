/* server_files.c: IHttpServer's methods about files, their changes, and the
 * place of a URL in the configuration.  Any thread.
 */
#include <errno.h>
#include <apr_atomic.h>
#include <apr_strings.h>
#include "server.h"
#include "hresult.h"
#include "core/wide.h"

static HRESULT file_error(apr_status_t rv)
{
    static const struct {
        int number;
        DWORD error;
    } errors[] = {
        { ENOENT, ERROR_FILE_NOT_FOUND }, { ENOTDIR, ERROR_PATH_NOT_FOUND },
        { EACCES, ERROR_ACCESS_DENIED }, { EPERM, ERROR_ACCESS_DENIED },
        { ENOMEM, ERROR_NOT_ENOUGH_MEMORY },
        { ENAMETOOLONG, ERROR_FILENAME_EXCED_RANGE },
        { EMFILE, ERROR_TOO_MANY_OPEN_FILES },
        { ENOSPC, ERROR_TOO_MANY_OPEN_FILES }
    };
    unsigned int i;

    for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (errors[i].number == rv) {
            return HRESULT_FROM_WIN32(errors[i].error);
        }
    }
    return E_FAIL;
}

/* What httpd makes of size and time by default (FileETag MTime Size); with
 * a request around it, the request's own setting counts. */
static const char *etag_of(apr_pool_t *pool, const iisr_file_facts_t *facts)
{
    return apr_psprintf(pool, "\"%" APR_UINT64_T_HEX_FMT "-%"
                        APR_UINT64_T_HEX_FMT "\"",
                        (apr_uint64_t)facts->size,
                        (apr_uint64_t)facts->mtime);
}

static HRESULT look_up(iisr_server_t *server, apr_pool_t *pool, PCWSTR path,
                       PCWSTR virtual_path, BOOL cached, IHttpFileInfo **info)
{
    iisr_file_facts_t facts;
    apr_status_t rv = iisr_file_look(&facts, iisr_narrow(pool, path, NULL));

    if (rv != APR_SUCCESS) {
        return file_error(rv);
    }
    facts.etag = etag_of(pool, &facts);
    if (virtual_path) {
        facts.virtual_path = iisr_narrow(pool, virtual_path, NULL);
    }
    *info = cached ? iisr_files_get(server->files, &facts)
                   : iisr_file_info_create(&facts, 0);
    return *info ? S_OK : HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
}

/* Tokens do not exist here; IIS: the trace context is optional. */
HRESULT server_GetFileInfo(IHttpServer *This, PCWSTR pszPhysicalPath,
                           HANDLE hUserToken, PSID pSid,
                           PCWSTR pszChangeNotificationPath,
                           HANDLE hChangeNotificationToken, BOOL fCache,
                           IHttpFileInfo **ppFileInfo,
                           IHttpTraceContext *pHttpTraceContext)
{
    iisr_server_t *server = iisr_server_of(This);
    apr_pool_t *pool;
    HRESULT hr;

    (void)hUserToken;
    (void)pSid;
    (void)hChangeNotificationToken;
    (void)pHttpTraceContext;
    if (!ppFileInfo) {
        return BAD_PARAMETER;
    }
    *ppFileInfo = NULL;
    if (!pszPhysicalPath || !*pszPhysicalPath) {
        return BAD_PARAMETER;
    }
    if (apr_atomic_read32(&server->closing)) {
        return E_FAIL;
    }
    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
    }
    hr = look_up(server, pool, pszPhysicalPath, pszChangeNotificationPath,
                 fCache, ppFileInfo);
    apr_pool_destroy(pool);
    return hr;
}

HRESULT server_RegisterFileChangeMonitor(IHttpServer *This, PCWSTR pszPath,
                                         HANDLE hToken,
                                         IHttpFileMonitor **ppFileMonitor)
{
    apr_pool_t *pool;
    apr_status_t rv;

    (void)hToken;
    if (!ppFileMonitor) {
        return BAD_PARAMETER;
    }
    *ppFileMonitor = NULL;
    if (!pszPath || !*pszPath) {
        return BAD_PARAMETER;
    }
    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
    }
    rv = iisr_monitors_add(iisr_server_of(This)->monitors,
                           iisr_narrow(pool, pszPath, NULL), ppFileMonitor);
    apr_pool_destroy(pool);
    return rv == APR_SUCCESS ? S_OK : file_error(rv);
}

/* What was cached of the file is not true any more. */
void server_NotifyFileChange(IHttpServer *This, PCWSTR pszFileName)
{
    iisr_server_t *server = iisr_server_of(This);

    if (pszFileName && *pszFileName) {
        iisr_files_drop(server->files, pszFileName);
        if (server->hooks.file_changed) {
            server->hooks.file_changed(server->hooks.baton, NULL,
                                       pszFileName);
        }
    }
}

HRESULT server_GetMetadata(IHttpServer2 *This, PCWSTR pszSiteName,
                           PCWSTR pszUrl,
                           IReferencedMetadataInfo **ppMetadataInfo)
{
    const iisr_server_hooks_t *hooks = &iisr_server_of(This)->hooks;
    const char *config_path = NULL, *physical = NULL;
    apr_pool_t *pool;

    if (!ppMetadataInfo) {
        return BAD_PARAMETER;
    }
    *ppMetadataInfo = NULL;
    if (!pszSiteName || !pszUrl || *pszUrl != '/') {
        return BAD_PARAMETER;
    }
    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
    }
    if (hooks->place && hooks->place(hooks->baton, pool,
                                     iisr_narrow(pool, pszSiteName, NULL),
                                     iisr_narrow(pool, pszUrl, NULL),
                                     &config_path, &physical)) {
        *ppMetadataInfo = iisr_metadata_get(iisr_server_of(This)->metadata,
                                            pool, config_path, physical);
    }
    apr_pool_destroy(pool);
    return *ppMetadataInfo ? S_OK : HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
}
