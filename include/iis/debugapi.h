/* debugapi.h - part of windows.h. */
#ifndef IIS_DEBUGAPI_H
#define IIS_DEBUGAPI_H
#include "windows.h"
#endif
