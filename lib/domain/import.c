/* Importing a file: read, stage, let the database check and apply. */
#include "domain/import.h"

#include "base/config.h"
#include "base/csv.h"
#include "base/failpoint.h"
#include "base/json.h"
#include "base/money.h"
#include "base/out.h"
#include "db/db.h"
#include "domain/import_kind.h"
#include "domain/import_names.h"
#include "domain/import_reject.h"
#include "domain/import_run.h"
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

/* A run that was begun, or is gone on with. */
struct opened {
	int64_t id;
	const char *stage; /* NULL: there is nothing to be read */
	int64_t already;
};
static const struct shape opened_shape =
	SHAPE(opened, FIELD(opened, id, .flags = FIELD_OPTIONAL), FIELD(opened, stage),
		FIELD(opened, already, .flags = FIELD_OPTIONAL));

/* A file on its way. */
struct job {
	const struct import_kind *kind;
	struct import in;
	struct import_names names;
	struct import_source source;
	struct csv_reader *reader;
	struct csv_row header;
	struct import_map *map;
	struct opened run;
};

static enum err report(
	struct op *op, const struct job *j, const struct import_result *r)
{
	const char *rejects = j->in.rejects;
	bool done = !strcmp(r->state, "done");

	if (r->already) {
		out_note(op, "%s: already imported as run %" PRId64, j->source.name,
			r->already);
		return OK;
	}
	if (op->dry_run && !op->quiet)
		TRY(import_note_changes(op, r->id));
	if (!r->rejected)
		return OK;
	TRY(import_rejects_write(op, r->id, &j->source, rejects));
	fail(op, done ? E_PARTIAL : E_DATA, "import_rows_are_valid",
		"%" PRId64 " of %" PRId64 " rows were refused; %s", r->rejected,
		r->rows, done ? "the others were imported" : "nothing was imported");
	if (rejects)
		return fail_hint(op, "correct %s and import it%s", rejects,
			done ? "" : ", or import the good rows with --partial");
	return fail_hint(op, "--rejects FILE writes the refused rows%s",
		done ? "" : ", --partial imports the others");
}

static enum err check_options(struct op *op, const struct import *in)
{
	if (in->max_rejects < 0) {
		fail(op, E_USAGE, "limit_is_not_negative",
			"--max-rejects %" PRId64 " is less than none", in->max_rejects);
		return fail_hint(op, "--partial lets any number pass");
	}
	if (money_exponent(in->currency) >= 0)
		return OK;
	fail(op, E_USAGE, "currency_is_known", "\"%s\" is not a currency",
		in->currency);
	return fail_hint(op, "an ISO 4217 code: --currency EUR");
}

/* The file is found and its header understood, before the database is asked. */
static enum err begin_reading(struct op *op, struct job *j)
{
	TRY(import_source_open(op, j->in.file, &j->source));
	if (j->names.headers.n)
		j->source.digest = import_digest(
			op, j->source.digest, import_names_json(op, &j->names));
	j->reader = csv_reader_new(op, j->source.fd, j->source.name);
	TRY(csv_next(op, j->reader, &j->header));
	j->map = op_alloc(op, sizeof *j->map);
	return import_names_recognise(op, &j->names, j->kind, &j->header, j->map);
}

/* What going on with it takes. */
static const char *options_of(struct op *op, const struct job *j)
{
	const struct import *in = &j->in;
	const char *const word[] = { "false", "true" };

	return op_printf(op,
		"{\"partial\":%s,\"allow_repeat\":%s,\"allow_delete\":%s,"
		"\"create_warehouses\":%s,\"max_rejects\":%" PRId64
		",\"path\":%s,\"map\":%s}",
		word[in->partial], word[in->allow_repeat], word[in->allow_delete],
		word[in->create_warehouses], in->max_rejects,
		j->source.path ? json_quote(op, j->source.path) : "null",
		import_names_json(op, &j->names));
}

static struct texts header_of(struct op *op, const struct csv_row *row)
{
	struct texts t = { op_alloc(op, (row->n + 1) * sizeof *t.v), row->n };
	size_t i;

	for (i = 0; i < row->n; i++)
		t.v[i] = op_strdup(op, row->cells[i].s);
	return t;
}

static enum err open_run(struct op *op, struct job *j)
{
	return db_one(op, "import_open", &opened_shape, &j->run, V(j->kind->noun),
		V(j->map->dialect->name), V(j->source.name), V(j->source.digest),
		V(j->in.currency), V(j->in.warehouse),
		V(((struct json_text){ options_of(op, j) })),
		V(header_of(op, &j->header)));
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

static enum err stage(struct op *op, struct job *j)
{
	struct import_state state = {
		.kind = j->kind, .map = j->map, .currency = j->in.currency, .op = op
	};
	const struct import_stage to = { j->run.stage, j->kind->columns, j->kind->row,
		&state };
	enum err e = import_stage_fill(op, &j->source, j->reader, &to);

	if (e != OK)
		return give_up(op, j->run.id, e);
	import_note_ignored(op, &state);
	FAILPOINT(op, "import.read");
	return db_do(op, "import_staged", V(j->run.id));
}

static enum err apply(struct op *op, int64_t run, struct import_result *out)
{
	enum err e = import_interrupted(op);

