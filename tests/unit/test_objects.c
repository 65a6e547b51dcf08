/* test_objects.c: the context and the objects around a request. */
#include "core/log_data.h"
#include "small_host.h"

#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define INVALID_INDEX HRESULT_FROM_WIN32(ERROR_INVALID_INDEX)
#define NOT_SUPPORTED HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)

/* Calls a method of IHttpContext. */
#define CONTEXT ((IHttpContext *)(void *)&ctx->handle->iface)
#define CALL(method, ...) \
    ctx->handle->iface.lpVtbl->base.base.base.method(CONTEXT, ##__VA_ARGS__)
#define CONTEXT3 ((IHttpContext3 *)(void *)&ctx->handle->iface)

static const char *log_value(const char *token)
{
    return iisr_log_value(ctx, token, ctx->response.status);
}

/* --- server variables --------------------------------------------------- */

START_TEST(variable_is_answered_in_both_widths)
{
    PCSTR value, again;
    PCWSTR wide;
    DWORD length = 99;

    ck_assert_int_eq(CALL(GetServerVariable, "server_software", &value,
                          &length), S_OK);
    ck_assert_str_eq(value, "small");
    ck_assert_uint_eq(length, 5);
    ck_assert_int_eq(CALL(GetServerVariableW, "SERVER_SOFTWARE", &wide,
                          &length), S_OK);
    ck_assert(!wcscmp(wide, L"small"));
    CALL(GetServerVariable, "SERVER_SOFTWARE", &again, NULL);
    ck_assert_ptr_eq(value, again);
    ck_assert_int_eq(CALL(GetServerVariable, "UNICODE_SERVER_SOFTWARE",
                          &value, &length), S_OK);
    ck_assert_int_eq(CALL(GetServerVariable, "EMPTY", &value, &length), S_OK);
    ck_assert_uint_eq(length, 0);
}
END_TEST

START_TEST(variable_that_nobody_knows_is_an_invalid_index)
{
    PCSTR value = "x";
    DWORD length = 99;

    ck_assert_int_eq(CALL(GetServerVariable, "NO_SUCH", &value, &length),
                     INVALID_INDEX);
    ck_assert_ptr_null(value);
    ck_assert_uint_eq(length, 0);
    ck_assert_int_eq(CALL(GetServerVariable, NULL, &value, &length),
                     INVALID_PARAMETER);
    ck_assert_int_eq(CALL(GetServerVariable, "EMPTY", NULL, &length),
                     INVALID_PARAMETER);
}
END_TEST

START_TEST(variable_that_a_module_set_counts)
{
    PCSTR value;
    PCWSTR wide;
    DWORD n;
    DWORD number, changed, *indices;
    PCSTR *names;
    PCWSTR *values;

    ck_assert_int_eq(CALL(SetServerVariable, "server_software", L"\u00e9"),
                     S_OK);
    CALL(GetServerVariable, "SERVER_SOFTWARE", &value, &n);
    ck_assert_str_eq(value, "\xc3\xa9");
    ck_assert_uint_eq(n, 2);
    CALL(GetServerVariableW, "SERVER_SOFTWARE", &wide, &n);
    ck_assert_uint_eq(n, 1);
    ck_assert_int_eq(CALL(SetServerVariable, "MINE", L"1"), S_OK);
    ck_assert_int_eq(CALL(SetServerVariable, NULL, L"x"), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(SetServerVariable, "X", NULL), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(GetServerVarChanges, 0, &number, &n, &names,
                          &values, &changed, &indices), S_OK);
    ck_assert_uint_eq(n, 2);
    ck_assert_uint_eq(changed, 2);
    ck_assert_uint_eq(indices[2], (DWORD)-1);
    CALL(SetServerVariable, "mine", L"2");
    ck_assert_int_eq(CALL(GetServerVarChanges, number, &number, &n, &names,
                          &values, &changed, &indices), S_OK);
    ck_assert_uint_eq(n, 2);
    ck_assert_uint_eq(changed, 1);
    ck_assert_str_eq(names[indices[0]], "MINE");
    ck_assert(!wcscmp(values[indices[0]], L"2"));
    ck_assert_uint_eq(indices[1], (DWORD)-1);
}
END_TEST

START_TEST(variable_is_inherited_when_it_is_there)
{
    const struct IHttpContext3Vtbl *v = &ctx->handle->iface.lpVtbl->base;

    ck_assert_int_eq(v->InheritServerVariable(CONTEXT3, "EMPTY", TRUE), S_OK);
    ck_assert_int_eq(v->InheritServerVariable(CONTEXT3, "NO", FALSE), S_OK);
    ck_assert_int_eq(v->InheritServerVariable(CONTEXT3, "NO", TRUE),
                     INVALID_INDEX);
}
END_TEST

/* --- paths and memory --------------------------------------------------- */

START_TEST(map_path_counts_bytes)
{
    WCHAR path[32];
    DWORD bytes = 0, needed = (DWORD)sizeof(L"/var/www/b/c.txt");

    ck_assert_int_eq(CALL(MapPath, L"/b/c.txt?q", NULL, &bytes),
                     HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    ck_assert_uint_eq(bytes, needed);
    bytes = needed - 1;
    ck_assert_int_eq(CALL(MapPath, L"/b/c.txt", path, &bytes),
                     HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER));
    ck_assert_int_eq(CALL(MapPath, L"b/c.txt", path, &bytes), S_OK);
    ck_assert(!wcscmp(path, L"/var/www/b/c.txt"));
}
END_TEST

START_TEST(map_path_stays_below_the_root)
{
    static const WCHAR *const urls[] = { L"..", L"/../etc", L"/a/..",
                                         L"/a/../../b" };
    WCHAR path[64];
    DWORD bytes = sizeof(path);
    unsigned int i;

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        ck_assert_int_eq(CALL(MapPath, urls[i], path, &bytes),
                         INVALID_PARAMETER);
    }
    ck_assert_int_eq(CALL(MapPath, L"/a..b", path, &bytes), S_OK);
    ck_assert_int_eq(CALL(MapPath, NULL, path, &bytes), INVALID_PARAMETER);
    ck_assert_int_eq(CALL(MapPath, L"/", path, NULL), INVALID_PARAMETER);
}
END_TEST

