/* PayPal in our own process: its page, its banks, its books. */
#include "inside.h"
#include "paypal-sim/nouns.h"

#include "base/config.h"

static void settings(struct settings *set)
{
	set->client = "world";
	set->key = "world";
	set->certificate = run.config->paypal.cert_ca_file; /* it vouches for itself */
	set->sign_key = run.paypal_key;
	set->first_url = "http://shop.invalid/v1/webhooks/paypal";
	set->first_secret = run.config->paypal.webhook_id;
}

const struct manner manner = { "*/v2/*", "POST /v2/*", settings };

void paypal_approve(struct op *op, const char *id, const char *funding)
{
	struct thing *order;
	const char *wrong = "no such order";

	pthread_mutex_lock(&sim.lock);
	order = thing_find(&sim, id, ORDER);
	if (order)
		wrong = order_approve(&sim, op, order, funding);
	pthread_mutex_unlock(&sim.lock);
	trace("buyer of %s, %s: %s", id, funding, wrong ? wrong : "agrees");
}

/* What is pending ends well or badly. */
static void conclude(struct op *op, int kind)
{
	struct thing *part = house_any(kind);
	bool good = below(3) > 0;

	if (!part || !js_is(part->json, "status", "PENDING") ||
		!(run.calm || strikes(F_paypal_concludes)))
		return;
	trace("%s ends %s", part->id, good ? "well" : "badly");
	part_conclude(&sim, op, part->id, good);
}

void paypal_bank(struct op *op)
{
	pthread_mutex_lock(&sim.lock);
	for (int i = run.calm ? 20 : 4; i; i--) {
		conclude(op, CAPTURE);
		conclude(op, REFUND);
	}
	pthread_mutex_unlock(&sim.lock);
}

static int64_t minor(struct op *op, const cJSON *amount, const char **currency)
{
	struct money m = { 0 };

	if (amount && !read_money(op, amount, &m))
		violation("PayPal has no amount");
	if (currency)
		*currency = op_strdup(op, m.currency);
	return m.minor;
}

/* In the words of the other provider, which the questions are asked in. */
static cJSON *book(
	struct op *op, cJSON *list, const struct thing *t, const char *status)
{
	cJSON *o = cJSON_CreateObject();
	const char *currency;

	js_put_text(o, "provider", "paypal");
	js_put_text(o, "id", t->id);
	js_put_text(o, "status", status);
	js_put_int(o, "amount", minor(op, js_get(t->json, "amount"), &currency));
	js_put_text(o, "currency", currency);
	js_put_int(o, "fee", 0);
	js_put_int(o, "received", 0);
	cJSON_AddItemToArray(list, o);
	return o;
}

static bool was_taken(const struct thing *capture)
{
	return js_is(capture->json, "status", "COMPLETED") ||
	       strstr(js_text(capture->json, "status"), "REFUNDED");
}

static void book_captures(struct op *op, cJSON *txns, cJSON *payment, const char *order)
{
	const struct list *l = &sim.things[CAPTURE];
	int64_t received = 0;

	for (size_t i = 0; i < l->n; i++) {
		const cJSON *b = js_get(l->v[i]->json, "seller_receivable_breakdown");
		cJSON *o;

		if (strcmp(secret_of(l->v[i], "order"), order) || !was_taken(l->v[i]))
			continue;
		o = book(op, txns, l->v[i], "available");
		js_put_text(o, "type", "charge");
		js_put_int(o, "fee", minor(op, js_get(b, "paypal_fee"), NULL));
		received += js_int(o, "amount");
	}
	js_put_int(payment, "received", received);
}

static void book_orders(struct op *op, cJSON *to)
{
	const struct list *l = &sim.things[ORDER];

	for (size_t i = 0; i < l->n; i++) {
		const cJSON *unit =
			cJSON_GetArrayItem(js_get(l->v[i]->json, "purchase_units"), 0);
		cJSON *o = book(op, js_get(to, "payments"), l->v[i],
			js_text(l->v[i]->json, "status"));

		js_put_text(o, "op_key", js_text(unit, "reference_id"));
		book_captures(op, js_get(to, "txns"), o, l->v[i]->id);
	}
}

static void book_refunds(struct op *op, cJSON *to)
{
	const struct list *l = &sim.things[REFUND];

	for (size_t i = 0; i < l->n; i++) {
		const char *status = js_text(l->v[i]->json, "status"),
			   *ids = js_text(l->v[i]->json, "custom_id");
		bool done = !strcmp(status, "COMPLETED");
		cJSON *o = book(op, js_get(to, "refunds"), l->v[i],
			done                        ? "succeeded"
			: !strcmp(status, "FAILED") ? "failed"
						    : "pending");

		js_put_text(o, "op_key", ids ? strchr(ids, ',') + 1 : NULL);
		js_put_text(o, "payment", secret_of(l->v[i], "order"));
		if (!done)
			continue;
		o = book(op, js_get(to, "txns"), l->v[i], "available");
		js_put_text(o, "type", "refund");
		js_put_int(o, "amount", -js_int(o, "amount"));
	}
}

static void books(struct cJSON *to)
{
	struct op op;

	op_open(&op, NULL, "world");
	book_orders(&op, to);
	book_refunds(&op, to);
	op_close(&op);
}

const struct house paypal_house = { "paypal", house_open, house_close, house_pass,
	house_calm, house_deliver, house_resend, house_quiet, house_call, books,
	house_effects };
