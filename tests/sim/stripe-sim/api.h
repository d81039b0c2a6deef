/* What the endpoints are written with: refusals, parameters, pages. */
#ifndef SIM_API_H
#define SIM_API_H

#include "provider/api.h"

enum { PUBLISHABLE = 1 }; /* a browser may call it, with the client_secret */

enum kind { PI = 1, CHARGE, REFUND, TXN, CUSTOMER, METHOD, DISPUTE, PAYOUT };

extern const struct route stripe_routes[], stripe_controls[];

/* Key, version and parameters are in order. */
bool stripe_admit(struct call *c, const struct route *r);

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
int answer_list(struct call *c, int kind, const char *filters);

/* metadata[...] into the object, by Stripe's rules; 0, or the refusal's status. */
int metadata_put(struct call *c, cJSON *object);

/* A positive integer parameter; 0 when absent, -1 when it is none. */
int64_t param_amount(const cJSON *form, const char *name);

#endif
