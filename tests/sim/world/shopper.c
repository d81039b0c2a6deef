/* Shoppers: they place what they want, again when in doubt, and pay, late or never. */
#include "domain/checkout.h"
#include "house/house.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

enum { INTENTS = 1500, LINES = 3 };

/* What one person wanted once.  id: what he was told, 0 for nothing yet. */
struct intent {
	int64_t id, qty[LINES], placed_us, back_us;
	int sku[LINES], lines;
	char key[24];
	const char *currency, *provider, *capture, *method;
	bool refused, gone, paying;
};

static struct intent intents[INTENTS];
static size_t intent_count;
static struct checkout_ids *ids[4]; /* each shopper meets a server of his own */

static const char *const currencies[] = { "EUR", "EUR", "EUR", "JPY", "KWD" };

const char *card(void)
{
	if (strikes(F_card_declines))
		return "pm_card_chargeDeclined";
	if (strikes(F_card_asks))
		return "pm_card_threeDSecure2Required";
	if (strikes(F_bank_debit_fails))
		return "pm_usBankAccount_noAccount";
	if (strikes(F_bank_debit))
		return "pm_usBankAccount_success";
	if (strikes(F_refund_pends))
		return "pm_card_pendingRefund";
	if (strikes(F_refund_fails_soon))
		return "pm_card_refundFail";
	return "pm_card_visa";
}

static struct intent *wish(void)
{
	struct intent *w = &intents[intent_count];

	snprintf(w->key, sizeof w->key, "intent-%zu", intent_count++);
	w->currency = currencies[below(5)];
	w->lines = (int)between(1, LINES);
	for (int i = 0; i < w->lines; i++) {
		w->sku[i] = (int)(strikes(F_shopper_wants_scarce) ? below(3)
								  : between(3, 7));
		w->qty[i] = between(1, 3);
	}
	if (strikes(F_shopper_by_paypal))
		w->provider = "paypal";
	else if (strikes(F_shopper_by_transfer))
		w->provider = "manual";
	else if (strikes(F_shopper_off_session))
		w->method = card();
	w->capture = strikes(F_shopper_is_charged_later) ? "manual" : NULL;
	return w;
}

static void ask(struct checkout *c, struct op *op, const struct intent *w)
{
	*c = (struct checkout){ .op = op,
		.client_id = 1,
		.key = w->key,
		.currency = w->currency,
		.expected_total = CHECKOUT_ANY_TOTAL,
		.email = "ada@example.com",
		.method = checkout_means(op, w->provider, w->capture, w->method),
		.line_count = (size_t)w->lines };
	c->lines = op_alloc(op, LINES * sizeof *c->lines);
	for (int i = 0; i < w->lines; i++)
		c->lines[i] = (struct checkout_line){ op_printf(op, "S-%d", w->sku[i]),
			w->qty[i] };
}

static bool is_rule(const struct op *op, const char *rule)
{
	return op->fault.rule && !strcmp(op->fault.rule, rule);
}

static void told(struct intent *w, const struct checkout *c)
{
	if (!w->id) {
		w->id = c->id;
		w->placed_us = run.now_us;
		order_known(c->id);
		run.effects[E_orders]++;
	}
	run.effects[E_replayed_checkout] += c->replayed;
	if (w->id != c->id)
		violation("X5 %s is order %lld and %lld", w->key, (long long)w->id,
			(long long)c->id);
}

static void place(struct intent *w, bool other_body)
{
	struct op op, own;
	struct checkout c, *batch[] = { &c };

	begin(&op, "checkout");
	op_open(&own, run.config, "POST /v1/checkouts");
	ask(&c, &own, w);
	if (other_body)
		c.email = "eve@example.com";
	if (checkout_check(&c) != OK)
		abort();
	checkout_fingerprint(&c);
	checkout_place(&op, ids[self ? self->number : 3], batch, 1);
	if (c.err == OK && other_body)
		violation("key %s was taken for another body", w->key);
	else if (c.err == OK)
		told(w, &c);
	else if (is_rule(&own, "stock_never_oversold") ||
		 is_rule(&own, "stock_is_enough"))
		run.effects[E_out_of_stock]++, w->refused = !w->id;
	else if (other_body && own.fault.code == E_DATA)
		run.effects[E_key_mismatch]++;
	else if (c.err == E_REFUSED || c.err == E_DATA)
		trace("checkout refused: %s", own.fault.rule), w->refused = true;
	else
		unexpected(&own, "checkout");
	op_close(&own);
	end(&op);
}

