/* test_container.c: stored contexts: kept, told, cleaned up once.  Also built
 * with ThreadSanitizer.
 */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <apr_general.h>
#include "called.h"
#include "iface/objects.h"

typedef struct stored_t {
    IHttpConnectionStoredContext iface;
    int cleaned, disconnected, order;
} stored_t;

static int cleanups;

static void stored_cleanup(IHttpStoredContext *This)
{
    stored_t *stored = (stored_t *)(void *)This;

    stored->cleaned++;
    stored->order = ++cleanups;
}

static void stored_disconnect(IHttpConnectionStoredContext *This)
{
    ((stored_t *)(void *)This)->disconnected++;
}

static const struct IHttpConnectionStoredContextVtbl stored_table = {
    .base.CleanupStoredContext = stored_cleanup,
    .NotifyDisconnect = stored_disconnect
};

static stored_t one, two;
static apr_pool_t *pool;
static iisr_container_t container;

#define PLAIN(stored) ((IHttpStoredContext *)(void *)&(stored).iface)
#define ID(n) ((HTTP_MODULE_ID)(apr_uintptr_t)(n))
#define INVALID_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define ALREADY_ASSIGNED HRESULT_FROM_WIN32(ERROR_ALREADY_ASSIGNED)

static void setup(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    memset(&one, 0, sizeof(one));
    memset(&two, 0, sizeof(two));
    one.iface.lpVtbl = two.iface.lpVtbl =
        called_wrap("IHttpConnectionStoredContext", &stored_table);
    cleanups = 0;
    memset(&container, 0, sizeof(container));
    iisr_container_init(&container, IISR_CONTAINER_PLAIN);
}

static void teardown(void)
{
    iisr_container_clear(&container);
    apr_pool_destroy(pool);
    apr_terminate();
}

static HRESULT set(iisr_container_t *c, stored_t *stored, int id)
{
    return c->iface.plain.lpVtbl->SetModuleContext(&c->iface.plain,
        stored ? PLAIN(*stored) : NULL, ID(id));
}

static IHttpStoredContext *get(iisr_container_t *c, int id)
{
    return c->iface.plain.lpVtbl->GetModuleContext(&c->iface.plain, ID(id));
}

START_TEST(each_module_has_its_own)
{
    ck_assert_ptr_null(get(&container, 1));
    ck_assert_int_eq(set(&container, &one, 1), S_OK);
    ck_assert_int_eq(set(&container, &two, 2), S_OK);
    ck_assert_ptr_eq(get(&container, 1), PLAIN(one));
    ck_assert_ptr_eq(get(&container, 2), PLAIN(two));
}
END_TEST

START_TEST(a_second_context_of_one_module_is_refused)
{
    ck_assert_int_eq(set(&container, &one, 1), S_OK);
    ck_assert_int_eq(set(&container, &two, 1), ALREADY_ASSIGNED);
    ck_assert_int_eq(set(&container, &one, 1), ALREADY_ASSIGNED);
    ck_assert_int_eq(set(&container, NULL, 3), INVALID_PARAMETER);
    iisr_container_clear(&container);
    ck_assert_int_eq(one.cleaned, 1);
    ck_assert_int_eq(two.cleaned, 0);
}
END_TEST

START_TEST(cleanup_comes_once_and_newest_first)
{
    set(&container, &one, 1);
    set(&container, &two, 2);
    iisr_container_clear(&container);
    iisr_container_clear(&container);
    ck_assert_int_eq(one.cleaned, 1);
    ck_assert_int_eq(two.cleaned, 1);
    ck_assert_int_lt(two.order, one.order);
    /* Nobody would clean it up. */
    ck_assert_int_ne(set(&container, &one, 1), S_OK);
    ck_assert_int_eq(one.cleaned, 1);
}
END_TEST

