/* What comes from PayPal: orders and refunds as facts.  All of it is hostile until
 * read.
 */
#include "adapters/paypal_read.h"

#include "base/text.h"

#include <string.h>

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
		if (paypal_is(part, "status", w->theirs))
			return w->means;
	return UNKNOWN;
}

/* How many parts of an order are in which state, and what they come to. */
struct sums {
	size_t n[DENIED + 1];
	const struct json *last; /* of those that were taken */
	const struct json *denied;
	struct stamp until, honored;
	int64_t taken;
	size_t unknown_fees;
	struct json_writer parts;
};

/* An authorization is honored for three days, whatever becomes of it later. */
#define HONOR_US (INT64_C(3) * 86400 * 1000000)

/* One capture as {ref, amount, fee, fee_currency, settled}. */
static void add_part(
	struct op *op, const struct json *one, struct money m, struct sums *out)
{
	const struct json *b = json_get(one, "seller_receivable_breakdown");
	const char *settled = paypal_text(b, "/receivable_amount/currency_code", 3);
	struct json_writer *w = &out->parts;
	struct money fee;

	json_object(w, NULL);
	json_put(w, "ref", paypal_ref(one, "/id"));
	json_put_int(w, "amount", m.minor);
	if (paypal_money(op, json_get(b, "paypal_fee"), &fee) && fee.minor >= 0) {
		json_put_int(w, "fee", fee.minor);
		json_put(w, "fee_currency", fee.currency);
	} else {
		out->unknown_fees++;
	}
	if (settled)
		json_put(w, "settled", settled);
	json_close(w);
}

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
		if (!paypal_ref(one, "/id") ||
			!paypal_money(op, json_get(one, "amount"), &m) ||
			m.minor <= 0 || strcmp(m.currency, currency) != 0 ||
			__builtin_add_overflow(out->taken, m.minor, &out->taken))
			return false;
		out->last = one;
		add_part(op, one, m, out);
	}
	return true;
}

/* The one that holds longest: a renewed one is a new one beside the first. */
static void add_promise(struct op *op, const struct json *one, struct sums *out)
{
	struct stamp until = paypal_time(op, one, "/expiration_time");
	struct stamp made = paypal_time(op, one, "/create_time");

	if (until.us > out->until.us)
		out->until = until;
	if (made.us > 0 && made.us + HONOR_US > out->honored.us)
		out->honored.us = made.us + HONOR_US;
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
			add_promise(op, one, out);
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
	if (s->n[LET_GO] || paypal_is(order, "status", "VOIDED"))
		return "canceled";
	if (s->n[DENIED])
		return "open"; /* a decline is no state */
	if (paypal_is(order, "status", "APPROVED"))
		return "approved";
	if (paypal_is(order, "status", "CREATED") ||
		paypal_is(order, "status", "SAVED") ||
		paypal_is(order, "status", "PAYER_ACTION_REQUIRED"))
		return "open";
	return "unknown";
}

/* Where the customer agrees.  Only https, and loopback for a simulator. */
static const char *approval(struct op *op, const struct json *order)
{
	const struct json *link = json_first(json_get(order, "links"));

	for (; link; link = json_next(link)) {
		const char *href = paypal_text(link, "/href", URL_MAX);

		if ((paypal_is(link, "rel", "payer-action") ||
			    paypal_is(link, "rel", "approve")) &&
			href &&
			(strncmp(href, "https://", 8) == 0 ||
				strncmp(href, "http://127.0.0.1:", 17) == 0))
			return op_printf(op, "{\"type\":\"redirect\",\"url\":%s}",
				json_quote(op, href));
	}
	return NULL;
}

