/* A provider's exported balance as rows of the mirror. */
#include "domain/balance_file.h"

#include "base/clock.h"
#include "base/csv.h"
#include "base/json.h"
#include "base/money.h"
#include "domain/reconcile.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { ROWS_A_CALL = 200 };

enum column {
	REF,
	TYPE,
	SOURCE,
	GROSS,
	FEE,
	NET,
	CURRENCY,
	CREATED,
	NEEDED, /* those before must be there */
	AVAILABLE = NEEDED,
	PAYMENT,
	PAYOUT,
	ORDER,
	COLUMNS
};

/*
 * balance_change_from_activity.itemized.3 and ending_balance_reconciliation.itemized
 * (https://docs.stripe.com/reports/report-types/balance), and the Dashboard's export
 * of all transactions.  Other columns of theirs are read over.
 */
static const struct dialect {
	const char *name, *columns[COLUMNS];
} dialects[] = {
	{ "itemised", { "balance_transaction_id", "reporting_category", "source_id",
			      "gross", "fee", "net", "currency", "created_utc",
			      "available_on_utc", "payment_intent_id",
			      "automatic_payout_id", "payment_metadata[order_id]" } },
	{ "history", { "id", "Type", "Source", "Amount", "Fee", "Net", "Currency",
			     "Created (UTC)", "Available On (UTC)", "", "Transfer",
			     "order_id (metadata)" } },
};

/* The Dashboard's types as reporting categories; others are the same word. */
static const struct {
	const char *type, *category;
} categories[] = {
	{ "payment", "charge" },
	{ "payment_failure_refund", "refund_failure" },
	{ "payment_refund", "refund" },
	{ "payment_reversal", "dispute" },
	{ "payout_cancel", "payout_reversal" },
	{ "payout_failure", "payout_reversal" },
	{ "stripe_fee", "fee" },
	{ "stripe_fx_fee", "fee" },
	{ "tax_fee", "fee" },
};

struct file {
	const char *name;
	const struct dialect *dialect;
	int at[COLUMNS]; /* cell of the column, or -1 */
};

static enum err bad_row(
	struct op *op, const struct file *f, const struct csv_row *row, const char *why)
{
	return fail(op, E_DATA, "balance_row_is_readable", "%s: line %lld: %s", f->name,
		(long long)row->line, why);
}

/* Which column of the dialect is missing or there twice; NULL: it fits. */
static const char *misfit(
	struct op *op, const struct dialect *d, const struct csv_row *row, int *at)
{
	for (int c = 0; c < COLUMNS; c++) {
		int n = 0;

		at[c] = -1;
		for (size_t i = 0; i < row->n; i++)
			if (*d->columns[c] && !strcmp(row->cells[i].s, d->columns[c])) {
				at[c] = (int)i;
				n++;
			}
		if (n > 1)
			return op_printf(op, "%s is there twice", d->columns[c]);
		if (n == 0 && c < NEEDED)
			return op_printf(op, "%s is missing", d->columns[c]);
	}
	return NULL;
}

static enum err read_header(struct op *op, struct file *f, const struct csv_row *row)
{
	const char *why = "";

	for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
		const char *wrong = misfit(op, &dialects[i], row, f->at);

		if (!wrong) {
			f->dialect = &dialects[i];
			return OK;
		}
		why = op_printf(op, "%s%sas %s: %s", why, *why ? "; " : "",
			dialects[i].name, wrong);
	}
	return fail(op, E_DATA, "balance_file_has_columns", "%s: %s", f->name, why);
}

/* NULL when the file has no such column, or nothing in it. */
static const char *cell(const struct file *f, const struct csv_row *row, enum column c)
{
	return f->at[c] >= 0 && row->cells[f->at[c]].n ? row->cells[f->at[c]].s : NULL;
}

/* "2026-11-20 10:00" and "2026-11-20 10:00:00": UTC, as the column's name says. */
static bool read_time(struct op *op, const char *text, struct stamp *out)
{
	const char *full = text && strlen(text) == 16   ? op_printf(op, "%s:00Z", text)
			   : text && strlen(text) == 19 ? op_printf(op, "%sZ", text)
							: text;

	*out = (struct stamp){ 0 };
	return text && strlen(text) >= 10 && stamp_parse(op, full, out) == OK;
}

static bool read_money(
	struct op *op, const char *text, const char *currency, int64_t *minor)
{
	struct money m;

	if (!text || strchr(text, ',') || money_parse_as(op, text, currency, &m) != OK)
		return false;
	*minor = m.minor;
	return true;
}

static const char *category_of(const char *type, int64_t amount)
{
	if (!strcmp(type, "adjustment"))
		return amount < 0 ? "dispute" : "dispute_reversal";
	for (size_t i = 0; i < sizeof categories / sizeof *categories; i++)
		if (!strcmp(categories[i].type, type))
			return categories[i].category;
	return type;
}

