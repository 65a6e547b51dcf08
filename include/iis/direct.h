/* direct.h - _mkdir, _getcwd ... come with windows.h; chdir and rmdir are the system's, and mkdir takes the path alone. */
#ifndef IIS_DIRECT_H
#define IIS_DIRECT_H
#include <sys/stat.h>
#include <unistd.h>
#include "windows.h"
#ifdef __cplusplus
IIS_API int mkdir(const char *path) { return _mkdir(path); }
#endif
#endif
