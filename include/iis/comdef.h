/* comdef.h - _com_error, _bstr_t, _variant_t and _com_ptr_t. */
#ifndef IIS_COMDEF_H
#define IIS_COMDEF_H

#include "windows.h"
#ifdef __cplusplus
#include "win32/variant.h"
#include "win32/com.h"
#endif

#endif /* IIS_COMDEF_H */
