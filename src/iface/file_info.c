/* file_info.c: IHttpFileInfo, a file as it was when somebody asked, and the
 * IFileKey that names it in caches.
 *
 * In a pool of its own, counted: modules may keep one as long as they like.
 * Constant but for the count, the two counters of a cache entry, and the
 * descriptor and content, which come when first asked for; any thread.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <apr_atomic.h>
#include <apr_strings.h>
#include <apr_time.h>
#include "objects.h"
#include "vtable.h"
#include "core/wide.h"

/* What IIS keeps in memory of a file by default (maxCachedFileSize). */
#define CONTENT_MAX 262144
/* IIS: "usually 2". */
#define TTL 2
/* 100 ns units between 1601 and 1970. */
#define EPOCH APR_INT64_C(116444736000000000)

typedef struct file_key_t {
    IFileKey iface;                     /* must be first */
    const WCHAR *path;
    DWORD hash;
} file_key_t;

typedef struct file_info_t {
    IHttpFileInfo iface;                /* must be first */
    file_key_t key;
    apr_pool_t *pool;
    volatile apr_uint32_t refs, flushed;
    volatile apr_uint32_t ttl;
    int ending;                         /* what was stored is cleaned up */
    iisr_file_facts_t facts;
    const WCHAR *virtual_path;
    char modified[APR_RFC822_DATE_LEN];
    int keeps_content;
    apr_thread_mutex_t *lock;           /* of what follows */
    int fd;                             /* -1: not open */
    char *content;
    iisr_container_t container;
} file_info_t;

static file_info_t *file_of(void *iface)
{
    return iface;
}

/* --- the key ------------------------------------------------------------ */

static DWORD key_GetHash(IHttpCacheKey *This)
{
    return ((file_key_t *)(void *)This)->hash;
}

static PCWSTR key_GetCacheName(IHttpCacheKey *This)
{
    (void)This;
    return FILE_CACHE_NAME;
}

static PCWSTR key_GetPath(IFileKey *This)
{
    return ((file_key_t *)(void *)This)->path;
}

/* The other may be a module's own: asked through its interface. */
static PCWSTR path_of_key(IHttpCacheKey *key)
{
    IFileKey *file = (IFileKey *)(void *)key;

    return file->lpVtbl->GetPath(file);
}

static bool key_GetIsEqual(IHttpCacheKey *This, IHttpCacheKey *pCacheCompareKey)
{
    return !wcscmp(((file_key_t *)(void *)This)->path,
                   path_of_key(pCacheCompareKey));
}

static bool key_GetIsPrefix(IHttpCacheKey *This,
                            IHttpCacheKey *pCacheCompareKey)
{
    const WCHAR *path = ((file_key_t *)(void *)This)->path;

    return !wcsncmp(path, path_of_key(pCacheCompareKey), wcslen(path));
}

/* IIS: does nothing. */
static void key_Enum(IHttpCacheKey *This, IHttpCacheSpecificData *pCacheData)
{
    (void)This;
    (void)pCacheData;
}

IISR_VTABLE(IFileKey, key_vtbl) = {
    .base = {
        .GetHash = key_GetHash,
        .GetCacheName = key_GetCacheName,
        .GetIsEqual = key_GetIsEqual,
        .GetIsPrefix = key_GetIsPrefix,
        .Enum = key_Enum
    },
    .GetPath = key_GetPath
} IISR_VTABLE_END;

static void key_init(file_key_t *key, const WCHAR *path)
{
    const WCHAR *p;

    key->iface.lpVtbl = IISR_VPTR(key_vtbl);
    key->path = path;
    for (p = path, key->hash = 2166136261u; *p; p++) {
        key->hash = (key->hash ^ (DWORD)*p) * 16777619u;
    }
}

/* --- an entry of a cache ------------------------------------------------ */

static IHttpCacheKey *file_GetCacheKey(IHttpCacheSpecificData *This)
{
    return (IHttpCacheKey *)(void *)&file_of(This)->key.iface;
}

static void file_ReferenceCacheData(IHttpCacheSpecificData *This)
{
    apr_atomic_inc32(&file_of(This)->refs);
}

static void file_DereferenceCacheData(IHttpCacheSpecificData *This)
{
    file_info_t *file = file_of(This);

    if (apr_atomic_dec32(&file->refs)) {
        return;
    }
    if (!file->ending) {
        /* Modules clean up there, and may refer to the file once more. */
        file->ending = 1;
        apr_atomic_set32(&file->refs, 1);
        iisr_container_clear(&file->container);
        if (apr_atomic_dec32(&file->refs)) {
            return;
        }
    }
    if (file->fd >= 0) {
        close(file->fd);
    }
    apr_pool_destroy(file->pool);
}

static void file_ResetTTL(IHttpCacheSpecificData *This)
{
    apr_atomic_set32(&file_of(This)->ttl, TTL);
}

