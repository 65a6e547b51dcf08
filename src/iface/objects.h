/* objects.h: every object that modules see beside context, request and
 * response.
 *
 * Objects of the server, a site, an application or a connection are made by
 * the host from plain strings, live in the pool they are given, are shared
 * by many requests and lock for themselves.  A create function copies its
 * strings.  A destroy function runs CleanupStoredContext, once, of what
 * modules stored there: the host calls it before the pool goes and before
 * the modules are terminated, on a normal stack; calling it again does
 * nothing.
 *
 * Objects of a request are made when they are first asked for, in the
 * context's pool, with the context's lock held.
 */
#ifndef IISR_IFACE_OBJECTS_H
#define IISR_IFACE_OBJECTS_H

#include <apr_hash.h>
#include <apr_thread_mutex.h>
#include "core/context.h"

/* --- container.c -------------------------------------------------------- */

typedef struct iisr_stored_t iisr_stored_t;

/* One object behind the four interfaces that keep stored contexts. */
typedef struct iisr_container_t {
    union {
        IHttpModuleContextContainer plain;
        IHttpConnectionModuleContextContainer connection;
        IDispensedHttpModuleContextContainer dispensed;
        INamedContextContainer named;
    } iface;                            /* must be first */
    apr_thread_mutex_t *lock;
    iisr_stored_t *stored;
    apr_pool_t *pool;                   /* its own: dispensed, else NULL */
    int closed;
} iisr_container_t;

typedef enum {
    IISR_CONTAINER_PLAIN, IISR_CONTAINER_CONNECTION, IISR_CONTAINER_NAMED
} iisr_container_e;

void iisr_container_init(iisr_container_t *container, iisr_container_e kind,
                         apr_pool_t *pool);
/* CleanupStoredContext of everything, newest first; nothing can be stored
 * any more.  No lock of ours is held while a module runs. */
void iisr_container_clear(iisr_container_t *container);
/* NotifyDisconnect of the connection contexts. */
void iisr_container_disconnect(iisr_container_t *container);
/* Lives until its ReleaseContainer.  NULL: no memory. */
IDispensedHttpModuleContextContainer *iisr_container_dispense(void);

/* --- site.c, application.c, connection.c -------------------------------- */

IHttpSite *iisr_site_create(apr_pool_t *pool, DWORD id, const char *name);
void iisr_site_destroy(IHttpSite *site);

/* physical: root folder; id: "/LM/W3SVC/1/ROOT"; config_path:
 * "MACHINE/WEBROOT/APPHOST/Default Web Site". */
IHttpApplication2 *iisr_application_create(apr_pool_t *pool,
                                           const char *physical,
                                           const char *id,
                                           const char *config_path);
void iisr_application_destroy(IHttpApplication2 *application);

/* connected: any thread, as long as the object lives. */
IHttpConnection *iisr_connection_create(apr_pool_t *pool,
                                        int (*connected)(void *baton),
                                        void *baton);
/* The client has gone: NotifyDisconnect, once. */
void iisr_connection_disconnected(IHttpConnection *connection);
/* Also frees what AllocateMemory gave out. */
void iisr_connection_destroy(IHttpConnection *connection);

/* --- user.c ------------------------------------------------------------- */

/* malloc'ed, one reference, the caller's: modules may keep it beyond the
 * request.  NULL strings count as "".  NULL: no memory. */
IHttpUser *iisr_user_create(apr_pool_t *scratch, const char *name,
                            const char *type, const char *password);

/* --- url_info.c, metadata.c, trace.c ------------------------------------ */

IHttpUrlInfo *iisr_url_info_create(apr_pool_t *pool);
void iisr_url_info_destroy(IHttpUrlInfo *info);

IMetadataInfo *iisr_metadata_create(apr_pool_t *pool, const char *meta_path,
                                    const char *physical);
void iisr_metadata_destroy(IMetadataInfo *metadata);

/* log: one line, any thread. */
IHttpTraceContext *iisr_trace_create(apr_pool_t *pool,
                                     void (*log)(void *baton,
                                                 const char *line),
                                     void *baton);

/* --- server.c ----------------------------------------------------------- */

/* What the server object asks of the host.  Any thread, any time between
 * create and the end of the pool.  recycle and unhealthy may be NULL. */
