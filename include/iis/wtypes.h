/* wtypes.h - part of windows.h. */
#ifndef IIS_WTYPES_H
#define IIS_WTYPES_H
#include "windows.h"
#endif
