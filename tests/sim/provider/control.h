/* The control side, /sim/...: what all providers have, and what a flavour adds. */
#ifndef SIM_CONTROL_H
#define SIM_CONTROL_H

#include "provider/call.h"

/* Under the lock that it takes itself. */
void control_answer(struct call *c);

/* What controls are written with. */
int control_refused(struct call *c, int status, const char *message);
int control_done(struct call *c);
const cJSON *control_body(struct call *c); /* NULL: not JSON, and refused */

/* 409 with the words, or done when there are none. */
int control_outcome(struct call *c, const char *wrong);

#endif
