/* Inside lib/db: results of libpq into structs, and its errors into faults. */
#ifndef DB_RESULT_H
#define DB_RESULT_H

#include "db/db.h"

#include <libpq-fe.h>

/* The fault that an error result describes: SQLSTATE, rule, words, remedy. */
enum err result_fault(struct op *op, const PGresult *r);

/* The fault of a connection that is gone. */
enum err connection_fault(struct op *op, const PGconn *conn);

/* The column of each field of the shape, or E_BROKEN when one has none. */
enum err result_columns(
	struct op *op, const PGresult *r, const struct shape *s, int **columns);

/* One row into *item, which is zeroed. */
enum err result_row(struct op *op, const PGresult *r, int row, const struct shape *s,
	const int *columns, void *item);

/* Run SQL text of lib/db itself; the last result, checked, lives as long as the op. */
enum err sql_run(struct op *op, const char *sql, PGresult **out);

#endif
