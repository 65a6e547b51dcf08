/* strsafe.h - StringCchCopy and its kin. */
#ifndef IIS_STRSAFE_H
#define IIS_STRSAFE_H
#include "windows.h"
#ifdef __cplusplus
#include "win32/strsafe.h"
#endif
#endif
