/* oaidl.h - part of windows.h. */
#ifndef IIS_OAIDL_H
#define IIS_OAIDL_H
#include "windows.h"
#endif