START_TEST(paths_are_never_null)
{
    DWORD length = 99;

    ck_assert(!wcscmp(CALL(GetPhysicalPath, &length), L"/var/www/a"));
    ck_assert_uint_eq(length, 10);
    ck_assert(!wcscmp(CALL(GetScriptName, &length), L""));
    ck_assert_uint_eq(length, 0);
    ck_assert_ptr_nonnull(CALL(GetScriptTranslated, NULL));
}
END_TEST

START_TEST(request_memory_is_zeroed_and_bounded)
{
    char *memory = CALL(AllocateRequestMemory, 100000);
    int i;

    for (i = 0; i < 100000; i++) {
        ck_assert_int_eq(memory[i], 0);
    }
    ck_assert_ptr_nonnull(CALL(AllocateRequestMemory, 0));
    ck_assert_ptr_null(CALL(AllocateRequestMemory, 0xffffffff));
}
END_TEST

/* --- user --------------------------------------------------------------- */

START_TEST(anonymous_user_has_empty_names)
{
    IHttpUser *user = CALL(GetUser);
    BOOL in = 42;

    ck_assert_ptr_nonnull(user);
    ck_assert_ptr_eq(CALL(GetUser), user);
    ck_assert(!wcscmp(user->lpVtbl->GetUserName(user), L""));
    ck_assert(!wcscmp(user->lpVtbl->GetAuthenticationType(user), L""));
    ck_assert(!wcscmp(user->lpVtbl->GetPassword(user), L""));
    ck_assert_ptr_null(user->lpVtbl->GetPrimaryToken(user));
    ck_assert(user->lpVtbl->SupportsIsInRole(user));
    ck_assert_int_eq(user->lpVtbl->IsInRole(user, L"admin", &in), S_OK);
    ck_assert(!in);
    ck_assert_int_eq(user->lpVtbl->IsInRole(user, NULL, &in), S_OK);
    ck_assert(in);
}
END_TEST

START_TEST(user_outlives_the_request_when_referenced)
{
    IHttpUser *user, *anonymous = CALL(GetUser);

    hr.user = "joe";
    user = CALL(GetUser);
    ck_assert_ptr_ne(user, anonymous);
    ck_assert(!wcscmp(anonymous->lpVtbl->GetUserName(anonymous), L""));
    user->lpVtbl->ReferenceUser(user);
    small_close();
    ck_assert(!wcscmp(user->lpVtbl->GetUserName(user), L"joe"));
    ck_assert_int_eq(user->lpVtbl->IsInRole(user, L"admin", NULL), E_NOTIMPL);
    user->lpVtbl->DereferenceUser(user);
}
END_TEST

