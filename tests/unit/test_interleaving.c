/* test_interleaving.c: every order of what can happen to one asynchronous
 * flush: the network takes it, another thread posts, the client goes away, a
 * time runs out, the handler returns, the request is destroyed.  Step by
 * step, on a host that can be left; then all at once, with real threads
 * (also built with ThreadSanitizer).
 *
 * What must hold, whatever the order: the module hears nothing before its
 * handler has returned PENDING and nothing after the request is gone; of the
 * flush exactly once, unless the request went first; of the post at most
 * once, and once when it was accepted and the request stayed; its instance
 * is disposed of once, when nothing is owed any more.
 */
#include <apr_atomic.h>
#include "async/parked.h"
#include "async_host.h"

/* --- a module ----------------------------------------------------------- */

/* What it has seen; the lock because of the test with threads. */
static struct {
    pthread_mutex_t lock;
    int returned, gone;         /* the handler; the request */
    int flushes, posts, early, late, disposed;
    int answers;                /* completions still to be heard before the
                                 * module is content */
} seen = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void (*in_handler)(iisr_context_t *ctx);

static REQUEST_NOTIFICATION_STATUS on_execute(CHttpModule *This,
                                              IHttpContext *context,
                                              IHttpEventProvider *provider)
{
    (void)This;
    (void)provider;
    in_handler(iisr_context_from_iface(context));
    pthread_mutex_lock(&seen.lock);
    seen.returned = 1;
    pthread_mutex_unlock(&seen.lock);
    return RQ_NOTIFICATION_PENDING;
}

static REQUEST_NOTIFICATION_STATUS on_completion(CHttpModule *This,
                                                 IHttpContext *context,
                                                 DWORD notification, BOOL post,
                                                 IHttpEventProvider *provider,
                                                 IHttpCompletionInfo *info)
{
    int more;

    (void)This;
    (void)context;
    (void)notification;
    (void)post;
    (void)provider;
    (void)info;
    pthread_mutex_lock(&seen.lock);
    seen.early += !seen.returned;
    seen.late += seen.gone;
    seen.flushes += told->kind == IISR_OP_WRITE;
    seen.posts += told->kind == IISR_OP_POST;
    more = --seen.answers > 0;
    pthread_mutex_unlock(&seen.lock);
    return more ? RQ_NOTIFICATION_PENDING : RQ_NOTIFICATION_CONTINUE;
}

static void on_dispose(CHttpModule *This)
{
    (void)This;
    pthread_mutex_lock(&seen.lock);
    seen.disposed++;
    pthread_mutex_unlock(&seen.lock);
}

static const struct CHttpModuleVtbl module_table = {
    .OnExecuteRequestHandler = on_execute,
    .OnAsyncCompletion = on_completion, .Dispose = on_dispose
};
static CHttpModule the_module = { &module_table };

/* --- a request ---------------------------------------------------------- */

static void setup(void)
{
    register_module(&the_module, RQ_EXECUTE_REQUEST_HANDLER);
}

static void teardown(void)
{
    apr_pool_destroy(pool);
    apr_terminate();
}

enum { FLUSH_DONE, POST, ABORT, TIMEOUT, RETURN, DESTROY, EVENTS };

static struct {
    int order[EVENTS];
    int next;                   /* of order */
    int accepted;               /* the post */
    int refused;                /* it found a closed request */
    int over;                   /* the pipeline is through */
    int destroyed;
} run;

static void make_request(int answers)
{
    iisr_settings_t settings = { .buffer_limit = 1 << 22,
                                 .flush_timeout = apr_time_from_sec(60) };
    iisr_surroundings_t around = { 0 };
    apr_pool_t *p;

    memset(&req, 0, sizeof(req));
    req.parks = req.hold = 1;
    apr_pool_create(&p, pool);
    req.alloc = apr_bucket_alloc_create(p);
    seen.returned = seen.gone = seen.flushes = seen.posts = 0;
    seen.early = seen.late = seen.disposed = 0;
    seen.answers = answers;
    run.over = run.destroyed = run.accepted = run.refused = 0;
    ctx = iisr_context_create(&test_host, &req, registry, &settings, &around,
                              &test_objects, &iisr_parked);
}

static int promised;            /* the last flush */

