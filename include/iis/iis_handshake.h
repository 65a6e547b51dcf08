/*
 * iis_handshake.h - what a module and the server tell each other when the module is loaded.
 *
 * Every C++ file that includes httpserv.h carries one weak function, IisModuleHandshake; the linker keeps one for the
 * module. The server calls it once, after dlopen and before RegisterModule: the module learns the services behind
 * OutputDebugString, ReportEvent and the like, the server learns how the module was compiled and the type information
 * of every interface that it may create, so that dynamic_cast works on objects made in C. It answers NULL when its
 * DllMain refuses. Only fields are ever added, at the end: look at cbSize before reading one that came later.
 */
#ifndef IIS_HANDSHAKE_H
#define IIS_HANDSHAKE_H

#include "iis_basetypes.h"

#ifdef __cplusplus
#include <dlfcn.h>
#include <string.h>
#if defined(__EXCEPTIONS) || defined(__cpp_exceptions)
#include <cxxabi.h>
#include <exception>
#include <stdlib.h>
#endif
extern "C" {
#endif

#define IIS_HEADER_VERSION 1

enum {
    IIS_LOG_ERROR = 0,
    IIS_LOG_WARNING = 1,
    IIS_LOG_INFO = 2,
    IIS_LOG_DEBUG = 3
};

/* Of the server; lives as long as the process. Thread safe. */
typedef struct iis_services {
    DWORD cbSize;
    void (*log)(int level /* IIS_LOG_* */, const char *source, const char *text);
    /* Behind CoCreateInstance: what the server has of its own; else REGDB_E_CLASSNOTREG. */
    HRESULT (*create_instance)(const GUID *clsid, const GUID *iid, void **object);
    void *reserved[7];
} iis_services;

/* name: of the interface, "IHttpContext4"; typeinfo: the address of its std::type_info. */
typedef struct iis_type {
    const char *name;
    const void *typeinfo;
} iis_type;

/* Of the module; lives as long as the module is loaded. Without RTTI nTypes is 0. */
typedef struct iis_handshake {
    DWORD cbSize;
    DWORD dwHeaderVersion;                   /* IIS_HEADER_VERSION of the headers that it was compiled with */
    DWORD cbWchar;                           /* sizeof(WCHAR) there */
    DWORD nTypes;
    const iis_type *pTypes;
    /* dynamic_cast: of an IHttpStoredContext * to IHttpConnectionStoredContext *, or NULL. Without RTTI NULL. */
    void *(*connection_context)(void *stored);
    /* Calls, and catches what is thrown: FALSE, and in what, of so many bytes, its type and its words. Compiled without
     * exceptions NULL. */
    BOOL (*guard)(void (*call)(void *baton), void *baton, char *what, size_t size);
} iis_handshake;

typedef const iis_handshake *(*PFN_IIS_HANDSHAKE)(const iis_services *services);
#define IIS_HANDSHAKE_SYMBOL "IisModuleHandshake"

#ifdef __cplusplus
/* One per module, whatever the number of its files; NULL before the handshake, so also in static constructors. */
__attribute__((weak, visibility("hidden"), used)) const iis_services *iis_module_services = NULL;

static inline void iis_module_log(int level, const char *source, const char *text)
{
    const iis_services *services = iis_module_services;
    if (services && services->cbSize >= offsetof(iis_services, reserved) && services->log)
        services->log(level, source, text);
}

#ifndef DLL_PROCESS_ATTACH
#define DLL_PROCESS_DETACH 0
#define DLL_PROCESS_ATTACH 1
#define DLL_THREAD_ATTACH 2
#define DLL_THREAD_DETACH 3
#endif

/* A module may have a DllMain: it is called with DLL_PROCESS_ATTACH in each child, ahead of RegisterModule, and with no
 * other reason. */
__attribute__((weak, visibility("hidden")))
BOOL WINAPI DllMain(HINSTANCE hinstDLL, DWORD fdwReason, LPVOID lpvReserved);

/* As on Windows: the address that the module is loaded at. */
static inline HINSTANCE iis_module_handle(void)
{
    Dl_info info;
    return dladdr(&iis_module_services, &info) ? (HINSTANCE)info.dli_fbase : NULL;
}

#if defined(__EXCEPTIONS) || defined(__cpp_exceptions)
/* "std::out_of_range: vector::at", or the type alone. */
static inline void iis_module_tell(char *what, size_t size, const char *words)
{
    const std::type_info *type = abi::__cxa_current_exception_type();
    int status = -1;
    char *name = type ? abi::__cxa_demangle(type->name(), NULL, NULL, &status) : NULL;

    *what = '\0';
    strncat(what, name ? name : type ? type->name() : "an exception", size - 1);
    if (words)
    {
        strncat(what, ": ", size - 1 - strlen(what));
        strncat(what, words, size - 1 - strlen(what));
    }
    free(name);
}

/* Not what ends a thread: pthread_exit and pthread_cancel go through. */
static inline BOOL iis_module_guard(void (*call)(void *baton), void *baton, char *what, size_t size)
{
    try
    {
        call(baton);
        return TRUE;
    }
    catch (abi::__forced_unwind &)
    {
        throw;
    }
    catch (const std::exception &e)
    {
        iis_module_tell(what, size, e.what());
    }
    catch (...)
    {
        iis_module_tell(what, size, NULL);
    }
    return FALSE;
}
#define IIS_MODULE_GUARD iis_module_guard
#else
#define IIS_MODULE_GUARD NULL
#endif

/* FALSE: the module does not want to be loaded. */
static inline BOOL iis_module_attach(const iis_services *services)
{
    iis_module_services = services;
    return !services || !DllMain || DllMain(iis_module_handle(), DLL_PROCESS_ATTACH, NULL);
}

}
#endif

#endif /* IIS_HANDSHAKE_H */
