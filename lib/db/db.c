/* Calls of api functions over libpq, each bounded by a deadline of our own. */
#include "db/db.h"

#include "base/arena.h"
#include "base/config.h"
#include "db/result.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct prepared {
	struct prepared *next;
	char name[80];
};

struct db {
	PGconn *conn;
	PGcancel *cancel;
	struct prepared *prepared;
	bool prepare;
};

static void ignore_notice(void *ctx, const PGresult *r)
{
	(void)ctx;
	(void)r;
}

static void forget_prepared(struct db *db)
{
	struct prepared *p, *next;

	for (p = db->prepared; p; p = next) {
		next = p->next;
		free(p);
	}
	db->prepared = NULL;
}

static void renew_cancel(struct db *db)
{
	PQfreeCancel(db->cancel);
	db->cancel = PQgetCancel(db->conn);
}

/* "-c name=value" with the value escaped for the options parameter. */
static const char *option(struct op *op, const char *name, const char *value)
{
	char *escaped = op_alloc(op, 2 * strlen(value ? value : "") + 1), *to = escaped;
	const char *p;

	for (p = value; p && *p; p++) {
		if (*p == ' ' || *p == '\\')
			*to++ = '\\';
		*to++ = *p;
	}
	return value ? op_printf(op, " -c %s=%s", name, escaped) : "";
}

/* Who asks and why, for the audit rows; the daemons pass these as arguments. */
static const char *session_options(struct op *op)
{
	const char *inherited = getenv("PGOPTIONS");
	const char *timeout = op->timeout_ms ? op_printf(op, "%ld", op->timeout_ms) : NULL;

	return op_printf(op, "%s%s%s%s%s", inherited ? inherited : "",
		option(op, "shop.actor", op->actor),
		op->actor ? option(op, "shop.trace_id", op->trace) : "",
		option(op, "shop.reason", op->reason),
		option(op, "statement_timeout", timeout));
}

static enum err connect_to(struct op *op)
{
	const char *conninfo = op->config ? op->config->database.conninfo : NULL;
	const char *keys[] = { "connect_timeout", "fallback_application_name", "options",
		"client_encoding", "dbname", NULL };
	const char *values[] = { "5", op_printf(op, "shop %s", op->verb),
		session_options(op), "UTF8", conninfo && *conninfo ? conninfo : NULL, NULL };
	struct db *db = op->db;

	db->conn = PQconnectdbParams(keys, values, 1);
	if (PQstatus(db->conn) != CONNECTION_OK)
		return connection_fault(op, db->conn);
	PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
	renew_cancel(db);
	return OK;
}

enum err db_open_any(struct op *op)
{
	op->db = calloc(1, sizeof *op->db);
	if (!op->db)
		return fail(op, E_BROKEN, "memory_is_enough", "out of memory");
	op->db->prepare = op->config && op->config->database.prepare;
	return connect_to(op);
}

void db_close(struct db *db)
{
	if (!db)
		return;
	forget_prepared(db);
	PQfreeCancel(db->cancel);
	PQfinish(db->conn);
	free(db);
}

bool db_alive(struct db *db)
{
	return db && db->conn && PQstatus(db->conn) == CONNECTION_OK;
}

void db_cancel(struct db *db)
{
	char ignored[256];

	if (db && db->cancel)
		PQcancel(db->cancel, ignored, sizeof ignored);
}

static enum err revive(struct op *op)
{
	struct db *db = op->db;

	if (!db)
		return fail(op, E_BROKEN, "database_is_open", "no connection was opened");
	if (db_alive(db))
		return OK;
	forget_prepared(db);
	if (!db->conn)
		return connect_to(op);
	PQreset(db->conn);
	if (PQstatus(db->conn) != CONNECTION_OK)
		return connection_fault(op, db->conn);
	renew_cancel(db);
	return OK;
}

static enum err too_late(struct op *op)
{
	struct db *db = op->db;

	db_cancel(db);
	PQfinish(db->conn); /* the outcome is unknown, so is the connection's state */
	db->conn = NULL;
	fail(op, E_AWAY, "answer_in_time", "the database did not answer within %ld ms",
		op->timeout_ms);
	return fail_hint(op, "its outcome is unknown: repeat with the same idempotency key");
}

/* statement_timeout does not bound COMMIT, so the client's own deadline does. */
static enum err await(struct op *op)
{
	struct db *db = op->db;
	int64_t grace_us = 2000000;
	int64_t end = clock_ticks() + op->timeout_ms * 1000 + grace_us;

	while (PQisBusy(db->conn)) {
		struct pollfd p = { PQsocket(db->conn), POLLIN, 0 };
		int64_t left = op->timeout_ms ? (end - clock_ticks()) / 1000 : -1;

		if (op->timeout_ms && left <= 0)
			return too_late(op);
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return fail(op, E_AWAY, "database_is_up", "poll: %m");
		if (!PQconsumeInput(db->conn))
			return connection_fault(op, db->conn);
	}
	return OK;
}

static void clear(void *r)
{
	PQclear(r);
}

/* Read every pending result; the last one that matters is kept for the op's life. */
static enum err collect(struct op *op, PGresult **out)
{
	struct db *db = op->db;
	PGresult *r, *kept = NULL;
	enum err e;

