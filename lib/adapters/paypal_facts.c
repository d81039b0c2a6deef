/* What comes from PayPal: orders and refunds as facts.  All of it is hostile until
 * read.
 */
#include "adapters/paypal.h"

#include "base/json.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>

enum { TEXT_MAX = 255, URL_MAX = 2048, REF_MAX = 64, PARTS_MAX = 256 };

bool paypal_is_ref(const char *s)
{
	if (!s || !*s || strlen(s) > REF_MAX)
		return false;
	for (; *s; s++)
		if (!isupper((unsigned char)*s) && !isdigit((unsigned char)*s))
			return false;
	return true;
}

static const char *text(const struct json *object, const char *pointer, size_t max)
{
	const char *s = json_string(json_find(object, pointer));

	return s && *s && strlen(s) <= max ? s : NULL;
}

static const char *ref(const struct json *object, const char *pointer)
{
	const char *s = text(object, pointer, REF_MAX);

	return paypal_is_ref(s) ? s : NULL;
}

static bool is(const struct json *object, const char *name, const char *word)
{
	const char *s = json_string(json_get(object, name));

	return s && strcmp(s, word) == 0;
}

/* {"currency_code": "EUR", "value": "12.30"}; "12.3" and "12" are the same money. */
static bool money(struct op *op, const struct json *amount, struct money *out)
{
	const char *currency = text(amount, "/currency_code", 3);
	const char *value = text(amount, "/value", 32);

	if (!currency || !value || strchr(value, ',') || money_exponent(currency) < 0)
		return false;
	if (money_parse_as(op, value, currency, out) == OK)
		return true;
	fault_clear(op);
	return false;
}

static int64_t our_id(const char *s)
{
	size_t n = s ? strspn(s, "0123456789") : 0;

	return n && n <= 16 && (!s[n] || s[n] == ',') ? strtoll(s, NULL, 10) : 0;
}

static struct stamp time_of(struct op *op, const struct json *object, const char *at)
{
	const char *s = text(object, at, 40);
	struct stamp out = { 0 };

	if (s && isdigit((unsigned char)*s) && stamp_parse(op, s, &out) != OK) {
		fault_clear(op);
		out = (struct stamp){ 0 };
	}
	return out;
}

/* What PayPal calls the state of a capture or an authorization, and what it tells. */
enum part { UNKNOWN, TAKEN, PENDING, PROMISED, LET_GO, DENIED };

struct word {
	const char *theirs;
	enum part means;
};

/* Money that went back later was taken all the same: refunds are refunds. */
static const struct word captures[] = {
	{ "COMPLETED", TAKEN },
	{ "PARTIALLY_REFUNDED", TAKEN },
	{ "REFUNDED", TAKEN },
	{ "PENDING", PENDING },
	{ "DECLINED", DENIED },
	{ "FAILED", DENIED },
	{ 0 },
};
static const struct word authorizations[] = {
	{ "CREATED", PROMISED }, { "PARTIALLY_CAPTURED", PROMISED },
	{ "PENDING", PENDING }, { "VOIDED", LET_GO }, { "DENIED", DENIED },
	{ 0 }, /* CAPTURED: then its captures tell */
};

static enum part meaning(const struct word *w, const struct json *part)
{
	for (; w->theirs; w++)
		if (is(part, "status", w->theirs))
			return w->means;
	return UNKNOWN;
}

/* How many parts of an order are in which state, and what they come to. */
struct sums {
	size_t n[DENIED + 1];
	const struct json *last; /* of those that were taken */
	const struct json *denied;
	struct stamp until;
	int64_t taken;
};

static bool add_captures(
	struct op *op, const struct json *list, const char *currency, struct sums *out)
{
	const struct json *one;
	struct money m;

	for (one = json_first(list); one; one = json_next(one)) {
		enum part p = meaning(captures, one);

		out->n[p]++;
		if (p == DENIED)
			out->denied = one;
		if (p != TAKEN)
			continue;
		if (!ref(one, "/id") || !money(op, json_get(one, "amount"), &m) ||
			m.minor <= 0 || strcmp(m.currency, currency) != 0 ||
			__builtin_add_overflow(out->taken, m.minor, &out->taken))
			return false;
		out->last = one;
	}
	return true;
}

