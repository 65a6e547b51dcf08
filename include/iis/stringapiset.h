/* stringapiset.h - part of windows.h. */
#ifndef IIS_STRINGAPISET_H
#define IIS_STRINGAPISET_H
#include "windows.h"
#endif
