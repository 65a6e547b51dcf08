/* hresult.c: what the engine answers, in IIS's words. */
#include <stddef.h>
#include "hresult.h"

static const struct {
    apr_status_t rv;
    DWORD error;
} table[] = {
    { APR_EINVAL, ERROR_INVALID_DATA },
    { APR_ENOMEM, ERROR_NOT_ENOUGH_MEMORY },
    { APR_EGENERAL, ERROR_ARITHMETIC_OVERFLOW },
    { APR_ENOTIMPL, ERROR_NOT_SUPPORTED },
    { APR_EBADF, ERROR_INVALID_HANDLE },
    { APR_ENOENT, ERROR_PATH_NOT_FOUND },
    { APR_EBUSY, ERROR_IO_PENDING },
    { APR_TIMEUP, ERROR_TIMEOUT },
    { APR_EOF, ERROR_HANDLE_EOF },
    { APR_ECONNABORTED, ERROR_CONNECTION_ABORTED }
};

HRESULT iisr_hresult(apr_status_t rv)
{
    size_t i;

    if (rv == APR_SUCCESS) {
        return S_OK;
    }
    for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].rv == rv) {
            return HRESULT_FROM_WIN32(table[i].error);
        }
    }
    /* Anything else comes from the network. */
    return HRESULT_FROM_WIN32(ERROR_CONNECTION_ABORTED);
}
