/* winnt.h - part of windows.h. */
#ifndef IIS_WINNT_H
#define IIS_WINNT_H
#include "windows.h"
#endif
