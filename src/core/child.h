/* child.h: child requests of a request: CloneContext, ExecuteRequest,
 * ReleaseClonedContext.  Pages of these names.
 *
 * A child is a context of its own, made by the host, that the module owns
 * until it releases it or the request ends.  It is executed inside the call,
 * on the thread that works on the request; what it wrote becomes part of the
 * parent's response, or stays with the child for the parent to read.  One
 * whose parent was released before it is an orphan: closed, and its memory
 * stays until the root request ends, so that its own release can be refused.
 *
 * Locks: the parent's is held while the lists change and never while a child
 * runs or is closed.
 */
#ifndef IISR_CHILD_H
#define IISR_CHILD_H

#include "httpserv.h"
#include "host.h"

struct iisr_context_t;
struct iisr_module_t;

#define IISR_CHILDREN_DEEP 10

typedef struct iisr_children_t {
    struct iisr_context_t *parent;      /* NULL: the request of a client, or
                                         * an orphan */
    struct iisr_context_t *root;        /* NULL: this is it */
    struct iisr_context_t *first, *next;
    struct iisr_context_t *orphans;     /* of the root, by next */
    int depth;                          /* 0: the root */
    DWORD flags;                        /* EXECUTE_FLAG_... */
    const struct iisr_module_t *ignored;    /* handles neither this child nor
                                             * those below it; or NULL */
    unsigned int executed : 1;
    unsigned int orphan : 1;
} iisr_children_t;

/* What one execution is asked for, and what came of it. */
typedef struct iisr_execution_t {
    DWORD flags;                        /* EXECUTE_FLAG_... */
    const char *user, *auth_type;       /* user NULL: as usual */
    apr_uint64_t bytes;                 /* of the child's body */
} iisr_execution_t;

/* All: no lock.  APR_ENOMEM; APR_ECONNABORTED: the parent is closed;
 * APR_ENOTIMPL: not here, not of this parent, or a second time;
 * APR_EGENERAL: too deep; APR_EINVAL: no child, or its parent is gone. */
apr_status_t iisr_child_clone(struct iisr_context_t *parent, DWORD flags,
                              struct iisr_context_t **child);
apr_status_t iisr_child_execute(struct iisr_context_t *parent,
                                struct iisr_context_t *child,
                                iisr_execution_t *execution);
apr_status_t iisr_child_release(struct iisr_context_t *child);
/* The host takes the parent away: the child becomes an orphan, which the
 * host closes then. */
void iisr_child_abandon(struct iisr_context_t *child);
/* The root is going away for good. */
void iisr_children_forget(struct iisr_context_t *root);

#endif
