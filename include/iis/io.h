/* io.h - _A_NORMAL and its kin, _access: with windows.h. */
#ifndef IIS_IO_H
#define IIS_IO_H
#include "windows.h"
#endif
