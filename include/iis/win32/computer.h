/*
 * win32/computer.h - the computer, its user, its memory, and which Windows it says it is: Server 2019, 10.0.17763, the
 * one whose IIS 10.0 these interfaces are. Pages: "GetComputerNameExA function", "GlobalMemoryStatusEx function",
 * "GetVersionExA function", "Version Helper functions".
 */
#ifndef IIS_WIN32_COMPUTER_H
#define IIS_WIN32_COMPUTER_H

#include <pwd.h>

#include "named_files.h"
#include "process.h"

#define MAX_COMPUTERNAME_LENGTH 15
#define UNLEN 256
#define PROCESSOR_ARCHITECTURE_AMD64 9
#define PROCESSOR_ARCHITECTURE_ARM64 12

/* ---- names ------------------------------------------------------------------------------------------------------- */

typedef enum _COMPUTER_NAME_FORMAT {
    ComputerNameNetBIOS, ComputerNameDnsHostname, ComputerNameDnsDomain, ComputerNameDnsFullyQualified,
    ComputerNamePhysicalNetBIOS, ComputerNamePhysicalDnsHostname, ComputerNamePhysicalDnsDomain,
    ComputerNamePhysicalDnsFullyQualified, ComputerNameMax
} COMPUTER_NAME_FORMAT;

IIS_API std::string iis_host_name()
{
    char name[256] = "";
    iis_libc_gethostname(name, sizeof(name) - 1);
    return name;
}
/* As NetBIOS has it: without a domain, 15 characters. */
IIS_API std::string iis_short_host_name()
{
    std::string name = iis_host_name();
    return name.substr(0, std::min(name.find('.'), (size_t)MAX_COMPUTERNAME_LENGTH));
}
template <typename C> BOOL iis_give_name(const std::basic_string<C> &name, C *to, LPDWORD room)
{
    DWORD n = iis_give(name, to, *room);
    bool fits = n < *room;
    *room = n;
    return fits ? TRUE : iis_failed(ERROR_BUFFER_OVERFLOW);
}
IIS_API BOOL WINAPI GetComputerNameA(LPSTR to, LPDWORD room) { return iis_give_name(iis_short_host_name(), to, room); }
IIS_API BOOL WINAPI GetComputerNameW(LPWSTR to, LPDWORD room)
{
    return iis_give_name(iis_widen(iis_short_host_name().c_str()), to, room);
}

IIS_API std::string iis_computer_name(COMPUTER_NAME_FORMAT format)
{
    std::string name = iis_host_name();
    size_t dot = name.find('.');
    switch (format % ComputerNamePhysicalNetBIOS) {
    case ComputerNameNetBIOS: return iis_short_host_name();
    case ComputerNameDnsHostname: return name.substr(0, dot);
    case ComputerNameDnsDomain: return dot == std::string::npos ? "" : name.substr(dot + 1);
    default: return name;
    }
}
/* ERROR_MORE_DATA and what is needed, with the NUL, when the room is too small. */
template <typename C> BOOL iis_give_computer_name(COMPUTER_NAME_FORMAT format, C *to, LPDWORD room)
{
    if ((unsigned)format >= ComputerNameMax || !room)
        return iis_failed(ERROR_INVALID_PARAMETER);
    std::basic_string<C> name = iis_as(iis_computer_name(format).c_str(), (const C *)NULL);
    return iis_give_name(name, to, room) || iis_failed(ERROR_MORE_DATA);
}
IIS_API BOOL WINAPI GetComputerNameExA(COMPUTER_NAME_FORMAT format, LPSTR to, LPDWORD room)
{
    return iis_give_computer_name(format, to, room);
}
IIS_API BOOL WINAPI GetComputerNameExW(COMPUTER_NAME_FORMAT format, LPWSTR to, LPDWORD room)
{
    return iis_give_computer_name(format, to, room);
}
/* The account that the server runs as. *room: with the NUL, also of what was given. */
template <typename C> BOOL iis_give_user_name(C *to, LPDWORD room)
{
    char buffer[4096];
    struct passwd entry, *found = NULL;
    unsigned user = (unsigned)iis_libc_syscall(SYS_geteuid);
    std::string name = std::to_string(user);

    if (!getpwuid_r(user, &entry, buffer, sizeof(buffer), &found) && found)
        name = found->pw_name;
    BOOL given = iis_give_name(iis_as(name.c_str(), (const C *)NULL), to, room);
    *room += given ? 1 : 0;
    return given || iis_failed(ERROR_INSUFFICIENT_BUFFER);
}
IIS_API BOOL WINAPI GetUserNameA(LPSTR to, LPDWORD room) { return iis_give_user_name(to, room); }
IIS_API BOOL WINAPI GetUserNameW(LPWSTR to, LPDWORD room) { return iis_give_user_name(to, room); }

/* ---- processors and memory --------------------------------------------------------------------------------------- */

