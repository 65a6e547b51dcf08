/* guiddef.h - GUID, DEFINE_GUID. */
#ifndef IIS_GUIDDEF_H
#define IIS_GUIDDEF_H
#include "iis_basetypes.h"
#endif
