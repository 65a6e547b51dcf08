/* shlwapi.h - its paths, strings and URLs. */
#ifndef IIS_SHLWAPI_H
#define IIS_SHLWAPI_H
#include "windows.h"
#ifdef __cplusplus
#include "win32/shlwapi_paths.h"
#include "win32/shlwapi_strings.h"
#endif
#endif