static void add_authorizations(struct op *op, const struct json *list, struct sums *out)
{
	const struct json *one;

	for (one = json_first(list); one; one = json_next(one)) {
		enum part p = meaning(authorizations, one);

		if (p == UNKNOWN)
			continue;
		out->n[p]++;
		if (p == DENIED)
			out->denied = one;
		if (p == PROMISED)
			out->until = time_of(op, one, "/expiration_time");
	}
}

/*
 * The parts decide before the order does: APPROVED is not paid, and COMPLETED only
 * says that nothing more can be asked of it.
 */
static const char *status_of(const struct json *order, const struct sums *s)
{
	if (s->n[PROMISED])
		return "authorized";
	if (s->n[TAKEN])
		return "captured";
	if (s->n[PENDING])
		return "processing";
	if (s->n[UNKNOWN])
		return "unknown";
	if (s->n[LET_GO] || is(order, "status", "VOIDED"))
		return "canceled";
	if (s->n[DENIED])
		return "open"; /* a decline is no state */
	if (is(order, "status", "APPROVED"))
		return "approved";
	if (is(order, "status", "CREATED") || is(order, "status", "SAVED") ||
		is(order, "status", "PAYER_ACTION_REQUIRED"))
		return "open";
	return "unknown";
}

/* Where the customer agrees.  Only https, and loopback for a simulator. */
static const char *approval(struct op *op, const struct json *order)
{
	const struct json *link = json_first(json_get(order, "links"));

	for (; link; link = json_next(link)) {
		const char *href = text(link, "/href", URL_MAX);

		if ((is(link, "rel", "payer-action") || is(link, "rel", "approve")) &&
			href &&
			(strncmp(href, "https://", 8) == 0 ||
				strncmp(href, "http://127.0.0.1:", 17) == 0))
			return op_printf(op, "{\"type\":\"redirect\",\"url\":%s}",
				json_quote(op, href));
	}
	return NULL;
}

static void read_fee(struct op *op, const struct sums *s, struct provider_payment *out)
{
	struct money fee;

	if (!s->last)
		return;
	out->charge = ref(s->last, "/id");
	if (!money(op, json_find(s->last, "/seller_receivable_breakdown/paypal_fee"),
		    &fee) ||
		fee.minor < 0)
		return;
	out->fee = fee.minor;
	out->fee_currency = op_strdup(op, fee.currency);
	out->fee_ref = out->charge;
}

static bool read_unit(struct op *op, const struct json *unit, struct sums *s,
	struct provider_payment *out)
{
	const struct json *payments = json_get(unit, "payments");
	struct money m;

	if (!money(op, json_get(unit, "amount"), &m) || m.minor <= 0)
		return false;
	out->amount = m.minor;
	out->currency = op_strdup(op, m.currency);
	out->payment_id = our_id(text(unit, "/custom_id", TEXT_MAX));
	out->op_key = text(unit, "/reference_id", TEXT_MAX);
	if (json_count(json_get(payments, "captures")) > PARTS_MAX ||
		!add_captures(op, json_get(payments, "captures"), out->currency, s))
		return false;
	add_authorizations(op, json_get(payments, "authorizations"), s);
	return true;
}

bool paypal_payment(
	struct op *op, const struct json *order, struct provider_payment *out)
{
	const struct json *units = json_get(order, "purchase_units");
	struct sums s = { 0 };

	*out = (struct provider_payment){ 0 };
	out->ref = ref(order, "/id");
	if (!out->ref || json_count(units) != 1 ||
		!read_unit(op, json_first(units), &s, out))
		return false;
	out->status = status_of(order, &s);
	out->captured = s.taken;
	out->capture_before = s.until;
	read_fee(op, &s, out);
	if (strcmp(out->status, "open") != 0)
		return true;
	out->next_action.s = s.denied ? NULL : approval(op, order);
	if (s.denied) {
		out->decline = ref(s.denied, "/id");
		out->error = text(s.denied, "/status_details/reason", TEXT_MAX);
		if (!out->error)
			out->error = "DECLINED";
	}
	return true;
}

