/* stages.h: which notification is raised where in httpd: the one table.
 *
 * hooks.c finds its steps here, and docs/notifications.md has the same rows
 * (tests/guards/notifications.sh compares them).  Columns:
 *
 *   hook     translate_name ... handler: httpd's hook of that name.
 *            response: when the response is complete, ahead of its last
 *            bytes, or else in log_transaction.  The last three rows follow
 *            a call and not a hook.
 *   writes   whether the module may write, flush and finish the request
 *   PENDING  waits: on the request's thread.  parks: without a thread, where
 *            the connection can be parked, else waits
 *   URL      whether SetUrl changes what httpd maps
 *
 * A step that its hook did not reach (httpd skips auth_checker where nothing
 * is to be authenticated) is caught up in the next hook that is reached:
 * each is raised once and in order.
 */
#ifndef IISR_HTTPD_STAGES_H
#define IISR_HTTPD_STAGES_H

#include "core/registry.h"

/*      event          post hook            writes PENDING URL */
#define IISR_STAGES(ROW) \
    ROW(BEGIN,         0,   translate_name, yes,   waits,  yes) \
    ROW(BEGIN,         1,   translate_name, yes,   waits,  yes) \
    ROW(MAP_PATH,      0,   map_to_storage, yes,   waits,  no) \
    ROW(AUTHENTICATE,  0,   header_parser,  yes,   waits,  no) \
    ROW(AUTHENTICATE,  1,   auth_checker,   yes,   waits,  no) \
    ROW(AUTHORIZE,     0,   auth_checker,   yes,   waits,  no) \
    ROW(AUTHORIZE,     1,   fixups,         yes,   waits,  no) \
    ROW(RESOLVE_CACHE, 0,   handler,        yes,   parks,  no) \
    ROW(RESOLVE_CACHE, 1,   handler,        yes,   parks,  no) \
    ROW(MAP_HANDLER,   0,   handler,        yes,   parks,  no) \
    ROW(MAP_HANDLER,   1,   handler,        yes,   parks,  no) \
    ROW(ACQUIRE_STATE, 0,   handler,        yes,   parks,  no) \
    ROW(ACQUIRE_STATE, 1,   handler,        yes,   parks,  no) \
    ROW(PRE_EXECUTE,   0,   handler,        yes,   parks,  no) \
    ROW(PRE_EXECUTE,   1,   handler,        yes,   parks,  no) \
    ROW(EXECUTE,       0,   handler,        yes,   parks,  no) \
    ROW(EXECUTE,       1,   response,       yes,   parks,  no) \
    ROW(RELEASE_STATE, 0,   response,       yes,   parks,  no) \
    ROW(RELEASE_STATE, 1,   response,       yes,   parks,  no) \
    ROW(UPDATE_CACHE,  0,   response,       yes,   parks,  no) \
    ROW(UPDATE_CACHE,  1,   response,       yes,   parks,  no) \
    ROW(LOG,           0,   response,       yes,   parks,  no) \
    ROW(LOG,           1,   response,       yes,   parks,  no) \
    ROW(END,           0,   response,       yes,   parks,  no) \
    ROW(END,           1,   response,       yes,   parks,  no) \
    ROW(SEND_RESPONSE, 0,   flush,          yes,   waits,  no) \
    ROW(READ_ENTITY,   0,   read,           yes,   waits,  no) \
    ROW(CUSTOM,        0,   call,           yes,   waits,  no)

typedef enum {
    IISR_HOOK_translate_name, IISR_HOOK_map_to_storage,
    IISR_HOOK_header_parser, IISR_HOOK_auth_checker, IISR_HOOK_fixups,
    IISR_HOOK_handler, IISR_HOOK_response, IISR_HOOK_flush, IISR_HOOK_read,
    IISR_HOOK_call, IISR_HOOKS
} iisr_hook_e;

#endif
