/* What must hold: the shop's own invariants, the provider's books, and an end to it
 * all. */
#include "db/db.h"
#include "domain/fsck.h"
#include "world.h"

#include <stdarg.h>
#include <string.h>

enum { ROUNDS = 90, STEPS_A_ROUND = 120, LOOK_EVERY = 6 };

/* A row without a code says how many orders were looked at. */
struct touched {
	const char *code, *object, *detail;
	int64_t orders;
};
static const struct shape touched_shape = SHAPE(touched, FIELD(touched, code),
	FIELD(touched, object), FIELD(touched, detail), FIELD(touched, orders));

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
		if (excused(v[i].code) || strcmp(v[i].area, "security") == 0)
			continue; /* who may do what here is the world's own affair */
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
	for (size_t i = 0; i < rows.n && i < 10; i++) {
		if (when)
			violation("%s: %s (%s)", when, f[i].what, f[i].example);
		else
			trace("still: %s (%s)", f[i].what, f[i].example);
	}
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

struct sum {
	const char *name;
	int64_t n;
};
static const struct shape sum_shape = SHAPE(sum, FIELD(sum, name), FIELD(sum, n));

static const struct {
	const char *name;
	enum effect_name effect;
} sums[] = {
#define X(name) { #name, E_##name },
	SUMS(X)
#undef X
};

static void sum_add(const struct sum *s)
{
	for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
		if (strcmp(sums[i].name, s->name) == 0) {
			run.effects[sums[i].effect] = s->n;
			return;
		}
	}
	violation("sim_sums knows %s, swarm.h does not", s->name);
}

static void sum_up(struct op *op)
{
	struct rows rows = { 0 };
	const struct sum *s;

	if (db_rows_values(op, "sim_sums", &sum_shape, &rows, NULL, 0) != OK)
		unexpected(op, "sums");
	s = rows.items;
	for (size_t i = 0; i < rows.n; i++)
		sum_add(&s[i]);
}

/*
 * Every invariant of the orders that something happened to since the last look; each
 * commit would be best, and cost as much as all the rest, so a coin says when.
 */
void check_touched(void)
{
	struct rows rows = { 0 };
	const struct touched *t;
	struct op op;

	if (!run.committed || below(LOOK_EVERY))
		return;
	run.committed = false;
	begin(&op, "check");
	if (db_rows_values(&op, "sim_touched", &touched_shape, &rows, NULL, 0) != OK)
		unexpected(&op, "touched");
	t = rows.items;
	for (size_t i = 0; i < rows.n; i++) {
		run.effects[E_orders_looked_at] += t[i].orders;
		if (t[i].code && !excused(t[i].code))
			violation("after a commit: %s %s: %s", t[i].code, t[i].object,
				t[i].detail);
	}
	end(&op);
}

/* This seed does without one of the things that find what got lost. */
void defence_drop(void)
{
	static const struct {
		const char *schedule;
		enum effect_name effect;
	} all[DEFENCE_COUNT] = { [W_webhooks] = { NULL, E_without_webhooks },
		[W_resends] = { NULL, E_without_resends },
		[W_gaps] = { "webhook.gaps", E_without_gaps },
		[W_reconciler] = { "reconcile.stripe", E_without_reconciler } };
	const char *schedule = all[run.without].schedule;
	struct op own, *op = &own;

	if (run.without == W_nothing)
		return;
	run.effects[all[run.without].effect]++;
	if (!schedule)
		return;
	begin(op, "world");
	if (db_do(op, "sim_without", V(schedule)) != OK)
		unexpected(op, "sim_without");
	end(op);
}

static bool is_quiet(void)
{
	struct op op;
	bool quiet;

	begin(&op, "check");
	dead_retried(&op);
	quiet = provider_quiet() && !ask(&op, "sim_open", NULL, NULL) &&
		(run.without == W_reconciler ||
			!ask(&op, "sim_behind", provider_books(&op), NULL));
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
	if (round == ROUNDS) {
		ask(&op, "sim_open", NULL, "liveness");
		ask(&op, "sim_behind", provider_books(&op), "liveness");
	}
	ask(&op, "sim_cross", provider_books(&op), "books");
	sum_up(&op);
	end(&op);
	check_now("end");
}
