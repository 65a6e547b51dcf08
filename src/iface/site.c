/* site.c: IHttpSite, a virtual host as IIS calls it.  Constant after
 * creation; any thread. */
#include "objects.h"
#include "vtable.h"
#include "core/wide.h"

typedef struct site_t {
    IHttpSite iface;                    /* must be first */
    DWORD id;
    const WCHAR *name;
    iisr_container_t container;
    IHttpPerfCounterInfo *counters;
} site_t;

static site_t *site_of(IHttpSite *iface)
{
    return (site_t *)(void *)iface;
}

static DWORD site_GetSiteId(IHttpSite *This)
{
    return site_of(This)->id;
}

static PCWSTR site_GetSiteName(IHttpSite *This)
{
    return site_of(This)->name;
}

static IHttpModuleContextContainer *site_GetModuleContextContainer(
    IHttpSite *This)
{
    return &site_of(This)->container.iface.plain;
}

static IHttpPerfCounterInfo *site_GetPerfCounterInfo(IHttpSite *This)
{
    return site_of(This)->counters;
}

IISR_VTABLE(IHttpSite, site_vtbl) = {
    .GetSiteId = site_GetSiteId,
    .GetSiteName = site_GetSiteName,
    .GetModuleContextContainer = site_GetModuleContextContainer,
    .GetPerfCounterInfo = site_GetPerfCounterInfo
} IISR_VTABLE_END;

IHttpSite *iisr_site_create(apr_pool_t *pool, DWORD id, const char *name,
                            IHttpPerfCounterInfo *counters)
{
    site_t *site = apr_pcalloc(pool, sizeof(*site));

    site->iface.lpVtbl = IISR_VPTR(site_vtbl);
    site->id = id;
    site->name = iisr_widen(pool, name ? name : "", NULL);
    site->counters = counters ? counters : iisr_counters_create(pool, NULL);
    iisr_container_init(&site->container, IISR_CONTAINER_PLAIN);
    return &site->iface;
}

void iisr_site_destroy(IHttpSite *site)
{
    iisr_container_clear(&site_of(site)->container);
}
