#pragma once

#ifndef STRICT
#define STRICT
#endif
#define _WINSOCKAPI_
#include <windows.h>
#include <tchar.h>
#include <strsafe.h>
#include <httpserv.h>
#include <map>
#include <new>
#include <string>
