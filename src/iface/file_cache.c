/* file_cache.c: the file infos of a child, by path: whoever asks for a file
 * that has not changed gets the same object, and so do the modules that
 * stored something with it.  Any thread; the least recently used go.
 */
#include <string.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include "objects.h"

#define FILES_MAX 256

struct iisr_files_t {
    apr_thread_mutex_t *lock;
    IHttpFileInfo *files[FILES_MAX];    /* the newest use is first */
    int nfiles, closed;
};

static IHttpCacheSpecificData *data_of(IHttpFileInfo *file)
{
    return (IHttpCacheSpecificData *)(void *)file;
}

static IHttpFileInfo *reference(IHttpFileInfo *file)
{
    file->lpVtbl->base.ReferenceCacheData(data_of(file));
    return file;
}

void iisr_file_info_release(IHttpFileInfo *file)
{
    if (file) {
        file->lpVtbl->base.DereferenceCacheData(data_of(file));
    }
}

iisr_files_t *iisr_files_create(apr_pool_t *pool)
{
    iisr_files_t *files = apr_pcalloc(pool, sizeof(*files));

    apr_thread_mutex_create(&files->lock, APR_THREAD_MUTEX_DEFAULT, pool);
    return files;
}

/* Lock held.  The place of the file of this path, or -1. */
static int find(iisr_files_t *files, const WCHAR *path)
{
    int i;

    for (i = 0; i < files->nfiles; i++) {
        IHttpFileInfo *file = files->files[i];

        if (!wcscmp(file->lpVtbl->GetFilePath(file), path)) {
            return i;
        }
    }
    return -1;
}

/* Lock held.  What falls out at the end, or was at this place. */
static IHttpFileInfo *put_first(iisr_files_t *files, IHttpFileInfo *file,
                                int at)
{
    IHttpFileInfo *out = NULL;

    if (at < 0 && files->nfiles < FILES_MAX) {
        at = files->nfiles++;
    }
    else {
        at = at < 0 ? FILES_MAX - 1 : at;
        out = files->files[at];
    }
    memmove(&files->files[1], &files->files[0],
            at * sizeof(files->files[0]));
    files->files[0] = file;
    return out;
}

IHttpFileInfo *iisr_files_get(iisr_files_t *files,
                              const iisr_file_facts_t *facts)
{
    IHttpFileInfo *fresh = iisr_file_info_create(facts, 1), *out, *file;
    int at;

    if (!fresh) {
        return NULL;
    }
    apr_thread_mutex_lock(files->lock);
    at = find(files, fresh->lpVtbl->GetFilePath(fresh));
    if (at >= 0 && iisr_file_info_is(files->files[at], facts)) {
        file = reference(files->files[at]);
        put_first(files, file, at);
        out = fresh;
    }
    else if (files->closed) {
        file = fresh;
        out = NULL;
    }
    else {
        file = reference(fresh);
        out = put_first(files, fresh, at);
    }
    apr_thread_mutex_unlock(files->lock);
    /* May run CleanupStoredContext. */
    iisr_file_info_release(out);
    return file;
}

IHttpFileInfo *iisr_files_find(iisr_files_t *files, const WCHAR *path)
{
    IHttpFileInfo *file = NULL;
    int at;

    apr_thread_mutex_lock(files->lock);
    if ((at = find(files, path)) >= 0) {
        file = reference(files->files[at]);
    }
    apr_thread_mutex_unlock(files->lock);
    return file;
}

void iisr_files_drop(iisr_files_t *files, const WCHAR *prefix)
{
    apr_size_t length = wcslen(prefix);
    IHttpFileInfo *out;
    int i;

    do {
        out = NULL;
        apr_thread_mutex_lock(files->lock);
        for (i = 0; !out && i < files->nfiles; i++) {
            IHttpFileInfo *file = files->files[i];

            if (!wcsncmp(file->lpVtbl->GetFilePath(file), prefix, length)) {
                out = file;
                memmove(&files->files[i], &files->files[i + 1],
                        (--files->nfiles - i) * sizeof(files->files[0]));
            }
        }
        apr_thread_mutex_unlock(files->lock);
        iisr_file_info_release(out);
    } while (out);
}

void iisr_files_close(iisr_files_t *files)
{
    apr_thread_mutex_lock(files->lock);
    files->closed = 1;
    apr_thread_mutex_unlock(files->lock);
    iisr_files_drop(files, L"");
}
