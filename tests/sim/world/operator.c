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
	struct op op;

	begin(&op, "world");
	paid = below(2) ? any_of(&op, "paid").id : 0;
	end(&op);
	if (paid)
		return paid;
	return n ? run.orders[between(from > 0 ? from : 0, n - 1)] : 0;
}

static enum err cancel(struct op *op)
{
	struct order_canceled out;

	TRY(order_cancel(op, order_any(), "changed his mind", &out));
	run.effects[E_cancels]++;
	return OK;
}

static enum err refund(struct op *op, struct refund_wish *w)
{
	struct refund out;
	enum err e;

	w->order_id = order_any();
	w->key = op_printf(op, "r%lld", (long long)below(40));
	w->reason = "asked for";
	e = refund_create(op, w, &out);
	run.effects[E_refunds_made] += e == OK;
	run.effects[E_refunds_refused] += e == E_REFUSED;
	return e;
}

static enum err refund_units(struct op *op)
{
	const char *line = op_printf(op, "S-%lld:1", (long long)below(8));

	return refund(op, &(struct refund_wish){ .lines = { &line, 1 } });
}

static enum err refund_amount(struct op *op)
{
	struct order_full o;

	TRY(order_get(op, order_any(), &o));
	o.total.minor = between(1, 9) * 1000;
	return refund(op, &(struct refund_wish){ .amount = o.total });
}

static enum err refund_rest(struct op *op)
{
	return refund(op, &(struct refund_wish){ 0 });
}

/* Ask again about a payment that may need it. */
static enum err sync(struct op *op)
{
	const char *id = op_printf(op, "%lld", (long long)order_any());

	return job_enqueue(op,
		&(struct job_order){ .kind = "payment.sync", .subjects = { &id, 1 } });
}

static const struct deed deeds[] = {
	{ F_operator_cancels, cancel },
	{ F_operator_refunds_units, refund_units },
	{ F_operator_refunds_amount, refund_amount },
	{ F_operator_refunds_rest, refund_rest },
	{ F_operator_syncs, sync },
};
enum { DEEDS = sizeof deeds / sizeof *deeds };

void dead_retried(struct op *op)
{
	const struct job_bulk b = {
		.verb = "retry", .state = "dead", .error = "job_spares_its_worker"
	};
	struct rows rows;

	if (job_bulk(op, &b, 0, 100, &rows) == OK)
		run.effects[E_dead_jobs_retried] += (int64_t)rows.n;
}

/* One of them, if its time has come: what a rule of the shop forbids is no matter. */
void deed_do(const struct deed *d, size_t n)
{
	struct op op;

	d += below((int64_t)n);
	if (!run.order_count || !strikes(d->when))
		return;
	begin(&op, "shopctl");
	if (d->act(&op) == E_BROKEN)
		unexpected(&op, "somebody");
	else if (op.fault.code != OK)
		trace("%s: %s", self->name, op.fault.rule);
	end(&op);
}

void operator_live(struct actor *a)
{
	struct op op;

	a->wake_us = run.now_us + between(100, 5000) * 1000;
	if (below(DEEDS + 1)) {
		deed_do(deeds, DEEDS);
		return;
	}
	begin(&op, "shopctl");
	dead_retried(&op);
	end(&op);
}