START_TEST(nobody_is_known_before_authentication)
{
    iisr_place_t place = { .event = IISR_EV_BEGIN, .module = &module };

    ctx->pipeline.inner = &place;
    ck_assert_ptr_null(CALL(GetUser));
    place.event = IISR_EV_SEND_RESPONSE;
    ck_assert_ptr_nonnull(CALL(GetUser));
    place.event = IISR_EV_BEGIN;
    hr.user = "joe";
    ck_assert_ptr_nonnull(CALL(GetUser));
    ctx->pipeline.inner = NULL;
}
END_TEST

START_TEST(user_of_the_request_has_no_tokens)
{
    const struct IHttpContext2Vtbl *v = &ctx->handle->iface.lpVtbl->base.base;
    IHttpUser *user;

    hr.user = "joe";
    user = CALL(GetUser);
    ck_assert_ptr_eq(v->GetOriginalUser((void *)CONTEXT), user);
    ck_assert(!wcscmp(user->lpVtbl->GetRemoteUserName(user), L"joe"));
    ck_assert_ptr_null(user->lpVtbl->GetImpersonationToken(user));
    ck_assert_ptr_null(user->lpVtbl->GetPrimaryToken(user));
    ck_assert_ptr_null(user->lpVtbl->GetUserVariable(user,
                                                     HTTP_USER_VARIABLE_SID));
    ck_assert_ptr_null(user->lpVtbl->GetUserVariable(user, NULL));
}
END_TEST

/* "joe:secret:1", and what is no base64 at all. */
START_TEST(password_is_that_of_basic_authentication)
{
    IHttpUser *user;

    hr.user = "joe";
    hr.auth_type = _i == 1 ? "Digest" : "Basic";
    apr_table_setn(hr.headers, "Authorization",
                   _i == 2 ? "Basic ***" : "Basic am9lOnNlY3JldDox");
    user = CALL(GetUser);
    ck_assert(!wcscmp(user->lpVtbl->GetPassword(user),
                      _i ? L"" : L"secret:1"));
    hr.user = "jo";
    user = CALL(GetUser);
    ck_assert(!wcscmp(user->lpVtbl->GetPassword(user), L""));
}
END_TEST

/* --- notifications ------------------------------------------------------ */

static int asked_last, last;
static REQUEST_NOTIFICATION_STATUS on_begin(CHttpModule *This,
                                            IHttpContext *context,
                                            IHttpEventProvider *provider)
{
    DWORD now;
    PCWSTR name;

    (void)This;
    (void)context;
    provider->lpVtbl->SetErrorStatus(provider, E_ACCESSDENIED);
    ck_assert_int_eq(CALL(GetCurrentExecutionStats, &now, NULL, &name, NULL,
                          NULL, NULL), S_OK);
    ck_assert_uint_eq(now, RQ_BEGIN_REQUEST);
    ck_assert(!wcscmp(name, L"small"));
    asked_last++;
    last = CALL(GetIsLastNotification, RQ_NOTIFICATION_CONTINUE);
    ck_assert(CALL(GetIsLastNotification, RQ_NOTIFICATION_FINISH_REQUEST));
    CALL(DisableNotifications, RQ_EXECUTE_REQUEST_HANDLER | RQ_SEND_RESPONSE,
         0);
    ck_assert(CALL(GetIsLastNotification, RQ_NOTIFICATION_CONTINUE));
    return RQ_NOTIFICATION_CONTINUE;
}

static REQUEST_NOTIFICATION_STATUS never(CHttpModule *This,
                                         IHttpContext *context,
                                         IHttpEventProvider *provider)
{
    (void)This;
    (void)context;
    (void)provider;
    ck_abort_msg("called for what it had disabled");
    return RQ_NOTIFICATION_CONTINUE;
}

START_TEST(module_disables_what_it_does_not_want)
{
    small_take_part(IISR_EV_BEGIN);
    small_take_part(IISR_EV_EXECUTE);
    module_table.OnBeginRequest = on_begin;
    module_table.OnExecuteRequestHandler = never;
    asked_last = 0;
    iisr_enter(ctx);
    iisr_pipeline_run(ctx, IISR_EV_BEGIN, 0);
    iisr_pipeline_run(ctx, IISR_EV_EXECUTE, 0);
    iisr_leave(ctx);
    ck_assert_int_eq(asked_last, 1);
    ck_assert(!last);
    ck_assert_int_eq(ctx->response.error, E_ACCESSDENIED);
    /* Only events with a fixed place can be disabled. */
    ck_assert_uint_eq(ctx->pipeline.instances[0].disabled[0],
                      RQ_EXECUTE_REQUEST_HANDLER);
}
END_TEST

