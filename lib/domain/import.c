/* Importing products from a file: read, stage, let the database check and apply. */
#include "domain/import.h"

#include "base/config.h"
#include "base/csv.h"
#include "base/money.h"
#include "base/out.h"
#include "db/db.h"
#include "domain/import_dialect.h"
#include "domain/import_reject.h"
#include "domain/import_row.h"
#include "domain/import_source.h"

#include <inttypes.h>
#include <unistd.h>

const struct shape import_result_shape = SHAPE(import_result,
	FIELD(import_result, id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(import_result, state), FIELD(import_result, rows),
	FIELD(import_result, products), FIELD(import_result, created),
	FIELD(import_result, updated), FIELD(import_result, unchanged),
	FIELD(import_result, rejected),
	FIELD(import_result, already, .flags = FIELD_ID | FIELD_OPTIONAL));

const struct shape import_run_shape = SHAPE(import_run,
	FIELD(import_run, id, .flags = FIELD_ID), FIELD(import_run, finished_at),
	FIELD(import_run, actor), FIELD(import_run, source), FIELD(import_run, dialect),
	FIELD(import_run, state), FIELD(import_run, rows), FIELD(import_run, created),
	FIELD(import_run, updated), FIELD(import_run, unchanged),
	FIELD(import_run, rejected));

static enum err apply(struct op *op, const struct import *in,
	const struct import_source *s, const char *dialect, struct import_result *out)
{
	TRY(import_interrupted(op));
	if (!op->quiet && isatty(STDERR_FILENO))
		out_note(op, "checking and writing");
	return db_one(op, "import_apply", &import_result_shape, out, V(dialect),
		V(s->name), V(s->digest), V(in->currency), V(in->warehouse),
		V(in->partial), V(in->allow_repeat));
}

static enum err report(struct op *op, const struct import *in,
	const struct import_source *s, const struct import_result *r)
{
	if (r->already) {
		out_note(op, "%s: already imported as run %" PRId64, s->name,
			r->already);
		return OK;
	}
	if (!r->rejected)
		return OK;
	TRY(import_rejects_write(op, s->fd, s->name, in->rejects));
	fail(op, in->partial ? E_PARTIAL : E_DATA, "import_rows_are_valid",
		"%" PRId64 " of %" PRId64 " rows were refused; %s", r->rejected,
		r->rows,
		in->partial ? "the others were imported" : "nothing was imported");
	if (in->rejects)
		return fail_hint(op, "correct %s and import it%s", in->rejects,
			in->partial ? "" : ", or import the good rows with --partial");
	return fail_hint(op, "--rejects FILE writes the refused rows%s",
		in->partial ? "" : ", --partial imports the others");
}

static enum err check_currency(struct op *op, const char *currency)
{
	if (money_exponent(currency) >= 0)
		return OK;
	fail(op, E_USAGE, "currency_is_known", "\"%s\" is not a currency", currency);
	return fail_hint(op, "an ISO 4217 code: --currency EUR");
}

enum err product_import(
	struct op *op, const struct import *import, struct import_result *out)
{
	struct import in = *import;
	struct import_source source = { 0 };
	struct import_map *map = op_alloc(op, sizeof *map);
	struct import_state state = { .map = map, .op = op };
	const struct import_stage stage = { "import_stage", import_stage_columns,
		import_row, &state };
	struct csv_reader *reader;
	struct csv_row header;

	if (!in.currency)
		in.currency = op->config->shop.currency;
	TRY(check_currency(op, in.currency));
	TRY(import_source_open(op, in.file, &source));
	reader = csv_reader_new(op, source.fd, source.name);
	TRY(csv_next(op, reader, &header));
	TRY(import_recognise(op, &header, map));
	op->timeout_ms = 0; /* a million rows take longer than a statement may */
	TRY(db_one(op, "import_open", &import_result_shape, out, V(source.digest),
		V(in.currency), V(in.warehouse), V(in.allow_repeat)));
	if (!out->already) {
		state.currency = in.currency;
		TRY(import_stage_fill(op, &source, reader, &stage));
		TRY(apply(op, &in, &source, map->dialect->name, out));
	}
	return report(op, &in, &source, out);
}

enum err import_runs(struct op *op, int64_t limit, struct rows *out)
{
	return db_rows(op, "import_runs", &import_run_shape, out, V(limit));
}
