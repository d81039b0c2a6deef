/* One line of JSON an event on standard error, for the daemons and their operators. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/op.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };

/* Lines above the level are dropped; LOG_INFO unless set. */
void log_level_set(enum log_level level);

/*
 * Write {"ts","level","event","msg","verb","trace_id"} as one line.  The event
 * is a stable name in lower_snake; no personal data belongs in either.
 */
void log_event(struct op *op, enum log_level level, const char *event, const char *fmt,
	...) __attribute__((format(printf, 4, 5)));

/* The fault of an op as an event, with rule, hint and SQLSTATE. */
void log_fault(struct op *op, const char *event);

#endif