	for (;;) {
		e = await(op);
		if (e != OK)
			break;
		r = PQgetResult(db->conn);
		if (!r)
			break;
		if (kept && PQresultStatus(kept) == PGRES_FATAL_ERROR) {
			PQclear(r);
			continue;
		}
		PQclear(kept);
		kept = r;
	}
	if (kept)
		op_defer(op, clear, kept);
	*out = kept;
	if (e == OK && !kept)
		e = connection_fault(op, db->conn);
	return e;
}

static enum err checked(struct op *op, const PGresult *r)
{
	switch (PQresultStatus(r)) {
	case PGRES_TUPLES_OK:
	case PGRES_SINGLE_TUPLE:
	case PGRES_COMMAND_OK:
	case PGRES_COPY_IN:
		return OK;
	default:
		break;
	}
	if (PQstatus(op->db->conn) != CONNECTION_OK && !PQresultErrorField(r, PG_DIAG_SQLSTATE))
		return connection_fault(op, op->db->conn);
	return result_fault(op, r);
}

static const char *call_text(struct op *op, const char *fn, size_t n)
{
	const char *args = "";
	size_t i;

	for (i = 1; i <= n; i++)
		args = op_printf(op, "%s%s$%zu", args, i > 1 ? ", " : "", i);
	return op_printf(op, "SELECT * FROM api.%s(%s)", fn, args);
}

enum err sql_run(struct op *op, const char *sql, PGresult **out)
{
	*out = NULL;
	TRY(revive(op));
	if (!PQsendQuery(op->db->conn, sql))
		return connection_fault(op, op->db->conn);
	TRY(collect(op, out));
	return checked(op, *out);
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
	TRY(collect(op, &r));
	TRY(checked(op, r));
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

	TRY(revive(op));
	if (op->db->prepare && !is_prepared(op->db, name))
		TRY(prepare(op, name, call_text(op, fn, n), v, n));
	for (i = 0; i < n; i++) {
		data[i] = v[i].data;
		lengths[i] = v[i].length;
		formats[i] = v[i].format;
		types[i] = v[i].oid;
	}
	sent = op->db->prepare
		       ? PQsendQueryPrepared(
				 op->db->conn, name, (int)n, data, lengths, formats, 0)
		       : PQsendQueryParams(op->db->conn, call_text(op, fn, n), (int)n, types,
				 data, lengths, formats, 0);
	return sent ? OK : connection_fault(op, op->db->conn);
}

static enum err call(
	struct op *op, const char *fn, const struct value *v, size_t n, PGresult **out)
{
	TRY(send(op, fn, v, n));
	TRY(collect(op, out));
	return checked(op, *out);
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
		TRY(result_row(op, r, i, shape, columns, row_at(shape, *out, (size_t)i)));
	return OK;
}

enum err db_one_values(struct op *op, const char *fn, const struct shape *shape, void *out,
	const struct value *v, size_t n)
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

		TRY(await(op));
		r = PQgetResult(op->db->conn);
		if (!r)
			return OK;
		e = checked(op, r);
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

struct version {
	int64_t version;
};

static const struct shape version_shape = SHAPE(version, FIELD(version, version));

enum err db_open(struct op *op)
{
	struct version found = { 0 };
	enum err e;

	TRY(db_open_any(op));
	e = db_one(op, "version", &version_shape, &found);
	if (e == E_AWAY || e == E_BUSY)
		return e;
	if (e == OK && found.version == SHOP_SCHEMA)
		return OK;
	fault_clear(op);
	fail(op, E_CONFIG, "schema_is_current",
		"the database has schema %d, this program needs %d", (int)found.version,
		SHOP_SCHEMA);
	return fail_hint(op, found.version > SHOP_SCHEMA ? "install the newer programs"
							 : "run: shopctl migrate up");
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
		op->fault.text = op_printf(op, "%s:%d: %s%s%s", name, line, op->fault.text,
			context ? "; " : "", context ? context : "");
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
			collect(op, &r);
		return e;
	}
	return db_script(op, "", "COMMIT");
}

enum err db_copy_begin(struct op *op, const char *table, const char *columns)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz0123456789_, ";
	PGresult *r;

	if (table[strspn(table, safe)] || columns[strspn(columns, safe)])
		return fail(op, E_BROKEN, "identifier_is_plain", "copy into \"%s\" (%s)", table,
			columns);
	TRY(revive(op));
	if (!PQsendQuery(op->db->conn,
		    op_printf(op, "COPY shop.%s (%s) FROM STDIN", table, columns)))
		return connection_fault(op, op->db->conn);
	TRY(await(op));
	r = PQgetResult(op->db->conn);
	op_defer(op, clear, r);
	return checked(op, r);
}

enum err db_copy_put(struct op *op, const char *text, size_t n)
{
	return PQputCopyData(op->db->conn, text, (int)n) == 1
		       ? OK
		       : connection_fault(op, op->db->conn);
}

enum err db_copy_end(struct op *op, enum err e)
{
	PGresult *r;

	if (!db_alive(op->db))
		return e == OK ? connection_fault(op, op->db->conn) : e;
	PQputCopyEnd(op->db->conn, e == OK ? NULL : "given up");
	if (e != OK) {
		while ((r = PQgetResult(op->db->conn)))
			PQclear(r);
		return e;
	}
	TRY(collect(op, &r));
	return checked(op, r);
}

const struct session db_session = {
	.open = db_open,
	.open_any = db_open_any,
	.begin = db_begin,
	.end = db_end,
	.cancel = db_cancel,
	.close = db_close,
};
