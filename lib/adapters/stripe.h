/* Stripe: PaymentIntents and refunds over its form-encoded API. */
#ifndef ADAPTERS_STRIPE_H
#define ADAPTERS_STRIPE_H

#include "adapters/provider.h"

#include <stddef.h>

extern const struct provider stripe_provider;

/*
 * The verdict on an answer, by the table of what Stripe documents about executed and
 * unexecuted requests: https://docs.stripe.com/error-low-level.  type and code are the
 * error's, or NULL; should_retry is the Stripe-Should-Retry header, or NULL.
 */
const char *stripe_verdict(
	int status, const char *type, const char *code, const char *should_retry);

/* The form body of a call with an effect, or NULL. */
const char *stripe_body(struct op *op, const struct provider_call *call);

/* An object as facts; false when it is none of the kind. */
struct json;
bool stripe_payment(
	struct op *op, const struct json *object, struct provider_payment *out);
bool stripe_refund(
	struct op *op, const struct json *object, struct provider_refund *out);
bool stripe_dispute(
	struct op *op, const struct json *object, struct provider_dispute *out);

/* One request, without the pace that call() keeps; path begins with /v1. */
struct http_answer;
enum err stripe_request(struct op *op, const char *method, const char *path,
	const char *key, const char *body, struct http_answer *out);

/* A page of GET /v1/events. */
enum err stripe_events(
	struct op *op, const struct provider_page *page, struct provider_events *out);

/* Members of an object by pointer: a text of sane length, a reference, a whole number
 * (0 when there is none), the currency in our letters, an id that we had given. */
const char *stripe_text(const struct json *object, const char *pointer);
const char *stripe_ref(const struct json *object, const char *pointer);
int64_t stripe_whole(const struct json *object, const char *pointer);
const char *stripe_currency(struct op *op, const struct json *object);
int64_t stripe_our_id(const struct json *object, const char *pointer);

/* Pages of lists: where they are, and what they tell. */
const char *stripe_list_path(struct op *op, const struct provider_call *call);
void stripe_page(struct op *op, const struct provider_call *call,
	const struct json *body, struct provider_answer *out);

/* Where to look for what an event is about; E_DATA (webhook_is_readable). */
enum err stripe_event(struct op *op, struct provider_event *event);

/* True for pi_..., re_..., ch_...: nothing that could change a URL. */
bool stripe_is_ref(const char *s);

/*
 * Stripe's minor units differ from ISO 4217's for a few currencies:
 * https://docs.stripe.com/currencies#special-cases
 */
int64_t stripe_minor_factor(const char *currency);

#endif
