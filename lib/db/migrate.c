/* Bring a database to this program's schema: migrations once, the api always. */
#include "db/migrate.h"

#include "base/id.h"
#include "base/sha.h"
#include "db/db.h"
#include "db/result.h"

#include <string.h>

/* The schema's name appears here and in the COPY of lib/db only. */
static const char bootstrap[] =
	"DO $$ BEGIN\n"
	"  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'shop_owner') THEN\n"
	"    CREATE ROLE shop_owner NOLOGIN;\n"
	"  END IF;\n"
	"  EXECUTE format('GRANT CREATE ON DATABASE %I TO shop_owner', "
	"current_database());\n"
	"  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', "
	"current_database());\n"
	"END $$;\n"
	"REVOKE ALL ON SCHEMA public FROM PUBLIC;\n"
	"CREATE SCHEMA IF NOT EXISTS shop AUTHORIZATION shop_owner;\n"
	"CREATE TABLE IF NOT EXISTS shop.schema_version (\n"
	"  name text PRIMARY KEY,\n"
	"  checksum text NOT NULL,\n"
	"  applied_at timestamptz NOT NULL DEFAULT now());\n"
	"ALTER TABLE shop.schema_version OWNER TO shop_owner;\n";

static const char enter[] = "BEGIN; SET LOCAL ROLE shop_owner;"
			    "SET LOCAL search_path = shop, pg_temp;"
			    "SET LOCAL check_function_bodies = off;"
			    "SET LOCAL client_min_messages = warning;";

/* Functions are code: all are dropped and made again from their files. */
static const char drop_functions[] =
	"DROP SCHEMA IF EXISTS api CASCADE; CREATE SCHEMA api;\n"
	"ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;\n"
	"DO $$ DECLARE f record; BEGIN\n"
	"  FOR f IN SELECT p.oid::regprocedure AS name, p.prokind FROM pg_proc p\n"
	"    WHERE p.pronamespace = 'shop'::regnamespace AND NOT EXISTS (SELECT FROM "
	"pg_depend d\n"
	"      WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype "
	"= 'e')\n"
	"  LOOP EXECUTE 'DROP ROUTINE ' || f.name; END LOOP;\n"
	"END $$;";

const struct shape migration_shape = SHAPE(migration, FIELD(migration, name),
	FIELD(migration, state), FIELD(migration, applied_at),
	FIELD(migration, checksum, NULL, NULL, FIELD_HIDDEN));

static bool is_migration(const struct sql_file *f)
{
	return !strncmp(f->name, "migrations/", 11);
}

static const char *checksum(struct op *op, const char *text)
{
	unsigned char digest[32];

	sha256(text, strlen(text), digest);
	return id_hex(op, digest, sizeof digest);
}

/* What the database has recorded; none when it has no schema of ours. */
static enum err applied(struct op *op, PGresult **out)
{
	TRY(sql_run(op, "SELECT to_regclass('shop.schema_version')", out));
	if (PQgetisnull(*out, 0, 0))
		return sql_run(op, "SELECT 1 WHERE false", out);
	return sql_run(op,
		"SELECT name, checksum, applied_at FROM shop.schema_version ORDER BY "
		"name",
		out);
}

static enum err look_up(struct op *op, const PGresult *r, struct migration *m)
{
	struct field applied_at = FIELD(migration, applied_at);
	int i;

	m->state = "pending";
	for (i = 0; i < PQntuples(r); i++) {
		if (strcmp(PQgetvalue(r, i, 0), m->name) != 0)
			continue;
		m->state = strcmp(PQgetvalue(r, i, 1), m->checksum) != 0 ? "changed"
									 : "applied";
		return field_parse(op, &applied_at, m, PQgetvalue(r, i, 2));
	}
	return OK;
}

enum err migrate_status(struct op *op, struct rows *out)
{
	const struct sql_file *f;
	struct migration *m;
	PGresult *r;

	TRY(applied(op, &r));
	*out = (struct rows){ op_alloc(op, SHOP_SCHEMA * sizeof *m + 1), 0 };
	for (f = sql_files; f->name; f++) {
		if (!is_migration(f))
			continue;
		m = row_at(&migration_shape, *out, out->n++);
		m->name = f->name + strlen("migrations/");
		m->checksum = checksum(op, f->text);
		TRY(look_up(op, r, m));
	}
	return OK;
}

static enum err apply(
	struct op *op, const struct sql_file *f, const struct migration *m)
{
	TRY(db_script(op, "", enter));
	TRY(db_script(op, f->name, f->text));
	TRY(db_script(op, "",
		op_printf(op, "INSERT INTO schema_version VALUES ('%s', '%s')", m->name,
			m->checksum)));
	return db_script(op, "", "COMMIT");
}

static enum err functions(struct op *op)
{
	const struct sql_file *f;

	TRY(db_script(op, "", enter));
	TRY(db_script(op, "drop", drop_functions));
	for (f = sql_files; f->name; f++)
		if (!strncmp(f->name, "api/", 4))
			TRY(db_script(op, f->name, f->text));
	TRY(db_script(op, "", "SET LOCAL ROLE NONE"));
	for (f = sql_files; f->name; f++)
		if (!strcmp(f->name, "roles.sql"))
			TRY(db_script(op, f->name, f->text));
	return db_script(op, "", "COMMIT");
}

static enum err refuse_changed(struct op *op, struct rows all)
{
	size_t i;

	for (i = 0; i < all.n; i++) {
		const struct migration *m = row_at(&migration_shape, all, i);

		if (!strcmp(m->state, "changed")) {
			fail(op, E_REFUSED, "migration_is_final",
				"%s was changed after it was applied", m->name);
			return fail_hint(
				op, "restore the file and write a new migration");
		}
	}
	return OK;
}

static enum err apply_pending(struct op *op, struct rows all, int64_t *count)
{
	const struct sql_file *f;
	size_t i = 0;

	for (f = sql_files; f->name; f++) {
		const struct migration *m;

		if (!is_migration(f))
			continue;
		m = row_at(&migration_shape, all, i++);
		if (strcmp(m->state, "pending") != 0)
			continue;
		TRY(apply(op, f, m));
		++*count;
	}
	return functions(op);
}

enum err migrate_up(struct op *op, int64_t *count)
{
	struct rows all;
	PGresult *r;
	enum err e;

	*count = 0;
	TRY(sql_run(op, "SELECT pg_advisory_lock(7467011)", &r));
	e = db_script(op, "", bootstrap);
	if (e == OK)
		e = migrate_status(op, &all);
	if (e == OK)
		e = refuse_changed(op, all);
	if (e == OK)
		e = apply_pending(op, all, count);
	db_script(op, "", "ROLLBACK; SELECT pg_advisory_unlock(7467011)");
	return e;
}
