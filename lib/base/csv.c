/* Comma-separated values: libcsv in its strict mode, fed a line at a time. */
#include "base/csv.h"

#include "base/utf8.h"

#include <csv.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 64 << 10 };

struct csv_reader {
	struct csv_parser parser;
	struct op *op; /* of the call that is running, for libcsv's callbacks */
	const char *name;
	int fd;
	bool eof, started, row_done, last_was_cr;
	char block[BLOCK];
	size_t used, have; /* of the block */
	int64_t offset, line, cell_line;
	struct text data; /* the cells of the row, each with its NUL */
	struct csv_cell *cells;
	size_t *starts; /* of each cell in data, which may move while it grows */
	size_t n, room;
	enum err bad;
};

/* What the first bytes of files look like that people rename to .csv. */
static const struct {
	const char *bytes;
	size_t n;
	const char *what, *hint;
} disguises[] = {
	{ "PK\003\004", 4, "a zip archive or a spreadsheet (.xlsx, .ods)",
		"open it in the spreadsheet program and save it as CSV, UTF-8" },
	{ "\320\317\021\340", 4, "a spreadsheet in the old Excel format (.xls)",
		"open it in the spreadsheet program and save it as CSV, UTF-8" },
	{ "\037\213", 2, "compressed with gzip",
		"zcat FILE | shopctl product import -" },
	{ "%PDF", 4, "a PDF document", "ask for the data as CSV" },
	{ "\377\376", 2, "UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE >NEW" },
	{ "\376\377", 2, "UTF-16 text", "iconv -f UTF-16 -t UTF-8 FILE >NEW" },
	{ "\0\0\376\377", 4, "UTF-32 text", "iconv -f UTF-32 -t UTF-8 FILE >NEW" },
};

static const size_t n_disguises = sizeof disguises / sizeof *disguises;

static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void release(void *parser)
{
	csv_free(parser);
}

struct csv_reader *csv_reader_new(struct op *op, int fd, const char *name)
{
	struct csv_reader *r = op_alloc(op, sizeof *r);

	r->fd = fd;
	r->name = name;
	r->line = r->cell_line = 1;
	csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_blk_size(&r->parser, 4096);
	csv_set_space_func(&r->parser, no_space); /* blanks are data (RFC 4180) */
	op_defer(op, release, &r->parser);
	return r;
}

int64_t csv_offset(const struct csv_reader *r)
{
	return r->offset;
}

/* Where the reader is, for messages. */
static const char *place(struct csv_reader *r)
{
	return op_printf(r->op, "%s, line %" PRId64 ", column %zu", r->name,
		r->cell_line, r->n + 1);
}

static enum err bad_byte(struct csv_reader *r, const char *s, size_t at)
{
	if (!s[at]) {
		fail(r->op, E_DATA, "csv_has_no_nul",
			"%s: byte %zu of the cell is a NUL", place(r), at + 1);
		return fail_hint(r->op, "the file is damaged, or not text in UTF-8");
	}
	fail(r->op, E_DATA, "csv_is_utf8",
		"%s: byte %zu of the cell, 0x%02x, is not UTF-8", place(r), at + 1,
		(unsigned char)s[at]);
	return fail_hint(r->op,
		"if it was saved on Windows: iconv -f WINDOWS-1252 -t UTF-8 FILE");
}

static enum err too_big(struct csv_reader *r)
{
	fail(r->op, E_DATA, "csv_cell_is_bounded",
		"%s: the cell is longer than %d bytes", place(r), CSV_CELL_MAX);
	return fail_hint(r->op, "a quote that is never closed makes such cells");
}

static enum err check_cell(struct csv_reader *r, const char *s, size_t n)
{
	size_t at;

	if (n > CSV_CELL_MAX)
		return too_big(r);
	if (r->n >= CSV_COLUMNS_MAX || r->data.n + n > CSV_ROW_MAX)
		return fail(r->op, E_DATA, "csv_row_is_bounded",
			"%s: the row has more than %d columns or %d bytes", place(r),
			CSV_COLUMNS_MAX, CSV_ROW_MAX);
	at = utf8_check(s, n);
	if (at < n)
		return bad_byte(r, s, at);
	s = n ? memchr(s, '\0', n) : NULL;
	return s ? bad_byte(r, s, 0) : OK;
}

