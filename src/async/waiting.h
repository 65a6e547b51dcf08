/* waiting.h: the request's own thread waits, on a condition variable. */
#ifndef IISR_WAITING_H
#define IISR_WAITING_H
#include "core/context.h"
extern const iisr_way_t iisr_waiting;
#endif
