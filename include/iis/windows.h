/*
 * windows.h - what a native IIS module expects of <windows.h>: types, error codes and, if it is installed beside this
 * file, the Win32 calls that IIS modules use. An umbrella: everything lives in the files that it includes.
 */
#ifndef IIS_WINDOWS_H
#define IIS_WINDOWS_H

#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0A00
#endif

#include "iis_basetypes.h"
#include "iis_winerror.h"
#include "sal.h"
#include "iis_handshake.h"
#include "iis_automation.h"
#include "iis_variant.h"

#if defined(__has_include)
#if __has_include("iis_win32.h")
#include "iis_win32.h"
#endif
#endif

#endif /* IIS_WINDOWS_H */
