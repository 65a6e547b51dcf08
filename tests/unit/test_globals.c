/* test_globals.c: every global notification reaches CGlobalModule with its
 * provider, in order of priority.
 */
#include "core/global.h"
#include "iface/global_provider.h"
#include "small_host.h"

#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define NOT_SUPPORTED HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)

#define OF(p, method, ...) (p)->lpVtbl->method(p, ##__VA_ARGS__)

static struct CGlobalModuleVtbl global_table;
static CGlobalModule global;
static GLOBAL_NOTIFICATION_STATUS answer;
static int calls;
static IHttpApplication2 *application;

static GLOBAL_NOTIFICATION_STATUS bare(CGlobalModule *This)
{
    ck_assert_ptr_eq(This, &global);
    calls++;
    return answer;
}

static void terminate(CGlobalModule *This)
{
    bare(This);
}

static void take_part(DWORD bit)
{
    module.global = &global;
    module.global_events |= bit;
    registry.global_events |= bit;
}

static void setup(void)
{
    small_setup();
    memset(&global_table, 0, sizeof(global_table));
    global.lpVtbl = called_wrap("CGlobalModule", &global_table);
    global_table.Terminate = terminate;
    answer = GL_NOTIFICATION_CONTINUE;
    calls = 0;
    application = iisr_application_create(pool, "/srv", "/LM/W3SVC/1/ROOT",
                                          "MACHINE/WEBROOT/APPHOST");
}

static void teardown(void)
{
    iisr_application_destroy(application);
    small_teardown();
}

/* --- applications ------------------------------------------------------- */

static GLOBAL_NOTIFICATION_STATUS on_application(CGlobalModule *This,
                                                 IHttpApplicationProvider *p)
{
    IHttpEventProvider *base = (IHttpEventProvider *)(void *)p;

    OF(base, SetErrorStatus, E_FAIL);
    ck_assert_ptr_eq((void *)OF(p, GetApplication), application);
    return bare(This);
}

static GLOBAL_NOTIFICATION_STATUS on_thread(CGlobalModule *This,
                                            IGlobalThreadCleanupProvider *p)
{
    ck_assert_ptr_eq((void *)OF(p, GetApplication), application);
    return bare(This);
}

START_TEST(applications_start_and_stop)
{
    global_table.OnGlobalApplicationStart = on_application;
    global_table.OnGlobalApplicationStop = on_application;
    global_table.OnGlobalThreadCleanup = on_thread;
    iisr_global_application(&registry, GL_APPLICATION_START, application);
    ck_assert_int_eq(calls, 0);
    take_part(GL_APPLICATION_START | GL_APPLICATION_STOP | GL_THREAD_CLEANUP);
    iisr_global_application(&registry, GL_APPLICATION_START, application);
    iisr_global_application(&registry, GL_APPLICATION_STOP, application);
    iisr_global_application(&registry, GL_THREAD_CLEANUP, application);
    ck_assert_int_eq(calls, 3);
    /* What a request still has when modules are gone is never freed. */
    small_close();
    iisr_registry_terminate(&registry);
    ck_assert_int_eq(calls, 4);
}
END_TEST

static void start_it(IHttpApplication2 *started, void *count)
{
    ck_assert_ptr_eq(started, application);
    ck_assert(!iisr_application_started(started));
    ++*(int *)count;
}

START_TEST(an_application_starts_once)
{
    int count = 0;

    iisr_application_start(application, start_it, &count);
    ck_assert(iisr_application_started(application));
    iisr_application_start(application, start_it, &count);
    ck_assert_int_eq(count, 1);
}
END_TEST

