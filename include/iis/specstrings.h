/* specstrings.h - part of windows.h. */
#ifndef IIS_SPECSTRINGS_H
#define IIS_SPECSTRINGS_H
#include "windows.h"
#endif
