/* test_child.c: child requests: whose they are, when they may run, what their
 * flags say, and how they go.
 */
#include "small_host.h"

#define NOT_SUPPORTED HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)
#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)

#define CALL(c, method, ...) \
    (c)->handle->iface.lpVtbl->base.base.base.method( \
        (IHttpContext *)(void *)&(c)->handle->iface, ##__VA_ARGS__)
#define CALL3(c, method, ...) \
    (c)->handle->iface.lpVtbl->base.method( \
        (IHttpContext3 *)(void *)&(c)->handle->iface, ##__VA_ARGS__)

/* --- a host that can have children -------------------------------------- */

static struct {
    unsigned int flags;             /* of the last clone */
    int executed, dropped, handled;
    apr_uint64_t bytes;             /* that a child writes */
    apr_status_t verdict;
    iisr_context_t *last;
} seen;

static apr_status_t clone_one(iisr_host_request_t *parent,
                              unsigned int flags, iisr_context_t **child)
{
    iisr_host_request_t *own = apr_pmemdup(pool, parent, sizeof(*own));
    iisr_settings_t settings = { .buffer_limit = 1 << 22 };

    seen.flags = flags;
    seen.last = *child = iisr_context_create(&small_host, own, &registry,
                                             &settings, &ctx->around,
                                             &iisr_iface_objects,
                                             &iisr_waiting);
    return APR_SUCCESS;
}

/* What the modules do with it: ExecuteRequestHandler alone. */
static apr_status_t execute_one(iisr_host_request_t *child,
                                iisr_execution_t *execution)
{
    (void)child;
    seen.executed++;
    iisr_enter(seen.last);
    iisr_pipeline_run(seen.last, IISR_EV_EXECUTE, 0);
    iisr_leave(seen.last);
    execution->bytes = seen.bytes;
    return seen.verdict;
}

static iisr_context_t *dropping;

static void drop_one(iisr_host_request_t *child)
{
    (void)child;
    seen.dropped++;
    if (dropping) {
        iisr_context_t *c = dropping;

        dropping = NULL;
        iisr_context_close(c);
    }
}

static REQUEST_NOTIFICATION_STATUS handle(CHttpModule *This,
                                          IHttpContext *pContext,
                                          IHttpEventProvider *pProvider)
{
    (void)This;
    (void)pContext;
    (void)pProvider;
    seen.handled++;
    return RQ_NOTIFICATION_CONTINUE;
}

static void setup(void)
{
    memset(&seen, 0, sizeof(seen));
    dropping = NULL;
    small_host.clone = clone_one;
    small_host.execute = execute_one;
    small_host.drop = drop_one;
    small_setup();
    module_table.OnExecuteRequestHandler = handle;
    small_take_part(IISR_EV_EXECUTE);
}

static iisr_context_t *clone_of(iisr_context_t *parent, DWORD flags)
{
    IHttpContext *child = NULL;

    ck_assert_int_eq(CALL(parent, CloneContext, flags, &child), S_OK);
    ck_assert_ptr_nonnull(child);
    return iisr_context_from_iface(child);
}

static HRESULT execute(iisr_context_t *parent, iisr_context_t *child,
                       DWORD flags)
{
    BOOL expected = FALSE;
    iisr_operation_t op;
    HRESULT hr;

    seen.last = child;
    hr = CALL(parent, ExecuteRequest, TRUE,
              (IHttpContext *)(void *)&child->handle->iface, flags, NULL, &expected);
    if (SUCCEEDED(hr)) {
        /* As if it had been delivered. */
        iisr_enter(parent);
        ck_assert(expected);
        ck_assert(iisr_completion_take(parent, &op));
        ck_assert_int_eq(op.kind, IISR_OP_CHILD);
        ck_assert_uint_eq(op.bytes, seen.bytes);
        iisr_leave(parent);
    }
    return hr;
}

static void release(iisr_context_t *child)
{
    dropping = child;
    ck_assert_int_eq(CALL(child, ReleaseClonedContext), S_OK);
    ck_assert_ptr_null(dropping);
}

/* --- tests -------------------------------------------------------------- */

START_TEST(clone_knows_its_family)
{
    iisr_context_t *child = clone_of(ctx, CLONE_FLAG_BASICS
                                          | CLONE_FLAG_NO_DAV), *below;

    ck_assert_uint_eq(seen.flags, CLONE_FLAG_BASICS | CLONE_FLAG_NO_DAV);
    below = clone_of(child, 0);
    ck_assert_ptr_eq(CALL(child, GetParentContext), &ctx->handle->iface);
    ck_assert_ptr_eq(CALL(child, GetRootContext), &ctx->handle->iface);
    ck_assert_ptr_eq(CALL(below, GetParentContext), &child->handle->iface);
    ck_assert_ptr_eq(CALL(below, GetRootContext), &ctx->handle->iface);
    ck_assert_ptr_null(CALL(ctx, GetParentContext));
    ck_assert_ptr_null(CALL(ctx, GetRootContext));
    release(below);
    release(child);
}
END_TEST

START_TEST(unknown_clone_flags_are_refused)
{
    IHttpContext *child = (IHttpContext *)(void *)&ctx->handle->iface;

    ck_assert_int_eq(CALL(ctx, CloneContext, 0x80, &child),
                     INVALID_PARAMETER);
    ck_assert_ptr_null(child);
    ck_assert_int_eq(CALL(ctx, CloneContext, 0, NULL), INVALID_PARAMETER);
}
END_TEST

START_TEST(clone_inherits_variables_and_vary_by_when_asked)
{
    IHttpResponse *response = CALL(ctx, GetResponse);
    IHttpCachePolicy *policy = response->lpVtbl->GetCachePolicy(response);
    iisr_context_t *child;
    PCSTR value;
    DWORD length;

    CALL(ctx, SetServerVariable, "MINE", L"1");
    policy->lpVtbl->AppendVaryByHeader(policy, "Accept");
    policy->lpVtbl->AppendVaryByQueryString(policy, "q");
    policy->lpVtbl->SetVaryByValue(policy, "v");
    child = clone_of(ctx, CLONE_FLAG_SERVER_VARIABLE
                          | CLONE_FLAG_USER_CACHE_VARY_BY);
    ck_assert_int_eq(CALL(child, GetServerVariable, "MINE", &value, &length),
                     S_OK);
    ck_assert_str_eq(value, "1");
    response = CALL(child, GetResponse);
    policy = response->lpVtbl->GetCachePolicy(response);
    ck_assert_str_eq(policy->lpVtbl->GetVaryByHeaders(policy), "Accept");
    ck_assert_str_eq(policy->lpVtbl->GetVaryByQueryStrings(policy), "q");
    ck_assert_str_eq(policy->lpVtbl->GetVaryByValue(policy), "v");
    release(child);
    child = clone_of(ctx, 0);
    ck_assert_int_ne(CALL(child, GetServerVariable, "MINE", &value, &length),
                     S_OK);
    response = CALL(child, GetResponse);
    policy = response->lpVtbl->GetCachePolicy(response);
    ck_assert_str_eq(policy->lpVtbl->GetVaryByHeaders(policy), "");
    release(child);
}
END_TEST

START_TEST(child_runs_once_and_for_its_parent_only)
{
    iisr_context_t *child = clone_of(ctx, 0), *below = clone_of(child, 0);

    seen.bytes = 17;
    ck_assert_int_eq(execute(ctx, below, 0), NOT_SUPPORTED);
    ck_assert_int_eq(execute(ctx, ctx, 0), NOT_SUPPORTED);
    ck_assert_int_eq(execute(ctx, child, EXECUTE_FLAG_IGNORE_APPPOOL), S_OK);
    ck_assert_int_eq(seen.executed, 1);
    ck_assert_int_eq(seen.handled, 1);
    ck_assert_uint_eq(CALL(child, GetExecuteFlags),
                      EXECUTE_FLAG_IGNORE_APPPOOL);
    ck_assert_int_eq(execute(ctx, child, 0), NOT_SUPPORTED);
    ck_assert_int_eq(seen.executed, 1);
    ck_assert_int_eq(hr.warnings, 3);
    release(below);
    release(child);
}
END_TEST

START_TEST(child_is_executed_asynchronously_only)
{
    iisr_context_t *child = clone_of(ctx, 0);

    ck_assert_int_eq(CALL(ctx, ExecuteRequest, FALSE,
                          (IHttpContext *)(void *)&child->handle->iface, 0, NULL,
                          NULL), NOT_SUPPORTED);
    ck_assert_int_eq(CALL(ctx, ExecuteRequest, TRUE, NULL, 0, NULL, NULL),
                     NOT_SUPPORTED);
    ck_assert_int_eq(seen.executed, 0);
    release(child);
}
END_TEST

START_TEST(ten_inside_one_another_are_enough)
{
    iisr_context_t *chain[12] = { ctx };
    int i;

    for (i = 1; i <= 11; i++) {
        chain[i] = clone_of(chain[i - 1], 0);
        ck_assert_int_eq(execute(chain[i - 1], chain[i], 0), i <= 10 ? S_OK
                         : HRESULT_FROM_WIN32(ERROR_STACK_OVERFLOW));
    }
    for (i = 11; i >= 1; i--) {
        release(chain[i]);
    }
}
END_TEST

/* The module that executes stands aside, in the whole chain. */
START_TEST(current_interceptor_is_ignored_below_too)
{
    iisr_context_t *child = clone_of(ctx, 0), *below = clone_of(child, 0),
                   *other = clone_of(ctx, 0);
    iisr_place_t place = { .event = IISR_EV_BEGIN, .module = &module };

    ctx->pipeline.inner = &place;
    ck_assert_int_eq(execute(ctx, child,
                             EXECUTE_FLAG_IGNORE_CURRENT_INTERCEPTOR), S_OK);
    ck_assert_int_eq(execute(child, below, 0), S_OK);
    ck_assert_int_eq(seen.executed, 2);
    ck_assert_int_eq(seen.handled, 0);
    ck_assert_int_eq(execute(ctx, other, 0), S_OK);
    ck_assert_int_eq(seen.handled, 1);
    ctx->pipeline.inner = NULL;
    release(other);
    release(below);
    release(child);
}
END_TEST

START_TEST(child_is_not_for_the_kernel_cache_unless_eligible)
{
    iisr_context_t *child = clone_of(ctx, 0), *other = clone_of(ctx, 0);
    IHttpResponse *response = CALL(child, GetResponse);

    ck_assert(response->lpVtbl->GetKernelCacheEnabled(response));
    ck_assert_int_eq(execute(ctx, child, 0), S_OK);
    ck_assert(!response->lpVtbl->GetKernelCacheEnabled(response));
    ck_assert_int_eq(execute(ctx, other, EXECUTE_FLAG_HTTP_CACHE_ELIGIBLE),
                     S_OK);
    response = CALL(other, GetResponse);
    ck_assert(response->lpVtbl->GetKernelCacheEnabled(response));
    release(other);
    release(child);
}
END_TEST

START_TEST(failure_of_the_host_is_the_callers)
{
    iisr_context_t *child = clone_of(ctx, 0);

    seen.verdict = APR_ECONNABORTED;
    ck_assert_int_eq(execute(ctx, child, 0),
                     HRESULT_FROM_WIN32(ERROR_CONNECTION_ABORTED));
    release(child);
}
END_TEST

START_TEST(released_twice_is_refused)
{
    iisr_context_t *child = clone_of(ctx, 0), *below = clone_of(child, 0);

    ck_assert_int_eq(CALL(ctx, ReleaseClonedContext), INVALID_PARAMETER);
    /* The parent goes first: what is below it is an orphan, closed. */
    dropping = below;
    ck_assert_int_eq(CALL(child, ReleaseClonedContext), S_OK);
    ck_assert_int_eq(seen.dropped, 2);
    ck_assert_ptr_null(CALL(below, GetParentContext));
    ck_assert_int_eq(CALL(below, ReleaseClonedContext), INVALID_PARAMETER);
    ck_assert_ptr_null(ctx->children.first);
    iisr_context_close(child);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("child requests");
    TCase *tc = tcase_create("child requests");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, small_teardown);
    tcase_add_test(tc, clone_knows_its_family);
    tcase_add_test(tc, unknown_clone_flags_are_refused);
    tcase_add_test(tc, clone_inherits_variables_and_vary_by_when_asked);
    tcase_add_test(tc, child_runs_once_and_for_its_parent_only);
    tcase_add_test(tc, child_is_executed_asynchronously_only);
    tcase_add_test(tc, ten_inside_one_another_are_enough);
    tcase_add_test(tc, current_interceptor_is_ignored_below_too);
    tcase_add_test(tc, child_is_not_for_the_kernel_cache_unless_eligible);
    tcase_add_test(tc, failure_of_the_host_is_the_callers);
    tcase_add_test(tc, released_twice_is_refused);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