static void try_to_flush(iisr_context_t *c)
{
    static char text[] = "hello";
    HTTP_DATA_CHUNK chunk = { .DataChunkType = HttpDataChunkFromMemory };
    iisr_flush_t f = { .async = 1, .more = 1, .must_complete = 1 };

    chunk.FromMemory.pBuffer = text;
    chunk.FromMemory.BufferLength = 5;
    iisr_enter(c);
    ck_assert_int_eq(iisr_response_insert(&c->response, &chunk, -1),
                     APR_SUCCESS);
    ck_assert_int_eq(iisr_flush(c, &f) == APR_SUCCESS, f.expected);
    iisr_leave(c);
    promised = f.expected;
}

static void flush_by_reference(iisr_context_t *c)
{
    try_to_flush(c);
    ck_assert(promised);
}

/* The worker, when it is woken and at the start: as far as it goes. */
static iisr_run_e work(void)
{
    iisr_run_e result;

    iisr_enter(ctx);
    iisr_context_resume(ctx);
    iisr_context_run_jobs(ctx);
    result = iisr_pipeline_run(ctx, IISR_EV_EXECUTE, 1);
    iisr_leave(ctx);
    return result;
}

/* --- step by step ------------------------------------------------------- */

/* One event that needs no worker. */
static void happen(int event)
{
    switch (event) {
    case FLUSH_DONE:
        if (req.sent && !run.destroyed) {
            iisr_enter(ctx);
            req.sent(req.baton, req.fails);
            iisr_leave(ctx);
        }
        req.sent = NULL;
        break;
    case ABORT:
    case TIMEOUT:
        if (!run.destroyed) {
            iisr_enter(ctx);
            req.fails = APR_ECONNABORTED;
            iisr_completion_abort(ctx, event == ABORT
                ? HRESULT_FROM_WIN32(ERROR_CONNECTION_ABORTED)
                : HRESULT_FROM_WIN32(ERROR_OPERATION_ABORTED));
            iisr_leave(ctx);
        }
        break;
    }
}

static void do_post(void)
{
    apr_status_t rv;

    iisr_enter(ctx);
    rv = iisr_completion_post(ctx, 7, NULL, NULL);
    iisr_leave(ctx);
    run.accepted += rv == APR_SUCCESS;
    run.refused += rv == APR_ECONNABORTED;
}

/* The handler: what comes before RETURN happens inside it. */
static void handler_with_events(iisr_context_t *c)
{
    flush_by_reference(c);
    while (run.order[run.next] != RETURN) {
        int event = run.order[run.next++];

        if (event == POST) {
            do_post();
        }
        else {
            happen(event);
        }
        ck_assert_int_eq(seen.flushes + seen.posts, 0);
    }
}

/* As the host does it: who still waits is told, and not waited for. */
static void destroy_request(void)
{
    if (!run.over) {
        iisr_enter(ctx);
        req.fails = APR_ECONNABORTED;
        iisr_context_abandon(ctx,
                             HRESULT_FROM_WIN32(ERROR_CONNECTION_ABORTED));
        iisr_leave(ctx);
        run.over = work() != IISR_RUN_PENDING;
        ck_assert(run.over);
    }
    seen.gone = 1;
    run.destroyed = 1;
    iisr_context_close(ctx);
}

/* A module that waits for both, or is content with the first. */
static void play(int answers)
{
    int i;

    make_request(answers);
    run.next = 0;
    in_handler = handler_with_events;
    run.over = work() != IISR_RUN_PENDING;
    ck_assert_int_eq(run.order[run.next], RETURN);
    for (i = run.next + 1; i < EVENTS; i++) {
        int event = run.order[i];

        if (event == DESTROY) {
            destroy_request();
        }
        else if (event == POST) {
            /* A module that has heard all it waits for posts no more. */
            if (seen.answers > 0 || !run.destroyed) {
                do_post();
            }
        }
        else {
            happen(event);
        }
        if (!run.over && !run.destroyed) {
            run.over = work() != IISR_RUN_PENDING;
        }
    }
    if (!run.destroyed) {
        destroy_request();
    }
}

/* The order, as a failing test would tell it. */
static const char *spelled(void)
{
    static const char *const names[] = { "flush done", "post", "abort",
        "timeout", "return", "destroy" };
    static char text[128];
    int i;

    text[0] = '\0';
    for (i = 0; i < EVENTS; i++) {
        strcat(strcat(text, names[run.order[i]]), i < EVENTS - 1 ? ", " : "");
    }
    return text;
}

static int place_of(int event)
{
    int i;

    for (i = 0; i < EVENTS && run.order[i] != event; i++) {
        continue;
    }
    return i;
}

static int before(int a, int b)
{
    return place_of(a) < place_of(b);
}

