/* What operators do to many jobs at once: by ids or by filters, as a dry run, at a
 * pace. */
#ifndef SHOPCTL_JOB_BULK_H
#define SHOPCTL_JOB_BULK_H

#include "base/field.h"
#include "base/op.h"

/* Which jobs; and of the verbs that need it, where to. */
struct job_filter {
	struct texts jobs; /* their ids */
	const char *queue, *kind, *state, *error;
	struct stamp older_than, at;
	const char *to_queue, *to_priority;
	int64_t rate, limit;
	bool all;
};

#define JOB_FILTER(states)                                                             \
	FIELD(job_filter, jobs, "JOB", "these", FIELD_OPERAND),                        \
		FIELD(job_filter, queue, "NAME", "those of this queue"),               \
		FIELD(job_filter, kind, "KIND", "those of this kind"),                 \
		FIELD(job_filter, state, "STATE", "those in this state", 0, states),   \
		FIELD(job_filter, older_than, "TIME",                                  \
			"those put, or ended, before: 2026-11-20, 2h, 30d"),           \
		FIELD(job_filter, error, "TEXT",                                       \
			"those whose last error is this rule, or has this in it"),     \
		FIELD(job_filter, all, NULL, "all of them"),                           \
		FIELD(job_filter, limit, "N", "at most N, oldest first; 0: all", 0,    \
			NULL, "0"),                                                    \
		FIELD(job_filter, rate, "N",                                           \
			"so many a second; 0: as fast as it goes", 0, NULL, "0")

/* Do it and print each; `done` is what the note says of them: "canceled". */
enum err job_bulk_run(
	struct op *op, const char *verb, const char *done, const struct job_filter *f);

extern const struct shape job_retry_args, job_cancel_args, job_reschedule_args,
	job_move_args, job_purge_args;
enum err job_retry_run(struct op *op, const void *args);
enum err job_cancel_run(struct op *op, const void *args);
enum err job_reschedule_run(struct op *op, const void *args);
enum err job_move_run(struct op *op, const void *args);
enum err job_purge_run(struct op *op, const void *args);

#endif
