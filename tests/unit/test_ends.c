/* test_ends.c: module code that runs as a request ends, and calls that come
 * after its end: each is answered or refused, everything is destroyed once,
 * and no later request is met.
 */
#include "small_host.h"
#include "iface/shelf.h"

#define CONNECTION_INVALID HRESULT_FROM_WIN32(ERROR_CONNECTION_INVALID)
#define STACK_OVERFLOW HRESULT_FROM_WIN32(ERROR_STACK_OVERFLOW)

/* --- what careless code asks for ---------------------------------------- */

#define ON(c, method, ...) \
    (c)->lpVtbl->base.base.base.method((void *)(c), ##__VA_ARGS__)

typedef struct stored_t {
    IHttpStoredContext iface;           /* must be first */
    IHttpContext4 *of;                  /* it looks at this one */
    int cleaned;
} stored_t;

static stored_t late;                   /* nobody may keep it any more */

static void poke_request(IHttpRequest4 *r)
{
    BYTE buffer[16];
    DWORD n = 0;
    BOOL pending;
    USHORT length;

    ck_assert_ptr_nonnull(ON(r, GetRawHttpRequest));
    ON(r, GetHeader, "Host", &length);
    ON(r, SetHeader, "X-A", "1", 1, TRUE);
    ON(r, DeleteHeader, "X-A");
    ck_assert_ptr_nonnull(ON(r, GetHttpMethod));
    ck_assert(FAILED(ON(r, SetHttpMethod, "PUT")));
    ck_assert(FAILED(ON(r, SetUrl, "/b", 2, TRUE)));
    ck_assert_ptr_nonnull(ON(r, GetLocalAddress));
    ck_assert_ptr_nonnull(ON(r, GetRemoteAddress));
    ck_assert(FAILED(ON(r, ReadEntityBody, buffer, sizeof(buffer), FALSE, &n,
                        &pending)));
    ON(r, InsertEntityBody, buffer, sizeof(buffer));
    ON(r, GetRemainingEntityBytes);
    ON(r, GetSiteId);
}

static void poke_response(IHttpResponse4 *r)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };
    DWORD sent = 0;
    BOOL pending = FALSE;
    USHORT n;

    chunk.FromMemory.pBuffer = (void *)"x";
    chunk.FromMemory.BufferLength = 1;
    ck_assert_ptr_nonnull(ON(r, GetRawHttpResponse));
    ON(r, GetStatus, &n, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    ON(r, SetStatus, 404, "Gone", 1, S_OK, NULL, FALSE);
    ON(r, GetHeader, "X", &n);
    ON(r, SetHeader, "X", "1", 1, TRUE);
    ON(r, DeleteHeader, "X");
    ck_assert(FAILED(ON(r, WriteEntityChunks, &chunk, 1, FALSE, TRUE, &sent,
                        &pending)));
    ck_assert(!pending);
    ck_assert(FAILED(ON(r, Flush, FALSE, TRUE, &sent, &pending)));
    ck_assert(!pending);
    ck_assert(FAILED(ON(r, Flush, TRUE, TRUE, &sent, &pending)));
    ck_assert(!pending);
    ON(r, Redirect, "/b", TRUE, TRUE);
    ON(r, GetCachePolicy);
    ON(r, Clear);
    ON(r, ResetConnection);
}

/* What a module could keep there would never be cleaned up. */
static void poke_containers(IHttpContext4 *c, int closed)
{
    IHttpModuleContextContainer *plain = ON(c, GetModuleContextContainer);
    INamedContextContainer *named =
        c->lpVtbl->base.GetNamedContextContainer((void *)c);
    HRESULT hr;

    plain->lpVtbl->GetModuleContext(plain, (HTTP_MODULE_ID)1);
    named->lpVtbl->GetNamedContext(named, L"late");
    if (closed) {
        hr = plain->lpVtbl->SetModuleContext(plain, &late.iface,
                                             (HTTP_MODULE_ID)2);
        ck_assert(FAILED(hr));
    }
}

static void poke_objects(IHttpContext4 *c)
{
    IHttpTraceContext *trace = ON(c, GetTraceContext);
    IHttpUser *user = ON(c, GetUser);

    ck_assert_int_eq(trace->lpVtbl->QuickTrace(trace, L"x", L"y", S_OK, 1),
                     S_OK);
    if (user) {
        user->lpVtbl->GetUserName(user);
    }
    ON(c, GetUrlInfo);
    ON(c, GetMetadata);
    ON(c, GetFileInfo);
    ON(c, GetScriptMap);
}

