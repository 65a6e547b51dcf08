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
#include <pthread.h>
#include "core/context.h"
#include "trace.h"

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
    pthread_mutex_t lock;
    iisr_stored_t *stored;
    apr_pool_t *pool;                   /* its own: dispensed, else NULL */
    int closed;
} iisr_container_t;

typedef enum {
    IISR_CONTAINER_PLAIN, IISR_CONTAINER_CONNECTION, IISR_CONTAINER_NAMED
} iisr_container_e;

/* container: zeroed, or it was made before and stays as it is. */
void iisr_container_init(iisr_container_t *container, iisr_container_e kind);
/* CleanupStoredContext of everything, newest first; nothing can be stored
 * any more.  No lock of ours is held while a module runs. */
void iisr_container_clear(iisr_container_t *container);
/* How to tell that an object of a C++ module is a connection context; before
 * any is stored. */
void iisr_container_set_cast(void *(*connection_context)(void *stored));
/* NotifyDisconnect of the connection contexts. */
void iisr_container_disconnect(iisr_container_t *container);
/* Lives until its ReleaseContainer.  NULL: no memory. */
IDispensedHttpModuleContextContainer *iisr_container_dispense(void);

/* --- site.c, application.c, connection.c -------------------------------- */

/* counters: of the site, or NULL: it has some of its own. */
IHttpSite *iisr_site_create(apr_pool_t *pool, DWORD id, const char *name,
                            IHttpPerfCounterInfo *counters);
void iisr_site_destroy(IHttpSite *site);

/* physical: root folder; id: "/LM/W3SVC/1/ROOT"; config_path:
 * "MACHINE/WEBROOT/APPHOST/Default Web Site". */
IHttpApplication2 *iisr_application_create(apr_pool_t *pool,
                                           const char *physical,
                                           const char *id,
                                           const char *config_path);
/* Once; who comes meanwhile waits until it has. */
void iisr_application_start(IHttpApplication2 *application,
                            void (*start)(IHttpApplication2 *application,
                                          void *baton), void *baton);
int iisr_application_started(IHttpApplication2 *application);
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

/* --- request_tls.c ------------------------------------------------------ */

/* ERROR_CONNECTION_INVALID: the id is another request's. */
HRESULT iisr_request_server_name(iisr_context_t *ctx, HTTP_OPAQUE_ID id,
                                 HTTP_REQUEST_PROPERTY_SNI *sni);

/* --- shelf.c, url_info.c, metadata.c ------------------------------------ */

typedef struct iisr_shelf_t iisr_shelf_t;

/* Of an IHttpUrlInfo or IReferencedMetadataInfo. */
void iisr_shelf_release(void *item);
void iisr_shelf_close(iisr_shelf_t *shelf);

iisr_shelf_t *iisr_urls_create(apr_pool_t *pool);
/* Counts as a hit.  The caller releases it.  NULL: no memory. */
IHttpUrlInfo *iisr_urls_get(iisr_shelf_t *urls, const char *key);

iisr_shelf_t *iisr_metadata_create(apr_pool_t *pool);
/* The caller releases it.  NULL: no memory. */
IReferencedMetadataInfo *iisr_metadata_get(iisr_shelf_t *metadata,
                                           apr_pool_t *scratch,
                                           const char *meta_path,
                                           const char *physical);

/* --- script_map.c ------------------------------------------------------- */

/* Lives as long as the pool. */
IScriptMapInfo *iisr_script_map_create(apr_pool_t *pool,
                                       const iisr_handler_t *handler,
                                       apr_size_t buffer_limit);

/* --- file_info.c, file_cache.c ------------------------------------------ */

/* A file as it is now.  Strings are copied by whoever keeps them. */
typedef struct iisr_file_facts_t {
    const char *path;                   /* of the file system */
    const char *virtual_path;           /* NULL: unknown */
    const char *etag;                   /* NULL: none */
    apr_int64_t size;
    apr_time_t mtime;
    apr_uint64_t inode;
    DWORD attributes;                   /* FILE_ATTRIBUTE_... */
} iisr_file_facts_t;

/* All but virtual_path and etag. */
apr_status_t iisr_file_look(iisr_file_facts_t *facts, const char *path);

/* One reference, the caller's.  keeps_content: GetFileBuffer may read it. */
IHttpFileInfo *iisr_file_info_create(const iisr_file_facts_t *facts,
                                     int keeps_content);