static int customs;
static REQUEST_NOTIFICATION_STATUS on_custom(
    CHttpModule *This, IHttpContext *context,
    ICustomNotificationProvider *provider)
{
    (void)This;
    (void)context;
    ck_assert(!wcscmp(provider->lpVtbl->QueryNotificationType(provider),
                      L"mine"));
    customs++;
    return RQ_NOTIFICATION_CONTINUE;
}

static PCWSTR query_type(ICustomNotificationProvider *This)
{
    (void)This;
    return L"mine";
}

START_TEST(custom_notification_reaches_the_modules)
{
    static const struct ICustomNotificationProviderVtbl table = {
        .QueryNotificationType = query_type
    };
    ICustomNotificationProvider mine = { &table };
    BOOL expected = 42;

    ck_assert_int_eq(CALL(NotifyCustomNotification, &mine, &expected), S_OK);
    small_take_part(IISR_EV_CUSTOM);
    module_table.OnCustomRequestNotification = on_custom;
    customs = 0;
    ck_assert_int_eq(CALL(NotifyCustomNotification, &mine, &expected), S_OK);
    ck_assert(!expected);
    ck_assert_int_eq(customs, 1);
    ck_assert_int_eq(CALL(NotifyCustomNotification, NULL, NULL),
                     INVALID_PARAMETER);
}
END_TEST

START_TEST(no_next_notification_outside_of_one)
{
    DWORD notification = 42;
    BOOL post = 42;
    CHttpModule *next = &the_module;
    IHttpEventProvider *provider = (void *)&next;

    ck_assert(!CALL(GetNextNotification, RQ_NOTIFICATION_CONTINUE,
                    &notification, &post, &next, &provider));
    ck_assert_uint_eq(notification, 0);
    ck_assert_ptr_null(next);
    ck_assert_ptr_null(provider);
    ck_assert(!CALL(GetNextNotification, RQ_NOTIFICATION_CONTINUE, NULL, NULL,
                    NULL, NULL));
}
END_TEST

START_TEST(child_requests_need_a_host_that_has_them)
{
    IHttpContext *child = CONTEXT;
    BOOL expected = 42;

    ck_assert_int_eq(CALL(CloneContext, 1, &child), NOT_SUPPORTED);
    ck_assert_ptr_null(child);
    ck_assert_int_eq(CALL(CloneContext, 1, &child), NOT_SUPPORTED);
    ck_assert_int_eq(CALL(ExecuteRequest, TRUE, CONTEXT, 0, NULL, &expected),
                     NOT_SUPPORTED);
    ck_assert(!expected);
    ck_assert_int_eq(CALL(ReleaseClonedContext), INVALID_PARAMETER);
    ck_assert_int_eq(hr.warnings, 1);
    ck_assert_ptr_null(CALL(GetParentContext));
    ck_assert_ptr_null(CALL(GetRootContext));
}
END_TEST

START_TEST(completion_calls_go_to_the_state_machine)
{
    ck_assert_int_eq(CALL(PostCompletion, 5), S_OK);
    ck_assert(iisr_completion_ready(&ctx->completion));
    ck_assert_int_eq(CALL(CancelIo), HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE));
    CALL(IndicateCompletion, RQ_NOTIFICATION_FINISH_REQUEST);
    ck_assert(ctx->completion.indicated);
    ctx->handle->iface.lpVtbl->base.EnableFullDuplex(CONTEXT3);
    ck_assert(ctx->completion.full_duplex);
}
END_TEST

/* --- objects of the request --------------------------------------------- */

static int cleaned;
static void count_cleanup(IHttpStoredContext *This)
{
    (void)This;
    cleaned++;
}

static const struct IHttpStoredContextVtbl stored_table = { count_cleanup };

