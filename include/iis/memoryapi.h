/* memoryapi.h - part of windows.h. */
#ifndef IIS_MEMORYAPI_H
#define IIS_MEMORYAPI_H
#include "windows.h"
#endif
