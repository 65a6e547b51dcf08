/* windef.h - part of windows.h. */
#ifndef IIS_WINDEF_H
#define IIS_WINDEF_H
#include "windows.h"
#endif
