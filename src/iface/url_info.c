/* url_info.c: IHttpUrlInfo.  IIS keeps one a URL in its cache; here it lives
 * as long as its request, and so does what is stored in it. */
#include "objects.h"
#include "vtable.h"

typedef struct url_info_t {
    IHttpUrlInfo iface;                 /* must be first */
    iisr_container_t container;
} url_info_t;

static url_info_t *url_info_of(IHttpUrlInfo *iface)
{
    return (url_info_t *)(void *)iface;
}

static IHttpModuleContextContainer *url_info_GetModuleContextContainer(
    IHttpUrlInfo *This)
{
    return &url_info_of(This)->container.iface.plain;
}

/* Nothing is counted, so nothing is frequent: modules then do not cache. */
static BOOL url_info_IsFrequentlyHit(IHttpUrlInfo *This)
{
    (void)This;
    return FALSE;
}

IISR_VTABLE(IHttpUrlInfo, url_info_vtbl) = {
    .GetModuleContextContainer = url_info_GetModuleContextContainer,
    .IsFrequentlyHit = url_info_IsFrequentlyHit
} IISR_VTABLE_END;

IHttpUrlInfo *iisr_url_info_create(apr_pool_t *pool)
{
    url_info_t *info = apr_pcalloc(pool, sizeof(*info));

    info->iface.lpVtbl = IISR_VPTR(url_info_vtbl);
    iisr_container_init(&info->container, IISR_CONTAINER_PLAIN, pool);
    return &info->iface;
}

void iisr_url_info_destroy(IHttpUrlInfo *info)
{
    iisr_container_clear(&url_info_of(info)->container);
}
