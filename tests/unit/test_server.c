/* test_server.c: IHttpServer3: names, refusals, versions, caches, counters,
 * and what the worker process says of itself.
 */
#include "small_host.h"
#include "httpcach.h"
#include "iis_uuid.h"
#include "wpframework.h"

#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define NOT_SUPPORTED HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)

#define SERVER ((IHttpServer *)(void *)server)
#define SERVER2 ((IHttpServer2 *)(void *)server)
#define CALL(method, ...) \
    server->lpVtbl->base.base.method(SERVER, ##__VA_ARGS__)
#define CALL2(method, ...) server->lpVtbl->base.method(SERVER2, ##__VA_ARGS__)

static IHttpServer3 *server;
static int recycles, failures, customs, changes, operations;
static volatile apr_uint32_t cells[IISR_COUNTERS];

static void recycle(void *baton, const char *reason)
{
    (void)baton;
    ck_assert_str_eq(reason, "because");
    recycles++;
}

static void unhealthy(void *baton, const char *reason, HRESULT code)
{
    (void)baton;
    ck_assert_str_eq(reason, "sick");
    ck_assert_int_eq(code, E_FAIL);
    failures++;
}

static GLOBAL_NOTIFICATION_STATUS custom(void *baton,
                                         ICustomNotificationProvider *p)
{
    (void)baton;
    (void)p;
    customs++;
    return GL_NOTIFICATION_HANDLED;
}

static void configuration_changed(void *baton, const WCHAR *path)
{
    (void)baton;
    ck_assert(!wcscmp(path, L"MACHINE/WEBROOT"));
    changes++;
}

static GLOBAL_NOTIFICATION_STATUS cache_operation(
    void *baton, CACHE_OPERATION operation, IHttpCacheKey *key,
    IHttpCacheSpecificData **record, IHttpTraceContext *trace)
{
    (void)baton;
    (void)key;
    (void)record;
    (void)trace;
    operations++;
    return operation == CACHE_OPERATION_ENUM ? GL_NOTIFICATION_HANDLED
                                             : GL_NOTIFICATION_CONTINUE;
}

static int place(void *baton, apr_pool_t *p, const char *site,
                 const char *url, const char **config_path,
                 const char **physical)
{
    (void)baton;
    *config_path = apr_pstrcat(p, "MACHINE/", site, url, NULL);
    *physical = "/srv";
    return strcmp(site, "nowhere");
}

static void setup(void)
{
    static const iisr_server_hooks_t hooks = {
        .log = small_server_log, .recycle = recycle, .unhealthy = unhealthy,
        .custom = custom, .configuration_changed = configuration_changed,
        .cache_operation = cache_operation, .place = place,
        .fragment_bytes = 1000, .counters = cells
    };

    small_setup();
    recycles = failures = customs = changes = operations = 0;
    server = iisr_server_create(pool, "pool", "/etc/pool.config", &hooks);
}

static void teardown(void)
{
    iisr_server_close(server);
    small_teardown();
}

/* --- names and process -------------------------------------------------- */

START_TEST(server_has_names)
{
    DWORD length;

    ck_assert(!wcscmp(CALL(GetAppPoolName), L"pool"));
    ck_assert(!wcscmp(CALL2(GetAppPoolConfigFile, &length),
                      L"/etc/pool.config"));
    ck_assert_uint_eq(length, 16);
    ck_assert(!CALL(IsCommandLineLaunch));
    ck_assert_ptr_nonnull(CALL(GetTraceContext));
    /* The host's own, whatever that is. */
    ck_assert_ptr_null(CALL(GetAdminManager));
    CALL(IncrementThreadCount);
    CALL(DecrementThreadCount);
}
END_TEST

START_TEST(server_tells_the_host)
{
    ICustomNotificationProvider provider;

    CALL(RecycleProcess, L"because");
    CALL(RecycleApplication, L"because");
    ck_assert_int_eq(recycles, 2);
    CALL(ReportUnhealthy, L"sick", E_FAIL);
    ck_assert_int_eq(failures, 1);
    ck_assert_int_eq(CALL(NotifyCustomNotification, &provider),
                     GL_NOTIFICATION_HANDLED);
    ck_assert_int_eq(CALL(NotifyCustomNotification, NULL),
                     GL_NOTIFICATION_CONTINUE);
    ck_assert_int_eq(customs, 1);
    CALL(NotifyConfigurationChange, L"MACHINE/WEBROOT");
    CALL(NotifyConfigurationChange, NULL);
    ck_assert_int_eq(changes, 1);
}
END_TEST

START_TEST(server_refuses_what_windows_has_alone_and_says_so_once)
{
    IHttpTokenEntry *token = (void *)server;
    void *out = server;
    ULONG bytes = 42;
    int i;

    for (i = 0; i < 2; i++) {
        ck_assert_int_eq(CALL(FlushKernelCache, L"/"), NOT_SUPPORTED);
        ck_assert_int_eq(CALL(AssociateWithThreadPool, NULL, NULL),
                         NOT_SUPPORTED);
        ck_assert_int_eq(CALL2(GetToken, L"joe", L"x", 2, &token, NULL, NULL,
                               NULL), NOT_SUPPORTED);
        ck_assert_ptr_null(token);
        ck_assert_int_eq(CALL(GetProtocolManagerCustomInterface, L"x.dll",
                              L"Init", 1, &out),
                         HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
        ck_assert_ptr_null(out);
    }
    ck_assert_int_eq(small_lines, 4);
    ck_assert_int_eq(server->lpVtbl->QueryRequestProperty(server, 1, 0, NULL,
                     0, NULL, 0, &bytes, NULL), NOT_SUPPORTED);
    ck_assert_uint_eq(bytes, 0);
    ck_assert_int_eq(CALL(FlushKernelCache, NULL), INVALID_PARAMETER);
    ck_assert_int_eq(CALL2(GetToken, L"joe", L"x", 2, NULL, NULL, NULL, NULL),
                     INVALID_PARAMETER);
}
END_TEST

static HRESULT property(HTTP_OPAQUE_ID id, PVOID out, ULONG size,
                        ULONG *bytes)
{
    return server->lpVtbl->QueryRequestProperty(server, id,
        HttpRequestPropertySni, NULL, 0, out, size, bytes, NULL);
}

static REQUEST_NOTIFICATION_STATUS ask_name(CHttpModule *This,
                                            IHttpContext *context,
                                            IHttpEventProvider *provider)
{
    HTTP_REQUEST_PROPERTY_SNI sni;
    ULONG bytes = 0;

    (void)This;
    (void)context;
    (void)provider;
    ck_assert_int_eq(property(9, NULL, 0, &bytes),
                     HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    ck_assert_uint_eq(bytes, sizeof(sni));
    ck_assert_int_eq(property(9, &sni, sizeof(sni) - 1, NULL),
                     HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    ck_assert_int_eq(property(8, &sni, sizeof(sni), NULL),
                     HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID));
    ck_assert_int_eq(property(9, &sni, sizeof(sni), NULL), S_OK);
    ck_assert(!*sni.Hostname);
    ck_assert_uint_eq(sni.Flags, 2);
    hr.tls.der = (const unsigned char *)"abc";
    hr.tls.server_name = "name.example";
    ck_assert_int_eq(property(9, &sni, sizeof(sni), &bytes), S_OK);
    ck_assert(!wcscmp(sni.Hostname, L"name.example"));
    ck_assert_uint_eq(sni.Flags, 1);
    return RQ_NOTIFICATION_CONTINUE;
}

START_TEST(the_name_that_a_client_asked_for_is_a_property)
{
    HTTP_REQUEST_PROPERTY_SNI sni;

    small_take_part(IISR_EV_BEGIN);
    module_table.OnBeginRequest = ask_name;
    small_run(IISR_EV_BEGIN);
    ck_assert_uint_eq(hr.tls.length, 0);
    ck_assert_ptr_nonnull(hr.tls.der);
    /* Outside of a notification no request is meant. */
    ck_assert_int_eq(property(9, &sni, sizeof(sni), NULL),
                     HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID));
}
END_TEST

START_TEST(server_knows_preconditions)
{
    static const struct {
        const WCHAR *text;
        BOOL satisfied, unknown;
    } rows[] = {
        { L"integratedMode", TRUE, FALSE }, { L"ISAPIMode", FALSE, FALSE },
        { L"integratedMode,bitness32,bitness64", FALSE, FALSE },
        { L"runtimeVersionv2.0", FALSE, FALSE },
        { L"appPoolName=a;pool", TRUE, FALSE },
        { L"appPoolName=a;poo", FALSE, FALSE },
        { L"appPoolName=", FALSE, FALSE }, { L"nonsense", FALSE, TRUE },
        { L"", TRUE, FALSE }, { NULL, FALSE, FALSE }
    };
    BOOL unknown;
    unsigned int i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_int_eq(CALL(SatisfiesPrecondition, rows[i].text, &unknown),
                         rows[i].satisfied);
        ck_assert_int_eq(unknown, rows[i].unknown);
        ck_assert_int_eq(CALL(SatisfiesPrecondition, rows[i].text, NULL),
                         rows[i].satisfied);
    }
}
END_TEST

START_TEST(container_is_dispensed)
{
    IDispensedHttpModuleContextContainer *container = CALL(DispenseContainer);

    ck_assert_ptr_nonnull(container);
    container->lpVtbl->ReleaseContainer(container);
}
END_TEST

/* --- versions ----------------------------------------------------------- */

START_TEST(versions_of_one_interface_are_one_object)
{
    void *out = NULL;

    ck_assert_int_eq(CALL(GetExtendedInterface, HTTP_SERVER_INTERFACE_V3,
                          &out), S_OK);
    ck_assert_ptr_eq(out, server);
    ck_assert_int_eq(CALL(GetExtendedInterface, 42, &out), INVALID_PARAMETER);
    ck_assert_ptr_null(out);
    ck_assert_int_eq(CALL2(GetExtendedInterfaceByGuid, &IID_IHttpContext, ctx,
                           &IID_IHttpContext4, &out), S_OK);
    ck_assert_ptr_eq(out, ctx);
    ck_assert_int_eq(CALL2(GetExtendedInterfaceByGuid, &IID_IHttpResponse3,
                           ctx, &IID_IHttpResponse, &out), S_OK);
    ck_assert_int_eq(CALL2(GetExtendedInterfaceByGuid, &IID_IHttpUser, ctx,
                           &IID_IHttpUser, &out), S_OK);
    ck_assert_int_eq(CALL2(GetExtendedInterfaceByGuid, &IID_IHttpContext, ctx,
                           &IID_IHttpResponse, &out), E_NOINTERFACE);
    ck_assert_ptr_null(out);
    ck_assert_int_eq(CALL2(GetExtendedInterfaceByGuid, &IID_IHttpContext,
                           NULL, &IID_IHttpContext2, &out),
                     INVALID_PARAMETER);
}
END_TEST

/* --- fragments ---------------------------------------------------------- */

static HRESULT add(const WCHAR *name, const char *text)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };

    chunk.FromMemory.pBuffer = (void *)(apr_uintptr_t)text;
    chunk.FromMemory.BufferLength = (ULONG)strlen(text);
    return CALL(AddFragmentToCache, &chunk, name);
}

