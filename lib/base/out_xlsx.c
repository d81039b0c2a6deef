/* A workbook for spreadsheets, by libxlsxwriter: typed cells, row by row to the disk.
 */
#include "base/out_format.h"

#include <math.h>
#include <string.h>
#include <xlsxwriter.h>

/* What libxlsxwriter holds of one result.  A full sheet is followed by another. */
struct out_book {
	lxw_workbook *book; /* NULL once it is written */
	lxw_worksheet *sheet;
	lxw_format *bold, *stamp, *money[5]; /* by decimals of the currency */
	lxw_row_t row;
	int sheets;
	lxw_error error; /* the first */
};

static void note(struct out_book *b, lxw_error e)
{
	if (b->error == LXW_NO_ERROR)
		b->error = e;
}

/* After a failure: its temporary files go, and nothing is written. */
static void drop(void *p)
{
	struct out_book *b = p;

	if (b->book)
		lxw_workbook_free(b->book);
	b->book = NULL;
}

static lxw_format *format_of(struct out_book *b, const char *numbers)
{
	lxw_format *f = workbook_add_format(b->book);

	format_set_num_format(f, numbers);
	return f;
}

static struct out_book *book(struct op *op, struct out *out)
{
	static const char *const decimals[] = { "#,##0", "#,##0.0", "#,##0.00",
		"#,##0.000", "#,##0.0000" };
	lxw_workbook_options options = { .constant_memory = LXW_TRUE };
	struct out_book *b = out->book;

	if (b)
		return b;
	out->book = b = op_alloc(op, sizeof *b);
	b->book = workbook_new_opt(out->options.file, &options);
	op_defer(op, drop, b);
	b->bold = workbook_add_format(b->book);
	format_set_bold(b->bold);
	b->stamp = format_of(b, "yyyy-mm-dd hh:mm:ss");
	for (int i = 0; i < 5; i++)
		b->money[i] = format_of(b, decimals[i]);
	return b;
}

static void head(struct out_book *b, int *column, const char *text, double width)
{
	lxw_col_t at = (lxw_col_t)(*column)++;

	worksheet_set_column(b->sheet, at, at, width, NULL);
	note(b, worksheet_write_string(b->sheet, 0, at, text, b->bold));
}

/* A name in Excel has at most 31 characters, and each sheet its own. */
static void begin(struct op *op, struct out *out)
{
	struct out_book *b = book(op, out);
	const char *name = op_printf(
		op, b->sheets ? "%.24s %d" : "%.24s", out->shape->name, b->sheets + 1);
	int column = 0;

	b->sheet = workbook_add_worksheet(b->book, name);
	b->sheets++;
	b->row = 1;
	worksheet_freeze_panes(b->sheet, 1, 0);
	for (size_t i = 0; i < out->count; i++) {
		const struct field *f = out->columns[i];

		head(b, &column, f->name, f->type == FIELD_TEXT ? 24 : 18);
		if (f->type == FIELD_MONEY && !(f->flags & FIELD_BARE))
			head(b, &column, op_printf(op, "%s_currency", f->name), 10);
	}
}

/* Spreadsheets count in doubles: 15 digits, which is more than any sum here has. */
static void put_money(
	struct out_book *b, const struct field *f, const struct money *m, int *column)
{
	int exponent = money_exponent(m->currency);
	lxw_col_t at = (lxw_col_t)*column;

	*column += f->flags & FIELD_BARE ? 1 : 2;
	if (!*m->currency)
		return;
	exponent = exponent < 0 || exponent > 4 ? 2 : exponent;
	note(b, worksheet_write_number(b->sheet, b->row, at,
			(double)m->minor / pow(10, exponent), b->money[exponent]));
	if (!(f->flags & FIELD_BARE))
		note(b, worksheet_write_string(b->sheet, b->row, (lxw_col_t)(at + 1),
				m->currency, NULL));
}

/* Text is written as text: nothing that somebody typed is ever computed. */
static void put(struct op *op, struct out_book *b, const struct field *f,
	const void *item, int *column)
{
	const void *at = (const char *)item + f->offset;
	const char *text = field_text(op, f, item);
	bool number = f->type == FIELD_REAL ||
		      (f->type == FIELD_INT && !(f->flags & FIELD_ID));
	lxw_col_t col = (lxw_col_t)*column;

	if (f->type == FIELD_MONEY) {
		put_money(b, f, at, column);
		return;
	}
	++*column;
	if (!text || !*text)
		return;
	if (number && !(f->flags & FIELD_SECRET))
		note(b, worksheet_write_number(b->sheet, b->row, col,
				f->type == FIELD_INT ? (double)*(const int64_t *)at
						     : *(const double *)at,
				NULL));
	else if (f->type == FIELD_STAMP)
		note(b, worksheet_write_unixtime(b->sheet, b->row, col,
				((const struct stamp *)at)->us / 1000000, b->stamp));
	else
		note(b, worksheet_write_string(b->sheet, b->row, col, text, NULL));
}

static void row(struct op *op, struct out *out, const void *item)
{
	struct out_book *b = out->book;
	int column = 0;

	if (b->row == LXW_ROW_MAX)
		begin(op, out);
	for (size_t i = 0; i < out->count; i++)
		put(op, b, out->columns[i], item, &column);
	b->row++;
}

static void end(struct op *op, struct out *out)
{
	(void)op;
	(void)out;
}

enum err out_xlsx_close(struct op *op, struct out *out)
{
	struct out_book *b = out->book;
	lxw_workbook *whole = b->book;
	lxw_error e = b->error;

	if (e != LXW_NO_ERROR) {
		drop(b);
		return fail(
			op, E_DATA, "cell_fits_a_spreadsheet", "%s", lxw_strerror(e));
	}
	b->book = NULL;
	e = workbook_close(whole);
	if (e != LXW_NO_ERROR) {
		fail(op, E_OUTPUT, "result_is_written", "could not write %s: %s",
			out->options.file, lxw_strerror(e));
		return fail_hint(op, "free space, then run it again");
	}
	return OK;
}

const struct out_writer out_xlsx = { "xlsx", false, begin, row, end };