int iisr_file_info_is(IHttpFileInfo *info, const iisr_file_facts_t *facts);
void iisr_file_info_release(IHttpFileInfo *info);       /* or NULL */

typedef struct iisr_files_t iisr_files_t;

iisr_files_t *iisr_files_create(apr_pool_t *pool);
/* Referenced; the one that is there, as long as the facts have not
 * changed. */
IHttpFileInfo *iisr_files_get(iisr_files_t *files,
                              const iisr_file_facts_t *facts);
/* Referenced, whatever became of the file; NULL: not there. */
IHttpFileInfo *iisr_files_find(iisr_files_t *files, const WCHAR *path);
/* Forgets every file whose path begins so. */
void iisr_files_drop(iisr_files_t *files, const WCHAR *prefix);
void iisr_files_close(iisr_files_t *files);

/* --- file_monitor.c ----------------------------------------------------- */

/* monitor: NULL when a module said that the file changed.  path: absolute.
 * The thread of the monitors, or the module's. */
typedef void (*iisr_file_changed_fn)(void *baton, IHttpFileMonitor *monitor,
                                     const WCHAR *path);

typedef struct iisr_monitors_t iisr_monitors_t;

iisr_monitors_t *iisr_monitors_create(apr_pool_t *pool,
                                      iisr_file_changed_fn changed,
                                      void *baton);
/* The errno of the system when path cannot be watched. */
apr_status_t iisr_monitors_add(iisr_monitors_t *monitors, const char *path,
                               IHttpFileMonitor **monitor);
/* Afterwards nothing is told any more. */
void iisr_monitors_close(iisr_monitors_t *monitors);

/* --- object_cache.c ----------------------------------------------------- */

typedef struct iisr_object_cache_t iisr_object_cache_t;

iisr_object_cache_t *iisr_object_cache_create(apr_pool_t *pool);
/* Takes a reference of its own; what was there under the key goes. */
void iisr_object_cache_add(iisr_object_cache_t *cache,
                           IHttpCacheSpecificData *record);
/* Referenced, or NULL. */
IHttpCacheSpecificData *iisr_object_cache_find(iisr_object_cache_t *cache,
                                               IHttpCacheKey *key);
/* How many went.  prefix: those that the key is a prefix of. */
int iisr_object_cache_remove(iisr_object_cache_t *cache, IHttpCacheKey *key,
                             int prefix);
void iisr_object_cache_close(iisr_object_cache_t *cache);

/* --- perf_counters.c ---------------------------------------------------- */

#define IISR_COUNTERS 256

/* cells: IISR_COUNTERS of them, shared memory; NULL: some of its own. */
IHttpPerfCounterInfo *iisr_counters_create(apr_pool_t *pool,
                                           volatile apr_uint32_t *cells);
apr_uint32_t iisr_counters_get(IHttpPerfCounterInfo *counters, DWORD index);

/* --- server.c ----------------------------------------------------------- */

/* What the server object asks of the host.  Any thread, any time between
 * create and the end of the pool.  All but log may be NULL. */
typedef struct iisr_server_hooks_t {
    void (*log)(void *baton, iisr_log_level_e level, const char *id,
                const char *line);
    void (*recycle)(void *baton, const char *reason);
    void (*unhealthy)(void *baton, const char *reason, HRESULT hr);
    /* GL_FILE_CHANGE, GL_CONFIGURATION_CHANGE, GL_CUSTOM_NOTIFICATION,
     * GL_CACHE_OPERATION. */
    iisr_file_changed_fn file_changed;
    void (*configuration_changed)(void *baton, const WCHAR *path);
    GLOBAL_NOTIFICATION_STATUS (*custom)(
        void *baton, ICustomNotificationProvider *provider);
    GLOBAL_NOTIFICATION_STATUS (*cache_operation)(
        void *baton, CACHE_OPERATION operation, IHttpCacheKey *key,
        IHttpCacheSpecificData **record, IHttpTraceContext *trace);
    /* Where a URL of a site is: configuration path and root folder, from
     * pool.  Zero: no such site. */
    int (*place)(void *baton, apr_pool_t *pool, const char *site,
                 const char *url, const char **config_path,
                 const char **physical);
    iisr_trace_hooks_t trace;           /* GL_TRACE_EVENT; a baton of its
                                         * own */
    apr_size_t fragment_bytes;          /* limit of the fragment cache */
    volatile apr_uint32_t *counters;    /* IISR_COUNTERS, or NULL */
    void *baton;
    IAppHostAdminManager *admin;        /* of a life at least as long */
} iisr_server_hooks_t;