START_TEST(fragment_is_kept_read_and_removed)
{
    BYTE buffer[16];
    DWORD n = 99;

    ck_assert_int_eq(CALL(ReadFragmentFromCache, L"a", buffer, 16, &n),
                     HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND));
    ck_assert_uint_eq(n, 0);
    ck_assert_int_eq(CALL(RemoveFragmentFromCache, L"a"),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ck_assert_int_eq(add(L"a", "hello"), S_OK);
    ck_assert_int_eq(add(L"a", "world!"), S_OK);
    ck_assert_int_eq(CALL(ReadFragmentFromCache, L"a", buffer, 16, &n), S_OK);
    ck_assert_uint_eq(n, 6);
    ck_assert_mem_eq(buffer, "world!", 6);
    ck_assert_int_eq(CALL(ReadFragmentFromCache, L"a", buffer, 5, &n),
                     HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    ck_assert_uint_eq(n, 6);
    ck_assert_int_eq(CALL(RemoveFragmentFromCache, L"a"), S_OK);
    ck_assert_int_eq(CALL(RemoveFragmentFromCache, L"a"),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
}
END_TEST

START_TEST(fragments_stay_within_their_limit)
{
    char half[401];
    BYTE buffer[1000];

    memset(half, 'x', 400);
    half[400] = '\0';
    ck_assert_int_eq(add(L"one", half), S_OK);
    ck_assert_int_eq(add(L"two", half), S_OK);
    /* The one that was used goes last. */
    ck_assert_int_eq(CALL(ReadFragmentFromCache, L"one", buffer, 1000, NULL),
                     S_OK);
    ck_assert_int_eq(add(L"three", half), S_OK);
    ck_assert_int_eq(CALL(ReadFragmentFromCache, L"one", buffer, 1000, NULL),
                     S_OK);
    ck_assert_int_eq(CALL(ReadFragmentFromCache, L"two", buffer, 1000, NULL),
                     HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND));
}
END_TEST

START_TEST(fragment_that_cannot_be_kept_is_refused)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };
    char huge[1001];

    memset(huge, 'x', 1000);
    huge[1000] = '\0';
    ck_assert_int_eq(add(L"huge", huge), INVALID_PARAMETER);
    ck_assert_int_eq(add(NULL, "x"), E_INVALIDARG);
    ck_assert_int_eq(add(L"", "x"), E_INVALIDARG);
    ck_assert_int_eq(CALL(AddFragmentToCache, NULL, L"a"), E_INVALIDARG);
    chunk.FromMemory.BufferLength = 5;
    ck_assert_int_eq(CALL(AddFragmentToCache, &chunk, L"a"),
                     INVALID_PARAMETER);
    chunk.DataChunkType = HttpDataChunkFromFragmentCache;
    ck_assert_int_eq(CALL(AddFragmentToCache, &chunk, L"a"),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL(ReadFragmentFromCache, NULL, NULL, 0, NULL),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL(RemoveFragmentFromCache, NULL), INVALID_PARAMETER);
}
END_TEST

