/* minwindef.h - part of windows.h. */
#ifndef IIS_MINWINDEF_H
#define IIS_MINWINDEF_H
#include "windows.h"
#endif