typedef struct _SYSTEM_INFO {
    WORD wProcessorArchitecture, wReserved;
    DWORD dwPageSize;
    LPVOID lpMinimumApplicationAddress, lpMaximumApplicationAddress;
    DWORD_PTR dwActiveProcessorMask;
    DWORD dwNumberOfProcessors, dwProcessorType, dwAllocationGranularity;
    WORD wProcessorLevel, wProcessorRevision;
} SYSTEM_INFO, *LPSYSTEM_INFO;

IIS_API void WINAPI GetSystemInfo(LPSYSTEM_INFO info)
{
    memset(info, 0, sizeof(*info));
    info->wProcessorArchitecture = 
#ifdef __aarch64__
        PROCESSOR_ARCHITECTURE_ARM64;
#else
        PROCESSOR_ARCHITECTURE_AMD64;
#endif
    info->dwPageSize = (DWORD)iis_libc_sysconf(30 /* _SC_PAGESIZE */);
    info->dwNumberOfProcessors = (DWORD)iis_libc_sysconf(84 /* _SC_NPROCESSORS_ONLN */);
    info->dwAllocationGranularity = info->dwPageSize;
    info->dwActiveProcessorMask = info->dwNumberOfProcessors >= 64 ? ~(DWORD_PTR)0
                                  : ((DWORD_PTR)1 << info->dwNumberOfProcessors) - 1;
}
IIS_API void WINAPI GetNativeSystemInfo(LPSYSTEM_INFO info) { GetSystemInfo(info); }

typedef struct _MEMORYSTATUSEX {
    DWORD dwLength, dwMemoryLoad;
    DWORDLONG ullTotalPhys, ullAvailPhys, ullTotalPageFile, ullAvailPageFile, ullTotalVirtual, ullAvailVirtual,
        ullAvailExtendedVirtual;
} MEMORYSTATUSEX, *LPMEMORYSTATUSEX;

/* Of /proc/meminfo; what is available includes what caches would give back. */
IIS_API BOOL WINAPI GlobalMemoryStatusEx(LPMEMORYSTATUSEX status)
{
    unsigned long long value, total = 0, available = 0, swap = 0, swap_free = 0;
    char line[128], name[64];

    if (!status || status->dwLength != sizeof(*status))
        return iis_failed(ERROR_INVALID_PARAMETER);
    FILE *file = std::fopen("/proc/meminfo", "re");
    while (file && fgets(line, sizeof(line), file))
        if (std::sscanf(line, "%63[^:]: %llu", name, &value) == 2) {
            total = !strcmp(name, "MemTotal") ? value : total;
            available = !strcmp(name, "MemAvailable") ? value : available;
            swap = !strcmp(name, "SwapTotal") ? value : swap;
            swap_free = !strcmp(name, "SwapFree") ? value : swap_free;
        }
    if (file)
        fclose(file);
    status->ullTotalPhys = total * 1024;
    status->ullAvailPhys = available * 1024;
    status->ullTotalPageFile = (total + swap) * 1024;
    status->ullAvailPageFile = (available + swap_free) * 1024;
    status->ullTotalVirtual = status->ullAvailVirtual = 1ULL << 47;
    status->ullAvailExtendedVirtual = 0;
    status->dwMemoryLoad = total ? (DWORD)((total - available) * 100 / total) : 0;
    return total ? TRUE : iis_failed(ERROR_NOT_SUPPORTED);
}

/* The kernel's struct statfs with 64 bits. */
struct iis_statfs {
    long type, block;
    unsigned long long blocks, free, available, files, files_free;
    int id[2];
    long name_length, fragment, flags, spare[4];
};
IIS_API BOOL iis_disk_free(const std::string &path, PULARGE_INTEGER caller, PULARGE_INTEGER total, PULARGE_INTEGER all)
{
    iis_statfs fs;
    if (iis_libc_syscall(SYS_statfs, path.empty() ? "." : path.c_str(), &fs))
        return iis_failed_path(path);
    if (caller)
        caller->QuadPart = fs.available * (unsigned long long)fs.block;
    if (total)
        total->QuadPart = fs.blocks * (unsigned long long)fs.block;
    if (all)
        all->QuadPart = fs.free * (unsigned long long)fs.block;
    return TRUE;
}
IIS_API BOOL WINAPI GetDiskFreeSpaceExA(LPCSTR path, PULARGE_INTEGER caller, PULARGE_INTEGER total, PULARGE_INTEGER all)
{
    return iis_disk_free(iis_path(path), caller, total, all);
}
IIS_API BOOL WINAPI GetDiskFreeSpaceExW(LPCWSTR path, PULARGE_INTEGER caller, PULARGE_INTEGER total, PULARGE_INTEGER all)
{
    return iis_disk_free(iis_path(path), caller, total, all);
}

/* ---- the version of Windows -------------------------------------------------------------------------------------- */

