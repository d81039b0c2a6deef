/* shopctl metrics: what only the database knows, for a monitoring system. */
#include "domain/metrics.h"

#include "base/cli.h"
#include "base/file.h"
#include "base/out.h"

static enum err print(struct op *op, const void *args)
{
	const char *text;

	(void)args;
	TRY(metrics_text(op, &text));
	return out_text(op, "%s", text);
}

struct textfile {
	const char *file;
};

static const struct shape textfile_args = SHAPE(textfile,
	FIELD(textfile, file, "FILE", "the file to replace; its name ends in .prom",
		FIELD_OPERAND | FIELD_REQUIRED));

static enum err textfile(struct op *op, const void *args)
{
	const struct textfile *a = args;
	const char *text;

	TRY(metrics_text(op, &text));
	return file_replace(op, a->file, text, "metrics_file_is_writable");
}

const struct command metrics_commands[] = {
	{ "print", "what only the database knows, as Prometheus reads it", NULL, print,
		0,
		"shopctl metrics print\n"
		"shopctl metrics print | promtool check metrics",
		"Orders of today, queues, dead letters, schedules, workers, late "
		"reservations, incidents, webhooks, calls without an outcome, the last "
		"checks and the last success of each task. The format is always "
		"Prometheus' text. Each question is bounded: counts stop at 10000." },
	{ "textfile", "the same into a file for node_exporter", &textfile_args,
		textfile, 0,
		"shopctl metrics textfile shop.prom\n"
		"shopctl metrics textfile /var/lib/prometheus/node-exporter/shop.prom",
		"The file is replaced by rename, so that a scrape never reads half of "
		"it; "
		"when that fails the old one stays, and its age "
		"(node_textfile_mtime_seconds) tells. Run it every minute from a "
		"timer, as "
		"a member of op_auditor who may write the directory." },
	{ 0 },
};
