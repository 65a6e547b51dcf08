/* direct.h - _mkdir, _getcwd: with windows.h. */
#ifndef IIS_DIRECT_H
#define IIS_DIRECT_H
#include "windows.h"
#endif
