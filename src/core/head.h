/* head.h: the head of a response, from what modules set to what the host is
 * handed.  Lock held; the thread that may ask the host.
 */
#ifndef IISR_HEAD_H
#define IISR_HEAD_H

#include <apr_errno.h>
#include <apr.h>

struct iisr_context_t;

/* A raw status that could not be taken from the view is logged, once. */
void iisr_head_report_status(struct iisr_context_t *ctx);
/* How the body is framed and whether there is one.  entity: bytes that are
 * to leave with the head; more: others may follow.  May be done again until
 * the head is committed. */
void iisr_head_plan(struct iisr_context_t *ctx, apr_uint64_t entity,
                    int more);
/* The head goes to the host; from now on it stands.  As host->commit. */
apr_status_t iisr_head_commit(struct iisr_context_t *ctx);
/* The same for the host's own content, as modules left its head.  resized:
 * they changed its length.  A Transfer-Encoding of theirs counts for nothing:
 * the content is the host's. */
apr_status_t iisr_head_commit_content(struct iisr_context_t *ctx,
                                      int resized);

#endif
