/* test_modules.c: what the engine calls of a module, and what a module calls
 * back while it is in a notification: CHttpModule, its factory, providers.
 */
#include "core/log_data.h"
#include "small_host.h"

#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define NOT_SUPPORTED HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)

#define CONTEXT ((IHttpContext *)(void *)&ctx->handle->iface)
#define CALL(method, ...) \
    ctx->handle->iface.lpVtbl->base.base.base.method(CONTEXT, ##__VA_ARGS__)
#define RESPONSE ((IHttpResponse *)(void *)&ctx->handle->response_iface)
#define RESPOND(method, ...) \
    ctx->handle->response_iface.lpVtbl->base.base.base.method(RESPONSE, ##__VA_ARGS__)
#define REQUEST ((IHttpRequest *)(void *)&ctx->handle->request_iface)
#define ASK(method, ...) \
    ctx->handle->request_iface.lpVtbl->base.base.base.method(REQUEST, ##__VA_ARGS__)
#define OF(p, method, ...) (p)->lpVtbl->method(p, ##__VA_ARGS__)

/* --- every notification ------------------------------------------------- */

static char seen[2000];

static REQUEST_NOTIFICATION_STATUS note(CHttpModule *This, IHttpContext *c,
                                        const void *provider,
                                        const char *name)
{
    ck_assert_ptr_eq(This, &the_module);
    ck_assert_ptr_eq(c, CONTEXT);
    ck_assert_ptr_nonnull(provider);
    strcat(seen, name);
    strcat(seen, " ");
    return RQ_NOTIFICATION_CONTINUE;
}

#define HANDLER(method, bit, post, type, name) \
    static REQUEST_NOTIFICATION_STATUS saw_##method(CHttpModule *This, \
        IHttpContext *c, type *provider) \
    { \
        return note(This, c, provider, name); \
    }
IIS_NOTIFICATIONS(HANDLER)

static void take_part_in_all(void)
{
    int event;

#define ENTER(method, bit, post, type, name) \
    module_table.method = saw_##method;
    IIS_NOTIFICATIONS(ENTER)
    for (event = 0; event < IISR_EVENTS; event++) {
        small_take_part(event);
        if (event < IISR_EV_ORDERED) {
            small_take_part_after(event);
        }
    }
    *seen = '\0';
}

static PCWSTR query_type(ICustomNotificationProvider *This)
{
    (void)This;
    return L"mine";
}

static REQUEST_NOTIFICATION_STATUS on_custom(CHttpModule *This,
                                             IHttpContext *c,
                                             ICustomNotificationProvider *p)
{
    ck_assert(!wcscmp(OF(p, QueryNotificationType), L"mine"));
    return saw_OnCustomRequestNotification(This, c, p);
}

START_TEST(every_notification_reaches_the_module_in_order)
{
    static const struct ICustomNotificationProviderVtbl table = {
        .QueryNotificationType = query_type
    };
    ICustomNotificationProvider mine = {
        called_wrap("ICustomNotificationProvider", &table)
    };
    char body[8];
    WCHAR path[64];
    DWORD bytes = sizeof(path);

    take_part_in_all();
    module_table.OnCustomRequestNotification = on_custom;
    small_run(IISR_EV_EXECUTE);
    ck_assert_int_eq(CALL(MapPath, L"/x", path, &bytes), S_OK);
    hr.body = "b";
    ck_assert_int_eq(ASK(ReadEntityBody, body, sizeof(body), FALSE, &bytes,
                         NULL), S_OK);
    ck_assert_int_eq(CALL(NotifyCustomNotification, &mine, NULL), S_OK);
    ck_assert_int_eq(RESPOND(Flush, FALSE, TRUE, &bytes, NULL), S_OK);
    small_run(IISR_EV_END);
    ck_assert_str_eq(seen,
        "BeginRequest PostBeginRequest "
        "AuthenticateRequest PostAuthenticateRequest "
        "AuthorizeRequest PostAuthorizeRequest "
        "ResolveRequestCache PostResolveRequestCache "
        "MapRequestHandler PostMapRequestHandler "
        "AcquireRequestState PostAcquireRequestState "
        "PreExecuteRequestHandler PostPreExecuteRequestHandler "
        "ExecuteRequestHandler PostExecuteRequestHandler "
        "MapPath ReadEntity CustomRequestNotification SendResponse "
        "ReleaseRequestState PostReleaseRequestState "
        "UpdateRequestCache PostUpdateRequestCache "
        "LogRequest PostLogRequest EndRequest PostEndRequest ");
    ck_assert_int_eq(small_disposed, 0);
    small_close();
    ck_assert_int_eq(small_disposed, 1);
}
END_TEST

static HRESULT refuse_module(IHttpModuleFactory *This, CHttpModule **ppModule,
                             IModuleAllocator *pAllocator)
{
    (void)This;
    (void)ppModule;
    (void)pAllocator;
    return E_OUTOFMEMORY;
}

/* _i: it is optional. */
START_TEST(a_request_does_not_go_on_without_a_module)
{
    static const struct IHttpModuleFactoryVtbl table = {
        .GetHttpModule = refuse_module
    };
    IHttpModuleFactory refusing = { &table };

    module.factory = &refusing;
    module.optional = _i;
    take_part_in_all();
    ck_assert_int_eq(small_run(IISR_EV_AUTHORIZE),
                     _i ? IISR_RUN_CONTINUE : IISR_RUN_FINISH);
    ck_assert_str_eq(seen, "");
    ck_assert_int_eq(hr.warnings, 1);
    ck_assert_int_eq(ctx->response.status, _i ? 200 : 500);
}
END_TEST

static HRESULT allocate_module(IHttpModuleFactory *This,
                               CHttpModule **ppModule,
                               IModuleAllocator *pAllocator)
{
    char *memory = OF(pAllocator, AllocateMemory, 100);

    (void)This;
    ck_assert_int_eq(memory[0], 0);
    ck_assert_int_eq(memory[99], 0);
    ck_assert_ptr_nonnull(OF(pAllocator, AllocateMemory, 0));
    ck_assert_ptr_null(OF(pAllocator, AllocateMemory, 0xffffffff));
    *ppModule = &the_module;
    return S_OK;
}

START_TEST(a_factory_may_take_memory_of_the_request)
{
    static const struct IHttpModuleFactoryVtbl table = {
        .GetHttpModule = allocate_module
    };
    IHttpModuleFactory factory = { &table };

    module.factory = &factory;
    take_part_in_all();
    small_run(IISR_EV_BEGIN);
    ck_assert_str_eq(seen, "BeginRequest PostBeginRequest ");
}
END_TEST

START_TEST(factories_are_terminated_once)
{
    iisr_registry_terminate(&registry);
    ck_assert_int_eq(small_terminated, 1);
}
END_TEST

/* --- GetNextNotification ------------------------------------------------ */

static DWORD next_bit;
static BOOL next_post;

/* Whether the module went on; if so, with what. */
static BOOL go_on(REQUEST_NOTIFICATION_STATUS status)
{
    CHttpModule *next = NULL;
    IHttpEventProvider *provider = NULL;
    BOOL done = CALL(GetNextNotification, status, &next_bit, &next_post,
                     &next, &provider);
    DWORD now;

    ck_assert_ptr_eq(next, done ? &the_module : NULL);
    ck_assert_int_eq(provider != NULL, done);
    ck_assert_int_eq(CALL(GetCurrentExecutionStats, &now, NULL, NULL, NULL,
                          NULL, NULL), S_OK);
    ck_assert(!done || now == next_bit);
    return done;
}

static REQUEST_NOTIFICATION_STATUS merge(CHttpModule *This, IHttpContext *c,
                                         IHttpEventProvider *p)
{
    saw_OnAcquireRequestState(This, c, p);
    ck_assert(!go_on(RQ_NOTIFICATION_PENDING));
    ck_assert(!go_on(RQ_NOTIFICATION_FINISH_REQUEST));
    ck_assert(go_on(RQ_NOTIFICATION_CONTINUE));
    ck_assert_uint_eq(next_bit, RQ_ACQUIRE_REQUEST_STATE);
    ck_assert(next_post);
    ck_assert(go_on(RQ_NOTIFICATION_CONTINUE));
    ck_assert_uint_eq(next_bit, RQ_PRE_EXECUTE_REQUEST_HANDLER);
    ck_assert(!next_post);
    ck_assert(go_on(RQ_NOTIFICATION_CONTINUE));
    /* The host looks whether somebody has answered. */
    ck_assert(!go_on(RQ_NOTIFICATION_CONTINUE));
    return RQ_NOTIFICATION_CONTINUE;
}

START_TEST(a_module_goes_on_to_its_next_notification)
{
    take_part_in_all();
    module_table.OnAcquireRequestState = merge;
    small_run(IISR_EV_MAP_HANDLER);
    *seen = '\0';
    small_run(IISR_EV_PRE_EXECUTE);
    ck_assert_str_eq(seen, "AcquireRequestState ");
    small_run(IISR_EV_EXECUTE);
    ck_assert_str_eq(seen, "AcquireRequestState ExecuteRequestHandler "
                           "PostExecuteRequestHandler ");
}
END_TEST

/* Another module of the same notifications, called "other". */
static REQUEST_NOTIFICATION_STATUS other_begin(CHttpModule *This,
                                               IHttpContext *c,
                                               IHttpEventProvider *p)
{
    (void)This;
    (void)c;
    (void)p;
    strcat(seen, "other ");
    return RQ_NOTIFICATION_CONTINUE;
}

static CHttpModule other_instance;
static HRESULT get_other(IHttpModuleFactory *This, CHttpModule **ppModule,
                         IModuleAllocator *pAllocator)
{
    (void)This;
    (void)pAllocator;
    *ppModule = &other_instance;
    return S_OK;
}

static REQUEST_NOTIFICATION_STATUS try_to_go_on(CHttpModule *This,
                                                IHttpContext *c,
                                                IHttpEventProvider *p)
{
    saw_OnBeginRequest(This, c, p);
    ck_assert(!go_on(RQ_NOTIFICATION_CONTINUE));
    return RQ_NOTIFICATION_CONTINUE;
}

/* 0: the other one has the same notification, 1: the next one. */
START_TEST(another_module_is_not_passed_over)
{
    static const struct IHttpModuleFactoryVtbl table = {
        .GetHttpModule = get_other
    };
    static const struct CHttpModuleVtbl other_table = {
        .OnBeginRequest = other_begin, .OnPostBeginRequest = other_begin,
        .Dispose = small_dispose
    };
    IHttpModuleFactory factory = { &table };
    iisr_module_t other = { .name = "other", .index = 1,
                            .factory = &factory };
    iisr_module_t *both[] = { &module, &other }, *that[] = { &other, &module };

    other_instance.lpVtbl = &other_table;
    take_part_in_all();
    registry.nmodules = 2;
    registry.modules = both;
    module_table.OnBeginRequest = try_to_go_on;
    registry.order[_i][IISR_EV_BEGIN] = _i ? that : both;
    registry.norder[_i][IISR_EV_BEGIN] = 2;
    small_run(IISR_EV_BEGIN);
    ck_assert_str_eq(seen, "BeginRequest other PostBeginRequest ");
    small_close();
}
END_TEST

static REQUEST_NOTIFICATION_STATUS finish_and_log(CHttpModule *This,
                                                  IHttpContext *c,
                                                  IHttpEventProvider *p)
{
    saw_OnReleaseRequestState(This, c, p);
    ck_assert(go_on(RQ_NOTIFICATION_FINISH_REQUEST));
    ck_assert_uint_eq(next_bit, RQ_LOG_REQUEST);
    ck_assert(!next_post);
    return RQ_NOTIFICATION_CONTINUE;
}

START_TEST(a_finished_request_goes_on_with_its_log)
{
    take_part_in_all();
    module_table.OnReleaseRequestState = finish_and_log;
    small_run(IISR_EV_EXECUTE);
    *seen = '\0';
    ck_assert_int_eq(small_run(IISR_EV_END), IISR_RUN_FINISH);
    ck_assert_str_eq(seen, "ReleaseRequestState PostLogRequest EndRequest "
                           "PostEndRequest ");
}
END_TEST

/* --- completions -------------------------------------------------------- */

static int completions;
static DWORD completed;

static REQUEST_NOTIFICATION_STATUS post_and_wait(CHttpModule *This,
                                                 IHttpContext *c,
                                                 IHttpEventProvider *p)
{
    (void)This;
    (void)c;
    (void)p;
    ck_assert_int_eq(CALL(PostCompletion, 7), S_OK);
    return RQ_NOTIFICATION_PENDING;
}

static REQUEST_NOTIFICATION_STATUS on_completion(CHttpModule *This,
    IHttpContext *c, DWORD notification, BOOL post,
    IHttpEventProvider *provider, IHttpCompletionInfo *info)
{
    ck_assert_ptr_eq(This, &the_module);
    ck_assert_ptr_eq(c, CONTEXT);
    ck_assert_uint_eq(notification, RQ_BEGIN_REQUEST);
    ck_assert(!post);
    ck_assert_ptr_nonnull(provider);
    ck_assert_int_eq(OF(info, GetCompletionStatus), S_OK);
    completed = OF(info, GetCompletionBytes);
    completions++;
    return RQ_NOTIFICATION_FINISH_REQUEST;
}

START_TEST(a_post_comes_back_as_on_async_completion)
{
    completions = 0;
    small_take_part(IISR_EV_BEGIN);
    module_table.OnBeginRequest = post_and_wait;
    module_table.OnAsyncCompletion = on_completion;
    ck_assert_int_eq(small_run(IISR_EV_BEGIN), IISR_RUN_FINISH);
    ck_assert_int_eq(completions, 1);
    ck_assert_uint_eq(completed, 7);
}
END_TEST

static VOID WINAPI routine(DWORD error, DWORD bytes, LPOVERLAPPED baton)
{
    ck_assert_uint_eq(error, 0);
    ck_assert_ptr_eq((void *)baton, &completions);
    completed = bytes;
    completions++;
    CALL(IndicateCompletion, RQ_NOTIFICATION_CONTINUE);
}

static REQUEST_NOTIFICATION_STATUS post_to_routine(CHttpModule *This,
                                                   IHttpContext *c,
                                                   IHttpEventProvider *p)
{
    const struct IHttpContext3Vtbl *v = &ctx->handle->iface.lpVtbl->base;

    (void)This;
    (void)c;
    (void)p;
    ck_assert_int_eq(v->PostCompletionWithCallback((void *)CONTEXT, 9,
                                                   routine, &completions),
                     S_OK);
    return RQ_NOTIFICATION_PENDING;
}

START_TEST(a_post_with_a_routine_goes_there)
{
    completions = 0;
    small_take_part(IISR_EV_BEGIN);
    module_table.OnBeginRequest = post_to_routine;
    ck_assert_int_eq(small_run(IISR_EV_BEGIN), IISR_RUN_CONTINUE);
    ck_assert_int_eq(completions, 1);
    ck_assert_uint_eq(completed, 9);
}
END_TEST

static REQUEST_NOTIFICATION_STATUS called_back(IHttpContext3 *c,
                                               IHttpCompletionInfo2 *info,
                                               void *baton)
{
    IHttpCompletionInfo *base = (IHttpCompletionInfo *)(void *)info;

    ck_assert_ptr_eq((void *)c, CONTEXT);
    ck_assert_ptr_eq(baton, &completions);
    completed = OF(base, GetCompletionBytes);
    completions++;
    return RQ_NOTIFICATION_CONTINUE;
}

/* Each with a callback, each in a notification of its own. */
static REQUEST_NOTIFICATION_STATUS flush_async(CHttpModule *This,
                                               IHttpContext *c,
                                               IHttpEventProvider *p)
{
    const struct IHttpResponse2Vtbl *v = &ctx->handle->response_iface.lpVtbl
                                              ->base.base;
    DWORD sent = 42;
    BOOL expected = 42;

    (void)This;
    (void)c;
    (void)p;
    ck_assert_int_eq(v->FlushWithCallback((void *)RESPONSE, TRUE, TRUE,
                                          called_back, &completions, &sent,
                                          &expected), S_OK);
    ck_assert_int_eq(expected, TRUE);
    ck_assert_uint_eq(sent, 0);
    return RQ_NOTIFICATION_PENDING;
}

static REQUEST_NOTIFICATION_STATUS write_async(CHttpModule *This,
                                               IHttpContext *c,
                                               IHttpEventProvider *p)
{
    const struct IHttpResponse2Vtbl *v = &ctx->handle->response_iface.lpVtbl
                                              ->base.base;
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };
    DWORD sent = 42;

    (void)This;
    (void)c;
    (void)p;
    chunk.FromMemory.pBuffer = (PVOID)"hello";
    chunk.FromMemory.BufferLength = 5;
    ck_assert_int_eq(v->WriteEntityChunksWithCallback((void *)RESPONSE, NULL,
                         1, FALSE, TRUE, called_back, &completions, &sent,
                         NULL), INVALID_PARAMETER);
    ck_assert_uint_eq(sent, 0);
    ck_assert_int_eq(v->WriteEntityChunksWithCallback((void *)RESPONSE,
                         &chunk, 1, TRUE, TRUE, called_back, &completions,
                         &sent, NULL), S_OK);
    return RQ_NOTIFICATION_PENDING;
}

static REQUEST_NOTIFICATION_STATUS read_async(CHttpModule *This,
                                              IHttpContext *c,
                                              IHttpEventProvider *p)
{
    static char buffer[8];
    const struct IHttpRequest3Vtbl *v = &ctx->handle->request_iface.lpVtbl->base;
    BOOL pending = 42;

    (void)This;
    (void)c;
    (void)p;
    ck_assert_int_eq(v->ReadEntityBodyWithCallback((void *)REQUEST, NULL, 8,
                         TRUE, called_back, &completions, NULL, &pending),
                     INVALID_PARAMETER);
    ck_assert(!pending);
    ck_assert_int_eq(v->ReadEntityBodyWithCallback((void *)REQUEST, buffer, 8,
                         TRUE, called_back, &completions, NULL, NULL), S_OK);
    return RQ_NOTIFICATION_PENDING;
}

START_TEST(callbacks_take_the_place_of_on_async_completion)
{
    completions = 0;
    hr.body = "body";
    small_take_part(IISR_EV_BEGIN);
    small_take_part(IISR_EV_AUTHORIZE);
    small_take_part(IISR_EV_EXECUTE);
    module_table.OnBeginRequest = read_async;
    module_table.OnAuthorizeRequest = write_async;
    module_table.OnExecuteRequestHandler = flush_async;
    small_run(IISR_EV_BEGIN);
    ck_assert_int_eq(completions, 1);
    ck_assert_uint_eq(completed, 4);
    small_run(IISR_EV_AUTHORIZE);
    ck_assert_int_eq(completions, 2);
    ck_assert_uint_eq(completed, 5);
    ck_assert_int_eq(hr.status, 0);
    small_run(IISR_EV_EXECUTE);
    ck_assert_int_eq(completions, 3);
    ck_assert_uint_eq(completed, 5);
    ck_assert_int_eq(hr.status, 200);
    ck_assert_str_eq(hr.sent, "hello");
}
END_TEST

/* --- AuthenticateRequest ------------------------------------------------ */

static int user_refs;
static PCWSTR user_name(IHttpUser *This)
{
    (void)This;
    return L"jo\u00e9";
}

static PCWSTR user_type(IHttpUser *This)
{
    (void)This;
    return L"Basic";
}

static void user_reference(IHttpUser *This)
{
    (void)This;
    user_refs++;
}

static void user_dereference(IHttpUser *This)
{
    (void)This;
    user_refs--;
}

static const struct IHttpUserVtbl user_table = {
    .GetRemoteUserName = user_name, .GetUserName = user_name,
    .GetAuthenticationType = user_type, .ReferenceUser = user_reference,
    .DereferenceUser = user_dereference
};
static IHttpUser my_user;

static REQUEST_NOTIFICATION_STATUS set_user(CHttpModule *This,
                                            IHttpContext *c,
                                            IAuthenticationProvider *p)
{
    (void)This;
    (void)c;
    OF(p, SetUser, NULL);
    ck_assert_ptr_null(hr.auth_type);
    OF(p, SetUser, &my_user);
    return RQ_NOTIFICATION_CONTINUE;
}

START_TEST(a_user_is_taken_over_with_its_reference)
{
    my_user.lpVtbl = called_wrap("IHttpUser", &user_table);
    user_refs = 1;
    small_take_part(IISR_EV_AUTHENTICATE);
    module_table.OnAuthenticateRequest = set_user;
    small_run(IISR_EV_AUTHENTICATE);
    ck_assert_str_eq(hr.user, "jo\xc3\xa9");
    ck_assert_str_eq(hr.auth_type, "Basic");
    ck_assert_ptr_eq(CALL(GetUser), &my_user);
    ck_assert_int_eq(user_refs, 1);
    small_close();
    ck_assert_int_eq(user_refs, 0);
}
END_TEST

/* --- MapRequestHandler and MapPath -------------------------------------- */

static PCWSTR map_modules(IScriptMapInfo *This, DWORD *length)
{
    (void)This;
    ck_assert_ptr_null(length);
    return L"small,server-status";
}

static const struct IScriptMapInfoVtbl map_table = {
    .GetModules = map_modules
};
static IScriptMapInfo my_map = { &map_table };

static REQUEST_NOTIFICATION_STATUS choose(CHttpModule *This, IHttpContext *c,
                                          IMapHandlerProvider *p)
{
    (void)This;
    (void)c;
    ck_assert_int_eq(OF(p, SetScriptName, L"/x", 2), NOT_SUPPORTED);
    OF(p, SetFileInfo, NULL);
    OF(p, SetScriptMap, &my_map);
    return RQ_NOTIFICATION_CONTINUE;
}

START_TEST(a_script_map_names_the_handlers)
{
    small_take_part(IISR_EV_MAP_HANDLER);
    module_table.OnMapRequestHandler = choose;
    module.events |= RQ_EXECUTE_REQUEST_HANDLER;
    small_run(IISR_EV_MAP_HANDLER);
    ck_assert_ptr_eq(CALL(GetScriptMap), &my_map);
    ck_assert_str_eq(hr.set_handler, "server-status");
    ck_assert_int_eq(ctx->handlers->norder[0], 1);
    ck_assert_ptr_eq(ctx->handlers->order[0][0], registry.modules[0]);
}
END_TEST

static REQUEST_NOTIFICATION_STATUS map_elsewhere(CHttpModule *This,
                                                 IHttpContext *c,
                                                 IMapPathProvider *p)
{
    (void)This;
    (void)c;
    ck_assert(!wcscmp(OF(p, GetUrl), L"/a/b"));
    ck_assert(!wcscmp(OF(p, GetPhysicalPath), L"/var/www/a/b"));
    ck_assert_int_eq(OF(p, SetPhysicalPath, NULL, 4), INVALID_PARAMETER);
    ck_assert_int_eq(OF(p, SetPhysicalPath, L"/x", 0), INVALID_PARAMETER);
    ck_assert_int_eq(OF(p, SetPhysicalPath, L"x", 1), INVALID_PARAMETER);
    ck_assert_int_eq(OF(p, SetPhysicalPath, L"/x", 70000),
                     INVALID_PARAMETER);
    /* As Windows writes it, and as httpd needs it. */
    ck_assert_int_eq(OF(p, SetPhysicalPath, L"\\srv\\x", 6), S_OK);
    ck_assert(!wcscmp(OF(p, GetPhysicalPath), L"/srv/x"));
    ck_assert_int_eq(OF(p, SetPhysicalPath, L"/srv/other and more", 10),
                     S_OK);
    ck_assert(!wcscmp(OF(p, GetPhysicalPath), L"/srv/other"));
    return RQ_NOTIFICATION_CONTINUE;
}

START_TEST(a_path_is_mapped_by_the_module)
{
    WCHAR path[64];
    DWORD bytes = sizeof(path);

    small_take_part(IISR_EV_MAP_PATH);
    module_table.OnMapPath = map_elsewhere;
    ck_assert_int_eq(CALL(MapPath, L"/a/b", path, &bytes), S_OK);
    ck_assert(!wcscmp(path, L"/srv/other"));
}
END_TEST

/* --- SendResponse ------------------------------------------------------- */

static HTTP_LOG_FIELDS_DATA own_log;

static REQUEST_NOTIFICATION_STATUS log_it(CHttpModule *This, IHttpContext *c,
                                          ISendResponseProvider *p)
{
    HTTP_LOG_DATA wrong = { .Type = (HTTP_LOG_DATA_TYPE)42 };
    HTTP_LOG_FIELDS_DATA *data;

    (void)This;
    (void)c;
    if (!OF(p, GetReadyToLogData)) {
        ck_assert_int_eq(OF(p, SetLogData, &own_log.Base), NOT_SUPPORTED);
        return RQ_NOTIFICATION_CONTINUE;
    }
    ck_assert_int_eq(OF(p, SetLogData, NULL), INVALID_PARAMETER);
    ck_assert_int_eq(OF(p, SetLogData, &wrong), INVALID_PARAMETER);
    data = (HTTP_LOG_FIELDS_DATA *)(void *)OF(p, GetLogData);
    own_log = *data;
    own_log.SubStatus = 9;
    ck_assert_int_eq(OF(p, SetLogData, &own_log.Base), S_OK);
    return RQ_NOTIFICATION_CONTINUE;
}

static const char *log_value(const char *token)
{
    return iisr_log_value(ctx, token, ctx->response.status);
}

START_TEST(a_log_record_of_the_module_is_what_is_logged)
{
    DWORD sent;

    small_take_part(IISR_EV_SEND_RESPONSE);
    module.priority[0][IISR_EV_SEND_RESPONSE] = IISR_PRIORITY_FIRST;
    module_table.OnSendResponse = log_it;
    ck_assert_int_eq(RESPOND(Flush, FALSE, TRUE, &sent, NULL), S_OK);
    ck_assert_int_eq(RESPOND(Flush, FALSE, FALSE, &sent, NULL), S_OK);
    ck_assert_str_eq(log_value("sc-substatus"), "9");
    ck_assert_int_eq(hr.ends, 1);
}
END_TEST

/* --- SetRequestHandled -------------------------------------------------- */

static REQUEST_NOTIFICATION_STATUS handle(CHttpModule *This, IHttpContext *c,
                                          IHttpEventProvider *p)
{
    (void)This;
    (void)c;
    (void)p;
    CALL(SetRequestHandled);
    return RQ_NOTIFICATION_CONTINUE;
}

START_TEST(a_handled_request_has_no_handler_any_more)
{
    take_part_in_all();
    module_table.OnPreExecuteRequestHandler = handle;
    small_run(IISR_EV_ACQUIRE_STATE);
    *seen = '\0';
    small_run(IISR_EV_EXECUTE);
    ck_assert_str_eq(seen, "PostPreExecuteRequestHandler "
                           "PostExecuteRequestHandler ");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("modules");
    TCase *tc = tcase_create("modules");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, small_setup, small_teardown);
    tcase_add_test(tc, every_notification_reaches_the_module_in_order);
    tcase_add_loop_test(tc, a_request_does_not_go_on_without_a_module, 0, 2);
    tcase_add_test(tc, a_factory_may_take_memory_of_the_request);
    tcase_add_test(tc, factories_are_terminated_once);
    tcase_add_test(tc, a_module_goes_on_to_its_next_notification);
    tcase_add_loop_test(tc, another_module_is_not_passed_over, 0, 2);
    tcase_add_test(tc, a_finished_request_goes_on_with_its_log);
    tcase_add_test(tc, a_post_comes_back_as_on_async_completion);
    tcase_add_test(tc, a_post_with_a_routine_goes_there);
    tcase_add_test(tc, callbacks_take_the_place_of_on_async_completion);
    tcase_add_test(tc, a_user_is_taken_over_with_its_reference);
    tcase_add_test(tc, a_script_map_names_the_handlers);
    tcase_add_test(tc, a_path_is_mapped_by_the_module);
    tcase_add_test(tc, a_log_record_of_the_module_is_what_is_logged);
    tcase_add_test(tc, a_handled_request_has_no_handler_any_more);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
