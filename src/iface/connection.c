/* connection.c: IHttpConnection, what the requests of one connection share.
 * Any thread. */
#include <apr_atomic.h>
#include "objects.h"
#include "vtable.h"

typedef struct connection_t {
    IHttpConnection iface;              /* must be first */
    int (*connected)(void *baton);
    void *baton;
    iisr_container_t container;
    apr_thread_mutex_t *lock;           /* of memory */
    apr_pool_t *memory;                 /* made when first asked for */
    int closed;
    volatile apr_uint32_t disconnected;
} connection_t;

static connection_t *connection_of(IHttpConnection *iface)
{
    return (connection_t *)(void *)iface;
}

static BOOL connection_IsConnected(IHttpConnection *This)
{
    connection_t *connection = connection_of(This);

    return !apr_atomic_read32(&connection->disconnected)
           && connection->connected(connection->baton);
}

/* Lives as long as the connection (the page of IIS, "request lifetime", is
 * copied from another method).  From a pool of its own: the host allocates
 * from the connection's pool on another thread. */
static void *connection_AllocateMemory(IHttpConnection *This,
                                       DWORD cbAllocation)
{
    connection_t *connection = connection_of(This);
    void *memory = NULL;

    if (cbAllocation > 0x7fffffff) {
        return NULL;
    }
    apr_thread_mutex_lock(connection->lock);
    if (!connection->memory && !connection->closed) {
        apr_pool_create_unmanaged_ex(&connection->memory, NULL, NULL);
    }
    if (connection->memory) {
        memory = apr_pcalloc(connection->memory, cbAllocation);
    }
    apr_thread_mutex_unlock(connection->lock);
    return memory;
}

static IHttpConnectionModuleContextContainer *
connection_GetModuleContextContainer(IHttpConnection *This)
{
    return &connection_of(This)->container.iface.connection;
}

IISR_VTABLE(IHttpConnection, connection_vtbl) = {
    .IsConnected = connection_IsConnected,
    .AllocateMemory = connection_AllocateMemory,
    .GetModuleContextContainer = connection_GetModuleContextContainer
} IISR_VTABLE_END;

IHttpConnection *iisr_connection_create(apr_pool_t *pool,
                                        int (*connected)(void *baton),
                                        void *baton)
{
    connection_t *connection = apr_pcalloc(pool, sizeof(*connection));

    connection->iface.lpVtbl = IISR_VPTR(connection_vtbl);
    connection->connected = connected;
    connection->baton = baton;
    apr_thread_mutex_create(&connection->lock, APR_THREAD_MUTEX_DEFAULT,
                            pool);
    iisr_container_init(&connection->container, IISR_CONTAINER_CONNECTION);
    return &connection->iface;
}

void iisr_connection_disconnected(IHttpConnection *iface)
{
    connection_t *connection = connection_of(iface);

    if (!apr_atomic_xchg32(&connection->disconnected, 1)) {
        iisr_container_disconnect(&connection->container);
    }
}

void iisr_connection_destroy(IHttpConnection *iface)
{
    connection_t *connection = connection_of(iface);

    apr_atomic_set32(&connection->disconnected, 1);
    iisr_container_clear(&connection->container);
    apr_thread_mutex_lock(connection->lock);
    connection->closed = 1;
    if (connection->memory) {
        apr_pool_destroy(connection->memory);
        connection->memory = NULL;
    }
    apr_thread_mutex_unlock(connection->lock);
}
