/* What comes from Stripe: objects and events as facts.  All of it is hostile until
 * read. */
#include "adapters/stripe.h"

#include "base/json.h"

#include <ctype.h>
#include <string.h>

enum { TEXT_MAX = 255, SECRET_MAX = 512, ACTION_MAX = 8192 };
#define EPOCH_MAX INT64_C(32503680000) /* the year 3000 */

struct word {
	const char *theirs, *ours;
};

/* A decline is no state: the intent goes back to requires_payment_method. */
static const struct word payment_states[] = {
	{ "requires_payment_method", "open" },
	{ "requires_confirmation", "open" },
	{ "requires_action", "open" },
	{ "processing", "processing" },
	{ "requires_capture", "authorized" },
	{ "succeeded", "captured" },
	{ "canceled", "canceled" },
	{ 0 },
};

static const struct word refund_states[] = {
	{ "pending", "pending" },
	{ "requires_action", "pending" },
	{ "succeeded", "succeeded" },
	{ "failed", "failed" },
	{ "canceled", "canceled" },
	{ 0 },
};

static const struct word dispute_states[] = {
	{ "warning_needs_response", "warning_needs_response" },
	{ "warning_under_review", "warning_under_review" },
	{ "warning_closed", "warning_closed" },
	{ "needs_response", "needs_response" },
	{ "under_review", "under_review" },
	{ "won", "won" },
	{ "lost", "lost" },
	{ "prevented", "prevented" },
	{ "charge_refunded", "warning_closed" }, /* of old: an inquiry we refunded */
	{ 0 },
};

static const char *translate(const struct word *w, const char *theirs)
{
	for (; theirs && w->theirs; w++)
		if (strcmp(w->theirs, theirs) == 0)
			return w->ours;
	return "unknown";
}

/* A text of sane length, or NULL. */
static const char *text(const struct json *object, const char *pointer, size_t max)
{
	const char *s = json_string(json_find(object, pointer));

	return s && *s && strlen(s) <= max ? s : NULL;
}

static const char *ref(const struct json *object, const char *pointer)
{
	const char *s = text(object, pointer, TEXT_MAX);

	return stripe_is_ref(s) ? s : NULL;
}

/* A reference that may be expanded to the object itself: "/latest_charge". */
static const char *ref_or_object(
	struct op *op, const struct json *object, const char *pointer)
{
	return json_is_object(json_find(object, pointer))
		       ? ref(object, op_printf(op, "%s/id", pointer))
		       : ref(object, pointer);
}

static int64_t whole(const struct json *object, const char *pointer)
{
	int64_t v;

	return json_int(json_find(object, pointer), &v) ? v : 0;
}

/* Seconds since 1970; the zero stamp when there are none. */
static struct stamp epoch(const struct json *object, const char *pointer)
{
	int64_t s = whole(object, pointer);

	return s > 0 && s < EPOCH_MAX ? (struct stamp){ s * 1000000 }
				      : (struct stamp){ 0 };
}

static const char *currency(struct op *op, const struct json *object)
{
	const char *s = text(object, "/currency", 3);
	char *upper;

	if (!s || strlen(s) != 3)
		return NULL;
	upper = op_strdup(op, s);
	for (char *c = upper; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return upper;
}

/* Our own ids come back as the text that we sent. */
static int64_t our_id(const struct json *object, const char *pointer)
{
	const char *s = text(object, pointer, 16);

	if (!s || strspn(s, "0123456789") != strlen(s))
		return 0;
	return strtoll(s, NULL, 10);
}

const char *stripe_text(const struct json *object, const char *pointer)
{
	return text(object, pointer, TEXT_MAX);
}

const char *stripe_ref(const struct json *object, const char *pointer)
{
	return ref(object, pointer);
}

int64_t stripe_whole(const struct json *object, const char *pointer)
{
	return whole(object, pointer);
}

const char *stripe_currency(struct op *op, const struct json *object)
{
	return currency(op, object);
}

int64_t stripe_our_id(const struct json *object, const char *pointer)
{
	return our_id(object, pointer);
}

static bool is_object(const struct json *object, const char *kind)
{
	const char *s = text(object, "/object", TEXT_MAX);

	return s && strcmp(s, kind) == 0 && ref(object, "/id");
}

bool stripe_is_ref(const char *s)
{
	if (!s || !*s || strlen(s) > TEXT_MAX)
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && *s != '_')
			return false;
	return true;
}

/* Why the last attempt failed, and which attempt that was. */
static void read_error(
	struct op *op, const struct json *object, struct provider_payment *out)
{
	const struct json *e = json_get(object, "last_payment_error");

