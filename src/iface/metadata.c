/* metadata.c: IReferencedMetadataInfo, the configuration path and the root
 * folder that belong to a URL.  The one of a request lives as long as that;
 * one that IHttpServer2::GetMetadata made, until it is dereferenced.
 * Constant but for the count; any thread. */
#include <apr_atomic.h>
#include "objects.h"
#include "vtable.h"
#include "core/wide.h"

typedef struct metadata_t {
    IReferencedMetadataInfo iface;      /* must be first */
    volatile apr_uint32_t refs;
    apr_pool_t *pool;                   /* its own, or NULL */
    const WCHAR *meta_path, *physical;
    iisr_container_t container;
} metadata_t;

static metadata_t *metadata_of(void *iface)
{
    return iface;
}

static PCWSTR metadata_GetMetaPath(IMetadataInfo *This)
{
    return metadata_of(This)->meta_path;
}

static PCWSTR metadata_GetVrPath(IMetadataInfo *This)
{
    return metadata_of(This)->physical;
}

/* A Windows token: there is none. */
static IHttpTokenEntry *metadata_GetVrToken(IMetadataInfo *This)
{
    (void)This;
    return NULL;
}

static IHttpModuleContextContainer *metadata_GetModuleContextContainer(
    IMetadataInfo *This)
{
    return &metadata_of(This)->container.iface.plain;
}

static void metadata_ReferenceMetadata(IReferencedMetadataInfo *This)
{
    apr_atomic_inc32(&metadata_of(This)->refs);
}

static void metadata_DereferenceMetadata(IReferencedMetadataInfo *This)
{
    metadata_t *metadata = metadata_of(This);

    if (!apr_atomic_dec32(&metadata->refs) && metadata->pool) {
        iisr_container_clear(&metadata->container);
        apr_pool_destroy(metadata->pool);
    }
}

IISR_VTABLE(IReferencedMetadataInfo, metadata_vtbl) = {
    .base = {
        .GetMetaPath = metadata_GetMetaPath,
        .GetVrPath = metadata_GetVrPath,
        .GetVrToken = metadata_GetVrToken,
        .GetModuleContextContainer = metadata_GetModuleContextContainer
    },
    .ReferenceMetadata = metadata_ReferenceMetadata,
    .DereferenceMetadata = metadata_DereferenceMetadata
} IISR_VTABLE_END;

static metadata_t *make(apr_pool_t *pool, const char *meta_path,
                        const char *physical)
{
    metadata_t *metadata = apr_pcalloc(pool, sizeof(*metadata));

    metadata->iface.lpVtbl = IISR_VPTR(metadata_vtbl);
    metadata->refs = 1;
    metadata->meta_path = iisr_widen(pool, meta_path ? meta_path : "", NULL);
    metadata->physical = iisr_widen(pool, physical ? physical : "", NULL);
    iisr_container_init(&metadata->container, IISR_CONTAINER_PLAIN);
    return metadata;
}

IMetadataInfo *iisr_metadata_create(apr_pool_t *pool, const char *meta_path,
                                    const char *physical)
{
    return (IMetadataInfo *)(void *)make(pool, meta_path, physical);
}

IReferencedMetadataInfo *iisr_metadata_create_referenced(
    const char *meta_path, const char *physical)
{
    apr_pool_t *pool;
    metadata_t *metadata;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return NULL;
    }
    apr_pool_tag(pool, "iisr_metadata");
    metadata = make(pool, meta_path, physical);
    metadata->pool = pool;
    return &metadata->iface;
}

void iisr_metadata_destroy(IMetadataInfo *metadata)
{
    iisr_container_clear(&metadata_of(metadata)->container);
}