START_TEST(stored_contexts_are_cleaned_up_with_the_request)
{
    IHttpStoredContext stored = { called_wrap("IHttpStoredContext",
                                              &stored_table) };
    const struct IHttpContext3Vtbl *v = &ctx->handle->iface.lpVtbl->base;
    INamedContextContainer *named = v->GetNamedContextContainer(CONTEXT3);
    IHttpModuleContextContainer *c = CALL(GetModuleContextContainer);

    ck_assert_ptr_eq(CALL(GetModuleContextContainer), c);
    cleaned = 0;
    ck_assert_int_eq(c->lpVtbl->SetModuleContext(c, &stored, (void *)1),
                     S_OK);
    ck_assert_ptr_eq(v->GetNamedContextContainer(CONTEXT3), named);
    ck_assert_int_eq(named->lpVtbl->SetNamedContext(named, &stored, L"n"),
                     S_OK);
    ck_assert_ptr_eq(named->lpVtbl->GetNamedContext(named, L"n"), &stored);
    small_close();
    ck_assert_int_eq(cleaned, 2);
}
END_TEST

START_TEST(metadata_names_path_and_root)
{
    IMetadataInfo *metadata = CALL(GetMetadata);

    ck_assert(!wcscmp(metadata->lpVtbl->GetMetaPath(metadata),
                      L"MACHINE/WEBROOT/APPHOST/a"));
    ck_assert_ptr_eq(CALL(GetMetadata), metadata);
    ck_assert(!wcscmp(metadata->lpVtbl->GetVrPath(metadata), L"/var/www/"));
    ck_assert_ptr_null(metadata->lpVtbl->GetVrToken(metadata));
}
END_TEST

START_TEST(metadata_outlives_the_request)
{
    IHttpStoredContext stored = { &stored_table };
    IMetadataInfo *metadata = CALL(GetMetadata), *again;
    IHttpModuleContextContainer *c =
        metadata->lpVtbl->GetModuleContextContainer(metadata);

    cleaned = 0;
    ck_assert_int_eq(c->lpVtbl->SetModuleContext(c, &stored, (void *)1),
                     S_OK);
    iisr_enter(ctx);
    ck_assert_int_eq(iisr_request_set_url(ctx, "/b", NULL), APR_SUCCESS);
    iisr_leave(ctx);
    ck_assert_ptr_ne(again = CALL(GetMetadata), metadata);
    c = again->lpVtbl->GetModuleContextContainer(again);
    ck_assert_ptr_null(c->lpVtbl->GetModuleContext(c, (void *)1));
    small_close();
    ck_assert_int_eq(cleaned, 0);
    small_open();
    metadata = CALL(GetMetadata);
    ck_assert(!wcscmp(metadata->lpVtbl->GetMetaPath(metadata),
                      L"MACHINE/WEBROOT/APPHOST/b"));
    hr.path = "/a";
    small_close();
    small_open();
    metadata = CALL(GetMetadata);
    c = metadata->lpVtbl->GetModuleContextContainer(metadata);
    ck_assert_ptr_eq(c->lpVtbl->GetModuleContext(c, (void *)1), &stored);
    small_close();
    iisr_server_close(small_server);
    ck_assert_int_eq(cleaned, 1);
}
END_TEST

START_TEST(completion_info_tells_what_was_recorded)
{
    iisr_operation_t op = { .kind = IISR_OP_READ, .status = E_FAIL,
                            .bytes = APR_UINT64_C(0x100000000) };
    IHttpCompletionInfo2 *info = iisr_iface_objects.completion_info(ctx, &op);
    IHttpCompletionInfo *base = (IHttpCompletionInfo *)(void *)info;

    ck_assert_uint_eq(info->lpVtbl->base.GetCompletionBytes(base),
                      0xffffffff);
    ck_assert_int_eq(info->lpVtbl->base.GetCompletionStatus(base), E_FAIL);
    ck_assert_uint_eq(info->lpVtbl->GetCompletedOperation(info), 1);
    ck_assert_ptr_eq(iisr_iface_objects.completion_info(ctx, &op), info);
}
END_TEST

START_TEST(send_provider_tells_of_headers_and_flags)
{
    ISendResponseProvider *p = (ISendResponseProvider *)(void *)
        iisr_iface_objects.provider(ctx, IISR_EV_SEND_RESPONSE);

    ck_assert(p->lpVtbl->GetHeadersBeingSent(p));
    ck_assert_uint_eq(p->lpVtbl->GetFlags(p), 0);
    p->lpVtbl->SetFlags(p, HTTP_SEND_RESPONSE_FLAG_DISCONNECT);
    ck_assert(ctx->response.disconnect);
    ctx->response.committed = 1;
    ck_assert(!p->lpVtbl->GetHeadersBeingSent(p));
    ck_assert(CALL(GetResponseHeadersSent));
}
END_TEST