static void judge(int answers)
{
    const char *order = spelled();

    ck_assert_msg(!seen.early && !seen.late, "early %d late %d: %s",
                  seen.early, seen.late, order);
    ck_assert_msg(seen.flushes <= 1 && seen.posts <= 1, "%d of the flush, %d "
                  "of the post: %s", seen.flushes, seen.posts, order);
    if (answers == 2) {
        /* It waits for both. */
        ck_assert_msg(seen.flushes == 1, "flush heard %d: %s", seen.flushes,
                      order);
        ck_assert_msg(seen.posts == before(POST, DESTROY), "post heard %d: "
                      "%s", seen.posts, order);
    }
    else {
        ck_assert_msg(seen.flushes + seen.posts == 1, "heard %d: %s",
                      seen.flushes + seen.posts, order);
    }
    ck_assert_msg(seen.disposed == 1, "disposed of %d times: %s",
                  seen.disposed, order);
}

/* Calls play for every order in which DESTROY does not come inside the
 * handler: the host cannot destroy a request whose handler runs. */
static int permute(int at, int answers)
{
    int i, played = 0;

    if (at == EVENTS) {
        if (before(DESTROY, RETURN)) {
            return 0;
        }
        play(answers);
        judge(answers);
        return 1;
    }
    for (i = at; i < EVENTS; i++) {
        int event = run.order[i];

        run.order[i] = run.order[at];
        run.order[at] = event;
        played += permute(at + 1, answers);
        run.order[at] = run.order[i];
        run.order[i] = event;
    }
    return played;
}

START_TEST(every_order_tells_the_module_once)
{
    int answers, i;

    for (answers = 1; answers <= 2; answers++) {
        for (i = 0; i < EVENTS; i++) {
            run.order[i] = i;
        }
        ck_assert_int_eq(permute(0, answers), 360);
    }
}
END_TEST

/* --- a request that is ended under its module --------------------------- */

START_TEST(an_abandoned_module_is_told_and_keeps_its_instance)
{
    make_request(9);
    in_handler = flush_by_reference;
    ck_assert_int_eq(work(), IISR_RUN_PENDING);
    destroy_request();
    ck_assert_int_eq(seen.flushes, 1);
    ck_assert_int_eq(seen.disposed, 0);
    do_post();
    ck_assert_int_eq(run.refused, 1);
    ck_assert_int_eq(seen.disposed, 1);
}
END_TEST

START_TEST(a_post_between_abandoning_and_the_end_pays_the_debt)
{
    make_request(9);
    run.refused = 0;
    in_handler = flush_by_reference;
    work();
    iisr_enter(ctx);
    iisr_context_abandon(ctx, HRESULT_FROM_WIN32(ERROR_OPERATION_ABORTED));
    iisr_leave(ctx);
    ck_assert_int_eq(work(), IISR_RUN_FINISH);
    do_post();
    ck_assert_int_eq(run.refused, 1);
    run.over = 1;
    destroy_request();
    ck_assert_int_eq(seen.disposed, 1);
    ck_assert_int_eq(seen.posts, 0);
}
END_TEST

START_TEST(a_post_that_was_not_delivered_pays_the_debt_too)
{
    make_request(2);
    in_handler = flush_by_reference;
    work();
    do_post();
    run.over = 1;               /* its pool goes, nobody is told */
    destroy_request();
    ck_assert_int_eq(seen.disposed, 1);
    ck_assert_int_eq(seen.posts, 0);
}
END_TEST

static void post_twice(iisr_context_t *c)
{
    (void)c;
    do_post();
    iisr_enter(ctx);
    ck_assert_int_eq(iisr_completion_post(ctx, 8, NULL, NULL), APR_EBUSY);
    iisr_leave(ctx);
}

START_TEST(a_second_post_is_refused_while_the_first_is_on_its_way)
{
    make_request(1);
    in_handler = post_twice;
    ck_assert_int_eq(work(), IISR_RUN_CONTINUE);
    ck_assert_int_eq(seen.posts, 1);
    run.over = 1;
    destroy_request();
}
END_TEST

/* The completion of the first is still to come: it would be replaced. */
static void flush_twice(iisr_context_t *c)
{
    iisr_flush_t again = { .async = 1, .more = 1 };

    flush_by_reference(c);
    happen(FLUSH_DONE);
    iisr_enter(c);
    ck_assert_int_eq(iisr_flush(c, &again), APR_EBUSY);
    again.async = 0;
    ck_assert_int_eq(iisr_flush(c, &again), APR_SUCCESS);
    iisr_leave(c);
}

