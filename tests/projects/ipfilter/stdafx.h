// stdafx.h : include file for standard system include files, or project
// specific include files that are used frequently, but are changed infrequently
#pragma once

#include "targetver.h"

#define WIN32_LEAN_AND_MEAN
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <tchar.h>
#include <strsafe.h>
#include <sal.h>
#include <httpserv.h>
#include <stdio.h>
#include <stdlib.h>
#include <new>
#include <vector>
