/* Webhooks on their way. */
#ifndef SIM_HOOK_H
#define SIM_HOOK_H

#include "provider/sim.h"

enum { STALE_S = 3600 };

struct delivery {
	int64_t due_us; /* simulated time */
	int64_t attempt;
	char event[ID_MAX], type[80];
	char *text;
	bool held, bad_signature, stale;
	uint64_t era; /* of the state it belongs to */
};

/* Where one goes, copied under the lock; of sim only what never changes is read. */
struct target {
	const char *url, *secret;
	const struct sim *sim;
};

void hook_queue(struct sim *s, struct thing *event, const char *type);
void hooks_clear(struct sim *s);
size_t hooks_waiting(const struct sim *s);
void *hook_thread(void *sim);

/* The next one that is due, if any; what nobody acknowledged, once more. */
struct http_client;
bool hook_deliver(struct sim *s, struct http_client *client);
void hooks_resend(struct sim *s);

#endif
