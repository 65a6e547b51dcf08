/* threadpoolapiset.h - part of windows.h. */
#ifndef IIS_THREADPOOLAPISET_H
#define IIS_THREADPOOLAPISET_H
#include "windows.h"
#endif
