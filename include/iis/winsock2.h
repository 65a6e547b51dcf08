/* winsock2.h - Winsock on the system's sockets. */
#ifndef IIS_WINSOCK2_H
#define IIS_WINSOCK2_H
#include "windows.h"
#ifdef __cplusplus
#include "win32/winsock.h"
#endif
#endif