START_TEST(log_data_is_for_the_last_bytes_and_high_priorities)
{
    iisr_place_t place = { .event = IISR_EV_SEND_RESPONSE, .module = &module };
    ISendResponseProvider *p;
    HTTP_LOG_FIELDS_DATA *data;

    ctx->pipeline.inner = &place;
    ctx->response.more = 1;
    p = (ISendResponseProvider *)(void *)
        iisr_iface_objects.provider(ctx, IISR_EV_SEND_RESPONSE);
    ck_assert_uint_eq(p->lpVtbl->GetFlags(p),
                      HTTP_SEND_RESPONSE_FLAG_MORE_DATA);
    ck_assert(!p->lpVtbl->GetReadyToLogData(p));
    ck_assert_ptr_null(p->lpVtbl->GetLogData(p));
    ctx->response.more = 0;
    ck_assert(p->lpVtbl->GetReadyToLogData(p));
    module.priority[0][IISR_EV_SEND_RESPONSE] = IISR_PRIORITY_MEDIUM;
    ck_assert_ptr_null(p->lpVtbl->GetLogData(p));
    module.priority[0][IISR_EV_SEND_RESPONSE] = IISR_PRIORITY_HIGH;
    data = (HTTP_LOG_FIELDS_DATA *)(void *)p->lpVtbl->GetLogData(p);
    ck_assert_ptr_nonnull(data);
    ck_assert_int_eq(data->MethodLength, 3);
    ck_assert(!memcmp(data->Method, "GET", 3));
    ck_assert_int_eq(data->UriStemLength, 2 * sizeof(WCHAR));
    ck_assert(!wmemcmp(data->UriStem, L"/a", 2));
    ctx->pipeline.inner = NULL;
}
END_TEST

START_TEST(edited_log_data_is_kept_after_its_memory_has_gone)
{
    char agent[] = "somebody else";
    WCHAR user[] = { 'b', 'o', 'b', 0 };
    iisr_log_t *log = iisr_log_data(ctx);

    log->fields.UserAgent = agent;
    log->fields.UserAgentLength = sizeof(agent) - 1;
    log->fields.UserName = user;
    log->fields.UserNameLength = 3 * sizeof(WCHAR);
    log->fields.SubStatus = 7;
    iisr_log_data_keep(ctx);
    memset(agent, 'x', sizeof(agent) - 1);
    memset(user, 0, sizeof(user));
    ck_assert_str_eq(log_value("cs(User-Agent)"), "somebody else");
    ck_assert_str_eq(log_value("cs-username"), "bob");
    ck_assert_str_eq(log_value("sc-substatus"), "7");
    ck_assert_str_eq(log_value("cs-uri-stem"), "/a");
    ck_assert_uint_eq(log->edited, 1u << IISR_LOG_UserAgent
                                   | 1u << IISR_LOG_UserName);
    ck_assert_ptr_null(log_value("no-such-token"));
}
END_TEST

START_TEST(time_passes)
{
    const struct IHttpContext4Vtbl *v = ctx->handle->iface.lpVtbl;

    ck_assert_uint_lt(v->GetRequestElapsedTime(&ctx->handle->iface), 60000);
    ck_assert_uint_gt(v->GetRequestStartTime(&ctx->handle->iface), 0);
}
END_TEST

START_TEST(context_leads_to_its_objects)
{
    iisr_surroundings_t *around = &ctx->around;
    PVOID extended = NULL;

    around->site = iisr_site_create(pool, 1, "s", NULL);
    around->application = iisr_application_create(pool, "/", "", "");
    around->connection = iisr_connection_create(pool, NULL, NULL);
    ck_assert_ptr_eq(CALL(GetSite), around->site);
    ck_assert_ptr_eq((void *)CALL(GetApplication), around->application);
    ck_assert_ptr_eq(CALL(GetConnection), around->connection);
    ck_assert_ptr_eq((void *)CALL(GetRequest), &ctx->handle->request_iface);
    ck_assert_ptr_eq((void *)CALL(GetResponse), &ctx->handle->response_iface);
    ck_assert_uint_eq(CALL(GetExecuteFlags), 0);
    ck_assert_int_eq(CALL(GetExtendedInterface, 0, &extended), S_OK);
    ck_assert_ptr_eq(extended, CONTEXT);
    ck_assert_int_eq(CALL(GetExtendedInterface, 0, NULL), INVALID_PARAMETER);
    iisr_site_destroy(around->site);
    iisr_application_destroy(around->application);
    iisr_connection_destroy(around->connection);
}
END_TEST

