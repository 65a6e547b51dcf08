/*
 * win32/crt_files.h - MSVC's files by descriptor, as in <io.h>, <direct.h> and <sys/stat.h>: _open, _read, _stat ... There
 * is no text mode: what is written is what there is in the file. Paths: see files.h.
 * Pages: "Low-level I/O", "_stat, _stat32, _stat64 ...", "_access_s, _waccess_s".
 */
#ifndef IIS_WIN32_CRT_FILES_H
#define IIS_WIN32_CRT_FILES_H

#include "paths.h"

#define _O_RDONLY 0
#define _O_WRONLY 01
#define _O_RDWR 02
#define _O_CREAT 0100
#define _O_EXCL 0200
#define _O_TRUNC 01000
#define _O_APPEND 02000
#define _O_NOINHERIT 02000000
#define _O_TEMPORARY 0x40000000
#define _O_BINARY 0
#define _O_TEXT 0
#define _O_RAW 0
#define _O_SEQUENTIAL 0
#define _O_RANDOM 0
#define _O_SHORT_LIVED 0
#define _O_U8TEXT 0
#ifndef O_BINARY
#define O_BINARY 0
#define O_TEXT 0
#endif
#define _S_IFMT 0170000
#define _S_IFDIR 0040000
#define _S_IFCHR 0020000
#define _S_IFIFO 0010000
#define _S_IFREG 0100000
#define _S_IREAD 0400
#define _S_IWRITE 0200
#define _S_IEXEC 0100

/* ---- by descriptor ----------------------------------------------------------------------------------------------- */

/* _S_IREAD and _S_IWRITE mean everybody; a mode of POSIX stays. */
IIS_API unsigned iis_open_permissions(int mode) { return mode & 0177 ? (unsigned)mode : mode & _S_IWRITE ? 0666 : 0444; }
IIS_API int iis_open_fd(const std::string &path, int flags, int mode)
{
    int fd = iis_libc_open(path.c_str(), (flags & ~_O_TEMPORARY) | IIS_O_CLOEXEC, iis_open_permissions(mode));
    if (fd >= 0 && (flags & _O_TEMPORARY))
        iis_libc_unlink(path.c_str());
    return fd;
}
IIS_API int _open(const char *path, int flags, int mode = 0) { return iis_open_fd(iis_path(path), flags, mode); }
IIS_API int _wopen(const wchar_t *path, int flags, int mode = 0) { return iis_open_fd(iis_path(path), flags, mode); }
IIS_API int _sopen(const char *path, int flags, int, int mode = 0) { return iis_open_fd(iis_path(path), flags, mode); }
IIS_API int _wsopen(const wchar_t *path, int flags, int, int mode = 0) { return iis_open_fd(iis_path(path), flags, mode); }
IIS_API int _creat(const char *path, int mode) { return _open(path, _O_WRONLY | _O_CREAT | _O_TRUNC, mode); }
template <typename C> errno_t iis_open_shared(int *fd, const C *path, int flags, int mode)
{
    if (fd)
        *fd = -1;
    if (!fd || !path)
        return iis_invalid(EINVAL);
    *fd = iis_open_fd(iis_path(path), flags, mode);
    return *fd < 0 ? errno : 0;
}
IIS_API errno_t _sopen_s(int *fd, const char *path, int flags, int, int mode)
{
    return iis_open_shared(fd, path, flags, mode);
}
IIS_API errno_t _wsopen_s(int *fd, const wchar_t *path, int flags, int, int mode)
{
    return iis_open_shared(fd, path, flags, mode);
}
IIS_API int _close(int fd) { return iis_libc_close(fd); }
IIS_API int _read(int fd, void *to, unsigned count)
{
    ssize_t n;
    do
        n = iis_libc_read(fd, to, count);
    while (n < 0 && errno == EINTR);
    return (int)n;
}
IIS_API int _write(int fd, const void *from, unsigned count)
{
    ssize_t n;
    do
        n = iis_libc_write(fd, from, count);
    while (n < 0 && errno == EINTR);
    return (int)n;
}
IIS_API long _lseek(int fd, long offset, int origin) { return iis_libc_lseek(fd, offset, origin); }
IIS_API long long _lseeki64(int fd, long long offset, int origin) { return iis_libc_lseek(fd, (long)offset, origin); }
IIS_API long _tell(int fd) { return iis_libc_lseek(fd, 0, 1); }
IIS_API long long _telli64(int fd) { return iis_libc_lseek(fd, 0, 1); }
IIS_API long long _filelengthi64(int fd)
{
    iis_statx st;
    return iis_stat(fd, "", &st) ? (long long)st.size : -1;
}
IIS_API long _filelength(int fd) { return (long)_filelengthi64(fd); }
IIS_API int _eof(int fd)
{
    long at = _tell(fd);
    return at < 0 ? -1 : at >= _filelengthi64(fd);
}
IIS_API errno_t _chsize_s(int fd, long long size)
{
    return size < 0 ? iis_invalid(EINVAL) : iis_libc_ftruncate(fd, (long)size) ? errno : 0;
}
IIS_API int _chsize(int fd, long size) { return _chsize_s(fd, size) ? -1 : 0; }
IIS_API int _commit(int fd) { return iis_libc_fsync(fd); }
IIS_API int _dup(int fd) { return iis_libc_fcntl(fd, 1030 /* F_DUPFD_CLOEXEC */, 0); }
IIS_API int _setmode(int, int) { return _O_BINARY; }
IIS_API FILE *_fdopen(int fd, const char *mode) { return fdopen(fd, iis_open_mode(mode).c_str()); }
IIS_API FILE *_wfdopen(int fd, const wchar_t *mode) { return _fdopen(fd, iis_narrow(mode).c_str()); }
/* The same descriptor: one close is enough, as on Windows. */
IIS_API intptr_t _get_osfhandle(int fd) { return (intptr_t)iis_handle_from_fd(fd); }
IIS_API int _open_osfhandle(intptr_t handle, int) { return iis_fd_from_handle((HANDLE)handle); }

