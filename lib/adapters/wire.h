/* What calls to any provider share: a fair pace, a connection a thread. */
#ifndef ADAPTERS_WIRE_H
#define ADAPTERS_WIRE_H

#include "base/http.h"

#include <pthread.h>

/*
 * This process's share of a provider's rate: when the next call may go.  A 429
 * halves the rate; every call that passes wins some of it back.
 */
struct wire {
	pthread_mutex_t lock;
	int64_t next, slowness; /* slowness: the interval times 256 of the rate's own */
};
#define WIRE                                                                           \
	{                                                                              \
		PTHREAD_MUTEX_INITIALIZER, 0, 256                                      \
	}

/* Wait for a call's turn; false when that would take too long.  rate 0: no limit. */
bool wire_admits(struct wire *w, int64_t rate_per_second);
void wire_note(struct wire *w, int status);

/* This thread's connections, closed with it. */
struct http_client *wire_client(void);

/* The value of an Authorization header (RFC 7617). */
const char *wire_basic(struct op *op, const char *id, const char *secret);

/* The Retry-After header in seconds, at most an hour; 0 when there is none. */
int64_t wire_retry_after(const struct http_answer *answer);

#endif
