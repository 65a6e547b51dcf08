/* winbase.h - part of windows.h. */
#ifndef IIS_WINBASE_H
#define IIS_WINBASE_H
#include "windows.h"
#endif
