/* ws2tcpip.h - Winsock on the system's sockets. */
#ifndef IIS_WS2TCPIP_H
#define IIS_WS2TCPIP_H
#include "winsock2.h"
#endif
