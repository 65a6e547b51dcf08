/*
 * win32/files.h - files: handles that carry descriptors, so that they work in an HTTP_DATA_CHUNK.
 *
 * A path may have either slash; there are no drives, and upper and lower case differ. Sharing modes and security are not
 * enforced; a read-only file is one without write permission for its owner. Overlapped calls complete before they
 * return: the OVERLAPPED gives the offset, and its event is set. Pages: "CreateFileA function" and its neighbours.
 */
#ifndef IIS_WIN32_FILES_H
#define IIS_WIN32_FILES_H

#include "events.h"
#include "time.h"

#define GENERIC_READ 0x80000000U
#define GENERIC_WRITE 0x40000000U
#define GENERIC_EXECUTE 0x20000000U
#define GENERIC_ALL 0x10000000U
#define FILE_READ_DATA 0x0001
#define FILE_WRITE_DATA 0x0002
#define FILE_APPEND_DATA 0x0004
#define FILE_READ_ATTRIBUTES 0x0080
#define DELETE 0x00010000
#define FILE_SHARE_READ 0x1
#define FILE_SHARE_WRITE 0x2
#define FILE_SHARE_DELETE 0x4
#define CREATE_NEW 1
#define CREATE_ALWAYS 2
#define OPEN_EXISTING 3
#define OPEN_ALWAYS 4
#define TRUNCATE_EXISTING 5
#define FILE_FLAG_WRITE_THROUGH 0x80000000U
#define FILE_FLAG_OVERLAPPED 0x40000000
#define FILE_FLAG_NO_BUFFERING 0x20000000
#define FILE_FLAG_RANDOM_ACCESS 0x10000000
#define FILE_FLAG_SEQUENTIAL_SCAN 0x08000000
#define FILE_FLAG_DELETE_ON_CLOSE 0x04000000
#define FILE_FLAG_BACKUP_SEMANTICS 0x02000000
#define FILE_BEGIN 0
#define FILE_CURRENT 1
#define FILE_END 2
#define INVALID_FILE_SIZE 0xffffffffU
#define INVALID_SET_FILE_POINTER 0xffffffffU
#define INVALID_FILE_ATTRIBUTES 0xffffffffU
#define FILE_TYPE_UNKNOWN 0
#define FILE_TYPE_DISK 1
#define FILE_TYPE_CHAR 2
#define FILE_TYPE_PIPE 3
#define MOVEFILE_REPLACE_EXISTING 0x1
#define MOVEFILE_COPY_ALLOWED 0x2
#define MOVEFILE_WRITE_THROUGH 0x8
#define _A_NORMAL 0x00
#define _A_RDONLY 0x01
#define _A_HIDDEN 0x02
#define _A_SYSTEM 0x04
#define _A_SUBDIR 0x10
#define _A_ARCH 0x20

typedef enum _GET_FILEEX_INFO_LEVELS { GetFileExInfoStandard } GET_FILEEX_INFO_LEVELS;
typedef struct _WIN32_FILE_ATTRIBUTE_DATA {
    DWORD dwFileAttributes;
    FILETIME ftCreationTime, ftLastAccessTime, ftLastWriteTime;
    DWORD nFileSizeHigh, nFileSizeLow;
} WIN32_FILE_ATTRIBUTE_DATA, *LPWIN32_FILE_ATTRIBUTE_DATA;
typedef struct _BY_HANDLE_FILE_INFORMATION {
    DWORD dwFileAttributes;
    FILETIME ftCreationTime, ftLastAccessTime, ftLastWriteTime;
    DWORD dwVolumeSerialNumber, nFileSizeHigh, nFileSizeLow, nNumberOfLinks, nFileIndexHigh, nFileIndexLow;
} BY_HANDLE_FILE_INFORMATION, *LPBY_HANDLE_FILE_INFORMATION;

