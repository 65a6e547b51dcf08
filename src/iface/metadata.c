/* metadata.c: IReferencedMetadataInfo, the configuration path and the root
 * folder that belong to a URL; one of them a child, on a shelf: what modules
 * store with it outlives the request.  The configuration is the same for as
 * long as a child lives.
 */
#include <apr_strings.h>
#include "shelf.h"
#include "vtable.h"
#include "core/wide.h"

typedef struct metadata_t {
    iisr_shelved_t shelved;             /* must be first: the interface */
    const WCHAR *meta_path, *physical;
} metadata_t;

typedef struct facts_t {
    const char *meta_path, *physical;
} facts_t;

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
    return &metadata_of(This)->shelved.container.iface.plain;
}

static void metadata_ReferenceMetadata(IReferencedMetadataInfo *This)
{
    iisr_shelf_reference(This);
}

static void metadata_DereferenceMetadata(IReferencedMetadataInfo *This)
{
    iisr_shelf_release(This);
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

static void found(iisr_shelved_t *item, int fresh, const void *baton)
{
    metadata_t *metadata = metadata_of(item);
    const facts_t *facts = baton;

    if (fresh) {
        item->iface.metadata.lpVtbl = IISR_VPTR(metadata_vtbl);
        metadata->meta_path = iisr_widen(item->pool, facts->meta_path, NULL);
        metadata->physical = iisr_widen(item->pool, facts->physical, NULL);
    }
}

iisr_shelf_t *iisr_metadata_create(apr_pool_t *pool)
{
    return iisr_shelf_create(pool, sizeof(metadata_t), found);
}

IReferencedMetadataInfo *iisr_metadata_get(iisr_shelf_t *shelf,
                                           apr_pool_t *scratch,
                                           const char *meta_path,
                                           const char *physical)
{
    facts_t facts = { meta_path ? meta_path : "", physical ? physical : "" };

    return iisr_shelf_get(shelf, apr_pstrcat(scratch, facts.meta_path, "\n",
                                             facts.physical, NULL), &facts);
}
