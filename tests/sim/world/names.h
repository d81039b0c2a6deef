/* The names of the lists. */
#ifndef WORLD_NAMES_H
#define WORLD_NAMES_H

#include "deeds.h"
#include "effects.h"
#include "swarm.h"

enum fault_name {
#define X(name, most) F_##name,
	FAULTS(X)
#undef X
#define X(name, kind, hook, posts, most) F_##name,
		PROVIDER_FAULTS(X)
#undef X
#define X(name, group, most) F_##name,
			DEEDS(X)
#undef X
				FAULT_COUNT
};

enum group_name {
	OWN, /* of faults: each has a coin of its own */
#define X(name) G_##name,
	GROUPS(X)
#undef X
		GROUP_COUNT
};

enum defence {
#define X(name) W_##name,
	DEFENCES(X)
#undef X
		DEFENCE_COUNT
};

enum effect_name {
#define X(name) E_##name,
	EFFECTS(X)
#undef X
		EFFECT_COUNT
};

#endif
