/* handle.c: a queue of handles; see handle.h. */
#include <stdlib.h>
#include "handle.h"

/* Made at once: two pages. */
#define MADE 200

static iisr_handle_t *handle_make(iisr_handles_t *handles)
{
    if (!handles->nfresh) {
        if (!(handles->fresh = calloc(MADE, sizeof(*handles->fresh)))) {
            return NULL;
        }
        handles->nfresh = MADE;
    }
    handles->nfresh--;
    return handles->fresh++;
}

iisr_handle_t *iisr_handle_take(iisr_handles_t *handles)
{
    iisr_handle_t *handle = handles->first;

    if (handles->n < IISR_HANDLES_WAIT) {
        return handle_make(handles);
    }
    handles->first = handle->next;
    handles->n--;
    return handle;
}

void iisr_handle_give(iisr_handles_t *handles, iisr_handle_t *handle,
                      struct iisr_context_t *closed)
{
    __atomic_store_n(&handle->ctx, closed, __ATOMIC_RELEASE);
    handle->next = NULL;
    if (handles->n++) {
        handles->last->next = handle;
    }
    else {
        handles->first = handle;
    }
    handles->last = handle;
}
