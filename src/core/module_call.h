/* module_call.h: the calls into a module's notifications; see module_call.c. */
#ifndef IISR_MODULE_CALL_H
#define IISR_MODULE_CALL_H

#include "completion.h"
#include "pipeline.h"

struct iisr_context_t;

/* All but the last: lock held, and given up for the time of the call.  An
 * exception is answered with 500 and RQ_NOTIFICATION_FINISH_REQUEST, logged,
 * and its module is not called again for this request.  The first of them
 * makes the module's instance, unless the factory refuses. */
REQUEST_NOTIFICATION_STATUS iisr_call_notify(struct iisr_context_t *ctx,
                                             iisr_place_t *place,
                                             iisr_instance_t *instance);
REQUEST_NOTIFICATION_STATUS iisr_call_complete(struct iisr_context_t *ctx,
                                               iisr_place_t *place,
                                               const iisr_operation_t *op);
/* No lock. */
void iisr_call_dispose(struct iisr_context_t *ctx, const iisr_module_t *from,
                       CHttpModule *module);

#endif
