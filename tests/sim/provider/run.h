/* From the command line to SIGTERM. */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include "provider/sim.h"

#include "base/err.h"

enum value { TEXT, FROM_FILE, NUMBER };

/* An option and where in struct settings it goes; a NULL name ends a list. */
struct choice {
	const char *name;
	enum value value;
	size_t offset;
};

int sim_main(int argc, char **argv);

/* Say why not, and end. */
void quit(enum err e, const char *message, const char *what);

#endif
