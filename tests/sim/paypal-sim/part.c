/* Captures, authorizations and refunds: the parts in which an order's money moves. */
#include "nouns.h"

cJSON *part_view(const struct thing *part)
{
	cJSON *view = cJSON_Duplicate(part->json, true);

	cJSON_DeleteItemFromObjectCaseSensitive(view, "_");
	return view;
}

static const char *const names[] = {
	[CAPTURE] = "captures", [AUTHORIZATION] = "authorizations", [REFUND] = "refunds"
};

static struct thing *part_new(
	struct call *c, int kind, const struct part *p, const cJSON *ids)
{
	cJSON *o = cJSON_CreateObject();
	struct thing *t;
	char id[ID_MAX];

	new_ref(c->sim, id);
	js_put_text(o, "id", id);
	js_put_text(o, "status", p->status);
	js_put(o, "amount", money_json(c->op, p->amount));
	if (js_text(ids, "custom_id"))
		js_put_text(o, "custom_id", js_text(ids, "custom_id"));
	if (js_text(ids, "invoice_id"))
		js_put_text(o, "invoice_id", js_text(ids, "invoice_id"));
	put_time(c->op, c->sim, o, "create_time", 0);
	put_time(c->op, c->sim, o, "update_time", 0);
	put_link(c->op, c->sim, o,
		op_printf(c->op, "/v2/payments/%s/%s", names[kind], id), "self", "GET");
	t = thing_add(c->sim, kind, o);
	secret_put(t, "order", p->order->id);
	return t;
}

static const cJSON *unit(const struct thing *order)
{
	return cJSON_GetArrayItem(js_get(order->json, "purchase_units"), 0);
}

static void lead_up(struct call *c, struct thing *part, const struct thing *order)
{
	cJSON *ids = cJSON_CreateObject(), *data = cJSON_CreateObject();

	put_link(c->op, c->sim, part->json,
		op_printf(c->op, "/v2/checkout/orders/%s", order->id), "up", "GET");
	js_put_text(ids, "order_id", order->id);
	js_put(data, "related_ids", ids);
	js_put(part->json, "supplementary_data", data);
}

static struct thing *order_of(struct sim *s, const struct thing *part)
{
	return thing_find(s, secret_of(part, "order"), ORDER);
}

static void put_breakdown(struct sim *s, struct op *op, struct thing *capture)
{
	cJSON *b = cJSON_CreateObject();
	struct money gross = { 0 }, fee, net;

	read_money(op, js_get(capture->json, "amount"), &gross);
	fee = net = gross;
	fee.minor = gross.minor * 299 / 10000 + 39;
	if (!money_exponent(gross.currency))
		fee.minor = gross.minor * 299 / 10000;
	net.minor -= fee.minor;
	js_put(b, "gross_amount", money_json(op, gross));
	js_put(b, "paypal_fee", money_json(op, fee));
	js_put(b, "net_amount", money_json(op, net));
	js_put(capture->json, "seller_receivable_breakdown", b);
	txn_add(s, op,
		&(struct movement){ .code = "T0006",
			.id = capture->id,
			.invoice = js_text(capture->json, "invoice_id"),
			.amount = gross,
			.fee = fee.minor });
}

/* What a refund costs the seller; of an order paid by "fee_back" the fee comes back
 * too.
 */
static void put_payable(struct sim *s, struct op *op, struct thing *refund)
{
	const struct thing *order = thing_find(s, secret_of(refund, "order"), ORDER);
	const char *funding = secret_of(order, "funding");
	struct money gross = { 0 }, fee, net;
	cJSON *b = cJSON_CreateObject();

	read_money(op, js_get(refund->json, "amount"), &gross);
	fee = net = gross;
	fee.minor =
		funding && !strcmp(funding, "fee_back") ? gross.minor * 299 / 10000 : 0;
	net.minor -= fee.minor;
	js_put(b, "gross_amount", money_json(op, gross));
	js_put(b, "paypal_fee", money_json(op, fee));
	js_put(b, "net_amount", money_json(op, net));
	js_put(refund->json, "seller_payable_breakdown", b);
	gross.minor = -gross.minor;
	txn_add(s, op,
		&(struct movement){ .code = "T1107",
			.id = refund->id,
			.of = secret_of(refund, "capture"),
			.amount = gross,
			.fee = -fee.minor });
}

static void tell(struct sim *s, struct op *op, const struct thing *part)
{
	static const char *const kinds[] = { [CAPTURE] = "capture",
		[AUTHORIZATION] = "authorization",
		[REFUND] = "refund" };
	const char *status = js_text(part->json, "status"), *type;

	if (part->kind == REFUND && !strcmp(status, "COMPLETED"))
		type = "PAYMENT.CAPTURE.REFUNDED";
	else if (!strcmp(status, "DECLINED"))
		type = "PAYMENT.CAPTURE.DENIED";
	else
		type = op_printf(op, "PAYMENT.%s.%s",
			part->kind == CAPTURE         ? "CAPTURE"
			: part->kind == AUTHORIZATION ? "AUTHORIZATION"
						      : "REFUND",
			status);
	event_emit(s, op, type, kinds[part->kind], part_view(part));
}