static const char *upper(struct op *op, const char *s)
{
	char *copy = op_strdup(op, s);

	for (char *c = copy; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return copy;
}

static void put_row(struct json_writer *w, const struct file *f,
	const struct csv_row *row, const int64_t money[3])
{
	static const struct {
		const char *name;
		enum column column;
	} texts[] = { { "ref", REF }, { "type", TYPE }, { "source_ref", SOURCE },
		{ "payment_ref", PAYMENT }, { "payout_ref", PAYOUT } };
	const char *order = cell(f, row, ORDER);
	struct stamp t;

	json_object(w, NULL);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		json_put(w, texts[i].name, cell(f, row, texts[i].column));
	json_put(w, "reporting_category", category_of(cell(f, row, TYPE), money[0]));
	json_put(w, "currency", upper(w->op, cell(f, row, CURRENCY)));
	json_put_int(w, "amount", money[0]);
	json_put_int(w, "fee", money[1]);
	json_put_int(w, "net", money[2]);
	if (order && strlen(order) <= 16 &&
		strspn(order, "0123456789") == strlen(order))
		json_put(w, "order_hint", order);
	read_time(w->op, cell(f, row, CREATED), &t);
	json_put_stamp(w, "created", t);
	if (read_time(w->op, cell(f, row, AVAILABLE), &t))
		json_put_stamp(w, "available_on", t);
	fault_clear(w->op);
	json_close(w);
}

static enum err read_row(struct op *op, const struct file *f, const struct csv_row *row,
	size_t width, struct json_writer *w)
{
	int64_t money[3], net;
	const char *currency = cell(f, row, CURRENCY);
	struct stamp t;

	if (row->n != width)
		return bad_row(op, f, row, "it has another number of cells");
	if (!cell(f, row, REF) || !cell(f, row, TYPE))
		return bad_row(op, f, row, "it names no transaction");
	if (!currency || money_exponent(upper(op, currency)) < 0)
		return bad_row(op, f, row, "its currency is unknown");
	for (int i = 0; i < 3; i++)
		if (!read_money(op, cell(f, row, (enum column)(GROSS + i)),
			    upper(op, currency), &money[i])) {
			fault_clear(op);
			return bad_row(op, f, row, "an amount cannot be read");
		}
	if (__builtin_sub_overflow(money[0], money[1], &net) || money[2] != net)
		return bad_row(op, f, row, "net is not gross less fee");
	if (!read_time(op, cell(f, row, CREATED), &t)) {
		fault_clear(op);
		return bad_row(op, f, row, "its time cannot be read");
	}
	put_row(w, f, row, money);
	return OK;
}

/* Some rows a call, in memory that does not grow with the file; *more at its end. */
static enum err read_some(struct op *op, struct csv_reader *reader,
	const struct file *f, size_t width, int64_t run, size_t *n)
{
	struct json_writer w = { .op = op };
	struct csv_row row;
	size_t i;

	json_array(&w, NULL);
	for (i = 0; i < ROWS_A_CALL; i++) {
		TRY(csv_next(op, reader, &row));
		if (!row.n)
			break;
		TRY(read_row(op, f, &row, width, &w));
	}
	json_close(&w);
	*n = i;
	return reconcile_put(op, run, (struct json_text){ w.text });
}

static void close_fd(void *fd)
{
	close((int)(intptr_t)fd);
}

static enum err open_file(
	struct op *op, const char *path, struct file *f, struct csv_reader **out)
{
	int fd = STDIN_FILENO;

	f->name = strcmp(path, "-") ? path : "standard input";
	if (strcmp(path, "-")) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			fail(op, E_NO_INPUT, "file_is_readable", "%s: %s", path,
				strerror(errno));
			return fail_hint(op, "give the path of a CSV file, or -");
		}
		op_defer(op, close_fd, (void *)(intptr_t)fd);
	}
	*out = csv_reader_new(op, fd, f->name);
	return OK;
}

enum err balance_file_read(struct op *op, const char *path, int64_t run, size_t *rows)
{
	struct csv_reader *reader = NULL;
	struct file f = { 0 };
	struct csv_row header;
	size_t n = 1, width;

	*rows = 0;
	TRY(open_file(op, path, &f, &reader));
	TRY(csv_next(op, reader, &header));
	if (!header.n)
		return fail(
			op, E_DATA, "balance_file_has_columns", "%s is empty", f.name);
	width = header.n;
	TRY(read_header(op, &f, &header));
	while (n) {
		TRY(read_some(op, reader, &f, width, run, &n));
		*rows += n;
	}
	return OK;
}
