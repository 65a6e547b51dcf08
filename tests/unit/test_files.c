/* test_files.c: IHttpFileInfo, its cache, and IHttpFileMonitor; and what the
 * context says of the file, the URL and the handler of its request.
 */
#include <fcntl.h>
#include <unistd.h>
#include <sys/stat.h>
#include "small_host.h"
#include "httpcach.h"

#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)

#define CONTEXT ((IHttpContext *)(void *)&ctx->handle->iface)
#define CALL(method, ...) \
    ctx->handle->iface.lpVtbl->base.base.base.method(CONTEXT, ##__VA_ARGS__)
#define SERVER ((IHttpServer *)(void *)server)
#define SERVER_CALL(method, ...) \
    server->lpVtbl->base.base.method(SERVER, ##__VA_ARGS__)
#define DATA(file) ((IHttpCacheSpecificData *)(void *)(file))

static IHttpServer3 *server;
static char folder[] = "/tmp/iisr-files-XXXXXX", path[64];
static WCHAR wide[64], wide_folder[64];
static apr_thread_mutex_t *lock;
static int told;
static WCHAR told_path[128];
static IHttpFileMonitor *told_monitor;

static void changed(void *baton, IHttpFileMonitor *monitor,
                    const WCHAR *which)
{
    (void)baton;
    apr_thread_mutex_lock(lock);
    told++;
    told_monitor = monitor;
    wcsncpy(told_path, which, 127);
    apr_thread_mutex_unlock(lock);
}

static void put(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");

    ck_assert_ptr_nonnull(f);
    fputs(text, f);
    fclose(f);
}

static void setup(void)
{
    static const iisr_server_hooks_t hooks = {
        .log = small_server_log, .file_changed = changed
    };

    small_setup();
    strcpy(folder, "/tmp/iisr-files-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/a.txt", folder);
    swprintf(wide, 64, L"%s", path);
    swprintf(wide_folder, 64, L"%s", folder);
    put(path, "hello");
    apr_thread_mutex_create(&lock, APR_THREAD_MUTEX_DEFAULT, pool);
    told = 0;
    server = iisr_server_create(pool, "pool", NULL, &hooks);
    ctx->around.server = server;
}

static void teardown(void)
{
    if (ctx) {
        small_close();
    }
    iisr_server_close(server);
    small_teardown();
    unlink(path);
    rmdir(folder);
}

static IHttpFileInfo *get(BOOL cached)
{
    IHttpFileInfo *file = NULL;

    ck_assert_int_eq(SERVER_CALL(GetFileInfo, wide, NULL, NULL, L"/a.txt",
                                 NULL, cached, &file, NULL), S_OK);
    return file;
}

static void let_go(IHttpFileInfo *file)
{
    file->lpVtbl->base.DereferenceCacheData(DATA(file));
}

/* --- the file ----------------------------------------------------------- */

START_TEST(file_info_tells_of_the_file)
{
    IHttpFileInfo *file = get(FALSE);
    const struct IHttpFileInfoVtbl *v = file->lpVtbl;
    ULARGE_INTEGER size;
    FILETIME time;
    USHORT length;
    DWORD seconds = 42;
    char text[6] = "";

    v->GetSize(file, &size);
    ck_assert_uint_eq(size.QuadPart, 5);
    ck_assert_uint_eq(v->GetAttributes(file), FILE_ATTRIBUTE_NORMAL);
    ck_assert(!wcscmp(v->GetFilePath(file), wide));
    ck_assert(!wcscmp(v->GetVrPath(file), L"/a.txt"));
    ck_assert_int_eq(v->GetETag(file, &length)[0], '"');
    ck_assert_uint_eq(length, strlen(v->GetETag(file, NULL)));
    v->GetLastModifiedTime(file, &time);
    /* The last week of 2000 in units of 1601. */
    ck_assert_uint_gt(time.dwHighDateTime, 0x01C06F00);
    ck_assert_ptr_nonnull(strstr(v->GetLastModifiedString(file), " GMT"));
    ck_assert(!v->GetHttpCacheAllowed(file, &seconds));
    ck_assert_int_eq(v->AccessCheck(file, NULL, NULL), S_OK);
    ck_assert_ptr_null(v->GetVrToken(file));
    ck_assert_int_eq(pread(iis_fd_from_handle(v->GetFileHandle(file)), text,
                           5, 0), 5);
    ck_assert_str_eq(text, "hello");
    ck_assert_ptr_null(v->GetFileBuffer(file));
    ck_assert(!v->CheckIfFileHasChanged(file, NULL));
    put(path, "longer than before");
    ck_assert(v->CheckIfFileHasChanged(file, NULL));
    unlink(path);
    ck_assert(v->CheckIfFileHasChanged(file, NULL));
    ck_assert_int_eq(v->AccessCheck(file, NULL, NULL),
                     HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED));
    let_go(file);
}
END_TEST

START_TEST(file_info_is_an_entry_of_a_cache)
{
    IHttpFileInfo *file = get(TRUE);
    IHttpCacheSpecificData *data = DATA(file);
    IHttpCacheKey *key = data->lpVtbl->GetCacheKey(data);
    IFileKey *file_key = (IFileKey *)(void *)key;
    IHttpFileInfo *again = get(TRUE);
    IHttpCacheSpecificData *found = NULL;
    BOOL expired = TRUE;

    ck_assert_ptr_eq(again, file);
    ck_assert_str_eq((const char *)file->lpVtbl->GetFileBuffer(file),
                     "hello");
    ck_assert(!wcscmp(key->lpVtbl->GetCacheName(key), FILE_CACHE_NAME));
    ck_assert(!wcscmp(file_key->lpVtbl->GetPath(file_key), wide));
    ck_assert(key->lpVtbl->GetIsEqual(key, key));
    ck_assert(key->lpVtbl->GetIsPrefix(key, key));
    ck_assert_uint_ne(key->lpVtbl->GetHash(key), 0);
    key->lpVtbl->Enum(key, data);
    data->lpVtbl->DecrementTTL(data, &expired);
    ck_assert(!expired);
    data->lpVtbl->DecrementTTL(data, &expired);
    ck_assert(expired);
    data->lpVtbl->ResetTTL(data);
    data->lpVtbl->DecrementTTL(data, &expired);
    ck_assert(!expired);
    ck_assert(!data->lpVtbl->GetFlushed(data));
    data->lpVtbl->SetFlushed(data);
    ck_assert(data->lpVtbl->GetFlushed(data));
    ck_assert_int_eq(SERVER_CALL(DoCacheOperation, CACHE_OPERATION_RETRIEVE,
                                 key, &found, NULL), S_OK);
    ck_assert_ptr_eq(found, data);
    data->lpVtbl->ReferenceCacheData(data);
    let_go((IHttpFileInfo *)(void *)found);
    ck_assert_str_eq((const char *)file->lpVtbl->GetFileBuffer(file),
                     "hello");
    let_go(file);
    SERVER_CALL(DoCacheOperation, CACHE_OPERATION_FLUSH_PREFIX, key, NULL,
                NULL);
    let_go(again);
    again = get(TRUE);
    ck_assert_ptr_ne(again, file);
    let_go(again);
    let_go(file);
}
END_TEST

static int cleaned;
static void count_cleanup(IHttpStoredContext *This)
{
    (void)This;
    cleaned++;
}

static const struct IHttpStoredContextVtbl stored_table = { count_cleanup };

START_TEST(file_that_changed_is_another_object)
{
    IHttpStoredContext stored = { &stored_table };
    IHttpFileInfo *old = get(TRUE), *fresh;
    IHttpModuleContextContainer *c =
        old->lpVtbl->GetModuleContextContainer(old);

    cleaned = 0;
    ck_assert_int_eq(c->lpVtbl->SetModuleContext(c, &stored, (void *)1),
                     S_OK);
    put(path, "something else");
    fresh = get(TRUE);
    ck_assert_ptr_ne(fresh, old);
    ck_assert_int_eq(cleaned, 0);
    let_go(old);
    ck_assert_int_eq(cleaned, 1);
    let_go(fresh);
}
END_TEST

START_TEST(file_that_is_not_there_is_an_error)
{
    IHttpFileInfo *file = (void *)server;

    ck_assert_int_eq(SERVER_CALL(GetFileInfo, L"/no/such", NULL, NULL, NULL,
                                 NULL, TRUE, &file, NULL),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ck_assert_ptr_null(file);
    ck_assert_int_eq(SERVER_CALL(GetFileInfo, NULL, NULL, NULL, NULL, NULL,
                                 TRUE, &file, NULL), INVALID_PARAMETER);
    ck_assert_int_eq(SERVER_CALL(GetFileInfo, wide, NULL, NULL, NULL, NULL,
                                 TRUE, NULL, NULL), INVALID_PARAMETER);
    iisr_server_close(server);
    ck_assert_int_eq(SERVER_CALL(GetFileInfo, wide, NULL, NULL, NULL, NULL,
                                 TRUE, &file, NULL), E_FAIL);
}
END_TEST

START_TEST(folder_is_a_directory_without_content)
{
    IHttpFileInfo *file = NULL;

    SERVER_CALL(GetFileInfo, wide_folder, NULL, NULL, NULL, NULL, TRUE, &file,
                NULL);
    ck_assert(file->lpVtbl->GetAttributes(file) & FILE_ATTRIBUTE_DIRECTORY);
    ck_assert_ptr_null(file->lpVtbl->GetFileBuffer(file));
    ck_assert_ptr_eq(file->lpVtbl->GetFileHandle(file), INVALID_HANDLE_VALUE);
    ck_assert_ptr_null(file->lpVtbl->GetVrPath(file));
    let_go(file);
}
END_TEST

/* --- of a request ------------------------------------------------------- */

START_TEST(request_has_the_file_it_is_mapped_to)
{
    IHttpFileInfo *file;

    ck_assert_ptr_null(CALL(GetFileInfo));
    hr.file = path;
    file = CALL(GetFileInfo);
    ck_assert_ptr_nonnull(file);
    ck_assert_ptr_eq(CALL(GetFileInfo), file);
    ck_assert_str_eq(file->lpVtbl->GetETag(file, NULL), "\"small\"");
    put(path, "changed meanwhile");
    ck_assert_ptr_ne(CALL(GetFileInfo), file);
    /* The first one is still the request's. */
    ck_assert(file->lpVtbl->CheckIfFileHasChanged(file, NULL));
}
END_TEST

START_TEST(url_info_outlives_its_request)
{
    IHttpStoredContext stored = { &stored_table };
    IHttpUrlInfo *url = CALL(GetUrlInfo), *again;
    IHttpModuleContextContainer *c =
        url->lpVtbl->GetModuleContextContainer(url);
    iisr_shelf_t *urls = iisr_urls_create(pool);
    int i;

    ck_assert_ptr_eq(CALL(GetUrlInfo), url);
    iisr_enter(ctx);
    ck_assert_int_eq(iisr_request_set_url(ctx, "/b", NULL), APR_SUCCESS);
    iisr_leave(ctx);
    ck_assert_ptr_ne(CALL(GetUrlInfo), url);
    cleaned = 0;
    ck_assert_int_eq(c->lpVtbl->SetModuleContext(c, &stored, (void *)1),
                     S_OK);
    small_close();
    ck_assert_int_eq(cleaned, 0);
    iisr_server_close(server);
    ck_assert_int_eq(cleaned, 1);
    /* By itself: frequently hit, and too many. */
    url = iisr_urls_get(urls, "/x");
    ck_assert(!url->lpVtbl->IsFrequentlyHit(url));
    again = iisr_urls_get(urls, "/x");
    ck_assert_ptr_eq(again, url);
    ck_assert(url->lpVtbl->IsFrequentlyHit(url));
    iisr_shelf_release(again);
    for (i = 0; i < 3000; i++) {
        iisr_shelf_release(iisr_urls_get(urls, apr_itoa(pool, i)));
    }
    again = iisr_urls_get(urls, "/x");
    ck_assert_ptr_ne(again, url);
    iisr_shelf_release(again);
    iisr_shelf_release(url);
    iisr_shelf_close(urls);
}
END_TEST

START_TEST(script_map_is_the_handler)
{
    IScriptMapInfo *map;
    const struct IScriptMapInfoVtbl *v;
    DWORD length = 99;

    ck_assert_ptr_null(CALL(GetScriptMap));
    hr.handler = "iis";
    map = CALL(GetScriptMap);
    ck_assert_ptr_eq(CALL(GetScriptMap), map);
    v = map->lpVtbl;
    ck_assert(!wcscmp(v->GetName(map), L"iis"));
    ck_assert(!wcscmp(v->GetPath(map), L"*"));
    ck_assert_str_eq(v->GetAllowedVerbs(map), "*");
    ck_assert(!wcscmp(v->GetModules(map, &length), L"one,two"));
    ck_assert_uint_eq(length, 7);
    ck_assert(!wcscmp(v->GetScriptProcessor(map, &length), L""));
    ck_assert_uint_eq(length, 0);
    ck_assert(!wcscmp(v->GetManagedType(map, NULL), L""));
    ck_assert(v->GetAllowPathInfoForScriptMappings(map));
    ck_assert_uint_eq(v->GetRequiredAccess(map), 3);
    ck_assert_uint_eq(v->GetResourceType(map), 2);
    ck_assert(v->GetIsStarScriptMap(map));
    ck_assert_uint_eq(v->GetResponseBufferLimit(map), 1 << 22);
    hr.handler = "other";
    ck_assert_ptr_ne(CALL(GetScriptMap), map);
}
END_TEST

START_TEST(handler_of_another_url_is_found)
{
    IScriptMapInfo *map = NULL;

    ck_assert_int_eq(CALL(MapHandler, 0, NULL, L"/x.asp", "POST", &map,
                          FALSE), S_OK);
    ck_assert(!wcscmp(map->lpVtbl->GetName(map), L"asp"));
    ck_assert_str_eq(map->lpVtbl->GetAllowedVerbs(map), "POST");
    ck_assert_int_eq(CALL(MapHandler, 0, NULL, L"/x.asp", "POST", &map,
                          TRUE), S_OK);
    ck_assert_ptr_null(map);
    ck_assert_int_eq(CALL(MapHandler, 7, NULL, L"/x.asp", "GET", &map, FALSE),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ck_assert_int_eq(CALL(MapHandler, 0, NULL, L"/x", "GET", &map, FALSE),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ck_assert_int_eq(CALL(MapHandler, 0, NULL, L"x", "GET", &map, FALSE),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL(MapHandler, 0, NULL, L"/x", "GET", NULL, FALSE),
                     INVALID_PARAMETER);
    ck_assert_int_eq(hr.warnings, 2);
}
END_TEST

/* --- monitors ----------------------------------------------------------- */

static int wait_for(int count)
{
    int i, now;

    for (i = 0; i < 1000; i++) {
        apr_thread_mutex_lock(lock);
        now = told;
        apr_thread_mutex_unlock(lock);
        if (now >= count) {
            break;
        }
        usleep(10000);
    }
    return now;
}

START_TEST(monitor_tells_of_changes_until_it_is_dereferenced)
{
    IHttpStoredContext stored = { &stored_table };
    IHttpFileMonitor *monitor = NULL, *second = NULL;
    IHttpModuleContextContainer *c;

    cleaned = 0;
    ck_assert_int_eq(SERVER_CALL(RegisterFileChangeMonitor, wide_folder, NULL,
                                 &monitor), S_OK);
    c = monitor->lpVtbl->GetModuleContextContainer(monitor);
    ck_assert_int_eq(c->lpVtbl->SetModuleContext(c, &stored, (void *)1),
                     S_OK);
    put(path, "changed");
    ck_assert_int_ge(wait_for(1), 1);
    apr_thread_mutex_lock(lock);
    ck_assert_ptr_eq(told_monitor, monitor);
    ck_assert(!wcscmp(told_path, wide));
    apr_thread_mutex_unlock(lock);
    /* Two of one folder: each is told, and one goes without the other. */
    ck_assert_int_eq(SERVER_CALL(RegisterFileChangeMonitor, wide_folder, NULL,
                                 &second), S_OK);
    monitor->lpVtbl->DereferenceFileMonitor(monitor);
    ck_assert_int_eq(cleaned, 1);
    apr_thread_mutex_lock(lock);
    told = 0;
    apr_thread_mutex_unlock(lock);
    put(path, "again");
    ck_assert_int_ge(wait_for(1), 1);
    second->lpVtbl->DereferenceFileMonitor(second);
}
END_TEST

static void reset_told(void)
{
    apr_thread_mutex_lock(lock);
    told = 0;
    told_path[0] = L'\0';
    apr_thread_mutex_unlock(lock);
}

/* Whether the last that was told is this, waited for. */
static void expect_told(const char *what)
{
    WCHAR expected[128];
    int i, same = 0;

    swprintf(expected, 128, L"%s", what);
    for (i = 0; i < 1000 && !same; i++) {
        apr_thread_mutex_lock(lock);
        same = !wcscmp(told_path, expected);
        apr_thread_mutex_unlock(lock);
        if (!same) {
            usleep(10000);
        }
    }
    ck_assert_msg(same, "%s: %ls", what, told_path);
    reset_told();
}

START_TEST(monitor_looks_below_its_folder)
{
    const char *one = apr_pstrcat(pool, folder, "/one", NULL),
               *deep = apr_pstrcat(pool, one, "/two", NULL),
               *moved = apr_pstrcat(pool, folder, "/moved", NULL),
               *new_file = apr_pstrcat(pool, deep, "/b.txt", NULL),
               *away = apr_pstrcat(pool, folder, "-away", NULL);
    IHttpFileMonitor *monitor = NULL;

    /* There already, made later, moved inside, moved out. */
    ck_assert_int_eq(mkdir(one, 0755), 0);
    ck_assert_int_eq(SERVER_CALL(RegisterFileChangeMonitor, wide_folder, NULL,
                                 &monitor), S_OK);
    put(apr_pstrcat(pool, one, "/a.txt", NULL), "x");
    expect_told(apr_pstrcat(pool, one, "/a.txt", NULL));
    ck_assert_int_eq(mkdir(deep, 0755), 0);
    expect_told(deep);
    put(new_file, "x");
    expect_told(new_file);
    ck_assert_int_eq(rename(one, moved), 0);
    expect_told(moved);
    put(apr_pstrcat(pool, moved, "/two/b.txt", NULL), "y");
    expect_told(apr_pstrcat(pool, moved, "/two/b.txt", NULL));
    ck_assert_int_eq(rename(moved, away), 0);
    expect_told(moved);
    put(apr_pstrcat(pool, away, "/two/b.txt", NULL), "z");
    put(path, "again");
    expect_told(path);
    monitor->lpVtbl->DereferenceFileMonitor(monitor);
    ck_assert_int_eq(system(apr_pstrcat(pool, "rm -r ", away, NULL)), 0);
}
END_TEST

START_TEST(monitor_of_nothing_is_an_error)
{
    IHttpFileMonitor *monitor = (void *)server;

    ck_assert_int_eq(SERVER_CALL(RegisterFileChangeMonitor, L"/no/such", NULL,
                                 &monitor),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ck_assert_ptr_null(monitor);
    ck_assert_int_eq(SERVER_CALL(RegisterFileChangeMonitor, NULL, NULL,
                                 &monitor), INVALID_PARAMETER);
    ck_assert_int_eq(SERVER_CALL(RegisterFileChangeMonitor, wide_folder, NULL,
                                 NULL), INVALID_PARAMETER);
}
END_TEST

START_TEST(module_may_say_that_a_file_changed)
{
    IHttpFileInfo *file = get(TRUE), *again;

    SERVER_CALL(NotifyFileChange, wide);
    ck_assert_int_eq(told, 1);
    ck_assert_ptr_null(told_monitor);
    again = get(TRUE);
    ck_assert_ptr_ne(again, file);
    SERVER_CALL(NotifyFileChange, NULL);
    ck_assert_int_eq(told, 1);
    let_go(again);
    let_go(file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("files");
    TCase *tc = tcase_create("files");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 30);
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, file_info_tells_of_the_file);
    tcase_add_test(tc, file_info_is_an_entry_of_a_cache);
    tcase_add_test(tc, file_that_changed_is_another_object);
    tcase_add_test(tc, file_that_is_not_there_is_an_error);
    tcase_add_test(tc, folder_is_a_directory_without_content);
    tcase_add_test(tc, request_has_the_file_it_is_mapped_to);
    tcase_add_test(tc, url_info_outlives_its_request);
    tcase_add_test(tc, script_map_is_the_handler);
    tcase_add_test(tc, handler_of_another_url_is_found);
    tcase_add_test(tc, monitor_tells_of_changes_until_it_is_dereferenced);
    tcase_add_test(tc, monitor_looks_below_its_folder);
    tcase_add_test(tc, monitor_of_nothing_is_an_error);
    tcase_add_test(tc, module_may_say_that_a_file_changed);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
