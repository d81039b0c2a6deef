/*
 * A payment provider as the worker sees one, whichever it is: calls with an effect have
 * their bytes made first and stored; every answer ends in one of a few verdicts, and in
 * facts in our own words.
 */
#ifndef ADAPTERS_PROVIDER_H
#define ADAPTERS_PROVIDER_H

#include "adapters/facts.h"
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
	const char *cursor;        /* of a list: its next page begins after this one */
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
	bool away;         /* it was not reached, or did not answer */
};

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
	const char *next;            /* where the next page goes on; NULL: no more */
	const char *verdict, *error; /* done, or why there is no page */
	bool away;                   /* it was not reached, or has trouble of its own */
};

struct provider {
	const char *name;
	/* Whether its configuration is for real money: events must agree. */
	bool (*livemode)(const struct config *config);
	/* The longest that one call may take, in all its requests. */
	int64_t (*timeout_ms)(const struct config *config); /* NULL: no time */
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
