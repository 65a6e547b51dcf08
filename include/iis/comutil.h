/* comutil.h - _bstr_t and _variant_t. */
#ifndef IIS_COMUTIL_H
#define IIS_COMUTIL_H
#include "comdef.h"
#endif
