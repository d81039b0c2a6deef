/*
 * PayPal: Orders v2 and Payments v2, https://developer.paypal.com/docs/api/orders/v2.
 *
 * A PayPal order takes no money by itself.  The customer approves it, and then we
 * capture it (or authorize it, and capture that later).  So an order whose answer
 * was lost, and whose id nobody here knows, can never become money.
 */
#ifndef ADAPTERS_PAYPAL_H
#define ADAPTERS_PAYPAL_H

#include "adapters/provider.h"

struct json;

extern const struct provider paypal_provider;

/*
 * The verdict on an answer; issue is that of the error's first detail, else its
 * name, or NULL.
 */
const char *paypal_verdict(int status, const char *issue);

/* The JSON body of a call with an effect, or NULL. */
const char *paypal_body(struct op *op, const struct provider_call *call);

/* The bytes of our answer to a dispute. */
const char *paypal_evidence(struct op *op, const struct provider_call *call);

/* What a transaction code means for the balance; NULL: nothing. */
const char *paypal_category(const char *code, int64_t amount);

/* An object of theirs as facts; false when it is none. */
bool paypal_dispute(
	struct op *op, const struct json *dispute, struct provider_dispute *out);
bool paypal_txn(struct op *op, const struct json *info, struct provider_txn *out);
bool paypal_payment(
	struct op *op, const struct json *order, struct provider_payment *out);
bool paypal_refund(
	struct op *op, const struct json *refund, struct provider_refund *out);

/* The newest of the order's authorizations that can still be captured or voided, or
 * NULL. */
const char *paypal_authorization(const struct json *order);

/* The order that a capture or an authorization belongs to, or NULL. */
const char *paypal_order_of(struct op *op, const struct json *part);

/* Where to look for what an event is about; E_DATA (webhook_is_readable). */
enum err paypal_event(struct op *op, struct provider_event *event);

/* True for capitals, digits and dashes only: nothing that could change a URL. */
bool paypal_is_ref(const char *s);

/* The token of this process, from memory or asked for anew; E_AWAY when there is none.
 */
enum err paypal_token(struct op *op, int64_t timeout_ms, const char **out);

/* It was refused.  True: the next call asks for another, and so may this one. */
bool paypal_token_drop(const char *token);

#endif
