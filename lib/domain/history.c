/* Importing past orders: read, stage, let the database check and write. */
#include "domain/history.h"

#include "base/config.h"
#include "base/csv.h"
#include "base/money.h"
#include "base/out.h"
#include "db/db.h"
#include "domain/history_row.h"
#include "domain/import_reject.h"
#include "domain/import_source.h"

#include <inttypes.h>
#include <unistd.h>

const struct shape history_result_shape =
	SHAPE(history_result, FIELD(history_result, id, .flags = FIELD_ID),
		FIELD(history_result, state), FIELD(history_result, rows),
		FIELD(history_result, orders), FIELD(history_result, created),
		FIELD(history_result, unchanged), FIELD(history_result, rejected));

static enum err report(struct op *op, const struct history_import *in,
	const struct import_source *s, const struct history_result *r)
{
	if (!r->rejected)
		return OK;
	TRY(import_rejects_write(op, 0, s, in->rejects));
	fail(op, in->partial ? E_PARTIAL : E_DATA, "import_rows_are_valid",
		"%" PRId64 " of %" PRId64 " rows were refused; %s", r->rejected,
		r->rows,
		in->partial ? "the other orders were imported"
			    : "nothing was imported");
	if (in->rejects)
		return fail_hint(op, "correct %s and import it%s", in->rejects,
			in->partial ? "" : ", after the good orders with --partial");
	return fail_hint(op, "--rejects FILE writes the refused rows%s",
		in->partial ? "" : ", --partial imports the other orders");
}

enum err history_import(
	struct op *op, const struct history_import *in, struct history_result *out)
{
	struct history_state *state = op_alloc(op, sizeof *state);
	const struct import_stage stage = { "pg_temp.history_stage",
		history_stage_columns, history_row, state };
	struct import_source source = { 0 };
	struct csv_reader *reader;
	struct csv_row header;

	state->op = op;
	state->currency = in->currency ? in->currency : op->config->shop.currency;
	if (money_exponent(state->currency) < 0) {
		fail(op, E_USAGE, "currency_is_known", "\"%s\" is not a currency",
			state->currency);
		return fail_hint(op, "an ISO 4217 code: --currency EUR");
	}
	TRY(import_source_open(op, in->file, &source));
	reader = csv_reader_new(op, source.fd, source.name);
	TRY(csv_next(op, reader, &header));
	TRY(history_recognise(op, &header, state));
	op->timeout_ms = 0; /* a million rows take longer than a statement may */
	TRY(db_do_values(op, "history_open", NULL, 0));
	TRY(import_stage_fill(op, &source, reader, &stage));
	TRY(import_interrupted(op));
	if (!op->quiet && isatty(STDERR_FILENO))
		out_note(op, "checking and writing");
	TRY(db_one(op, "history_apply", &history_result_shape, out, V(in->source),
		V(source.name), V(source.digest), V(in->tz), V(in->partial)));
	return report(op, in, &source, out);
}
