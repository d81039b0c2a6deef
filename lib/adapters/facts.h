/* What providers say, in our own words: the types of the schema that are called facts.
 */
#ifndef ADAPTERS_FACTS_H
#define ADAPTERS_FACTS_H

#include "base/field.h"

#include <stdint.h>

/*
 * The schema's payment_facts; status is open, approved (the customer agreed, and now we
 * are to capture), processing, authorized, captured, canceled or unknown.  captured is
 * the sum so far; capture_before: until when an authorization holds, honor_until: until
 * when its money is surely there; parts: the captures, where a provider tells them.
 */
struct provider_payment {
	const char *ref, *status, *currency, *charge, *fee_currency, *fee_ref;
	const char *client_secret, *error, *decline, *op_key;
	int64_t amount, captured, fee, payment_id;
	struct json_text next_action;
	struct stamp capture_before, honor_until;
	struct json_text parts; /* [{ref, amount, fee, fee_currency, settled}] */
};
extern const struct shape provider_payment_shape;

/* The schema's refund_facts; status is pending, succeeded, failed, canceled or unknown.
 */
struct provider_refund {
	const char *ref, *payment_ref, *status, *currency, *error, *op_key;
	const char *charge, *fee_currency; /* fee: what came back of the provider's */
	int64_t amount, refund_id, fee;
};
extern const struct shape provider_refund_shape;

/* The schema's txn_facts: one movement of the provider's balance.  The category is
 * charge, refund, dispute, payout, fee and so on, as Stripe's reports have them. */
struct provider_txn {
	const char *ref, *type, *reporting_category, *source_ref, *payment_ref;
	const char *currency, *payout_ref;
	int64_t amount, fee, net, order_hint;
	struct stamp created, available_on;
};
extern const struct shape provider_txn_shape;

/* The schema's payout_facts; status is one of ours or unknown. */
struct provider_payout {
	const char *ref, *status, *currency, *error;
	int64_t amount;
	bool automatic, itemised; /* itemised: its transactions can be listed */
	struct stamp created, arrival;
};
extern const struct shape provider_payout_shape;

/* The schema's balance_facts: what a provider holds of us in a currency, or a part of
 * it. */
struct provider_balance {
	const char *currency;
	int64_t available, pending;
	struct stamp at; /* of when it is; none: of now */
};
extern const struct shape provider_balance_shape;

/* The schema's dispute_facts; status is a state of ours or unknown; txns is an array of
 * {txn, currency, amount, fee}. */
struct provider_dispute {
	const char *ref, *payment_ref, *charge, *status, *reason, *currency;
	int64_t amount, submissions;
	bool refundable;
	struct stamp evidence_due_by;
	struct json_text txns;
};
extern const struct shape provider_dispute_shape;

#endif
