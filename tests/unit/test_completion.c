/* test_completion.c: the asynchronous state machine, against a host whose
 * network says when it has taken a flush.  Also built with ThreadSanitizer.
 */
#include "async/waiting.h"
#include "async_host.h"

/* --- a module ----------------------------------------------------------- */

typedef struct test_module_t {
    CHttpModule module;
    REQUEST_NOTIFICATION_STATUS (*execute)(iisr_context_t *ctx);
    REQUEST_NOTIFICATION_STATUS (*completed)(iisr_context_t *ctx);
} test_module_t;

static test_module_t the_module;
static struct {
    int completions, disposed, steps, send_responses;
    apr_uint64_t bytes;
    HRESULT status;
    pthread_t thread;
} seen;

static REQUEST_NOTIFICATION_STATUS on_execute(CHttpModule *This,
                                              IHttpContext *context,
                                              IHttpEventProvider *provider)
{
    (void)provider;
    return ((test_module_t *)This)->execute(
        iisr_context_from_iface(context));
}

static REQUEST_NOTIFICATION_STATUS on_send(CHttpModule *This,
                                           IHttpContext *context,
                                           ISendResponseProvider *provider)
{
    (void)This;
    (void)context;
    (void)provider;
    seen.send_responses++;
    return RQ_NOTIFICATION_CONTINUE;
}

static REQUEST_NOTIFICATION_STATUS on_completion(CHttpModule *This,
                                                 IHttpContext *context,
                                                 DWORD notification, BOOL post,
                                                 IHttpEventProvider *provider,
                                                 IHttpCompletionInfo *info)
{
    (void)provider;
    (void)info;
    ck_assert_uint_eq(notification, RQ_EXECUTE_REQUEST_HANDLER);
    ck_assert(!post);
    seen.completions++;
    seen.bytes = told->bytes;
    seen.status = told->status;
    return ((test_module_t *)This)->completed(
        iisr_context_from_iface(context));
}

static void on_dispose(CHttpModule *This)
{
    (void)This;
    seen.disposed++;
}

static const struct CHttpModuleVtbl module_table = {
    .OnExecuteRequestHandler = on_execute, .OnSendResponse = on_send,
    .OnAsyncCompletion = on_completion, .Dispose = on_dispose
};

/* --- a request ---------------------------------------------------------- */

static void setup(void)
{
    iisr_settings_t settings = { .buffer_limit = 1 << 22 };
    iisr_surroundings_t around = { 0 };

    the_module.module.lpVtbl = &module_table;
    register_module(&the_module.module,
                    RQ_EXECUTE_REQUEST_HANDLER | RQ_SEND_RESPONSE);
    memset(&req, 0, sizeof(req));
    memset(&seen, 0, sizeof(seen));
    req.alloc = apr_bucket_alloc_create(pool);
    ctx = iisr_context_create(&test_host, &req, registry, &settings, &around,
                              &test_objects, &iisr_waiting);
}

static void teardown(void)
{
    if (ctx) {
        iisr_context_close(ctx);
    }
    apr_pool_destroy(pool);
    apr_terminate();
}

static iisr_run_e run(REQUEST_NOTIFICATION_STATUS (*execute)(iisr_context_t *),
                      REQUEST_NOTIFICATION_STATUS (*done)(iisr_context_t *))
{
    iisr_run_e result;

    the_module.execute = execute;
    the_module.completed = done;
    iisr_enter(ctx);
    result = iisr_pipeline_run(ctx, IISR_EV_EXECUTE, 0);
    iisr_leave(ctx);
    return result;
}

static apr_status_t flush(int async, int more, int must_complete,
                          PFN_ASYNC_COMPLETION callback, int *expected)
{
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };
    iisr_flush_t f = { .async = async, .more = more, .callback = callback,
                       .must_complete = must_complete };
    apr_uint64_t bytes;
    apr_status_t rv;

    chunk.FromMemory.pBuffer = "hello";
    chunk.FromMemory.BufferLength = 5;
    iisr_enter(ctx);
    rv = iisr_response_append(&ctx->response, &chunk, 1, &bytes);
    if (rv == APR_SUCCESS) {
        rv = iisr_flush(ctx, &f);
    }
    iisr_leave(ctx);
    if (expected) {
        *expected = f.expected;
    }
    return rv;
}