	if (!json_is_object(e))
		return;
	out->error = text(e, "/code", TEXT_MAX);
	if (!out->error)
		out->error = text(e, "/type", TEXT_MAX);
	out->decline = ref(e, "/charge");
	if (!out->decline)
		out->decline = op_printf(op, "%s:%s", out->error ? out->error : "",
			text(e, "/payment_method/id", TEXT_MAX)
				? text(e, "/payment_method/id", TEXT_MAX)
				: "");
}

static void read_charge(
	struct op *op, const struct json *object, struct provider_payment *out)
{
	const struct json *charge = json_get(object, "latest_charge");
	const struct json *txn = json_get(charge, "balance_transaction");

	out->charge = ref_or_object(op, object, "/latest_charge");
	out->capture_before =
		epoch(charge, "/payment_method_details/card/capture_before");
	if (!json_is_object(txn))
		return;
	out->fee_ref = ref(txn, "/id");
	out->fee_currency = currency(op, txn);
	if (out->fee_currency)
		out->fee = whole(txn, "/fee") / stripe_minor_factor(out->fee_currency);
	else
		out->fee_ref = NULL;
}

bool stripe_payment(
	struct op *op, const struct json *object, struct provider_payment *out)
{
	const struct json *next = json_get(object, "next_action");
	int64_t factor;

	*out = (struct provider_payment){ 0 };
	out->currency = currency(op, object);
	if (!is_object(object, "payment_intent") || !out->currency ||
		whole(object, "/amount") <= 0)
		return false;
	factor = stripe_minor_factor(out->currency);
	out->ref = ref(object, "/id");
	out->status = translate(payment_states, text(object, "/status", TEXT_MAX));
	out->amount = whole(object, "/amount") / factor;
	out->captured = whole(object, "/amount_received") / factor;
	if (strcmp(out->status, "captured") == 0 && out->captured <= 0)
		return false; /* succeeded without money is no answer */
	out->client_secret = text(object, "/client_secret", SECRET_MAX);
	if (json_is_object(next) && strlen(json_text_of(op, next)) <= ACTION_MAX)
		out->next_action.s = json_text_of(op, next);
	if (strcmp(out->status, "open") == 0)
		read_error(op, object, out);
	read_charge(op, object, out);
	out->payment_id = our_id(object, "/metadata/payment_id");
	out->op_key = text(object, "/metadata/op_key", TEXT_MAX);
	return true;
}

bool stripe_refund(
	struct op *op, const struct json *object, struct provider_refund *out)
{
	*out = (struct provider_refund){ 0 };
	out->currency = currency(op, object);
	if (!is_object(object, "refund") || !out->currency ||
		whole(object, "/amount") <= 0)
		return false;
	out->ref = ref(object, "/id");
	out->payment_ref = ref_or_object(op, object, "/payment_intent");
	out->status = translate(refund_states, text(object, "/status", TEXT_MAX));
	out->amount = whole(object, "/amount") / stripe_minor_factor(out->currency);
	out->error = text(object, "/failure_reason", TEXT_MAX);
	out->refund_id = our_id(object, "/metadata/refund_id");
	out->op_key = text(object, "/metadata/op_key", TEXT_MAX);
	return true;
}

/* What moved, as the schema's txns; one without a name is none. */
static const char *movements(struct op *op, const struct json *list)
{
	struct json_writer w = { .op = op };
	const struct json *one;

	json_array(&w, NULL);
	for (one = json_first(list); one; one = json_next(one)) {
		const char *id = ref(one, "/id"), *in = currency(op, one);
		int64_t factor;

		if (!id || !in)
			continue;
		factor = stripe_minor_factor(in);
		json_object(&w, NULL);
		json_put(&w, "txn", id);
		json_put(&w, "currency", in);
		json_put_int(&w, "amount", whole(one, "/amount") / factor);
		json_put_int(&w, "fee", whole(one, "/fee") / factor);
		json_close(&w);
	}
	json_close(&w);
	return w.text;
}

bool stripe_dispute(
	struct op *op, const struct json *object, struct provider_dispute *out)
{
	*out = (struct provider_dispute){ 0 };
	out->currency = currency(op, object);
	if (!is_object(object, "dispute") || !out->currency ||
		whole(object, "/amount") <= 0)
		return false;
	out->ref = ref(object, "/id");
	out->payment_ref = ref_or_object(op, object, "/payment_intent");
	out->charge = ref_or_object(op, object, "/charge");
	out->status = translate(dispute_states, text(object, "/status", TEXT_MAX));
	out->reason = text(object, "/reason", TEXT_MAX);
	out->amount = whole(object, "/amount") / stripe_minor_factor(out->currency);
	out->refundable = json_is_true(json_get(object, "is_charge_refundable"));
	out->submissions = whole(object, "/evidence_details/submission_count");
	out->evidence_due_by.us = whole(object, "/evidence_details/due_by") * 1000000;
	out->txns.s = movements(op, json_get(object, "balance_transactions"));
	return true;
}
