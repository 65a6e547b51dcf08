/* host.h: THE SEAM. What the engine asks of a web server.
 *
 * Filled in twice: by src/httpd/host.c over a request_rec and by
 * tests/unit/fake_host.c.  The engine never sees an httpd type; a request
 * of the host is the opaque iisr_host_request_t.  All functions run on the
 * thread that works on the request, unless they say otherwise.  They take
 * and return apr_status_t; HRESULTs exist only in src/iface.
 */
#ifndef IISR_HOST_H
#define IISR_HOST_H

#include <apr_buckets.h>
#include <apr_network_io.h>
#include <apr_pools.h>
#include <apr_tables.h>

typedef struct iisr_host_request_t iisr_host_request_t;
typedef struct iisr_context_t iisr_context_t;
struct iisr_execution_t;

typedef enum {
    IISR_LOG_ERROR, IISR_LOG_WARNING, IISR_LOG_INFO, IISR_LOG_DEBUG,
    IISR_LOG_TRACE
} iisr_log_level_e;

/* What is fixed about a request before its first notification.  Strings
 * live as long as the request and are UTF-8 (or the client's bytes). */
typedef struct iisr_request_facts_t {
    const char *method;
    const char *raw_url;            /* as received: path and query */
    const char *path;               /* decoded, canonical; what is mapped */
    const char *query;              /* without '?'; NULL when there is none */
    const char *scheme;             /* "http" or "https" */
    const char *hostname;           /* without port; never NULL */
    int port;
    int major, minor;               /* HTTP version */
    const struct sockaddr *remote;
    const struct sockaddr *local;
    apr_uint64_t connection_id;     /* constant for the connection's life */
    apr_uint64_t request_id;
    apr_int64_t body_length;        /* 0: none; -1: chunked, unknown */
    apr_time_t start;
} iisr_request_facts_t;

/* The client's, as it was shown. */
typedef struct iisr_certificate_t {
    unsigned char *der;
    apr_size_t length;
    int trusted;                    /* an authority that is known vouches */
} iisr_certificate_t;

/* Of a TLS connection. */
typedef struct iisr_tls_t {
    int server_bits;                /* of the server's key; 0: not known */
    int connection_bits;
    const char *issuer, *subject;   /* of the server's certificate */
    const unsigned char *der;       /* that certificate; NULL: not known */
    apr_size_t length;
    const char *signature;          /* its algorithm: "ecdsa-with-SHA256" */
    const char *server_name;        /* that the client asked for, or "" */
} iisr_tls_t;

/* A handler in IIS's words. */
typedef struct iisr_handler_t {
    const char *name;
    const char *path;               /* "*", or "*.php" */
    const char *verbs;              /* comma list, "*": all */
    const char *modules;            /* comma list */
    const char *processor;          /* where a script engine listens, or "" */
    int wildcard;
    int path_info;                  /* what follows the file is allowed */
    unsigned int access;            /* 0 none, 1 read, 2 write, 3 script, 4
                                     * execute */
    unsigned int resource;          /* 0 file, 1 directory, 2 either, 3
                                     * unspecified */
} iisr_handler_t;

/* The response's head, handed to commit once, before the first byte. */
typedef struct iisr_head_t {
    int status;
    const char *reason;             /* NULL: the standard phrase */
    const apr_table_t *headers;     /* the strings live as long as the
                                     * request; what is hop-by-hop among
                                     * them (headers.h) is not for the wire */
    const apr_table_t *trailers;    /* to be announced; NULL: none */
    apr_int64_t content_length;     /* -1: unknown, the host frames it */
    int unframed;                   /* content_length -1: nor does what the
                                     * host had set hold any more */
    int close;                      /* close the connection afterwards */
    int suppressed;                 /* send no status line and no headers */
    int chunked;                    /* in chunks, where the protocol has them,
                                     * however little it is */
} iisr_head_t;

typedef enum {
    IISR_PASS_BLOCK,                /* returns when the network has it all */
    IISR_PASS_ASYNC                 /* returns at once; on_sent says when */
} iisr_pass_e;

typedef enum {
    IISR_END_CLOSE,                 /* after the response, which is whole */
    IISR_END_SHORT,                 /* with the next pass, which has the EOS
                                     * and less than was promised */
    IISR_END_CUT,                   /* now, after what has been passed so far:
                                     * the response is not whole */
    IISR_END_RESET                  /* now, with a TCP reset */
} iisr_end_e;

/* Called exactly once for a pass with IISR_PASS_ASYNC that returned
 * APR_SUCCESS: when the last byte has been accepted by the network
 * (APR_SUCCESS), or when it never will be.  May run inside a pool cleanup:
 * it only records. */
typedef void (*iisr_sent_fn)(void *baton, apr_status_t status);

