/* intrin.h - _byteswap_ulong and its kin: with windows.h. */
#ifndef IIS_INTRIN_H
#define IIS_INTRIN_H
#include "windows.h"
#endif