static void post(DWORD bytes)
{
    iisr_enter(ctx);
    ck_assert_int_eq(iisr_completion_post(ctx, bytes, NULL, NULL),
                     APR_SUCCESS);
    iisr_leave(ctx);
}

static REQUEST_NOTIFICATION_STATUS go_on(iisr_context_t *c)
{
    (void)c;
    return RQ_NOTIFICATION_CONTINUE;
}

static REQUEST_NOTIFICATION_STATUS finish_it(iisr_context_t *c)
{
    (void)c;
    return RQ_NOTIFICATION_FINISH_REQUEST;
}

/* --- tests -------------------------------------------------------------- */

static REQUEST_NOTIFICATION_STATUS post_first(iisr_context_t *c)
{
    (void)c;
    post(42);
    ck_assert_int_eq(seen.completions, 0);
    return RQ_NOTIFICATION_PENDING;
}

START_TEST(a_post_before_pending_is_delivered_after_it)
{
    ck_assert_int_eq(run(post_first, finish_it), IISR_RUN_FINISH);
    ck_assert_int_eq(seen.completions, 1);
    ck_assert_uint_eq(seen.bytes, 42);
}
END_TEST

static void *post_later(void *data)
{
    (void)data;
    usleep(20000);
    post(7);
    return NULL;
}

static REQUEST_NOTIFICATION_STATUS start_poster(iisr_context_t *c)
{
    (void)c;
    pthread_create(&seen.thread, NULL, post_later, NULL);
    return RQ_NOTIFICATION_PENDING;
}

START_TEST(a_post_from_another_thread_ends_the_wait)
{
    ck_assert_int_eq(run(start_poster, go_on), IISR_RUN_CONTINUE);
    pthread_join(seen.thread, NULL);
    ck_assert_int_eq(seen.completions, 1);
    ck_assert_uint_eq(seen.bytes, 7);
}
END_TEST

static REQUEST_NOTIFICATION_STATUS flush_async(iisr_context_t *c)
{
    int expected;

    (void)c;
    ck_assert_int_eq(flush(1, 1, 0, NULL, &expected), APR_SUCCESS);
    ck_assert(expected);
    ck_assert_int_eq(seen.completions, 0);
    return RQ_NOTIFICATION_PENDING;
}

START_TEST(a_flush_that_has_left_at_once_completes_after_pending)
{
    run(flush_async, go_on);
    ck_assert_int_eq(seen.completions, 1);
    ck_assert_uint_eq(seen.bytes, 5);
    ck_assert_int_eq(seen.status, S_OK);
    ck_assert_int_eq(seen.send_responses, 1);
}
END_TEST

#define CHAIN 100000            /* a frame of each is more than a stack has */
static char *stack_low;

static REQUEST_NOTIFICATION_STATUS chain(iisr_context_t *c)
{
    /* A local's address may be one of ASan's fake stack. */
    char *here = __builtin_frame_address(0);

    if (!stack_low) {
        stack_low = here;
    }
    ck_assert(labs((long)(stack_low - here)) < 4096);
    if (++seen.steps == CHAIN) {
        return RQ_NOTIFICATION_CONTINUE;
    }
    seen.completions = 0;
    return flush_async(c);
}

START_TEST(endless_chained_flushes_need_no_stack)
{
    stack_low = NULL;
    run(flush_async, chain);
    ck_assert_int_eq(seen.steps, CHAIN);
    ck_assert_uint_eq(req.passed, 5ull * CHAIN);
    ck_assert_int_eq(req.commits, 1);
}
END_TEST

static REQUEST_NOTIFICATION_STATUS inline_flush(iisr_context_t *c)
{
    int expected = 1;

    c->settings.inline_completion = 1;
    ck_assert_int_eq(flush(1, 1, 0, NULL, &expected), APR_SUCCESS);
    ck_assert(!expected);
    ck_assert_int_eq(flush(1, 1, 1, NULL, &expected), APR_SUCCESS);
    ck_assert(expected);
    return RQ_NOTIFICATION_PENDING;
}

START_TEST(inline_completion_spares_only_callers_who_can_be_told)
{
    run(inline_flush, go_on);
    ck_assert_int_eq(seen.completions, 1);
}
END_TEST

