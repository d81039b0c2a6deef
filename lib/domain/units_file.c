/* Units in a CSV file. */
#include "domain/units_file.h"

#include "base/config.h"
#include "base/csv.h"
#include "domain/import_source.h"
#include "domain/units.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NO_COLUMN = -1 };

/* Where in a row what stands. */
struct columns {
	int sku, qty, cost;
};

static enum err place(struct op *op, int *column, const struct csv_cell *cell, int at)
{
	if (*column == NO_COLUMN) {
		*column = at;
		return OK;
	}
	return fail(op, E_DATA, "units_file_has_columns",
		"line %" PRId64 ": column %s is there twice", cell->line, cell->s);
}

static enum err recognise(struct op *op, const struct csv_row *row, struct columns *c)
{
	static const char *const amounts[] = { "qty", "quantity", "counted", "units" };

	*c = (struct columns){ NO_COLUMN, NO_COLUMN, NO_COLUMN };
	for (size_t i = 0; i < row->n; i++) {
		const struct csv_cell *cell = &row->cells[i];

		if (!strcasecmp(cell->s, "sku"))
			TRY(place(op, &c->sku, cell, (int)i));
		if (!strcasecmp(cell->s, "cost"))
			TRY(place(op, &c->cost, cell, (int)i));
		for (size_t j = 0; j < sizeof amounts / sizeof *amounts; j++)
			if (!strcasecmp(cell->s, amounts[j]))
				TRY(place(op, &c->qty, cell, (int)i));
	}
	if (c->sku != NO_COLUMN && c->qty != NO_COLUMN)
		return OK;
	fail(op, E_DATA, "units_file_has_columns", "the file has no column %s",
		c->sku == NO_COLUMN ? "sku" : "qty");
	return fail_hint(op, "write sku,qty or sku,qty,cost into its first line");
}

static const char *cell_at(const struct csv_row *row, int column)
{
	return column >= 0 && (size_t)column < row->n ? row->cells[column].s : "";
}

/* "12.50EUR", or "12.50" in the shop's currency. */
static enum err read_cost(
	struct op *op, const char *text, int64_t line, struct money *cost)
{
	if (!*text)
		return OK;
	if (strpbrk(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
			? money_parse(op, text, cost)
			: money_parse_as(op, text, op->config->shop.currency, cost))
		return fail(op, E_DATA, "units_file_is_readable",
			"line %" PRId64 ": %s is no cost: %s", line, text,
			op->fault.text);
	return OK;
}

static const char *unit(
	struct op *op, const char *sku, long long qty, struct money cost)
{
	const char *price = "";

	if (cost.currency[0])
		price = op_printf(op, ",\"cost\":%" PRId64 ",\"currency\":\"%s\"",
			cost.minor, cost.currency);
	return op_printf(
		op, "{\"sku\":%s,\"qty\":%lld%s}", json_quote(op, sku), qty, price);
}

static void append(struct op *op, struct text *json, const char *one)
{
	text_add_char(op, json, json->n ? ',' : '[');
	text_add(op, json, one);
}

static enum err read_row(struct op *op, const struct csv_row *row,
	const struct columns *c, struct money cost, struct text *json)
{
	const char *sku = cell_at(row, c->sku), *qty = cell_at(row, c->qty);
	char *end = NULL;
	long long n = strtoll(qty, &end, 10);

	if (!*sku)
		return fail(op, E_DATA, "units_file_is_readable",
			"line %" PRId64 " has no SKU", row->line);
	if (!*qty || *end || n < 0 || n > 1000000000)
		return fail(op, E_DATA, "units_file_is_readable",
			"line %" PRId64 ": %s is not how many of %s there are",
			row->line, *qty ? qty : "nothing", sku);
	TRY(read_cost(op, cell_at(row, c->cost), row->line, &cost));
	append(op, json, unit(op, sku, n, cost));
	return OK;
}

static enum err read_file(
	struct op *op, const char *file, struct money cost, struct text *json)
{
	struct import_source source = { 0 };
	struct csv_reader *reader;
	struct csv_row row;
	struct columns columns;

	TRY(import_source_open(op, file, &source));
	reader = csv_reader_new(op, source.fd, source.name);
	TRY(csv_next(op, reader, &row));
	TRY(recognise(op, &row, &columns));
	for (;;) {
		TRY(csv_next(op, reader, &row));
		if (!row.n)
			return OK;
		TRY(read_row(op, &row, &columns, cost, json));
	}
}

enum err units_all(struct op *op, const char *file, struct texts lines,
	struct money cost, struct json_text *out)
{
	struct text json = { 0 };
	const char *sku;
	int64_t qty;

	for (size_t i = 0; i < lines.n; i++) {
		TRY(unit_parse(op, lines.v[i], &sku, &qty));
		append(op, &json, unit(op, sku, qty, cost));
	}
	if (file)
		TRY(read_file(op, file, cost, &json));
	if (json.n)
		text_add_char(op, &json, ']');
	out->s = json.s;
	return OK;
}
