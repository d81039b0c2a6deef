/* Stripe's lists, a page at a time: what moved the balance, and payouts; and the
 * balance itself, which is a list of currencies.
 */
#include "adapters/stripe.h"

#include "base/json.h"

#include <string.h>

/* With its source a transaction is some kilobytes; a page must be read in one go. */
#define PAGE "limit=50"
#define TXNS "/v1/balance_transactions?" PAGE "&expand%5B0%5D=data.source"

static struct stamp seconds(const struct json *object, const char *pointer)
{
	return (struct stamp){ stripe_whole(object, pointer) * 1000000 };
}

/* A source that was expanded knows its payment: a charge and a refund by themselves. */
static void read_source(struct op *op, const struct json *txn, struct provider_txn *out)
{
	const struct json *source = json_get(txn, "source");
	const char *payment = "/source/payment_intent";

	if (!json_is_object(source)) {
		out->source_ref = stripe_ref(txn, "/source");
		return;
	}
	out->source_ref = stripe_ref(source, "/id");
	if (json_is_object(json_find(txn, payment)))
		payment = op_printf(op, "%s/id", payment);
	out->payment_ref = stripe_ref(txn, payment);
	out->order_hint = stripe_our_id(source, "/metadata/order_id");
}

/* A transaction as facts JSON; NULL when it cannot be read. */
static const char *read_txn(struct op *op, const struct json *object)
{
	struct provider_txn t = { .currency = stripe_currency(op, object),
		.ref = stripe_ref(object, "/id"),
		.type = stripe_text(object, "/type"),
		.reporting_category = stripe_text(object, "/reporting_category"),
		.created = seconds(object, "/created"),
		.available_on = seconds(object, "/available_on") };
	int64_t factor;

	if (!t.ref || !t.currency || !t.type || t.created.us <= 0)
		return NULL;
	if (!t.reporting_category)
		t.reporting_category = t.type;
	factor = stripe_minor_factor(t.currency);
	t.amount = stripe_whole(object, "/amount") / factor;
	t.fee = stripe_whole(object, "/fee") / factor;
	t.net = stripe_whole(object, "/net") / factor;
	read_source(op, object, &t);
	return provider_facts(op, &provider_txn_shape, &t);
}

static const char *const payout_states[] = { "pending", "in_transit", "paid", "failed",
	"canceled", NULL };

static const char *read_payout(struct op *op, const struct json *object)
{
	const char *status = stripe_text(object, "/status");
	const char *listed = stripe_text(object, "/reconciliation_status");
	struct provider_payout p = { .currency = stripe_currency(op, object),
		.ref = stripe_ref(object, "/id"),
		.status = "unknown",
		.error = stripe_text(object, "/failure_code"),
		.automatic = json_is_true(json_get(object, "automatic")),
		.created = seconds(object, "/created"),
		.arrival = seconds(object, "/arrival_date") };

	if (!p.ref || !p.currency || !status || p.created.us <= 0)
		return NULL;
	for (size_t i = 0; payout_states[i]; i++)
		if (strcmp(status, payout_states[i]) == 0)
			p.status = payout_states[i];
	p.itemised = p.automatic && (!listed || strcmp(listed, "completed") == 0);
	p.amount = stripe_whole(object, "/amount") / stripe_minor_factor(p.currency);
	return provider_facts(op, &provider_payout_shape, &p);
}

/* %s of the path is a reference; a list without one begins at a time. */
static const struct list {
	const char *action, *path, *path_of_one;
	const char *(*read)(struct op *op, const struct json *object);
} lists[] = {
	{ "balance.get", "/v1/balance", NULL, NULL },
	{ "payout.list", "/v1/payouts?" PAGE, NULL, read_payout },
	{ "txn.list", TXNS, TXNS "&payout=", read_txn },
};

static const struct list *list_find(const char *action)
{
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (strcmp(lists[i].action, action) == 0)
			return &lists[i];
	return NULL;
}

const char *stripe_list_path(struct op *op, const struct provider_call *call)
{
	const struct list *l = list_find(call->action);
	const char *path = l->path;

	if ((call->ref && (!l->path_of_one || !stripe_is_ref(call->ref))) ||
		(call->cursor && !stripe_is_ref(call->cursor)))
		return NULL;
	if (call->ref)
		path = op_printf(op, "%s%s", l->path_of_one, call->ref);
	if (call->since.us > 0)
		path = op_printf(op, "%s&created%%5Bgte%%5D=%lld", path,
			(long long)(call->since.us / 1000000));
	if (call->cursor)
		path = op_printf(op, "%s&starting_after=%s", path, call->cursor);
	return path;
}

/* The sums of one kind, each with its currency; false when one cannot be read. */
static bool read_sums(
	struct op *op, const struct json *body, const char *kind, struct text *all)
{
	const struct json *list = json_get(body, kind), *one;

	if (!json_is_array(list))
		return false;
	for (one = json_first(list); one; one = json_next(one)) {
		struct provider_balance b = { .currency = stripe_currency(op, one) };
		int64_t sum = stripe_whole(one, "/amount");

		if (!b.currency)
			return false;
		sum /= stripe_minor_factor(b.currency);
		*(strcmp(kind, "available") == 0 ? &b.available : &b.pending) = sum;
		text_add(op, all, all->n > 1 ? "," : "");
		text_add(op, all, provider_facts(op, &provider_balance_shape, &b));
	}
	return true;
}

static void read_balance(
	struct op *op, const struct json *body, struct provider_answer *out)
{
	struct text all = { 0 };

	out->verdict = "unknown";
	text_add(op, &all, "[");
	if (!read_sums(op, body, "available", &all) ||
		!read_sums(op, body, "pending", &all))
		return;
	text_add(op, &all, "]");
	out->facts = all.s;
	out->verdict = "done";
}

/* One that cannot be read spoils the page: a gap in the books would be worse. */
void stripe_page(struct op *op, const struct provider_call *call,
	const struct json *body, struct provider_answer *out)
{
	const struct list *l = list_find(call->action);
	const struct json *data = json_get(body, "data"), *one;
	const char *last = NULL, *facts;
	struct text all = { 0 };

	if (!l->read) {
		read_balance(op, body, out);
		return;
	}
	out->verdict = "unknown";
	if (!json_is_array(data))
		return;
	for (one = json_first(data); one; one = json_next(one)) {
		facts = l->read(op, one);
		if (!facts)
			return;
		text_add(op, &all, last ? "," : "[");
		text_add(op, &all, facts);
		last = stripe_ref(one, "/id");
	}
	text_add(op, &all, last ? "]" : "[]");
	out->facts = all.s;
	out->next = json_is_true(json_get(body, "has_more")) ? last : NULL;
	out->verdict = "done";
}
