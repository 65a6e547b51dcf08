/* ws2def.h - socket addresses. */
#ifndef IIS_WS2DEF_H
#define IIS_WS2DEF_H
#include "windows.h"
#endif
