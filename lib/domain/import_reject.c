/* Refused rows: noted for the person, written out for the next import. */
#include "domain/import_reject.h"

#include "base/csv.h"
#include "base/field.h"
#include "base/out.h"
#include "db/db.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN = 10 };

struct reject {
	int64_t line;
	struct texts columns, rules, problems, hints; /* of each thing that is wrong */
	struct texts cells; /* of the row, when they were kept */
};

static const struct shape reject_shape =
	SHAPE(reject, FIELD(reject, line), FIELD(reject, columns), FIELD(reject, rules),
		FIELD(reject, problems), FIELD(reject, hints), FIELD(reject, cells));

/* The file is read again beside the list of what was refused; both go by line. */
struct rejects {
	struct op *side; /* the reader's memory, which outlives a row's */
	struct csv_reader *reader;
	FILE *to; /* NULL: only noted */
	const char *path;
	size_t width;
	int64_t n;
};

/* A reject file that is corrected and refused again has these columns already. */
static bool is_ours(const char *name)
{
	static const char *const ours[] = { "line", "column", "rule", "problem",
		"hint" };
	size_t i;

	for (i = 0; i < sizeof ours / sizeof *ours; i++)
		if (!strcmp(name, ours[i]))
			return true;
	return false;
}

static enum err put_line(struct op *op, struct rejects *r, const struct csv_row *row,
	const char *const *more)
{
	struct text t = { 0 };
	size_t i;

	for (i = 0; i < r->width; i++)
		csv_put(op, &t, i == 0, i < row->n ? row->cells[i].s : "");
	for (i = 0; i < 5; i++)
		csv_put(op, &t, false, more[i]);
	text_add_char(op, &t, '\n');
	if (fwrite(t.s, 1, t.n, r->to) == t.n)
		return OK;
	return fail(op, E_OUTPUT, "result_is_written", "%s: %m", r->path);
}

static enum err read_row(struct op *op, struct rejects *r, struct csv_row *row)
{
	enum err e = csv_next(r->side, r->reader, row);
	const struct fault *f = &r->side->fault;

	return e == OK ? OK : fail(op, e, f->rule, "%s", op_strdup(op, f->text));
}

/* "a; b": each text once, empty ones left out. */
static const char *join(struct op *op, const struct texts *t)
{
	const char *all = "";
	size_t i, j;

	for (i = 0; i < t->n; i++) {
		for (j = 0; j < i && strcmp(t->v[i], t->v[j]) != 0; j++)
			continue;
		if (j == i && *t->v[i])
			all = op_printf(op, "%s%s%s", all, *all ? "; " : "", t->v[i]);
	}
	return all;
}

/* The first thing that is wrong, for the person. */
static void note(struct op *op, const struct reject *x)
{
	const char *more =
		x->rules.n > 1 ? op_printf(op, ", and %zu more", x->rules.n - 1) : "";

	out_note(op, "line %" PRId64 ", %s: %s: %s%s", x->line, x->columns.v[0],
		x->rules.v[0], x->problems.v[0], more);
	if (*x->hints.v[0])
		out_note(op, "  hint: %s", x->hints.v[0]);
}

static enum err each(struct op *op, void *ctx, void *item)
{
	struct rejects *r = ctx;
	const struct reject *x = item;
	const char *more[] = { op_printf(op, "%" PRId64, x->line),
		join(op, &x->columns), join(op, &x->rules), join(op, &x->problems),
		join(op, &x->hints) };
	struct csv_row row;

	if (r->n++ < SHOWN)
		note(op, x);
	if (!r->to)
		return OK;
	do
		TRY(read_row(op, r, &row));
	while (row.n && row.line < x->line);
	return put_line(op, r, &row, more);
}

static enum err put_header(struct op *op, struct rejects *r)
{
	static const char *const names[] = { "line", "column", "rule", "problem",
		"hint" };
	struct csv_row header;

	TRY(read_row(op, r, &header));
	r->width = header.n;
	while (r->width && is_ours(header.cells[r->width - 1].s))
		r->width--;
	return put_line(op, r, &header, names);
}

static enum err open_rejects(struct op *op, struct rejects *r, int fd, const char *name)
{
	if (lseek(fd, 0, SEEK_SET) < 0)
		return fail(op, E_NO_INPUT, "file_is_readable", "%s: %m", name);
	r->reader = csv_reader_new(r->side, fd, name);
	r->to = fopen(r->path, "we");
	if (!r->to)
		return fail(op, E_CREATE, "output_can_be_created", "%s: %m", r->path);
	return put_header(op, r);
}

static enum err ask(struct op *op, int64_t run, struct rejects *r)
{
	if (!run)
		return db_each_values(
			op, "history_rejects", &reject_shape, each, r, NULL, 0);
	return db_each(op, "import_rejects", &reject_shape, each, r, V(run));
}

enum err import_rejects_write(
	struct op *op, int64_t run, const struct import_source *s, const char *path)
{
	struct op side;
	struct rejects r = { .side = &side, .path = path };
	enum err e = OK;

	op_open(&side, op->config, op->verb);
	if (path)
		e = open_rejects(op, &r, s->fd, s->name);
	if (e == OK)
		e = ask(op, run, &r);
	if (r.to && fclose(r.to) != 0 && e == OK)
		e = fail(op, E_OUTPUT, "result_is_written", "%s: %m", path);
	op_close(&side);
	if (e == OK && r.n > SHOWN && !path)
		out_note(op, "and %" PRId64 " more; all of them: --rejects FILE",
			r.n - SHOWN);
	return e;
}
