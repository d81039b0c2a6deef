/* shopctl migrate: bring the database to this program's schema. */
#include "base/cli.h"
#include "base/out.h"
#include "db/db.h"
#include "db/migrate.h"

#include <inttypes.h>
#include <string.h>

static enum err status(struct op *op, const void *args)
{
	struct rows all;

	(void)args;
	TRY(migrate_status(op, &all));
	return out_rows(op, &migration_shape, all);
}

static enum err plan(struct op *op, const void *args)
{
	struct rows all;
	size_t i, kept = 0;

	(void)args;
	TRY(migrate_status(op, &all));
	for (i = 0; i < all.n; i++) {
		struct migration *m = row_at(&migration_shape, all, i);

		if (strcmp(m->state, "applied") != 0)
			*(struct migration *)row_at(&migration_shape, all, kept++) = *m;
	}
	all.n = kept;
	out_note(op, "%zu pending; functions and grants are replaced every time", kept);
	return out_rows(op, &migration_shape, all);
}

static enum err up(struct op *op, const void *args)
{
	int64_t applied;

	(void)args;
	TRY(migrate_up(op, &applied));
	out_note(op, "%" PRId64 " migrations applied; schema %d", applied, SHOP_SCHEMA);
	return OK;
}

const struct command migrate_commands[] = {
	{ "status", "every migration: applied, pending or changed", NULL, status,
		CMD_ANY_SCHEMA,
		"shopctl migrate status\n"
		"shopctl migrate status --format json" },
	{ "plan", "what `migrate up` would apply", NULL, plan, CMD_ANY_SCHEMA,
		"shopctl migrate plan\n"
		"shopctl migrate plan --format tsv --field name" },
	{ "up", "apply what is pending, then functions and grants", NULL, up,
		CMD_ANY_SCHEMA,
		"shopctl migrate up\n"
		"shopctl migrate up --dsn 'service=shop user=postgres'",
		"Needs a role that may create roles and become shop_owner. Runs under "
		"a lock, one "
		"transaction a migration; a migration that was changed after it was "
		"applied is "
		"refused." },
	{ 0 },
};
