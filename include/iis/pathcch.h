/* pathcch.h - paths with the size of their buffers. */
#ifndef IIS_PATHCCH_H
#define IIS_PATHCCH_H
#include "windows.h"
#ifdef __cplusplus
#include "win32/shlwapi_paths.h"
#endif
#endif
