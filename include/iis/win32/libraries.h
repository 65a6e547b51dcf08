/*
 * win32/libraries.h - LoadLibrary, GetProcAddress and FreeLibrary on dlopen. A name without a folder is looked for beside
 * the module, then where the system looks; x.dll is also x.so. Of the module itself, which stands for whatever
 * GetModuleHandle was asked, GetProcAddress finds what it exports: nothing of Windows' own libraries.
 * Pages: "LoadLibraryA function", "GetProcAddress function".
 */
#ifndef IIS_WIN32_LIBRARIES_H
#define IIS_WIN32_LIBRARIES_H

#include "ini.h"

#define LOAD_LIBRARY_AS_DATAFILE 0x00000002
#define LOAD_WITH_ALTERED_SEARCH_PATH 0x00000008
#define LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR 0x00000100
#define LOAD_LIBRARY_SEARCH_APPLICATION_DIR 0x00000200
#define LOAD_LIBRARY_SEARCH_SYSTEM32 0x00000800
#define LOAD_LIBRARY_SEARCH_DEFAULT_DIRS 0x00001000

IIS_API void *iis_try_library(const std::string &name)
{
    void *library = name.find('/') == std::string::npos ? dlopen(iis_ini_path(name).c_str(), RTLD_NOW | RTLD_LOCAL) : NULL;
    return library ? library : dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
}
IIS_API HMODULE iis_load_library(const std::string &name, DWORD flags)
{
    size_t dot = name.rfind('.');
    bool dll = dot != std::string::npos && !_stricmp(name.c_str() + dot, ".dll");
    HMODULE library = NULL;

    if (name.empty() || (flags & LOAD_LIBRARY_AS_DATAFILE)) {
        SetLastError(name.empty() ? ERROR_INVALID_PARAMETER : ERROR_NOT_SUPPORTED);
        return NULL;
    }
    if (!(library = iis_try_library(name)) && (dll || dot == std::string::npos))
        library = iis_try_library((dll ? name.substr(0, dot) : name) + ".so");
    if (!library) {
        SetLastError(ERROR_MOD_NOT_FOUND);
        return NULL;
    }
    iis_loaded_libraries().add(library);
    return library;
}
IIS_API HMODULE WINAPI LoadLibraryExA(LPCSTR name, HANDLE, DWORD flags) { return iis_load_library(iis_path(name), flags); }
IIS_API HMODULE WINAPI LoadLibraryExW(LPCWSTR name, HANDLE, DWORD flags) { return iis_load_library(iis_path(name), flags); }
IIS_API HMODULE WINAPI LoadLibraryA(LPCSTR name) { return LoadLibraryExA(name, NULL, 0); }
IIS_API HMODULE WINAPI LoadLibraryW(LPCWSTR name) { return LoadLibraryExW(name, NULL, 0); }

/* An ordinal is never found. */
IIS_API FARPROC WINAPI GetProcAddress(HMODULE module, LPCSTR name)
{
    bool loaded = iis_loaded_libraries().has(module);
    void *library = loaded ? module : dlopen(iis_module_path().c_str(), RTLD_LAZY | RTLD_NOLOAD);
    void *found = library && (ULONG_PTR)name >= 0x10000 ? dlsym(library, name) : NULL;
    Dl_info where, here;

    if (!loaded && library)
        dlclose(library);
    /* dlsym also looks into what the module is linked with. */
    if (!loaded && found && (!dladdr(found, &where) || !dladdr(iis_this_module(), &here) || where.dli_fbase != here.dli_fbase))
        found = NULL;
    if (!found)
        SetLastError(ERROR_PROC_NOT_FOUND);
    FARPROC function;
    memcpy(&function, &found, sizeof(function));
    return function;
}
IIS_API BOOL WINAPI FreeLibrary(HMODULE module)
{
    if (iis_loaded_libraries().remove(module))
        return dlclose(module) ? iis_failed(ERROR_INVALID_HANDLE) : TRUE;
    return module == iis_this_module() || module == iis_module_handle() || iis_failed(ERROR_MOD_NOT_FOUND);
}

#define LoadLibrary IIS_AW(LoadLibrary)
#define LoadLibraryEx IIS_AW(LoadLibraryEx)

#endif /* IIS_WIN32_LIBRARIES_H */
