/* Bring a database to this program's schema: migrations once, the api always. */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "base/field.h"
#include "base/op.h"

/* The SQL files inside this program, in order of application; ends with a NULL name. */
struct sql_file {
	const char *name; /* "migrations/0001_catalog.sql" */
	const char *text;
};
extern const struct sql_file sql_files[];

/* One migration as status and plan show it. */
struct migration {
	const char *name, *state; /* applied, pending, changed */
	const char *checksum;     /* sha256 of the file */
	struct stamp applied_at;
};
extern const struct shape migration_shape;

/* Every migration with its state; a database without our schema has all pending. */
enum err migrate_status(struct op *op, struct rows *out);

/*
 * Apply what is pending under an advisory lock, one transaction each, then the
 * api functions and roles in one transaction.  A migration whose file changed
 * after it was applied is E_REFUSED (migration_is_final) and nothing is done.
 */
enum err migrate_up(struct op *op, int64_t *applied);

#endif
