/* Importing products from a file: read, stage, let the database check and apply. */
#include "domain/import.h"

#include "base/cli.h"
#include "base/config.h"
#include "base/csv.h"
#include "base/money.h"
#include "base/out.h"
#include "base/progress.h"
#include "base/sha.h"
#include "db/db.h"
#include "domain/import_dialect.h"
#include "domain/import_reject.h"
#include "domain/import_row.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH = 64 << 10, ROWS_A_SCRATCH = 128 };

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

/* A file that can be read twice: once for its digest, and again for its rows. */
struct source {
	const char *name;
	int fd;
	int64_t size;
	const char *digest; /* 64 hex digits */
};

static void close_fd(void *fd)
{
	close((int)(intptr_t)fd);
}

static enum err unreadable(struct op *op, const char *name)
{
	fail(op, E_NO_INPUT, "file_is_readable", "%s: %s", name, strerror(errno));
	return fail_hint(op, "give the path of a CSV file, or - for standard input");
}

static enum err check_interrupt(struct op *op)
{
	if (!cli_interrupted())
		return OK;
	return fail(op, E_BUSY, "import_is_whole", "interrupted");
}

/* What comes through a pipe is kept in a file without a name. */
static enum err spool(struct op *op, int from, int *fd)
{
	const char *dir = getenv("TMPDIR");
	char block[1 << 14];
	ssize_t n;

	*fd = open(dir && *dir ? dir : "/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (*fd < 0)
		return fail(
			op, E_CREATE, "output_can_be_created", "a temporary file: %m");
	op_defer(op, close_fd, (void *)(intptr_t)*fd);
	while ((n = read(from, block, sizeof block)) != 0) {
		TRY(check_interrupt(op));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return unreadable(op, "standard input");
		if (write(*fd, block, (size_t)n) != n)
			return fail(op, E_CREATE, "output_can_be_created",
				"a temporary file: %m");
	}
	lseek(*fd, 0, SEEK_SET);
	return OK;
}

static enum err open_source(struct op *op, const char *file, struct source *s)
{
	unsigned char digest[SHA256_BYTES];
	struct stat st;
	char *hex = op_alloc(op, 2 * SHA256_BYTES + 1);
	size_t i;

	s->name = strcmp(file, "-") ? file : "standard input";
	s->fd = strcmp(file, "-") ? open(file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (s->fd < 0)
		return unreadable(op, s->name);
	if (s->fd != STDIN_FILENO)
		op_defer(op, close_fd, (void *)(intptr_t)s->fd);
	if (fstat(s->fd, &st) != 0 || S_ISDIR(st.st_mode)) {
		errno = errno ? errno : EISDIR;
		return unreadable(op, s->name);
	}
	if (!S_ISREG(st.st_mode))
		TRY(spool(op, s->fd, &s->fd));
	if (!sha256_file(s->fd, digest) || lseek(s->fd, 0, SEEK_SET) < 0 ||
		fstat(s->fd, &st) != 0)
		return unreadable(op, s->name);
	s->size = st.st_size;
	for (i = 0; i < sizeof digest; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	s->digest = hex;
	return OK;
}

static bool is_blank(const struct csv_row *row)
{
	size_t i;

	for (i = 0; i < row->n; i++)
		if (row->cells[i].n)
			return false;
	return true;
}

/* Rows to the stage, in memory that does not grow with the file. */
static enum err stage_rows(struct op *op, struct csv_reader *reader,
	struct import_state *state, struct progress *progress)
{
	struct text batch = { 0 };
	struct csv_row row;
	struct op scratch;
	int64_t n;
	enum err e;

	op_open(&scratch, op->config, op->verb);
	for (n = 1; (e = csv_next(op, reader, &row)) == OK && row.n; n++) {
		if (!is_blank(&row))
			import_row(&scratch, state, &row, &batch);
		if (batch.n >= BATCH) {
			e = db_copy_put(op, batch.s, batch.n);
			text_clear(&batch);
			progress_at(progress, csv_offset(reader), n);
			if (e == OK)
				e = check_interrupt(op);
		}
		if (e != OK)
			break;
		if (n % ROWS_A_SCRATCH == 0) {
			op_close(&scratch);
			op_open(&scratch, op->config, op->verb);
		}
	}
	op_close(&scratch);
	if (e == OK && batch.n)
		e = db_copy_put(op, batch.s, batch.n);
	return e;
}

static enum err stage(struct op *op, const struct source *s, struct csv_reader *reader,
	struct import_state *state)
{
	struct progress progress;
	enum err e;

	progress_begin(op, &progress, op_printf(op, "reading %s", s->name), s->size);
	TRY(db_copy_begin(op, "import_stage", import_stage_columns));
	e = stage_rows(op, reader, state, &progress);
	e = db_copy_end(op, e);
	progress_end(&progress);
	return e;
}

static enum err apply(struct op *op, const struct import *in, const struct source *s,
	const char *dialect, struct import_result *out)
{
	TRY(check_interrupt(op));
	if (!op->quiet && isatty(STDERR_FILENO))
		out_note(op, "checking and writing");
	return db_one(op, "import_apply", &import_result_shape, out, V(dialect),
		V(s->name), V(s->digest), V(in->currency), V(in->warehouse),
		V(in->partial), V(in->allow_repeat));
}

static enum err report(struct op *op, const struct import *in, const struct source *s,
	const struct import_result *r)
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
	struct source source = { 0 };
	struct import_map *map = op_alloc(op, sizeof *map);
	struct import_state state = { .map = map, .op = op };
	struct csv_reader *reader;
	struct csv_row header;

	if (!in.currency)
		in.currency = op->config->shop.currency;
	TRY(check_currency(op, in.currency));
	TRY(open_source(op, in.file, &source));
	reader = csv_reader_new(op, source.fd, source.name);
	TRY(csv_next(op, reader, &header));
	TRY(import_recognise(op, &header, map));
	op->timeout_ms = 0; /* a million rows take longer than a statement may */
	TRY(db_one(op, "import_open", &import_result_shape, out, V(source.digest),
		V(in.currency), V(in.warehouse), V(in.allow_repeat)));
	if (!out->already) {
		state.currency = in.currency;
		TRY(stage(op, &source, reader, &state));
		TRY(apply(op, &in, &source, map->dialect->name, out));
	}
	return report(op, &in, &source, out);
}

enum err import_runs(struct op *op, int64_t limit, struct rows *out)
{
	return db_rows(op, "import_runs", &import_run_shape, out, V(limit));
}