static PCWSTR query_type(ICustomNotificationProvider *This)
{
    (void)This;
    return L"mine";
}

static const struct ICustomNotificationProviderVtbl custom_table = {
    .QueryNotificationType = query_type
};
static ICustomNotificationProvider custom = { .lpVtbl = &custom_table };

static void poke_context(IHttpContext4 *c)
{
    IHttpContext *clone = NULL;
    BOOL expected = FALSE;
    WCHAR path[8];
    DWORD n = sizeof(path);
    PCSTR value = NULL;

    ON(c, GetServerVariable, "REMOTE_ADDR", &value, &n);
    ON(c, SetServerVariable, "MINE", L"x");
    ON(c, GetScriptName, &n);
    ON(c, GetPhysicalPath, &n);
    n = sizeof(path);
    ck_assert(FAILED(ON(c, MapPath, L"/a", path, &n)));
    ON(c, GetResponseHeadersSent);
    ON(c, GetSite);
    ON(c, GetParentContext);
    ON(c, DisableNotifications, RQ_END_REQUEST, 0);
    ON(c, SetRequestHandled);
    ck_assert(FAILED(ON(c, CloneContext, 0, &clone)));
    ck_assert_ptr_null(clone);
    ck_assert(FAILED(ON(c, ExecuteRequest, TRUE, (IHttpContext *)(void *)c, 0,
                        NULL, &expected)));
    ck_assert(FAILED(ON(c, ReleaseClonedContext)));
    ON(c, NotifyCustomNotification, &custom, &expected);
    ck_assert(!expected);
    ck_assert(!ON(c, GetNextNotification, RQ_NOTIFICATION_CONTINUE, NULL,
                  NULL, NULL, NULL));
    ck_assert(FAILED(ON(c, CancelIo)));
    ON(c, IndicateCompletion, RQ_NOTIFICATION_CONTINUE);
    ck_assert_int_eq(ON(c, PostCompletion, 1), CONNECTION_INVALID);
}

static int poked;
static void poke(IHttpContext4 *c, int closed)
{
    poke_context(c);
    poke_objects(c);
    poke_containers(c, closed);
    poke_request((IHttpRequest4 *)(void *)ON(c, GetRequest));
    poke_response((IHttpResponse4 *)(void *)ON(c, GetResponse));
    ON(c, AllocateRequestMemory, 10);
    poked++;
}

/* --- as the request ends ------------------------------------------------ */

static IHttpContext4 *mine;

static void dispose(CHttpModule *This)
{
    poke(mine, 0);
    small_dispose(This);
}

static void clean_up(IHttpStoredContext *This)
{
    stored_t *stored = (stored_t *)(void *)This;

    stored->cleaned++;
    poke(stored->of, 1);
}

static const struct IHttpStoredContextVtbl stored_table = {
    .CleanupStoredContext = clean_up
};

static int user_refs;
static PCWSTR user_text(IHttpUser *This)
{
    (void)This;
    return L"jo";
}

static void user_reference(IHttpUser *This)
{
    (void)This;
    user_refs++;
}

static void user_dereference(IHttpUser *This)
{
    (void)This;
    ck_assert_int_gt(user_refs, 0);
    if (!--user_refs) {
        poke(mine, 1);
    }
}

static const struct IHttpUserVtbl user_table = {
    .GetRemoteUserName = user_text, .GetUserName = user_text,
    .GetAuthenticationType = user_text, .ReferenceUser = user_reference,
    .DereferenceUser = user_dereference
};
static IHttpUser my_user = { .lpVtbl = &user_table };

static REQUEST_NOTIFICATION_STATUS set_user(CHttpModule *This,
                                            IHttpContext *c,
                                            IAuthenticationProvider *p)
{
    (void)This;
    (void)c;
    p->lpVtbl->SetUser(p, &my_user);
    return RQ_NOTIFICATION_CONTINUE;
}

static REQUEST_NOTIFICATION_STATUS begin(CHttpModule *This, IHttpContext *c,
                                         IHttpEventProvider *p)
{
    (void)This;
    (void)c;
    (void)p;
    return RQ_NOTIFICATION_CONTINUE;
}

static void setup(void)
{
    small_setup();
    mine = &ctx->handle->iface;
    poked = 0;
    memset(&late, 0, sizeof(late));
    module_table.OnBeginRequest = begin;
    small_take_part(IISR_EV_BEGIN);
}

