/* processthreadsapi.h - part of windows.h. */
#ifndef IIS_PROCESSTHREADSAPI_H
#define IIS_PROCESSTHREADSAPI_H
#include "windows.h"
#endif
