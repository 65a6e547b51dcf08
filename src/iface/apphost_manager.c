/* apphost_manager.c: IAppHostAdminManager, where modules begin, and
 * IAppHostConfigManager, from paths to files.
 */
#include <strings.h>
#include <apr_atomic.h>
#include <apr_strings.h>
#include "iface/apphost.h"
#include "iface/apphost_admin.h"

const iisr_apphost_t *iisr_admin_apphost(const iisr_admin_t *admin)
{
    return admin->apphost;
}

/* --- IAppHostAdminManager ----------------------------------------------- */

static void say_none(iisr_admin_t *admin, const char *section)
{
    char line[256];

    if (!admin->configured && !apr_atomic_xchg32(&admin->said_none, 1)) {
        apr_snprintf(line, sizeof(line), "a module asks for the section %s, "
                     "but no IISConfig names a file (said once)", section);
        admin->log(admin->baton, IISR_LOG_WARNING, "IISR0702", line);
    }
}

static HRESULT find_section(void *parent, const char *section,
                            const char *path, IAppHostElement **out)
{
    iisr_admin_t *admin = iisr_com_admin(parent);
    const char *below = iisr_apphost_below(*path ? path : IISR_APPHOST_ROOT);
    const iisr_element_t *element = below
        ? iisr_apphost_section(admin->apphost, below, section) : NULL;

    if (!element) {
        say_none(admin, section);
        return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    }
    return iisr_com_give(parent, &iisr_element_class, element, out);
}

HRESULT iisr_give_section(void *parent, const WCHAR *section,
                          const WCHAR *path, IAppHostElement **out)
{
    iisr_text_t name, where;
    HRESULT hr = E_OUTOFMEMORY;

    if (!out) {
        return IISR_BAD_PARAMETER;
    }
    *out = NULL;
    if (!section || !*section) {
        return IISR_BAD_PARAMETER;
    }
    if (iisr_text_open(&name, section)) {
        if (iisr_text_open(&where, path)) {
            hr = find_section(parent, name.text, where.text, out);
            iisr_text_close(&where);
        }
        iisr_text_close(&name);
    }
    return hr;
}

static HRESULT manager_GetAdminSection(IAppHostAdminManager *This,
                                       BSTR bstrSectionName, BSTR bstrPath,
                                       IAppHostElement **ppAdminSection)
{
    return iisr_give_section(This, bstrSectionName, bstrPath, ppAdminSection);
}

static HRESULT manager_GetMetadata(IAppHostAdminManager *This,
                                   BSTR bstrMetadataType, VARIANT *pValue)
{
    iisr_admin_t *admin = iisr_com_admin(This);

    if (!bstrMetadataType || wcscasecmp(bstrMetadataType,
                                        L"availableSections")) {
        return iisr_no_metadata(pValue);
    }
    return iisr_give_value(NULL, iisr_apphost_available(admin->apphost),
                           pValue);
}

/* A change handler is welcome, and never called: nothing changes while the
 * process lives.  A module that wants one would not start without. */
static HRESULT manager_SetMetadata(IAppHostAdminManager *This,
                                   BSTR bstrMetadataType, VARIANT value)
{
    (void)value;
    if (bstrMetadataType && !wcscasecmp(bstrMetadataType,
                                        L"changeHandler")) {
        return S_OK;
    }
    return iisr_refuse_write(This);
}

static HRESULT manager_get_ConfigManager(
    IAppHostAdminManager *This, IAppHostConfigManager **ppConfigManager)
{
    return iisr_com_give(This, &iisr_config_manager_class,
                            iisr_com_admin(This), ppConfigManager);
}

static HRESULT manager_CommitChanges(IAppHostWritableAdminManager *This)
{
    return iisr_refuse_write(This);
}

static HRESULT manager_get_CommitPath(IAppHostWritableAdminManager *This,
                                      BSTR *pbstrCommitPath)
{
    (void)This;
    return iisr_give_bstr(IISR_APPHOST_ROOT, pbstrCommitPath);
}

static HRESULT manager_put_CommitPath(IAppHostWritableAdminManager *This,
                                      BSTR bstrCommitPath)
{
    (void)bstrCommitPath;
    return iisr_refuse_write(This);
}

IISR_VTABLE(IAppHostWritableAdminManager, manager_vtbl) = {
    .base.base = IISR_UNKNOWN,
    .base.GetAdminSection = manager_GetAdminSection,
    .base.GetMetadata = manager_GetMetadata,
    .base.SetMetadata = manager_SetMetadata,
    .base.get_ConfigManager = manager_get_ConfigManager,
    .CommitChanges = manager_CommitChanges,
    .get_CommitPath = manager_get_CommitPath,
    .put_CommitPath = manager_put_CommitPath
} IISR_VTABLE_END;

