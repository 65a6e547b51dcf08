/* objects.c: the objects of one request, made when first asked for and
 * destroyed with it, and the table through which the engine gets them.
 */
#include <string.h>
#include <strings.h>
#include <apr_base64.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include "iface.h"
#include "objects.h"
#include "response_extra.h"
#include "vtable.h"
#include "core/wide.h"

iisr_context_objects_t *iisr_context_objects(iisr_context_t *ctx)
{
    iisr_context_objects_t *objects = ctx->objects;

    if (!objects) {
        objects = apr_pcalloc(ctx->pool, sizeof(*objects));
        ctx->objects = objects;
    }
    return objects;
}

apr_pool_t *iisr_context_scratch(iisr_context_t *ctx)
{
    iisr_context_objects_t *objects = iisr_context_objects(ctx);

    if (objects->scratch) {
        apr_pool_clear(objects->scratch);
    }
    else {
        apr_pool_create(&objects->scratch, ctx->pool);
    }
    return objects->scratch;
}

/* Taken out first: a release may run module code, which may ask for the next
 * one.  Zero: there was none. */
static int release_all(iisr_context_t *ctx, iisr_context_objects_t *objects)
{
    iisr_context_objects_t had;

    iisr_enter(ctx);
    had = *objects;
    objects->url_info = NULL;
    objects->metadata = NULL;
    objects->files = NULL;
    objects->users = NULL;
    iisr_leave(ctx);
    if (had.url_info) {
        iisr_shelf_release(had.url_info);
    }
    if (had.metadata) {
        iisr_shelf_release(had.metadata);
    }
    for (; had.files; had.files = had.files->next) {
        iisr_file_info_release(had.files->file);
    }
    for (; had.users; had.users = had.users->next) {
        IHttpUser *user = had.users->user;

        user->lpVtbl->DereferenceUser(user);
    }
    return objects->url_info || objects->metadata || objects->files
           || objects->users;
}

void iisr_context_objects_destroy(iisr_context_t *ctx)
{
    iisr_context_objects_t *objects = ctx->objects;

    if (!objects) {
        return;
    }
    iisr_container_clear(&objects->container);
    iisr_container_clear(&objects->named);
    while (release_all(ctx, objects)) {
    }
    if (objects->trace && ctx->ending > 1) {
        iisr_trace_destroy(objects->trace);
    }
}

/* --- server variables --------------------------------------------------- */

typedef struct question_t {
    const char *name;
    const char *answer;
} question_t;

static void ask_host(iisr_context_t *ctx, void *baton)
{
    question_t *question = baton;

    if (ctx->req) {
        question->answer = ctx->host->variable(ctx->req, question->name,
                                               iisr_context_scratch(ctx));
    }
}

apr_hash_t *iisr_context_variables(iisr_context_t *ctx)
{
    iisr_context_objects_t *objects = iisr_context_objects(ctx);

    if (!objects->variables) {
        objects->variables = apr_hash_make(ctx->pool);
    }
    return objects->variables;
}

/* Names do not care for case. */
static iisr_variable_t *variable_of(iisr_context_t *ctx, const char *name)
{
    apr_hash_t *variables = iisr_context_variables(ctx);
    char *key = apr_pstrdup(iisr_context_scratch(ctx), name), *p;
    iisr_variable_t *variable;

    for (p = key; *p; p++) {
        *p = (char)apr_toupper(*p);
    }
    variable = apr_hash_get(variables, key, APR_HASH_KEY_STRING);
    if (!variable) {
        variable = apr_pcalloc(ctx->pool, sizeof(*variable));
        variable->name = apr_pstrdup(ctx->pool, key);
        apr_hash_set(variables, variable->name, APR_HASH_KEY_STRING,
                     variable);
    }
    return variable;
}

/* The copy stays while the host says the same: asking in a loop takes no
 * memory. */
static void refresh(iisr_context_t *ctx, iisr_variable_t *variable)
{
    question_t question = { variable->name, NULL };

    iisr_context_ask(ctx, ask_host, &question);
    if (!question.answer) {
        variable->original = NULL;
    }
    else if (!variable->original
             || strcmp(variable->original, question.answer)) {
        variable->length = strlen(question.answer);
        variable->original = apr_pstrmemdup(ctx->pool, question.answer,
                                            variable->length);
        variable->value = variable->original;
        variable->wide = iisr_widen(ctx->pool, variable->value,
                                    &variable->wide_length);
    }
}

const iisr_variable_t *iisr_context_variable(iisr_context_t *ctx,
                                             const char *name, int own)
{
    iisr_variable_t *variable = variable_of(ctx, name);

    if (variable->set && !own) {
        return variable;
    }
    refresh(ctx, variable);
    if (variable->original) {
        return variable;
    }
    /* IIS: UNICODE_X is X, not squeezed into a code page. */
    return strncmp(variable->name, "UNICODE_", 8) ? NULL
           : iisr_context_variable(ctx, variable->name + 8, own);
}

