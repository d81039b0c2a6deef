/* shopctl dispute: money that a cardholder's bank takes back, and our answer. */
#include "domain/dispute.h"

#include "base/cli.h"
#include "base/out.h"

static const struct shape list_args = SHAPE(dispute_query,
	FIELD(dispute_query, state, "STATE", "only in this state", 0,
		"warning_needs_response|warning_under_review|warning_closed|"
		"needs_response|under_review|won|lost|prevented"),
	FIELD(dispute_query, open, NULL, "only those that have not ended"),
	FIELD(dispute_query, order, "ID", "only of this order"),
	FIELD(dispute_query, since, "TIME", "opened since: 2026-11-20, 2h, 30d"),
	FIELD(dispute_query, limit, "N", "at most N, the next due first", 0, NULL,
		"50"));

struct one {
	int64_t dispute;
};

static const struct shape one_args =
	SHAPE(one, FIELD(one, dispute, "DISPUTE", "number of the dispute",
			   FIELD_OPERAND | FIELD_REQUIRED));

static const struct shape evidence_args = SHAPE(dispute_answer,
	FIELD(dispute_answer, dispute, "DISPUTE", "number of the dispute",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(dispute_answer, field, "NAME=TEXT", "a field of the evidence"),
	FIELD(dispute_answer, file, "NAME=FILE", "a field, from a text file"),
	FIELD(dispute_answer, submit, NULL, "this is all: send it to the bank"));

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	TRY(dispute_list(op, args, &rows));
	return out_rows(op, &dispute_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct dispute d;

	TRY(dispute_get(op, a->dispute, &d));
	return out_one(op, &dispute_shape, &d);
}

static enum err evidence(struct op *op, const void *args)
{
	struct dispute d;

	TRY(dispute_evidence(op, args, &d));
	return out_one(op, &dispute_shape, &d);
}

static enum err accept_it(struct op *op, const void *args)
{
	const struct one *a = args;
	struct dispute d;

	TRY(dispute_accept(op, a->dispute, op->reason, &d));
	return out_one(op, &dispute_shape, &d);
}

const struct command dispute_commands[] = {
	{ "list", "disputes, those whose evidence is due first", &list_args, list, 0,
		"shopctl dispute list --open\n"
		"shopctl dispute list --state lost --since 30d --columns +money" },
	{ "show", "one dispute, its money and our answer", &one_args, show, 0,
		"shopctl dispute show 1024\n"
		"shopctl dispute show 1024 --format json" },
	{ "evidence", "answer a dispute", &evidence_args, evidence, CMD_MUTATES,
		"shopctl dispute evidence 1024 --field customer_name='Ada Lovelace' "
		"--field shipping_tracking_number=1Z999\n"
		"shopctl dispute evidence 1024 --field product_description='Dog food' "
		"--submit",
		"Fields are the provider's: customer_name, product_description, "
		"shipping_date, shipping_tracking_number, uncategorized_text and so "
		"on. Without --submit they are kept at the provider and more can "
		"follow; with it the bank gets them, and that once. PayPal keeps no "
		"drafts, so they wait here until then; its fields are "
		"tracking_number with carrier_name, refund_id, notes, or a type of "
		"evidence: return_policy. Pictures and PDF go in by the provider's "
		"own pages." },
	{ "accept", "give in to a dispute: the money stays away", &one_args, accept_it,
		CMD_MUTATES | CMD_REASON | CMD_CONFIRM,
		"shopctl dispute accept 1024 --reason 'never shipped' --yes\n"
		"shopctl dispute accept 1024 --reason 'not worth it' --dry-run" },
	{ 0 },
};
