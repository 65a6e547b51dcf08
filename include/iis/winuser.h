/* winuser.h - part of windows.h. */
#ifndef IIS_WINUSER_H
#define IIS_WINUSER_H
#include "windows.h"
#endif