static void grow_cells(struct csv_reader *r)
{
	size_t room = r->room ? r->room * 2 : 32;

	r->cells = op_grow(
		r->op, r->cells, r->n * sizeof *r->cells, room * sizeof *r->cells);
	r->starts = op_grow(
		r->op, r->starts, r->n * sizeof *r->starts, room * sizeof *r->starts);
	r->room = room;
}

static void on_cell(void *cell, size_t n, void *ctx)
{
	struct csv_reader *r = ctx;
	const char *s = cell ? cell : "";

	if (r->bad)
		return;
	r->bad = check_cell(r, s, n);
	if (r->bad)
		return;
	if (r->n == r->room)
		grow_cells(r);
	r->starts[r->n] = r->data.n;
	r->cells[r->n].n = n;
	r->cells[r->n].line = r->cell_line;
	r->n++;
	text_add_n(r->op, &r->data, s, n);
	text_add_char(r->op, &r->data, '\0');
	r->cell_line = r->line;
}

static void on_row(int terminator, void *ctx)
{
	struct csv_reader *r = ctx;

	(void)terminator;
	r->row_done = true;
}

/* A whole block, unless the file ends before: its first bytes tell what it is. */
static enum err fill(struct csv_reader *r)
{
	r->used = r->have = 0;
	while (r->have < sizeof r->block) {
		ssize_t n = read(r->fd, r->block + r->have, sizeof r->block - r->have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(r->op, E_NO_INPUT, "file_is_readable", "%s: %s",
				r->name, strerror(errno));
		if (!n)
			break;
		r->have += (size_t)n;
	}
	r->eof = !r->have;
	return OK;
}

/* "sep=;" in a line of its own, as Excel writes and reads it. */
static bool delimiter_is_named(struct csv_reader *r)
{
	const char *s = r->block + r->used;
	size_t n = r->have - r->used, line;

	if (n < 5 || strncasecmp(s, "sep=", 4) != 0 || strchr("\"\r\n", s[4]))
		return false;
	line = 5 + (n > 5 && s[5] == '\r');
	if (line < n && s[line] == '\n')
		line++;
	else if (line == 5 && n > 5)
		return false;
	csv_set_delim(&r->parser, (unsigned char)s[4]);
	r->used += line;
	r->offset += (int64_t)line;
	r->line = r->cell_line = 2;
	return true;
}

/* Without a comma in the header, a semicolon or a tab separates; without those, a bar
 * or a caret. */
static void choose_delimiter(struct csv_reader *r)
{
	size_t i = r->used;
	char found = ',';

	while (i < r->have && (r->block[i] == '\n' || r->block[i] == '\r'))
		i++;
	for (; i < r->have && r->block[i] != '\n' && r->block[i] != '\r'; i++) {
		char c = r->block[i];

		if (c == ',')
			return;
		if ((c == ';' || c == '\t') && found != ';' && found != '\t')
			found = c;
		else if ((c == '|' || c == '^') && found == ',')
			found = c;
	}
	csv_set_delim(&r->parser, (unsigned char)found);
}

/*
 * Blanks are data, unless the header's are padding: "name      ,slug    ,sku" is how
 * people lay out a file in columns, and its quotes have blanks around them, too.
 */
static void choose_padding(struct csv_reader *r)
{
	size_t i, padded = 0;
	bool quoted = false;

	for (i = r->used; i < r->have && !strchr("\n\r", r->block[i]); i++) {
		quoted ^= r->block[i] == '"';
		padded += !quoted && r->block[i] == ',' && i > r->used &&
			  r->block[i - 1] == ' ';
	}
	if (padded >= 2)
		csv_set_space_func(&r->parser, NULL); /* libcsv's own: it trims */
}

/* The first block: is it text at all, is there a BOM, which delimiter? */
static enum err start(struct csv_reader *r)
{
	size_t i;

