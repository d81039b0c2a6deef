/* Between house.c and what each provider adds to it. */
#ifndef WORLD_INSIDE_H
#define WORLD_INSIDE_H

#include "base/http.h"
#include "house.h"
#include "provider/flavour.h"
#include "world/world.h"

extern struct sim sim;

/* What differs. */
struct manner {
	const char *calls, *posts; /* what faults of calls match */
	void (*settings)(struct settings *set);
};
extern const struct manner manner;

void house_open(void), house_close(void), house_pass(void), house_calm(void);
void house_resend(void), house_effects(void);
bool house_deliver(void), house_quiet(void);
enum err house_call(
	struct op *op, const struct http_request *r, struct http_answer *out);

/* By somebody who is no program of ours: no fault stands in the way. */
void house_ask(struct op *op, struct call *c, const char *uri, struct http_answer *out);
struct thing *house_any(int kind);

#endif
