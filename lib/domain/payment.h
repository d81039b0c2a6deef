/* Payments: what to ask the provider next, what became of it, and how they are shown.
 */
#ifndef DOMAIN_PAYMENT_H
#define DOMAIN_PAYMENT_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

/*
 * What to ask a provider about a payment or a refund now; "none" for nothing.
 * op_id 0: a question without effect.
 */
struct payment_action {
	const char *action, *key, *provider, *ref, *method, *customer, *capture;
	bool final;
	int64_t op_id, payment_id, order_id, refund_id;
	struct money amount;
	struct stamp since;
};
extern const struct shape payment_action_shape;

/* How a call ended; verdicts are those of provider_answer. */
struct payment_result {
	const char *verdict, *request_id, *error;
	int64_t status, retry_after_s;
	struct json_text facts;
};

/* The next question about a payment; sync asks even when nothing seems to be open. */
enum err payment_load(
	struct op *op, int64_t payment_id, bool sync, struct payment_action *out);

/* The reservation of an order ran out: what to ask before its stock is given back. */
enum err payment_expire(struct op *op, int64_t order_id, struct payment_action *out);

/*
 * Mark a call as sent: its bytes are stored, and *body is what must go out.  NULL
 * when it is no longer wanted; then nothing may be sent.
 */
enum err payment_sent(struct op *op, int64_t call_id, const char **body);

/* Conclude: result, effect, postings, next jobs and messages in one transaction. */
enum err payment_record(
	struct op *op, const struct payment_action *a, const struct payment_result *r);

struct payment {
	int64_t id, order_id, declines;
	const char *provider, *provider_ref, *state, *last_error;
	bool applied, unmatched; /* unmatched: money that pays no order */
	struct money amount, captured, refunded;
	struct stamp created_at;
};
extern const struct shape payment_shape;

struct payment_full {
	int64_t id, order_id, declines;
	const char *order_state, *provider, *provider_ref, *charge_ref, *state,
		*last_error, *capture;
	bool live, applied, unmatched;
	struct money amount, captured, refunded;
	struct stamp created_at, checked_at, capture_before;
	struct json_text calls;
};
extern const struct shape payment_full_shape;

struct payment_query {
	const char *state, *provider;
	bool unmatched;
	int64_t order; /* 0: of any order */
	struct stamp since;
	int64_t limit;
};

/* Payments, newest first. */
enum err payment_list(struct op *op, const struct payment_query *q, struct rows *out);
enum err payment_get(struct op *op, int64_t id, struct payment_full *out);

struct payment_moved {
	int64_t payment_id, order_id;
	const char *state, *order_state;
	struct money amount, captured, asked; /* asked: captures under way */
};
extern const struct shape payment_moved_shape;

/*
 * Capture authorized money of an order or payment: an amount, or (no currency) all that
 * is left; final lets the rest go.  Void: let all of it go.
 */
enum err payment_capture(struct op *op, int64_t number, struct money amount, bool final,
	struct payment_moved *out);
enum err payment_void(struct op *op, int64_t number, struct payment_moved *out);

struct payment_attempt {
	int64_t payment_id, waits_for; /* waits_for: ended first; 0 when none is live */
	const char *provider, *state;
};
extern const struct shape payment_attempt_shape;

/* One more attempt for an order that waits; provider NULL: the one it had. */
enum err payment_retry(struct op *op, int64_t order_id, const char *provider,
	const char *method, struct payment_attempt *out);

struct payment_matched {
	int64_t payment_id;
	const char *state, *order_state;
	struct money captured;
	bool applied, replayed;
};
extern const struct shape payment_matched_shape;

/* Money that came by hand, once for its reference. */
enum err payment_match(struct op *op, int64_t order_id, struct money amount,
	const char *reference, struct payment_matched *out);

#endif
