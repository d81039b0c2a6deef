/* Refunds: asked for by an operator, sent by a job. */
#ifndef DOMAIN_REFUND_H
#define DOMAIN_REFUND_H

#include "base/field.h"
#include "base/op.h"
#include "domain/payment.h"

#include <stdint.h>

struct refund {
	int64_t id, order_id, payment_id, part_of; /* part_of: the first part */
	const char *provider_ref, *state, *reason, *last_error;
	const char *asked_by, *approved_by, *reference;
	bool automatic, replayed; /* replayed: the key had been used before */
	struct money amount;
	struct json_text lines;    /* [{sku, qty, amount, tax}]: the stored shares */
	struct json_text postings; /* [{entry, account, amount}]: what the books say */
	struct stamp created_at, settled_at;
};
extern const struct shape refund_shape;
extern const struct shape refund_preview_shape; /* shows lines and postings */

/* What to refund: units of lines and the shipping, an amount, or all that is left. */
struct refund_wish {
	int64_t order_id;
	const char *key;      /* asking twice with one key refunds once */
	struct texts lines;   /* "DOG-5KG:1" */
	const char *shipping; /* "4.90EUR", "all", "0"; NULL: not given */
	struct money amount;  /* no currency: not given */
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

/* Yes or no to one that waits; refused to the operator who asked for it. */
enum err refund_approve(struct op *op, int64_t id, struct refund *out);
enum err refund_decline(
	struct op *op, int64_t id, const char *reason, struct refund *out);

/* The shares of one that failed once more, as a new refund. */
enum err refund_retry(
	struct op *op, int64_t id, const char *reason, struct refund *out);

/* Paid outside of the provider; via "bank" what the provider could not pay. */
struct refund_paid {
	int64_t refund;
	const char *reference, *via;
};
enum err refund_settle(struct op *op, const struct refund_paid *paid,
	const char *reason, struct refund *out);

/* How much a group of operators gives back alone, in major units. */
struct refund_limit {
	const char *role, *currency; /* no currency: any without one of its own */
	int64_t major;
};
extern const struct shape refund_limit_shape;
enum err refund_limit_list(struct op *op, struct rows *out);
enum err refund_limit_set(
	struct op *op, const struct refund_limit *limit, struct rows *out);

/* What to ask the provider about a refund now; payment_record() concludes it. */
enum err refund_load(struct op *op, int64_t refund_id, struct payment_action *out);

#endif