/* --- records under keys ------------------------------------------------- */

typedef struct record_t {
    IHttpCacheSpecificData data;
    IHttpCacheKey key;
    const WCHAR *name;
    int refs, flushed;
} record_t;

static record_t *record_of_key(IHttpCacheKey *key)
{
    return (record_t *)(void *)((char *)key - APR_OFFSETOF(record_t, key));
}

static DWORD key_hash(IHttpCacheKey *This)
{
    (void)This;
    return 1;
}

static PCWSTR key_cache_name(IHttpCacheKey *This)
{
    (void)This;
    return L"MINE";
}

static bool key_equal(IHttpCacheKey *This, IHttpCacheKey *other)
{
    return !wcscmp(record_of_key(This)->name, record_of_key(other)->name);
}

static bool key_prefix(IHttpCacheKey *This, IHttpCacheKey *other)
{
    const WCHAR *name = record_of_key(This)->name;

    return !wcsncmp(name, record_of_key(other)->name, wcslen(name));
}

static IHttpCacheKey *record_key(IHttpCacheSpecificData *This)
{
    return &((record_t *)(void *)This)->key;
}

static void record_reference(IHttpCacheSpecificData *This)
{
    ((record_t *)(void *)This)->refs++;
}

static void record_dereference(IHttpCacheSpecificData *This)
{
    ((record_t *)(void *)This)->refs--;
}