const char *paypal_authorization(const struct json *order)
{
	const struct json *one = json_first(
		json_find(order, "/purchase_units/0/payments/authorizations"));

	for (; one; one = json_next(one)) {
		enum part p = meaning(authorizations, one);

		if (p == PROMISED || p == PENDING)
			return ref(one, "/id");
	}
	return NULL;
}

const char *paypal_order_of(struct op *op, const struct json *part)
{
	const char *id = ref(part, "/supplementary_data/related_ids/order_id");
	const struct json *link = json_first(json_get(part, "links"));

	for (; !id && link; link = json_next(link)) {
		const char *href = text(link, "/href", URL_MAX);
		const char *at = href ? strstr(href, "/v2/checkout/orders/") : NULL;

		if (at && is(link, "rel", "up"))
			id = op_strdup(op, at + strlen("/v2/checkout/orders/"));
	}
	return paypal_is_ref(id) ? id : NULL;
}

static const char *refund_status(const struct json *refund)
{
	static const struct {
		const char *theirs, *ours;
	} states[] = {
		{ "COMPLETED", "succeeded" },
		{ "PENDING", "pending" },
		{ "FAILED", "failed" },
		{ "CANCELLED", "canceled" },
	};

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (is(refund, "status", states[i].theirs))
			return states[i].ours;
	return "unknown";
}

/* custom_id is "REFUND,KEY", see paypal_body(). */
bool paypal_refund(
	struct op *op, const struct json *refund, struct provider_refund *out)
{
	const char *custom = text(refund, "/custom_id", TEXT_MAX), *comma;
	struct money m;

	*out = (struct provider_refund){ 0 };
	out->ref = ref(refund, "/id");
	if (!out->ref || !money(op, json_get(refund, "amount"), &m) || m.minor <= 0)
		return false;
	out->amount = m.minor;
	out->currency = op_strdup(op, m.currency);
	out->status = refund_status(refund);
	out->error = text(refund, "/status_details/reason", TEXT_MAX);
	comma = custom ? strchr(custom, ',') : NULL;
	if (comma && comma[1]) {
		out->refund_id = our_id(custom);
		out->op_key = comma + 1;
	}
	return true;
}

/* The first prefix that fits decides; part: the object is no order, but leads to one.
 */
static const struct {
	const char *prefix, *action;
	bool part;
} events[] = {
	{ "CHECKOUT.ORDER.", "payment.get", false },
	{ "CHECKOUT.PAYMENT-APPROVAL.REVERSED", "", false },
	{ "CUSTOMER.DISPUTE.", "",
		false }, /* seen by a person in PayPal's own centre */
	{ "PAYMENT.AUTHORIZATION.", "payment.of_authorization", true },
	{ "PAYMENT.CAPTURE.REFUNDED", "refund.get", false },
	{ "PAYMENT.CAPTURE.REVERSED", "refund.get", false },
	{ "PAYMENT.CAPTURE.", "payment.of_capture", true },
	{ "PAYMENT.REFUND.", "refund.get", false },
};

enum err paypal_event(struct op *op, struct provider_event *e)
{
	const struct json *body;
	const char *order;
	size_t i;

	e->action = "";
	e->ref = e->object_id;
	for (i = 0; i < sizeof events / sizeof *events; i++)
		if (strncmp(e->type, events[i].prefix, strlen(events[i].prefix)) == 0)
			break;
	if (i == sizeof events / sizeof *events || !*events[i].action)
		return OK;
	e->action = events[i].action;
	if (!paypal_is_ref(e->ref))
		return fail(op, E_DATA, "webhook_is_readable",
			"the event names no object that can be asked for");
	if (!events[i].part)
		return OK;
	TRY(json_parse(op, e->body, strlen(e->body), &body));
	order = paypal_order_of(op, json_get(body, "resource"));
	if (order) {
		e->action = "payment.get";
		e->ref = order;
	}
	return OK;
}