	r->started = true;
	TRY(fill(r));
	for (i = 0; i < n_disguises; i++) {
		if (r->have < disguises[i].n ||
			memcmp(r->block, disguises[i].bytes, disguises[i].n) != 0)
			continue;
		fail(r->op, E_DATA, "csv_is_text", "%s is %s, not CSV", r->name,
			disguises[i].what);
		return fail_hint(r->op, "%s", disguises[i].hint);
	}
	if (r->have >= 3 && !memcmp(r->block, "\357\273\277", 3))
		r->used = r->offset = 3;
	if (!delimiter_is_named(r))
		choose_delimiter(r);
	choose_padding(r);
	return OK;
}

/* Why libcsv stopped; its cell so far may span lines. */
static enum err malformed(struct csv_reader *r)
{
	if (csv_error(&r->parser) != CSV_EPARSE)
		return fail(r->op, E_BROKEN, "csv_parser_works", "%s: %s", place(r),
			csv_strerror(csv_error(&r->parser)));
	fail(r->op, E_DATA, "csv_quotes_double",
		"%s: a quote stands where none may be (the text ends on line %" PRId64
		")",
		place(r), r->line);
	return fail_hint(r->op, "quote the whole cell and write each quote inside it "
				"twice: \"5\"\" pipe\"");
}

/* Up to and with the end of the line, or what there is of it in the block. */
static size_t line_length(const char *s, size_t n)
{
	const char *lf = memchr(s, '\n', n);
	size_t to_lf = lf ? (size_t)(lf - s) + 1 : n;
	const char *cr = memchr(s, '\r', to_lf);

	return cr ? (size_t)(cr - s) + 1 : to_lf;
}

/* Feed one line; libcsv calls back for each cell that ends in it. */
static enum err feed(struct csv_reader *r)
{
	const char *s = r->block + r->used;
	size_t n = line_length(s, r->have - r->used);
	bool second_half = *s == '\n' && r->last_was_cr;

	if (csv_parse(&r->parser, s, n, on_cell, on_row, r) != n && !r->bad)
		r->bad = malformed(r);
	r->last_was_cr = s[n - 1] == '\r';
	r->line += !second_half && (s[n - 1] == '\n' || s[n - 1] == '\r');
	r->used += n;
	r->offset += (int64_t)n;
	if (!r->bad && r->parser.entry_pos > CSV_CELL_MAX)
		r->bad = too_big(r);
	if (!r->n && !r->parser.entry_pos)
		r->cell_line = r->line; /* that was a blank line */
	return r->bad;
}

static enum err finish(struct csv_reader *r)
{
	if (csv_fini(&r->parser, on_cell, on_row, r) != 0 && !r->bad) {
		fail(r->op, E_DATA, "csv_quotes_close",
			"%s: the quote that opens here is never closed", place(r));
		return fail_hint(
			r->op, "add the closing quote, or write the quote twice");
	}
	return r->bad;
}

static void take(struct csv_reader *r, struct csv_row *out)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		r->cells[i].s = r->data.s + r->starts[i];
	out->cells = r->cells;
	out->n = r->n;
	out->line = r->n ? r->cells[0].line : r->line;
}

enum err csv_next(struct op *op, struct csv_reader *r, struct csv_row *out)
{
	r->op = op;
	r->n = 0;
	r->cell_line = r->line;
	r->row_done = false;
	text_clear(&r->data);
	if (!r->started)
		TRY(start(r));
	while (!r->row_done && !r->eof) {
		if (r->used == r->have)
			TRY(fill(r));
		TRY(r->eof ? finish(r) : feed(r));
	}
	take(r, out);
	return OK;
}

void csv_put(struct op *op, struct text *t, bool first, const char *cell)
{
	const char *p, *quote;
	size_t n = cell ? strlen(cell) : 0;

	if (!first)
		text_add_char(op, t, ',');
	if (!n || (!cell[strcspn(cell, ",;\t\"\r\n")] && *cell != ' ' &&
			  cell[n - 1] != ' ')) {
		text_add_n(op, t, n ? cell : "", n);
		return;
	}
	text_add_char(op, t, '"');
	for (p = cell; (quote = strchr(p, '"')); p = quote + 1) {
		text_add_n(op, t, p, (size_t)(quote - p) + 1);
		text_add_char(op, t, '"');
	}
	text_add(op, t, p);
	text_add_char(op, t, '"');
}
