/* completion_info.c: IHttpCompletionInfo2, one finished operation as the
 * module that started it is told of it.  Valid during that call. */
#include "objects.h"
#include "vtable.h"

static iisr_completion_info_t *info_of(void *iface)
{
    return iface;
}

static DWORD info_GetCompletionBytes(IHttpCompletionInfo *This)
{
    return info_of(This)->bytes;
}

static HRESULT info_GetCompletionStatus(IHttpCompletionInfo *This)
{
    return info_of(This)->status;
}

/* The page of IIS says "number of bytes"; shipping modules compare it with
 * 1 for a finished read (iisr_op_e). */
static DWORD info_GetCompletedOperation(IHttpCompletionInfo2 *This)
{
    return info_of(This)->operation;
}

IISR_VTABLE(IHttpCompletionInfo2, info_vtbl) = {
    .base = {
        .GetCompletionBytes = info_GetCompletionBytes,
        .GetCompletionStatus = info_GetCompletionStatus
    },
    .GetCompletedOperation = info_GetCompletedOperation
} IISR_VTABLE_END;

void iisr_completion_info_init(iisr_completion_info_t *info,
                               const iisr_operation_t *op)
{
    info->iface.lpVtbl = IISR_VPTR(info_vtbl);
    info->bytes = op->bytes > 0xffffffff ? 0xffffffff : (DWORD)op->bytes;
    info->status = op->status;
    info->operation = (DWORD)op->kind;
}
