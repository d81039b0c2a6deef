/* Requests to PayPal and the verdicts on their answers. */
#ifndef ADAPTERS_PAYPAL_TALK_H
#define ADAPTERS_PAYPAL_TALK_H

#include "adapters/paypal.h"
#include "base/json.h"

/* One action may take several requests; they share the time of one call. */
struct talk {
	struct op *op;
	const struct provider_call *call;
	struct provider_answer *out;
	int64_t end; /* clock_ticks() */
	const struct json *body;
};

/*
 * Ask for path, in which %s is ref.  The verdict is in t->out and what was said in
 * t->body; only a request that cannot be made is a fault.
 */
enum err talk_ask(
	struct talk *t, const char *method, const char *path, const char *ref);

/* Whether the last verdict is done. */
bool talk_done(const struct talk *t);

/* Our own pace lets one more action begin. */
bool talk_admitted(struct op *op);

/* paypal_dispute.c */
enum err paypal_dispute_get(struct talk *t), paypal_dispute_of_capture(struct talk *t);
enum err paypal_dispute_update(struct talk *t), paypal_dispute_close(struct talk *t);

/* paypal_report.c */
enum err paypal_txn_list(struct talk *t), paypal_balances(struct talk *t);

#endif
