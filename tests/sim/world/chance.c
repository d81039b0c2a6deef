/* The seed's luck: which faults there are this time, how often, and when. */
#include "world.h"

#include <string.h>

static const struct {
	const char *name;
	int64_t most;
	enum group_name group;
} faults[] = {
#define X(name, most) { #name, most, OWN },
	FAULTS(X)
#undef X
#define X(name, kind, hook, posts, most) { #name, most, OWN },
		PROVIDER_FAULTS(X)
#undef X
#define X(name, group, most) { #name, most, G_##group },
			DEEDS(X)
#undef X
};

static const char *const effects[] = {
#define X(name) #name,
	EFFECTS(X)
#undef X
};

/* splitmix64 (Steele, Lea, Flood 2014) */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15U;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return z ^ (z >> 31);
}

uint64_t chance(void)
{
	return next(&run.chance);
}

int64_t below(int64_t n)
{
	return n > 0 ? (int64_t)(chance() % (uint64_t)n) : 0;
}

int64_t between(int64_t low, int64_t high)
{
	return low + below(high - low + 1);
}

bool strikes(enum fault_name f)
{
	if (run.calm || !run.rates[f] || below(10000) >= run.rates[f])
		return false;
	run.injected[f]++;
	return true;
}

/*
 * Half of the faults are off, so that rare combinations of the others happen; of the
 * groups of deeds a quarter.
 */
void swarm_set(void)
{
	bool there[GROUP_COUNT];

	for (int g = 0; g < GROUP_COUNT; g++)
		there[g] = below(4);
	for (int f = 0; f < FAULT_COUNT; f++) {
		bool on = faults[f].group == OWN ? below(2) : there[faults[f].group];
		int64_t rate = between(faults[f].most / 10 + 1, faults[f].most);

		run.rates[f] = on ? rate : 0;
	}
	run.without = (enum defence)(run.seed % 16);
	if (run.without >= DEFENCE_COUNT)
		run.without = W_nothing;
}

void swarm_calm(void)
{
	run.calm = true;
	run.blackout_until = 0;
	provider_calm();
}

void swarm_print(FILE *to)
{
	for (int f = 0; f < FAULT_COUNT; f++)
		fprintf(to, "fault %s %lld %lld\n", faults[f].name,
			(long long)run.rates[f], (long long)run.injected[f]);
	for (int e = 0; e < EFFECT_COUNT; e++)
		fprintf(to, "effect %s %lld\n", effects[e], (long long)run.effects[e]);
}