/* "pi_X_secret_Y" is all that a browser has. */
static void confirm(struct op *op, const char *secret)
{
	const char *pi = op_strndup(
			   op, secret, (size_t)(strstr(secret, "_secret") - secret)),
		   *with = card();

	stripe_browser(op, op_printf(op, "/v1/payment_intents/%s/confirm", pi),
		op_printf(op,
			"client_secret=%s&payment_method=%s&return_url=https%%3A%%2F%%"
			"2Fx",
			secret, with));
	if (!strcmp(with, "pm_card_threeDSecure2Required"))
		stripe_authenticate(pi, below(4) > 0);
}

/* On PayPal's own page, which the shop sends him to. */
static void agree(struct op *op, const char *page)
{
	const char *order = strstr(page, "token="), *with = "good";

	if (!order)
		return;
	order = op_strndup(op, order + 6,
		strspn(order + 6, "0123456789"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ"));
	if (strikes(F_card_declines))
		with = "declined";
	else if (strikes(F_paypal_pends))
		with = "pending";
	else if (strikes(F_paypal_short))
		with = "short";
	else if (strikes(F_refund_pends))
		with = "refunds_late";
	paypal_approve(op, order, with);
}

static void pay(struct intent *w)
{
	struct checkout_view view = { 0 };
	struct op op;

	begin(&op, "GET /v1/checkouts");
	if (checkout_get(&op, 1, w->id, &view) == OK &&
		(view.client_secret || view.next_action.s)) {
		if (strikes(F_shopper_walks_away)) {
			w->gone = true;
		} else if (!w->paying && strikes(F_shopper_pays_late)) {
			w->paying = true;
			w->back_us = run.now_us + between(5, 40) * MINUTE_US;
		} else {
			if (view.client_secret)
				confirm(&op, view.client_secret);
			else
				agree(&op, view.next_action.s);
			w->gone = below(3) > 0;
		}
	} else if (run.now_us - w->placed_us > 60 * MINUTE_US) {
		w->gone = true;
	}
	end(&op);
}

/* Somebody who has not given up yet, among the last to come. */
static struct intent *somebody(void)
{
	size_t from = intent_count > 12 ? intent_count - 12 : 0;
	size_t n = intent_count - from, at = n ? (size_t)below((int64_t)n) : 0, i;

	for (i = 0; i < n; i++) {
		struct intent *w = &intents[from + (at + i) % n];

		if (!w->refused && !w->gone && w->back_us <= run.now_us)
			return w;
	}
	return NULL;
}

void shoppers_open(void)
{
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		ids[i] = checkout_ids_new();
}

void shoppers_close(void)
{
	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		checkout_ids_free(ids[i]);
	free(run.orders);
}

void shopper_live(struct actor *a)
{
	struct intent *w = somebody();

	if (run.calm) {
		a->wake_us = run.now_us + HOUR_US;
		return;
	}
	if (!w || below(6) == 0)
		w = intent_count < INTENTS ? wish() : NULL;
	if (!w)
		return;
	if (w->id && w->lines && strikes(F_shopper_changes_body))
		place(w, true);
	else if (!w->id || strikes(F_shopper_repeats))
		place(w, false);
	else
		pay(w);
	a->wake_us = run.now_us + between(1, 4000) * 1000;
}

/* Who asks again with his key is told the same, whatever happened meanwhile. */
void shoppers_check(struct op *op)
{
	(void)op;
	for (size_t i = 0; i < intent_count; i++)
		if (intents[i].id)
			place(&intents[i], false);
}