	if (e != OK)
		return give_up(op, run, e);
	if (!op->quiet && isatty(STDERR_FILENO))
		out_note(op, "checking and writing");
	return db_one(op, "import_apply", &import_result_shape, out, V(run));
}

/* The stage is filled when there is one to fill, and what is in it applied. */
static enum err finish(struct op *op, struct job *j, struct import_result *out)
{
	FAILPOINT(op, "import.opened");
	if (j->run.stage)
		TRY(stage(op, j));
	FAILPOINT(op, "import.staged");
	TRY(apply(op, j->run.id, out));
	FAILPOINT(op, "import.applied");
	TRY(report(op, j, out));
	return OK;
}

/* A session that goes on to other things lets the run go, whatever became of it. */
static enum err finish_and_let(struct op *op, struct job *j, struct import_result *out)
{
	enum err e = finish(op, j, out);
	struct op last;

	op_open(&last, op->config, op->verb);
	last.db = op->db;
	if (!op->dry_run && db_alive(op->db))
		db_do(&last, "import_let", V(j->run.id));
	op_close(&last);
	return e;
}

enum err import_file(struct op *op, const struct import_kind *kind,
	const struct import *import, struct import_result *out)
{
	struct job j = { .kind = kind, .in = *import };

	if (!j.in.currency)
		j.in.currency = op->config->shop.currency;
	TRY(check_options(op, &j.in));
	TRY(import_names_read(op, j.in.map, &j.names));
	TRY(begin_reading(op, &j));
	op->timeout_ms = 0; /* a million rows take longer than a statement may */
	TRY(open_run(op, &j));
	if (!j.run.already)
		return finish_and_let(op, &j, out);
	out->state = "done";
	out->already = j.run.already;
	return report(op, &j, out);
}

/* A run as the database kept it. */
struct kept {
	int64_t id;
	const char *kind, *stage;
	bool lost;
	const char *source, *sha256, *currency, *warehouse;
	struct json_text options;
};
static const struct shape kept_shape = SHAPE(kept, FIELD(kept, id), FIELD(kept, kind),
	FIELD(kept, stage), FIELD(kept, lost), FIELD(kept, source), FIELD(kept, sha256),
	FIELD(kept, currency), FIELD(kept, warehouse), FIELD(kept, options));

static enum err no_file(struct op *op, const struct kept *k)
{
	fail(op, E_NO_INPUT, "import_file_is_there",
		"import %" PRId64 " was read from %s, and %s", k->id, k->source,
		k->lost ? "the database server lost its rows when it crashed"
			: "not all of its rows are with the database");
	return fail_hint(
		op, "give the file: shopctl import resume %" PRId64 " FILE", k->id);
}

/* The same file once more: its rows were not all read, or are lost. */
static enum err read_again(struct op *op, struct job *j, const struct kept *k)
{
	if (!j->in.file || (strcmp(j->in.file, "-") && access(j->in.file, R_OK) != 0))
		return no_file(op, k);
	if (k->lost)
		out_note(op,
			"the database server lost the rows of import %" PRId64
			" when it crashed; reading %s again",
			k->id, j->in.file);
	TRY(begin_reading(op, j));
	if (!strcmp(j->source.digest, k->sha256))
		return OK;
	fail(op, E_DATA, "import_file_is_the_same",
		"%s is not the file that import %" PRId64 " began with", j->source.name,
		k->id);
	return fail_hint(op, "import it as a file of its own: shopctl %s import %s",
		k->kind, j->source.name);
}

/* Where its refused rows are read again, when there are any. */
static void find_file(struct op *op, struct job *j)
{
	struct import_source s = { 0 };

	if (j->in.file && !access(j->in.file, R_OK) &&
		import_source_open(op, j->in.file, &s) == OK)
		j->source.fd = s.fd;
	fault_clear(op);
}

static enum err restore(struct op *op, struct job *j, const struct kept *k)
{
	const struct json *all;

	TRY(json_parse(op, k->options.s, strlen(k->options.s), &all));
	TRY(import_names_parse(op, json_text_of(op, json_get(all, "map")), &j->names));
	j->kind = import_kind_named(k->kind);
	j->source = (struct import_source){ .name = k->source, .fd = -1 };
	j->run = (struct opened){ .id = k->id, .stage = k->stage };
	j->in.currency = k->currency;
	j->in.warehouse = k->warehouse;
	if (!j->in.file)
		j->in.file = json_string(json_get(all, "path"));
	return OK;
}

enum err import_resume(struct op *op, const struct import_resume *what,
	const struct import_kind **kind, struct import_result *out)
{
	struct job j = { .in = { .file = what->file, .rejects = what->rejects } };
	struct kept k = { 0 };

	op->timeout_ms = 0;
	TRY(db_one(op, "import_resume", &kept_shape, &k, V(what->run)));
	TRY(restore(op, &j, &k));
	*kind = j.kind;
	if (k.stage)
		TRY(read_again(op, &j, &k));
	else
		find_file(op, &j);
	return finish_and_let(op, &j, out);
}