typedef struct iisr_host_t {
    const char *name;
    /* What the Server field of a response says unless a module changes it.
     * Lives as long as the process; never NULL. */
    const char *(*banner)(void);

    void (*facts)(iisr_host_request_t *req, iisr_request_facts_t *facts);

    /* --- request: headers and URL; see request.h for the rules --------- */
    const char *(*header_in)(iisr_host_request_t *req, const char *name);
    void (*set_header_in)(iisr_host_request_t *req, const char *name,
                          const char *value);      /* NULL value: delete */
    const apr_table_t *(*headers_in)(iisr_host_request_t *req);
    apr_status_t (*set_method)(iisr_host_request_t *req, const char *method);
    /* path is not decoded; query NULL keeps, "" removes the query string.
     * APR_EINVAL: not a local URL-path; APR_ENOTIMPL: too late. */
    apr_status_t (*set_url)(iisr_host_request_t *req, const char *path,
                            const char *query);
    /* A module has authenticated somebody; user NULL: nobody by name. */
    void (*set_user)(iisr_host_request_t *req, const char *user,
                     const char *type);
    /* The host's own handler that shall make the content. */
    void (*set_handler)(iisr_host_request_t *req, const char *name);
    /* Up to *len bytes of the body.  APR_EOF: none left.  APR_EAGAIN:
     * nothing now (only when !block).  Other: the body is broken. */
    apr_status_t (*read)(iisr_host_request_t *req, char *buffer,
                         apr_size_t *len, int block);
    /* Memory of the module's, which lives as long as the request, goes back in
     * front of the body: nonzero, then it comes back by read, as the host's
     * filters make it; zero: the engine keeps it.  May be NULL: never. */
    int (*put_back)(iisr_host_request_t *req, const void *data,
                    apr_size_t length);
    /* The UTF-8 value of a server variable, or NULL when it is unknown.
     * From pool or longer-lived. */
    const char *(*variable)(iisr_host_request_t *req, const char *name,
                            apr_pool_t *pool);

    /* Where a URL-path of this site is in the file system, or would be.
     * NULL: nowhere.  May raise MapPath. */
    const char *(*map_path)(iisr_host_request_t *req, const char *url,
                            apr_pool_t *pool);
    /* The handler of the request, or, with a url, the one that a request
     * of this verb for it would have.  Zero: not known. */
    int (*handler)(iisr_host_request_t *req, const char *verb,
                   const char *url, iisr_handler_t *handler,
                   apr_pool_t *pool);
    /* The file that the request is mapped to.  Zero: none, or not yet. */
    int (*file)(iisr_host_request_t *req, const char **path,
                const char **etag, apr_pool_t *pool);

    /* Zero: no TLS, or none was shown. */
    int (*certificate)(iisr_host_request_t *req,
                       iisr_certificate_t *certificate, apr_pool_t *pool);
    /* Zero: the connection is plain.  May be NULL. */
    int (*tls)(iisr_host_request_t *req, iisr_tls_t *tls, apr_pool_t *pool);

    /* --- response ------------------------------------------------------ */
    apr_status_t (*commit)(iisr_host_request_t *req, const iisr_head_t *head);
    /* Whether the method, as modules left it, is HEAD. */
    int (*is_head)(iisr_host_request_t *req);
    /* Whether fields may follow a body without a length: not where closing
     * the connection ends it.  May be NULL: never. */
    int (*may_trail)(iisr_host_request_t *req);
    /* Before the end of such a body: what follows it. */
    void (*trailers)(iisr_host_request_t *req, const apr_table_t *trailers);
    apr_bucket_alloc_t *(*bucket_alloc)(iisr_host_request_t *req);
    /* Passes the brigade down and empties it, whatever happens.  sent and
     * baton are used with IISR_PASS_ASYNC only. */
    apr_status_t (*pass)(iisr_host_request_t *req, apr_bucket_brigade *bb,
                         iisr_pass_e how, iisr_sent_fn sent, void *baton);
    int (*may_sendfile)(iisr_host_request_t *req);
    int (*connected)(iisr_host_request_t *req);
    /* The connection ends; over HTTP/2 the stream. */
    void (*abort)(iisr_host_request_t *req, iisr_end_e how);

    /* --- child requests; see child.h ----------------------------------- */
    /* flags: CLONE_FLAG_...  The parent's lock is held. */
    apr_status_t (*clone)(iisr_host_request_t *req, unsigned int flags,
                          iisr_context_t **child);
    /* No lock held, both by the child's request.  Runs it, then says what
     * came of it. */
    apr_status_t (*execute)(iisr_host_request_t *req,
                            struct iisr_execution_t *execution);
    void (*drop)(iisr_host_request_t *req);

    /* --- waiting: src/async -------------------------------------------- */
    /* Whether the request could be left by its thread right now. */
    int (*can_park)(iisr_host_request_t *req);
    /* Lock held, the request's own thread, while it waits: has the client
     * gone, has a time run out? */
    void (*look)(iisr_host_request_t *req);
    /* Makes the thread that works on the request, or will, look again.
     * Any thread, the context's lock held; never blocks. */
    void (*wake)(iisr_host_request_t *req);

    /* Any thread.  id: "IISR0001", or NULL below warning. */
    void (*log)(iisr_host_request_t *req, iisr_log_level_e level,
                const char *id, const char *fmt, ...)
                __attribute__((format(printf, 4, 5)));
} iisr_host_t;

#endif /* IISR_HOST_H */
