/* Events for operators: lines of JSON, or entries of the journal. */
#include "base/log.h"

#include "base/clock.h"
#include "base/field.h"
#include "base/id.h"
#include "base/journal.h"
#include "base/sha.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define JOURNAL "/run/systemd/journal/socket"

static enum log_level threshold = LOG_INFO;

struct event {
	enum log_level level;
	struct log_place place;
	const char *name, *text;
	const struct fault *fault; /* NULL: nothing failed */
};

void log_level_set(enum log_level level)
{
	threshold = level;
}

static const char *number(struct op *op, int64_t n)
{
	return n ? op_printf(op, "%" PRId64, n) : NULL;
}

/* 128 bits that are the same for an event on every machine. */
static const char *message_id(struct op *op, const char *event)
{
	const char *name = op_printf(op, "shop event %s", event);
	unsigned char digest[SHA256_BYTES];

	sha256(name, strlen(name), digest);
	return id_hex(op, digest, 16);
}

static bool to_journal(struct op *op, const struct event *e)
{
	static const char *const priorities[] = { "3", "4", "6", "7" };
	const struct fault none = { 0 }, *f = e->fault ? e->fault : &none;
	const struct journal_field fields[] = {
		{ "MESSAGE", e->text },
		{ "MESSAGE_ID", message_id(op, e->name) },
		{ "PRIORITY", priorities[e->level] },
		{ "SYSLOG_IDENTIFIER", program_invocation_short_name },
		{ "CODE_FILE", e->place.file },
		{ "CODE_LINE", number(op, e->place.line) },
		{ "EVENT", e->name },
		{ "VERB", op->verb },
		{ "TRACE_ID", op->trace },
		{ "SPAN_ID", op->span },
		{ "ORDER_ID", number(op, op->order) },
		{ "JOB_ID", number(op, op->job) },
		{ "ERROR_CODE", e->fault ? err_name(f->code) : NULL },
		{ "ERROR_RULE", f->rule },
		{ "ERROR_HINT", f->hint },
		{ "SQLSTATE", f->sqlstate },
	};

	return journal_send(op, JOURNAL, fields, sizeof fields / sizeof *fields);
}

static void add_text(
	struct op *op, struct text *line, const char *name, const char *value)
{
	text_add(op, line,
		op_printf(op, "%s\"%s\":%s", line->n > 1 ? "," : "", name,
			json_quote(op, value)));
}

/* Ids are strings, as everywhere in our JSON. */
static void add_known(
	struct op *op, struct text *line, const char *name, const char *value)
{
	if (value)
		add_text(op, line, name, value);
}

static void to_stderr(struct op *op, const struct event *e)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };
	const struct fault *f = e->fault;
	struct text line = { 0 };

	text_add_char(op, &line, '{');
	add_text(op, &line, "ts", stamp_text(op, clock_now()));
	add_text(op, &line, "level", names[e->level]);
	add_text(op, &line, "event", e->name);
	add_text(op, &line, "msg", e->text);
	add_text(op, &line, "verb", op->verb);
	add_text(op, &line, "trace_id", op->trace);
	add_known(op, &line, "span_id", op->span);
	add_known(op, &line, "order_id", number(op, op->order));
	add_known(op, &line, "job_id", number(op, op->job));
	if (f) {
		add_text(op, &line, "code", err_name(f->code));
		add_text(op, &line, "rule", f->rule ? f->rule : "");
		add_text(op, &line, "hint", f->hint ? f->hint : "");
		add_text(op, &line, "sqlstate", f->sqlstate ? f->sqlstate : "");
	}
	text_add(op, &line, "}\n");
	(void)!write(STDERR_FILENO, line.s, line.n); /* whole, by one write(2) */
}

static void put(struct op *op, const struct event *e)
{
	if (!to_journal(op, e))
		to_stderr(op, e);
}

void log_event_at(struct op *op, enum log_level level, struct log_place place,
	const char *event, const char *fmt, ...)
{
	va_list args;

	if (level > threshold)
		return;
	va_start(args, fmt);
	put(op, &(struct event){
			level, place, event, op_vprintf(op, fmt, args), NULL });
	va_end(args);
}

void log_fault_at(struct op *op, struct log_place place, const char *event)
{
	const struct fault *f = &op->fault;

	put(op, &(struct event){ LOG_ERROR, place, event, f->text ? f->text : "", f });
}
