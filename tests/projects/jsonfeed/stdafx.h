#pragma once

#define WIN32_LEAN_AND_MEAN
#define _WINSOCKAPI_
#include <windows.h>
#include <process.h>
#include <tchar.h>
#include <strsafe.h>
#include <httpserv.h>
#include <list>
#include <new>
#include <string>