START_TEST(a_second_flush_does_not_replace_a_completion)
{
    make_request(1);
    in_handler = flush_twice;
    ck_assert_int_eq(work(), IISR_RUN_CONTINUE);
    ck_assert_int_eq(seen.flushes, 1);
    run.over = 1;
    destroy_request();
}
END_TEST

static void nothing(iisr_context_t *c)
{
    (void)c;
}

/* Asked for by another thread while no thread works on it: no waiting. */
START_TEST(a_flush_from_outside_needs_no_worker)
{
    make_request(1);
    in_handler = nothing;
    ck_assert_int_eq(work(), IISR_RUN_PENDING);
    flush_by_reference(ctx);
    ck_assert_ptr_null((void *)req.sent);
    ck_assert_int_eq(req.wakes, 1);
    ck_assert_int_eq(work(), IISR_RUN_PENDING);
    ck_assert_ptr_nonnull((void *)req.sent);
    happen(FLUSH_DONE);
    ck_assert_int_eq(work(), IISR_RUN_CONTINUE);
    ck_assert_int_eq(seen.flushes, 1);
    run.over = 1;
    destroy_request();
}
END_TEST

START_TEST(a_flush_from_outside_of_a_lost_client_completes_with_an_error)
{
    make_request(1);
    in_handler = nothing;
    work();
    flush_by_reference(ctx);
    req.fails = APR_ECONNABORTED;
    ck_assert_int_eq(work(), IISR_RUN_CONTINUE);
    ck_assert_int_eq(seen.flushes, 1);
    run.over = 1;
    destroy_request();
}
END_TEST

/* No thread comes for it: an error in the end, not for ever. */
START_TEST(a_synchronous_flush_from_outside_does_not_wait_for_ever)
{
    iisr_flush_t f = { .more = 1 };

    make_request(1);
    ctx->settings.flush_timeout = apr_time_from_msec(50);
    in_handler = nothing;
    work();
    iisr_enter(ctx);
    ck_assert(APR_STATUS_IS_TIMEUP(iisr_flush(ctx, &f)));
    ck_assert_ptr_null(ctx->jobs);
    iisr_leave(ctx);
    do_post();
    ck_assert_int_eq(work(), IISR_RUN_CONTINUE);
    run.over = 1;
    destroy_request();
}
END_TEST

/* Modules are gone before the process is: nobody is called any more. */
START_TEST(a_post_after_terminate_disturbs_nobody)
{
    make_request(9);
    in_handler = nothing;
    work();
    destroy_request();
    apr_atomic_set32(&registry->terminated, 1);
    do_post();
    ck_assert_int_eq(seen.disposed, 0);
    apr_atomic_set32(&registry->terminated, 0);
    apr_pool_destroy(ctx->pool);
}
END_TEST

/* --- all at once -------------------------------------------------------- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t woken;
    int wakes, stop;
} mpm = { .lock = PTHREAD_MUTEX_INITIALIZER,
          .woken = PTHREAD_COND_INITIALIZER };

static void mpm_wake(iisr_host_request_t *r)
{
    (void)r;
    pthread_mutex_lock(&mpm.lock);
    mpm.wakes++;
    pthread_cond_signal(&mpm.woken);
    pthread_mutex_unlock(&mpm.lock);
}

/* The listener: sends a worker to a parked request when it is woken, until
 * the request is through. */
static void *mpm_worker(void *data)
{
    (void)data;
    while (work() == IISR_RUN_PENDING) {
        pthread_mutex_lock(&mpm.lock);
        while (!mpm.wakes) {
            pthread_cond_wait(&mpm.woken, &mpm.lock);
        }
        mpm.wakes = 0;
        pthread_mutex_unlock(&mpm.lock);
    }
    return NULL;
}

static void nap(unsigned int *seed)
{
    int n = rand_r(seed) % 40;

    while (n-- > 0) {
        sched_yield();
    }
}

/* The client may have left before. */
static void flush_or_not(iisr_context_t *c)
{
    try_to_flush(c);
    pthread_mutex_lock(&seen.lock);
    seen.answers -= !promised;
    pthread_mutex_unlock(&seen.lock);
}

