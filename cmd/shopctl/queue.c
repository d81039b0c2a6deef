/* shopctl queue: hold the work of a queue, and let it go on. */
#include "domain/queue.h"

#include "base/cli.h"
#include "base/out.h"

struct list {
	bool workers;
};
static const struct shape list_args = SHAPE(list,
	FIELD(list, workers, NULL, "the workers instead, with when each was seen"));

struct one {
	const char *name;
};
static const struct shape one_args = SHAPE(
	one, FIELD(one, name, "QUEUE", "its name", FIELD_OPERAND | FIELD_REQUIRED));

static enum err list(struct op *op, const void *args)
{
	const struct list *a = args;
	struct rows rows;

	if (a->workers) {
		TRY(worker_find(op, &rows));
		return out_rows(op, &worker_row_shape, rows);
	}
	TRY(queue_find(op, NULL, &rows));
	return out_rows(op, &queue_shape, rows);
}

static enum err show(struct op *op, const char *name)
{
	struct rows rows;

	TRY(queue_find(op, name, &rows));
	return out_one(op, &queue_shape, rows.items);
}

static enum err pause_one(struct op *op, const void *args)
{
	const struct one *a = args;

	TRY(queue_pause(op, a->name, op->reason));
	return show(op, a->name);
}

static enum err resume(struct op *op, const void *args)
{
	const struct one *a = args;

	TRY(queue_resume(op, a->name));
	return show(op, a->name);
}

const struct command queue_commands[] = {
	{ "list", "list queues with what is in them", &list_args, list, 0,
		"shopctl queue list\n"
		"shopctl queue list --workers" },
	{ "pause", "claim nothing more from a queue; what runs, finishes", &one_args,
		pause_one, CMD_MUTATES | CMD_REASON,
		"shopctl queue pause notification --reason 'relay is down'\n"
		"shopctl queue pause payment --reason maintenance --dry-run" },
	{ "resume", "let a paused queue go on", &one_args, resume, CMD_MUTATES,
		"shopctl queue resume notification\n"
		"shopctl queue resume payment --dry-run" },
	{ 0 },
};
