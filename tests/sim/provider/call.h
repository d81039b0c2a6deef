/* One request on its way through the simulator. */
#ifndef SIM_CALL_H
#define SIM_CALL_H

#include "provider/sim.h"

#include <string.h>

/* What the wire does to an answer. */
enum effect { SEND, HOLD, RESET, TRUNCATE, GARBAGE, HUGE_BODY };

/* One request of the API and its answer. */
struct call {
	struct op *op;
	struct sim *sim;
	const char *method, *path, *authorization, *key, *version, *content_type;
	const char *raw; /* the body */
	size_t raw_n;
	cJSON *query, *form;
	const char *id;    /* of the path */
	const char *route; /* "POST /v1/payment_intents/:id/confirm" */
	const char *request_id;
	bool publishable; /* came with a publishable key */
	bool executed;    /* validation passed: the answer belongs to the key */
	/* the answer */
	int status;
	cJSON *out; /* borrowed from the state, or of the op */
	const char *body;
	const char *headers[16]; /* name, value, name, value .. */
	size_t n_headers;
	enum effect effect;
	double hold_s;
};

/* The simulator's own side, /sim/..., and not the provider's. */
static inline bool is_control(const struct call *c)
{
	return strncmp(c->path, "/sim/", 5) == 0;
}

#endif