/* The kernel's struct statx, the same on every architecture. */
struct iis_statx_time {
    long long seconds;
    unsigned nanoseconds;
    int reserved;
};
struct iis_statx {
    unsigned mask, block_size;
    unsigned long long attributes;
    unsigned links, user, group;
    unsigned short mode, reserved;
    unsigned long long inode, size, blocks, attributes_mask;
    iis_statx_time accessed, created, changed, modified;
    unsigned rdev_major, rdev_minor, dev_major, dev_minor;
    unsigned long long more[14];
};
extern "C" int iis_libc_statx(int, const char *, int, unsigned, struct iis_statx *) __asm__("statx");

/* Of a path, or of a descriptor with path "". */
IIS_API bool iis_stat(int fd, const char *path, iis_statx *to)
{
    memset(to, 0, sizeof(*to));
    return !iis_libc_statx(*path ? -100 /* AT_FDCWD */ : fd, path, *path ? 0 : 0x1000 /* AT_EMPTY_PATH */,
                           0xfff /* STATX_BASIC_STATS | STATX_BTIME */, to);
}
IIS_API bool iis_is_folder(const iis_statx &st) { return (st.mode & 0170000) == 0040000; }
IIS_API DWORD iis_attributes(const iis_statx &st, const std::string &path)
{
    size_t slash = path.rfind('/');
    size_t name = slash == std::string::npos ? 0 : slash + 1;
    DWORD attributes = (iis_is_folder(st) ? FILE_ATTRIBUTE_DIRECTORY : 0) | (st.mode & 0200 ? 0 : FILE_ATTRIBUTE_READONLY);
    if (name + 1 < path.size() && path[name] == '.' && path[name + 1] != '.')
        attributes |= FILE_ATTRIBUTE_HIDDEN;
    return attributes ? attributes : FILE_ATTRIBUTE_NORMAL;
}
IIS_API FILETIME iis_filetime(const iis_statx_time &time) { return iis_filetime(time.seconds, (long)time.nanoseconds); }
/* What the two structures have in common. */
template <typename T> void iis_fill(T *to, const iis_statx &st, const std::string &path)
{
    memset(to, 0, sizeof(*to));
    to->dwFileAttributes = iis_attributes(st, path);
    to->ftCreationTime = iis_filetime(st.mask & 0x800 ? st.created : st.changed);
    to->ftLastAccessTime = iis_filetime(st.accessed);
    to->ftLastWriteTime = iis_filetime(st.modified);
    to->nFileSizeHigh = (DWORD)(st.size >> 32);
    to->nFileSizeLow = (DWORD)st.size;
}

