/* The CSV reader knows what it read and where; the writer's cells read back as they
 * were. */
#include "test.h"

#include "base/csv.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void done(void *fd)
{
	close((int)(intptr_t)fd);
}

static struct csv_reader *reader(struct op *op, const char *s, size_t n)
{
	int fd = memfd_create("csv", 0);

	op_defer(op, done, (void *)(intptr_t)fd);
	CHECK(write(fd, s, n) == (ssize_t)n);
	lseek(fd, 0, SEEK_SET);
	return csv_reader_new(op, fd, "t.csv");
}

/* Rows as "1:a|b 2:c|d": the line, then the cells. */
static const char *rows_n(struct op *op, const char *s, size_t n)
{
	struct csv_reader *r = reader(op, s, n);
	struct csv_row row;
	struct text t = { 0 };
	size_t i;

	text_add(op, &t, "");
	for (;;) {
		if (csv_next(op, r, &row) != OK)
			return op_strdup(op, op->fault.text);
		if (!row.n)
			return t.s;
		text_add(op, &t, op_printf(op, "%s%d:", t.n ? " " : "", (int)row.line));
		for (i = 0; i < row.n; i++) {
			SAME(strlen(row.cells[i].s), row.cells[i].n);
			text_add(op, &t, i ? "|" : "");
			text_add(op, &t, row.cells[i].s);
		}
	}
}

static const char *rows(struct op *op, const char *s)
{
	return rows_n(op, s, strlen(s));
}

TEST_NO_DB(every_line_ending_is_read)
{
	SAME("1:a|b 2:c|d", rows(op, "a,b\nc,d\n"));
	SAME("1:a|b 2:c|d", rows(op, "a,b\r\nc,d\r\n"));
	SAME("1:a|b 2:c|d", rows(op, "a,b\rc,d\r"));
	SAME("1:a|b 2:c|d", rows(op, "a,b\nc,d"));
	SAME("1:a|b 2:c|d 3:e|f", rows(op, "a,b\r\nc,d\ne,f\r"));
	SAME("", rows(op, ""));
	SAME("", rows(op, "\n\r\n\n"));
}

TEST_NO_DB(lines_are_counted_through_blank_lines_and_cells_that_span_lines)
{
	SAME("2:a|b 5:c|d", rows(op, "\na,b\n\n\nc,d\n"));
	SAME("2:a|b 5:c|d", rows(op, "\r\na,b\r\n\r\n\r\nc,d\r\n"));
	SAME("1:a\nb|c 3:d|e", rows(op, "\"a\nb\",c\nd,e\n"));
	SAME("1:a\r\nb|c 3:d|e", rows(op, "\"a\r\nb\",c\r\nd,e\r\n"));
	SAME("1:a|\n\n 4:d|e", rows(op, "a,\"\n\n\"\nd,e\n"));
}

TEST_NO_DB(a_cell_knows_the_line_it_begins_on)
{
	static const char s[] = "a,\"x\ny\",\"z\n\"\n";
	struct csv_reader *r = reader(op, s, sizeof s - 1);
	struct csv_row row;

	CHECK(csv_next(op, r, &row) == OK);
	SAME(3, row.n);
	SAME(1, row.cells[0].line);
	SAME(1, row.cells[1].line);
	SAME(2, row.cells[2].line);
}

TEST_NO_DB(cells_are_what_was_written)
{
	SAME("1:a| b |c", rows(op, "a, b ,c"));
	SAME("1:a|b,\"c\"|d", rows(op, "a,\"b,\"\"c\"\"\",d"));
	SAME("1:|| 2:||", rows(op, ",,\n\"\",,\n"));
	SAME("1:zażółć|gęślą", rows(op, "\357\273\277zażółć,gęślą"));
	SAME("1:a|b 2:1,5|x", rows(op, "a;b\n1,5;x"));
	SAME("1:a|b 2:1;5|x", rows(op, "a\tb\n1;5\tx"));
}

TEST_NO_DB(the_delimiter_is_found_or_named)
{
	SAME("1:a|b 2:1,5|2", rows(op, "a;b\n1,5;2\n"));
	SAME("1:a|b 2:1;5|2", rows(op, "a\tb\n1;5\t2\n"));
	SAME("1:a|b 2:1,5|2", rows(op, "a|b\n1,5|2\n"));
	SAME("1:a|b 2:1|2", rows(op, "a^b\n1^2\n"));
	SAME("1:a;b|c", rows(op, "a;b,c\n"));
	SAME("2:a,b|c 3:1|2", rows(op, "sep=;\r\na,b;c\n1;2\n"));
	SAME("2:a|b 3:1|2", rows(op, "\357\273\277SEP==\na=b\n1=2\n"));
	SAME("3:a|b 4:1|2", rows(op, "\n\na;b\n1;2\n"));
	SAME("1:sep=ab 2:c", rows(op, "sep=ab\nc\n"));
}

TEST_NO_DB(bad_bytes_are_named_with_line_and_column)
{
	SAME("t.csv, line 2, column 2: byte 2 of the cell, 0xe9, is not UTF-8",
		rows(op, "a,b\n1,x\351\n"));
	fault_clear(op);
	SAME("t.csv, line 1, column 2: byte 1 of the cell is a NUL",
		rows_n(op, "a,\0b\n", 5));
	SAME("csv_has_no_nul", op->fault.rule);
	fault_clear(op);
	SAME("t.csv, line 1, column 1: byte 2 of the cell, 0xed, is not UTF-8",
		rows(op, "a\355\240\200"));
}

