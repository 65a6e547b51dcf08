/* synchapi.h - part of windows.h. */
#ifndef IIS_SYNCHAPI_H
#define IIS_SYNCHAPI_H
#include "windows.h"
#endif
