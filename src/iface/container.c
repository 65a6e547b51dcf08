/* container.c: where modules keep objects of their own beside ours:
 * IHttpModuleContextContainer and its connection, dispensed and named kin.
 *
 * Any thread.  The lock is never held while module code runs; what is stored
 * is malloc'ed, so a container may outgrow no pool.
 */
#include <stdlib.h>
#include <wchar.h>
#include "objects.h"
#include "vtable.h"

struct iisr_stored_t {
    iisr_stored_t *next;
    HTTP_MODULE_ID id;
    WCHAR *name;                        /* of a named one, else NULL */
    IHttpStoredContext *context;
    IHttpConnectionStoredContext *connection;   /* the same, if it is one */
};

/* dynamic_cast of the first module that has one. */
static void *(*cast)(void *stored);

void iisr_container_set_cast(void *(*connection_context)(void *stored))
{
    if (!cast) {
        cast = connection_context;
    }
}

static iisr_container_t *container_of(void *iface)
{
    return iface;
}

static iisr_stored_t *find(iisr_container_t *container, HTTP_MODULE_ID id,
                           const WCHAR *name)
{
    iisr_stored_t *s;

    for (s = container->stored; s; s = s->next) {
        if (name ? s->name && !wcscmp(s->name, name)
                 : !s->name && s->id == id) {
            return s;
        }
    }
    return NULL;
}

static iisr_stored_t *look_up(iisr_container_t *container, HTTP_MODULE_ID id,
                              const WCHAR *name)
{
    iisr_stored_t *s;

    pthread_mutex_lock(&container->lock);
    s = find(container, id, name);
    pthread_mutex_unlock(&container->lock);
    return s;
}

static iisr_stored_t *make(HTTP_MODULE_ID id, const WCHAR *name,
                           IHttpStoredContext *context)
{
    iisr_stored_t *s = calloc(1, sizeof(*s));

    if (s && name && !(s->name = wcsdup(name))) {
        free(s);
        return NULL;
    }
    if (s) {
        s->id = id;
        s->context = context;
    }
    return s;
}

static void discard(iisr_stored_t *s)
{
    free(s->name);
    free(s);
}

static HRESULT store(iisr_container_t *container, HTTP_MODULE_ID id,
                     const WCHAR *name, IHttpStoredContext *context,
                     IHttpConnectionStoredContext *connection)
{
    HRESULT hr = S_OK;
    iisr_stored_t *s;

    if (!context) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    if (!(s = make(id, name, context))) {
        return HRESULT_FROM_WIN32(ERROR_NOT_ENOUGH_MEMORY);
    }
    s->connection = connection;
    pthread_mutex_lock(&container->lock);
    if (container->closed) {
        /* Nobody would clean it up any more. */
        hr = HRESULT_FROM_WIN32(ERROR_INVALID_STATE);
    }
    else if (find(container, id, name)) {
        hr = HRESULT_FROM_WIN32(ERROR_ALREADY_ASSIGNED);
    }
    else {
        s->next = container->stored;
        container->stored = s;
    }
    pthread_mutex_unlock(&container->lock);
    if (FAILED(hr)) {
        discard(s);
    }
    return hr;
}

void iisr_container_clear(iisr_container_t *container)
{
    iisr_stored_t *s;

    if (!container->iface.plain.lpVtbl) {
        container->closed = 1;
        return;
    }
    do {
        pthread_mutex_lock(&container->lock);
        container->closed = 1;
        if ((s = container->stored)) {
            container->stored = s->next;
        }
        pthread_mutex_unlock(&container->lock);
        if (s) {
            s->context->lpVtbl->CleanupStoredContext(s->context);
            discard(s);
        }
    } while (s);
}

void iisr_container_disconnect(iisr_container_t *container)
{
    iisr_stored_t *s;

    pthread_mutex_lock(&container->lock);
    s = container->stored;
    pthread_mutex_unlock(&container->lock);
    /* Only ever prepended to, until the owner clears it. */
    for (; s; s = s->next) {
        if (s->connection) {
            s->connection->lpVtbl->NotifyDisconnect(s->connection);
        }
    }
}

/* --- IHttpModuleContextContainer ---------------------------------------- */

static IHttpStoredContext *container_GetModuleContext(
    IHttpModuleContextContainer *This, HTTP_MODULE_ID moduleId)
{
    iisr_stored_t *s = look_up(container_of(This), moduleId, NULL);

    return s ? s->context : NULL;
}

static HRESULT container_SetModuleContext(IHttpModuleContextContainer *This,
                                          IHttpStoredContext *ppStoredContext,
                                          HTTP_MODULE_ID moduleId)
{
    return store(container_of(This), moduleId, NULL, ppStoredContext, NULL);
}

