/* The breaker of each provider, of payments or of messages: whether it is asked, and by
 * whose word. */
#ifndef DOMAIN_BREAKER_H
#define DOMAIN_BREAKER_H

#include "base/field.h"
#include "base/op.h"

/* What a call is told before it goes. */
struct breaker_word {
	bool go,
		probe; /* probe: the one call that finds out whether it answers again */
	double wait_s; /* when it may not go: ask again then */
	int64_t failures; /* in a row, that all workers told */
};
enum err breaker_ask(
	struct op *op, const char *provider, int64_t probe_s, struct breaker_word *out);

/*
 * So many calls failed in a row (error: the last one's), or 0: it answered, or -1:
 * a probe was not needed.  *changed: the breaker opened or closed.
 */
struct breaker_note {
	int64_t failed;
	const char *error;
	int64_t most, pause_s; /* failures that open it; until it is tried again */
};
enum err breaker_tell(struct op *op, const char *provider, const struct breaker_note *n,
	const char **state, bool *changed);

struct breaker {
	const char *provider, *state; /* closed, open, half_open */
	struct stamp since;
	int64_t failures;
	struct stamp probe_at; /* none while it is closed, or open until it is reset */
	int64_t waiting;       /* jobs */
	const char *reason, *error;
};
extern const struct shape breaker_shape;

/* All, or one. */
enum err breaker_list(struct op *op, const char *provider, struct rows *out);

/* Ask it nothing for so long; 0: until it is reset. */
enum err breaker_trip(
	struct op *op, const char *provider, int64_t for_s, const char *reason);
enum err breaker_reset(struct op *op, const char *provider);

#endif