static void record_flushed(IHttpCacheSpecificData *This)
{
    ((record_t *)(void *)This)->flushed++;
}

static const struct IHttpCacheKeyVtbl key_table = {
    .GetHash = key_hash, .GetCacheName = key_cache_name,
    .GetIsEqual = key_equal, .GetIsPrefix = key_prefix
};
static const struct IHttpCacheSpecificDataVtbl record_table = {
    .GetCacheKey = record_key, .ReferenceCacheData = record_reference,
    .DereferenceCacheData = record_dereference, .SetFlushed = record_flushed
};

#define RECORD(text) \
    { { called_wrap("IHttpCacheSpecificData", &record_table) }, \
      { called_wrap("IHttpCacheKey", &key_table) }, text, 1, 0 }

START_TEST(cache_keeps_what_modules_put_under_their_keys)
{
    record_t one = RECORD(L"/a/1"), two = RECORD(L"/a/2"),
             other = RECORD(L"/b"), prefix = RECORD(L"/a");
    IHttpCacheSpecificData *data = &one.data, *found = NULL;

    ck_assert_int_eq(CALL(DoCacheOperation, CACHE_OPERATION_ADD, &one.key,
                          &data, NULL), S_OK);
    data = &two.data;
    CALL(DoCacheOperation, CACHE_OPERATION_ADD, &two.key, &data, NULL);
    data = &other.data;
    CALL(DoCacheOperation, CACHE_OPERATION_ADD, &other.key, &data, NULL);
    ck_assert_int_eq(one.refs, 2);
    ck_assert_int_eq(CALL(DoCacheOperation, CACHE_OPERATION_RETRIEVE,
                          &one.key, &found, NULL), S_OK);
    ck_assert_ptr_eq(found, &one.data);
    ck_assert_int_eq(one.refs, 3);
    ck_assert_int_eq(CALL(DoCacheOperation, CACHE_OPERATION_FLUSH_PREFIX,
                          &prefix.key, NULL, NULL), S_OK);
    ck_assert_int_eq(one.refs, 2);
    ck_assert_int_eq(two.refs, 1);
    ck_assert_int_eq(one.flushed, 1);
    ck_assert_int_eq(CALL(DoCacheOperation, CACHE_OPERATION_RETRIEVE,
                          &two.key, &found, NULL),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ck_assert_ptr_null(found);
    ck_assert_int_eq(CALL(DoCacheOperation, CACHE_OPERATION_DELETE,
                          &other.key, NULL, NULL), S_OK);
    ck_assert_int_eq(other.refs, 1);
    ck_assert_int_eq(CALL(DoCacheOperation, CACHE_OPERATION_DELETE,
                          &other.key, NULL, NULL),
                     HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    ck_assert_int_eq(CALL(DoCacheOperation, CACHE_OPERATION_ENUM, &one.key,
                          NULL, NULL), S_OK);
    ck_assert_int_eq(operations, 9);
    ck_assert_int_eq(CALL(DoCacheOperation, 42, &one.key, NULL, NULL),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL(DoCacheOperation, CACHE_OPERATION_ADD, NULL, &data,
                          NULL), INVALID_PARAMETER);
}
END_TEST

START_TEST(cache_lets_go_of_everything_when_it_ends)
{
    record_t one = RECORD(L"/a");
    IHttpCacheSpecificData *data = &one.data;

    CALL(DoCacheOperation, CACHE_OPERATION_ADD, &one.key, &data, NULL);
    iisr_server_close(server);
    ck_assert_int_eq(one.refs, 1);
    CALL(DoCacheOperation, CACHE_OPERATION_ADD, &one.key, &data, NULL);
    ck_assert_int_eq(one.refs, 1);
}
END_TEST

/* --- counters, metadata, worker process --------------------------------- */

START_TEST(counters_are_those_of_the_host)
{
    IHttpPerfCounterInfo *counters = CALL(GetPerfCounterInfo);

    counters->lpVtbl->IncrementCounter(counters, 3, 5);
    counters->lpVtbl->DecrementCounter(counters, 3, 2);
    counters->lpVtbl->IncrementCounter(counters, IISR_COUNTERS, 1);
    counters->lpVtbl->DecrementCounter(counters, (DWORD)-1, 1);
    ck_assert_uint_eq(cells[3], 3);
    ck_assert_uint_eq(iisr_counters_get(counters, 3), 3);
    ck_assert_uint_eq(iisr_counters_get(counters, IISR_COUNTERS), 0);
}
END_TEST

START_TEST(metadata_of_a_site_is_shared_and_counted)
{
    IReferencedMetadataInfo *metadata = NULL, *again = NULL;
    IMetadataInfo *base;

    ck_assert_int_eq(CALL2(GetMetadata, L"site", L"/a", &metadata), S_OK);
    base = (IMetadataInfo *)(void *)metadata;
    metadata->lpVtbl->ReferenceMetadata(metadata);
    metadata->lpVtbl->DereferenceMetadata(metadata);
    ck_assert(!wcscmp(base->lpVtbl->GetMetaPath(base), L"MACHINE/site/a"));
    ck_assert(!wcscmp(base->lpVtbl->GetVrPath(base), L"/srv"));
    ck_assert_int_eq(CALL2(GetMetadata, L"site", L"/a", &again), S_OK);
    ck_assert_ptr_eq(again, metadata);
    again->lpVtbl->DereferenceMetadata(again);
    metadata->lpVtbl->DereferenceMetadata(metadata);
    ck_assert_int_eq(CALL2(GetMetadata, L"nowhere", L"/a", &metadata),
                     HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND));
    ck_assert_ptr_null(metadata);
    ck_assert_int_eq(CALL2(GetMetadata, L"site", L"a", &metadata),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL2(GetMetadata, L"site", L"/a", NULL),
                     INVALID_PARAMETER);
}
END_TEST

START_TEST(worker_process_has_settings)
{
    IWpfSettings *settings = NULL;
    WCHAR text[32];
    DWORD number = 42, length = 4;
    ULONGLONG big = 42;
    HANDLE handle = &number;
    BOOL flag = TRUE;

    ck_assert_int_eq(CALL(GetWorkerProcessSettings, &settings), S_OK);
    ck_assert_int_eq(CALL(GetWorkerProcessSettings, NULL),
                     INVALID_PARAMETER);
    settings->lpVtbl->base.AddRef((IWpfReferencedObject *)(void *)settings);
    settings->lpVtbl->base.Release((IWpfReferencedObject *)(void *)settings);
    ck_assert_int_eq(settings->lpVtbl->GetStringProperty(settings,
        APP_POOL_NAME, text, &length),
        HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    ck_assert_uint_eq(length, 5);
    ck_assert_int_eq(settings->lpVtbl->GetStringProperty(settings,
        APP_POOL_NAME, text, &length), S_OK);
    ck_assert(!wcscmp(text, L"pool"));
    ck_assert_int_eq(settings->lpVtbl->GetDwordProperty(settings,
        MANAGED_PIPELINE_MODE, &number), S_OK);
    ck_assert_uint_eq(number, 0);
    ck_assert_int_eq(settings->lpVtbl->GetDwordProperty(settings, 99,
        &number), INVALID_PARAMETER);
    ck_assert_int_eq(settings->lpVtbl->GetUlonglongProperty(settings,
        PERIODIC_RESTART_PRIVATE_MEMORY, &big), S_OK);
    ck_assert_uint_eq(big, 0);
    ck_assert_int_eq(settings->lpVtbl->GetBoolProperty(settings,
        ENABLED_HOSTABLE_WEB_CORE, &flag), S_OK);
    ck_assert(!flag);
    ck_assert_int_eq(settings->lpVtbl->GetHandleProperty(settings,
        ANONYMOUS_USER_TOKEN, &handle), S_OK);
    ck_assert_ptr_null(handle);
}
END_TEST

START_TEST(framework_leads_to_settings_and_actions)
{
    IWorkerProcessFramework *framework = NULL;
    IWpfActions *actions = NULL;
    void *out = NULL;
    DWORD major, minor;

    ck_assert_int_eq(CALL2(GetWorkerProcessFramework, &framework), S_OK);
    ck_assert_int_eq(framework->lpVtbl->GetWpfInterface(framework,
        WPF_ACTIONS_ID, (void **)&actions), S_OK);
    actions->lpVtbl->RecycleWorkerProcess(actions, L"because");
    ck_assert_int_eq(recycles, 1);
    actions->lpVtbl->FailWorkerProcess(actions, L"sick", E_FAIL, TRUE);
    ck_assert_int_eq(failures, 1);
    ck_assert_int_eq(framework->lpVtbl->GetWpfInterface(framework,
        WPF_SETTINGS_ID, &out), S_OK);
    ck_assert_int_eq(framework->lpVtbl->GetWpfInterface(framework,
        WPF_CONFIG_API_ID, &out), E_NOINTERFACE);
    ck_assert_ptr_null(out);
    ck_assert_int_eq(framework->lpVtbl->GetCustomInterface(framework, 1,
        &out), E_NOINTERFACE);
    ck_assert_int_eq(framework->lpVtbl->GetInterfaceVersion(framework, &major,
        &minor), S_OK);
    ck_assert_uint_eq(major, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server");
    TCase *tc = tcase_create("server");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, server_has_names);
    tcase_add_test(tc, server_tells_the_host);
    tcase_add_test(tc, server_refuses_what_windows_has_alone_and_says_so_once);
    tcase_add_test(tc, the_name_that_a_client_asked_for_is_a_property);
    tcase_add_test(tc, server_knows_preconditions);
    tcase_add_test(tc, container_is_dispensed);
    tcase_add_test(tc, versions_of_one_interface_are_one_object);
    tcase_add_test(tc, fragment_is_kept_read_and_removed);
    tcase_add_test(tc, fragments_stay_within_their_limit);
    tcase_add_test(tc, fragment_that_cannot_be_kept_is_refused);
    tcase_add_test(tc, cache_keeps_what_modules_put_under_their_keys);
    tcase_add_test(tc, cache_lets_go_of_everything_when_it_ends);
    tcase_add_test(tc, counters_are_those_of_the_host);
    tcase_add_test(tc, metadata_of_a_site_is_shared_and_counted);
    tcase_add_test(tc, worker_process_has_settings);
    tcase_add_test(tc, framework_leads_to_settings_and_actions);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
