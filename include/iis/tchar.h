/* tchar.h - the names that are char or wchar_t functions, as UNICODE says. */
#ifndef IIS_TCHAR_H
#define IIS_TCHAR_H
#include "windows.h"
#include "win32/tchar.h"
#endif
