/*
 * One line of an order as one row of the stage.  What is wrong with a cell is staged
 * with the row, so that one bad row costs one order, not the file.
 */
#include "domain/history_row.h"

#include "base/out.h"
#include "domain/import_cell.h"
#include "domain/import_source.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const char history_stage_columns[] = "line, problems, zoned, external_id, at, "
				     "customer, sku, title, qty, unit_price, "
				     "currency, country";

enum { WHOLE_MAX = 12, DECIMALS_MAX = 6, QTY_DIGITS = 9, NAME_BYTES = 200 };

static import_parse cell_name, cell_customer, cell_date, cell_qty, cell_price;

static const struct {
	const char *names;
	enum history_target target;
	import_parse *parse;
	bool needed;
} columns[] = {
	{ "|external id|order|order id|order number|invoice|invoice no|invoiceno|",
		H_EXTERNAL_ID, cell_name, true },
	{ "|date|at|order date|ordered at|invoice date|invoicedate|", H_AT, cell_date,
		true },
	{ "|customer|customer id|customerid|", H_CUSTOMER, cell_customer, false },
	{ "|sku|stock code|stockcode|", H_SKU, cell_name, false },
	{ "|title|description|", H_TITLE, cell_line, false },
	{ "|qty|quantity|", H_QTY, cell_qty, true },
	{ "|unit price|unitprice|price|", H_UNIT_PRICE, cell_price, true },
	{ "|currency|", H_CURRENCY, cell_currency, false },
	{ "|country|", H_COUNTRY, cell_line, false },
	/* What --rejects adds to a row. */
	{ "|line|column|rule|problem|hint|", H_NOTHING, NULL, false },
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static enum err cell_name(
	struct op *op, const struct import_cell *cell, const char **out)
{
	TRY(cell_line(op, cell, out));
	if (strlen(*out) <= NAME_BYTES)
		return OK;
	return fail(op, E_DATA, "history_name_is_short", "it is longer than %d bytes",
		NAME_BYTES);
}

/* A number of the other system.  An address would stay here for good. */
static enum err cell_customer(
	struct op *op, const struct import_cell *cell, const char **out)
{
	TRY(cell_name(op, cell, out));
	if (!strchr(*out, '@'))
		return OK;
	fail(op, E_DATA, "history_names_no_person",
		"an e-mail address is personal data");
	return fail_hint(op, "give the customer's number, or leave the cell empty");
}

static enum err bad_date(struct op *op, const char *s)
{
	fail(op, E_DATA, "time_is_readable", "\"%.40s\" is not a date and time", s);
	return fail_hint(op, "write 2011-08-31, 2011-08-31 14:05 or 2011-08-31T14:05Z");
}

static bool number(const char **p, int digits, int least, int most, int *out)
{
	int i;

	for (i = 0, *out = 0; i < digits; i++, (*p)++) {
		if (!isdigit((unsigned char)**p))
			return false;
		*out = *out * 10 + (**p - '0');
	}
	return *out >= least && *out <= most;
}

static bool read_clock(const char **p)
{
	int n;

	if (!number(p, 2, 0, 23, &n) || *(*p)++ != ':' || !number(p, 2, 0, 59, &n))
		return false;
	if (**p == ':') {
		(*p)++;
		if (!number(p, 2, 0, 59, &n))
			return false;
		if (**p == '.') {
			(*p)++;
			*p += strspn(*p, "0123456789");
		}
	}
	return true;
}

/* "Z", "+02:00", "+0200", "+02" or nothing. */
static bool read_zone(const char **p)
{
	int n;

	if (**p == 'Z')
		(*p)++;
	else if (**p == '+' || **p == '-') {
		(*p)++;
		if (!number(p, 2, 0, 14, &n))
			return false;
		*p += **p == ':';
		if (**p && !number(p, 2, 0, 59, &n))
			return false;
	}
	return !**p;
}

static bool is_day(int year, int month, int day)
{
	static const char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return day <= days[month - 1] + (leap && month == 2);
}

static enum err cell_date(
	struct op *op, const struct import_cell *cell, const char **out)
{
	const char *p;
	int year, month, day;

	TRY(cell_line(op, cell, out));
	p = *out;
	if (!number(&p, 4, 1900, 2999, &year) || *p++ != '-' ||
		!number(&p, 2, 1, 12, &month) || *p++ != '-' ||
		!number(&p, 2, 1, 31, &day) || !is_day(year, month, day))
		return bad_date(op, *out);
	if (!*p)
		return OK;
	if (*p != 'T' && *p != ' ')
		return bad_date(op, *out);
	p++;
	if (!read_clock(&p) || !read_zone(&p))
		return bad_date(op, *out);
	return OK;
}

/* Whether a date that was read says its zone. */
static bool is_zoned(const char *at)
{
	return strlen(at) > 10 && strpbrk(at + 10, "Z+-") != NULL;
}

static enum err cell_qty(
	struct op *op, const struct import_cell *cell, const char **out)
{
	const char *p;
	size_t n;

	TRY(cell_line(op, cell, out));
	p = *out + (**out == '-');
	n = strspn(p, "0123456789");
	if (!n || n > QTY_DIGITS || p[n] || strspn(p, "0") == n) {
		fail(op, E_DATA, "history_quantity_is_whole",
			"\"%.40s\" is not a number of pieces", *out);
		return fail_hint(op, "write 3, or -3 for what came back");
	}
	return OK;
}

/* Past prices may have parts of a cent; they are kept to the last digit. */
static enum err cell_price(
	struct op *op, const struct import_cell *cell, const char **out)
{
	const char *p;
	size_t whole, decimals = 0;

	TRY(cell_line(op, cell, out));
	p = *out + (**out == '-');
	whole = strspn(p, "0123456789");
	if (p[whole] == '.')
		decimals = strspn(p + whole + 1, "0123456789") + 1;
	if (!whole || whole > WHOLE_MAX || decimals == 1 ||
		decimals > DECIMALS_MAX + 1 || p[whole + decimals]) {
		fail(op, E_DATA, "money_is_exact", "\"%.40s\" is not a price", *out);
		return fail_hint(op,
			"write 1234.50: a point, no thousands separator, at most %d "
			"decimals",
			DECIMALS_MAX);
	}
	return OK;
}

static size_t column_named(struct op *op, const char *name)
{
	const char *wanted = op_printf(op, "|%s|", name);
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		if (*name && strstr(columns[i].names, wanted))
			return i;
	return COLUMNS;
}

static enum err missing(struct op *op, size_t column)
{
	const char *name = columns[column].names + 1;

	fail(op, E_DATA, "csv_header_is_known", "the header names no column \"%.*s\"",
		(int)strcspn(name, "|"), name);
	return fail_hint(op,
		"the first line names the columns: external_id, date, customer, sku, "
		"description, qty, unit_price, currency, country");
}

enum err history_recognise(
	struct op *op, const struct csv_row *header, struct history_state *out)
{
	size_t i, c;

	out->n = header->n;
	for (i = 0; i < out->n; i++) {
		out->names[i] = op_strdup(op, header->cells[i].s);
		out->targets[i] = H_NOTHING;
		c = column_named(op, import_plain(op, out->names[i]));
		if (c == COLUMNS) {
			out_note(op, "column %zu, \"%s\", is not known and ignored",
				i + 1, out->names[i]);
			continue;
		}
		if (out->has[columns[c].target] && columns[c].target != H_NOTHING)
			return fail(op, E_DATA, "csv_columns_differ",
				"column %zu, \"%s\", says again what another said",
				i + 1, out->names[i]);
		out->targets[i] = columns[c].target;
		out->has[columns[c].target] = true;
	}
	for (c = 0; c < COLUMNS; c++)
		if (columns[c].needed && !out->has[columns[c].target])
			return missing(op, c);
	return OK;
}

struct draft {
	struct op *op;
	const char *values[H_STAGED];
	const char *problems[64]; /* four a problem */
	size_t n;
};

static void problem(struct draft *d, const char *column)
{
	const struct fault *f = &d->op->fault;

	if (d->n + 4 <= sizeof d->problems / sizeof *d->problems) {
		d->problems[d->n++] = column;
		d->problems[d->n++] = f->rule;
		d->problems[d->n++] = f->text;
		d->problems[d->n++] = f->hint ? f->hint : "";
	}
	fault_clear(d->op);
}

static void read_cell(struct draft *d, const struct history_state *s,
	const struct csv_row *row, size_t i)
{
	const struct import_cell cell = { row->cells[i].s, NULL };
	const char *value = NULL;
	enum history_target t = s->targets[i];

	if (t == H_NOTHING || !row->cells[i].n)
		return;
	for (size_t c = 0; c < COLUMNS; c++)
		if (columns[c].target == t &&
			columns[c].parse(d->op, &cell, &value) != OK) {
			problem(d, s->names[i]);
			return;
		}
	d->values[t] = *value ? value : NULL;
}

static void check(
	struct draft *d, const struct history_state *s, const struct csv_row *row)
{
	if (row->n != s->n) {
		fail(d->op, E_DATA, "csv_rows_fit_the_header",
			"it has %zu cells and the header names %zu columns", row->n,
			s->n);
		fail_hint(d->op, "quote cells that have a comma in them");
		problem(d, "row");
	}
	for (size_t i = 0; i < s->n && !d->n; i++)
		for (size_t c = 0; c < COLUMNS; c++)
			if (columns[c].needed && columns[c].target == s->targets[i] &&
				!d->values[s->targets[i]]) {
				fail(d->op, E_DATA, "history_line_is_complete",
					"it is empty");
				problem(d, s->names[i]);
			}
	if (!d->n && !d->values[H_SKU] && !d->values[H_TITLE]) {
		fail(d->op, E_DATA, "history_line_names_a_product",
			"it has neither a SKU nor a description");
		problem(d, "sku");
	}
}

void history_row(
	struct op *scratch, void *ctx, const struct csv_row *row, struct text *out)
{
	const struct history_state *s = ctx;
	struct draft d = { .op = scratch };
	size_t i;

	for (i = 0; i < row->n && i < s->n; i++)
		read_cell(&d, s, row, i);
	check(&d, s, row);
	if (!d.values[H_CURRENCY])
		d.values[H_CURRENCY] = s->currency;
	text_add(s->op, out, op_printf(scratch, "%" PRId64 "\t", row->line));
	import_put(s->op, out, d.n ? cell_array(scratch, d.problems, d.n) : NULL);
	text_add(
		s->op, out, d.values[H_AT] && is_zoned(d.values[H_AT]) ? "\tt" : "\tf");
	for (i = 0; i < H_STAGED; i++) {
		text_add_char(s->op, out, '\t');
		import_put(s->op, out, d.values[i]);
	}
	text_add_char(s->op, out, '\n');
}
