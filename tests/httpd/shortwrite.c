/* shortwrite.c: preloaded into httpd: a network that takes less than it is
 * given, and often nothing.  One write in three is refused (EAGAIN), one is
 * cut short, one goes through.  Blocking sockets are left alone.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

static __thread unsigned int count;

static int is_nonblocking_socket(int fd)
{
    struct stat st;

    return fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode)
           && (fcntl(fd, F_GETFL) & O_NONBLOCK);
}

/* How much of this write may go; 0: none. */
static size_t allowance(int fd, size_t size)
{
    if (!is_nonblocking_socket(fd)) {
        return size;
    }
    switch (count++ % 3) {
    case 0:
        return size > 1 ? size / 2 : size;
    case 1:
        errno = EAGAIN;
        return 0;
    default:
        return size;
    }
}

ssize_t writev(int fd, const struct iovec *vec, int n)
{
    static ssize_t (*real)(int, const struct iovec *, int);
    size_t total = 0, room;
    int i;

    if (!real) {
        real = (ssize_t (*)(int, const struct iovec *, int))
               dlsym(RTLD_NEXT, "writev");
    }
    for (i = 0; i < n; i++) {
        total += vec[i].iov_len;
    }
    room = allowance(fd, total);
    if (!room) {
        return -1;
    }
    if (room < total && vec[0].iov_len) {
        struct iovec first = vec[0];

        first.iov_len = room < first.iov_len ? room : first.iov_len;
        return real(fd, &first, 1);
    }
    return real(fd, vec, n);
}

ssize_t sendfile(int out, int in, off_t *offset, size_t size)
{
    static ssize_t (*real)(int, int, off_t *, size_t);
    size_t room = allowance(out, size);

    if (!real) {
        real = (ssize_t (*)(int, int, off_t *, size_t))
               dlsym(RTLD_NEXT, "sendfile");
    }
    return room ? real(out, in, offset, room) : -1;
}

ssize_t sendfile64(int out, int in, off64_t *offset, size_t size)
{
    static ssize_t (*real)(int, int, off64_t *, size_t);
    size_t room = allowance(out, size);

    if (!real) {
        real = (ssize_t (*)(int, int, off64_t *, size_t))
               dlsym(RTLD_NEXT, "sendfile64");
    }
    return room ? real(out, in, offset, room) : -1;
}
