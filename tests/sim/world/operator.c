/* An operator, who cancels, refunds, asks again and revives dead jobs at random. */
#include "domain/job.h"
#include "domain/order.h"
#include "domain/refund.h"
#include "world.h"

#include <stdlib.h>
#include <string.h>

void order_known(int64_t id)
{
	if (run.order_count == run.order_room) {
		run.order_room = run.order_room ? 2 * run.order_room : 256;
		run.orders = realloc(run.orders, run.order_room * sizeof *run.orders);
	}
	run.orders[run.order_count++] = id;
}

/* One of the last ones, mostly: there things are still moving. */
int64_t order_any(void)
{
	int64_t n = (int64_t)run.order_count, from = below(2) ? 0 : n - 10, paid;

	if (below(2) && (paid = order_paid()))
		return paid;
	return n ? run.orders[between(from > 0 ? from : 0, n - 1)] : 0;
}

static void cancel(struct op *op)
{
	struct order_canceled out;

	if (order_cancel(op, order_any(), "changed his mind", &out) == OK)
		run.effects[E_cancels]++;
}

static void refund(struct op *op, struct refund_wish *w)
{
	struct refund out;

	w->order_id = order_any();
	w->key = op_printf(op, "r%lld", (long long)below(40));
	w->reason = "asked for";
	if (refund_create(op, w, &out) == OK)
		run.effects[E_refunds_made]++;
	else if (op->fault.code == E_REFUSED)
		run.effects[E_refunds_refused]++;
}

static void refund_units(struct op *op)
{
	const char *line = op_printf(op, "S-%lld:1", (long long)below(8));

	refund(op, &(struct refund_wish){ .lines = { &line, 1 } });
}

static void refund_amount(struct op *op)
{
	struct order_full o;

	if (!run.order_count || order_get(op, order_any(), &o) != OK)
		return;
	o.total.minor = between(1, 9) * 1000;
	refund(op, &(struct refund_wish){ .amount = o.total });
}

static void refund_rest(struct op *op)
{
	refund(op, &(struct refund_wish){ 0 });
}

/* What reconciling does today: ask again about a payment that may need it. */
static void sync(struct op *op)
{
	const char *id = op_printf(op, "%lld", (long long)order_any());

	job_enqueue(op, "payment.sync", (struct texts){ &id, 1 }, (struct stamp){ 0 });
}

static const struct {
	enum fault_name when;
	void (*act)(struct op *op);
} acts[] = {
	{ F_operator_cancels, cancel },
	{ F_operator_refunds_units, refund_units },
	{ F_operator_refunds_amount, refund_amount },
	{ F_operator_refunds_rest, refund_rest },
	{ F_operator_syncs, sync },
};
enum { ACTS = sizeof acts / sizeof *acts };

void dead_retried(struct op *op)
{
	struct job_query q = { .rule = "job_spares_its_worker", .limit = 100 };
	struct rows rows;

	if (dlq_retry(op, &q, &rows) == OK)
		run.effects[E_dead_jobs_retried] += (int64_t)rows.n;
}

void operator_live(struct actor *a)
{
	int64_t which = below(ACTS + 1);
	struct op op;

	a->wake_us = run.now_us + between(100, 5000) * 1000;
	if (run.calm && which < ACTS)
		return;
	begin(&op, "shopctl");
	if (which == ACTS)
		dead_retried(&op);
	else if (run.order_count && strikes(acts[which].when))
		acts[which].act(&op);
	if (op.fault.code == E_BROKEN)
		unexpected(&op, "operator");
	else if (op.fault.code != OK)
		trace("operator: %s", op.fault.rule);
	end(&op);
}
