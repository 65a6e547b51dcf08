/* sysinfoapi.h - part of windows.h. */
#ifndef IIS_SYSINFOAPI_H
#define IIS_SYSINFOAPI_H
#include "windows.h"
#endif
