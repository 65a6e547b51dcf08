/* io.h - _A_NORMAL and its kin: with windows.h. */
#ifndef IIS_IO_H
#define IIS_IO_H
#include "windows.h"
#endif