/* ENOENT is ERROR_PATH_NOT_FOUND when the folder is missing too. */
IIS_API BOOL iis_failed_path(const std::string &path)
{
    DWORD error = iis_error_from_errno(errno);
    size_t slash = path.rfind('/');
    if (error == ERROR_FILE_NOT_FOUND && slash != std::string::npos && slash > 0
        && iis_libc_access(path.substr(0, slash).c_str(), 0))
        error = ERROR_PATH_NOT_FOUND;
    return iis_failed(error);
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

/* O_* as on x86, ARM, POWER, RISC-V and S/390. */
enum { IIS_O_WRONLY = 01, IIS_O_RDWR = 02, IIS_O_CREAT = 0100, IIS_O_EXCL = 0200, IIS_O_TRUNC = 01000,
       IIS_O_APPEND = 02000, IIS_O_CLOEXEC = 02000000 };

IIS_API HANDLE iis_create_file(const std::string &path, DWORD access, DWORD disposition, DWORD attributes)
{
    static const int how[] = {0, IIS_O_CREAT | IIS_O_EXCL, IIS_O_CREAT | IIS_O_TRUNC, 0, IIS_O_CREAT, IIS_O_TRUNC};
    bool write = (access & (GENERIC_WRITE | GENERIC_ALL | FILE_WRITE_DATA | FILE_APPEND_DATA)) != 0;
    bool read = (access & (GENERIC_READ | GENERIC_ALL | FILE_READ_DATA)) != 0;
    iis_statx st;

    if (path.empty() || disposition < CREATE_NEW || disposition > TRUNCATE_EXISTING
        || (disposition == TRUNCATE_EXISTING && !write)) {
        SetLastError(path.empty() ? ERROR_PATH_NOT_FOUND : ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    bool existed = iis_stat(-1, path.c_str(), &st);
    if (existed && disposition != CREATE_NEW && iis_is_folder(st) && !(attributes & FILE_FLAG_BACKUP_SEMANTICS)) {
        SetLastError(ERROR_ACCESS_DENIED);
        return INVALID_HANDLE_VALUE;
    }
    int flags = how[disposition] | IIS_O_CLOEXEC | (write ? read ? IIS_O_RDWR : IIS_O_WRONLY : 0);
    if ((access & FILE_APPEND_DATA) && !(access & (GENERIC_WRITE | FILE_WRITE_DATA | GENERIC_ALL)))
        flags |= IIS_O_APPEND;
    int fd = iis_libc_open(path.c_str(), flags, attributes & FILE_ATTRIBUTE_READONLY ? 0444 : 0666);
    if (fd < 0) {
        if (errno == EEXIST)
            SetLastError(ERROR_FILE_EXISTS);
        else
            iis_failed_path(path);
        return INVALID_HANDLE_VALUE;
    }
    if (attributes & FILE_FLAG_DELETE_ON_CLOSE)
        iis_libc_unlink(path.c_str());
    SetLastError(existed && (disposition == CREATE_ALWAYS || disposition == OPEN_ALWAYS) ? ERROR_ALREADY_EXISTS
                                                                                      : ERROR_SUCCESS);
    return iis_handle_from_fd(fd);
}
IIS_API HANDLE WINAPI CreateFileA(LPCSTR lpFileName, DWORD dwAccess, DWORD, LPSECURITY_ATTRIBUTES, DWORD dwDisposition,
                                  DWORD dwFlagsAndAttributes, HANDLE)
{
    return iis_create_file(iis_path(lpFileName), dwAccess, dwDisposition, dwFlagsAndAttributes);
}
IIS_API HANDLE WINAPI CreateFileW(LPCWSTR lpFileName, DWORD dwAccess, DWORD, LPSECURITY_ATTRIBUTES,
                                  DWORD dwDisposition, DWORD dwFlagsAndAttributes, HANDLE)
{
    return iis_create_file(iis_path(lpFileName), dwAccess, dwDisposition, dwFlagsAndAttributes);
}

/* ---- reading and writing ----------------------------------------------------------------------------------------- */

IIS_API int iis_fd_of(HANDLE file)
{
    int fd = iis_fd_from_handle(file);
    if (fd < 0)
        SetLastError(ERROR_INVALID_HANDLE);
    return fd;
}
IIS_API void iis_overlapped_done(LPOVERLAPPED overlapped, ssize_t bytes)
{
    if (!overlapped)
        return;
    overlapped->Internal = 0;
    overlapped->InternalHigh = (ULONG_PTR)bytes;
    if (overlapped->hEvent)
        SetEvent(overlapped->hEvent);
}
IIS_API long iis_offset(const OVERLAPPED *o) { return (long)((unsigned long long)o->OffsetHigh << 32 | o->Offset); }

/* At the end of the file: TRUE and 0 bytes; with an OVERLAPPED FALSE and ERROR_HANDLE_EOF. */
IIS_API BOOL WINAPI ReadFile(HANDLE hFile, LPVOID lpBuffer, DWORD nToRead, LPDWORD lpRead, LPOVERLAPPED lpOverlapped)
{
    int fd = iis_fd_of(hFile);
    ssize_t n;

    if (lpRead)
        *lpRead = 0;
    if (fd < 0)
        return FALSE;
    do
        n = lpOverlapped ? iis_libc_pread(fd, lpBuffer, nToRead, iis_offset(lpOverlapped))
                         : iis_libc_read(fd, lpBuffer, nToRead);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return iis_failed_errno();
    if (lpRead)
        *lpRead = (DWORD)n;
    iis_overlapped_done(lpOverlapped, n);
    return lpOverlapped && !n && nToRead ? iis_failed(ERROR_HANDLE_EOF) : TRUE;
}
IIS_API BOOL WINAPI WriteFile(HANDLE hFile, LPCVOID lpBuffer, DWORD nToWrite, LPDWORD lpWritten,
                              LPOVERLAPPED lpOverlapped)
{
    int fd = iis_fd_of(hFile);
    DWORD done = 0;

    if (lpWritten)
        *lpWritten = 0;
    if (fd < 0)
        return FALSE;
    while (done < nToWrite) {
        const char *from = (const char *)lpBuffer + done;
        ssize_t n = lpOverlapped ? iis_libc_pwrite(fd, from, nToWrite - done, iis_offset(lpOverlapped) + done)
                                 : iis_libc_write(fd, from, nToWrite - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return iis_failed_errno();
        done += (DWORD)n;
        if (lpWritten)
            *lpWritten = done;
    }
    iis_overlapped_done(lpOverlapped, (ssize_t)done);
    return TRUE;
}
IIS_API BOOL WINAPI GetOverlappedResult(HANDLE, LPOVERLAPPED lpOverlapped, LPDWORD lpBytes, BOOL)
{
    *lpBytes = (DWORD)lpOverlapped->InternalHigh;
    return TRUE;
}
IIS_API BOOL WINAPI FlushFileBuffers(HANDLE hFile)
{
    int fd = iis_fd_of(hFile);
    return fd < 0 ? FALSE : iis_libc_fsync(fd) ? iis_failed_errno() : TRUE;
}

/* ---- position and size ------------------------------------------------------------------------------------------- */

IIS_API BOOL WINAPI SetFilePointerEx(HANDLE hFile, LARGE_INTEGER liDistance, PLARGE_INTEGER lpNew, DWORD dwMethod)
{
    int fd = iis_fd_of(hFile);

    if (fd < 0)
        return FALSE;
    if (dwMethod > FILE_END)
        return iis_failed(ERROR_INVALID_PARAMETER);
    long at = iis_libc_lseek(fd, (long)liDistance.QuadPart, (int)dwMethod);
    if (at < 0)
        return errno == EINVAL ? iis_failed(ERROR_NEGATIVE_SEEK) : iis_failed_errno();
    if (lpNew)
        lpNew->QuadPart = at;
    return TRUE;
}
/* INVALID_SET_FILE_POINTER may be a position: then GetLastError is NO_ERROR. */
IIS_API DWORD WINAPI SetFilePointer(HANDLE hFile, LONG lDistance, PLONG lpHigh, DWORD dwMethod)
{
    LARGE_INTEGER to;

    to.QuadPart = lDistance;
    if (lpHigh) {
        to.LowPart = (DWORD)lDistance;
        to.HighPart = *lpHigh;
    }
    if (!SetFilePointerEx(hFile, to, &to, dwMethod))
        return INVALID_SET_FILE_POINTER;
    if (lpHigh)
        *lpHigh = to.HighPart;
    SetLastError(NO_ERROR);
    return to.LowPart;
}
IIS_API BOOL iis_stat_handle(HANDLE file, iis_statx *st)
{
    int fd = iis_fd_of(file);
    return fd < 0 ? FALSE : iis_stat(fd, "", st) ? TRUE : iis_failed_errno();
}
IIS_API BOOL WINAPI GetFileSizeEx(HANDLE hFile, PLARGE_INTEGER lpFileSize)
{
    iis_statx st;
    if (!iis_stat_handle(hFile, &st))
        return FALSE;
    lpFileSize->QuadPart = (LONGLONG)st.size;
    return TRUE;
}
IIS_API DWORD WINAPI GetFileSize(HANDLE hFile, LPDWORD lpHigh)
{
    LARGE_INTEGER size;
    if (!GetFileSizeEx(hFile, &size))
        return INVALID_FILE_SIZE;
    if (lpHigh)
        *lpHigh = (DWORD)size.HighPart;
    SetLastError(NO_ERROR);
    return size.LowPart;
}
IIS_API BOOL WINAPI SetEndOfFile(HANDLE hFile)
{
    int fd = iis_fd_of(hFile);
    return fd < 0 ? FALSE : iis_libc_ftruncate(fd, iis_libc_lseek(fd, 0, FILE_CURRENT)) ? iis_failed_errno() : TRUE;
}
IIS_API DWORD WINAPI GetFileType(HANDLE hFile)
{
    iis_statx st;
    if (!iis_stat_handle(hFile, &st))
        return FILE_TYPE_UNKNOWN;
    unsigned kind = st.mode & 0170000;
    return kind == 0020000 ? FILE_TYPE_CHAR : kind == 0010000 || kind == 0140000 ? FILE_TYPE_PIPE : FILE_TYPE_DISK;
}
IIS_API BOOL WINAPI GetFileTime(HANDLE hFile, LPFILETIME created, LPFILETIME accessed, LPFILETIME written)
{
    WIN32_FILE_ATTRIBUTE_DATA data;
    iis_statx st;
    if (!iis_stat_handle(hFile, &st))
        return FALSE;
    iis_fill(&data, st, "");
    if (created)
        *created = data.ftCreationTime;
    if (accessed)
        *accessed = data.ftLastAccessTime;
    if (written)
        *written = data.ftLastWriteTime;
    return TRUE;
}
IIS_API BOOL WINAPI GetFileInformationByHandle(HANDLE hFile, LPBY_HANDLE_FILE_INFORMATION lpInformation)
{
    iis_statx st;
    if (!iis_stat_handle(hFile, &st))
        return FALSE;
    iis_fill(lpInformation, st, "");
    lpInformation->dwVolumeSerialNumber = st.dev_major << 20 | st.dev_minor;
    lpInformation->nNumberOfLinks = st.links;
    lpInformation->nFileIndexHigh = (DWORD)(st.inode >> 32);
    lpInformation->nFileIndexLow = (DWORD)st.inode;
    return TRUE;
}

/* ---- by name; each has an A and a W form ------------------------------------------------------------------------- */

IIS_API DWORD iis_attributes_of(const std::string &path)
{
    iis_statx st;
    if (iis_stat(-1, path.empty() ? "/nowhere/at all" : path.c_str(), &st))
        return iis_attributes(st, path);
    iis_failed_path(path);
    return INVALID_FILE_ATTRIBUTES;
}
IIS_API BOOL iis_attributes_ex(const std::string &path, LPVOID to)
{
    iis_statx st;
    if (path.empty() || !iis_stat(-1, path.c_str(), &st))
        return path.empty() ? iis_failed(ERROR_PATH_NOT_FOUND) : iis_failed_path(path);
    iis_fill((WIN32_FILE_ATTRIBUTE_DATA *)to, st, path);
    return TRUE;
}
IIS_API BOOL iis_delete_file(const std::string &path)
{
    DWORD attributes = iis_attributes_of(path);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return FALSE;
    if (attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_READONLY))
        return iis_failed(ERROR_ACCESS_DENIED);
    return iis_libc_unlink(path.c_str()) ? iis_failed_path(path) : TRUE;
}
IIS_API BOOL iis_move_file(const std::string &from, const std::string &to, DWORD flags)
{
    if (!(flags & MOVEFILE_REPLACE_EXISTING) && !iis_libc_access(to.c_str(), 0))
        return iis_failed(ERROR_ALREADY_EXISTS);
    return iis_libc_rename(from.c_str(), to.c_str()) ? iis_failed_path(from) : TRUE;
}
IIS_API BOOL iis_make_folder(const std::string &path)
{
    return iis_libc_mkdir(path.c_str(), 0777) ? iis_failed_path(path) : TRUE;
}
IIS_API BOOL iis_remove_folder(const std::string &path)
{
    return iis_libc_rmdir(path.c_str()) ? errno == ENOTDIR ? iis_failed(ERROR_DIRECTORY) : iis_failed_path(path) : TRUE;
}
IIS_API DWORD WINAPI GetFileAttributesA(LPCSTR path) { return iis_attributes_of(iis_path(path)); }
IIS_API DWORD WINAPI GetFileAttributesW(LPCWSTR path) { return iis_attributes_of(iis_path(path)); }
IIS_API BOOL WINAPI GetFileAttributesExA(LPCSTR path, GET_FILEEX_INFO_LEVELS, LPVOID to)
{
    return iis_attributes_ex(iis_path(path), to);
}
IIS_API BOOL WINAPI GetFileAttributesExW(LPCWSTR path, GET_FILEEX_INFO_LEVELS, LPVOID to)
{
    return iis_attributes_ex(iis_path(path), to);
}
IIS_API BOOL WINAPI DeleteFileA(LPCSTR path) { return iis_delete_file(iis_path(path)); }
IIS_API BOOL WINAPI DeleteFileW(LPCWSTR path) { return iis_delete_file(iis_path(path)); }
IIS_API BOOL WINAPI MoveFileExA(LPCSTR from, LPCSTR to, DWORD flags)
{
    return iis_move_file(iis_path(from), iis_path(to), flags);
}
IIS_API BOOL WINAPI MoveFileExW(LPCWSTR from, LPCWSTR to, DWORD flags)
{
    return iis_move_file(iis_path(from), iis_path(to), flags);
}
IIS_API BOOL WINAPI MoveFileA(LPCSTR from, LPCSTR to) { return MoveFileExA(from, to, MOVEFILE_COPY_ALLOWED); }
IIS_API BOOL WINAPI MoveFileW(LPCWSTR from, LPCWSTR to) { return MoveFileExW(from, to, MOVEFILE_COPY_ALLOWED); }
IIS_API BOOL WINAPI CreateDirectoryA(LPCSTR path, LPSECURITY_ATTRIBUTES) { return iis_make_folder(iis_path(path)); }
IIS_API BOOL WINAPI CreateDirectoryW(LPCWSTR path, LPSECURITY_ATTRIBUTES) { return iis_make_folder(iis_path(path)); }
IIS_API BOOL WINAPI RemoveDirectoryA(LPCSTR path) { return iis_remove_folder(iis_path(path)); }
IIS_API BOOL WINAPI RemoveDirectoryW(LPCWSTR path) { return iis_remove_folder(iis_path(path)); }

/* ---- the folder for passing files: with a slash at its end ---------------------------------------------------------- */

IIS_API std::string iis_temp_folder()
{
    const char *folder = getenv("TMPDIR");
    std::string path = folder && *folder ? folder : "/tmp";
    return path[path.size() - 1] == '/' ? path : path + "/";
}
/* The length; what is needed with the NUL when the room is too small. */
IIS_API DWORD WINAPI GetTempPathA(DWORD nBufferLength, LPSTR lpBuffer)
{
    std::string path = iis_temp_folder();
    if (path.size() + 1 > nBufferLength)
        return (DWORD)path.size() + 1;
    strcpy(lpBuffer, path.c_str());
    return (DWORD)path.size();
}
IIS_API DWORD WINAPI GetTempPathW(DWORD nBufferLength, LPWSTR lpBuffer)
{
    std::wstring path = iis_widen(iis_temp_folder().c_str());
    if (path.size() + 1 > nBufferLength)
        return (DWORD)path.size() + 1;
    wcscpy(lpBuffer, path.c_str());
    return (DWORD)path.size();
}

#define GetTempPath IIS_AW(GetTempPath)
#define CreateFile IIS_AW(CreateFile)
#define GetFileAttributes IIS_AW(GetFileAttributes)
#define GetFileAttributesEx IIS_AW(GetFileAttributesEx)
#define DeleteFile IIS_AW(DeleteFile)
#define MoveFile IIS_AW(MoveFile)
#define MoveFileEx IIS_AW(MoveFileEx)
#define CreateDirectory IIS_AW(CreateDirectory)
#define RemoveDirectory IIS_AW(RemoveDirectory)

#endif /* IIS_WIN32_FILES_H */
