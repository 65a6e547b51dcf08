/* process.h - _beginthreadex, _getpid: with windows.h. */
#ifndef IIS_PROCESS_H
#define IIS_PROCESS_H
#include "windows.h"
#endif
