/* winnls.h - part of windows.h. */
#ifndef IIS_WINNLS_H
#define IIS_WINNLS_H
#include "windows.h"
#endif
