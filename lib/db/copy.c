/* COPY into an import's own stage. */
#include "db/connection.h"
#include "db/result.h"

#include <string.h>

static void clear(void *r)
{
	PQclear(r);
}

enum err db_copy_begin(struct op *op, const char *table, const char *columns)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz0123456789_., ";
	PGresult *r;

	if (table[strspn(table, safe)] || columns[strspn(columns, safe)])
		return fail(op, E_BROKEN, "identifier_is_plain",
			"copy into \"%s\" (%s)", table, columns);
	TRY(connection_revive(op));
	if (!PQsendQuery(op->db->conn,
		    op_printf(op, "COPY %s (%s) FROM STDIN", table, columns)))
		return connection_fault(op, op->db->conn);
	TRY(connection_await(op));
	r = PQgetResult(op->db->conn);
	op_defer(op, clear, r);
	return connection_checked(op, r);
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
	TRY(connection_collect(op, &r));
	return connection_checked(op, r);
}
