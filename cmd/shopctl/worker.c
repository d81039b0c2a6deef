/* shopctl worker: who works and on what; take a lease from one who hangs. */
#include "base/cli.h"
#include "base/out.h"
#include "domain/queue.h"

struct list {
	bool leases;
};
static const struct shape list_args = SHAPE(
	list, FIELD(list, leases, NULL, "what they hold instead, lease by lease"));

struct kill {
	int64_t lease;
};
static const struct shape kill_args = SHAPE(kill,
	FIELD(kill, lease, "LEASE", "its number", FIELD_OPERAND | FIELD_REQUIRED));

static enum err list(struct op *op, const void *args)
{
	const struct list *a = args;
	struct rows rows;

	if (a->leases) {
		TRY(worker_leases(op, &rows));
		return out_rows(op, &lease_row_shape, rows);
	}
	TRY(worker_find(op, &rows));
	return out_rows(op, &worker_row_shape, rows);
}

static enum err kill_lease(struct op *op, const void *args)
{
	const struct kill *a = args;
	struct broken_lease l;

	TRY(worker_kill_lease(op, a->lease, &l));
	return out_one(op, &broken_lease_shape, &l);
}

const struct command worker_commands[] = {
	{ "list", "list workers, with when each was seen", &list_args, list, 0,
		"shopctl worker list\n"
		"shopctl worker list --leases" },
	{ "kill-lease", "take a lease from its worker, as if that were lost",
		&kill_args, kill_lease, CMD_MUTATES | CMD_REASON,
		"shopctl worker kill-lease 4711 --reason 'it hangs'\n"
		"shopctl worker kill-lease 4711 --reason 'it hangs' --dry-run",
		"Its jobs go to the quarantine with one more crash, or are dead after "
		"the last one. What the worker does with them afterwards is refused." },
	{ 0 },
};
