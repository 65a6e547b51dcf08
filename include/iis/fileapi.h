/* fileapi.h - part of windows.h. */
#ifndef IIS_FILEAPI_H
#define IIS_FILEAPI_H
#include "windows.h"
#endif
