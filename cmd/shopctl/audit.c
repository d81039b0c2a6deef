/* shopctl audit: who changed what and why, and the proof that nobody changed that. */
#include "domain/audit.h"

#include "base/cli.h"
#include "base/out.h"

static const struct shape list_args = SHAPE(audit_query,
	FIELD(audit_query, object, "NOUN[:ID]",
		"only of this thing, or of all of a noun"),
	FIELD(audit_query, actor, "NAME", "only what this person or role did"),
	FIELD(audit_query, action, "VERB", "only this: create, pause, refund.adopt"),
	FIELD(audit_query, since, "TIME", "since: 2026-11-20, 2h, 30d"),
	FIELD(audit_query, limit, "N", "at most N, newest first", 0, NULL, "50"));

struct one {
	int64_t row;
};
static const struct shape show_args = SHAPE(
	one, FIELD(one, row, "ROW", "its number", FIELD_OPERAND | FIELD_REQUIRED));

struct verify {
	struct stamp since;
	const char *anchor;
};
static const struct shape verify_args =
	SHAPE(verify, FIELD(verify, since, "TIME", "only seals made since then: 30d"),
		FIELD(verify, anchor, "SEAL:ROOT",
			"a seal that was kept elsewhere, and must still be there"));

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	TRY(audit_list(op, args, &rows));
	return out_rows(op, &audit_row_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct audit_row row;

	TRY(audit_get(op, a->row, &row));
	return out_one(op, &audit_row_full_shape, &row);
}

static enum err verify(struct op *op, const void *args)
{
	const struct verify *a = args;
	struct rows faults;

	TRY(audit_verify(op, a->since, a->anchor, &faults));
	TRY(out_rows(op, &audit_fault_shape, faults));
	if (!faults.n)
		return OK;
	out_note(op, "the audit log is not as it was sealed: %zu findings", faults.n);
	return E_NO;
}

static enum err seal(struct op *op, const void *args)
{
	struct audit_sealed s;

	(void)args;
	TRY(audit_seal(op, &s));
	return out_one(op, &audit_sealed_shape, &s);
}

static enum err anchor(struct op *op, const void *args)
{
	struct audit_anchor a;

	(void)args;
	TRY(audit_anchor(op, &a));
	return out_one(op, &audit_anchor_shape, &a);
}

const struct command audit_commands[] = {
	{ "list", "what was changed, by whom and why, newest first", &list_args, list,
		0,
		"shopctl audit list\n"
		"shopctl audit list --object schedule --since 30d --columns +after" },
	{ "show", "one change, before and after, and its seal", &show_args, show, 0,
		"shopctl audit show 1\n"
		"shopctl audit show 1 --format json" },
	{ "verify", "find what was edited or removed; 1 when something was",
		&verify_args, verify, 0,
		"shopctl audit verify\n"
		"shopctl audit verify --since 30d --format ndjson",
		"Rows younger than a minute may not be sealed yet; an edit of those "
		"leaves no trace. Somebody who may do anything in the database can "
		"make all seals anew: --anchor tells, with a seal that was kept where "
		"he cannot write." },
	{ "seal", "seal what is not sealed yet, as a worker does each minute", NULL,
		seal, CMD_MUTATES,
		"shopctl audit seal\n"
		"shopctl audit seal --dry-run" },
	{ "anchor", "the newest seal, to be kept elsewhere", NULL, anchor, 0,
		"shopctl audit anchor\n"
		"shopctl audit anchor --format tsv --columns seal,root" },
	{ 0 },
};
