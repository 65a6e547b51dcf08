/*
 * win32/process.h - the process and its surroundings: modules, environment.
 * GetModuleFileName names the program for NULL, what LoadLibrary has loaded, and else the module's own .so.
 */
#ifndef IIS_WIN32_PROCESS_H
#define IIS_WIN32_PROCESS_H

#include <map>
#include <mutex>
#include <set>

#include "log.h"

#define GET_MODULE_HANDLE_EX_FLAG_PIN 0x1
#define GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT 0x2
#define GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS 0x4
#define DLL_PROCESS_DETACH 0
#define DLL_PROCESS_ATTACH 1
#define DLL_THREAD_ATTACH 2
#define DLL_THREAD_DETACH 3

/* The length; when room is too small: what is needed with the NUL, and the buffer stays. */
template <typename C> DWORD iis_give(const std::basic_string<C> &text, C *to, DWORD room)
{
    if (text.size() + 1 > room || !to)
        return (DWORD)text.size() + 1;
    memcpy(to, text.c_str(), (text.size() + 1) * sizeof(C));
    return (DWORD)text.size();
}

/* ---- modules ----------------------------------------------------------------------------------------------------- */

IIS_API std::string iis_program_path()
{
    char path[4096];
    ssize_t n = iis_libc_readlink("/proc/self/exe", path, sizeof(path));
    return n > 0 ? std::string(path, (size_t)n) : std::string();
}
/* What LoadLibrary has given out; each as often as it was loaded. */
class iis_libraries {
public:
    void add(void *library) { std::lock_guard<std::mutex> guard(m_lock); m_loaded.insert(library); }
    bool has(void *library) { std::lock_guard<std::mutex> guard(m_lock); return m_loaded.count(library) != 0; }
    bool remove(void *library)
    {
        std::lock_guard<std::mutex> guard(m_lock);
        auto known = m_loaded.find(library);
        if (known == m_loaded.end())
            return false;
        m_loaded.erase(known);
        return true;
    }
private:
    std::mutex m_lock;
    std::multiset<void *> m_loaded;
};
IIS_API iis_libraries &iis_loaded_libraries()
{
    static iis_libraries *libraries = new iis_libraries;
    return *libraries;
}
struct iis_link_map {                        /* how struct link_map begins */
    uintptr_t base;
    const char *name;
};
extern "C" int iis_libc_dlinfo(void *, int, void *) __asm__("dlinfo");
IIS_API std::string iis_path_of_module(HMODULE module)
{
    iis_link_map *map = NULL;
    if (!module)
        return iis_program_path();
    if (iis_loaded_libraries().has(module) && !iis_libc_dlinfo(module, 2 /* RTLD_DI_LINKMAP */, &map) && map)
        return map->name;
    return iis_module_path();
}
template <typename C> DWORD iis_file_name(const std::basic_string<C> &path, C *to, DWORD room)
{
    DWORD n = iis_give(path, to, room);
    if (n < room || !room) {
        SetLastError(ERROR_SUCCESS);
        return n < room ? n : 0;
    }
    iis_copy_some(to, room, path.c_str(), _TRUNCATE);
    SetLastError(ERROR_INSUFFICIENT_BUFFER);
    return room;
}
IIS_API DWORD WINAPI GetModuleFileNameA(HMODULE hModule, LPSTR lpFilename, DWORD nSize)
{
    return iis_file_name(iis_path_of_module(hModule), lpFilename, nSize);
}
IIS_API DWORD WINAPI GetModuleFileNameW(HMODULE hModule, LPWSTR lpFilename, DWORD nSize)
{
    return iis_file_name(iis_widen(iis_path_of_module(hModule).c_str()), lpFilename, nSize);
}
/* Where a module says `extern "C" IMAGE_DOS_HEADER __ImageBase`, its address is a handle of the module. */
typedef struct _IMAGE_DOS_HEADER {
    WORD e_magic;
} IMAGE_DOS_HEADER, *PIMAGE_DOS_HEADER;
#define __ImageBase __ehdr_start             /* the linker's */
/* A handle that stands for this module. */
IIS_API HMODULE iis_this_module()
{
    static char anchor;
    return &anchor;
}
IIS_API HMODULE WINAPI GetModuleHandleA(LPCSTR) { return iis_this_module(); }
IIS_API HMODULE WINAPI GetModuleHandleW(LPCWSTR) { return iis_this_module(); }
IIS_API BOOL WINAPI GetModuleHandleExA(DWORD, LPCSTR, HMODULE *phModule)
{
    *phModule = iis_this_module();
    return TRUE;
}
IIS_API BOOL WINAPI GetModuleHandleExW(DWORD, LPCWSTR, HMODULE *phModule)
{
    *phModule = iis_this_module();
    return TRUE;
}
IIS_API BOOL WINAPI DisableThreadLibraryCalls(HMODULE) { return TRUE; }

