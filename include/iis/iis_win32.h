/*
 * iis_win32.h - the Win32 and MSVC calls that IIS modules make, for C++. Included by windows.h; each noun has a file of
 * its own in win32/, and docs/win32.md lists the calls. win32/system.h says how they are made.
 */
#ifndef IIS_WIN32_H
#define IIS_WIN32_H

#ifdef __cplusplus
#include "win32/system.h"
#include "win32/codepage.h"
#include "win32/crt.h"
#include "win32/crt_strings.h"
#include "win32/crt_convert.h"
#include "win32/crt_stdio.h"
#include "win32/crt_scan.h"
#include "win32/memory.h"
#include "win32/strings.h"
#include "win32/messages.h"
#include "win32/log.h"
#include "win32/time.h"
#include "win32/interlocked.h"
#include "win32/sync.h"
#include "win32/handles.h"
#include "win32/events.h"
#include "win32/threads.h"
#include "win32/threadpool.h"
#include "win32/timers.h"
#include "win32/waits.h"
#include "win32/files.h"
#include "win32/named_files.h"
#include "win32/folders.h"
#include "win32/process.h"
#include "win32/paths.h"
#include "win32/crt_files.h"
#include "win32/computer.h"
#include "win32/ini.h"
#include "win32/libraries.h"
#include "win32/guid.h"
#include "win32/com.h"
#include "win32/safearray.h"
#include "win32/intsafe.h"
#endif

#endif /* IIS_WIN32_H */
