/* apphost.h: configuration as COM objects (ahadmin.h) over core/apphost.h.
 *
 * Every object but the manager is malloc'ed for one call, counts references
 * and points into the tree, which outlives it: any thread may use any of
 * them without a lock.  Nothing is ever written; what would write answers
 * E_NOTIMPL and is logged once a process.
 */
#ifndef IISR_IFACE_APPHOST_H
#define IISR_IFACE_APPHOST_H

#include <apr_pools.h>
#include "core/apphost.h"
#include "core/host.h"
#include "httpserv.h"
#include "iface/vtable.h"

typedef struct iisr_admin_t iisr_admin_t;

/* --- what the rest of the server uses: apphost_manager.c ---------------- */

typedef void (*iisr_admin_log_fn)(void *baton, iisr_log_level_e level,
                                  const char *id, const char *line);

/* Lives as long as pool; its last Release frees nothing.  apphost: sealed,
 * or NULL when no file was named: then no section is found, and the log says
 * so once. */
iisr_admin_t *iisr_admin_create(apr_pool_t *pool,
                                const iisr_apphost_t *apphost,
                                iisr_admin_log_fn log, void *baton);
IAppHostAdminManager *iisr_admin_manager(iisr_admin_t *admin);
/* How many objects modules still hold. */
apr_uint32_t iisr_admin_objects(iisr_admin_t *admin);

/* --- among the files apphost_*.c ---------------------------------------- */

#define IISR_BAD_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define IISR_BAD_INDEX HRESULT_FROM_WIN32(ERROR_INVALID_INDEX)
#define IISR_NO_METADATA HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)

/* What an object is: its table, and the ids that it answers to beside
 * IUnknown's. */
typedef struct iisr_com_class_t {
    const void *vptr;
    const IID *id;
    const IID *base;                    /* or NULL */
} iisr_com_class_t;

typedef struct iisr_com_t {
    const void *lpVtbl;                 /* must be first */
    const iisr_com_class_t *class;
    iisr_admin_t *admin;
    const void *subject;                /* in the tree */
    volatile apr_uint32_t references;
} iisr_com_t;

/* The three methods that begin every table. */
#define IISR_UNKNOWN { .QueryInterface = iisr_com_QueryInterface, \
                       .AddRef = iisr_com_AddRef, \
                       .Release = iisr_com_Release }
HRESULT iisr_com_QueryInterface(IUnknown *This, REFIID riid,
                                   void **ppvObject);
ULONG iisr_com_AddRef(IUnknown *This);
ULONG iisr_com_Release(IUnknown *This);

/* A new object in *out, one reference.  A NULL subject is ERROR_INVALID_INDEX
 * and NULL in *out; a NULL out ERROR_INVALID_PARAMETER. */
HRESULT iisr_com_give(void *parent, const iisr_com_class_t *class,
                         const void *subject, void *out);
const void *iisr_com_subject(const void *object);
iisr_admin_t *iisr_com_admin(const void *object);

HRESULT iisr_give_bstr(const char *utf8, BSTR *out);
HRESULT iisr_give_bool(int value, VARIANT_BOOL *out);
HRESULT iisr_give_count(int count, DWORD *out);
/* ERROR_NOT_SUPPORTED, and an empty VARIANT. */
HRESULT iisr_no_metadata(VARIANT *out);
/* As a property of this kind has it; value NULL: VT_EMPTY. */
HRESULT iisr_give_value(const iisr_attribute_t *attribute, const char *value,
                        VARIANT *out);

/* UTF-8 of a BSTR, for one call. */
typedef struct iisr_text_t {
    char *text;                         /* NULL: no memory, or no BSTR */
    char room[256];
} iisr_text_t;
const char *iisr_text_open(iisr_text_t *text, const WCHAR *wide);
void iisr_text_close(iisr_text_t *text);

/* -1: no number, or below 0. */
apr_int64_t iisr_variant_number(const VARIANT *variant);
/* The member that a VARIANT names: a number below list->nelts, or a VT_BSTR
 * for which matches() says yes.  NULL: none.  list: of pointers. */
typedef int (*iisr_matches_fn)(const void *member, const char *name);
const void *iisr_list_item(const apr_array_header_t *list,
                           const VARIANT *index, iisr_matches_fn matches);

/* Logs it once a process: E_NOTIMPL. */
HRESULT iisr_refuse_write(const void *object);

const iisr_apphost_t *iisr_admin_apphost(const iisr_admin_t *admin);
/* GetAdminSection, of the manager and of a file. */
HRESULT iisr_give_section(void *parent, const WCHAR *section,
                          const WCHAR *path, IAppHostElement **out);

/* By name: of an element, a child, a section. */
int iisr_element_matches(const void *element, const char *name);

extern const iisr_com_class_t iisr_element_class;           /* iisr_element_t */
extern const iisr_com_class_t iisr_element_schema_class;    /* iisr_schema_t */
extern const iisr_com_class_t iisr_property_schema_class;   /* iisr_attribute_t */
extern const iisr_com_class_t iisr_collection_schema_class; /* ..collection_t */
extern const iisr_com_class_t iisr_config_manager_class;    /* iisr_admin_t */
extern const iisr_com_class_t iisr_config_file_class;   /* iisr_config_file_t */

#endif
