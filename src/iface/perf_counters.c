/* perf_counters.c: IHttpPerfCounterInfo.  IIS keeps it for itself and does
 * not say what an index means; modules that count here count for the whole
 * server when the cells are shared memory.  Any thread, any child.
 */
#include <apr_atomic.h>
#include "objects.h"
#include "vtable.h"

typedef struct counters_t {
    IHttpPerfCounterInfo iface;         /* must be first */
    volatile apr_uint32_t *cells;
} counters_t;

static volatile apr_uint32_t *cell(IHttpPerfCounterInfo *iface, DWORD index)
{
    counters_t *counters = (counters_t *)(void *)iface;

    return index < IISR_COUNTERS ? &counters->cells[index] : NULL;
}

static void counters_IncrementCounter(IHttpPerfCounterInfo *This,
                                      DWORD dwCounterIndex, DWORD dwValue)
{
    volatile apr_uint32_t *counter = cell(This, dwCounterIndex);

    if (counter) {
        apr_atomic_add32(counter, dwValue);
    }
}

static void counters_DecrementCounter(IHttpPerfCounterInfo *This,
                                      DWORD dwCounterIndex, DWORD dwValue)
{
    volatile apr_uint32_t *counter = cell(This, dwCounterIndex);

    if (counter) {
        apr_atomic_sub32(counter, dwValue);
    }
}

IISR_VTABLE(IHttpPerfCounterInfo, counters_vtbl) = {
    .IncrementCounter = counters_IncrementCounter,
    .DecrementCounter = counters_DecrementCounter
} IISR_VTABLE_END;

IHttpPerfCounterInfo *iisr_counters_create(apr_pool_t *pool,
                                           volatile apr_uint32_t *cells)
{
    counters_t *counters = apr_pcalloc(pool, sizeof(*counters));

    counters->iface.lpVtbl = IISR_VPTR(counters_vtbl);
    counters->cells = cells ? cells
        : apr_pcalloc(pool, IISR_COUNTERS * sizeof(*cells));
    return &counters->iface;
}

apr_uint32_t iisr_counters_get(IHttpPerfCounterInfo *counters, DWORD index)
{
    volatile apr_uint32_t *counter = cell(counters, index);

    return counter ? apr_atomic_read32(counter) : 0;
}
