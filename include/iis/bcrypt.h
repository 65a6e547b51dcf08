/* bcrypt.h - BCryptGenRandom; nothing else of it is here. */
#ifndef IIS_BCRYPT_H
#define IIS_BCRYPT_H
#include "windows.h"
#ifdef __cplusplus
#include "win32/crypt.h"
#endif
#endif
