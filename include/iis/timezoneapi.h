/* timezoneapi.h - part of windows.h. */
#ifndef IIS_TIMEZONEAPI_H
#define IIS_TIMEZONEAPI_H
#include "windows.h"
#endif