/* ---- by name: 0, or -1 and errno ----------------------------------------------------------------------------------- */

IIS_API int iis_errno(int rc) { return rc ? errno : 0; }
IIS_API int _access(const char *path, int mode) { return iis_libc_access(iis_path(path).c_str(), mode & 6); }
IIS_API int _waccess(const wchar_t *path, int mode) { return iis_libc_access(iis_path(path).c_str(), mode & 6); }
IIS_API errno_t _access_s(const char *path, int mode) { return path ? iis_errno(_access(path, mode)) : iis_invalid(EINVAL); }
IIS_API errno_t _waccess_s(const wchar_t *path, int mode)
{
    return path ? iis_errno(_waccess(path, mode)) : iis_invalid(EINVAL);
}
IIS_API int _mkdir(const char *path) { return iis_libc_mkdir(iis_path(path).c_str(), 0777); }
IIS_API int _wmkdir(const wchar_t *path) { return iis_libc_mkdir(iis_path(path).c_str(), 0777); }
IIS_API int _rmdir(const char *path) { return iis_libc_rmdir(iis_path(path).c_str()); }
IIS_API int _wrmdir(const wchar_t *path) { return iis_libc_rmdir(iis_path(path).c_str()); }
IIS_API int _chdir(const char *path) { return iis_libc_chdir(iis_path(path).c_str()); }
IIS_API int _wchdir(const wchar_t *path) { return iis_libc_chdir(iis_path(path).c_str()); }
/* Of a read-only file: EACCES. */
template <typename C> int iis_unlink(const C *path)
{
    if (iis_delete_file(iis_path(path)))
        return 0;
    errno = GetLastError() == ERROR_ACCESS_DENIED ? EACCES : ENOENT;
    return -1;
}
IIS_API int _unlink(const char *path) { return iis_unlink(path); }
IIS_API int _wunlink(const wchar_t *path) { return iis_unlink(path); }
IIS_API int _wremove(const wchar_t *path) { return iis_unlink(path); }
/* What is there is not replaced. */
IIS_API int _wrename(const wchar_t *from, const wchar_t *to)
{
    if (!iis_libc_access(iis_path(to).c_str(), 0)) {
        errno = EEXIST;
        return -1;
    }
    return iis_libc_rename(iis_path(from).c_str(), iis_path(to).c_str());
}
IIS_API int _chmod(const char *path, int mode)
{
    return iis_libc_chmod(iis_path(path).c_str(), iis_open_permissions(mode));
}
IIS_API int _wchmod(const wchar_t *path, int mode)
{
    return iis_libc_chmod(iis_path(path).c_str(), iis_open_permissions(mode));
}
IIS_API char *_getcwd(char *to, int room)
{
    return iis_fullpath(to, iis_current_folder(), (size_t)room);
}
IIS_API wchar_t *_wgetcwd(wchar_t *to, int room)
{
    return iis_fullpath(to, iis_widen(iis_current_folder().c_str()), (size_t)room);
}
IIS_API errno_t tmpfile_s(FILE **to)
{
    if (!to)
        return iis_invalid(EINVAL);
    *to = tmpfile();
    return *to ? 0 : errno;
}

/* ---- _stat: <sys/stat.h> may be included before or after, whose st_mtime is a macro -------------------------------- */

struct _stat {
    unsigned st_dev;
    unsigned long long st_ino;
    unsigned short st_mode;
    short st_nlink, st_uid, st_gid;
    unsigned st_rdev;
    long long st_size;
#ifdef st_mtime
    struct timespec st_atim, st_mtim, st_ctim;
#else
    __extension__ union { struct timespec st_atim; time_t st_atime; };
    __extension__ union { struct timespec st_mtim; time_t st_mtime; };
    __extension__ union { struct timespec st_ctim; time_t st_ctime; };
#endif
};
#define _stat32 _stat
#define _stat64 _stat
#define _stati64 _stat
#define _stat64i32 _stat
#define __stat64 _stat
#define _fstat64 _fstat
#define _fstati64 _fstat
#define _wstat32 _wstat
#define _wstat64 _wstat
#define _wstati64 _wstat

/* st_ctime is the time of making, as on Windows. */
IIS_API int iis_crt_stat(int fd, const std::string &path, struct _stat *to)
{
    iis_statx st;
    if (!to || (fd < 0 && path.empty())) {
        errno = to ? ENOENT : EINVAL;
        return -1;
    }
    if (!iis_stat(fd, path.c_str(), &st))
        return -1;
    memset(to, 0, sizeof(*to));
    const iis_statx_time &made = st.mask & 0x800 ? st.created : st.changed;
    to->st_dev = to->st_rdev = st.dev_major << 20 | st.dev_minor;
    to->st_ino = st.inode;
    to->st_mode = st.mode;
    to->st_nlink = (short)st.links;
    to->st_size = (long long)st.size;
    to->st_atim.tv_sec = (time_t)st.accessed.seconds;
    to->st_mtim.tv_sec = (time_t)st.modified.seconds;
    to->st_ctim.tv_sec = (time_t)made.seconds;
    return 0;
}
IIS_API int _stat(const char *path, struct _stat *to) { return iis_crt_stat(-1, iis_path(path), to); }
IIS_API int _wstat(const wchar_t *path, struct _stat *to) { return iis_crt_stat(-1, iis_path(path), to); }
IIS_API int _fstat(int fd, struct _stat *to) { return iis_crt_stat(fd, "", to); }

#endif /* IIS_WIN32_CRT_FILES_H */
