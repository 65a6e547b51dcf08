/* sddl.h - the text of SIDs. */
#ifndef IIS_SDDL_H
#define IIS_SDDL_H
#include "windows.h"
#ifdef __cplusplus
#include "win32/sid.h"
#endif
#endif
