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

enum { SHOWN = 10, PAGE = 500, EXTRA = 5 };

static const char *const extra[EXTRA] = { "line", "column", "rule", "problem", "hint" };

struct reject {
	int64_t line;
	struct texts columns, rules, problems, hints; /* of each thing that is wrong */
	const char *cells; /* of the row, as CSV, when they were kept */
};

static const struct shape reject_shape =
	SHAPE(reject, FIELD(reject, line), FIELD(reject, columns), FIELD(reject, rules),
		FIELD(reject, problems), FIELD(reject, hints), FIELD(reject, cells));

/* The file is read again beside the list of what was refused; both go by line. */
struct rejects {
	struct op *side; /* the reader's memory, which outlives a page's */
	int64_t run, n, last;
	struct csv_reader *reader; /* NULL: the cells are those that were kept */
	FILE *to;                  /* NULL: not written to a file */
	const char *path;
	bool print; /* on standard output */
	size_t width;
};

/* A reject file that is corrected and refused again has these columns already. */
static bool is_ours(const char *name)
{
	size_t i;

	for (i = 0; i < EXTRA; i++)
		if (!strcmp(name, extra[i]))
			return true;
	return false;
}

/* The row as it was and what is wrong with it, a line of CSV. */
static enum err put_line(
	struct op *op, struct rejects *r, const char *cells, const char *const *more)
{
	struct text t = { 0 };
	size_t i;

	text_add(op, &t, cells);
	for (i = 0; i < EXTRA; i++)
		csv_put(op, &t, false, more[i]);
	text_add_char(op, &t, '\n');
	if (r->print)
		return out_text(op, "%s", t.s);
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

/* As many cells as the header has, without those that --rejects added before. */
static const char *cells_of(
	struct op *op, const struct rejects *r, const struct csv_row *row)
{
	struct text t = { 0 };
	size_t i;

	text_add(op, &t, "");
	for (i = 0; i < r->width; i++)
		csv_put(op, &t, i == 0, row && i < row->n ? row->cells[i].s : "");
	return t.s;
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

static enum err find_cells(struct op *op, struct rejects *r, struct reject *x)
{
	struct csv_row row;

	if (r->reader) {
		do
			TRY(read_row(op, r, &row));
		while (row.n && row.line < x->line);
		x->cells = cells_of(op, r, &row);
	} else if (!x->cells) {
		x->cells = cells_of(op, r, NULL);
	}
	return OK;
}

static enum err each(struct op *op, struct rejects *r, struct reject *x)
{
	const char *more[] = { op_printf(op, "%" PRId64, x->line),
		join(op, &x->columns), join(op, &x->rules), join(op, &x->problems),
		join(op, &x->hints) };

	if (r->n++ < SHOWN && !r->print)
		note(op, x);
	TRY(find_cells(op, r, x));
	return r->to || r->print ? put_line(op, r, x->cells, more) : OK;
}

/* What was refused of an import of past orders lives in its session only. */
static enum err keep(struct op *op, const struct rejects *r, struct rows page)
{
	int64_t *lines = op_alloc(op, page.n * sizeof *lines);
	const char **cells = op_alloc(op, page.n * sizeof *cells);
	const struct reject *x = page.items;
	size_t i;

	if (!r->run || !r->reader)
		return OK;
	for (i = 0; i < page.n; i++) {
		lines[i] = x[i].line;
		cells[i] = x[i].cells;
	}
	return db_do(op, "import_rejects_keep", V(r->run),
		V(((struct ints){ lines, page.n })),
		V(((struct texts){ cells, page.n })));
}

static enum err do_page(struct op *op, struct rejects *r, bool *more)
{
	struct rows page;
	size_t i;

	TRY(db_rows(op, r->run ? "import_rejects" : "history_rejects", &reject_shape,
		&page, V(r->run), V(r->last), V(PAGE)));
	for (i = 0; i < page.n; i++) {
		struct reject *x = row_at(&reject_shape, page, i);

		TRY(each(op, r, x));
		r->last = x->line;
	}
	*more = page.n == PAGE;
	return page.n ? keep(op, r, page) : OK;
}

/* Page by page, so that a million of them need the memory of a few. */
static enum err all_pages(struct op *op, struct rejects *r)
{
	bool more = true;
	enum err e = OK;
	struct op page;

	while (e == OK && more) {
		op_open(&page, op->config, op->verb);
		page.db = op->db;
		page.out = op->out;
		page.quiet = op->quiet;
		page.timeout_ms = op->timeout_ms;
		e = do_page(&page, r, &more);
		if (e != OK)
			fail(op, e, page.fault.rule, "%s",
				op_strdup(op, page.fault.text));
		op_close(&page);
	}
	return e;
}

static enum err open_file(
	struct op *op, struct rejects *r, const struct import_source *s)
{
	struct csv_row header;

	if (lseek(s->fd, 0, SEEK_SET) < 0)
		return fail(op, E_NO_INPUT, "file_is_readable", "%s: %m", s->name);
	r->reader = csv_reader_new(r->side, s->fd, s->name);
	TRY(read_row(op, r, &header));
	r->width = header.n;
	while (r->width && is_ours(header.cells[r->width - 1].s))
		r->width--;
	if (!r->path)
		return OK;
	r->to = fopen(r->path, "we");
	if (!r->to)
		return fail(op, E_CREATE, "output_can_be_created", "%s: %m", r->path);
	return put_line(op, r, cells_of(op, r, &header), extra);
}

enum err import_rejects_write(
	struct op *op, int64_t run, const struct import_source *s, const char *path)
{
	struct op side;
	struct rejects r = { .side = &side, .run = run, .path = path };
	enum err e = OK;

	op_open(&side, op->config, op->verb);
	if (s->fd >= 0)
		e = open_file(op, &r, s);
	if (e == OK)
		e = all_pages(op, &r);
	if (r.to && fclose(r.to) != 0 && e == OK)
		e = fail(op, E_OUTPUT, "result_is_written", "%s: %m", path);
	op_close(&side);
	if (e == OK && r.n > SHOWN && !path)
		out_note(op, "and %" PRId64 " more; all of them: --rejects FILE",
			r.n - SHOWN);
	return e;
}

enum err import_rejects_print(struct op *op, int64_t run, struct texts header)
{
	struct rejects r = { .run = run, .print = true, .width = header.n };
	struct csv_row row = { 0 };
	struct csv_cell *cells = op_alloc(op, (header.n + 1) * sizeof *cells);

	while (r.width && is_ours(header.v[r.width - 1]))
		r.width--;
	for (row.n = 0; row.n < r.width; row.n++)
		cells[row.n].s = header.v[row.n];
	row.cells = cells;
	TRY(put_line(op, &r, cells_of(op, &r, &row), extra));
	return all_pages(op, &r);
}