/* --- objects around requests -------------------------------------------- */

START_TEST(site_and_application_have_names)
{
    IHttpSite *site = iisr_site_create(pool, 3, "caf\xc3\xa9", NULL);
    IHttpApplication2 *a = iisr_application_create(pool, "/srv",
                                                   "/LM/W3SVC/3/ROOT", NULL);
    IHttpApplication *base = (IHttpApplication *)(void *)a;
    IHttpStoredContext stored[2] = { { &stored_table }, { &stored_table } };
    IHttpModuleContextContainer *c[2];
    int i;

    c[0] = site->lpVtbl->GetModuleContextContainer(site);
    c[1] = a->lpVtbl->base.GetModuleContextContainer(base);
    for (i = 0; i < 2; i++) {
        ck_assert_int_eq(c[i]->lpVtbl->SetModuleContext(c[i], &stored[i],
                                                        (void *)1), S_OK);
        ck_assert_ptr_eq(c[i]->lpVtbl->GetModuleContext(c[i], (void *)1),
                         &stored[i]);
    }
    ck_assert_ptr_nonnull(site->lpVtbl->GetPerfCounterInfo(site));
    ck_assert_uint_eq(site->lpVtbl->GetSiteId(site), 3);
    ck_assert(!wcscmp(site->lpVtbl->GetSiteName(site), L"caf\u00e9"));
    ck_assert(!wcscmp(a->lpVtbl->base.GetApplicationPhysicalPath(base),
                      L"/srv"));
    ck_assert(!wcscmp(a->lpVtbl->base.GetApplicationId(base),
                      L"/LM/W3SVC/3/ROOT"));
    ck_assert(!wcscmp(a->lpVtbl->base.GetAppConfigPath(base), L""));
    ck_assert(!a->lpVtbl->QueryIsWarmingUp(a));
    a->lpVtbl->BeginApplicationWarmup(a);
    ck_assert(a->lpVtbl->QueryIsWarmingUp(a));
    a->lpVtbl->EndApplicationWarmup(a);
    ck_assert(!a->lpVtbl->QueryIsWarmingUp(a));
    cleaned = 0;
    iisr_site_destroy(site);
    iisr_application_destroy(a);
    ck_assert_int_eq(cleaned, 2);
}
END_TEST

static int is_there(void *baton)
{
    return *(int *)baton;
}

START_TEST(connection_has_memory_and_an_end)
{
    int there = 1;
    IHttpConnection *c = iisr_connection_create(pool, is_there, &there);
    char *memory = c->lpVtbl->AllocateMemory(c, 100);

    ck_assert_int_eq(memory[99], 0);
    ck_assert(c->lpVtbl->IsConnected(c));
    there = 0;
    ck_assert(!c->lpVtbl->IsConnected(c));
    ck_assert_ptr_null(c->lpVtbl->AllocateMemory(c, 0xffffffff));
    iisr_connection_destroy(c);
    ck_assert_ptr_null(c->lpVtbl->AllocateMemory(c, 1));
}
END_TEST

/* --- registration ------------------------------------------------------- */

START_TEST(module_registers_once)
{
    const struct IHttpModuleRegistrationInfoVtbl *v;
    IHttpModuleRegistrationInfo *info;

    module.factory = NULL;
    iisr_registration_init(&module);
    v = &module.info.lpVtbl->base;
    info = (IHttpModuleRegistrationInfo *)(void *)&module.info;
    ck_assert(!wcscmp(v->GetName(info), L"small"));
    ck_assert_ptr_nonnull(v->GetId(info));
    ck_assert_int_eq(v->SetRequestNotifications(info, NULL, 1, 0),
                     INVALID_PARAMETER);
    ck_assert_int_eq(v->SetRequestNotifications(info, &small_factory,
                                                0x00001000, 0),
                     INVALID_PARAMETER);
    ck_assert_int_eq(v->SetRequestNotifications(info, &small_factory,
        RQ_BEGIN_REQUEST | RQ_SEND_RESPONSE, RQ_END_REQUEST), S_OK);
    ck_assert_uint_eq(module.events, RQ_BEGIN_REQUEST | RQ_SEND_RESPONSE);
    ck_assert_uint_eq(module.post_events, RQ_END_REQUEST);
    ck_assert_int_eq(v->SetRequestNotifications(info, &small_factory, 1, 0),
                     HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS));
    ck_assert_int_eq(v->SetGlobalNotifications(info, NULL, GL_FILE_CHANGE),
                     INVALID_PARAMETER);
}
END_TEST

