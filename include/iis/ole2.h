/* ole2.h - Automation. */
#ifndef IIS_OLE2_H
#define IIS_OLE2_H
#include "comdef.h"
#endif
