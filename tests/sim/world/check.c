/* What must hold: the shop's own invariants, the provider's books, and an end to it
 * all. */
#include "db/db.h"
#include "domain/fsck.h"
#include "world.h"

#include <stdarg.h>
#include <string.h>

enum { ROUNDS = 90, STEPS_A_ROUND = 120 };

struct found {
	const char *what, *example;
};
static const struct shape found_shape =
	SHAPE(found, FIELD(found, what), FIELD(found, example));

void violation(const char *fmt, ...)
{
	va_list args;

	run.violations++;
	printf("# seed %lld, step %lld: ", (long long)run.seed, (long long)run.step);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

/* A fault that no rule of the shop explains. */
void unexpected(struct op *op, const char *what)
{
	if (op->fault.code == E_AWAY || op->fault.code == E_BUSY || run.over)
		return;
	violation("%s: %s: %s: %s", what, err_name(op->fault.code), op->fault.rule,
		op->fault.text);
}

/* How long things wait is no matter here: whole days go by without anybody working. */
static bool excused(const char *code)
{
	return strcmp(code, "J6") == 0 || strcmp(code, "J10") == 0 ||
	       (!run.calm && strcmp(code, "P8") == 0);
}

static void fsck(struct op *op, const char *when)
{
	struct rows rows = { 0 };
	const struct violation *v;

	if (fsck_run(op, &(struct fsck_query){ 0 }, &rows) != OK)
		unexpected(op, "fsck");
	v = rows.items;
	for (size_t i = 0; i < rows.n && i < 10; i++) {
		if (excused(v[i].code))
			continue;
		violation("%s: %s %s %s: %s", when, v[i].code, v[i].rule, v[i].object,
			v[i].detail);
	}
}

static size_t ask(struct op *op, const char *fn, const char *arg, const char *when)
{
	struct rows rows = { 0 };
	const struct found *f;
	enum err e = arg ? db_rows(op, fn, &found_shape, &rows, V(arg))
			 : db_rows_values(op, fn, &found_shape, &rows, NULL, 0);

	if (e != OK)
		unexpected(op, fn);
	f = rows.items;
	for (size_t i = 0; when && i < rows.n && i < 10; i++)
		violation("%s: %s (%s)", when, f[i].what, f[i].example);
	return rows.n;
}

/* Jobs that lost too many workers wait for an operator, who comes before the auditor.
 */
void check_now(const char *when)
{
	struct op op;

	begin(&op, "check");
	dead_retried(&op);
	fsck(&op, when);
	ask(&op, "sim_dead", NULL, when);
	end(&op);
}

struct sums {
	int64_t orders_paid, late_money_kept, late_money_returned, refunds_succeeded,
		refunds_failed, refunds_rejected;
};
static const struct shape sums_shape =
	SHAPE(sums, FIELD(sums, orders_paid), FIELD(sums, late_money_kept),
		FIELD(sums, late_money_returned), FIELD(sums, refunds_succeeded),
		FIELD(sums, refunds_failed), FIELD(sums, refunds_rejected));

static void sum_up(struct op *op)
{
	struct sums s = { 0 };

	if (db_one_values(op, "sim_sums", &sums_shape, &s, NULL, 0) != OK)
		unexpected(op, "sums");
	run.effects[E_orders_paid] = s.orders_paid;
	run.effects[E_late_money_kept] = s.late_money_kept;
	run.effects[E_late_money_returned] = s.late_money_returned;
	run.effects[E_refunds_succeeded] = s.refunds_succeeded;
	run.effects[E_refunds_failed] = s.refunds_failed;
	run.effects[E_refunds_rejected] = s.refunds_rejected;
}

static bool is_quiet(void)
{
	struct op op;
	bool quiet;

	begin(&op, "check");
	dead_retried(&op);
	quiet = provider_quiet() && !ask(&op, "sim_open", NULL, NULL);
	end(&op);
	return quiet;
}

/* No more faults: everything must come to an end by itself, in bounded time. */
void drain(void)
{
	static const int64_t pauses[] = { 10, 60, 300, 900, 3600, 6 * 3600, 26 * 3600 };
	struct op op;
	int round, i;

	swarm_calm();
	for (round = 0; round < ROUNDS && !is_quiet(); round++) {
		for (i = 0; i < STEPS_A_ROUND; i++)
			world_step();
		world_pass(pauses[round % 7] * SECOND_US);
		if (round == 7)
			provider_resend();
	}
	begin(&op, "check");
	shoppers_check(&op);
	if (round == ROUNDS)
		ask(&op, "sim_open", NULL, "liveness");
	ask(&op, "sim_cross", provider_books(&op), "books");
	sum_up(&op);
	end(&op);
	check_now("end");
}
