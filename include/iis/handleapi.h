/* handleapi.h - part of windows.h. */
#ifndef IIS_HANDLEAPI_H
#define IIS_HANDLEAPI_H
#include "windows.h"
#endif
