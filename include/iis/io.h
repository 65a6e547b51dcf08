/* io.h - _open, _access, _findfirst ... come with windows.h; open, access and close are the system's. */
#ifndef IIS_IO_H
#define IIS_IO_H
#include <fcntl.h>
#include <unistd.h>
#include "windows.h"
#endif
