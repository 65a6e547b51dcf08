/* crtdbg.h - MSVC's debug heap, as a release build has it: nothing. */
#ifndef IIS_CRTDBG_H
#define IIS_CRTDBG_H
#include "windows.h"
#endif
