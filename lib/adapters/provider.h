/*
 * A payment provider as the worker sees one, whichever it is: calls with an effect have
 * their bytes made first and stored; every answer ends in one of a few verdicts, and in
 * facts in our own words.
 */
#ifndef ADAPTERS_PROVIDER_H
#define ADAPTERS_PROVIDER_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

/* No call takes longer, however it is configured: it must end within its job's lease.
 */
enum { PROVIDER_CALL_MAX_MS = 40000 };

/* What to ask: see payment_action in the schema. */
struct provider_call {
	const char *action; /* payment.create, .cancel, .capture, .get, .find,
			     * refund.create,
			     * ... */
	const char *key, *body, *ref, *method, *customer;
	const char *capture; /* "manual": the money is authorized, captured later */
	bool final;          /* of a capture: what is left is let go */
	int64_t op_id, order_id, payment_id, refund_id;
	struct money amount; /* of payment.capture: of this part */
	struct stamp since;
	const char *cursor; /* of a list: its next page begins after this one */
	struct json_text evidence; /* dispute.update: {"customer_name": "..."} */
	bool submit;               /* and that this is all of it */
};

/*
 * Verdicts: done; absent (a lookup found nothing); refused (and it will stay so);
 * not_executed (certainly not, ask again); indeterminate (the provider does not know
 * itself, look it up); unknown (no usable answer: the same bytes again); broken (our
 * own mistake, for a person).
 */
struct provider_answer {
	const char *verdict, *request_id, *error;
	int64_t status, retry_after_s;
	const char *facts; /* JSON of payment_facts, refund_facts, ..; NULL: none */
	const char *next;  /* of a list: the cursor of its next page; NULL: the end */
};

/*
 * The schema's payment_facts; status is open, approved (the customer agreed, and now we
 * are to capture), processing, authorized, captured, canceled or unknown.  captured is
 * the sum so far; capture_before: until when an authorization holds.
 */
struct provider_payment {
	const char *ref, *status, *currency, *charge, *fee_currency, *fee_ref;
	const char *client_secret, *error, *decline, *op_key;
	int64_t amount, captured, fee, payment_id;
	struct json_text next_action;
	struct stamp capture_before;
};
extern const struct shape provider_payment_shape;

/* The schema's refund_facts; status is pending, succeeded, failed, canceled or unknown.
 */
struct provider_refund {
	const char *ref, *payment_ref, *status, *currency, *error, *op_key;
	int64_t amount, refund_id;
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

/* What an event asks us to look at: action "" when it is none of our business, and
 * why. */
struct provider_event {
	const char *type, *object_id, *body;
	const char *action, *ref, *why; /* the answer */
};

/* Which part of the provider's own list of events to read, newest first. */
struct provider_page {
	struct stamp since, until; /* until: no time is now */
	bool undelivered;          /* only those that the provider knows as such */
	const char *after;         /* where the last page ended; NULL: begin */
};

struct provider_listed {
	const char *event_id, *type, *object_id, *api_version, *account, *body;
	bool livemode;
};

struct provider_events {
	struct provider_listed *v;
	size_t n;
	const char *next;           /* where the next page goes on; NULL: no more */
	const char *verdict, *error; /* done, or why there is no page */
};

struct provider {
	const char *name;
	/* Whether its configuration is for real money: events must agree. */
	bool (*livemode)(const struct config *config);
	/* The bytes of a call with an effect; NULL in *out for the others. */
	enum err (*body)(
		struct op *op, const struct provider_call *call, const char **out);
	/* Ask.  OK whatever it answers; a fault when nothing could be asked. */
	enum err (*call)(struct op *op, const struct provider_call *call,
		struct provider_answer *out);
	/* Read an event; E_DATA when it is none. */
	enum err (*event)(struct op *op, struct provider_event *event);
	/* A page of the events there were; NULL when the provider keeps no list. */
	enum err (*events)(struct op *op, const struct provider_page *page,
		struct provider_events *out);
};

/* E_BROKEN (provider_is_known) when we do not speak to one of that name. */
enum err provider_find(struct op *op, const char *name, const struct provider **out);

/* E_USAGE (provider_is_known) unless that is one of them: a name somebody typed. */
enum err provider_check(struct op *op, const char *name);

/* Facts as the JSON that the api functions take. */
const char *provider_facts(struct op *op, const struct shape *s, const void *facts);

#endif