struct thing *capture_new(struct call *c, const struct part *p)
{
	struct thing *t = part_new(c, CAPTURE, p, unit(p->order));

	js_put_bool(t->json, "final_capture", p->final);
	if (!strcmp(p->status, "COMPLETED")) {
		put_breakdown(c->sim, c->op, t);
	} else {
		js_put(t->json, "status_details",
			js("{\"reason\":\"PENDING_REVIEW\"}"));
	}
	lead_up(c, t, p->order);
	tell(c->sim, c->op, t);
	return t;
}

struct thing *authorization_new(struct call *c, const struct part *p)
{
	struct thing *t = part_new(c, AUTHORIZATION, p, unit(p->order));

	put_time(c->op, c->sim, t->json, "expiration_time", 29 * 86400);
	lead_up(c, t, p->order);
	tell(c->sim, c->op, t);
	return t;
}

/* PayPal's own guard against paying one invoice twice. */
bool invoice_is_paid(const struct sim *s, const struct thing *order)
{
	const char *invoice = js_text(unit(order), "invoice_id");
	const struct list *l = &s->things[CAPTURE];

	for (size_t i = 0; invoice && i < l->n; i++)
		if (js_is(l->v[i]->json, "invoice_id", invoice) &&
			js_is(l->v[i]->json, "status", "COMPLETED"))
			return true;
	return false;
}

static struct thing *part_of(struct call *c, int kind)
{
	struct thing *t = thing_find(c->sim, c->id, kind);

	if (!t)
		absent(c);
	return t;
}

static int answer_part(struct call *c, const struct thing *t, int status)
{
	c->executed = true;
	answer_new(c, part_view(t));
	return c->status = status;
}

static int get(struct call *c, int kind)
{
	const struct thing *t = part_of(c, kind);

	return t ? answer_part(c, t, 200) : c->status;
}

int authorization_get(struct call *c)
{
	return get(c, AUTHORIZATION);
}

int capture_get(struct call *c)
{
	return get(c, CAPTURE);
}

int refund_get(struct call *c)
{
	return get(c, REFUND);
}

/* What was moved of an order by parts of a kind, pending ones too. */
static int64_t moved(struct call *c, const char *whose, const char *id, int kind)
{
	const struct list *l = &c->sim->things[kind];
	struct money m;
	int64_t sum = 0;

	for (size_t i = 0; i < l->n; i++) {
		const char *of = secret_of(l->v[i], whose);

		if (of && !strcmp(of, id) &&
			(js_is(l->v[i]->json, "status", "COMPLETED") ||
				js_is(l->v[i]->json, "status", "PENDING") ||
				strstr(js_text(l->v[i]->json, "status"), "REFUNDED")) &&
			read_money(c->op, js_get(l->v[i]->json, "amount"), &m))
			sum += m.minor;
	}
	return sum;
}

static bool is_live(const struct thing *authorization)
{
	return js_is(authorization->json, "status", "CREATED") ||
	       js_is(authorization->json, "status", "PARTIALLY_CAPTURED");
}

/* How long ago it was made, in simulated seconds. */
static int64_t age_s(const struct sim *s, const struct thing *t)
{
	return (sim_now_us(s) - t->created_us) / SECOND;
}

/* Why an authorization cannot be captured by its age, or NULL. */
static const char *too_old(const struct sim *s, const struct thing *t)
{
	const char *funding = secret_of(
		thing_find((struct sim *)s, secret_of(t, "order"), ORDER), "funding");

	if (age_s(s, t) > 29 * 86400)
		return "AUTHORIZATION_EXPIRED";
	if (age_s(s, t) > 3 * 86400 && funding && !strcmp(funding, "unsure"))
		return "PAYER_CANNOT_PAY";
	return NULL;
}

/* Once, after three days: a new one takes the place of the old. */
int authorization_renew(struct call *c)
{
	struct thing *t = part_of(c, AUTHORIZATION), *renewed;
	struct part p = { .status = "CREATED" };

	if (!t)
		return c->status;
	if (!is_live(t))
		return UNPROCESSABLE(c, "AUTHORIZATION_VOIDED");
	if (age_s(c->sim, t) < 3 * 86400)
		return UNPROCESSABLE(c, "REAUTHORIZATION_TOO_SOON");
	if (secret_of(t, "renewed"))
		return UNPROCESSABLE(c, "REAUTHORIZATION_NOT_SUPPORTED");
	p.order = order_of(c->sim, t);
	read_money(c->op, js_get(t->json, "amount"), &p.amount);
	renewed = authorization_new(c, &p);
	secret_put(renewed, "renewed", t->id);
	js_put_text(
		renewed->json, "expiration_time", js_text(t->json, "expiration_time"));
	js_put_text(t->json, "status", "VOIDED");
	return answer_part(c, renewed, 201);
}