/* ---- environment: the names are exact here ------------------------------------------------------------------------ */

IIS_API DWORD WINAPI GetEnvironmentVariableA(LPCSTR lpName, LPSTR lpBuffer, DWORD nSize)
{
    const char *value = lpName ? getenv(lpName) : NULL;
    if (!value)
        return (DWORD)iis_failed(ERROR_ENVVAR_NOT_FOUND);
    SetLastError(ERROR_SUCCESS);
    return iis_give(std::string(value), lpBuffer, nSize);
}
IIS_API DWORD WINAPI GetEnvironmentVariableW(LPCWSTR lpName, LPWSTR lpBuffer, DWORD nSize)
{
    const char *value = getenv(iis_narrow(lpName).c_str());
    if (!value)
        return (DWORD)iis_failed(ERROR_ENVVAR_NOT_FOUND);
    SetLastError(ERROR_SUCCESS);
    return iis_give(iis_widen(value), lpBuffer, nSize);
}
IIS_API BOOL WINAPI SetEnvironmentVariableA(LPCSTR lpName, LPCSTR lpValue)
{
    int rc = !lpName ? -1 : lpValue ? setenv(lpName, lpValue, 1) : unsetenv(lpName);
    return rc ? iis_failed(ERROR_INVALID_PARAMETER) : TRUE;
}
IIS_API BOOL WINAPI SetEnvironmentVariableW(LPCWSTR lpName, LPCWSTR lpValue)
{
    return SetEnvironmentVariableA(iis_narrow(lpName).c_str(), lpValue ? iis_narrow(lpValue).c_str() : NULL);
}
/* %NAME%; what is not set stays as it is. */
IIS_API std::string iis_expand(const std::string &text)
{
    std::string out;
    for (size_t at = 0; at < text.size(); at++) {
        size_t end = text[at] == '%' ? text.find('%', at + 1) : std::string::npos;
        const char *value = end == std::string::npos ? NULL : getenv(text.substr(at + 1, end - at - 1).c_str());
        if (value) {
            out += value;
            at = end;
        }
        else
            out += text[at];
    }
    return out;
}
/* The length with the NUL. */
IIS_API DWORD WINAPI ExpandEnvironmentStringsA(LPCSTR lpSrc, LPSTR lpDst, DWORD nSize)
{
    std::string text = iis_expand(lpSrc);
    iis_give(text, lpDst, nSize);
    return (DWORD)text.size() + 1;
}
IIS_API DWORD WINAPI ExpandEnvironmentStringsW(LPCWSTR lpSrc, LPWSTR lpDst, DWORD nSize)
{
    std::wstring text = iis_widen(iis_expand(iis_narrow(lpSrc)).c_str());
    iis_give(text, lpDst, nSize);
    return (DWORD)text.size() + 1;
}
IIS_API errno_t getenv_s(size_t *needed, char *to, size_t room, const char *name)
{
    const char *value = name ? getenv(name) : NULL;
    if (!needed || !name || (!to && room))
        return iis_invalid(EINVAL);
    *needed = value ? strlen(value) + 1 : 0;
    if (to && room)
        to[0] = 0;
    return !value || !room ? 0 : *needed > room ? ERANGE : iis_copy(to, room, value);
}
/* Freed with free; NULL when there is none. */
IIS_API errno_t _dupenv_s(char **to, size_t *length, const char *name)
{
    if (!to || !name)
        return iis_invalid(EINVAL);
    *to = iis_duplicate(getenv(name));
    if (length)
        *length = *to ? strlen(*to) + 1 : 0;
    return 0;
}
template <size_t N> errno_t getenv_s(size_t *needed, char (&to)[N], const char *name) { return getenv_s(needed, to, N, name); }
IIS_API errno_t _wdupenv_s(wchar_t **to, size_t *length, const wchar_t *name)
{
    const char *value = name ? getenv(iis_narrow(name).c_str()) : NULL;
    if (!to || !name)
        return iis_invalid(EINVAL);
    *to = value ? iis_duplicate(iis_widen(value).c_str()) : NULL;
    if (length)
        *length = *to ? wcslen(*to) + 1 : 0;
    return 0;
}
IIS_API errno_t _wgetenv_s(size_t *needed, wchar_t *to, size_t room, const wchar_t *name)
{
    if (!needed || !name || (!to && room))
        return iis_invalid(EINVAL);
    const char *value = getenv(iis_narrow(name).c_str());
    std::wstring wide = iis_widen(value);
    *needed = value ? wide.size() + 1 : 0;
    if (to && room)
        to[0] = 0;
    return !value || !room ? 0 : *needed > room ? ERANGE : iis_copy(to, room, wide.c_str());
}
/* What it points to stays, also when the variable changes. */
IIS_API wchar_t *_wgetenv(const wchar_t *name)
{
    static std::mutex *lock = new std::mutex;
    static std::map<std::string, std::wstring> *kept = new std::map<std::string, std::wstring>;
    const char *value = name ? getenv(iis_narrow(name).c_str()) : NULL;
    std::lock_guard<std::mutex> guard(*lock);
    if (!value)
        return NULL;
    std::wstring &wide = (*kept)[std::string(value)];
    if (wide.empty())
        wide = iis_widen(value);
    return &wide[0];
}
IIS_API int _putenv_s(const char *name, const char *value) { return *value ? setenv(name, value, 1) : unsetenv(name); }
IIS_API int _wputenv_s(const wchar_t *name, const wchar_t *value)
{
    return _putenv_s(iis_narrow(name).c_str(), iis_narrow(value).c_str());
}
/* NAME=value; without a value the variable goes. */
IIS_API int _putenv(const char *text)
{
    const char *equals = strchr(text, '=');
    return equals ? _putenv_s(std::string(text, (size_t)(equals - text)).c_str(), equals + 1) : -1;
}
IIS_API int _wputenv(const wchar_t *text) { return _putenv(iis_narrow(text).c_str()); }

