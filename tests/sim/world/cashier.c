/* A cashier, who sees to money; and a second one, because some of it takes two. */
#include "adapters/provider.h"
#include "base/clock.h"
#include "domain/dispute.h"
#include "domain/incident.h"
#include "domain/ledger.h"
#include "domain/order.h"
#include "domain/payment.h"
#include "domain/reconcile.h"
#include "domain/refund.h"
#include "world.h"

#include <string.h>

static enum err nobody(struct op *op, const char *what)
{
	return fail(op, E_NOT_FOUND, "there_is_one", "no %s", what);
}

static enum err capture(struct op *op)
{
	struct picked p = any_of(op, "authorized");
	struct payment_moved out;

	if (!p.id)
		return nobody(op, "authorized order");
	return payment_capture(op, p.id, (struct money){ 0 }, false, &out);
}

static enum err capture_part(struct op *op)
{
	struct picked p = any_of(op, "authorized");
	struct money some = { .minor = between(1, p.number) };
	struct payment_moved out;

	if (!p.id)
		return nobody(op, "authorized order");
	snprintf(some.currency, sizeof some.currency, "%s", p.name);
	return payment_capture(op, p.id, some, below(6) == 0, &out);
}

static enum err let_go(struct op *op)
{
	struct picked p = any_of(op, "authorized");
	struct payment_moved out;

	return p.id ? payment_void(op, p.id, &out) : nobody(op, "authorized order");
}

static enum err try_another(struct op *op)
{
	static const char *const providers[] = { NULL, "stripe", "paypal", "manual" };
	const char *provider = providers[below(4)];
	bool saved = provider && !strcmp(provider, "stripe") && below(2);
	struct picked p = any_of(op, "pending");
	struct payment_attempt out;

	if (!p.id)
		return nobody(op, "pending order");
	return payment_retry(op, p.id, provider, saved ? card() : NULL, &out);
}

static enum err match_one(
	struct op *op, const struct picked *p, int64_t minor, int64_t reference)
{
	struct money some = { .minor = minor };
	struct payment_matched out;

	if (!p->id)
		return nobody(op, "transfer");
	snprintf(some.currency, sizeof some.currency, "%s", p->name);
	return payment_match(
		op, p->id, some, op_printf(op, "T-%lld", (long long)reference), &out);
}

/* Some transfers are not of the sum that was due, some lines are told twice. */
static enum err match(struct op *op)
{
	struct picked p = any_of(op, below(8) ? "transfer" : "any");

	return match_one(op, &p, below(10) ? p.number : between(1, p.number),
		below(10) ? p.id : below(5));
}

static enum err retry_refund(struct op *op)
{
	struct picked p = any_of(op, "failed refund");
	struct refund out;

	return p.id ? refund_retry(op, p.id, "once more", &out)
		    : nobody(op, "failed refund");
}

static enum err settle(struct op *op, const char *kind, const char *via)
{
	struct picked p = any_of(op, kind);
	struct refund out;

	if (!p.id)
		return nobody(op, kind);
	return refund_settle(op,
		&(struct refund_paid){
			p.id, op_printf(op, "B-%lld", (long long)p.id), via },
		"by bank", &out);
}

static enum err settle_refund(struct op *op)
{
	return below(2) ? settle(op, "refund by hand", NULL)
			: settle(op, "failed refund", "bank");
}

/* Also by who asked for it himself: that must never be enough. */
static enum err approve(struct op *op)
{
	struct picked p = any_of(op, "proposed refund");
	struct refund out;

	if (!p.id)
		return nobody(op, "proposed refund");
	TRY(refund_approve(op, p.id, &out));
	if (!out.automatic && !strcmp(out.asked_by, out.approved_by))
		violation("refund %lld was approved by %s, who had asked for it",
			(long long)out.id, out.asked_by);
	return OK;
}

static enum err decline(struct op *op)
{
	struct picked p = any_of(op, "proposed refund");
	struct refund out;

	return p.id ? refund_decline(op, p.id, "no", &out)
		    : nobody(op, "proposed refund");
}

