/* test_turns.c: whose turn it is: the handler mapping, and what is raised
 * again when the request goes on as one for another URL or place.
 */
#include "core/turns.h"
#include "small_host.h"

static char seen[1000];

static REQUEST_NOTIFICATION_STATUS say(const CHttpModule *This,
                                       const char *name)
{
    strcat(seen, This == &the_module ? "small:" : "other:");
    strcat(seen, name);
    strcat(seen, " ");
    return RQ_NOTIFICATION_CONTINUE;
}

#define HANDLER(method, bit, post, type, name) \
    static REQUEST_NOTIFICATION_STATUS saw_##method(CHttpModule *This, \
        IHttpContext *c, type *provider) \
    { \
        (void)c; \
        (void)provider; \
        return say(This, name); \
    }
IIS_NOTIFICATIONS(HANDLER)

static CHttpModule other_instance;

static HRESULT get_other(IHttpModuleFactory *This, CHttpModule **ppModule,
                         IModuleAllocator *pAllocator)
{
    (void)This;
    (void)pAllocator;
    *ppModule = &other_instance;
    return S_OK;
}

static const struct IHttpModuleFactoryVtbl other_table = {
    .GetHttpModule = get_other
};
static IHttpModuleFactory other_factory = { &other_table };
static iisr_module_t other;
static iisr_module_t *both[] = { &module, &other };

static void setup(void)
{
    DWORD some = RQ_BEGIN_REQUEST | RQ_AUTHENTICATE_REQUEST
                 | RQ_AUTHORIZE_REQUEST | RQ_MAP_REQUEST_HANDLER
                 | RQ_EXECUTE_REQUEST_HANDLER;

    small_setup();
#define ENTER(method, bit, post, type, name) \
    module_table.method = saw_##method;
    IIS_NOTIFICATIONS(ENTER)
    other_instance.lpVtbl = the_module.lpVtbl;
    memset(&other, 0, sizeof(other));
    other.name = "other";
    other.index = 1;
    other.factory = &other_factory;
    module.events = other.events = some;
    module.post_events = other.post_events = RQ_AUTHORIZE_REQUEST
                                             | RQ_EXECUTE_REQUEST_HANDLER;
    registry.modules = both;
    registry.nmodules = 2;
    iisr_registry_seal(&registry);
    *seen = '\0';
}

static void teardown(void)
{
    small_close();
    small_teardown();
}

static void is(iisr_event_e up_to, const char *words)
{
    *seen = '\0';
    small_run(up_to);
    ck_assert_str_eq(seen, words);
}

static void again(int another_url, const unsigned char *enabled)
{
    iisr_enter(ctx);
    ctx->enabled = enabled;
    iisr_pipeline_ask_again(ctx, another_url);
    iisr_leave(ctx);
}

#define BEGIN "small:BeginRequest other:BeginRequest "
#define GATE "small:AuthenticateRequest other:AuthenticateRequest " \
    "small:AuthorizeRequest other:AuthorizeRequest " \
    "small:PostAuthorizeRequest other:PostAuthorizeRequest "
#define OTHERS_GATE "other:AuthenticateRequest other:AuthorizeRequest " \
    "other:PostAuthorizeRequest "
#define MAP "small:MapRequestHandler other:MapRequestHandler "
#define EXECUTE "small:ExecuteRequestHandler other:ExecuteRequestHandler "

START_TEST(another_url_is_asked_about_and_nothing_else)
{
    again(1, NULL);
    is(IISR_EV_AUTHORIZE, BEGIN GATE);
    is(IISR_EV_AUTHORIZE, "");
    again(1, NULL);
    is(IISR_EV_AUTHORIZE, GATE);
    is(IISR_EV_MAP_HANDLER, MAP);
    /* From the handler stage on. */
    again(1, NULL);
    is(IISR_EV_MAP_HANDLER, GATE);
    is(IISR_EV_MAP_HANDLER, "");
    again(1, NULL);
    is(IISR_EV_EXECUTE, GATE EXECUTE
       "small:PostExecuteRequestHandler other:PostExecuteRequestHandler ");
    is(IISR_EV_END, "");
}
END_TEST

static const unsigned char one[] = { 1, 0 }, two[] = { 0, 1 },
    all[] = { 1, 1 }, none[] = { 0, 0 };

START_TEST(another_place_is_asked_about_by_whom_it_brings)
{
    ctx->enabled = one;
    is(IISR_EV_MAP_HANDLER, "small:BeginRequest small:AuthenticateRequest "
       "small:AuthorizeRequest small:PostAuthorizeRequest "
       "small:MapRequestHandler ");
    again(0, none);
    is(IISR_EV_MAP_HANDLER, "");
    again(0, all);
    is(IISR_EV_MAP_HANDLER, OTHERS_GATE);
    again(0, two);
    is(IISR_EV_MAP_HANDLER, "");
    again(0, NULL);
    is(IISR_EV_MAP_HANDLER, "");
    /* About another URL nobody was asked. */
    again(1, two);
    is(IISR_EV_MAP_HANDLER, OTHERS_GATE);
    again(0, NULL);
    is(IISR_EV_MAP_HANDLER, "small:AuthenticateRequest small:AuthorizeRequest "
       "small:PostAuthorizeRequest ");
}
END_TEST