START_TEST(module_chooses_priorities)
{
    const struct IHttpModuleRegistrationInfo2Vtbl *v;
    IHttpModuleRegistrationInfo *info;

    iisr_registration_init(&module);
    v = module.info.lpVtbl;
    info = (IHttpModuleRegistrationInfo *)(void *)&module.info;
    ck_assert_int_eq(module.priority[0][IISR_EV_BEGIN], IISR_PRIORITY_MEDIUM);
    ck_assert_int_eq(v->base.SetPriorityForRequestNotification(info,
        RQ_BEGIN_REQUEST | RQ_END_REQUEST, PRIORITY_ALIAS_FIRST), S_OK);
    ck_assert_int_eq(v->SetPriorityForPostRequestNotification(&module.info,
        RQ_BEGIN_REQUEST, L"LAST"), S_OK);
    ck_assert_int_eq(module.priority[0][IISR_EV_BEGIN], IISR_PRIORITY_FIRST);
    ck_assert_int_eq(module.priority[0][IISR_EV_END], IISR_PRIORITY_FIRST);
    ck_assert_int_eq(module.priority[0][IISR_EV_LOG], IISR_PRIORITY_MEDIUM);
    ck_assert_int_eq(module.priority[1][IISR_EV_BEGIN], IISR_PRIORITY_LAST);
    ck_assert_int_eq(v->base.SetPriorityForRequestNotification(info, 1,
                                                               L"first"),
                     INVALID_PARAMETER);
    ck_assert_int_eq(v->base.SetPriorityForRequestNotification(info, 1, NULL),
                     INVALID_PARAMETER);
    ck_assert_int_eq(v->base.SetPriorityForGlobalNotification(info,
        GL_FILE_CHANGE, PRIORITY_ALIAS_LOW), S_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("objects");
    TCase *tc = tcase_create("objects");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, small_setup, small_teardown);
    tcase_add_test(tc, variable_is_answered_in_both_widths);
    tcase_add_test(tc, variable_that_nobody_knows_is_an_invalid_index);
    tcase_add_test(tc, variable_that_a_module_set_counts);
    tcase_add_test(tc, variable_is_inherited_when_it_is_there);
    tcase_add_test(tc, map_path_counts_bytes);
    tcase_add_test(tc, map_path_stays_below_the_root);
    tcase_add_test(tc, paths_are_never_null);
    tcase_add_test(tc, request_memory_is_zeroed_and_bounded);
    tcase_add_test(tc, anonymous_user_has_empty_names);
    tcase_add_test(tc, user_outlives_the_request_when_referenced);
    tcase_add_test(tc, nobody_is_known_before_authentication);
    tcase_add_test(tc, user_of_the_request_has_no_tokens);
    tcase_add_loop_test(tc, password_is_that_of_basic_authentication, 0, 3);
    tcase_add_test(tc, module_disables_what_it_does_not_want);
    tcase_add_test(tc, custom_notification_reaches_the_modules);
    tcase_add_test(tc, no_next_notification_outside_of_one);
    tcase_add_test(tc, child_requests_need_a_host_that_has_them);
    tcase_add_test(tc, completion_calls_go_to_the_state_machine);
    tcase_add_test(tc, stored_contexts_are_cleaned_up_with_the_request);
    tcase_add_test(tc, metadata_names_path_and_root);
    tcase_add_test(tc, metadata_outlives_the_request);
    tcase_add_test(tc, completion_info_tells_what_was_recorded);
    tcase_add_test(tc, send_provider_tells_of_headers_and_flags);
    tcase_add_test(tc, log_data_is_for_the_last_bytes_and_high_priorities);
    tcase_add_test(tc, edited_log_data_is_kept_after_its_memory_has_gone);
    tcase_add_test(tc, time_passes);
    tcase_add_test(tc, context_leads_to_its_objects);
    tcase_add_test(tc, site_and_application_have_names);
    tcase_add_test(tc, connection_has_memory_and_an_end);
    tcase_add_test(tc, module_registers_once);
    tcase_add_test(tc, module_chooses_priorities);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
