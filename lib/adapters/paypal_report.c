/*
 * PayPal's books: the Transaction Search API, a page at a time, and the balances.
 * https://developer.paypal.com/docs/api/transaction-search/v1
 */
#include "adapters/paypal_read.h"
#include "adapters/paypal_talk.h"

#include "base/clock.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* A question covers 31 days at most, and three years are kept. */
enum { DAY = 86400, WINDOW_S = 31 * DAY, KEPT_S = 3 * 365 * DAY, PAGE_SIZE = 200 };

/* What is listed is up to three hours old, and a balance with it. */
enum { BALANCE_LAG_S = 4 * 3600 };

/*
 * What a code means, https://developer.paypal.com/docs/reports/reference/tcodes; the
 * first that begins it decides.  back: what it is when the money goes the other way;
 * NULL: none of the balance's - money that is set aside is still ours, and a promise is
 * none yet.
 */
static const struct {
	const char *code, *in, *out;
} codes[] = {
	{ "T00", "charge", "other" },
	{ "T0106", "dispute_reversal", "dispute" }, /* fees of chargebacks */
	{ "T0114", "dispute_reversal", "dispute" },
	{ "T01", "fee", "fee" },
	{ "T02", "currency_conversion", "currency_conversion" },
	{ "T03", "topup", "topup_reversal" },
	{ "T04", "payout_reversal", "payout" },
	{ "T1106", "dispute_reversal", "dispute" },
	{ "T1107", "refund_failure", "refund" },
	{ "T1108", "fee", "fee" },
	{ "T1109", "fee", "fee" },
	{ "T1110", NULL, NULL }, /* held for a dispute, and let go */
	{ "T1111", NULL, NULL },
	{ "T12", "dispute_reversal", "dispute" },
	{ "T13", NULL, NULL },
	{ "T15", NULL, NULL },
	{ "T17", NULL, NULL },
	{ "T21", NULL, NULL },
	{ "", "other", "other" },
};

const char *paypal_category(const char *code, int64_t amount)
{
	size_t i = 0;

	while (strncmp(code, codes[i].code, strlen(codes[i].code)) != 0)
		i++;
	return amount < 0 ? codes[i].out : codes[i].in;
}

/* What a movement is of: a charge, a refund or a payout is itself, others refer to one.
 */
static const char *source_of(const struct json *info, const char *category)
{
	static const char *const own[] = { "charge", "refund", "payout", NULL };

	for (size_t i = 0; own[i]; i++)
		if (strcmp(own[i], category) == 0)
			return paypal_ref(info, "/transaction_id");
	return paypal_ref(info, "/paypal_reference_id");
}

static bool read_amounts(struct op *op, const struct json *info, struct provider_txn *t)
{
	const struct json *fee = json_get(info, "fee_amount");
	struct money m, f = { 0 };

	if (!paypal_money(op, json_get(info, "transaction_amount"), &m))
		return false;
	if (fee && (!paypal_money(op, fee, &f) || strcmp(f.currency, m.currency) != 0))
		return false;
	t->currency = op_strdup(op, m.currency);
	t->amount = m.minor;
	t->fee = -f.minor;
	t->net = m.minor + f.minor;
	return true;
}

bool paypal_txn(struct op *op, const struct json *info, struct provider_txn *t)
{
	bool moved = paypal_is(info, "transaction_status", "S") ||
		     paypal_is(info, "transaction_status", "V");

	*t = (struct provider_txn){ .ref = paypal_ref(info, "/transaction_id"),
		.type = paypal_text(info, "/transaction_event_code", 5),
		.order_hint = paypal_our_id(paypal_text(info, "/invoice_id", TEXT_MAX)),
		.created = paypal_time(op, info, "/transaction_initiation_date"),
		.available_on = paypal_time(op, info, "/transaction_updated_date") };
	if (!t->ref || !t->type || t->created.us <= 0 || !read_amounts(op, info, t))
		return false;
	t->reporting_category = moved ? paypal_category(t->type, t->amount) : NULL;
	if (t->reporting_category)
		t->source_ref = source_of(info, t->reporting_category);
	return true;
}

/* The window that a cursor "TO FROM PAGE" means, in seconds; the first without one. */
struct place {
	int64_t to, from, page;
};

static struct place place_of(const struct provider_call *call)
{
	int64_t now = clock_now().us / 1000000, first = call->since.us / 1000000;
	struct place p = { now, 0, 1 };
	char *end;