START_TEST(a_module_that_is_disposed_of_may_ask)
{
    module_table.Dispose = dispose;
    small_run(IISR_EV_BEGIN);
    small_close();
    ck_assert_int_eq(small_disposed, 1);
    ck_assert_int_eq(poked, 1);
}
END_TEST

/* In the request's, by module and by name, and in two that it shares. */
START_TEST(what_cleans_up_may_ask)
{
    stored_t s[4] = { { .cleaned = 0 } };
    IHttpModuleContextContainer *in[3] = {
        ON(mine, GetModuleContextContainer),
        ON(mine, GetUrlInfo)->lpVtbl->GetModuleContextContainer(
            ON(mine, GetUrlInfo)),
        ON(mine, GetMetadata)->lpVtbl->GetModuleContextContainer(
            ON(mine, GetMetadata))
    };
    INamedContextContainer *named =
        mine->lpVtbl->base.GetNamedContextContainer((void *)mine);
    int i;

    for (i = 0; i < 4; i++) {
        s[i].iface.lpVtbl = &stored_table;
        s[i].of = mine;
    }
    for (i = 0; i < 3; i++) {
        ck_assert_int_eq(in[i]->lpVtbl->SetModuleContext(
            in[i], &s[i].iface, (HTTP_MODULE_ID)1), S_OK);
    }
    ck_assert_int_eq(named->lpVtbl->SetNamedContext(named, &s[3].iface,
                                                    L"mine"), S_OK);
    small_run(IISR_EV_BEGIN);
    small_close();
    ck_assert_int_eq(s[0].cleaned, 1);
    ck_assert_int_eq(s[3].cleaned, 1);
    /* The server's objects keep those of a URL. */
    iisr_server_close(small_server);
    ck_assert_int_eq(s[1].cleaned, 1);
    ck_assert_int_eq(s[2].cleaned, 1);
    ck_assert_int_eq(late.cleaned, 0);
}
END_TEST

START_TEST(a_user_that_goes_may_ask)
{
    user_refs = 1;
    module_table.OnAuthenticateRequest = set_user;
    small_take_part(IISR_EV_AUTHENTICATE);
    small_run(IISR_EV_AUTHENTICATE);
    small_close();
    ck_assert_int_eq(user_refs, 0);
    ck_assert_int_eq(poked, 1);
}
END_TEST

/* A reference that is taken and given back as the last one goes. */
static IHttpUrlInfo *shared;
static int shared_cleaned;
static void clean_shared(IHttpStoredContext *This)
{
    (void)This;
    shared_cleaned++;
    iisr_shelf_reference(shared);
    iisr_shelf_release(shared);
}

START_TEST(an_object_is_destroyed_once)
{
    static const struct IHttpStoredContextVtbl table = {
        .CleanupStoredContext = clean_shared
    };
    IHttpStoredContext stored = { .lpVtbl = &table };
    IHttpModuleContextContainer *in;

    shared_cleaned = 0;
    shared = ON(mine, GetUrlInfo);
    in = shared->lpVtbl->GetModuleContextContainer(shared);
    in->lpVtbl->SetModuleContext(in, &stored, (HTTP_MODULE_ID)1);
    small_close();
    iisr_server_close(small_server);
    ck_assert_int_eq(shared_cleaned, 1);
}
END_TEST

/* --- after its end ------------------------------------------------------ */

START_TEST(what_comes_after_the_end_is_refused)
{
    IHttpRequest4 *request = (IHttpRequest4 *)(void *)ON(mine, GetRequest);
    IHttpResponse4 *response = (IHttpResponse4 *)(void *)ON(mine,
                                                           GetResponse);
    int i;

    small_run(IISR_EV_BEGIN);
    small_close();
    for (i = 0; i < 3; i++) {
        poke(mine, 0);
        poke_request(request);
        poke_response(response);
        ck_assert_ptr_null(ON(mine, AllocateRequestMemory, 10));
    }
}
END_TEST

static int answers;
static REQUEST_NOTIFICATION_STATUS answer_late(CHttpModule *This,
                                               IHttpContext *c,
                                               DWORD notification, BOOL post,
                                               IHttpEventProvider *p,
                                               IHttpCompletionInfo *info)
{
    (void)This;
    (void)c;
    (void)notification;
    (void)post;
    (void)p;
    (void)info;
    answers++;
    return RQ_NOTIFICATION_CONTINUE;
}

