/* Disputes: driven by the provider, answered by an operator. */
#ifndef DOMAIN_DISPUTE_H
#define DOMAIN_DISPUTE_H

#include "base/field.h"
#include "base/op.h"
#include "domain/payment.h"

#include <stdint.h>

struct dispute {
	int64_t id, order_id, payment_id, submissions;
	const char *provider, *provider_ref, *state, *reason;
	struct money amount, lost;
	bool refundable;                  /* an inquiry that a refund settles */
	struct json_text evidence, money; /* money: [{txn, amount, fee, at}] */
	struct stamp evidence_due_by, opened_at, closed_at;
};
extern const struct shape dispute_shape;

struct dispute_query {
	const char *state;
	int64_t order; /* 0: of any order */
	bool open;     /* only those that are not closed */
	struct stamp since;
	int64_t limit;
};

/* Disputes, those whose evidence is due first before the others. */
enum err dispute_list(struct op *op, const struct dispute_query *q, struct rows *out);
enum err dispute_get(struct op *op, int64_t id, struct dispute *out);

/* What to answer the bank: "customer_name=Ada" each; file: "receipt_text=note.txt". */
struct dispute_answer {
	int64_t dispute;
	struct texts field, file;
	bool submit; /* this is all of it: the bank sees it, and nothing after it */
};

/* Refused by dispute_awaits_an_answer and dispute_is_answered_once. */
enum err dispute_evidence(
	struct op *op, const struct dispute_answer *a, struct dispute *out);

/* Give in: the money stays with the cardholder. */
enum err dispute_accept(
	struct op *op, int64_t id, const char *reason, struct dispute *out);

/* What to ask the provider about a dispute now; op_id 0: a question without effect. */
struct dispute_action {
	const char *action, *key, *provider, *ref;
	int64_t op_id, payment_id, order_id;
	struct json_text evidence;
	bool submit;
};
extern const struct shape dispute_action_shape;

enum err dispute_load(struct op *op, int64_t id, struct dispute_action *out);
enum err dispute_record(struct op *op, int64_t id, const struct dispute_action *a,
	const struct payment_result *r);

#endif
