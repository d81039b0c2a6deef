/* Calls of api functions over libpq, and transactions around them. */
#include "db/db.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/world.h"
#include "db/connection.h"
#include "db/result.h"

#include <stdlib.h>
#include <string.h>

/* Tries of a call that collides with another's, and the longest pause after the first.
 */
enum { TRIES = 3, PAUSE_US = 20000 };

static const char *call_text(struct op *op, const char *fn, size_t n)
{
	const char *args = "";
	size_t i;

	for (i = 1; i <= n; i++)
		args = op_printf(op, "%s%s$%zu", args, i > 1 ? ", " : "", i);
	return op_printf(op, "SELECT * FROM api.%s(%s)", fn, args);
}

/* Where a simulated world has its say.  What it breaks off is rolled back, as the
 * server does when a client is gone. */
static enum err seam(struct op *op, const char *what, enum world_moment when)
{
	bool open;
	enum err e;

	if (!world)
		return OK;
	open = PQtransactionStatus(op->db->conn) == PQTRANS_INTRANS;
	e = world->statement(op, what, when, open);
	if (e != OK && open)
		PQclear(PQexec(op->db->conn, "ROLLBACK"));
	return e;
}

enum err sql_run(struct op *op, const char *sql, PGresult **out)
{
	*out = NULL;
	TRY(connection_revive(op));
	TRY(seam(op, sql, WORLD_BEFORE));
	if (!PQsendQuery(op->db->conn, sql))
		return connection_fault(op, op->db->conn);
	TRY(connection_collect(op, out));
	TRY(connection_checked(op, *out));
	return seam(op, sql, WORLD_AFTER);
}

static bool is_prepared(const struct db *db, const char *name)
{
	const struct prepared *p;

	for (p = db->prepared; p; p = p->next)
		if (!strcmp(p->name, name))
			return true;
	return false;
}

static enum err prepare(struct op *op, const char *name, const char *sql,
	const struct value *v, size_t n)
{
	Oid *types = op_alloc(op, (n + 1) * sizeof *types);
	struct prepared *p;
	PGresult *r;
	size_t i;

	for (i = 0; i < n; i++)
		types[i] = v[i].oid;
	if (!PQsendPrepare(op->db->conn, name, sql, (int)n, types))
		return connection_fault(op, op->db->conn);
	TRY(connection_collect(op, &r));
	TRY(connection_checked(op, r));
	p = calloc(1, sizeof *p);
	if (!p)
		return fail(op, E_BROKEN, "memory_is_enough", "out of memory");
	snprintf(p->name, sizeof p->name, "%s", name);
	p->next = op->db->prepared;
	op->db->prepared = p;
	return OK;
}

/* A NULL array has no type of its own, so its statement is another one. */
static const char *statement_name(
	struct op *op, const char *fn, const struct value *v, size_t n)
{
	unsigned long types = 0;
	size_t i;

	for (i = 0; i < n; i++)
		types = types * 31 + v[i].oid;
	return op_printf(op, "%s_%zu_%lx", fn, n, types);
}

static enum err send(struct op *op, const char *fn, const struct value *v, size_t n)
{
	const char **data = op_alloc(op, (n + 1) * sizeof *data);
	int *lengths = op_alloc(op, (n + 1) * sizeof *lengths);
	int *formats = op_alloc(op, (n + 1) * sizeof *formats);
	Oid *types = op_alloc(op, (n + 1) * sizeof *types);
	const char *name = statement_name(op, fn, v, n);
	int sent;
	size_t i;

	TRY(connection_revive(op));
	TRY(seam(op, fn, WORLD_BEFORE));
	if (op->db->prepare && !is_prepared(op->db, name))
		TRY(prepare(op, name, call_text(op, fn, n), v, n));
	for (i = 0; i < n; i++) {
		data[i] = v[i].data;
		lengths[i] = v[i].length;
		formats[i] = v[i].format;
		types[i] = v[i].oid;
	}
	sent = op->db->prepare ? PQsendQueryPrepared(op->db->conn, name, (int)n, data,
					 lengths, formats, 0)
			       : PQsendQueryParams(op->db->conn, call_text(op, fn, n),
					 (int)n, types, data, lengths, formats, 0);
	return sent ? OK : connection_fault(op, op->db->conn);
}

static enum err call_once(
	struct op *op, const char *fn, const struct value *v, size_t n, PGresult **out)
{
	TRY(send(op, fn, v, n));
	TRY(connection_collect(op, out));
	TRY(connection_checked(op, *out));
	return seam(op, fn, WORLD_AFTER);
}

/*
 * Two transactions stood in each other's way and ours was taken back, whole: it may
 * be tried again at once, unless it is a part of one that its caller began.
 */