int authorization_capture(struct call *c)
{
	struct thing *t = part_of(c, AUTHORIZATION);
	struct money whole = { 0 };
	struct part p = { 0 };
	int64_t left;

	if (!t)
		return c->status;
	if (!is_live(t))
		return UNPROCESSABLE(c, js_is(t->json, "status", "VOIDED")
						? "AUTHORIZATION_VOIDED"
						: "AUTHORIZATION_ALREADY_CAPTURED");
	if (too_old(c->sim, t))
		return UNPROCESSABLE(c, too_old(c->sim, t));
	p = (struct part){ order_of(c->sim, t), .status = "COMPLETED" };
	read_money(c->op, js_get(t->json, "amount"), &whole);
	left = whole.minor - moved(c, "order", p.order->id, CAPTURE);
	p.amount = (struct money){ .minor = left };
	memcpy(p.amount.currency, whole.currency, sizeof whole.currency);
	if (js_get(c->form, "amount") &&
		!read_money(c->op, js_get(c->form, "amount"), &p.amount))
		return UNPROCESSABLE(c, "DECIMAL_PRECISION");
	if (p.amount.minor > left)
		return UNPROCESSABLE(c, "MAX_CAPTURE_AMOUNT_EXCEEDED");
	p.final = js_true(c->form, "final_capture");
	js_put_text(t->json, "status",
		p.final || p.amount.minor == left ? "CAPTURED" : "PARTIALLY_CAPTURED");
	return answer_part(c, capture_new(c, &p), 201);
}

int authorization_void(struct call *c)
{
	struct thing *t = part_of(c, AUTHORIZATION);

	if (!t)
		return c->status;
	if (!is_live(t))
		return UNPROCESSABLE(c, js_is(t->json, "status", "VOIDED")
						? "PREVIOUSLY_VOIDED"
						: "PREVIOUSLY_CAPTURED");
	js_put_text(t->json, "status", "VOIDED");
	tell(c->sim, c->op, t);
	return answer_part(c, t, 200);
}

static void adjust(struct call *c, struct thing *capture)
{
	struct money whole = { 0 };

	read_money(c->op, js_get(capture->json, "amount"), &whole);
	js_put_text(capture->json, "status",
		moved(c, "capture", capture->id, REFUND) >= whole.minor
			? "REFUNDED"
			: "PARTIALLY_REFUNDED");
}

int capture_refund(struct call *c)
{
	struct thing *t = part_of(c, CAPTURE), *refund;
	struct part p = { .status = "COMPLETED" };
	const char *funding;
	int64_t left;

	if (!t)
		return c->status;
	if (js_is(t->json, "status", "PENDING") || js_is(t->json, "status", "DECLINED"))
		return UNPROCESSABLE(c, "REFUND_NOT_PERMITTED_DUE_TO_CAPTURE_STATUS");
	p.order = order_of(c->sim, t);
	read_money(c->op, js_get(t->json, "amount"), &p.amount);
	left = p.amount.minor - moved(c, "capture", t->id, REFUND);
	p.amount.minor = left;
	if (js_get(c->form, "amount") &&
		!read_money(c->op, js_get(c->form, "amount"), &p.amount))
		return UNPROCESSABLE(c, "DECIMAL_PRECISION");
	if (!left)
		return UNPROCESSABLE(c, "CAPTURE_FULLY_REFUNDED");
	if (p.amount.minor > left || p.amount.minor <= 0)
		return UNPROCESSABLE(c, "REFUND_AMOUNT_EXCEEDED");
	funding = secret_of(p.order, "funding");
	if (funding && !strcmp(funding, "refunds_late"))
		p.status = "PENDING";
	refund = part_new(c, REFUND, &p, c->form);
	secret_put(refund, "capture", t->id);
	if (!strcmp(p.status, "COMPLETED"))
		put_payable(c->sim, c->op, refund);
	put_link(c->op, c->sim, refund->json,
		op_printf(c->op, "/v2/payments/captures/%s", t->id), "up", "GET");
	adjust(c, t);
	tell(c->sim, c->op, refund);
	return answer_part(c, refund, 201);
}

const char *part_conclude(struct sim *s, struct op *op, const char *id, bool good)
{
	struct thing *t = thing_any(s, id);

	struct money back = { 0 };

	if (!t || (t->kind != CAPTURE && t->kind != REFUND))
		return "no such capture or refund";
	if (!js_is(t->json, "status", "PENDING") &&
		!(t->kind == REFUND && js_is(t->json, "status", "COMPLETED")))
		return "it is not pending";
	if (!good && t->kind == REFUND && js_is(t->json, "status", "COMPLETED")) {
		read_money(op, js_get(t->json, "amount"), &back);
		txn_add(s, op,
			&(struct movement){
				.code = "T1107", .of = t->id, .amount = back });
	}
	cJSON_DeleteItemFromObjectCaseSensitive(t->json, "status_details");
	js_put_text(t->json, "status",
		good                 ? "COMPLETED"
		: t->kind == CAPTURE ? "DECLINED"
				     : "FAILED");
	put_time(op, s, t->json, "update_time", 0);
	if (good && t->kind == CAPTURE)
		put_breakdown(s, op, t);
	else if (good)
		put_payable(s, op, t);
	tell(s, op, t);
	return NULL;
}
