/* direct.h - included by name: what there is of it comes with windows.h. */
#ifndef IIS_DIRECT_H
#define IIS_DIRECT_H
#include "windows.h"
#endif
