/* What the endpoints are written with: routes, answers, refusals, parameters. */
#ifndef SIM_API_H
#define SIM_API_H

#include "call.h"
#include "js.h"

enum { PUBLISHABLE = 1 }; /* a browser may call it, with the client_secret */

struct route {
	const char *method, *pattern; /* "/v1/payment_intents/:id/confirm" */
	int (*run)(struct call *c);
	const char *params; /* the only ones taken, besides expand */
	unsigned flags;
};
extern const struct route routes[]; /* ends with a NULL method */

/* The whole life of one API request; takes the lock itself. */
void api_answer(struct call *c);

/* An object of the state, or one made for this answer (freed with the op). */
int answer(struct call *c, cJSON *json);
int answer_new(struct call *c, cJSON *json);
void answer_header(struct call *c, const char *name, const char *value);
cJSON *op_json(struct call *c, cJSON *json);

/* An error in Stripe's shape; type is invalid_request_error unless given. */
struct refusal {
	int status;
	const char *type, *code, *param, *message, *decline_code, *charge;
	const cJSON *intent; /* put into the error, as Stripe does */
};
int refuse(struct call *c, const struct refusal *r);
#define REFUSE(c, http, ...) refuse(c, &(struct refusal){ .status = http, __VA_ARGS__ })

/* 400 when the parameter is missing; 404 when the path names nothing. */
int missing_param(struct call *c, const char *name);
int absent(struct call *c, int status, const char *what, const char *id,
	const char *param);

/* Replace ids by objects as expand[] asks; 0, or the status of the refusal. */
int expand(struct call *c);

/* A page of one kind, newest first, filtered by the named members. */
int answer_list(struct call *c, enum kind kind, const char *filters);

/* metadata[...] into the object, by Stripe's rules; 0, or the refusal's status. */
int metadata_put(struct call *c, cJSON *object);

/* A positive integer parameter; 0 when absent, -1 when it is none. */
int64_t param_amount(const cJSON *form, const char *name);

/* idem.c */
enum claim { CLAIM_NEW, CLAIM_ANSWERED };
enum claim idem_claim(struct call *c);
void idem_finish(struct call *c);
void idem_clear(struct sim *s);

#endif
