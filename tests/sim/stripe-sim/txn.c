/* Balance transactions: what each movement was worth, its fee, and the balance. */
#include "nouns.h"

#include "base/clock.h"

enum { HOLD_DAYS = 2, DAY = 86400 };

static const char template[] =
	"{\"id\":null,\"object\":\"balance_transaction\",\"amount\":0,"
	"\"available_on\":0,\"created\":0,\"currency\":null,\"description\":null,"
	"\"exchange_rate\":null,\"fee\":0,\"fee_details\":[],\"net\":0,"
	"\"reporting_category\":null,\"source\":null,\"status\":\"pending\","
	"\"type\":null}";

/* 2.9 % + 30, rounded half up. */
int64_t txn_fee(int64_t amount)
{
	return (amount * 29 + 500) / 1000 + 30;
}

static cJSON *fee_details(int64_t fee, const char *currency)
{
	cJSON *list = cJSON_CreateArray(), *one;

	if (fee) {
		one = js("{\"application\":null,\"description\":\"Stripe processing "
			 "fees\",\"type\":\"stripe_fee\"}");
		js_put_int(one, "amount", fee);
		js_put_text(one, "currency", currency);
		cJSON_AddItemToArray(list, one);
	}
	return list;
}

/* https://docs.stripe.com/reports/reporting-categories */
static const char *category(const char *type, int64_t amount)
{
	if (!strcmp(type, "adjustment"))
		return amount < 0 ? "dispute" : "dispute_reversal";
	if (!strncmp(type, "payout_", 7))
		return "payout_reversal";
	return type;
}

struct thing *txn_new(struct sim *s, const char *type, const struct thing *source,
	int64_t amount, int64_t fee)
{
	cJSON *json = js(template);
	const char *currency = js_text(source->json, "currency");
	char id[ID_MAX];

	new_id(s, "txn_3", id);
	js_put_text(json, "id", id);
	js_put_int(json, "amount", amount);
	js_put_int(json, "fee", fee);
	js_put_int(json, "net", amount - fee);
	js_put_int(json, "created", sim_now(s));
	js_put_int(json, "available_on", sim_now(s) + HOLD_DAYS * DAY);
	js_put_text(json, "currency", currency);
	js_put(json, "fee_details", fee_details(fee, currency));
	js_put_text(json, "reporting_category", category(type, amount));
	js_put_text(json, "source", source->id);
	js_put_text(json, "type", type);
	return thing_add(s, TXN, json);
}

void txn_settle(struct sim *s)
{
	const struct list *l = &s->things[TXN];

	for (size_t i = 0; i < l->n; i++)
		if (js_is(l->v[i]->json, "status", "pending") &&
			js_int(l->v[i]->json, "available_on") <= sim_now(s))
			js_put_text(l->v[i]->json, "status", "available");
}

int txn_get(struct call *c)
{
	struct thing *t = thing_find(c->sim, c->id, TXN);

	txn_settle(c->sim);
	return t ? answer(c, t->json)
		 : absent(c, 404, "balance transaction", c->id, "id");
}

int txn_list(struct call *c)
{
	txn_settle(c->sim);
	return answer_list(c, TXN, "source type currency payout");
}

static cJSON *amount_of(cJSON *list, const char *currency)
{
	cJSON *one;

	cJSON_ArrayForEach(one, list) if (js_is(one, "currency", currency)) return one;
	one = js("{\"amount\":0,\"source_types\":{\"card\":0}}");
	js_put_text(one, "currency", currency);
	cJSON_AddItemToArray(list, one);
	return one;
}

int balance_get(struct call *c)
{
	const struct list *l = &c->sim->things[TXN];
	cJSON *out = js("{\"object\":\"balance\",\"available\":[],\"livemode\":false,"
			"\"pending\":[]}");

	txn_settle(c->sim);
	for (size_t i = 0; i < l->n; i++) {
		const cJSON *t = l->v[i]->json;
		cJSON *a = amount_of(
			js_get(out, js_text(t, "status")), js_text(t, "currency"));
		int64_t sum = js_int(a, "amount") + js_int(t, "net");

		js_put_int(a, "amount", sum);
		js_put_int(js_get(a, "source_types"), "card", sum);
	}
	return answer_new(c, out);
}