/* The fee is known when that of every capture is. */
static void read_fee(struct op *op, const struct sums *s, struct provider_payment *out)
{
	struct money fee;

	if (!s->last)
		return;
	out->charge = paypal_ref(s->last, "/id");
	out->parts.s = s->parts.text;
	if (s->unknown_fees ||
		!paypal_money(op,
			json_find(s->last, "/seller_receivable_breakdown/paypal_fee"),
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

	if (!paypal_money(op, json_get(unit, "amount"), &m) || m.minor <= 0)
		return false;
	out->amount = m.minor;
	out->currency = op_strdup(op, m.currency);
	out->payment_id = paypal_our_id(paypal_text(unit, "/custom_id", TEXT_MAX));
	out->op_key = paypal_text(unit, "/reference_id", TEXT_MAX);
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
	struct sums s = { .parts.op = op };

	*out = (struct provider_payment){ 0 };
	json_array(&s.parts, NULL);
	out->ref = paypal_ref(order, "/id");
	if (!out->ref || json_count(units) != 1 ||
		!read_unit(op, json_first(units), &s, out))
		return false;
	out->status = status_of(order, &s);
	out->captured = s.taken;
	json_close(&s.parts);
	out->capture_before = s.until;
	out->honor_until = s.honored;
	read_fee(op, &s, out);
	if (strcmp(out->status, "open") != 0)
		return true;
	out->next_action.s = s.denied ? NULL : approval(op, order);
	if (s.denied) {
		out->decline = paypal_ref(s.denied, "/id");
		out->error = paypal_text(s.denied, "/status_details/reason", TEXT_MAX);
		if (!out->error)
			out->error = "DECLINED";
	}
	return true;
}

const char *paypal_authorization(const struct json *order)
{
	const struct json *one = json_first(
		json_find(order, "/purchase_units/0/payments/authorizations"));
	const struct json *newest = NULL;
	const char *at = "", *made;

	for (; one; one = json_next(one)) {
		enum part p = meaning(authorizations, one);

		made = paypal_text(one, "/create_time", 40);
		if ((p != PROMISED && p != PENDING) || (made && strcmp(made, at) < 0))
			continue;
		newest = one; /* times of one form sort as they are written */
		at = made ? made : at;
	}
	return paypal_ref(newest, "/id");
}

/* What the link upwards leads to, if it is of that kind. */
static const char *up(struct op *op, const struct json *part, const char *kind)
{
	const struct json *link = json_first(json_get(part, "links"));
	const char *id = NULL;

	for (; !id && link; link = json_next(link)) {
		const char *href = paypal_text(link, "/href", URL_MAX);
		const char *at = href ? strstr(href, kind) : NULL;

		if (at && paypal_is(link, "rel", "up"))
			id = op_strdup(op, at + strlen(kind));
	}
	return paypal_is_ref(id) ? id : NULL;
}

const char *paypal_order_of(struct op *op, const struct json *part)
{
	const char *id = paypal_ref(part, "/supplementary_data/related_ids/order_id");

	return id ? id : up(op, part, "/v2/checkout/orders/");
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
		if (paypal_is(refund, "status", states[i].theirs))
			return states[i].ours;
	return "unknown";
}

/* Of the fee that the capture cost, what came back. */
static void read_fee_back(
	struct op *op, const struct json *refund, struct provider_refund *out)
{
	struct money fee;

	if (!paypal_money(op, json_find(refund, "/seller_payable_breakdown/paypal_fee"),
		    &fee) ||
		fee.minor <= 0)
		return;
	out->fee = fee.minor;
	out->fee_currency = op_strdup(op, fee.currency);
}

/* custom_id is "REFUND,KEY", see paypal_body(). */
bool paypal_refund(
	struct op *op, const struct json *refund, struct provider_refund *out)
{
	const char *custom = paypal_text(refund, "/custom_id", TEXT_MAX), *comma;
	struct money m;

	*out = (struct provider_refund){ 0 };
	out->ref = paypal_ref(refund, "/id");
	if (!out->ref || !paypal_money(op, json_get(refund, "amount"), &m) ||
		m.minor <= 0)
		return false;
	out->amount = m.minor;
	out->currency = op_strdup(op, m.currency);
	out->status = refund_status(refund);
	out->charge = up(op, refund, "/v2/payments/captures/");
	read_fee_back(op, refund, out);
	out->error = paypal_text(refund, "/status_details/reason", TEXT_MAX);
	comma = custom ? strchr(custom, ',') : NULL;
	if (comma && comma[1]) {
		out->refund_id = paypal_our_id(custom);
		out->op_key = comma + 1;
	}
	return true;
}
