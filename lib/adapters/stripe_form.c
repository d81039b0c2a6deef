/* What goes to Stripe: form bodies, made once and stored before they are sent. */
#include "adapters/stripe.h"

#include "base/json.h"

#include <ctype.h>
#include <string.h>

struct form {
	struct op *op;
	const char *text;
};

static bool plain(unsigned char c)
{
	return isalnum(c) || strchr("-._~", c);
}

static const char *escape(struct op *op, const char *s)
{
	static const char digits[] = "0123456789ABCDEF";
	char *out = op_alloc(op, 3 * strlen(s) + 1), *w = out;

	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (plain(c)) {
			*w++ = (char)c;
			continue;
		}
		*w++ = '%';
		*w++ = digits[c >> 4];
		*w++ = digits[c & 15];
	}
	return out;
}

static void put(struct form *f, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	f->text = op_printf(f->op, "%s%s%s=%s", f->text, *f->text ? "&" : "", name,
		escape(f->op, value));
}

static void put_int(struct form *f, const char *name, int64_t value)
{
	put(f, name, op_printf(f->op, "%lld", (long long)value));
}

static void put_amount(struct form *f, const char *name, struct money m)
{
	put_int(f, name, m.minor * stripe_minor_factor(m.currency));
}

static void put_money(struct form *f, struct money m, bool with_currency)
{
	char lower[4] = "";

	put_amount(f, "amount", m);
	for (size_t i = 0; i < 3; i++)
		lower[i] = (char)tolower((unsigned char)m.currency[i]);
	if (with_currency)
		put(f, "currency", lower);
}

/* By these an object is found again when the answer that named it was lost. */
static void put_metadata(struct form *f, const struct provider_call *call)
{
	put_int(f, "metadata[order_id]", call->order_id);
	put_int(f, "metadata[payment_id]", call->payment_id);
	if (call->refund_id)
		put_int(f, "metadata[refund_id]", call->refund_id);
	put_int(f, "metadata[op_id]", call->op_id);
	put(f, "metadata[op_key]", call->key);
	put(f, "metadata[trace]", f->op->trace);
}

static void create(struct form *f, const struct provider_call *call)
{
	put_money(f, call->amount, true);
	put(f, "automatic_payment_methods[enabled]", "true");
	if (call->capture && strcmp(call->capture, "manual") == 0) {
		put(f, "capture_method", "manual");
		put(f, "payment_method_options[card][request_multicapture]",
			"if_available");
	}
	if (call->method) {
		put(f, "automatic_payment_methods[allow_redirects]", "never");
		put(f, "payment_method", call->method);
		put(f, "customer", call->customer);
		put(f, "confirm", "true");
		put(f, "off_session", "true");
	}
	put_metadata(f, call);
	put(f, "expand[0]", "latest_charge.balance_transaction");
}

/* A capture that is not the last needs multicapture; the last one says nothing. */
static void capture(struct form *f, const struct provider_call *call)
{
	put_amount(f, "amount_to_capture", call->amount);
	if (!call->final)
		put(f, "final_capture", "false");
	put(f, "expand[0]", "latest_charge.balance_transaction");
}

static void cancel(struct form *f, const struct provider_call *call)
{
	(void)call;
	put(f, "cancellation_reason", "abandoned");
}

static void refund(struct form *f, const struct provider_call *call)
{
	put(f, "payment_intent", call->ref);
	put_money(f, call->amount, false);
	put_metadata(f, call);
}

/* Evidence as an operator gave it: names are checked where they come in. */
static void dispute_update(struct form *f, const struct provider_call *call)
{
	const struct json *all = NULL, *one;

	if (call->evidence.s && json_parse(f->op, call->evidence.s,
					strlen(call->evidence.s), &all) != OK)
		fault_clear(f->op);
	for (one = json_first(all); one; one = json_next(one))
		put(f, op_printf(f->op, "evidence[%s]", json_name(one)),
			json_string(one));
	put(f, "submit", call->submit ? "true" : "false");
}

/* Nothing to say but that we close it; yet a call with an effect has a body. */
static void dispute_close(struct form *f, const struct provider_call *call)
{
	(void)call;
	put(f, "expand[0]", "charge");
}

static const struct {
	const char *action;
	void (*fill)(struct form *f, const struct provider_call *call);
} bodies[] = {
	{ "payment.create", create },
	{ "payment.cancel", cancel },
	{ "payment.capture", capture },
	{ "refund.create", refund },
	{ "dispute.update", dispute_update },
	{ "dispute.close", dispute_close },
};

const char *stripe_body(struct op *op, const struct provider_call *call)
{
	struct form f = { op, "" };

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		if (strcmp(bodies[i].action, call->action) == 0) {
			bodies[i].fill(&f, call);
			return f.text;
		}
	}
	return NULL;
}

int64_t stripe_minor_factor(const char *currency)
{
	return !strcmp(currency, "ISK") || !strcmp(currency, "UGX") ? 100 : 1;
}