static void *network_takes_it(void *data)
{
    (void)data;
    usleep(20000);
    iisr_enter(ctx);
    req.sent(req.baton, APR_SUCCESS);
    iisr_leave(ctx);
    return NULL;
}

static REQUEST_NOTIFICATION_STATUS flush_twice(iisr_context_t *c)
{
    (void)c;
    req.hold = 1;
    ck_assert_int_eq(flush(1, 1, 0, NULL, NULL), APR_SUCCESS);
    ck_assert_int_eq(flush(1, 1, 0, NULL, NULL), APR_EBUSY);
    ck_assert_int_eq(flush(0, 1, 0, NULL, NULL), APR_EBUSY);
    pthread_create(&seen.thread, NULL, network_takes_it, NULL);
    return RQ_NOTIFICATION_PENDING;
}

START_TEST(a_second_operation_is_refused_while_one_is_outstanding)
{
    run(flush_twice, go_on);
    pthread_join(seen.thread, NULL);
    ck_assert_int_eq(seen.completions, 1);
}
END_TEST

static REQUEST_NOTIFICATION_STATUS leave_it_behind(iisr_context_t *c)
{
    flush_twice(c);
    return RQ_NOTIFICATION_CONTINUE;
}

START_TEST(an_operation_left_behind_is_waited_for_and_not_delivered)
{
    run(leave_it_behind, go_on);
    pthread_join(seen.thread, NULL);
    ck_assert_int_eq(seen.completions, 0);
    ck_assert_int_eq(req.warnings, 1);
}
END_TEST

static REQUEST_NOTIFICATION_STATUS called_back(IHttpContext3 *context,
                                               IHttpCompletionInfo2 *info,
                                               void *baton)
{
    (void)context;
    (void)info;
    (void)baton;
    seen.steps++;
    return RQ_NOTIFICATION_FINISH_REQUEST;
}

static REQUEST_NOTIFICATION_STATUS flush_callback(iisr_context_t *c)
{
    (void)c;
    flush(1, 1, 1, called_back, NULL);
    return RQ_NOTIFICATION_PENDING;
}

START_TEST(a_callback_takes_the_place_of_on_async_completion)
{
    ck_assert_int_eq(run(flush_callback, go_on), IISR_RUN_FINISH);
    ck_assert_int_eq(seen.steps, 1);
    ck_assert_int_eq(seen.completions, 0);
}
END_TEST

static void *indicate_later(void *data)
{
    (void)data;
    usleep(20000);
    iisr_enter(ctx);
    iisr_completion_indicate(ctx, RQ_NOTIFICATION_FINISH_REQUEST);
    iisr_leave(ctx);
    return NULL;
}

static REQUEST_NOTIFICATION_STATUS start_indicator(iisr_context_t *c)
{
    (void)c;
    pthread_create(&seen.thread, NULL, indicate_later, NULL);
    return RQ_NOTIFICATION_PENDING;
}

START_TEST(indicate_completion_ends_the_wait_without_a_call)
{
    ck_assert_int_eq(run(start_indicator, go_on), IISR_RUN_FINISH);
    pthread_join(seen.thread, NULL);
    ck_assert_int_eq(seen.completions, 0);
}
END_TEST

static REQUEST_NOTIFICATION_STATUS flush_fails(iisr_context_t *c)
{
    int expected = 1;

    (void)c;
    req.fails = APR_ECONNABORTED;
    ck_assert_int_eq(flush(1, 1, 1, NULL, &expected), APR_ECONNABORTED);
    ck_assert(!expected);
    return RQ_NOTIFICATION_FINISH_REQUEST;
}

START_TEST(a_flush_that_fails_at_once_promises_nothing)
{
    ck_assert_int_eq(run(flush_fails, go_on), IISR_RUN_FINISH);
    ck_assert_int_eq(seen.completions, 0);
}
END_TEST

static REQUEST_NOTIFICATION_STATUS flush_and_cancel(iisr_context_t *c)
{
    req.hold = 1;
    flush(1, 1, 1, NULL, NULL);
    iisr_enter(c);
    ck_assert_int_eq(iisr_completion_cancel(c), APR_SUCCESS);
    ck_assert_int_eq(iisr_completion_cancel(c), APR_EBADF);
    iisr_leave(c);
    return RQ_NOTIFICATION_PENDING;
}

