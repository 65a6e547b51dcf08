/* winsock.h - Winsock on the system's sockets. */
#ifndef IIS_WINSOCK_H
#define IIS_WINSOCK_H
#include "winsock2.h"
#endif