IIS_API int _getpid() { return iis_libc_getpid(); }
extern "C" void _exit(int) __attribute__((noreturn));

/* ---- small calls ------------------------------------------------------------------------------------------------- */

#define SEM_FAILCRITICALERRORS 0x0001
#define SEM_NOGPFAULTERRORBOX 0x0002
#define SEM_NOOPENFILEERRORBOX 0x8000

/* Nothing asks anybody here. */
IIS_API UINT WINAPI SetErrorMode(UINT) { return SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX; }
IIS_API UINT WINAPI GetErrorMode() { return SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX; }
IIS_API DWORD WINAPI GetProcessId(HANDLE process) { return process == INVALID_HANDLE_VALUE ? GetCurrentProcessId() : 0; }
IIS_API PVOID WINAPI EncodePointer(PVOID pointer) { return (PVOID)~(ULONG_PTR)pointer; }
IIS_API PVOID WINAPI DecodePointer(PVOID pointer) { return (PVOID)~(ULONG_PTR)pointer; }
/* Rounded; -1 when it is no int or the divisor is 0. */
IIS_API int WINAPI MulDiv(int number, int numerator, int denominator)
{
    long long product = (long long)number * numerator, half = denominator < 0 ? -(denominator / 2) : denominator / 2;
    if (!denominator)
        return -1;
    long long result = (product + (product < 0 ? -half : half)) / denominator;
    return result > INT_MAX || result < INT_MIN ? -1 : (int)result;
}

#define GetModuleFileName IIS_AW(GetModuleFileName)
#define GetModuleHandle IIS_AW(GetModuleHandle)
#define GetModuleHandleEx IIS_AW(GetModuleHandleEx)
#define GetEnvironmentVariable IIS_AW(GetEnvironmentVariable)
#define SetEnvironmentVariable IIS_AW(SetEnvironmentVariable)
#define ExpandEnvironmentStrings IIS_AW(ExpandEnvironmentStrings)

#endif /* IIS_WIN32_PROCESS_H */
