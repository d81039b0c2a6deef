/* Refunds: asked for by an operator, sent by a job. */
#ifndef DOMAIN_REFUND_H
#define DOMAIN_REFUND_H

#include "base/field.h"
#include "base/op.h"
#include "domain/payment.h"

#include <stdint.h>

struct refund {
	int64_t id, order_id, payment_id;
	const char *provider_ref, *state, *reason, *last_error;
	bool automatic, replayed; /* replayed: the key had been used before */
	struct money amount;
	struct json_text lines; /* [{sku, qty, amount}]: the stored shares */
	struct stamp created_at, settled_at;
};
extern const struct shape refund_shape;

/* What to refund: units of lines, an amount, or (neither) all that is left. */
struct refund_wish {
	int64_t order_id;
	const char *key;     /* asking twice with one key refunds once */
	struct texts lines;  /* "DOG-5KG:1" */
	struct money amount; /* no currency: not given */
	const char *reason;
};

/*
 * Ask for a refund.  Refused by rule refund_within_captured when more would go
 * back than came in, whoever else asks at the same time.
 */
enum err refund_create(struct op *op, const struct refund_wish *w, struct refund *out);

struct refund_query {
	const char *state;
	int64_t order; /* 0: of any order */
	struct stamp since;
	int64_t limit;
};

/* Refunds, newest first. */
enum err refund_list(struct op *op, const struct refund_query *q, struct rows *out);
enum err refund_get(struct op *op, int64_t id, struct refund *out);

/* What to ask the provider about a refund now; payment_record() concludes it. */
enum err refund_load(struct op *op, int64_t refund_id, struct payment_action *out);

#endif
