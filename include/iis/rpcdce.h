/* rpcdce.h - UuidCreate and its kin. */
#ifndef IIS_RPCDCE_H
#define IIS_RPCDCE_H
#include "windows.h"
#endif
