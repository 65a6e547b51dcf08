/* intsafe.h - additions, products and conversions that tell an overflow. */
#ifndef IIS_INTSAFE_H
#define IIS_INTSAFE_H
#include "windows.h"
#ifdef __cplusplus
#include "win32/intsafe.h"
#endif
#endif