static iisr_registry_t *real;
static GLOBAL_NOTIFICATION_STATUS on_resolve(CGlobalModule *This,
    IHttpApplicationResolveModulesProvider *p)
{
    IHttpApplicationProvider *base = (IHttpApplicationProvider *)(void *)p;
    HTTP_MODULE_ID id = (HTTP_MODULE_ID)1, none = (HTTP_MODULE_ID)99;

    ck_assert_ptr_eq((void *)OF(base, GetApplication), application);
    ck_assert_int_eq(OF(p, RegisterModule, none, &small_factory, L"more",
                        NULL, NULL, RQ_BEGIN_REQUEST, 0), INVALID_PARAMETER);
    ck_assert_int_eq(OF(p, RegisterModule, id, NULL, L"more", NULL, NULL,
                        RQ_BEGIN_REQUEST, 0), INVALID_PARAMETER);
    ck_assert_int_eq(OF(p, RegisterModule, id, &small_factory, NULL, NULL,
                        NULL, RQ_BEGIN_REQUEST, 0), INVALID_PARAMETER);
    ck_assert_int_eq(OF(p, RegisterModule, id, &small_factory, L"more", NULL,
                        NULL, 0x00001000, 0), INVALID_PARAMETER);
    ck_assert_int_eq(real->nmodules, 1);
    ck_assert_int_eq(OF(p, RegisterModule, id, &small_factory, L"more", L"t",
                        L"c", RQ_BEGIN_REQUEST, RQ_END_REQUEST), S_OK);
    ck_assert_int_eq(OF(p, RegisterModule, id, &small_factory, L"more", NULL,
                        NULL, RQ_BEGIN_REQUEST, 0), INVALID_PARAMETER);
    ck_assert_int_eq(OF(p, SetPriorityForRequestNotification, L"other",
                        RQ_BEGIN_REQUEST, PRIORITY_ALIAS_LAST),
                     INVALID_PARAMETER);
    ck_assert_int_eq(OF(p, SetPriorityForRequestNotification, NULL,
                        RQ_BEGIN_REQUEST, PRIORITY_ALIAS_LAST),
                     INVALID_PARAMETER);
    ck_assert_int_eq(OF(p, SetPriorityForRequestNotification, L"more",
                        RQ_BEGIN_REQUEST, L"no alias"), INVALID_PARAMETER);
    ck_assert_int_eq(OF(p, SetPriorityForRequestNotification, L"more",
                        RQ_BEGIN_REQUEST, PRIORITY_ALIAS_LAST), S_OK);
    return bare(This);
}

START_TEST(modules_are_resolved_for_one_application)
{
    iisr_module_t *parent, *more;

    real = iisr_registry_create(pool);
    parent = iisr_registry_add(real, "parent", "/parent.so", NULL);
    parent->global = &global;
    parent->global_events = real->global_events =
        GL_APPLICATION_RESOLVE_MODULES;
    global_table.OnGlobalApplicationResolveModules = on_resolve;
    iisr_global_resolve(real, application);
    ck_assert_int_eq(calls, 1);
    ck_assert_int_eq(real->nmodules, 2);
    more = iisr_registry_find(real, "more");
    ck_assert_ptr_eq(more->application, application);
    ck_assert_ptr_eq(more->factory, &small_factory);
    ck_assert_uint_eq(more->events, RQ_BEGIN_REQUEST);
    ck_assert_uint_eq(more->post_events, RQ_END_REQUEST);
    ck_assert_int_eq(more->priority[0][IISR_EV_BEGIN], IISR_PRIORITY_LAST);
}
END_TEST

/* --- the process -------------------------------------------------------- */

static GLOBAL_NOTIFICATION_STATUS on_pre_begin(CGlobalModule *This,
                                               IPreBeginRequestProvider *p)
{
    ck_assert_ptr_eq((void *)OF(p, GetHttpContext), &ctx->handle->iface);
    return bare(This);
}

static BOOL gracefully;
static GLOBAL_NOTIFICATION_STATUS on_stop(CGlobalModule *This,
                                          IGlobalStopListeningProvider *p)
{
    ck_assert_int_eq(OF(p, DrainRequestsGracefully), gracefully);
    return bare(This);
}

static GLOBAL_NOTIFICATION_STATUS on_configuration(CGlobalModule *This,
    IGlobalConfigurationChangeProvider *p)
{
    ck_assert(!wcscmp(OF(p, GetChangePath), L"MACHINE/WEBROOT"));
    return bare(This);
}

static IHttpFileMonitor *monitor;
static GLOBAL_NOTIFICATION_STATUS on_file(CGlobalModule *This,
                                          IGlobalFileChangeProvider *p)
{
    ck_assert(!wcscmp(OF(p, GetFileName), L"/srv/file"));
    ck_assert_ptr_eq(OF(p, GetFileMonitor), monitor);
    return bare(This);
}

