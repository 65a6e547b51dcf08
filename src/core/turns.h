/* turns.h: whose turn it is: which modules a step is raised for, and in which
 * order.  Lock held.
 */
#ifndef IISR_TURNS_H
#define IISR_TURNS_H
#include "pipeline.h"

/* The modules of a step, *n of them: those that registered for it, and for
 * ExecuteRequestHandler those of the handler mapping. */
iisr_module_t **iisr_turns_order(const struct iisr_context_t *ctx, int step,
                                 int *n);
/* Whether one of them is called in this request. */
int iisr_turns_takes_part(struct iisr_context_t *ctx,
                          const iisr_module_t *module, iisr_event_e event,
                          int post);
/* The first module of a step that would be called, from a position on, or
 * how many there are. */
int iisr_turns_next(struct iisr_context_t *ctx, int step, int from);

/* What decides who is let in. */
#define IISR_GATE_FIRST IISR_STEP(IISR_EV_AUTHENTICATE)
#define IISR_GATE_LAST IISR_POST_STEP(IISR_EV_AUTHORIZE)

/* Behind it: those in scope have let the request in, which goes on where it
 * was when they were asked again. */
void iisr_turns_let_in(struct iisr_context_t *ctx);

/* The handlers are these modules; those that did not register for it are
 * left out.  Not while ExecuteRequestHandler is under way.  Lock held. */
void iisr_turns_map(struct iisr_context_t *ctx,
                    iisr_module_t *const *modules, int n);
/* All that take part, by priority and configuration order. */
void iisr_turns_map_all(struct iisr_context_t *ctx);

#endif