void iisr_context_set_variable(iisr_context_t *ctx, const char *name,
                               const WCHAR *wide)
{
    iisr_variable_t *variable = variable_of(ctx, name);

    if (variable->set_wide && !wcscmp(variable->set_wide, wide)) {
        return;
    }
    variable->set = iisr_narrow(ctx->pool, wide, &variable->set_length);
    variable->set_wide = iisr_widen(ctx->pool, variable->set,
                                    &variable->set_wide_length);
    variable->changed = ++iisr_context_objects(ctx)->changes;
}

/* --- user --------------------------------------------------------------- */

static const char *variable_text(iisr_context_t *ctx, const char *name)
{
    const iisr_variable_t *variable = iisr_context_variable(ctx, name, 1);

    return variable ? variable->value : "";
}

void iisr_context_keep_user(iisr_context_t *ctx, IHttpUser *user,
                            const char *name, const char *type)
{
    iisr_context_objects_t *objects = iisr_context_objects(ctx);
    iisr_user_of_t *newest = apr_palloc(ctx->pool, sizeof(*newest));

    newest->name = apr_pstrdup(ctx->pool, name);
    newest->type = apr_pstrdup(ctx->pool, type);
    newest->user = user;
    newest->next = objects->users;
    objects->users = newest;
}

/* "Basic: Unencrypted plaintext", else empty.  Page: "IHttpUser::GetPassword
 * Method".  Only of the user whom the header names. */
static const char *password_of(iisr_context_t *ctx, const char *name,
                               const char *type, apr_pool_t *pool)
{
    const iisr_field_t *field;
    apr_size_t length = strlen(name);
    char *plain;

    if (strcasecmp(type, "Basic")
        || !(field = iisr_request_field(ctx, "Authorization"))
        || strncasecmp(field->value, "Basic ", 6)) {
        return "";
    }
    plain = apr_palloc(pool, apr_base64_decode_len(field->value + 6) + 1);
    plain[apr_base64_decode(plain, field->value + 6)] = '\0';
    return !strncmp(plain, name, length) && plain[length] == ':'
           ? plain + length + 1 : "";
}

IHttpUser *iisr_context_user(iisr_context_t *ctx)
{
    iisr_context_objects_t *objects = iisr_context_objects(ctx);
    iisr_user_of_t *newest = objects->users;
    const char *name = variable_text(ctx, "REMOTE_USER");
    const char *type = variable_text(ctx, "AUTH_TYPE"), *password;
    IHttpUser *user;

    /* Once closed, the host does not know any more: the last one is it. */
    if (newest && (!ctx->req || (!strcmp(newest->name, name)
                                 && !strcmp(newest->type, type)))) {
        return newest->user;
    }
    password = password_of(ctx, name, type, ctx->pool);
    user = iisr_user_create(iisr_context_scratch(ctx), name, type, password);
    if (!user) {
        return newest ? newest->user : NULL;
    }
    iisr_context_keep_user(ctx, user, name, type);
    return user;
}

/* --- the module's allocator --------------------------------------------- */

static void *allocator_AllocateMemory(IModuleAllocator *This,
                                      DWORD cbAllocation)
{
    iisr_context_t *ctx = ((iisr_allocator_t *)(void *)This)->ctx;
    void *memory;

    if (cbAllocation > 0x7fffffff) {
        return NULL;
    }
    iisr_enter(ctx);
    memory = apr_pcalloc(ctx->pool, cbAllocation);
    iisr_leave(ctx);
    return memory;
}

IISR_VTABLE(IModuleAllocator, allocator_vtbl) = {
    .AllocateMemory = allocator_AllocateMemory
} IISR_VTABLE_END;

/* --- the table ---------------------------------------------------------- */

static void objects_init(iisr_context_t *ctx)
{
    iisr_context_iface_init(&ctx->handle->iface);
    iisr_request_iface_init(&ctx->handle->request_iface);
    iisr_response_iface_init(&ctx->handle->response_iface);
}

static IModuleAllocator *objects_allocator(iisr_context_t *ctx)
{
    iisr_allocator_t *allocator = &iisr_context_objects(ctx)->allocator;

    allocator->iface.lpVtbl = IISR_VPTR(allocator_vtbl);
    allocator->ctx = ctx;
    return &allocator->iface;
}

static IHttpCompletionInfo2 *objects_completion_info(
    iisr_context_t *ctx, const iisr_operation_t *op)
{
    iisr_context_objects_t *objects = iisr_context_objects(ctx);
    iisr_info_of_t *info = objects->infos;

    while (info && info->outer != ctx->pipeline.inner) {
        info = info->next;
    }
    if (!info) {
        info = apr_pcalloc(ctx->pool, sizeof(*info));
        info->outer = ctx->pipeline.inner;
        info->next = objects->infos;
        objects->infos = info;
    }
    iisr_completion_info_init(&info->info, op);
    return &info->info.iface;
}

const iisr_objects_t iisr_iface_objects = {
    objects_init,
    objects_allocator,
    iisr_provider_for,
    objects_completion_info,
    iisr_context_objects_destroy,
    iisr_cache_policy_head,
    iisr_plain_chunks
};
