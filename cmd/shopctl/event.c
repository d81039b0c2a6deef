/* shopctl event: what visitors do, from files. */
#include "domain/event.h"

#include "base/cli.h"
#include "base/out.h"

struct ingest {
	const char *file;
};

static const struct shape ingest_args = SHAPE(ingest,
	FIELD(ingest, file, "FILE", "one JSON event a line, or - for standard input",
		FIELD_OPERAND | FIELD_REQUIRED));

static enum err ingest(struct op *op, const void *args)
{
	const struct ingest *a = args;
	struct event_result result;

	TRY(event_ingest_file(op, a->file, &result));
	return out_one(op, &event_result_shape, &result);
}

const struct command event_commands[] = {
	{ "ingest", "keep visitors' events for the funnels", &ingest_args, ingest,
		CMD_MUTATES,
		"shopctl event ingest events.ndjson --dry-run\n"
		"zcat events.ndjson.gz | shopctl event ingest -",
		"An event is an object with id, type (view, search, add_to_cart, "
		"begin_checkout, purchase), at and session, and perhaps customer_id, "
		"sku, "
		"query and order_id; a member that nobody knows is refused. All of a "
		"file "
		"is kept, or nothing. An event that was kept before, by its id and "
		"time, "
		"is not kept again. Programs send the same to POST /v1/events." },
	{ 0 },
};
