/* async_host.h: a request whose network says when it has taken a flush, and
 * the objects that a module of the test's own is given.  Included by the
 * tests of the asynchronous state machine.
 */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "core/context.h"
#include "core/flush.h"

struct iisr_host_request_t {
    apr_bucket_alloc_t *alloc;
    int parks;                  /* it can be left */
    int hold;                   /* async passes complete when told */
    apr_status_t fails;         /* each pass, from now on */
    iisr_sent_fn sent;          /* the flush under way */
    void *baton;
    apr_uint64_t passed;        /* entity bytes */
    int commits, flushes, ends, aborts, wakes, warnings;
};

static void host_facts(iisr_host_request_t *req, iisr_request_facts_t *f)
{
    (void)req;
    f->method = "GET";
    f->path = f->raw_url = "/";
    f->hostname = "localhost";
    f->major = f->minor = 1;
}

static apr_status_t host_commit(iisr_host_request_t *req,
                                const iisr_head_t *head)
{
    (void)head;
    req->commits++;
    return APR_SUCCESS;
}

static apr_bucket_alloc_t *host_alloc(iisr_host_request_t *req)
{
    return req->alloc;
}

static apr_status_t host_pass(iisr_host_request_t *req,
                              apr_bucket_brigade *bb, iisr_pass_e how,
                              iisr_sent_fn sent, void *baton)
{
    apr_bucket *b;

    for (b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        req->flushes += APR_BUCKET_IS_FLUSH(b) != 0;
        req->ends += APR_BUCKET_IS_EOS(b) != 0;
        req->passed += b->length;
    }
    apr_brigade_cleanup(bb);
    if (req->fails) {
        return req->fails;
    }
    if (how == IISR_PASS_ASYNC && req->hold) {
        req->sent = sent;
        req->baton = baton;
    }
    else if (how == IISR_PASS_ASYNC) {
        sent(baton, APR_SUCCESS);
    }
    return APR_SUCCESS;
}

static void host_abort(iisr_host_request_t *req, iisr_end_e how)
{
    req->aborts++;
    if (how == IISR_END_RESET) {
        req->fails = APR_ECONNABORTED;
    }
}

static int host_no(iisr_host_request_t *req)
{
    (void)req;
    return 0;
}

static int host_yes(iisr_host_request_t *req)
{
    (void)req;
    return 1;
}

static int host_can_park(iisr_host_request_t *req)
{
    return req->parks;
}

static void host_look(iisr_host_request_t *req)
{
    (void)req;
}

static void host_wake(iisr_host_request_t *req)
{
    req->wakes++;
}

static void host_log(iisr_host_request_t *req, iisr_log_level_e level,
                     const char *id, const char *fmt, ...)
{
    (void)fmt;
    if (req && level <= IISR_LOG_WARNING) {
        ck_assert_ptr_nonnull(id);
        req->warnings++;
    }
}

static const char *host_banner(void)
{
    return "test";
}

static const iisr_host_t test_host = {
    .name = "test", .banner = host_banner, .facts = host_facts,
    .commit = host_commit, .bucket_alloc = host_alloc, .pass = host_pass,
    .is_head = host_no, .may_sendfile = host_no, .connected = host_yes,
    .abort = host_abort,
    .can_park = host_can_park, .look = host_look, .wake = host_wake,
    .log = host_log
};

/* --- the objects that the engine hands to a module ---------------------- */

static void objects_init(iisr_context_t *ctx)
{
    (void)ctx;
}

static IModuleAllocator *no_allocator(iisr_context_t *ctx)
{
    (void)ctx;
    return NULL;
}

static IHttpEventProvider *no_provider(iisr_context_t *ctx, iisr_event_e event)
{
    (void)ctx;
    (void)event;
    return NULL;
}

/* The operation of the completion that is being delivered. */
static __thread const iisr_operation_t *told;

static IHttpCompletionInfo2 *remember(iisr_context_t *ctx,
                                      const iisr_operation_t *op)
{
    (void)ctx;
    told = op;
    return NULL;
}

static const iisr_objects_t test_objects = {
    .init = objects_init, .allocator = no_allocator, .provider = no_provider,
    .completion_info = remember, .destroy = objects_init
};

/* --- the module: the test has its methods ------------------------------- */

static CHttpModule *the_instance;

static HRESULT get_module(IHttpModuleFactory *This, CHttpModule **module,
                          IModuleAllocator *allocator)
{
    (void)This;
    (void)allocator;
    *module = the_instance;
    return S_OK;
}

static const struct IHttpModuleFactoryVtbl factory_table = {
    .GetHttpModule = get_module
};
static IHttpModuleFactory factory = { &factory_table };

static apr_pool_t *pool;
static iisr_host_request_t req;
static iisr_registry_t *registry;
static iisr_context_t *ctx;

/* A registry with one module that takes part in these events. */
static void register_module(CHttpModule *instance, DWORD events)
{
    iisr_module_t *module;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    the_instance = instance;
    registry = iisr_registry_create(pool);
    module = iisr_registry_add(registry, "test", "/test.so", NULL);
    module->factory = &factory;
    module->events = events;
    iisr_registry_seal(registry);
}
