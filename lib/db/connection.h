/* Inside lib/db: one connection. */
#ifndef DB_CONNECTION_H
#define DB_CONNECTION_H

#include "db/db.h"

#include <libpq-fe.h>

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

/* Open the connection again when it was lost. */
enum err connection_revive(struct op *op);

/* Wait until a result can be read without blocking, or the op's deadline is past. */
enum err connection_await(struct op *op);

/* Read every pending result; the one that matters is kept for the op's life. */
enum err connection_collect(struct op *op, PGresult **out);

/* OK, or the fault that the result describes. */
enum err connection_checked(struct op *op, const PGresult *r);

#endif
