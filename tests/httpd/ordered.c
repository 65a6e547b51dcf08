/* ordered.c: what ThreadSanitizer has to see of a httpd that was built without
 * it, preloaded: APR's atomic operations, by which httpd and modules hand
 * memory over, and which thread closes a socket.
 */
#include <dlfcn.h>
#include <unistd.h>
#include <apr_atomic.h>
#include <apr_network_io.h>

#define DEFINE(name, type) \
type apr_atomic_read##name(volatile type *mem) \
{ \
    return __atomic_load_n(mem, __ATOMIC_SEQ_CST); \
} \
void apr_atomic_set##name(volatile type *mem, type value) \
{ \
    __atomic_store_n(mem, value, __ATOMIC_SEQ_CST); \
} \
type apr_atomic_add##name(volatile type *mem, type value) \
{ \
    return __atomic_fetch_add(mem, value, __ATOMIC_SEQ_CST); \
} \
void apr_atomic_sub##name(volatile type *mem, type value) \
{ \
    __atomic_fetch_sub(mem, value, __ATOMIC_SEQ_CST); \
} \
type apr_atomic_inc##name(volatile type *mem) \
{ \
    return __atomic_fetch_add(mem, 1, __ATOMIC_SEQ_CST); \
} \
int apr_atomic_dec##name(volatile type *mem) \
{ \
    return __atomic_sub_fetch(mem, 1, __ATOMIC_SEQ_CST) != 0; \
} \
type apr_atomic_cas##name(volatile type *mem, type with, type cmp) \
{ \
    __atomic_compare_exchange_n(mem, &cmp, with, 0, __ATOMIC_SEQ_CST, \
                                __ATOMIC_SEQ_CST); \
    return cmp; \
} \
type apr_atomic_xchg##name(volatile type *mem, type value) \
{ \
    return __atomic_exchange_n(mem, value, __ATOMIC_SEQ_CST); \
}
DEFINE(32, apr_uint32_t)
DEFINE(64, apr_uint64_t)

void *apr_atomic_casptr(volatile void **mem, void *with, const void *cmp)
{
    volatile void *found = (volatile void *)cmp;

    __atomic_compare_exchange_n(mem, &found, with, 0, __ATOMIC_SEQ_CST,
                                __ATOMIC_SEQ_CST);
    return (void *)found;
}

void *apr_atomic_xchgptr(volatile void **mem, void *value)
{
    return (void *)__atomic_exchange_n(mem, value, __ATOMIC_SEQ_CST);
}

/* --- closing ------------------------------------------------------------ */

void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);

typedef apr_status_t (*close_fn)(apr_socket_t *socket);

/* Told to stop at once, the main thread closes the sockets that its workers
 * are using: close_worker_sockets of event.c and worker.c.  That is not looked
 * at. */
static apr_status_t main_thread_closes(close_fn close, apr_socket_t *socket)
{
    apr_status_t rv;

    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
    rv = close(socket);
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    return rv;
}

apr_status_t apr_socket_close(apr_socket_t *socket)
{
    static __thread close_fn close;

    if (!close) {
        *(void **)&close = dlsym(RTLD_NEXT, "apr_socket_close");
    }
    return getpid() == gettid() ? main_thread_closes(close, socket)
                                : close(socket);
}