static enum err ask(
	struct op *op, const struct reconcile_step *step, struct reconcile_page *out)
{
	struct provider_call call = { .action = step->action,
		.ref = step->ref,
		.cursor = step->cursor,
		.since = step->since };
	const struct provider *p;
	struct provider_answer got;

	TRY(provider_find(op, step->provider, &p));
	TRY(p->call(op, &call, &got));
	*out = (struct reconcile_page){ got.verdict, got.error, got.next,
		{ got.facts } };
	return OK;
}

/* As `shopctl payment reconcile` does. */
static enum err reconcile(struct op *op)
{
	struct reconcile_range range = { .since = { run.now_us - 24 * HOUR_US },
		.reread = below(2) };
	struct rows found;
	int64_t id;
	bool done;

	if (run.without == W_reconciler)
		return nobody(op, "reconciler");
	TRY(reconcile_begin(op, "stripe", "api", &range, &id));
	TRY(reconcile_read(op, id, ask, (struct stamp){ 0 }, &done));
	return reconcile_finish(op, id, 0, &found);
}

static enum err close_incident(struct op *op)
{
	struct picked p = any_of(op, "incident");
	struct incident_fate out;

	return p.id ? incident_close(op, p.id, "seen", &out) : nobody(op, "incident");
}

/* As of this midnight: refused while something of before is open. */
static enum err close_period(struct op *op)
{
	int64_t midnight = run.now_us - run.now_us % (24 * HOUR_US);
	struct ledger_period out;

	return ledger_close(op, (struct stamp){ midnight }, &out);
}

static enum err answer_dispute(struct op *op)
{
	const char *field =
		op_printf(op, "customer_name=Ada %lld", (long long)below(9));
	struct picked p = any_of(op, "dispute");
	struct dispute out;

	if (!p.id)
		return nobody(op, "dispute");
	return dispute_evidence(op,
		&(struct dispute_answer){
			.dispute = p.id, .field = { &field, 1 }, .submit = below(3) },
		&out);
}

static enum err accept_dispute(struct op *op)
{
	struct picked p = any_of(op, "dispute");
	struct dispute out;

	return p.id ? dispute_accept(op, p.id, "he is right", &out)
		    : nobody(op, "dispute");
}

static const struct deed deeds[] = {
	{ F_cashier_captures, capture },
	{ F_cashier_captures_part, capture_part },
	{ F_cashier_voids, let_go },
	{ F_cashier_tries_another, try_another },
	{ F_cashier_matches, match },
	{ F_cashier_approves, approve },
	{ F_cashier_retries_refund, retry_refund },
	{ F_cashier_settles_refund, settle_refund },
	{ F_cashier_reconciles, reconcile },
	{ F_cashier_closes_incident, close_incident },
	{ F_cashier_closes_period, close_period },
	{ F_cashier_answers_dispute, answer_dispute },
	{ F_cashier_accepts_dispute, accept_dispute },
};
static const struct deed seconds[] = {
	{ F_second_approves, approve },
	{ F_second_declines, decline },
};

static enum err end_waiting(struct op *op)
{
	struct picked p = any_of(op, "awaited transfer");
	struct order_canceled out;

	if (!p.id || below(2))
		return match_one(op, &p, p.number, p.id);
	return order_cancel(op, p.id, "never paid", &out);
}

/* In the end a person has to see to what no program may decide. */
static void tidy_up(void)
{
	struct op op;

	begin(&op, "shopctl");
	if (below(2) ? capture(&op) : let_go(&op))
		fault_clear(&op);
	if (settle(&op, "refund by hand", NULL))
		fault_clear(&op);
	if (end_waiting(&op))
		fault_clear(&op);
	end(&op);
}

void cashier_live(struct actor *a)
{
	a->wake_us = run.now_us + between(100, 2000) * 1000;
	if (run.calm)
		tidy_up();
	else
		deed_do(deeds, sizeof deeds / sizeof *deeds);
}

void second_live(struct actor *a)
{
	a->wake_us = run.now_us + between(100, 5000) * 1000;
	deed_do(seconds, sizeof seconds / sizeof *seconds);
}