static void file_DecrementTTL(IHttpCacheSpecificData *This,
                              BOOL *pfTTLExpired)
{
    volatile apr_uint32_t *ttl = &file_of(This)->ttl;
    apr_uint32_t now = apr_atomic_read32(ttl);

    if (now) {
        apr_atomic_cas32(ttl, now - 1, now);
    }
    if (pfTTLExpired) {
        *pfTTLExpired = now <= 1;
    }
}

static void file_SetFlushed(IHttpCacheSpecificData *This)
{
    apr_atomic_set32(&file_of(This)->flushed, 1);
}

static BOOL file_GetFlushed(IHttpCacheSpecificData *This)
{
    return apr_atomic_read32(&file_of(This)->flushed) != 0;
}

/* --- the file ----------------------------------------------------------- */

static DWORD file_GetAttributes(IHttpFileInfo *This)
{
    return file_of(This)->facts.attributes;
}

static void file_GetSize(IHttpFileInfo *This, ULARGE_INTEGER *pliSize)
{
    if (pliSize) {
        pliSize->QuadPart = (ULONGLONG)file_of(This)->facts.size;
    }
}

/* Lock held. */
static int descriptor(file_info_t *file)
{
    if (file->fd < 0) {
        file->fd = open(file->facts.path, O_RDONLY | O_CLOEXEC);
    }
    return file->fd;
}

/* Lock held.  A file that is shorter by now is not what was asked for. */
static char *read_content(file_info_t *file)
{
    apr_size_t size = (apr_size_t)file->facts.size, done = 0;
    char *content = apr_palloc(file->pool, size + 1);
    ssize_t n = 0;

    while (done < size && (n = pread(descriptor(file), content + done,
                                     size - done, (off_t)done)) > 0) {
        done += (apr_size_t)n;
    }
    content[done] = '\0';
    return done == size ? content : NULL;
}

/* IIS: NULL unless the content is cached; here read when first asked for. */
static const BYTE *file_GetFileBuffer(IHttpFileInfo *This)
{
    file_info_t *file = file_of(This);
    const char *content;

    if (!file->keeps_content || file->facts.size > CONTENT_MAX
        || (file->facts.attributes & FILE_ATTRIBUTE_DIRECTORY)) {
        return NULL;
    }
    apr_thread_mutex_lock(file->lock);
    if (!file->content && descriptor(file) >= 0) {
        file->content = read_content(file);
    }
    content = file->content;
    apr_thread_mutex_unlock(file->lock);
    return (const BYTE *)content;
}

static HANDLE file_GetFileHandle(IHttpFileInfo *This)
{
    file_info_t *file = file_of(This);
    int fd = -1;

    if (!(file->facts.attributes & FILE_ATTRIBUTE_DIRECTORY)) {
        apr_thread_mutex_lock(file->lock);
        fd = descriptor(file);
        apr_thread_mutex_unlock(file->lock);
    }
    return fd < 0 ? INVALID_HANDLE_VALUE : iis_handle_from_fd(fd);
}

static PCWSTR file_GetFilePath(IHttpFileInfo *This)
{
    return file_of(This)->key.path;
}

static PCSTR file_GetETag(IHttpFileInfo *This, USHORT *pcchETag)
{
    const char *etag = file_of(This)->facts.etag;

    if (pcchETag) {
        *pcchETag = (USHORT)strlen(etag);
    }
    return etag;
}

static void file_GetLastModifiedTime(IHttpFileInfo *This,
                                     FILETIME *pFileTime)
{
    apr_uint64_t ticks = (apr_uint64_t)(file_of(This)->facts.mtime * 10
                                        + EPOCH);

    if (pFileTime) {
        pFileTime->dwLowDateTime = (DWORD)ticks;
        pFileTime->dwHighDateTime = (DWORD)(ticks >> 32);
    }
}

static PCSTR file_GetLastModifiedString(IHttpFileInfo *This)
{
    return file_of(This)->modified;
}

/* There is no cache in the kernel to allow it for. */
static BOOL file_GetHttpCacheAllowed(IHttpFileInfo *This,
                                     DWORD *pSecondsToLive)
{
    (void)This;
    if (pSecondsToLive) {
        *pSecondsToLive = 0;
    }
    return FALSE;
}

/* There are no users but the one that the child runs as. */
static HRESULT file_AccessCheck(IHttpFileInfo *This, HANDLE hUserToken,
                                PSID pUserSid)
{
    (void)hUserToken;
    (void)pUserSid;
    return access(file_of(This)->facts.path, R_OK)
           ? HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED) : S_OK;
}

static HANDLE file_GetVrToken(IHttpFileInfo *This)
{
    (void)This;
    return NULL;
}

static PCWSTR file_GetVrPath(IHttpFileInfo *This)
{
    return file_of(This)->virtual_path;
}

static IHttpModuleContextContainer *file_GetModuleContextContainer(
    IHttpFileInfo *This)
{
    return &file_of(This)->container.iface.plain;
}

