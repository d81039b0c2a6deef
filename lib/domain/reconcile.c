/* The verbs of reconciliation. */
#include "domain/reconcile.h"

#include "db/db.h"

#include <string.h>

struct run {
	int64_t id;
};
static const struct shape run_shape = SHAPE(run, FIELD(run, id));

const struct shape reconcile_step_shape =
	SHAPE(reconcile_step, FIELD(reconcile_step, action),
		FIELD(reconcile_step, provider), FIELD(reconcile_step, ref),
		FIELD(reconcile_step, cursor), FIELD(reconcile_step, since));

const struct shape difference_shape = SHAPE(difference, FIELD(difference, kind),
	FIELD(difference, object),
	FIELD(difference, order_id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(difference, payment_id,
		.flags = FIELD_ID | FIELD_OPTIONAL | FIELD_HIDDEN),
	FIELD(difference, ours), FIELD(difference, theirs), FIELD(difference, detail),
	FIELD(difference, at, .flags = FIELD_HIDDEN),
	FIELD(difference, incident, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(difference, state), FIELD(difference, words, .flags = FIELD_HIDDEN),
	FIELD(difference, remedy));

const struct shape orphan_shape =
	SHAPE(orphan, FIELD(orphan, place), FIELD(orphan, object),
		FIELD(orphan, payment_id, .flags = FIELD_ID | FIELD_OPTIONAL),
		FIELD(orphan, order_id, .flags = FIELD_ID | FIELD_OPTIONAL),
		FIELD(orphan, order_state), FIELD(orphan, captured),
		FIELD(orphan, left), FIELD(orphan, at), FIELD(orphan, remedy));

const struct shape provider_held_shape =
	SHAPE(provider_held, FIELD(provider_held, provider), FIELD(provider_held, held),
		FIELD(provider_held, available), FIELD(provider_held, pending),
		FIELD(provider_held, mirror), FIELD(provider_held, ledger),
		FIELD(provider_held, waiting), FIELD(provider_held, verdict),
		FIELD(provider_held, at));

enum err reconcile_begin(struct op *op, const char *provider, const char *source,
	const struct reconcile_range *range, int64_t *run)
{
	struct run r = { 0 };

	TRY(db_one(op, "reconcile_begin", &run_shape, &r, V(provider), V(source),
		V(range->since), V(range->reread)));
	*run = r.id;
	return OK;
}

/* A list and a balance are always there; a page in the middle of a list may be gone. */
static bool never_absent(const struct reconcile_step *s)
{
	return !s->cursor && !s->ref;
}

/* What a page costs in memory is given back with it: a sweep may have thousands. */
static enum err step(struct op *op, int64_t run,
	enum err (*ask)(struct op *op, const struct reconcile_step *step,
		struct reconcile_page *out),
	bool *done)
{
	struct reconcile_step s = { 0 };
	struct reconcile_page page = { 0 };

	TRY(db_one(op, "reconcile_load", &reconcile_step_shape, &s, V(run)));
	*done = strcmp(s.action, "none") == 0;
	if (*done)
		return OK;
	TRY(ask(op, &s, &page));
	if (strcmp(page.verdict, "done") != 0 &&
		(strcmp(page.verdict, "absent") != 0 || never_absent(&s)))
		return fail(op, E_AWAY, "provider_answers", "%s of %s: %s", s.action,
			s.provider, page.error ? page.error : page.verdict);
	return db_do(op, "reconcile_record", V(run), V(s.action), V(s.ref), V(s.cursor),
		V(page.facts), V(page.next));
}

static enum err pass_on(struct op *op, const struct fault *f)
{
	fail(op, f->code, op_strdup(op, f->rule), "%s", f->text);
	return f->hint ? fail_hint(op, "%s", f->hint) : f->code;
}

enum err reconcile_read(struct op *op, int64_t run,
	enum err (*ask)(struct op *op, const struct reconcile_step *step,
		struct reconcile_page *out),
	struct stamp until, bool *done)
{
	enum err e = OK;

	*done = false;
	while (e == OK && !*done && (!until.us || clock_now().us < until.us)) {
		struct op one;

		op_open(&one, op->config, op->verb);
		one.db = op->db;
		one.actor = op->actor;
		one.trace = op->trace;
		e = step(&one, run, ask, done);
		op->db = one.db;
		if (e != OK)
			pass_on(op, &one.fault);
		op_close(&one);
	}
	return e;
}

enum err reconcile_put(struct op *op, int64_t run, struct json_text facts)
{
	return db_do(op, "reconcile_put", V(run), V(facts));
}

enum err reconcile_finish(
	struct op *op, int64_t run, int64_t tolerance, struct rows *out)
{
	return db_rows(
		op, "reconcile_finish", &difference_shape, out, V(run), V(tolerance));
}

enum err payment_orphans(struct op *op, struct stamp since, struct rows *out)
{
	return db_rows(op, "payment_orphans", &orphan_shape, out, V(since));
}

enum err balance_list(struct op *op, int64_t run, struct rows *out)
{
	struct value any = { 0 };

	return db_rows(
		op, "balance_list", &provider_held_shape, out, run ? V(run) : any);
}
