/* objidl.h - part of windows.h. */
#ifndef IIS_OBJIDL_H
#define IIS_OBJIDL_H
#include "windows.h"
#endif
