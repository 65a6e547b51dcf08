/* processenv.h - part of windows.h. */
#ifndef IIS_PROCESSENV_H
#define IIS_PROCESSENV_H
#include "windows.h"
#endif
