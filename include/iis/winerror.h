/* winerror.h - HRESULTs and Win32 error codes. */
#ifndef IIS_WINERROR_FILE_H
#define IIS_WINERROR_FILE_H
#include "iis_winerror.h"
#endif
