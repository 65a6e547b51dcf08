/* rpc.h - UuidCreate and its kin. */
#ifndef IIS_RPC_H
#define IIS_RPC_H
#include "windows.h"
#endif
