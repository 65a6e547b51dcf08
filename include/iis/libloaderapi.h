/* libloaderapi.h - part of windows.h. */
#ifndef IIS_LIBLOADERAPI_H
#define IIS_LIBLOADERAPI_H
#include "windows.h"
#endif
