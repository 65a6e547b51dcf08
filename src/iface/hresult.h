/* hresult.h: the border between apr_status_t and HRESULT. */
#ifndef IISR_IFACE_HRESULT_H
#define IISR_IFACE_HRESULT_H
#include <apr_errno.h>
#include "windows.h"
HRESULT iisr_hresult(apr_status_t rv);

#define BAD_PARAMETER HRESULT_FROM_WIN32(ERROR_INVALID_PARAMETER)
#define BAD_DATA HRESULT_FROM_WIN32(ERROR_INVALID_DATA)

#endif
