/* test_trace.c: IHttpTraceContext: lines, the ring of a request, and who
 * subscribes to what.
 */
#include "small_host.h"
#include "iface/server.h"

#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define MODULE ((HTTP_MODULE_ID)1)
#define OTHER ((HTTP_MODULE_ID)2)

DEFINE_GUID(provider, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
DEFINE_GUID(stranger, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

static IHttpServer3 *server;
static IHttpTraceContext *trace;
static int reads_log, events;
static iisr_context_t *event_context;

static int listening(void *baton)
{
    (void)baton;
    return reads_log;
}

static void event_raised(void *baton, HTTP_TRACE_EVENT *event,
                         iisr_context_t *context)
{
    (void)baton;
    ck_assert_uint_eq(event->dwEvent, 7);
    event_context = context;
    events++;
}

static void setup(void)
{
    static const iisr_server_hooks_t hooks = {
        .log = small_server_log,
        .trace = { .listening = listening, .event = event_raised }
    };
    IHttpContext *context;

    small_setup();
    reads_log = events = 0;
    server = iisr_server_create(pool, "pool", NULL, &hooks);
    ctx->around.server = server;
    context = (IHttpContext *)(void *)&ctx->handle->iface;
    trace = ctx->handle->iface.lpVtbl->base.base.base.GetTraceContext(context);
}

static HRESULT subscribe(HTTP_MODULE_ID id, LPCGUID guid, DWORD areas,
                         DWORD verbosity, BOOL enabled)
{
    HTTP_TRACE_CONFIGURATION configuration = { guid, areas, verbosity,
                                               enabled };

    return trace->lpVtbl->SetTraceConfiguration(trace, id, &configuration, 1);
}

static void count(void *baton, const iisr_trace_line_t *line)
{
    const iisr_trace_line_t **last = baton;

    ck_assert_int_gt(line->when, 0);
    *last = line;
}

START_TEST(lines_stay_in_the_ring_of_the_request)
{
    const iisr_trace_line_t *last = NULL;
    int i;

    ck_assert_int_eq(iisr_trace_each(trace, count, &last), 0);
    ck_assert_int_eq(trace->lpVtbl->QuickTrace(trace, L"one", NULL, E_FAIL,
                                               4), S_OK);
    ck_assert_int_eq(iisr_trace_each(trace, count, &last), 1);
    ck_assert_str_eq(last->text, "one, 0x80004005, level 4");
    ck_assert_int_eq(last->level, 4);
    for (i = 0; i < 200; i++) {
        trace->lpVtbl->QuickTrace(trace, NULL, L"caf\u00e9", S_OK, 7);
    }
    ck_assert_int_eq(iisr_trace_each(trace, count, &last), IISR_RING);
    ck_assert_str_eq(last->text, ", caf\xc3\xa9, 0x00000000, level 7");
}
END_TEST

START_TEST(the_server_traces_without_a_request)
{
    IHttpTraceContext *own = server->lpVtbl->base.base.GetTraceContext(
        (IHttpServer *)(void *)server);
    const iisr_trace_line_t *last = NULL;

    ck_assert_int_eq(own->lpVtbl->QuickTrace(own, L"x", NULL, S_OK, 4), S_OK);
    ck_assert_int_eq(iisr_trace_each(own, count, &last), 0);
    ck_assert_ptr_nonnull(own->lpVtbl->GetTraceActivityId(own));
    ck_assert(!IsEqualGUID(own->lpVtbl->GetTraceActivityId(own),
                           trace->lpVtbl->GetTraceActivityId(trace)));
}
END_TEST

START_TEST(nobody_listens_until_somebody_does)
{
    HTTP_TRACE_CONFIGURATION c = { &provider, 1, 1, TRUE };

    ck_assert_int_eq(trace->lpVtbl->GetTraceConfiguration(trace, &c), S_OK);
    ck_assert(!c.fProviderEnabled);
    ck_assert_int_eq(trace->lpVtbl->GetTraceConfiguration(trace, NULL),
                     INVALID_PARAMETER);
    ck_assert_int_eq(subscribe(MODULE, &provider, 0x6, 3, TRUE), S_OK);
    ck_assert_int_eq(subscribe(OTHER, &GUID_IIS_ALL_TRACE_PROVIDERS, 0x8, 4,
                               TRUE), S_OK);
    trace->lpVtbl->GetTraceConfiguration(trace, &c);
    ck_assert(c.fProviderEnabled);
    ck_assert_uint_eq(c.dwAreas, 0xe);
    ck_assert_uint_eq(c.dwVerbosity, 4);
    ck_assert_int_eq(subscribe(OTHER, &GUID_IIS_ALL_TRACE_PROVIDERS, 0, 0,
                               FALSE), S_OK);
    c.pProviderGuid = &stranger;
    trace->lpVtbl->GetTraceConfiguration(trace, &c);
    ck_assert(!c.fProviderEnabled);
    reads_log = 1;
    trace->lpVtbl->GetTraceConfiguration(trace, &c);
    ck_assert(c.fProviderEnabled);
    ck_assert_uint_eq(c.dwAreas, 0xffffe);
}
END_TEST

START_TEST(subscription_is_checked)
{
    HTTP_TRACE_CONFIGURATION c = { &provider, 1, 1, TRUE };

    ck_assert_int_eq(subscribe(NULL, &provider, 1, 1, TRUE),
                     INVALID_PARAMETER);
    ck_assert_int_eq(subscribe(MODULE, NULL, 1, 1, TRUE), INVALID_PARAMETER);
    ck_assert_int_eq(trace->lpVtbl->SetTraceConfiguration(trace, MODULE, NULL,
                                                          1),
                     INVALID_PARAMETER);
    ck_assert_int_eq(subscribe(MODULE, &provider, 1, 1, FALSE),
                     HRESULT_FROM_WIN32(ERROR_NOT_FOUND));
    ck_assert_int_eq(trace->lpVtbl->SetTraceConfiguration(trace, MODULE, &c,
                                                          1), S_OK);
    ck_assert_int_eq(subscribe(MODULE, &provider, 1, 1, FALSE), S_OK);
}
END_TEST

START_TEST(each_event_is_raised_and_tells_who_subscribed)
{
    BOOL yes = TRUE;
    DWORD number = 42;
    HTTP_TRACE_EVENT_ITEM items[] = {
        { L"flag", HTTP_TRACE_TYPE_BOOL, (PBYTE)&yes, sizeof(yes), NULL },
        { L"n", HTTP_TRACE_TYPE_ULONG, (PBYTE)&number, sizeof(number), NULL },
        { L"odd", HTTP_TRACE_TYPE_ULONG, (PBYTE)&number, 3, NULL },
        { L"text", HTTP_TRACE_TYPE_LPCSTR, (PBYTE)"abc", 4, NULL },
        { L"wide", HTTP_TRACE_TYPE_LPCWSTR, (PBYTE)L"\u00e9",
          2 * sizeof(WCHAR), NULL },
        { L"none", HTTP_TRACE_TYPE_LPCSTR, NULL, 9, NULL }
    };
    HTTP_TRACE_EVENT event = { .pProviderGuid = &provider, .dwArea = 2,
                               .dwEvent = 7, .pszEventName = L"mine",
                               .dwVerbosity = 4, .cEventItems = 6,
                               .pEventItems = items };
    iisr_trace_hub_t *hub = iisr_server_of(server)->trace_hub;
    const iisr_trace_line_t *last = NULL;

    ck_assert_int_eq(trace->lpVtbl->RaiseTraceEvent(trace, NULL), E_FAIL);
    ck_assert_int_eq(trace->lpVtbl->RaiseTraceEvent(trace, &event), S_OK);
    ck_assert_int_eq(events, 1);
    ck_assert_ptr_eq(event_context, ctx);
    ck_assert(!iisr_trace_subscribed(hub, MODULE, &event));
    iisr_trace_each(trace, count, &last);
    ck_assert_str_eq(last->text, "event mine (7), area 2, verbosity 4, "
                     "flag=true, n=42, odd=(3 bytes), text=abc, "
                     "wide=\xc3\xa9, none=(9 bytes)");
    subscribe(MODULE, &provider, 0xe, 3, TRUE);
    ck_assert(!iisr_trace_subscribed(hub, MODULE, &event));
    subscribe(MODULE, &provider, 0xe, 5, TRUE);
    ck_assert(iisr_trace_subscribed(hub, MODULE, &event));
    ck_assert(!iisr_trace_subscribed(hub, OTHER, &event));
    event.dwArea = 0x10;
    ck_assert(!iisr_trace_subscribed(hub, MODULE, &event));
    event.pProviderGuid = &stranger;
    event.dwArea = 2;
    ck_assert(!iisr_trace_subscribed(hub, MODULE, &event));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("trace");
    TCase *tc = tcase_create("trace");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, small_teardown);
    tcase_add_test(tc, lines_stay_in_the_ring_of_the_request);
    tcase_add_test(tc, the_server_traces_without_a_request);
    tcase_add_test(tc, nobody_listens_until_somebody_does);
    tcase_add_test(tc, subscription_is_checked);
    tcase_add_test(tc, each_event_is_raised_and_tells_who_subscribed);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
