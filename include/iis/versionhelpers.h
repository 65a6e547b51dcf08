/* versionhelpers.h - part of windows.h. */
#ifndef IIS_VERSIONHELPERS_H
#define IIS_VERSIONHELPERS_H
#include "windows.h"
#endif