START_TEST(cancel_io_completes_with_operation_aborted)
{
    run(flush_and_cancel, go_on);
    ck_assert_int_eq(seen.completions, 1);
    ck_assert_int_eq(seen.status, HRESULT_FROM_WIN32(ERROR_OPERATION_ABORTED));
    ck_assert_int_eq(req.aborts, 1);
}
END_TEST

static void *write_and_flush(void *data)
{
    int i;

    (void)data;
    usleep(20000);
    for (i = 0; i < 1000; i++) {
        ck_assert_int_eq(flush(0, 1, 0, NULL, NULL), APR_SUCCESS);
    }
    post(0);
    return NULL;
}

static REQUEST_NOTIFICATION_STATUS start_writer(iisr_context_t *c)
{
    (void)c;
    pthread_create(&seen.thread, NULL, write_and_flush, NULL);
    return RQ_NOTIFICATION_PENDING;
}

START_TEST(another_thread_may_write_and_flush_while_pending)
{
    run(start_writer, go_on);
    pthread_join(seen.thread, NULL);
    ck_assert_uint_eq(req.passed, 5000);
    ck_assert_int_eq(req.flushes, 1000);
    ck_assert_int_eq(seen.completions, 1);
}
END_TEST

static REQUEST_NOTIFICATION_STATUS wait_for_writer(iisr_context_t *c)
{
    (void)c;
    pthread_create(&seen.thread, NULL, write_and_flush, NULL);
    pthread_join(seen.thread, NULL);
    return RQ_NOTIFICATION_PENDING;
}

START_TEST(a_module_may_wait_for_its_own_thread_that_flushes)
{
    run(wait_for_writer, go_on);
    ck_assert_uint_eq(req.passed, 5000);
    ck_assert_int_eq(seen.completions, 1);
}
END_TEST

START_TEST(a_late_post_finds_a_closed_request)
{
    iisr_context_t *late = ctx;

    iisr_enter(ctx);
    ctx->pipeline.started = 1;
    ctx->pipeline.place.pending = 1;    /* a module owes a post */
    iisr_leave(ctx);
    iisr_context_close(ctx);
    ctx = NULL;
    iisr_enter(late);
    ck_assert_int_eq(iisr_completion_post(late, 1, NULL, NULL),
                     APR_ECONNABORTED);
    iisr_leave(late);                   /* gone with this */
}
END_TEST

START_TEST(after_the_end_a_flush_is_refused)
{
    ck_assert_int_eq(flush(0, 0, 0, NULL, NULL), APR_SUCCESS);
    ck_assert_int_eq(req.ends, 1);
    ck_assert_int_eq(flush(0, 1, 0, NULL, NULL), APR_EINVAL);
    ck_assert_int_eq(req.ends, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("completion");
    TCase *tc = tcase_create("state machine");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, a_post_before_pending_is_delivered_after_it);
    tcase_add_test(tc, a_post_from_another_thread_ends_the_wait);
    tcase_add_test(tc, a_flush_that_has_left_at_once_completes_after_pending);
    tcase_add_test(tc, endless_chained_flushes_need_no_stack);
    tcase_add_test(tc, inline_completion_spares_only_callers_who_can_be_told);
    tcase_add_test(tc, a_second_operation_is_refused_while_one_is_outstanding);
    tcase_add_test(tc, an_operation_left_behind_is_waited_for_and_not_delivered);
    tcase_add_test(tc, a_callback_takes_the_place_of_on_async_completion);
    tcase_add_test(tc, indicate_completion_ends_the_wait_without_a_call);
    tcase_add_test(tc, a_flush_that_fails_at_once_promises_nothing);
    tcase_add_test(tc, cancel_io_completes_with_operation_aborted);
    tcase_add_test(tc, another_thread_may_write_and_flush_while_pending);
    tcase_add_test(tc, a_module_may_wait_for_its_own_thread_that_flushes);
    tcase_add_test(tc, a_late_post_finds_a_closed_request);
    tcase_add_test(tc, after_the_end_a_flush_is_refused);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