static const iisr_com_class_t manager_class = {
    IISR_VPTR(manager_vtbl), &IID_IAppHostWritableAdminManager,
    &IID_IAppHostAdminManager
};

static const iisr_apphost_t *empty_apphost(apr_pool_t *pool)
{
    iisr_apphost_t *apphost = iisr_apphost_create(pool);

    iisr_apphost_seal(apphost);
    return apphost;
}

iisr_admin_t *iisr_admin_create(apr_pool_t *pool,
                                const iisr_apphost_t *apphost,
                                iisr_admin_log_fn log, void *baton)
{
    iisr_admin_t *admin = apr_pcalloc(pool, sizeof(*admin));

    admin->manager.lpVtbl = manager_class.vptr;
    admin->manager.class = &manager_class;
    admin->manager.admin = admin;
    admin->manager.references = 1;
    admin->configured = apphost != NULL;
    admin->apphost = apphost ? apphost : empty_apphost(pool);
    admin->log = log;
    admin->baton = baton;
    return admin;
}

IAppHostAdminManager *iisr_admin_manager(iisr_admin_t *admin)
{
    return (IAppHostAdminManager *)(void *)&admin->manager;
}

apr_uint32_t iisr_admin_objects(iisr_admin_t *admin)
{
    return apr_atomic_read32(&admin->objects);
}

/* --- IAppHostConfigManager ---------------------------------------------- */

/* The file that is for exactly this path, or (deepest) for one above it. */
static const iisr_config_file_t *file_at(const iisr_admin_t *admin,
                                         const char *below, int deepest)
{
    const apr_array_header_t *files = iisr_apphost_files(admin->apphost);
    const iisr_config_file_t *best = NULL;
    int i;

    for (i = 0; below && i < files->nelts; i++) {
        const iisr_config_file_t *f = APR_ARRAY_IDX(files, i,
                                                    iisr_config_file_t *);
        apr_size_t n = strlen(f->at);

        if (!strncasecmp(f->at, below, n)
            && (!below[n] || (deepest && (!n || below[n] == '/')))
            && (!best || n > strlen(best->at))) {
            best = f;
        }
    }
    return best;
}

static HRESULT configs_GetConfigFile(IAppHostConfigManager *This,
                                     BSTR bstrConfigPath,
                                     IAppHostConfigFile **ppConfigFile)
{
    const iisr_config_file_t *file = NULL;
    iisr_text_t path;

    if (!ppConfigFile) {
        return IISR_BAD_PARAMETER;
    }
    *ppConfigFile = NULL;
    if (!iisr_text_open(&path, bstrConfigPath)) {
        return E_OUTOFMEMORY;
    }
    file = file_at(iisr_com_admin(This), iisr_apphost_below(path.text), 0);
    iisr_text_close(&path);
    return file ? iisr_com_give(This, &iisr_config_file_class, file,
                                   ppConfigFile)
                : HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}

static HRESULT configs_GetUniqueConfigPath(IAppHostConfigManager *This,
                                           BSTR bstrConfigPath,
                                           BSTR *pbstrUniquePath)
{
    const iisr_config_file_t *file;
    iisr_text_t path;
    char unique[1024];

    if (!pbstrUniquePath) {
        return IISR_BAD_PARAMETER;
    }
    *pbstrUniquePath = NULL;
    if (!iisr_text_open(&path, bstrConfigPath)) {
        return E_OUTOFMEMORY;
    }
    file = file_at(iisr_com_admin(This), iisr_apphost_below(path.text), 1);
    iisr_text_close(&path);
    if (!file) {
        return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    }
    apr_snprintf(unique, sizeof(unique), "%s%s%s", IISR_APPHOST_ROOT,
                 *file->at ? "/" : "", file->at);
    return iisr_give_bstr(unique, pbstrUniquePath);
}

IISR_VTABLE(IAppHostConfigManager, configs_vtbl) = {
    .base = IISR_UNKNOWN,
    .GetConfigFile = configs_GetConfigFile,
    .GetUniqueConfigPath = configs_GetUniqueConfigPath
} IISR_VTABLE_END;

const iisr_com_class_t iisr_config_manager_class = {
    IISR_VPTR(configs_vtbl), &IID_IAppHostConfigManager, NULL
};