START_TEST(the_process_tells_what_happens)
{
    global_table.OnGlobalPreBeginRequest = on_pre_begin;
    global_table.OnGlobalStopListening = on_stop;
    global_table.OnGlobalConfigurationChange = on_configuration;
    global_table.OnGlobalFileChange = on_file;
    global_table.OnGlobalHealthCheck = bare;
    global_table.OnGlobalCacheCleanup = bare;
    take_part(GL_PRE_BEGIN_REQUEST | GL_STOP_LISTENING | GL_HEALTH_CHECK
              | GL_CONFIGURATION_CHANGE | GL_FILE_CHANGE | GL_CACHE_CLEANUP);
    iisr_global_pre_begin(ctx);
    ck_assert_int_eq(calls, 1);
    iisr_global_stop_listening(&registry, gracefully = FALSE);
    iisr_global_stop_listening(&registry, gracefully = TRUE);
    ck_assert_int_eq(calls, 3);
    iisr_global_configuration_change(&registry, L"MACHINE/WEBROOT");
    ck_assert_int_eq(calls, 4);
    iisr_global_file_change(&registry, L"/srv/file", monitor = NULL);
    monitor = (IHttpFileMonitor *)(void *)&global;
    iisr_global_file_change(&registry, L"/srv/file", monitor);
    ck_assert_int_eq(calls, 6);
    iisr_global_health_check(&registry);
    iisr_global_raise(&registry, GL_CACHE_CLEANUP, NULL);
    ck_assert_int_eq(calls, 8);
}
END_TEST

/* --- traces, custom notifications, the cache ---------------------------- */

static iisr_context_t *traced;
static GLOBAL_NOTIFICATION_STATUS on_trace(CGlobalModule *This,
                                           IGlobalTraceEventProvider *p)
{
    HTTP_TRACE_EVENT *event = NULL;
    IHttpContext *context = (IHttpContext *)(void *)&global;

    ck_assert_int_eq(OF(p, GetTraceEvent, NULL), INVALID_PARAMETER);
    ck_assert_int_eq(OF(p, GetTraceEvent, &event), S_OK);
    ck_assert(!wcscmp(event->pszEventName, L"happened"));
    ck_assert(!OF(p, CheckSubscription, (HTTP_MODULE_ID)1));
    if (traced) {
        ck_assert_int_eq(OF(p, GetCurrentHttpRequestContext, NULL),
                         INVALID_PARAMETER);
        ck_assert_int_eq(OF(p, GetCurrentHttpRequestContext, &context), S_OK);
        ck_assert_ptr_eq((void *)context, &traced->handle->iface);
    }
    else {
        ck_assert_int_eq(OF(p, GetCurrentHttpRequestContext, &context),
                         NOT_SUPPORTED);
        ck_assert_ptr_eq((void *)context, &global);
    }
    return bare(This);
}

START_TEST(trace_events_are_those_of_a_request_or_of_none)
{
    static const GUID id = { 1, 2, 3, { 4 } };
    HTTP_TRACE_EVENT event = { .pProviderGuid = &id, .pAreaGuid = &id,
                               .pszEventName = L"happened" };

    global_table.OnGlobalTraceEvent = on_trace;
    take_part(GL_TRACE_EVENT);
    iisr_global_trace(&registry, small_server, &event, traced = ctx);
    iisr_global_trace(&registry, small_server, &event, traced = NULL);
    ck_assert_int_eq(calls, 2);
}
END_TEST

static PCWSTR query_type(ICustomNotificationProvider *This)
{
    (void)This;
    return L"mine";
}

static GLOBAL_NOTIFICATION_STATUS on_custom(CGlobalModule *This,
                                            ICustomNotificationProvider *p)
{
    ck_assert(!wcscmp(OF(p, QueryNotificationType), L"mine"));
    return bare(This);
}

START_TEST(a_custom_notification_returns_what_was_answered)
{
    static const struct ICustomNotificationProviderVtbl table = {
        .QueryNotificationType = query_type
    };
    ICustomNotificationProvider mine = { &table };

    ck_assert_int_eq(iisr_global_custom(&registry, &mine),
                     GL_NOTIFICATION_CONTINUE);
    global_table.OnGlobalCustomNotification = on_custom;
    take_part(GL_CUSTOM_NOTIFICATION);
    ck_assert_int_eq(iisr_global_custom(&registry, &mine),
                     GL_NOTIFICATION_CONTINUE);
    answer = GL_NOTIFICATION_HANDLED;
    ck_assert_int_eq(iisr_global_custom(&registry, &mine),
                     GL_NOTIFICATION_HANDLED);
    ck_assert_int_eq(calls, 2);
}
END_TEST

static int dropped;
static void drop(IHttpCacheSpecificData *This)
{
    (void)This;
    dropped++;
}

static const struct IHttpCacheSpecificDataVtbl record_table = {
    .DereferenceCacheData = drop
};
static IHttpCacheSpecificData old = { &record_table },
                              fresh = { &record_table };