	if (call->cursor) {
		p.to = strtoll(call->cursor, &end, 10);
		p.from = strtoll(end, &end, 10);
		p.page = strtoll(end, NULL, 10);
		return p;
	}
	if (first < now - KEPT_S)
		first = now - KEPT_S;
	p.from = p.to - WINDOW_S > first ? p.to - WINDOW_S : first;
	return p;
}

/* The newest window first, as all lists are read, and within it page by page. */
static const char *place_after(
	struct op *op, const struct provider_call *call, struct place p, int64_t pages)
{
	int64_t first = call->since.us / 1000000, now = clock_now().us / 1000000;

	if (first < now - KEPT_S)
		first = now - KEPT_S;
	if (p.page < pages)
		return op_printf(op, "%lld %lld %lld", (long long)p.to,
			(long long)p.from, (long long)p.page + 1);
	if (p.from <= first)
		return NULL;
	p.to = p.from;
	p.from = p.to - WINDOW_S > first ? p.to - WINDOW_S : first;
	return op_printf(op, "%lld %lld 1", (long long)p.to, (long long)p.from);
}

static const char *time_text(struct op *op, int64_t s)
{
	return stamp_text(op, (struct stamp){ s * 1000000 });
}

/* One that cannot be read spoils the page: a gap in the books would be worse. */
static bool take_txns(struct talk *t)
{
	const struct json *one = json_first(json_get(t->body, "transaction_details"));
	struct text all = { 0 };
	struct provider_txn txn;

	for (; one; one = json_next(one)) {
		if (!paypal_txn(t->op, json_get(one, "transaction_info"), &txn))
			return false;
		if (!txn.reporting_category)
			continue;
		text_add(t->op, &all, all.s ? "," : "[");
		text_add(t->op, &all, provider_facts(t->op, &provider_txn_shape, &txn));
	}
	text_add(t->op, &all, all.s ? "]" : "[]");
	t->out->facts = all.s;
	return true;
}

enum err paypal_txn_list(struct talk *t)
{
	struct place p = place_of(t->call);
	int64_t pages = 0;

	TRY(talk_ask(t, "GET",
		op_printf(t->op,
			"/v1/reporting/transactions?start_date=%s&end_date=%s"
			"&fields=transaction_info&page_size=%d&page=%lld",
			time_text(t->op, p.from), time_text(t->op, p.to), PAGE_SIZE,
			(long long)p.page),
		NULL));
	if (!talk_done(t))
		return OK;
	if (!json_is_array(json_get(t->body, "transaction_details")) ||
		!json_int(json_get(t->body, "total_pages"), &pages) || !take_txns(t)) {
		t->out->verdict = "unknown";
		t->out->error = "the answer cannot be read";
		return OK;
	}
	t->out->next = place_after(t->op, t->call, p, pages);
	return OK;
}

static const char *balance(struct op *op, const struct json *one, struct stamp at)
{
	struct provider_balance b = { .at = at };
	struct money total, available;

	if (!paypal_money(op, json_get(one, "total_balance"), &total))
		return NULL;
	b.currency = op_strdup(op, total.currency);
	b.available = total.minor;
	if (paypal_money(op, json_get(one, "available_balance"), &available))
		b.available = available.minor;
	b.pending = total.minor - b.available; /* what is withheld is ours too */
	return provider_facts(op, &provider_balance_shape, &b);
}

/*
 * As they were when all that moved them is listed.  Who may read transactions may yet
 * not read balances; then there are none, and the rest is compared without.
 */
enum err paypal_balances(struct talk *t)
{
	int64_t at = clock_now().us / 1000000 - BALANCE_LAG_S;
	const struct json *one;
	struct text all = { 0 };
	const char *facts;

	TRY(talk_ask(t, "GET",
		op_printf(t->op,
			"/v1/reporting/balances?currency_code=ALL&as_of_time=%s",
			time_text(t->op, at)),
		NULL));
	if (t->out->status == 403)
		t->out->verdict = "absent";
	if (!talk_done(t))
		return OK;
	for (one = json_first(json_get(t->body, "balances")); one;
		one = json_next(one)) {
		facts = balance(t->op, one, (struct stamp){ at * 1000000 });
		if (!facts)
			continue;
		text_add(t->op, &all, all.s ? "," : "[");
		text_add(t->op, &all, facts);
	}
	if (!all.s) {
		t->out->verdict = "absent";
		return OK;
	}
	text_add(t->op, &all, "]");
	t->out->facts = all.s;
	return OK;
}
