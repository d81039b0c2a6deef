/* Stripe in our own process: its browser, its banks, its books. */
#include "inside.h"
#include "stripe-sim/nouns.h"

static void settings(struct settings *set)
{
	set->key = "sk_test_world";
	set->first_url = "http://shop.invalid/v1/webhooks/stripe";
	set->first_secret = "whsec_world";
}

const struct manner manner = { "*/v1/*", "POST /v1/*", settings };

int stripe_browser(struct op *op, const char *path, const char *form)
{
	struct http_answer out = { 0 };
	struct call c = { .op = op,
		.sim = &sim,
		.method = "POST",
		.authorization = "Bearer pk_test_world",
		.version = "2024-06-20",
		.raw = form,
		.raw_n = strlen(form) };

	house_ask(op, &c, path, &out);
	return c.status;
}

void stripe_authenticate(const char *pi, bool success)
{
	pthread_mutex_lock(&sim.lock);
	intent_authenticate(&sim, pi, success);
	pthread_mutex_unlock(&sim.lock);
}

/* A refund that had succeeded comes back, weeks later maybe. */
static void fail_refund(void)
{
	struct thing *refund = house_any(REFUND);

	if (refund && js_is(refund->json, "status", "succeeded") &&
		strikes(F_refund_fails_late)) {
		trace("refund %s comes back", refund->id);
		refund_fail(&sim, refund->id);
	}
}

static void open_dispute(bool inquiry)
{
	struct thing *charge = house_any(CHARGE);

	if (!charge || !js_is(charge->json, "status", "succeeded") ||
		!strikes(inquiry ? F_bank_inquires : F_bank_disputes))
		return;
	trace("charge %s is %s", charge->id, inquiry ? "asked about" : "disputed");
	dispute_open(&sim, charge->id, inquiry, 0);
}

/* Most words lead nowhere from where it is; then nothing happens. */
static void rule(void)
{
	static const char *const words[] = { "won", "lost", "under_review",
		"warning_closed", "needs_response" };
	struct thing *dispute = house_any(DISPUTE);
	const char *word = words[below(5)];

	if (dispute && (run.calm || strikes(F_bank_rules)) &&
		!dispute_move(&sim, dispute->id, word))
		trace("dispute %s: %s", dispute->id, word);
}

/* Without a reconciler nobody would hear of a payout. */
static void pay_out(void)
{
	static const char *const currencies[] = { "eur", "jpy", "kwd" };
	const char *currency = currencies[below(3)];

	if (run.without != W_reconciler && strikes(F_bank_pays_out) &&
		payout_make(&sim, currency, below(2), below(2)))
		trace("payout in %s", currency);
}

static void move_payout(void)
{
	static const char *const words[] = { "in_transit", "paid", "failed", "failed",
		"canceled" };
	struct thing *payout = house_any(PAYOUT);
	const char *word = run.calm ? "paid" : words[below(5)];

	if (payout && (run.calm || strikes(F_bank_moves_payout)) &&
		!payout_move(&sim, payout->id, word))
		trace("payout %s: %s", payout->id, word);
}

void stripe_bank(struct op *op)
{
	(void)op;
	pthread_mutex_lock(&sim.lock);
	fail_refund();
	open_dispute(false);
	open_dispute(true);
	for (int i = run.calm ? 20 : 1; i; i--) {
		rule();
		move_payout();
	}
	pay_out();
	pthread_mutex_unlock(&sim.lock);
}

static void book(cJSON *list, const struct thing *t)
{
	cJSON *o = cJSON_CreateObject();
	const cJSON *meta = js_get(t->json, "metadata");

	js_put_text(o, "provider", "stripe");
	js_put_text(o, "id", t->id);
	js_put_text(o, "status", js_text(t->json, "status"));
	js_put_text(o, "type", js_text(t->json, "type"));
	js_put_text(o, "currency", js_text(t->json, "currency"));
	js_put_text(o, "payment", js_text(t->json, "payment_intent"));
	js_put_text(o, "op_key", meta ? js_text(meta, "op_key") : NULL);
	js_put_int(o, "amount", js_int(t->json, "amount"));
	js_put_int(o, "fee", js_int(t->json, "fee"));
	js_put_int(o, "received", js_int(t->json, "amount_received"));
	cJSON_AddItemToArray(list, o);
}

static void books(struct cJSON *to)
{
	static const struct {
		int kind;
		const char *name;
	} all[] = { { PI, "payments" }, { REFUND, "refunds" }, { TXN, "txns" } };

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (size_t k = 0; k < sim.things[all[i].kind].n; k++)
			book(js_get(to, all[i].name), sim.things[all[i].kind].v[k]);
}

const struct house stripe_house = { "stripe", house_open, house_close, house_pass,
	house_calm, house_deliver, house_resend, house_quiet, house_call, books,
	house_effects };