static IHttpCacheKey *key = (IHttpCacheKey *)(void *)&calls;

static GLOBAL_NOTIFICATION_STATUS on_cache(CGlobalModule *This,
                                           ICacheProvider *p)
{
    ck_assert_int_eq(OF(p, GetCacheOperation), CACHE_OPERATION_RETRIEVE);
    ck_assert_ptr_eq(OF(p, GetCacheKey), key);
    ck_assert_ptr_eq(OF(p, GetCacheRecord), &old);
    ck_assert_ptr_eq((void *)OF(p, GetTraceContext), &dropped);
    OF(p, SetCacheRecord, NULL);
    ck_assert_ptr_eq(OF(p, GetCacheRecord), &old);
    OF(p, SetCacheRecord, &fresh);
    ck_assert_ptr_eq(OF(p, GetCacheRecord), &fresh);
    return bare(This);
}

START_TEST(a_module_is_the_cache)
{
    IHttpCacheSpecificData *record = &old;

    global_table.OnGlobalCacheOperation = on_cache;
    take_part(GL_CACHE_OPERATION);
    answer = GL_NOTIFICATION_HANDLED;
    dropped = 0;
    ck_assert_int_eq(iisr_global_cache_operation(&registry,
                         CACHE_OPERATION_RETRIEVE, key, &record,
                         (IHttpTraceContext *)(void *)&dropped),
                     GL_NOTIFICATION_HANDLED);
    ck_assert_ptr_eq(record, &fresh);
    ck_assert_int_eq(dropped, 1);
}
END_TEST

/* --- order -------------------------------------------------------------- */

static char order[16];
static GLOBAL_NOTIFICATION_STATUS first(CGlobalModule *This)
{
    (void)This;
    strcat(order, "1");
    return GL_NOTIFICATION_CONTINUE;
}

static GLOBAL_NOTIFICATION_STATUS second(CGlobalModule *This)
{
    (void)This;
    strcat(order, "2");
    return GL_NOTIFICATION_HANDLED;
}

static GLOBAL_NOTIFICATION_STATUS third(CGlobalModule *This)
{
    (void)This;
    ck_abort_msg("asked after HANDLED");
    return GL_NOTIFICATION_CONTINUE;
}

START_TEST(priorities_count_and_handled_is_the_last)
{
    static const struct CGlobalModuleVtbl tables[] = {
        { .OnGlobalHealthCheck = third }, { .OnGlobalHealthCheck = second },
        { .OnGlobalHealthCheck = first }
    };
    CGlobalModule those[] = { { &tables[0] }, { &tables[1] },
                              { &tables[2] } };
    static const PCWSTR aliases[] = { PRIORITY_ALIAS_LOW, NULL,
                                      PRIORITY_ALIAS_HIGH };
    int i;

    real = iisr_registry_create(pool);
    *order = '\0';
    for (i = 0; i < 3; i++) {
        iisr_module_t *m = iisr_registry_add(real, apr_itoa(pool, i), "",
                                             NULL);
        IHttpModuleRegistrationInfo *info = (void *)&m->info;

        iisr_registration_init(m);
        ck_assert_int_eq(OF(info, SetGlobalNotifications, &those[i],
                            GL_HEALTH_CHECK), S_OK);
        ck_assert_int_eq(OF(info, SetGlobalNotifications, &those[i],
                            GL_HEALTH_CHECK),
                         HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS));
        ck_assert_int_eq(OF(info, SetPriorityForGlobalNotification,
                            GL_HEALTH_CHECK, L"?"), INVALID_PARAMETER);
        if (aliases[i]) {
            ck_assert_int_eq(OF(info, SetPriorityForGlobalNotification,
                                GL_HEALTH_CHECK, aliases[i]), S_OK);
        }
    }
    iisr_global_health_check(real);
    ck_assert_str_eq(order, "12");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("globals");
    TCase *tc = tcase_create("globals");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, applications_start_and_stop);
    tcase_add_test(tc, an_application_starts_once);
    tcase_add_test(tc, modules_are_resolved_for_one_application);
    tcase_add_test(tc, the_process_tells_what_happens);
    tcase_add_test(tc, trace_events_are_those_of_a_request_or_of_none);
    tcase_add_test(tc, a_custom_notification_returns_what_was_answered);
    tcase_add_test(tc, a_module_is_the_cache);
    tcase_add_test(tc, priorities_count_and_handled_is_the_last);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
