/* What endpoints are written with: routes and answers. */
#ifndef SIM_PROVIDER_API_H
#define SIM_PROVIDER_API_H

#include "provider/call.h"
#include "provider/js.h"

struct route {
	const char *method, *pattern; /* "/v1/payment_intents/:id/confirm" */
	int (*run)(struct call *c);
	const char *params; /* the only ones taken */
	unsigned flags;
};

/* The whole life of one API request; takes the lock itself. */
void api_answer(struct call *c);

/* An object of the state, or one made for this answer (freed with the op). */
int answer(struct call *c, cJSON *json);
int answer_new(struct call *c, cJSON *json);
void answer_header(struct call *c, const char *name, const char *value);
cJSON *op_json(struct call *c, cJSON *json);

/* What "Basic BASE64" says; "" when it is not base64. */
const char *basic_text(struct op *op, const char *text);

/* idem.c */
enum claim { CLAIM_NEW, CLAIM_ANSWERED };
enum claim idem_claim(struct call *c);
void idem_finish(struct call *c);
void idem_clear(struct sim *s);

#endif