/* pool_name: of the application pool; config_file may be NULL. */
IHttpServer3 *iisr_server_create(apr_pool_t *pool, const char *pool_name,
                                 const char *config_file,
                                 const iisr_server_hooks_t *hooks);
/* Before the modules end: cleans up what they stored, stops the thread. */
void iisr_server_close(IHttpServer3 *server);

/* worker_process.c; part of iisr_server_create. */
struct iisr_server_t;
void iisr_worker_process_init(apr_pool_t *pool, struct iisr_server_t *server);

/* --- registration.c ----------------------------------------------------- */

/* Makes module->info callable.  While RegisterModule runs, one thread. */
void iisr_registration_init(iisr_module_t *module);
/* SetRequestNotifications and SetPriorityFor(Post)RequestNotification. */
HRESULT iisr_registration_set_events(iisr_module_t *module,
                                     IHttpModuleFactory *factory,
                                     DWORD events, DWORD post_events);
HRESULT iisr_registration_set_priority(iisr_module_t *module, int post,
                                       DWORD mask, PCWSTR alias);

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

/* MapPath: modules may answer another path for the URL.  Lock held; the
 * result lives as long as the context, or is the one given. */
const char *iisr_provider_map_path(iisr_context_t *ctx, const char *url,
                                   const char *path);

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
        IAuthenticationProvider auth;
        IMapHandlerProvider map;
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
    DWORD changed;                      /* number of the change */
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

/* The file infos that were handed out; the newest counts. */
typedef struct iisr_file_of_t {
    struct iisr_file_of_t *next;
    IHttpFileInfo *file;
} iisr_file_of_t;

/* What the last GetHeaderChanges saw. */
typedef struct iisr_snapshot_t {
    apr_table_t *headers;
    DWORD number;
} iisr_snapshot_t;

typedef struct iisr_context_objects_t {
    apr_pool_t *scratch;                /* made by the first who uses it,
                                         * cleared by each */
    iisr_container_t container, named;
    iisr_allocator_t allocator;
    iisr_provider_t provider, send_provider, read_provider;
    iisr_info_of_t *infos;
    iisr_user_of_t *users;
    apr_hash_t *variables;
    DWORD changes;                      /* of variables, so far */
    IHttpUrlInfo *url_info;
    const char *url_info_path;
    IReferencedMetadataInfo *metadata;
    const char *metadata_path;
    IHttpTraceContext *trace;
    IScriptMapInfo *script_map;
    int script_map_chosen;              /* by a module */
    const char *script_map_handler;     /* what it was made from */
    iisr_file_of_t *files;
    unsigned char *binding;             /* GetChannelBindingToken's */
    DWORD binding_size;
    iisr_snapshot_t request_snapshot, response_snapshot;
} iisr_context_objects_t;

/* Lock held. */
iisr_context_objects_t *iisr_context_objects(iisr_context_t *ctx);
/* An empty pool for the length of one method.  Lock held. */
apr_pool_t *iisr_context_scratch(iisr_context_t *ctx);
/* No lock: runs module code.  Called when the last reference goes. */
void iisr_context_objects_destroy(iisr_context_t *ctx);
/* Those that were asked for or set, by upper-case name.  Lock held. */
apr_hash_t *iisr_context_variables(iisr_context_t *ctx);
/* The variable, or NULL when nobody knows it.  own: only what the host says,
 * whatever modules set.  Lock held. */
const iisr_variable_t *iisr_context_variable(iisr_context_t *ctx,
                                             const char *name, int own);
/* value is UTF-8, wide the same.  Lock held. */
void iisr_context_set_variable(iisr_context_t *ctx, const char *name,
                               const WCHAR *wide);
/* IMapHandlerProvider::SetScriptMap; NULL: httpd's again.  Lock held. */
void iisr_context_choose_script_map(iisr_context_t *ctx, IScriptMapInfo *map);
/* The user as of now: never NULL.  Lock held. */
IHttpUser *iisr_context_user(iisr_context_t *ctx);

/* A module's own user is the user from now on; its reference is ours.  name
 * and type: what the host was told.  Lock held. */
void iisr_context_keep_user(iisr_context_t *ctx, IHttpUser *user,
                            const char *name, const char *type);

/* The table that a context is created with. */
extern const iisr_objects_t iisr_iface_objects;

#endif
