/*
 * One event, one line of JSON on standard error; or, when that leads to systemd's
 * journal, one entry with fields of its own.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/op.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Where in the program. */
struct log_place {
	const char *file;
	int line;
};
#define LOG_HERE ((struct log_place){ __FILE__, __LINE__ })

/* Lines above the level are dropped; LOG_INFO unless set. */
void log_level_set(enum log_level level);

/*
 * Write {"ts","level","event","msg","verb","trace_id"} as one line, and what of
 * "span_id", "order_id" and "job_id" the op knows.  The event is a stable name in
 * lower_snake; no personal data belongs in either.
 */
#define log_event(op, level, ...) log_event_at(op, level, LOG_HERE, __VA_ARGS__)
void log_event_at(struct op *op, enum log_level level, struct log_place place,
	const char *event, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The fault of an op as an event, with code, rule, hint and SQLSTATE. */
#define log_fault(op, event) log_fault_at(op, LOG_HERE, event)
void log_fault_at(struct op *op, struct log_place place, const char *event);

#endif
