/* mstcpip.h - address text. */
#ifndef IIS_MSTCPIP_H
#define IIS_MSTCPIP_H
#include "winsock2.h"
#endif