TEST_NO_DB(bad_quotes_are_named_with_line_and_column)
{
	SAME("t.csv, line 2, column 2: the quote that opens here is never closed",
		rows(op, "a,b\n1,\"x\n2,3\n"));
	SAME("csv_quotes_close", op->fault.rule);
	fault_clear(op);
	SAME("t.csv, line 2, column 1: a quote stands where none may be "
	     "(the text ends on line 2)",
		rows(op, "a,b\n5\" pipe,x\n"));
	fault_clear(op);
	SAME("t.csv, line 2, column 2: a quote stands where none may be "
	     "(the text ends on line 3)",
		rows(op, "a,b\n1,\"x\ny\"z\n"));
}

TEST_NO_DB(what_is_no_text_is_told_from_csv)
{
	rows_n(op, "PK\003\004\0\0", 6);
	SAME("csv_is_text", op->fault.rule);
	fault_clear(op);
	rows_n(op, "\377\376a\0,\0", 6);
	SAME("csv_is_text", op->fault.rule);
	fault_clear(op);
	rows_n(op, "a\0,\0b\0", 6);
	SAME("csv_has_no_nul", op->fault.rule);
}

TEST_NO_DB(a_huge_cell_ends_the_reading_in_bounded_memory)
{
	size_t n = 3 << 20;
	char *s = op_alloc(op, n);

	memset(s, 'x', n);
	memcpy(s, "a,\"", 3);
	rows_n(op, s, n);
	SAME("csv_cell_is_bounded", op->fault.rule);
	fault_clear(op);
	memset(s, ',', n);
	rows_n(op, s, n);
	SAME("csv_row_is_bounded", op->fault.rule);
	fault_clear(op);
	memset(s, 'x', n);
	s[CSV_CELL_MAX] = '\n';
	s[2 * CSV_CELL_MAX] = '\n';
	SAME(2 * CSV_CELL_MAX + 4, strlen(rows_n(op, s, 2 * CSV_CELL_MAX + 1)));
}

TEST_NO_DB(what_the_writer_writes_the_reader_reads)
{
	static const char *const cells[] = { "a", "", " b ", "c,d", "e\"f", "g\nh",
		"i\r\nj", "\"", "\"\"", ";", "\t", "ż", "k\\l", "=1+1", "\r" };
	const size_t n = sizeof cells / sizeof *cells;
	struct text t = { 0 };
	struct csv_reader *r;
	struct csv_row row;
	size_t i;

	text_add(op, &t, "x,y\n");
	for (i = 0; i < n; i++)
		csv_put(op, &t, i == 0, cells[i]);
	text_add_char(op, &t, '\n');
	r = reader(op, t.s, t.n);
	CHECK(csv_next(op, r, &row) == OK && csv_next(op, r, &row) == OK);
	SAME(n, row.n);
	for (i = 0; i < n; i++)
		SAME(cells[i], row.cells[i].s);
}

/* The reader takes what arrives in whatever pieces. */
TEST_NO_DB(a_pipe_that_trickles_is_read_alike)
{
	static const char s[] = "\357\273\277a,b\r\n\"x\r\ny\",ż\r\n";
	struct csv_reader *r;
	struct csv_row row;
	int ends[2];
	size_t i;

	CHECK(pipe(ends) == 0);
	if (fork() == 0) {
		for (i = 0; i < sizeof s - 1; i++)
			if (write(ends[1], s + i, 1) != 1)
				_exit(1);
		_exit(0);
	}
	close(ends[1]);
	op_defer(op, done, (void *)(intptr_t)ends[0]);
	r = csv_reader_new(op, ends[0], "t.csv");
	CHECK(csv_next(op, r, &row) == OK && csv_next(op, r, &row) == OK);
	SAME(2, row.line);
	SAME("x\r\ny", row.cells[0].s);
	SAME("ż", row.cells[1].s);
}

/* A reader of somebody else's collection: every file ends in rows or in a named rule.
 */
static void read_file(struct op *op, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct csv_reader *r = csv_reader_new(op, fd, path);
	struct csv_row row = { .n = 1 };
	enum err e = OK;

	while (e == OK && row.n)
		e = csv_next(op, r, &row);
	CHECK(e == OK || (e == E_DATA && op->fault.rule && op->fault.hint));
	fault_clear(op);
	close(fd);
}

TEST_NO_DB(a_collection_of_odd_files_is_read_or_refused_by_name)
{
	static const char *const dirs[] = { "csv-spectrum/csvs", "duckdb", "rvl-corpus",
		"sineemore", "messytables-horror" };
	const char *data = getenv("SHOP_DATA");
	struct dirent *e;
	size_t i;
	DIR *d;

	for (i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		const char *dir = op_printf(op, "%s/torture/csv/%s",
			data ? data : "../shared/data", dirs[i]);

		d = opendir(dir);
		while (d && (e = readdir(d)))
			if (*e->d_name != '.' && e->d_type == DT_REG)
				read_file(op, op_printf(op, "%s/%s", dir, e->d_name));
		if (d)
			closedir(d);
	}
}
