/* unknwn.h - IUnknown. */
#ifndef IIS_UNKNWN_H
#define IIS_UNKNWN_H
#include "windows.h"
#endif
