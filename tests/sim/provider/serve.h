/* The wire of the simulator. */
#ifndef SIM_SERVE_H
#define SIM_SERVE_H

#include "provider/sim.h"

struct MHD_Daemon;

/* Answer on a listening socket, which the daemon then owns; NULL: it could not. */
struct MHD_Daemon *serve_start(struct sim *s, int listening);

#endif
