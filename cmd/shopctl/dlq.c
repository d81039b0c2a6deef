/* shopctl dlq: jobs that were given up, until somebody decides. */
#include "base/cli.h"
#include "base/json.h"
#include "base/out.h"
#include "domain/job.h"
#include "shopctl/job_bulk.h"

#include <string.h>

struct list {
	const char *queue, *kind, *rule;
	int64_t limit;
};
static const struct shape list_args =
	SHAPE(list, FIELD(list, queue, "NAME", "only of this queue"),
		FIELD(list, kind, "KIND", "only of this kind"),
		FIELD(list, rule, "RULE", "only those that this rule ended"),
		FIELD(list, limit, "N", "at most N, newest first", 0, NULL, "50"));

struct groups {
	const char *queue;
};
static const struct shape groups_args =
	SHAPE(groups, FIELD(groups, queue, "NAME", "only of this queue"));

struct one {
	int64_t id, subject;
	struct json_text payload;
};
#define ONE_ID FIELD(one, id, "JOB", "its id", FIELD_OPERAND | FIELD_REQUIRED)
static const struct shape show_args = SHAPE(one, ONE_ID);
static const struct shape edit_args =
	SHAPE(one, ONE_ID, FIELD(one, subject, "ID", "what it is about"),
		FIELD(one, payload, "JSON", "what else its kind wants to know"));

/* The same filters as of `job retry`, under the names of what a dead letter has. */
struct many {
	struct texts jobs;
	const char *queue, *kind, *rule;
	struct stamp older_than;
	int64_t limit, rate;
	bool all;
};
static const struct shape many_args = SHAPE(many,
	FIELD(many, jobs, "JOB", "these", FIELD_OPERAND),
	FIELD(many, queue, "NAME", "those of this queue"),
	FIELD(many, kind, "KIND", "those of this kind"),
	FIELD(many, rule, "RULE",
		"those that this rule ended, or whose message has it"),
	FIELD(many, older_than, "TIME", "those that died before: 2026-11-20, 2h, 30d"),
	FIELD(many, limit, "N", "at most N, oldest first; 0: all", 0, NULL, "0"),
	FIELD(many, rate, "N", "so many a second; 0: as fast as it goes", 0, NULL, "0"),
	FIELD(many, all, NULL, "whatever their queue, kind and rule"));

/* Dead letters by name may be of any age; by filter the state says which they are. */
static enum err run_many(
	struct op *op, const char *verb, const char *done, const struct many *m)
{
	struct job_filter f = { .jobs = m->jobs,
		.queue = m->queue,
		.kind = m->kind,
		.error = m->rule,
		.older_than = m->older_than,
		.limit = m->limit,
		.rate = m->rate,
		.all = m->all };

	if (m->jobs.n || m->queue || m->kind || m->rule || m->older_than.us || m->all)
		f.state = "dead";
	return job_bulk_run(op, verb, done, &f);
}

static enum err list(struct op *op, const void *args)
{
	const struct list *a = args;
	const struct job_query q = {
		.queue = a->queue, .kind = a->kind, .rule = a->rule, .limit = a->limit
	};
	struct rows rows;

	TRY(dlq_find(op, &q, &rows));
	return out_rows(op, &dead_letter_shape, rows);
}

static enum err groups(struct op *op, const void *args)
{
	const struct groups *a = args;
	struct rows rows;

	TRY(dlq_groups(op, a->queue, &rows));
	return out_rows(op, &dlq_group_shape, rows);
}

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct dead_letter d;

	TRY(dlq_show(op, a->id, &d));
	return out_one(op, &dead_letter_full_shape, &d);
}

static enum err edit(struct op *op, const void *args)
{
	const struct one *a = args;
	struct dead_letter d;
	const struct json *json;

	if (!a->subject && !a->payload.s)
		return fail(op, E_USAGE, "edit_changes_something",
			"neither --subject nor --payload is given");
	if (a->payload.s)
		TRY(json_parse(op, a->payload.s, strlen(a->payload.s), &json));
	TRY(dlq_edit(op, a->id, a->subject, a->payload, &d));
	return out_one(op, &dead_letter_full_shape, &d);
}

static enum err retry(struct op *op, const void *args)
{
	return run_many(op, "retry", "run again", args);
}

static enum err drop(struct op *op, const void *args)
{
	return run_many(op, "purge", "dropped", args);
}

const struct command dlq_commands[] = {
	{ "list", "list dead letters, newest first", &list_args, list, 0,
		"shopctl dlq list\n"
		"shopctl dlq list --kind payment.submit --columns id,rule,message" },
	{ "groups", "what died of the same rule: how many, since when, one of them",
		&groups_args, groups, 0,
		"shopctl dlq groups\n"
		"shopctl dlq groups --queue webhook --format json" },
	{ "show", "one dead letter, with payload, trace and message", &show_args, show,
		0,
		"shopctl dlq show 4711\n"
		"shopctl dlq show 4711 --format json" },
	{ "edit", "mend what a dead letter was given, before it is run again",
		&edit_args, edit, CMD_MUTATES | CMD_REASON,
		"shopctl dlq edit 4711 --payload '{\"provider\": \"stripe\"}' "
		"--reason typo\n"
		"shopctl dlq edit 4711 --subject 1024 --reason 'wrong order' "
		"--dry-run" },
	{ "retry", "run dead letters again, with all their tries", &many_args, retry,
		CMD_MUTATES,
		"shopctl dlq retry --queue notification --dry-run\n"
		"shopctl dlq retry --kind webhook.stripe --rule answer_in_time "
		"--rate 50" },
	{ "drop", "forget dead letters for good", &many_args, drop,
		CMD_MUTATES | CMD_REASON,
		"shopctl dlq drop 4711 --reason 'done by hand'\n"
		"shopctl dlq drop --kind noop.fail --older-than 30d --reason old" },
	{ 0 },
};
