/* Orders: made, approved by the buyer, then captured or authorized - by the shop. */
#include "nouns.h"

static cJSON *unit_of(const struct thing *order)
{
	return cJSON_GetArrayItem(js_get(order->json, "purchase_units"), 0);
}

/* What belongs to the order, as PayPal hangs it below the purchase unit. */
static void hang(const struct sim *s, const struct thing *order, int kind,
	const char *name, cJSON *payments)
{
	const struct list *l = &s->things[kind];

	for (size_t i = 0; i < l->n; i++) {
		const char *of = secret_of(l->v[i], "order");
		cJSON *view;

		if (!of || strcmp(of, order->id))
			continue;
		view = part_view(l->v[i]);
		cJSON_DeleteItemFromObjectCaseSensitive(view, "supplementary_data");
		if (!js_get(payments, name))
			js_put(payments, name, cJSON_CreateArray());
		cJSON_AddItemToArray(js_get(payments, name), view);
	}
}

cJSON *order_view(const struct sim *s, const struct thing *order)
{
	cJSON *view = cJSON_Duplicate(order->json, true);
	cJSON *unit = cJSON_GetArrayItem(js_get(view, "purchase_units"), 0);
	cJSON *payments = cJSON_CreateObject();

	cJSON_DeleteItemFromObjectCaseSensitive(view, "_");
	hang(s, order, AUTHORIZATION, "authorizations", payments);
	hang(s, order, CAPTURE, "captures", payments);
	hang(s, order, REFUND, "refunds", payments);
	if (cJSON_GetArraySize(payments))
		js_put(unit, "payments", payments);
	else
		cJSON_Delete(payments);
	return view;
}

static int answer_order(struct call *c, const struct thing *order, int status)
{
	c->executed = true;
	answer_new(c, order_view(c->sim, order));
	return c->status = status;
}

static int wrong_order(struct call *c)
{
	const cJSON *units = js_get(c->form, "purchase_units");
	const cJSON *unit = cJSON_GetArrayItem(units, 0);
	struct money m;

	if (!js_is(c->form, "intent", "CAPTURE") &&
		!js_is(c->form, "intent", "AUTHORIZE"))
		return REFUSE(c, 400, .issue = "INVALID_PARAMETER_VALUE");
	if (cJSON_GetArraySize(units) != 1)
		return REFUSE(c, 400, .issue = "MISSING_REQUIRED_PARAMETER");
	if (!read_money(c->op, js_get(unit, "amount"), &m))
		return UNPROCESSABLE(c, "DECIMAL_PRECISION");
	if (m.minor <= 0)
		return UNPROCESSABLE(c, "CANNOT_BE_ZERO_OR_NEGATIVE");
	return 0;
}

int order_create(struct call *c)
{
	cJSON *o;
	struct thing *order;
	char id[ID_MAX];

	if (wrong_order(c))
		return c->status;
	new_ref(c->sim, id);
	o = js("{\"payment_source\":{\"paypal\":{}}}");
	js_put_text(o, "id", id);
	js_put_text(o, "intent", js_text(c->form, "intent"));
	js_put_text(o, "status", "PAYER_ACTION_REQUIRED");
	js_put(o, "purchase_units",
		cJSON_Duplicate(js_get(c->form, "purchase_units"), true));
	put_time(c->op, c->sim, o, "create_time", 0);
	put_link(c->op, c->sim, o, op_printf(c->op, "/v2/checkout/orders/%s", id),
		"self", "GET");
	put_link(c->op, c->sim, o, op_printf(c->op, "/checkoutnow?token=%s", id),
		"payer-action", "GET");
	order = thing_add(c->sim, ORDER, o);
	return answer_order(c, order, 200);
}

static struct thing *order_of(struct call *c)
{
	struct thing *t = thing_find(c->sim, c->id, ORDER);

	if (!t)
		absent(c);
	return t;
}

int order_get(struct call *c)
{
	struct thing *order = order_of(c);

	return order ? answer_order(c, order, 200) : c->status;
}

/* NULL: the order may be acted on by this intent. */
static const char *unready(const struct thing *order, const char *intent)
{
	bool captures = strcmp(intent, "CAPTURE") == 0;

	if (!js_is(order->json, "intent", intent))
		return "ACTION_DOES_NOT_MATCH_INTENT";
	if (js_is(order->json, "status", "COMPLETED"))
		return captures ? "ORDER_ALREADY_CAPTURED" : "ORDER_ALREADY_AUTHORIZED";
	if (!js_is(order->json, "status", "APPROVED"))
		return "ORDER_NOT_APPROVED";
	return NULL;
}

static struct thing *act(struct call *c, const char *intent, struct part *p)
{
	struct thing *order = order_of(c);
	const char *wrong = order ? unready(order, intent) : NULL;
	const char *funding = order ? secret_of(order, "funding") : NULL;

	if (order && !wrong && invoice_is_paid(c->sim, order))
		wrong = "DUPLICATE_INVOICE_ID";
	if (order && !wrong && funding && !strcmp(funding, "declined")) {
		wrong = "INSTRUMENT_DECLINED";
		js_put_text(order->json, "status", "PAYER_ACTION_REQUIRED");
	}
	if (wrong)
		UNPROCESSABLE(c, wrong);
	if (!order || wrong)
		return NULL;
	*p = (struct part){ order, .final = true, .status = "COMPLETED" };
	read_money(c->op, js_get(unit_of(order), "amount"), &p->amount);
	if (funding && !strcmp(funding, "pending"))
		p->status = "PENDING";
	if (funding && !strcmp(funding, "short"))
		p->amount.minor--; /* what no provider should do */
	js_put_text(order->json, "status", "COMPLETED");
	put_time(c->op, c->sim, order->json, "update_time", 0);
	return order;
}

int order_capture(struct call *c)
{
	struct part p;
	struct thing *order = act(c, "CAPTURE", &p);

	if (!order)
		return c->status;
	capture_new(c, &p);
	return answer_order(c, order, 201);
}

int order_authorize(struct call *c)
{
	struct part p;
	struct thing *order = act(c, "AUTHORIZE", &p);

	if (!order)
		return c->status;
	p.status = "CREATED";
	authorization_new(c, &p);
	return answer_order(c, order, 201);
}

/* The buyer agrees; funding says what comes of it: good, declined, pending, short. */
const char *order_approve(
	struct sim *s, struct op *op, struct thing *order, const char *funding)
{
	if (!js_is(order->json, "status", "PAYER_ACTION_REQUIRED"))
		return "the order does not wait for its buyer";
	js_put_text(order->json, "status", "APPROVED");
	secret_put(order, "funding", funding);
	event_emit(s, op, "CHECKOUT.ORDER.APPROVED", "checkout-order",
		order_view(s, order));
	return NULL;
}