#define VER_PLATFORM_WIN32_NT 2
#define VER_NT_WORKSTATION 1
#define VER_NT_DOMAIN_CONTROLLER 2
#define VER_NT_SERVER 3
#define VER_MINORVERSION 0x01
#define VER_MAJORVERSION 0x02
#define VER_BUILDNUMBER 0x04
#define VER_SERVICEPACKMAJOR 0x20
#define VER_PRODUCT_TYPE 0x80
#define VER_EQUAL 1
#define VER_GREATER 2
#define VER_GREATER_EQUAL 3
#define VER_LESS 4
#define VER_LESS_EQUAL 5
enum { IIS_WINDOWS_MAJOR = 10, IIS_WINDOWS_MINOR = 0, IIS_WINDOWS_BUILD = 17763 };

/* OSVERSIONINFOEX with either width; dwOSVersionInfoSize says which form it is. */
template <typename C> struct iis_version_info {
    DWORD dwOSVersionInfoSize, dwMajorVersion, dwMinorVersion, dwBuildNumber, dwPlatformId;
    C szCSDVersion[128];
};
template <typename C> struct iis_version_info_ex : iis_version_info<C> {
    WORD wServicePackMajor, wServicePackMinor, wSuiteMask;
    BYTE wProductType, wReserved;
};
typedef iis_version_info<CHAR> OSVERSIONINFOA, *LPOSVERSIONINFOA;
typedef iis_version_info<WCHAR> OSVERSIONINFOW, *LPOSVERSIONINFOW, RTL_OSVERSIONINFOW;
typedef iis_version_info_ex<CHAR> OSVERSIONINFOEXA, *LPOSVERSIONINFOEXA;
typedef iis_version_info_ex<WCHAR> OSVERSIONINFOEXW, *LPOSVERSIONINFOEXW;
#ifdef UNICODE
typedef OSVERSIONINFOW OSVERSIONINFO, *LPOSVERSIONINFO;
typedef OSVERSIONINFOEXW OSVERSIONINFOEX, *LPOSVERSIONINFOEX;
#else
typedef OSVERSIONINFOA OSVERSIONINFO, *LPOSVERSIONINFO;
typedef OSVERSIONINFOEXA OSVERSIONINFOEX, *LPOSVERSIONINFOEX;
#endif

template <typename C> BOOL iis_give_version(iis_version_info<C> *info)
{
    DWORD size = info->dwOSVersionInfoSize;
    if (size != sizeof(iis_version_info<C>) && size != sizeof(iis_version_info_ex<C>))
        return iis_failed(ERROR_INSUFFICIENT_BUFFER);
    memset((void *)info, 0, size);
    info->dwOSVersionInfoSize = size;
    info->dwMajorVersion = IIS_WINDOWS_MAJOR;
    info->dwMinorVersion = IIS_WINDOWS_MINOR;
    info->dwBuildNumber = IIS_WINDOWS_BUILD;
    info->dwPlatformId = VER_PLATFORM_WIN32_NT;
    if (size == sizeof(iis_version_info_ex<C>))
        static_cast<iis_version_info_ex<C> *>(info)->wProductType = VER_NT_SERVER;
    return TRUE;
}
IIS_API BOOL WINAPI GetVersionExA(LPOSVERSIONINFOA info) { return iis_give_version(info); }
IIS_API BOOL WINAPI GetVersionExW(LPOSVERSIONINFOW info) { return iis_give_version(info); }
IIS_API DWORD WINAPI GetVersion() { return (DWORD)IIS_WINDOWS_BUILD << 16 | IIS_WINDOWS_MINOR << 8 | IIS_WINDOWS_MAJOR; }

/* <versionhelpers.h>: the newest there is, with no service pack, and a server. */
IIS_API bool IsWindowsVersionOrGreater(WORD major, WORD minor, WORD pack)
{
    return major != IIS_WINDOWS_MAJOR ? major < IIS_WINDOWS_MAJOR : !minor && !pack;
}
IIS_API bool IsWindowsXPOrGreater() { return true; }
IIS_API bool IsWindowsVistaOrGreater() { return true; }
IIS_API bool IsWindows7OrGreater() { return true; }
IIS_API bool IsWindows7SP1OrGreater() { return true; }
IIS_API bool IsWindows8OrGreater() { return true; }
IIS_API bool IsWindows8Point1OrGreater() { return true; }
IIS_API bool IsWindows10OrGreater() { return true; }
IIS_API bool IsWindowsServer() { return true; }
IIS_API BOOL WINAPI IsWow64Process(HANDLE, PBOOL is)
{
    *is = FALSE;
    return TRUE;
}

#define GetComputerName IIS_AW(GetComputerName)
#define GetComputerNameEx IIS_AW(GetComputerNameEx)
#define GetUserName IIS_AW(GetUserName)
#define GetDiskFreeSpaceEx IIS_AW(GetDiskFreeSpaceEx)
#define GetVersionEx IIS_AW(GetVersionEx)

#endif /* IIS_WIN32_COMPUTER_H */