/* Its URL changes between the two. */
START_TEST(who_was_asked_half_is_asked_whole)
{
    iisr_enter(ctx);
    iisr_pipeline_run_to(ctx, IISR_STEP(IISR_EV_AUTHENTICATE), 0);
    iisr_leave(ctx);
    again(0, all);
    is(IISR_EV_MAP_HANDLER, GATE MAP);
}
END_TEST

static REQUEST_NOTIFICATION_STATUS refuse(CHttpModule *This, IHttpContext *c,
                                          IHttpEventProvider *provider)
{
    (void)c;
    (void)provider;
    say(This, "refused");
    return RQ_NOTIFICATION_FINISH_REQUEST;
}

START_TEST(a_refusal_is_one_when_asked_again)
{
    is(IISR_EV_MAP_HANDLER, BEGIN GATE MAP);
    module_table.OnAuthorizeRequest = refuse;
    again(1, NULL);
    is(IISR_EV_EXECUTE, "small:AuthenticateRequest "
       "other:AuthenticateRequest small:refused ");
    ck_assert(ctx->pipeline.finishing);
    again(1, NULL);
    is(IISR_EV_EXECUTE, "");
}
END_TEST

static REQUEST_NOTIFICATION_STATUS go_on(CHttpModule *This, IHttpContext *c,
                                         IHttpEventProvider *provider)
{
    CHttpModule *next = NULL;
    DWORD bit = 0;
    BOOL post = FALSE;

    (void)provider;
    say(This, "PostAuthorizeRequest");
    ck_assert(!c->lpVtbl->GetNextNotification(c, RQ_NOTIFICATION_CONTINUE,
                                              &bit, &post, &next, &provider));
    return RQ_NOTIFICATION_CONTINUE;
}

/* What follows was raised already. */
START_TEST(nobody_goes_on_past_it)
{
    ctx->enabled = one;
    is(IISR_EV_MAP_HANDLER, "small:BeginRequest small:AuthenticateRequest "
       "small:AuthorizeRequest small:PostAuthorizeRequest "
       "small:MapRequestHandler ");
    module_table.OnPostAuthorizeRequest = go_on;
    again(1, one);
    is(IISR_EV_MAP_HANDLER, "small:AuthenticateRequest small:AuthorizeRequest "
       "small:PostAuthorizeRequest ");
}
END_TEST

START_TEST(a_mapping_says_who_executes_and_in_which_order)
{
    iisr_module_t *turned[] = { &other, &module };

    iisr_turns_map(ctx, turned, 2);
    is(IISR_EV_EXECUTE, BEGIN GATE MAP "other:ExecuteRequestHandler "
       "small:ExecuteRequestHandler other:PostExecuteRequestHandler "
       "small:PostExecuteRequestHandler ");
}
END_TEST

START_TEST(a_mapping_leaves_out_whom_it_does_not_name)
{
    iisr_module_t *just[] = { &other };

    iisr_turns_map(ctx, just, 1);
    ck_assert(iisr_pipeline_wants(ctx, IISR_EV_EXECUTE));
    is(IISR_EV_EXECUTE, BEGIN GATE MAP "other:ExecuteRequestHandler "
       "other:PostExecuteRequestHandler ");
    small_close();
    small_open();
    iisr_turns_map(ctx, NULL, 0);
    ck_assert(!iisr_pipeline_wants(ctx, IISR_EV_EXECUTE));
    is(IISR_EV_EXECUTE, BEGIN GATE MAP);
    small_close();
    small_open();
    iisr_turns_map(ctx, NULL, 0);
    iisr_turns_map_all(ctx);
    is(IISR_EV_EXECUTE, BEGIN GATE MAP EXECUTE
       "small:PostExecuteRequestHandler other:PostExecuteRequestHandler ");
}
END_TEST

/* A handler of the host's made another URL of it. */
START_TEST(another_handler_executes_after_the_first)
{
    iisr_module_t *just[] = { &other };

    iisr_turns_map(ctx, NULL, 0);
    is(IISR_EV_MAP_HANDLER, BEGIN GATE MAP);
    iisr_enter(ctx);
    iisr_pipeline_run_to(ctx, IISR_STEP(IISR_EV_EXECUTE), 0);
    iisr_pipeline_execute_again(ctx);
    iisr_turns_map(ctx, just, 1);
    iisr_leave(ctx);
    is(IISR_EV_EXECUTE, "other:ExecuteRequestHandler "
       "other:PostExecuteRequestHandler ");
    iisr_enter(ctx);
    iisr_pipeline_execute_again(ctx);
    iisr_leave(ctx);
    is(IISR_EV_EXECUTE, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("turns");
    TCase *tc = tcase_create("turns");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, another_url_is_asked_about_and_nothing_else);
    tcase_add_test(tc, another_place_is_asked_about_by_whom_it_brings);
    tcase_add_test(tc, who_was_asked_half_is_asked_whole);
    tcase_add_test(tc, a_refusal_is_one_when_asked_again);
    tcase_add_test(tc, nobody_goes_on_past_it);
    tcase_add_test(tc, a_mapping_says_who_executes_and_in_which_order);
    tcase_add_test(tc, a_mapping_leaves_out_whom_it_does_not_name);
    tcase_add_test(tc, another_handler_executes_after_the_first);
    suite_add_tcase(suite, tc);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
