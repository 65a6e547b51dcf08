/* share.h - _SH_DENYNO and its kin: with windows.h. */
#ifndef IIS_SHARE_H
#define IIS_SHARE_H
#include "windows.h"
#endif