static REQUEST_NOTIFICATION_STATUS wait_for_it(CHttpModule *This,
                                               IHttpContext *c,
                                               IHttpEventProvider *p)
{
    (void)This;
    (void)c;
    (void)p;
    return RQ_NOTIFICATION_PENDING;
}

/* Whatever comes to the place of the one that ended. */
START_TEST(a_late_completion_meets_no_later_request)
{
    IHttpContext4 *first = mine;
    iisr_run_e result;
    int i;

    answers = 0;
    module_table.OnAsyncCompletion = answer_late;
    small_run(IISR_EV_BEGIN);
    small_close();
    module_table.OnBeginRequest = wait_for_it;
    for (i = 0; i < 100; i++) {
        small_open();
        ck_assert_ptr_ne(&ctx->handle->iface, first);
        ck_assert_int_eq(ON(first, PostCompletion, 1), CONNECTION_INVALID);
        ON(first, IndicateCompletion, RQ_NOTIFICATION_FINISH_REQUEST);
        ck_assert(!ctx->completion.indicated);
        ck_assert(!iisr_completion_ready(&ctx->completion));
        ck_assert_int_eq(ON(&ctx->handle->iface, PostCompletion, 1), S_OK);
        iisr_enter(ctx);
        result = iisr_pipeline_run(ctx, IISR_EV_BEGIN, 1);
        iisr_leave(ctx);
        ck_assert_int_eq(result, IISR_RUN_CONTINUE);
        ck_assert_int_eq(answers, i + 1);
        small_close();
    }
}
END_TEST

/* A handle is used again, when nobody can still hold it by mistake. */
START_TEST(handles_wait_their_turn)
{
    iisr_handles_t handles = { 0 };
    iisr_context_t *closed = ctx;
    iisr_handle_t *first = iisr_handle_take(&handles), *handle;
    int i;

    iisr_handle_give(&handles, first, closed);
    for (i = 1; i < IISR_HANDLES_WAIT; i++) {
        handle = iisr_handle_take(&handles);
        ck_assert_ptr_ne(handle, first);
        iisr_handle_give(&handles, handle, closed);
    }
    ck_assert_ptr_eq(iisr_handle_take(&handles), first);
    ck_assert_ptr_eq(first->ctx, closed);
}
END_TEST

/* --- notifications inside one another ----------------------------------- */

static int deepest, deep;
static HRESULT last_word;
static REQUEST_NOTIFICATION_STATUS again(CHttpModule *This, IHttpContext *c,
                                         ICustomNotificationProvider *p)
{
    BOOL expected = TRUE;
    HRESULT got;

    (void)This;
    deep++;
    deepest = deep > deepest ? deep : deepest;
    got = c->lpVtbl->NotifyCustomNotification(c, p, &expected);
    if (deep == deepest) {
        last_word = got;
    }
    else {
        ck_assert_int_eq(got, S_OK);
    }
    deep--;
    return RQ_NOTIFICATION_CONTINUE;
}

START_TEST(a_custom_notification_from_its_own_ends_somewhere)
{
    BOOL expected = TRUE;

    deepest = deep = 0;
    last_word = S_OK;
    module_table.OnCustomRequestNotification = again;
    small_take_part(IISR_EV_CUSTOM);
    ck_assert_int_eq(ON(mine, NotifyCustomNotification, &custom, &expected),
                     S_OK);
    ck_assert_int_eq(deepest, 10);
    ck_assert_int_eq(last_word, STACK_OVERFLOW);
    ck_assert_int_eq(hr.warnings, 1);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("ends");
    TCase *tc = tcase_create("ends");
    SRunner *sr;
    int failed;

    tcase_add_checked_fixture(tc, setup, small_teardown);
    tcase_add_test(tc, a_module_that_is_disposed_of_may_ask);
    tcase_add_test(tc, what_cleans_up_may_ask);
    tcase_add_test(tc, a_user_that_goes_may_ask);
    tcase_add_test(tc, an_object_is_destroyed_once);
    tcase_add_test(tc, what_comes_after_the_end_is_refused);
    tcase_add_test(tc, a_late_completion_meets_no_later_request);
    tcase_add_test(tc, handles_wait_their_turn);
    tcase_add_test(tc, a_custom_notification_from_its_own_ends_somewhere);
    suite_add_tcase(s, tc);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_NORMAL);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