/* Of a module that was compiled without RTTI it cannot be told. */
static IHttpConnectionStoredContext *as_connection(IHttpStoredContext *context)
{
    const iis_vtbl_header *header;

    if (!context || !cast) {
        return NULL;
    }
    header = (const iis_vtbl_header *)(const void *)context->lpVtbl - 1;
    return header->typeinfo ? cast(context) : NULL;
}

/* The page of IHttpConnection::GetModuleContextContainer knows the plain
 * interface only, so that this is how most store a connection context. */
static HRESULT connection_SetModuleContext(IHttpModuleContextContainer *This,
                                           IHttpStoredContext *ppStoredContext,
                                           HTTP_MODULE_ID moduleId)
{
    return store(container_of(This), moduleId, NULL, ppStoredContext,
                 as_connection(ppStoredContext));
}

static IHttpConnectionStoredContext *container_GetConnectionModuleContext(
    IHttpConnectionModuleContextContainer *This, HTTP_MODULE_ID moduleId)
{
    iisr_stored_t *s = look_up(container_of(This), moduleId, NULL);

    return s ? s->connection : NULL;
}

static HRESULT container_SetConnectionModuleContext(
    IHttpConnectionModuleContextContainer *This,
    IHttpConnectionStoredContext *ppStoredContext, HTTP_MODULE_ID moduleId)
{
    return store(container_of(This), moduleId, NULL,
                 (IHttpStoredContext *)(void *)ppStoredContext,
                 ppStoredContext);
}

/* IIS: "server-internal, modules must not call it"; whoever dispensed the
 * container may. */
static void container_ReleaseContainer(
    IDispensedHttpModuleContextContainer *This)
{
    iisr_container_t *container = container_of(This);
    int released;

    pthread_mutex_lock(&container->lock);
    released = container->closed;
    container->closed = 1;
    pthread_mutex_unlock(&container->lock);
    if (!released) {
        /* Not a second time from what is cleaned up. */
        iisr_container_clear(container);
        apr_pool_destroy(container->pool);
    }
}

/* --- INamedContextContainer --------------------------------------------- */

static IHttpStoredContext *named_GetNamedContext(INamedContextContainer *This,
                                                 LPCWSTR szName)
{
    iisr_stored_t *s = szName ? look_up(container_of(This), NULL, szName)
                              : NULL;

    return s ? s->context : NULL;
}

static HRESULT named_SetNamedContext(INamedContextContainer *This,
                                     IHttpStoredContext *ppStoredContext,
                                     LPCWSTR szName)
{
    if (!szName) {
        return HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER);
    }
    return store(container_of(This), NULL, szName, ppStoredContext, NULL);
}

IISR_VTABLE(IHttpModuleContextContainer, plain_vtbl) = {
    .GetModuleContext = container_GetModuleContext,
    .SetModuleContext = container_SetModuleContext
} IISR_VTABLE_END;

IISR_VTABLE(IHttpConnectionModuleContextContainer, connection_vtbl) = {
    .base = {
        .GetModuleContext = container_GetModuleContext,
        .SetModuleContext = connection_SetModuleContext
    },
    .GetConnectionModuleContext = container_GetConnectionModuleContext,
    .SetConnectionModuleContext = container_SetConnectionModuleContext
} IISR_VTABLE_END;

IISR_VTABLE(IDispensedHttpModuleContextContainer, dispensed_vtbl) = {
    .base = {
        .GetModuleContext = container_GetModuleContext,
        .SetModuleContext = container_SetModuleContext
    },
    .ReleaseContainer = container_ReleaseContainer
} IISR_VTABLE_END;

IISR_VTABLE(INamedContextContainer, named_vtbl) = {
    .GetNamedContext = named_GetNamedContext,
    .SetNamedContext = named_SetNamedContext
} IISR_VTABLE_END;

void iisr_container_init(iisr_container_t *container, iisr_container_e kind)
{
    if (container->iface.plain.lpVtbl) {
        return;
    }
    if (kind == IISR_CONTAINER_PLAIN) {
        container->iface.plain.lpVtbl = IISR_VPTR(plain_vtbl);
    }
    else if (kind == IISR_CONTAINER_CONNECTION) {
        container->iface.connection.lpVtbl = IISR_VPTR(connection_vtbl);
    }
    else {
        container->iface.named.lpVtbl = IISR_VPTR(named_vtbl);
    }
    pthread_mutex_init(&container->lock, NULL);
}

IDispensedHttpModuleContextContainer *iisr_container_dispense(void)
{
    apr_pool_t *pool;
    iisr_container_t *container;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return NULL;
    }
    apr_pool_tag(pool, "iisr_container");
    container = apr_pcalloc(pool, sizeof(*container));
    iisr_container_init(container, IISR_CONTAINER_PLAIN);
    container->iface.dispensed.lpVtbl = IISR_VPTR(dispensed_vtbl);
    container->pool = pool;
    return &container->iface.dispensed;
}
