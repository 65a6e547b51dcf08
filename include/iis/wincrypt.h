/* wincrypt.h - CryptGenRandom, CryptBinaryToString; nothing else of it is here. */
#ifndef IIS_WINCRYPT_H
#define IIS_WINCRYPT_H
#include "windows.h"
#ifdef __cplusplus
#include "win32/crypt.h"
#endif
#endif
