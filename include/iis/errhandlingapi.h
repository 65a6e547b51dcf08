/* errhandlingapi.h - part of windows.h. */
#ifndef IIS_ERRHANDLINGAPI_H
#define IIS_ERRHANDLINGAPI_H
#include "windows.h"
#endif
