/* shopctl suppression: addresses and numbers that nothing is sent to any more. */
#include "domain/preference.h"

#include "base/cli.h"
#include "base/out.h"

static const struct shape query_args = SHAPE(suppression_query,
	FIELD(suppression_query, channel, "CHANNEL", "only of this channel", 0,
		"email|sms"),
	FIELD(suppression_query, why, "WHY", "only for this reason", 0,
		"bounce|complaint|stop|manual"),
	FIELD(suppression_query, limit, "N", "at most N, newest first", 0, NULL, "50"));

static const struct shape add_args = SHAPE(suppression,
	FIELD(suppression, address, "ADDRESS", "or number",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(suppression, channel, "CHANNEL", "how it is written to", 0, "email|sms",
		"email"),
	FIELD(suppression, why, "WHY", "what happened", 0,
		"bounce|complaint|stop|manual", "manual"));

static const struct shape remove_args = SHAPE(suppression,
	FIELD(suppression, address, "ADDRESS", "or number",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(suppression, channel, "CHANNEL", "how it is written to", 0, "email|sms",
		"email"));

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	TRY(suppression_list(op, args, &rows));
	return out_rows(op, &suppression_shape, rows);
}

static enum err add(struct op *op, const void *args)
{
	struct suppression s;

	TRY(suppression_add(op, args, &s));
	return out_one(op, &suppression_shape, &s);
}

static enum err drop(struct op *op, const void *args)
{
	struct suppression s;

	TRY(suppression_remove(op, args, &s));
	return out_one(op, &suppression_shape, &s);
}

/* --reason is every command's own word, so the cause of an entry is --why. */
const struct command suppression_commands[] = {
	{ "list", "what is suppressed and why, newest first", &query_args, list, 0,
		"shopctl suppression list\n"
		"shopctl suppression list --channel sms --why stop" },
	{ "add", "send nothing more to an address", &add_args, add, CMD_MUTATES,
		"shopctl suppression add jane@example.com --why complaint\n"
		"shopctl suppression add +4915112345678 --channel sms --why stop" },
	{ "remove", "write to an address again", &remove_args, drop, CMD_MUTATES,
		"shopctl suppression remove jane@example.com\n"
		"shopctl suppression remove +4915112345678 --channel sms --reason "
		"'asked for it'" },
	{ 0 },
};
