/* combaseapi.h - COM's start and end, GUIDs, task memory. */
#ifndef IIS_COMBASEAPI_H
#define IIS_COMBASEAPI_H
#include "windows.h"
#endif