static BOOL file_CheckIfFileHasChanged(IHttpFileInfo *This,
                                       HANDLE hUserToken)
{
    const iisr_file_facts_t *then = &file_of(This)->facts;
    iisr_file_facts_t now;

    (void)hUserToken;
    return iisr_file_look(&now, then->path) != APR_SUCCESS
           || now.size != then->size || now.mtime != then->mtime
           || now.inode != then->inode || now.attributes != then->attributes;
}

IISR_VTABLE(IHttpFileInfo, file_vtbl) = {
    .base = {
        .GetCacheKey = file_GetCacheKey,
        .ReferenceCacheData = file_ReferenceCacheData,
        .DereferenceCacheData = file_DereferenceCacheData,
        .ResetTTL = file_ResetTTL,
        .DecrementTTL = file_DecrementTTL,
        .SetFlushed = file_SetFlushed,
        .GetFlushed = file_GetFlushed
    },
    .GetAttributes = file_GetAttributes,
    .GetSize = file_GetSize,
    .GetFileBuffer = file_GetFileBuffer,
    .GetFileHandle = file_GetFileHandle,
    .GetFilePath = file_GetFilePath,
    .GetETag = file_GetETag,
    .GetLastModifiedTime = file_GetLastModifiedTime,
    .GetLastModifiedString = file_GetLastModifiedString,
    .GetHttpCacheAllowed = file_GetHttpCacheAllowed,
    .AccessCheck = file_AccessCheck,
    .GetVrToken = file_GetVrToken,
    .GetVrPath = file_GetVrPath,
    .GetModuleContextContainer = file_GetModuleContextContainer,
    .CheckIfFileHasChanged = file_CheckIfFileHasChanged
} IISR_VTABLE_END;

/* --- making one --------------------------------------------------------- */

static DWORD attributes_of(const struct stat *st, const char *path)
{
    const char *name = strrchr(path, '/');
    DWORD attributes = 0;

    if (S_ISDIR(st->st_mode)) {
        attributes |= FILE_ATTRIBUTE_DIRECTORY;
    }
    if (!(st->st_mode & (S_IWUSR | S_IWGRP | S_IWOTH))) {
        attributes |= FILE_ATTRIBUTE_READONLY;
    }
    if (name && name[1] == '.') {
        attributes |= FILE_ATTRIBUTE_HIDDEN;
    }
    return attributes ? attributes : FILE_ATTRIBUTE_NORMAL;
}

apr_status_t iisr_file_look(iisr_file_facts_t *facts, const char *path)
{
    struct stat st;

    memset(facts, 0, sizeof(*facts));
    if (stat(path, &st)) {
        return errno;
    }
    facts->path = path;
    facts->size = st.st_size;
    facts->mtime = apr_time_from_sec(st.st_mtim.tv_sec)
                   + st.st_mtim.tv_nsec / 1000;
    facts->inode = st.st_ino;
    facts->attributes = attributes_of(&st, path);
    return APR_SUCCESS;
}

int iisr_file_info_is(IHttpFileInfo *info, const iisr_file_facts_t *facts)
{
    const iisr_file_facts_t *mine = &file_of(info)->facts;
    const char *v1 = mine->virtual_path, *v2 = facts->virtual_path;

    return !strcmp(mine->path, facts->path) && mine->size == facts->size
           && mine->mtime == facts->mtime && mine->inode == facts->inode
           && mine->attributes == facts->attributes
           && !strcmp(mine->etag, facts->etag)
           && (v1 ? v2 && !strcmp(v1, v2) : !v2);
}

IHttpFileInfo *iisr_file_info_create(const iisr_file_facts_t *facts,
                                     int keeps_content)
{
    apr_pool_t *pool;
    file_info_t *file;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return NULL;
    }
    apr_pool_tag(pool, "iisr_file_info");
    file = apr_pcalloc(pool, sizeof(*file));
    file->iface.lpVtbl = IISR_VPTR(file_vtbl);
    file->pool = pool;
    file->refs = 1;
    file->ttl = TTL;
    file->fd = -1;
    file->keeps_content = keeps_content;
    file->facts = *facts;
    file->facts.path = apr_pstrdup(pool, facts->path);
    file->facts.etag = apr_pstrdup(pool, facts->etag ? facts->etag : "");
    if (facts->virtual_path) {
        file->facts.virtual_path = apr_pstrdup(pool, facts->virtual_path);
        file->virtual_path = iisr_widen(pool, facts->virtual_path, NULL);
    }
    apr_rfc822_date(file->modified, facts->mtime);
    key_init(&file->key, iisr_widen(pool, facts->path, NULL));
    apr_thread_mutex_create(&file->lock, APR_THREAD_MUTEX_DEFAULT, pool);
    iisr_container_init(&file->container, IISR_CONTAINER_PLAIN);
    return &file->iface;
}
