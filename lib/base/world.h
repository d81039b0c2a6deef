/*
 * The seam of the simulation (tests/sim/world): everything that does not follow from
 * the program and its input alone - the time, chance, the network, when a statement
 * runs and whether its answer arrives.  NULL in every program that is installed, and
 * then each of the few places that ask is one comparison.
 */
#ifndef BASE_WORLD_H
#define BASE_WORLD_H

#include "base/op.h"

#include <stdint.h>

struct http_request;
struct http_answer;

enum world_moment {
	WORLD_BEFORE, /* the statement is not sent yet */
	WORLD_AFTER,  /* the server answered OK; nobody heard of it yet */
};

struct world {
	int64_t (*now_us)(void); /* of clock_now() and clock_ticks() */
	void (*sleep_us)(int64_t us);
	void (*random)(void *to, size_t n);
	enum err (*http)(struct op *op, const struct http_request *request,
		struct http_answer *out);
	int (*mail)(struct op *op, const char *message_id); /* an enum mail_outcome */

	/*
	 * Around each statement; `open`: inside a transaction, whose end is still to
	 * come.  Any other answer than OK is what the caller gets: before, nothing was
	 * sent; after, it was done.  An open transaction is rolled back.
	 */
	enum err (*statement)(
		struct op *op, const char *what, enum world_moment when, bool open);
};

extern const struct world *world;

#endif
