/* oleauto.h - BSTR, VARIANT, SAFEARRAY. */
#ifndef IIS_OLEAUTO_H
#define IIS_OLEAUTO_H
#include "comdef.h"
#endif
