/* Tables for people, by libsmartcols: widths of wide characters, truncation, safe
 * escapes. */
#include "base/out_format.h"

#include <libsmartcols.h>
#include <string.h>
#include <unistd.h>

static void begin(struct op *op, struct out *out)
{
	size_t i;

	scols_init_debug(0);
	out->table = scols_new_table();
	op_defer(op, (void (*)(void *))scols_unref_table, out->table);
	scols_table_set_stream(out->table, out->stream);
	scols_table_enable_noheadings(out->table, out->one || !out->header);
	if (out->one) {
		scols_table_new_column(out->table, "", 0, 0);
		scols_table_new_column(out->table, "", 0, SCOLS_FL_WRAP);
		return;
	}
	for (i = 0; i < out->count; i++) {
		const struct field *f = out->columns[i];
		bool right = f->type == FIELD_MONEY || f->type == FIELD_REAL ||
			     (f->type == FIELD_INT && !(f->flags & FIELD_ID));

		scols_table_new_column(
			out->table, f->name, 0, right ? SCOLS_FL_RIGHT : 0);
	}
}

static const char *shown(struct op *op, const struct field *f, const void *item)
{
	const char *text = field_text(op, f, item);

	return text ? text : "-";
}

static void row(struct op *op, struct out *out, const void *item)
{
	struct libscols_line *line = NULL;
	size_t i;

	for (i = 0; i < out->count; i++) {
		const char *text = shown(op, out->columns[i], item);

		if (out->one || !line)
			line = scols_table_new_line(out->table, NULL);
		if (out->one)
			scols_line_set_data(line, 0, out->columns[i]->name);
		scols_line_set_data(line, out->one ? 1 : i, text);
	}
}

static void end(struct op *op, struct out *out)
{
	(void)op;
	scols_print_table(out->table);
	if (!scols_table_is_empty(out->table))
		return;
	if (out->header && !out->one)
		fputs("(none)\n", out->stream);
}

const struct out_writer out_table = { "table", false, begin, row, end };
