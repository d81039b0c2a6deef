/* One connection: opening, reviving, waiting with a deadline of our own. */
#include "db/connection.h"

#include "base/config.h"
#include "db/result.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

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
	const char *timeout =
		op->timeout_ms ? op_printf(op, "%ld", op->timeout_ms) : NULL;

	return op_printf(op, "%s%s%s%s%s", inherited ? inherited : "",
		option(op, "shop.actor", op->actor),
		op->actor ? option(op, "shop.trace_id", op->trace) : "",
		option(op, "shop.reason", op->reason),
		option(op, "statement_timeout", timeout));
}

static enum err connect_to(struct op *op)
{
	const char *conninfo = op->config ? op->config->database.conninfo : NULL;
	const char *keys[] = { "connect_timeout", "fallback_application_name",
		"options", "client_encoding", "dbname", NULL };
	const char *values[] = { "5", op_printf(op, "shop %s", op->verb),
		session_options(op), "UTF8", conninfo && *conninfo ? conninfo : NULL,
		NULL };
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

enum err connection_revive(struct op *op)
{
	struct db *db = op->db;

	if (!db)
		return fail(
			op, E_BROKEN, "database_is_open", "no connection was opened");
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
	return fail_hint(
		op, "its outcome is unknown: repeat with the same idempotency key");
}

/* statement_timeout does not bound COMMIT, so the client's own deadline does. */
enum err connection_await(struct op *op)
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
enum err connection_collect(struct op *op, PGresult **out)
{
	struct db *db = op->db;
	PGresult *r, *kept = NULL;
	enum err e;

	for (;;) {
		e = connection_await(op);
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

enum err connection_checked(struct op *op, const PGresult *r)
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
	if (PQstatus(op->db->conn) != CONNECTION_OK &&
		!PQresultErrorField(r, PG_DIAG_SQLSTATE))
		return connection_fault(op, op->db->conn);
	return result_fault(op, r);
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

const struct session db_session = {
	.open = db_open,
	.open_any = db_open_any,
	.begin = db_begin,
	.end = db_end,
	.cancel = db_cancel,
	.close = db_close,
};
