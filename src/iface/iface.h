/* iface.h: the three objects that are parts of a context. */
#ifndef IISR_IFACE_H
#define IISR_IFACE_H
#include "core/context.h"
void iisr_context_iface_init(IHttpContext4 *iface);
void iisr_request_iface_init(IHttpRequest4 *iface);
void iisr_response_iface_init(IHttpResponse4 *iface);
#endif
