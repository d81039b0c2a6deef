/*
 * Fuzz the CSV reader: whatever the bytes, it ends in rows or in one named
 * fault, and what it read is written and read back the same.  Built with clang
 * it is a libFuzzer target; without, it runs the files given, and mutations of
 * them from a seed, so that a run can be repeated.
 */
#include "base/csv.h"
#include "base/utf8.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "csv: %s\n", what);
	abort();
}

static int file_of(const void *data, size_t n)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	must(fd >= 0 && write(fd, data, n) == (ssize_t)n, "a memory file");
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void check_row(const struct csv_row *row, int64_t *line)
{
	size_t i;

	must(row->line > *line, "lines grow");
	*line = row->line;
	must(row->n <= CSV_COLUMNS_MAX, "columns are bounded");
	for (i = 0; i < row->n; i++) {
		must(row->cells[i].n <= CSV_CELL_MAX, "cells are bounded");
		must(strlen(row->cells[i].s) == row->cells[i].n,
			"cells end where they end");
		must(utf8_check(row->cells[i].s, row->cells[i].n) == row->cells[i].n,
			"cells are UTF-8");
		must(row->cells[i].line >= row->line, "a cell is not before its row");
	}
}

/* Write the row and read it again: a header in front fixes the delimiter. */
static void check_round_trip(struct op *op, const struct csv_row *row)
{
	struct text t = { 0 };
	struct csv_reader *r;
	struct csv_row again;
	size_t i;
	int fd;

	text_add(op, &t, "a,b\n");
	for (i = 0; i < row->n; i++)
		csv_put(op, &t, i == 0,
			row->n == 1 && !row->cells[i].n ? " " : row->cells[i].s);
	text_add_char(op, &t, '\n');
	fd = file_of(t.s, t.n);
	r = csv_reader_new(op, fd, "again");
	must(csv_next(op, r, &again) == OK && csv_next(op, r, &again) == OK,
		"it reads back");
	must(again.n == row->n, "as many cells");
	for (i = 0; i < row->n && row->n > 1; i++)
		must(!strcmp(again.cells[i].s, row->cells[i].s), "the same cells");
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct op op;
	struct csv_reader *r;
	struct csv_row row;
	int64_t line = 0;
	enum err e;
	int fd = file_of(data, n), rows = 0;

	op_open(&op, NULL, "fuzz");
	r = csv_reader_new(&op, fd, "fuzz");
	while ((e = csv_next(&op, r, &row)) == OK && row.n) {
		check_row(&row, &line);
		if (rows++ < 3)
			check_round_trip(&op, &row);
	}
	must(e == OK || (e == E_DATA && op.fault.rule), "it ends in rows or a rule");
	must(e != OK || csv_offset(r) == (int64_t)n, "all of it was read");
	op_close(&op);
	close(fd);
	return 0;
}

#ifndef LIBFUZZER
/* xorshift64*, so that the same seed is the same run everywhere. */
static uint64_t dice(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * UINT64_C(2685821657736338717);
}

static size_t mutate(uint8_t *s, size_t n, size_t room, uint64_t *seed)
{
	static const char bytes[] = "\",\r\n;\t \0\357\273\277\200x";
	size_t times = dice(seed) % 8 + 1, at;

	while (times--) {
		at = n ? dice(seed) % n : 0;
		switch (dice(seed) % 3) {
		case 0:
			if (n)
				s[at] = (uint8_t)bytes[dice(seed) % (sizeof bytes - 1)];
			break;
		case 1:
			if (n < room) {
				memmove(s + at + 1, s + at, n - at);
				s[at] = (uint8_t)bytes[dice(seed) % (sizeof bytes - 1)];
				n++;
			}
			break;
		default:
			n -= n ? dice(seed) % (n - at) : 0;
		}
	}
	return n;
}

/* csv-fuzz TIMES SEED FILE... */
int main(int argc, char **argv)
{
	static uint8_t whole[1 << 16], work[1 << 17];
	long times = argc > 1 ? strtol(argv[1], NULL, 10) : 0, i;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) | 1 : 1;
	int a;

	for (a = 3; a < argc; a++) {
		int fd = open(argv[a], O_RDONLY | O_CLOEXEC);
		ssize_t n = read(fd, whole, sizeof whole);

		must(n >= 0, argv[a]);
		close(fd);
		LLVMFuzzerTestOneInput(whole, (size_t)n);
		for (i = 0; i < times; i++) {
			memcpy(work, whole, (size_t)n);
			LLVMFuzzerTestOneInput(
				work, mutate(work, (size_t)n, sizeof work, &seed));
		}
	}
	printf("%d files, %ld mutations of each\n", argc - 3, times);
	return 0;
}
#endif
