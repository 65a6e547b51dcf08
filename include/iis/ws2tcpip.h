/*
 * ws2tcpip.h - getaddrinfo, inet_pton and their family: winsock2.h has them all.
 */
#ifndef IIS_WS2TCPIP_H
#define IIS_WS2TCPIP_H

#include "winsock2.h"

#define InetPtonA inet_pton
#define InetNtopA inet_ntop

#endif /* IIS_WS2TCPIP_H */
