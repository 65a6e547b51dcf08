#pragma once

#define _WINSOCKAPI_
#include <windows.h>
#include <process.h>
#include <tchar.h>
#include <strsafe.h>
#include <httpserv.h>
#include <deque>
#include <new>
#include <string>
