/* shopctl preference: what people wish to be told, where, and when not. */
#include "domain/notification.h"
#include "domain/preference.h"

#include "base/cli.h"
#include "base/out.h"

#include <string.h>

struct who {
	const char *email;
};

static const struct shape who_args =
	SHAPE(who, FIELD(who, email, "ADDRESS", "of the customer",
			   FIELD_OPERAND | FIELD_REQUIRED));

static enum err show(struct op *op, const void *args)
{
	const struct who *a = args;
	struct rows rows;

	TRY(preference_show(op, a->email, &rows));
	return out_rows(op, &preference_shape, rows);
}

struct set {
	const char *email, *topic, *channel, *to;
};

static const struct shape set_args = SHAPE(set,
	FIELD(set, email, "ADDRESS", "of the customer", FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(set, topic, "TOPIC", "what about", FIELD_REQUIRED,
		"transactional|marketing|stock"),
	FIELD(set, channel, "CHANNEL", "how", FIELD_REQUIRED, NOTIFICATION_CHANNELS),
	FIELD(set, to, "WISH", "whether they want it", FIELD_REQUIRED, "on|off"));

static enum err set(struct op *op, const void *args)
{
	const struct set *a = args;
	const struct wish w = { a->email, a->topic, a->channel,
		strcmp(a->to, "on") == 0 };
	struct rows rows;

	TRY(preference_set(op, &w, &rows));
	return out_rows(op, &preference_shape, rows);
}

static const struct shape quiet_args = SHAPE(quiet,
	FIELD(quiet, email, "ADDRESS",
		"of the customer; without: of all who have no hours of their own",
		FIELD_OPERAND),
	FIELD(quiet, tz, "ZONE", "where they live: Europe/Berlin"),
	FIELD(quiet, begins, "HH:MM", "when it becomes quiet"),
	FIELD(quiet, ends, "HH:MM", "until then; the same as --begins: never quiet"));

static enum err quiet(struct op *op, const void *args)
{
	struct quiet now;

	TRY(quiet_hours(op, args, &now));
	return out_one(op, &quiet_shape, &now);
}

const struct command preference_commands[] = {
	{ "show", "what an address gets, and what it does not", &who_args, show, 0,
		"shopctl preference show jane@example.com\n"
		"shopctl preference show jane@example.com --format json" },
	{ "set", "change what an address gets", &set_args, set, CMD_MUTATES,
		"shopctl preference set jane@example.com --topic marketing --channel "
		"email --to on --reason 'asked by phone'\n"
		"shopctl preference set jane@example.com --topic stock --channel email "
		"--to off",
		"Mail about an order cannot be switched off; marketing is sent to "
		"those "
		"only who agreed, and short messages too." },
	{ "quiet", "show or set the hours without short messages and marketing",
		&quiet_args, quiet, CMD_MUTATES,
		"shopctl preference quiet\n"
		"shopctl preference quiet jane@example.com --tz America/New_York "
		"--begins 21:00 --ends 09:00",
		"A message that falls into them waits until they end." },
	{ 0 },
};