typedef struct iisr_server_hooks_t {
    void (*log)(void *baton, iisr_log_level_e level, const char *id,
                const char *line);
    void (*recycle)(void *baton, const char *reason);
    void (*unhealthy)(void *baton, const char *reason, HRESULT hr);
    void *baton;
    IAppHostAdminManager *admin;        /* of a life at least as long */
} iisr_server_hooks_t;

/* pool_name: of the application pool; config_file may be NULL. */
IHttpServer3 *iisr_server_create(apr_pool_t *pool, const char *pool_name,
                                 const char *config_file,
                                 const iisr_server_hooks_t *hooks);

/* --- registration.c ----------------------------------------------------- */

/* Makes module->info callable.  While RegisterModule runs, one thread. */
void iisr_registration_init(iisr_module_t *module);

/* --- completion_info.c -------------------------------------------------- */

typedef struct iisr_completion_info_t {
    IHttpCompletionInfo2 iface;         /* must be first */
    DWORD bytes;
    HRESULT status;
    DWORD operation;
} iisr_completion_info_t;

void iisr_completion_info_init(iisr_completion_info_t *info,
                               const iisr_operation_t *op);

/* --- provider.c --------------------------------------------------------- */

/* The context's provider of this event, made ready for one raising of it. */
IHttpEventProvider *iisr_provider_for(iisr_context_t *ctx,
                                      iisr_event_e event);

/* --- objects.c: what one request has ------------------------------------ */

/* An object that is part of a request and finds its way back to it. */
typedef struct iisr_allocator_t {
    IModuleAllocator iface;
    iisr_context_t *ctx;
} iisr_allocator_t;

typedef struct iisr_provider_t {
    union {
        IHttpEventProvider base;
        ISendResponseProvider send;
        IReadEntityProvider read;
    } iface;                            /* must be first */
    iisr_context_t *ctx;
    DWORD flags;                        /* HTTP_SEND_RESPONSE_FLAG_... */
} iisr_provider_t;

/* A server variable: what the host says, or what a module set. */
typedef struct iisr_variable_t {
    const char *name;
    const char *original;               /* the host's; NULL: unknown to it */
    const char *value;
    const WCHAR *wide;
    apr_size_t length, wide_length;
    const char *set;                    /* by a module: this counts */
    const WCHAR *set_wide;
    apr_size_t set_length, set_wide_length;
} iisr_variable_t;

/* Completions are delivered inside one another when an event is raised from
 * inside a notification: one object for each depth. */
typedef struct iisr_info_of_t {
    struct iisr_info_of_t *next;
    const iisr_place_t *outer;
    iisr_completion_info_t info;
} iisr_info_of_t;

/* The users that were handed out; the newest counts. */
typedef struct iisr_user_of_t {
    struct iisr_user_of_t *next;
    const char *name, *type;
    IHttpUser *user;
} iisr_user_of_t;

typedef struct iisr_context_objects_t {
    apr_pool_t *scratch;                /* cleared by each who uses it */
    iisr_container_t container, named;
    iisr_allocator_t allocator;
    iisr_provider_t provider, send_provider, read_provider;
    iisr_info_of_t *infos;
    iisr_user_of_t *users;
    apr_hash_t *variables;
    IHttpUrlInfo *url_info;
    IMetadataInfo *metadata;
    IHttpTraceContext *trace;
} iisr_context_objects_t;

/* Lock held. */
iisr_context_objects_t *iisr_context_objects(iisr_context_t *ctx);
/* An empty pool for the length of one method.  Lock held. */
apr_pool_t *iisr_context_scratch(iisr_context_t *ctx);
/* No lock: runs module code.  Called when the last reference goes. */
void iisr_context_objects_destroy(iisr_context_t *ctx);
/* The variable, or NULL when nobody knows it.  own: only what the host says,
 * whatever modules set.  Lock held. */
const iisr_variable_t *iisr_context_variable(iisr_context_t *ctx,
                                             const char *name, int own);
/* value is UTF-8, wide the same.  Lock held. */
void iisr_context_set_variable(iisr_context_t *ctx, const char *name,
                               const WCHAR *wide);
/* The user as of now: never NULL.  Lock held. */
IHttpUser *iisr_context_user(iisr_context_t *ctx);

/* The table that a context is created with. */
extern const iisr_objects_t iisr_iface_objects;

#endif
