/* objbase.h - COM's start and end, GUIDs, task memory. */
#ifndef IIS_OBJBASE_H
#define IIS_OBJBASE_H
#include "windows.h"
#endif
