/* shopctl dlq: jobs that were given up, until somebody decides. */
#include "base/cli.h"
#include "base/out.h"
#include "domain/job.h"

struct filter {
	const char *queue, *kind, *rule;
	int64_t limit;
	bool all;
};

#define FILTER_FIELDS                                                                  \
	FIELD(filter, queue, "NAME", "only of this queue"),                            \
		FIELD(filter, kind, "KIND", "only of this kind"),                      \
		FIELD(filter, rule, "RULE", "only those that this rule ended")

static const struct shape list_args = SHAPE(filter, FILTER_FIELDS,
	FIELD(filter, limit, "N", "at most N, newest first", 0, NULL, "50"));

static const struct shape retry_args = SHAPE(filter, FILTER_FIELDS,
	FIELD(filter, limit, "N", "at most N, oldest first", 0, NULL, "1000"),
	FIELD(filter, all, NULL, "whatever their queue, kind and rule"));

static struct job_query query_of(const struct filter *f)
{
	return (struct job_query){
		.queue = f->queue, .kind = f->kind, .rule = f->rule, .limit = f->limit
	};
}

static enum err list(struct op *op, const void *args)
{
	const struct job_query q = query_of(args);
	struct rows rows;

	TRY(dlq_find(op, &q, &rows));
	return out_rows(op, &dead_letter_shape, rows);
}

static enum err retry(struct op *op, const void *args)
{
	const struct filter *f = args;
	const struct job_query q = query_of(f);
	struct rows rows;

	if (!f->all && !f->queue && !f->kind && !f->rule) {
		fail(op, E_USAGE, "filter_is_given", "nothing says which dead letters");
		return fail_hint(op, "add --queue, --kind or --rule, or --all");
	}
	TRY(dlq_retry(op, &q, &rows));
	out_note(op, "%zu jobs run again", rows.n);
	return out_rows(op, &revived_shape, rows);
}

const struct command dlq_commands[] = {
	{ "list", "list dead letters, newest first", &list_args, list, 0,
		"shopctl dlq list\n"
		"shopctl dlq list --kind payment.submit --columns id,rule,message" },
	{ "retry", "run dead letters again, with all their tries", &retry_args, retry,
		CMD_MUTATES,
		"shopctl dlq retry --queue notification --dry-run\n"
		"shopctl dlq retry --kind webhook.stripe --rule answer_in_time" },
	{ 0 },
};
