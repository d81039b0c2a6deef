/* The seam of the simulation: closed, unless a test opens it. */
#include "base/world.h"

const struct world *world;
