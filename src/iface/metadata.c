/* metadata.c: IMetadataInfo, the configuration path and the root folder that
 * belong to a URL.  Constant after creation; any thread. */
#include "objects.h"
#include "vtable.h"
#include "core/wide.h"

typedef struct metadata_t {
    IMetadataInfo iface;                /* must be first */
    const WCHAR *meta_path, *physical;
    iisr_container_t container;
} metadata_t;

static metadata_t *metadata_of(IMetadataInfo *iface)
{
    return (metadata_t *)(void *)iface;
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

IISR_VTABLE(IMetadataInfo, metadata_vtbl) = {
    .GetMetaPath = metadata_GetMetaPath,
    .GetVrPath = metadata_GetVrPath,
    .GetVrToken = metadata_GetVrToken,
    .GetModuleContextContainer = metadata_GetModuleContextContainer
} IISR_VTABLE_END;

IMetadataInfo *iisr_metadata_create(apr_pool_t *pool, const char *meta_path,
                                    const char *physical)
{
    metadata_t *metadata = apr_pcalloc(pool, sizeof(*metadata));

    metadata->iface.lpVtbl = IISR_VPTR(metadata_vtbl);
    metadata->meta_path = iisr_widen(pool, meta_path ? meta_path : "", NULL);
    metadata->physical = iisr_widen(pool, physical ? physical : "", NULL);
    iisr_container_init(&metadata->container, IISR_CONTAINER_PLAIN, pool);
    return &metadata->iface;
}

void iisr_metadata_destroy(IMetadataInfo *metadata)
{
    iisr_container_clear(&metadata_of(metadata)->container);
}
