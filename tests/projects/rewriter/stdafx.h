// Precompiled header of the response rewriter.
#pragma once
#pragma warning(disable : 4100)     // unreferenced formal parameter

#define _WINSOCKAPI_
#include <Windows.h>
#include <Tchar.h>
#include <Strsafe.h>
#include <HttpServ.h>
#include <new>
#include <string>
