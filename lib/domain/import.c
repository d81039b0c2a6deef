/* Importing a file: read, stage, let the database check and apply. */
#include "domain/import.h"

#include "base/config.h"
#include "base/csv.h"
#include "base/failpoint.h"
#include "base/money.h"
#include "base/out.h"
#include "db/db.h"
#include "domain/import_kind.h"
#include "domain/import_reject.h"
#include "domain/import_source.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

const struct shape import_result_shape = SHAPE(import_result,
	FIELD(import_result, id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(import_result, state), FIELD(import_result, rows),
	FIELD(import_result, products), FIELD(import_result, created),
	FIELD(import_result, updated), FIELD(import_result, unchanged),
	FIELD(import_result, archived), FIELD(import_result, rejected),
	FIELD(import_result, already, .flags = FIELD_ID | FIELD_OPTIONAL));

const struct shape import_flat_shape = SHAPE(import_result,
	FIELD(import_result, id, .flags = FIELD_ID | FIELD_OPTIONAL),
	FIELD(import_result, state), FIELD(import_result, rows),
	FIELD(import_result, created), FIELD(import_result, updated),
	FIELD(import_result, unchanged), FIELD(import_result, archived),
	FIELD(import_result, rejected),
	FIELD(import_result, already, .flags = FIELD_ID | FIELD_OPTIONAL));

const struct shape import_run_shape = SHAPE(import_run,
	FIELD(import_run, id, .flags = FIELD_ID), FIELD(import_run, kind),
	FIELD(import_run, started_at, .flags = FIELD_HIDDEN),
	FIELD(import_run, finished_at), FIELD(import_run, actor),
	FIELD(import_run, source), FIELD(import_run, dialect), FIELD(import_run, state),
	FIELD(import_run, rows), FIELD(import_run, created), FIELD(import_run, updated),
	FIELD(import_run, unchanged), FIELD(import_run, archived),
	FIELD(import_run, rejected));

/* A run that was begun. */
struct opened {
	int64_t id;
	const char *stage;
	int64_t already;
};
static const struct shape opened_shape =
	SHAPE(opened, FIELD(opened, id, .flags = FIELD_OPTIONAL), FIELD(opened, stage),
		FIELD(opened, already, .flags = FIELD_OPTIONAL));

/* What import_apply answers: the result without what only kinds show. */
static const struct shape *const applied = &import_result_shape;

/* A file on its way. */
struct import_job {
	const struct import_kind *kind;
	const struct import *in;
	struct import_source source;
	struct csv_reader *reader;
	struct csv_row header;
	struct import_map *map;
	struct opened run;
};

static enum err report(
	struct op *op, const struct import_job *j, const struct import_result *r)
{
	const struct import *in = j->in;
	bool done = !strcmp(r->state, "done");

	if (r->already) {
		out_note(op, "%s: already imported as run %" PRId64, j->source.name,
			r->already);
		return OK;
	}
	if (!r->rejected)
		return OK;
	TRY(import_rejects_write(op, r->id, &j->source, in->rejects));
	fail(op, done ? E_PARTIAL : E_DATA, "import_rows_are_valid",
		"%" PRId64 " of %" PRId64 " rows were refused; %s", r->rejected,
		r->rows, done ? "the others were imported" : "nothing was imported");
	if (in->rejects)
		return fail_hint(op, "correct %s and import it%s", in->rejects,
			done ? "" : ", or import the good rows with --partial");
	return fail_hint(op, "--rejects FILE writes the refused rows%s",
		done ? "" : ", --partial imports the others");
}

static enum err check_currency(struct op *op, const char *currency)
{
	if (money_exponent(currency) >= 0)
		return OK;
	fail(op, E_USAGE, "currency_is_known", "\"%s\" is not a currency", currency);
	return fail_hint(op, "an ISO 4217 code: --currency EUR");
}

/* The file is found and its header understood, before the database is asked. */
static enum err begin_reading(struct op *op, struct import_job *j)
{
	TRY(import_source_open(op, j->in->file, &j->source));
	j->reader = csv_reader_new(op, j->source.fd, j->source.name);
	TRY(csv_next(op, j->reader, &j->header));
	j->map = op_alloc(op, sizeof *j->map);
	return import_recognise(op, j->kind, &j->header, j->map);
}

static const char *options_of(struct op *op, const struct import *in)
{
	return op_printf(op,
		"{\"partial\":%s,\"allow_repeat\":%s,\"create_warehouses\":%s}",
		in->partial ? "true" : "false", in->allow_repeat ? "true" : "false",
		in->create_warehouses ? "true" : "false");
}

static enum err open_run(struct op *op, struct import_job *j, const char *currency)
{
	struct texts header = { j->map->names, j->map->n };

	return db_one(op, "import_open", &opened_shape, &j->run, V(j->kind->noun),
		V(j->map->dialect->name), V(j->source.name), V(j->source.digest),
		V(currency), V(j->in->warehouse), V(options_of(op, j->in)), V(header));
}

/* What cannot be read is no import; one that was stopped can be gone on with. */
static enum err give_up(struct op *op, int64_t run, enum err e)
{
	if (op->dry_run)
		return e;
	if (e == E_DATA)
		db_do(op, "import_drop", V(run));
	else
		fail_hint(op, "shopctl import resume %" PRId64, run);
	return e;
}

static enum err stage(struct op *op, struct import_job *j, const char *currency)
{
	struct import_state state = {
		.kind = j->kind, .map = j->map, .currency = currency, .op = op
	};
	const struct import_stage to = { j->run.stage, j->kind->columns, j->kind->row,
		&state };
	enum err e = import_stage_fill(op, &j->source, j->reader, &to);

	if (e != OK)
		return give_up(op, j->run.id, e);
	import_note_ignored(op, &state);
	return db_do(op, "import_staged", V(j->run.id));
}

static enum err apply(struct op *op, int64_t run, struct import_result *out)
{
	enum err e = import_interrupted(op);

	if (e != OK)
		return give_up(op, run, e);
	if (!op->quiet && isatty(STDERR_FILENO))
		out_note(op, "checking and writing");
	TRY(db_one(op, "import_apply", applied, out, V(run)));
	return OK;
}

enum err import_file(struct op *op, const struct import_kind *kind,
	const struct import *import, struct import_result *out)
{
	struct import_job j = { .kind = kind, .in = import };
	const char *currency =
		import->currency ? import->currency : op->config->shop.currency;

	TRY(check_currency(op, currency));
	TRY(begin_reading(op, &j));
	op->timeout_ms = 0; /* a million rows take longer than a statement may */
	TRY(open_run(op, &j, currency));
	if (j.run.already) {
		out->state = "done";
		out->already = j.run.already;
		return report(op, &j, out);
	}
	FAILPOINT(op, "import.opened");
	TRY(stage(op, &j, currency));
	FAILPOINT(op, "import.staged");
	TRY(apply(op, j.run.id, out));
	FAILPOINT(op, "import.applied");
	return report(op, &j, out);
}

enum err import_runs(struct op *op, int64_t limit, struct rows *out)
{
	return db_rows(op, "import_runs", &import_run_shape, out, V(limit));
}
