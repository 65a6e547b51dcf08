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

/* Of the first two only; NULL, 0 and -1 leave a time as it is. Nobody can set when a file was made. */
IIS_API struct timespec iis_time_to_set(const FILETIME *time)
{
    unsigned long long ticks = time ? iis_ticks(*time) : 0;
    struct timespec out = {0, (1L << 30) - 2 /* UTIME_OMIT */};

    if (ticks && ticks != ~0ULL) {
        out.tv_sec = (time_t)(ticks / 10000000) - (time_t)(IIS_EPOCH / 10000000);
        out.tv_nsec = (long)(ticks % 10000000) * 100;
    }
    return out;
}
IIS_API BOOL WINAPI SetFileTime(HANDLE hFile, const FILETIME *, const FILETIME *accessed, const FILETIME *written)
{
    int fd = iis_fd_of(hFile);
    struct timespec times[2] = {iis_time_to_set(accessed), iis_time_to_set(written)};
    return fd < 0 ? FALSE : iis_libc_futimens(fd, times) ? iis_failed_errno() : TRUE;
}

/* ---- locks of regions: the handle's, as on Windows, but only those who lock heed them ------------------------------ */

#define LOCKFILE_FAIL_IMMEDIATELY 0x00000001
#define LOCKFILE_EXCLUSIVE_LOCK 0x00000002

struct iis_flock {                           /* struct flock with 64 bits */
    short type, whence;
    long start, length;
    int pid;
};
enum { IIS_SHARED, IIS_EXCLUSIVE, IIS_UNLOCK };  /* F_RDLCK, F_WRLCK, F_UNLCK */

IIS_API BOOL iis_lock_region(HANDLE file, int type, bool wait, unsigned long long start, unsigned long long length)
{
    int fd = iis_fd_of(file), rc;
    iis_flock lock = {(short)type, 0, (long)start, length > LONG_MAX - start ? 0 : (long)length, 0};

    if (fd < 0 || !length)
        return fd >= 0;
    if (start > LONG_MAX)
        return iis_failed(ERROR_INVALID_PARAMETER);
    do
        rc = iis_libc_fcntl(fd, wait ? 38 : 37 /* F_OFD_SETLKW, F_OFD_SETLK */, &lock);
    while (rc && errno == EINTR);
    if (rc)
        return errno == EAGAIN || errno == EACCES ? iis_failed(ERROR_LOCK_VIOLATION)
               : errno == EBADF ? iis_failed(ERROR_ACCESS_DENIED) : iis_failed_errno();
    return TRUE;
}
IIS_API unsigned long long iis_quad(DWORD high, DWORD low) { return (unsigned long long)high << 32 | low; }

/* An exclusive lock takes a handle that may write, a shared one a handle that may read. */
IIS_API BOOL WINAPI LockFile(HANDLE hFile, DWORD low, DWORD high, DWORD count_low, DWORD count_high)
{
    return iis_lock_region(hFile, IIS_EXCLUSIVE, false, iis_quad(high, low), iis_quad(count_high, count_low));
}
IIS_API BOOL WINAPI UnlockFile(HANDLE hFile, DWORD low, DWORD high, DWORD count_low, DWORD count_high)
{
    return iis_lock_region(hFile, IIS_UNLOCK, false, iis_quad(high, low), iis_quad(count_high, count_low));
}
IIS_API BOOL WINAPI LockFileEx(HANDLE hFile, DWORD dwFlags, DWORD, DWORD count_low, DWORD count_high,
                               LPOVERLAPPED lpOverlapped)
{
    BOOL locked = iis_lock_region(hFile, dwFlags & LOCKFILE_EXCLUSIVE_LOCK ? IIS_EXCLUSIVE : IIS_SHARED,
                                  !(dwFlags & LOCKFILE_FAIL_IMMEDIATELY),
                                  (unsigned long long)iis_offset(lpOverlapped), iis_quad(count_high, count_low));
    if (locked)
        iis_overlapped_done(lpOverlapped, 0);
    return locked;
}
IIS_API BOOL WINAPI UnlockFileEx(HANDLE hFile, DWORD, DWORD count_low, DWORD count_high, LPOVERLAPPED lpOverlapped)
{
    return iis_lock_region(hFile, IIS_UNLOCK, false, (unsigned long long)iis_offset(lpOverlapped),
                           iis_quad(count_high, count_low));
}

/* ---- the standard ones: of the server -------------------------------------------------------------------------------- */

#define STD_INPUT_HANDLE ((DWORD)-10)
#define STD_OUTPUT_HANDLE ((DWORD)-11)
#define STD_ERROR_HANDLE ((DWORD)-12)

/* Not to be closed, as on Windows. */
IIS_API HANDLE WINAPI GetStdHandle(DWORD nStdHandle)
{
    if (nStdHandle > STD_INPUT_HANDLE || nStdHandle < STD_ERROR_HANDLE) {
        SetLastError(ERROR_INVALID_HANDLE);
        return INVALID_HANDLE_VALUE;
    }
    return iis_handle_from_fd((int)(STD_INPUT_HANDLE - nStdHandle));
}

#define CreateFile IIS_AW(CreateFile)

#endif /* IIS_WIN32_FILES_H */
