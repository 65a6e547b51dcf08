/* comip.h - _com_ptr_t. */
#ifndef IIS_COMIP_H
#define IIS_COMIP_H
#include "comdef.h"
#endif
