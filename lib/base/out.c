/* The result of a command on standard output, in the format that was asked for. */
#include "base/out.h"

#include "base/out_format.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char formats[] = "table|json|csv|tsv|ndjson|xlsx";

static enum err bad_format(struct op *op, const char *format)
{
	const char *near = nearest(op, format, formats);

	fail(op, E_USAGE, "format_is_known", "there is no format \"%s\"", format);
	return near ? fail_hint(op, "did you mean \"%s\"? (%s)", near, formats)
		    : fail_hint(op, "one of: %s", formats);
}

static enum err open_file(struct op *op, struct out *out, const char *file)
{
	int fd;

	if (!file || !strcmp(file, "-")) {
		out->stream = stdout;
		return OK;
	}
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	out->stream = fd < 0 ? NULL : fdopen(fd, "w");
	if (!out->stream)
		return fail(op, E_CREATE, "output_can_be_created", "%s: %m", file);
	return OK;
}

enum err out_open(struct op *op, const struct out_options *options)
{
	struct out *out = op_alloc(op, sizeof *out);

	out->options = *options;
	op->out = out;
	out->writer = out_writer(options->format ? options->format
				 : isatty(STDOUT_FILENO) && !options->file ? "table"
									   : "tsv");
	if (!out->writer)
		return bad_format(op, options->format);
	if (out->writer == &out_xlsx && (!options->file || !strcmp(options->file, "-")))
		return fail(op, E_USAGE, "xlsx_has_a_file",
			"a workbook is written to a file: add --output FILE");
	out->header = !options->no_header && (options->format || !out->writer->bare);
	return open_file(op, out, options->file);
}

static enum err broken(struct op *op)
{
	int why = errno;

	if (!op->out->failed) {
		op->out->failed = true;
		fail(op, E_OUTPUT, "result_is_written",
			"could not write the result: %s", strerror(why ? why : EIO));
		fail_hint(op, "free space or fix the pipe, then run it again");
	}
	return E_OUTPUT;
}

/* Standard output stays open as a number, so that no other file takes its place. */
enum err out_close(struct op *op)
{
	struct out *out = op->out;

	if (!out || !out->stream)
		return OK;
	if (out->book && op->fault.code == OK)
		TRY(out_xlsx_close(op, out));
	errno = 0;
	if (fflush(out->stream) != 0 || ferror(out->stream))
		return broken(op);
	if (out->stream == stdout) {
		int copy =
			dup(STDOUT_FILENO); /* network disks report errors at close */

		return copy < 0 || close(copy) != 0 ? broken(op) : OK;
	}
	return fclose(out->stream) != 0 ? broken(op) : OK;
}

static enum err unknown_column(struct op *op, const struct shape *s, const char *name)
{
	const char *near = shape_nearest(op, s, name), *all = "";
	size_t i;

	for (i = 0; i < s->count; i++)
		all = op_printf(op, "%s%s%s", all, i ? ", " : "", s->fields[i].name);
	fail(op, E_USAGE, "column_is_known", "there is no column \"%s\"", name);
	return near ? fail_hint(op, "did you mean \"%s\"? columns: %s", near, all)
		    : fail_hint(op, "columns: %s", all);
}

static void add_visible(struct out *out, const struct shape *s)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (!(s->fields[i].flags & FIELD_HIDDEN))
			out->columns[out->count++] = &s->fields[i];
}

static void drop_column(struct out *out, const struct field *f)
{
	size_t i, kept = 0;

	for (i = 0; i < out->count; i++)
		if (out->columns[i] != f)
			out->columns[kept++] = out->columns[i];
	out->count = kept;
}

/* "a,b" are these columns; "+a,-b" changes the usual ones. */
static enum err choose(struct op *op, const struct shape *s, const char *list)
{
	struct out *out = op->out;
	const char *p = list;

	if (*p == '+' || *p == '-')
		add_visible(out, s);
	while (*p) {
		size_t n = strcspn(p, ",");
		char sign = *p == '+' || *p == '-' ? *p : 0;
		const char *name = op_strndup(op, p + !!sign, n - !!sign);
		const struct field *f = shape_find(s, name);

		if (!f)
			return unknown_column(op, s, name);
		drop_column(out, f);
		if (sign != '-')
			out->columns[out->count++] = f;
		p += n + (p[n] == ',');
	}
	return OK;
}

static enum err columns(struct op *op, const struct shape *s)
{
	struct out *out = op->out;
	const char *list =
		out->options.field ? out->options.field : out->options.columns;

	out->shape = s;
	out->count = 0;
	out->columns = op_alloc(op, (s->count + 64) * sizeof *out->columns);
	if (!list) {
		add_visible(out, s);
		return OK;
	}
	if (!strcmp(list, "help"))
		return unknown_column(op, s, "help");
	if (strlen(list) > 4096)
		return fail(op, E_USAGE, "columns_are_few", "--columns is too long");
	return choose(op, s, list);
}

enum err out_begin(struct op *op, const struct shape *shape)
{
	struct out *out = op->out;

	TRY(columns(op, shape));
	if (out->options.field)
		out->writer = out_writer("tsv"), out->header = false;
	out->rows = 0;
	errno = 0;
	out->writer->begin(op, out);
	return ferror(out->stream) ? broken(op) : OK;
}

enum err out_row(struct op *op, const void *item)
{
	struct out *out = op->out;

	out->writer->row(op, out, item);
	out->rows++;
	return ferror(out->stream) ? broken(op) : OK;
}

enum err out_end(struct op *op)
{
	op->out->writer->end(op, op->out);
	return ferror(op->out->stream) ? broken(op) : OK;
}

enum err out_flush(struct op *op)
{
	errno = 0;
	return fflush(op->out->stream) != 0 ? broken(op) : OK;
}

enum err out_rows(struct op *op, const struct shape *shape, struct rows rows)
{
	size_t i;

	TRY(out_begin(op, shape));
	for (i = 0; i < rows.n; i++)
		TRY(out_row(op, row_at(shape, rows, i)));
	return out_end(op);
}

enum err out_one(struct op *op, const struct shape *shape, const void *item)
{
	op->out->one = true;
	TRY(out_begin(op, shape));
	TRY(out_row(op, item));
	TRY(out_end(op));
	op->out->one = false;
	return OK;
}

enum err out_text(struct op *op, const char *fmt, ...)
{
	va_list args;

	if (op->out->writer == &out_xlsx)
		return fail(op, E_USAGE, "format_is_for_rows",
			"what this prints is no table for a workbook");
	va_start(args, fmt);
	errno = 0;
	vfprintf(op->out->stream, fmt, args);
	va_end(args);
	return ferror(op->out->stream) ? broken(op) : OK;
}

void out_safe(struct op *op)
{
	op->out->safe = true;
}

bool out_is_table(const struct op *op)
{
	return op->out && op->out->writer == out_writer("table");
}

void out_note(struct op *op, const char *fmt, ...)
{
	va_list args;

	if (op->quiet)
		return;
	va_start(args, fmt);
	fprintf(stderr, "%s\n", op_vprintf(op, fmt, args));
	va_end(args);
}
