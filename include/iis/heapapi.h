/* heapapi.h - part of windows.h. */
#ifndef IIS_HEAPAPI_H
#define IIS_HEAPAPI_H
#include "windows.h"
#endif