static void *module_thread(void *data)
{
    unsigned int seed = (unsigned int)(apr_uintptr_t)data;
    iisr_flush_t f = { .more = 1 };
    apr_status_t rv;
    int i;

    for (i = 0; i < 3; i++) {
        nap(&seed);
        iisr_enter(ctx);
        /* EBUSY while the asynchronous one is outstanding. */
        rv = iisr_flush(ctx, &f);
        ck_assert(rv == APR_SUCCESS || rv == APR_EBUSY
                  || rv == APR_ECONNABORTED);
        iisr_leave(ctx);
    }
    nap(&seed);
    do_post();
    return NULL;
}

/* The network, then perhaps the client that leaves. */
static void *network_thread(void *data)
{
    unsigned int seed = (unsigned int)(apr_uintptr_t)data + 1;

    nap(&seed);
    if (seed % 3) {
        iisr_enter(ctx);
        if (req.sent) {
            req.sent(req.baton, APR_SUCCESS);
            req.sent = NULL;
        }
        iisr_leave(ctx);
    }
    nap(&seed);
    iisr_enter(ctx);
    req.fails = APR_ECONNABORTED;
    iisr_completion_abort(ctx, HRESULT_FROM_WIN32(ERROR_CONNECTION_ABORTED));
    iisr_leave(ctx);
    return NULL;
}

START_TEST(threads_in_any_order_tell_the_module_once)
{
    iisr_host_t host = test_host;
    int i;

    host.wake = mpm_wake;
    for (i = 0; i < 500; i++) {
        pthread_t worker, module, network;
        apr_uintptr_t seed = (apr_uintptr_t)i * 7919;

        make_request(2);
        ctx->host = &host;
        run.accepted = run.refused = 0;
        mpm.wakes = 0;
        in_handler = flush_or_not;
        pthread_create(&worker, NULL, mpm_worker, NULL);
        pthread_create(&module, NULL, module_thread, (void *)seed);
        pthread_create(&network, NULL, network_thread, (void *)seed);
        pthread_join(module, NULL);
        pthread_join(network, NULL);
        pthread_join(worker, NULL);
        ck_assert_int_eq(run.accepted, 1);
        ck_assert_int_eq(seen.flushes, promised);
        ck_assert_int_eq(seen.posts, 1);
        ck_assert_int_eq(seen.early + seen.late, 0);
        run.over = 1;
        destroy_request();
        ck_assert_int_eq(seen.disposed, 1);
    }
}
END_TEST

/* The request is closed while its module's thread is still at work. */
static void *closing_thread(void *data)
{
    unsigned int seed = (unsigned int)(apr_uintptr_t)data;

    nap(&seed);
    pthread_mutex_lock(&seen.lock);
    seen.gone = 1;
    pthread_mutex_unlock(&seen.lock);
    iisr_context_close(ctx);
    return NULL;
}

START_TEST(late_calls_find_a_closed_request)
{
    iisr_host_t host = test_host;
    int i;

    host.wake = mpm_wake;
    for (i = 0; i < 500; i++) {
        pthread_t module, closer;
        apr_uintptr_t seed = (apr_uintptr_t)i * 104729;

        make_request(9);
        ctx->host = &host;
        in_handler = nothing;
        ck_assert_int_eq(work(), IISR_RUN_PENDING);
        pthread_create(&module, NULL, module_thread, (void *)seed);
        pthread_create(&closer, NULL, closing_thread, (void *)(seed + 1));
        pthread_join(module, NULL);
        pthread_join(closer, NULL);
        ck_assert_int_eq(seen.disposed, 1);
        ck_assert_int_eq(seen.flushes + seen.posts, 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("interleaving");
    TCase *tc = tcase_create("orders");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, every_order_tells_the_module_once);
    tcase_add_test(tc, an_abandoned_module_is_told_and_keeps_its_instance);
    tcase_add_test(tc, a_post_between_abandoning_and_the_end_pays_the_debt);
    tcase_add_test(tc, a_post_that_was_not_delivered_pays_the_debt_too);
    tcase_add_test(tc, a_second_post_is_refused_while_the_first_is_on_its_way);
    tcase_add_test(tc, a_second_flush_does_not_replace_a_completion);
    tcase_add_test(tc, a_flush_from_outside_needs_no_worker);
    tcase_add_test(tc, a_flush_from_outside_of_a_lost_client_completes_with_an_error);
    tcase_add_test(tc, a_synchronous_flush_from_outside_does_not_wait_for_ever);
    tcase_add_test(tc, a_post_after_terminate_disturbs_nobody);
    tcase_add_test(tc, threads_in_any_order_tell_the_module_once);
    tcase_add_test(tc, late_calls_find_a_closed_request);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