START_TEST(a_connection_context_is_told_of_the_end_first)
{
    IHttpConnection *connection;
    IHttpConnectionModuleContextContainer *c;

    connection = iisr_connection_create(pool, NULL, NULL);
    c = connection->lpVtbl->GetModuleContextContainer(connection);
    ck_assert_int_eq(c->lpVtbl->SetConnectionModuleContext(c, &one.iface,
                                                           ID(1)), S_OK);
    ck_assert_int_eq(c->lpVtbl->base.SetModuleContext(
        (IHttpModuleContextContainer *)(void *)c, PLAIN(two), ID(2)), S_OK);
    ck_assert_ptr_eq(c->lpVtbl->GetConnectionModuleContext(c, ID(1)),
                     &one.iface);
    ck_assert_ptr_null(c->lpVtbl->GetConnectionModuleContext(c, ID(2)));
    ck_assert_int_eq(c->lpVtbl->SetConnectionModuleContext(c, &two.iface,
                                                           ID(1)),
                     ALREADY_ASSIGNED);
    iisr_connection_disconnected(connection);
    iisr_connection_disconnected(connection);
    ck_assert(!connection->lpVtbl->IsConnected(connection));
    ck_assert_int_eq(one.disconnected, 1);
    ck_assert_int_eq(two.disconnected, 0);
    ck_assert_int_eq(one.cleaned, 0);
    iisr_connection_destroy(connection);
    iisr_connection_destroy(connection);
    ck_assert_int_eq(one.cleaned, 1);
    ck_assert_int_eq(two.cleaned, 1);
}
END_TEST

START_TEST(a_dispensed_container_cleans_up_when_released)
{
    IDispensedHttpModuleContextContainer *c = iisr_container_dispense();

    ck_assert_int_eq(c->lpVtbl->base.SetModuleContext(
        (IHttpModuleContextContainer *)(void *)c, PLAIN(one), ID(1)), S_OK);
    c->lpVtbl->ReleaseContainer(c);
    ck_assert_int_eq(one.cleaned, 1);
}
END_TEST

START_TEST(names_are_compared_and_copied)
{
    iisr_container_t named = { 0 };
    INamedContextContainer *c = &named.iface.named;
    WCHAR name[] = L"first";

    iisr_container_init(&named, IISR_CONTAINER_NAMED);
    ck_assert_int_eq(c->lpVtbl->SetNamedContext(c, PLAIN(one), name), S_OK);
    name[0] = L'F';
    ck_assert_ptr_null(c->lpVtbl->GetNamedContext(c, name));
    ck_assert_ptr_eq(c->lpVtbl->GetNamedContext(c, L"first"), PLAIN(one));
    ck_assert_int_eq(c->lpVtbl->SetNamedContext(c, PLAIN(two), L"first"),
                     ALREADY_ASSIGNED);
    ck_assert_int_eq(c->lpVtbl->SetNamedContext(c, PLAIN(two), NULL),
                     INVALID_PARAMETER);
    ck_assert_ptr_null(c->lpVtbl->GetNamedContext(c, NULL));
    iisr_container_clear(&named);
    ck_assert_int_eq(one.cleaned, 1);
}
END_TEST

#define THREADS 8
static stored_t many[THREADS];

static void *race(void *stored)
{
    get(&container, 1);
    return (void *)(apr_uintptr_t)(set(&container, stored, 1) == S_OK);
}

START_TEST(of_many_threads_one_stores)
{
    pthread_t threads[THREADS];
    int i, stored = 0, cleaned = 0;
    void *won;

    for (i = 0; i < THREADS; i++) {
        many[i].iface.lpVtbl = &stored_table;
        pthread_create(&threads[i], NULL, race, &many[i]);
    }
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &won);
        stored += won != NULL;
    }
    iisr_container_clear(&container);
    for (i = 0; i < THREADS; i++) {
        cleaned += many[i].cleaned;
    }
    ck_assert_int_eq(stored, 1);
    ck_assert_int_eq(cleaned, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("containers");
    TCase *tc = tcase_create("containers");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, each_module_has_its_own);
    tcase_add_test(tc, a_second_context_of_one_module_is_refused);
    tcase_add_test(tc, cleanup_comes_once_and_newest_first);
    tcase_add_test(tc, a_connection_context_is_told_of_the_end_first);
    tcase_add_test(tc, a_dispensed_container_cleans_up_when_released);
    tcase_add_test(tc, names_are_compared_and_copied);
    tcase_add_test(tc, of_many_threads_one_stores);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
