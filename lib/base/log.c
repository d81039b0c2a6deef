/* One line of JSON an event on standard error, written whole by one write(2). */
#include "base/log.h"

#include "base/clock.h"
#include "base/field.h"

#include <string.h>
#include <unistd.h>

static enum log_level threshold = LOG_INFO;

void log_level_set(enum log_level level)
{
	threshold = level;
}

static void put(struct op *op, enum log_level level, const char *event,
	const char *text, const char *rest)
{
	static const char *const names[] = { "error", "warning", "info", "debug" };
	const char *line = op_printf(op,
		"{\"ts\":\"%s\",\"level\":\"%s\",\"event\":\"%s\",\"msg\":%s,\"verb\":%"
		"s,"
		"\"trace_id\":\"%s\"%s}\n",
		stamp_text(op, clock_now()), names[level], event, json_quote(op, text),
		json_quote(op, op->verb), op->trace, rest);

	(void)!write(STDERR_FILENO, line, strlen(line));
}

void log_event(
	struct op *op, enum log_level level, const char *event, const char *fmt, ...)
{
	va_list args;

	if (level > threshold)
		return;
	va_start(args, fmt);
	put(op, level, event, op_vprintf(op, fmt, args), "");
	va_end(args);
}

void log_fault(struct op *op, const char *event)
{
	const struct fault *f = &op->fault;

	put(op, LOG_ERROR, event, f->text ? f->text : "",
		op_printf(op,
			",\"code\":\"%s\",\"rule\":%s,\"hint\":%s,\"sqlstate\":%s",
			err_name(f->code), json_quote(op, f->rule ? f->rule : ""),
			json_quote(op, f->hint ? f->hint : ""),
			json_quote(op, f->sqlstate ? f->sqlstate : "")));
}