static bool collided(struct op *op)
{
	const char *s = op->fault.sqlstate;

	return s && (!strcmp(s, "40001") || !strcmp(s, "40P01")) &&
	       PQtransactionStatus(op->db->conn) == PQTRANS_IDLE;
}

static enum err call(
	struct op *op, const char *fn, const struct value *v, size_t n, PGresult **out)
{
	uint32_t random;
	enum err e;
	int tries = 0;

	while ((e = call_once(op, fn, v, n, out)) != OK && ++tries < TRIES &&
		collided(op)) {
		fault_clear(op);
		id_random(&random, sizeof random);
		clock_sleep_us((int64_t)random * tries * PAUSE_US >> 32);
	}
	return e;
}

enum err db_do_values(struct op *op, const char *fn, const struct value *v, size_t n)
{
	PGresult *r;

	return call(op, fn, v, n, &r);
}

enum err db_rows_values(struct op *op, const char *fn, const struct shape *shape,
	struct rows *out, const struct value *v, size_t n)
{
	PGresult *r;
	int *columns, i;

	TRY(call(op, fn, v, n, &r));
	TRY(result_columns(op, r, shape, &columns));
	out->n = (size_t)PQntuples(r);
	out->items = op_alloc(op, out->n * shape->size + 1);
	for (i = 0; i < PQntuples(r); i++)
		TRY(result_row(
			op, r, i, shape, columns, row_at(shape, *out, (size_t)i)));
	return OK;
}

enum err db_one_values(struct op *op, const char *fn, const struct shape *shape,
	void *out, const struct value *v, size_t n)
{
	struct rows rows;

	TRY(db_rows_values(op, fn, shape, &rows, v, n));
	if (rows.n != 1)
		return fail(op, rows.n ? E_BROKEN : E_NOT_FOUND, "row_exists",
			"no such %s", shape->name);
	memcpy(out, rows.items, shape->size);
	return OK;
}

/* One streamed row, in memory of its own that is given back behind it. */
static enum err each_row(struct op *op, const PGresult *r, const struct shape *shape,
	const int *columns, enum err (*each)(struct op *, void *, void *), void *ctx)
{
	struct arena *whole = op->arena;
	struct deferred *deferred = op->deferred;
	enum err e;
	void *item;

	op->arena = arena_new();
	item = op_alloc(op, shape->size);
	e = result_row(op, r, 0, shape, columns, item);
	if (e == OK)
		e = each(op, ctx, item);
	if (e != OK || op->deferred != deferred) {
		op_defer(op, (void (*)(void *))arena_free, op->arena);
		op->arena = whole;
		return e;
	}
	arena_free(op->arena);
	op->arena = whole;
	return OK;
}

enum err db_each_values(struct op *op, const char *fn, const struct shape *shape,
	enum err (*each)(struct op *op, void *ctx, void *item), void *ctx,
	const struct value *v, size_t n)
{
	int *columns = NULL;
	enum err e;

	TRY(send(op, fn, v, n));
	PQsetSingleRowMode(op->db->conn);
	for (;;) {
		PGresult *r;

		TRY(connection_await(op));
		r = PQgetResult(op->db->conn);
		if (!r)
			return OK;
		e = connection_checked(op, r);
		if (e == OK && !columns)
			e = result_columns(op, r, shape, &columns);
		if (e == OK && PQresultStatus(r) == PGRES_SINGLE_TUPLE)
			e = each_row(op, r, shape, columns, each, ctx);
		PQclear(r);
		if (e != OK) {
			db_cancel(op->db);
			while ((r = PQgetResult(op->db->conn)))
				PQclear(r);
			return e;
		}
	}
}

enum err db_script(struct op *op, const char *name, const char *sql)
{
	PGresult *r;
	enum err e = sql_run(op, sql, &r);

	if (e != OK && r && op->fault.text && *name) {
		const char *at = PQresultErrorField(r, PG_DIAG_STATEMENT_POSITION);
		const char *context = PQresultErrorField(r, PG_DIAG_CONTEXT);
		long position = at ? strtol(at, NULL, 10) : 0;
		int line = 1;

		for (; position > 1 && *sql; position--)
			line += *sql++ == '\n';
		op->fault.text = op_printf(op, "%s:%d: %s%s%s", name, line,
			op->fault.text, context ? "; " : "", context ? context : "");
	}
	return e;
}

enum err db_begin(struct op *op)
{
	return db_script(op, "", "BEGIN");
}

enum err db_end(struct op *op, enum err e)
{
	PGresult *r;

	if (!db_alive(op->db))
		return e == OK ? connection_fault(op, op->db->conn) : e;
	if (e != OK || op->dry_run) {
		if (PQsendQuery(op->db->conn, "ROLLBACK"))
			connection_collect(op, &r);
		return e;
	}
	return db_script(op, "", "COMMIT");
}
