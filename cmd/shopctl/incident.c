/* shopctl incident: what a person must look at, who does, and how it ended. */
#include "domain/incident.h"

#include "base/cli.h"
#include "base/out.h"

static const struct shape list_args = SHAPE(incident_query,
	FIELD(incident_query, state, "STATE",
		"only in this state; without it: open and owned", 0,
		"open|owned|closed|all"),
	FIELD(incident_query, kind, "KIND", "only of this kind: refund_failed"),
	FIELD(incident_query, owner, "NAME", "only those of this operator"),
	FIELD(incident_query, order, "ID", "only of this order"),
	FIELD(incident_query, since, "TIME", "opened since: 2026-11-20, 2h, 30d"),
	FIELD(incident_query, limit, "N", "at most N, oldest first", 0, NULL, "50"));

struct one {
	int64_t incident;
	const char *to, *note;
};

#define INCIDENT                                                                       \
	FIELD(one, incident, "INCIDENT", "number of the incident",                     \
		FIELD_OPERAND | FIELD_REQUIRED)

static const struct shape show_args = SHAPE(one, INCIDENT);
static const struct shape own_args = SHAPE(
	one, INCIDENT, FIELD(one, to, "NAME", "whose it becomes; without it: yours"));
static const struct shape close_args =
	SHAPE(one, INCIDENT, FIELD(one, note, "TEXT", "how it ended", FIELD_REQUIRED));

static enum err list(struct op *op, const void *args)
{
	struct rows rows;

	TRY(incident_list(op, args, &rows));
	return out_rows(op, &incident_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct incident i;

	TRY(incident_get(op, a->incident, &i));
	return out_one(op, &incident_full_shape, &i);
}

static enum err own(struct op *op, const void *args)
{
	const struct one *a = args;
	struct incident_fate f;

	TRY(incident_own(op, a->incident, a->to, &f));
	return out_one(op, &incident_fate_shape, &f);
}

static enum err close_one(struct op *op, const void *args)
{
	const struct one *a = args;
	struct incident_fate f;

	TRY(incident_close(op, a->incident, a->note, &f));
	return out_one(op, &incident_fate_shape, &f);
}

const struct command incident_commands[] = {
	{ "list", "incidents that wait for somebody, oldest first", &list_args, list, 0,
		"shopctl incident list\n"
		"shopctl incident list --state closed --since 30d --columns +note",
		"Each kind has its meaning and the command that leads to its end; "
		"nothing is opened twice while it is open." },
	{ "show", "one incident and what was done about it", &show_args, show, 0,
		"shopctl incident show 7\n"
		"shopctl incident show 7 --format json" },
	{ "own", "take an incident on, or give it to somebody", &own_args, own,
		CMD_MUTATES,
		"shopctl incident own 7\n"
		"shopctl incident own 7 --to ana" },
	{ "close", "end an incident, with a note on how", &close_args, close_one,
		CMD_MUTATES,
		"shopctl incident close 7 --note 'the bank sent the money on'\n"
		"shopctl incident close 7 --note 'refunded by transfer' --dry-run" },
	{ 0 },
};
