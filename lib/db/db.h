/*
 * Call one api function, get rows of one shape.  The only place that knows
 * libpq; its SQL is "SELECT * FROM api.NAME($1, ...)" and transaction control.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/cli.h"
#include "base/field.h"
#include "base/op.h"
#include "db/value.h"

#include <stdint.h>

/*
 * Connect as configured (database.conninfo and libpq's own environment) and
 * check that the schema is the one this program was built for.  The
 * connection closes with db_close(), not with the op; op->db is set.
 */
enum err db_open(struct op *op);
void db_close(struct db *db);

/* Connect without the schema check: for migrations and for doctor. */
enum err db_open_any(struct op *op);

/* Exactly one row into *out; none is E_NOT_FOUND with rule "row_exists". */
#define db_one(op, fn, shape, out, ...)                                                \
	db_one_values(op, fn, shape, out, VALUES(__VA_ARGS__))
enum err db_one_values(struct op *op, const char *fn, const struct shape *shape,
	void *out, const struct value *v, size_t n);

/* All rows into *out, in the op's memory. */
#define db_rows(op, fn, shape, out, ...)                                               \
	db_rows_values(op, fn, shape, out, VALUES(__VA_ARGS__))
enum err db_rows_values(struct op *op, const char *fn, const struct shape *shape,
	struct rows *out, const struct value *v, size_t n);

/* Row by row, in constant memory: each(ctx, item); an error of each ends it. */
#define db_each(op, fn, shape, each, ctx, ...)                                         \
	db_each_values(op, fn, shape, each, ctx, VALUES(__VA_ARGS__))
enum err db_each_values(struct op *op, const char *fn, const struct shape *shape,
	enum err (*each)(struct op *op, void *ctx, void *item), void *ctx,
	const struct value *v, size_t n);

/* Call it for its effect; what it returns is dropped. */
#define db_do(op, fn, ...) db_do_values(op, fn, VALUES(__VA_ARGS__))
enum err db_do_values(struct op *op, const char *fn, const struct value *v, size_t n);

/*
 * Run several verbs in one transaction.  A dry run rolls back at db_end();
 * so does one whose e is not OK.  db_end returns e, or why COMMIT failed.
 */
enum err db_begin(struct op *op);
enum err db_end(struct op *op, enum err e);

/*
 * COPY rows into a table the caller was granted: an import's stage.
 * text is COPY text format, any number of whole or part rows at a time.
 */
enum err db_copy_begin(struct op *op, const char *table, const char *columns);
enum err db_copy_put(struct op *op, const char *text, size_t n);
enum err db_copy_end(struct op *op, enum err e);

/* Ask the server to stop what this connection runs; safe in a signal handler. */
void db_cancel(struct db *db);

/* Whether the connection is usable; a lost one is opened again by the next call. */
bool db_alive(struct db *db);

/* What cli_main() needs of this file. */
extern const struct session db_session;

/* Run SQL text of our own files (migrations, tests): several statements, no rows. */
enum err db_script(struct op *op, const char *name, const char *sql);

#endif
