/*
 * What the CSV reader makes of files: a line of JSON for each, its rows and the fault
 * that ended it.  tests/bats/odd_files.py holds it against another reader.
 */
#include "base/csv.h"
#include "base/field.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static void put_row(struct op *op, const struct csv_row *row, bool first)
{
	struct op scratch;
	size_t i;

	op_open(&scratch, NULL, op->verb);
	printf("%s[", first ? "" : ",");
	for (i = 0; i < row->n; i++)
		printf("%s%s", i ? "," : "", json_quote(&scratch, row->cells[i].s));
	printf("]");
	op_close(&scratch);
}

static void put_file(const char *name)
{
	struct op op;
	struct csv_reader *r;
	struct csv_row row;
	enum err e;
	bool first = true;
	int fd = open(name, O_RDONLY | O_CLOEXEC);

	op_open(&op, NULL, "csv-rows");
	r = csv_reader_new(&op, fd, name);
	printf("{\"file\":%s,\"rows\":[", json_quote(&op, name));
	for (; (e = csv_next(&op, r, &row)) == OK && row.n; first = false)
		put_row(&op, &row, first);
	printf("],\"rule\":%s,\"text\":%s}\n",
		e == OK ? "null" : json_quote(&op, op.fault.rule),
		e == OK ? "null" : json_quote(&op, op.fault.text));
	op_close(&op);
	close(fd);
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		put_file(argv[i]);
	return 0;
}
