/* initguid.h - Windows: DEFINE_GUID defines from here on. Here it always does. */
#ifndef IIS_INITGUID_H
#define IIS_INITGUID_H
#include "iis_basetypes.h"
#endif
