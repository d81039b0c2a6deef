/*
 * One operation - a command line, an HTTP request, a job: its memory, its
 * connection, who asked, and what went wrong.  First parameter everywhere.
 */
#ifndef BASE_OP_H
#define BASE_OP_H

#include "base/err.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct config;
struct db;
struct deferred;
struct out;

/* What went wrong: a rule of rules.h, words for a person, and a remedy. */
struct fault {
	enum err code;
	const char *rule;     /* "stock_never_oversold" */
	const char *text;     /* lower case, no full stop, names the thing */
	const char *hint;     /* what to do about it; may be NULL */
	const char *sqlstate; /* where the database said it; may be NULL */
	double put_off_s; /* of a job that could not begin: then again, no try burnt */
};

struct op {
	struct arena *arena;
	struct deferred *deferred;   /* what op_close() runs */
	struct db *db;               /* NULL until db_open() */
	struct out *out;             /* NULL in the daemons */
	const struct config *config; /* outlives the op */
	const char *verb;   /* "order list", "payment.submit", "POST /v1/..." */
	const char *actor;  /* who asks, for the audit log */
	const char *trace;  /* 32 hex digits, W3C trace-id */
	const char *span;   /* 16 hex digits, what goes on in it; NULL: not exported */
	const char *reason; /* --reason; NULL when none was given */
	const char *key;    /* --idempotency-key; NULL when none was given */
	int64_t order, job; /* what it is about, for logs; 0 while that is not known */
	long timeout_ms;    /* of each statement; 0 = the role's own */
	int verbose;
	bool quiet, dry_run, yes, no_input;
	struct fault fault;
};

/* Make *op ready: an empty arena, no fault, a fresh trace id. */
void op_open(struct op *op, const struct config *config, const char *verb);

/* Run what was deferred, newest first, and free all memory of the op. */
void op_close(struct op *op);

/* Zeroed memory that lives as long as the op.  Never NULL: exits 70 when there is none.
 */
void *op_alloc(struct op *op, size_t size);
char *op_strdup(struct op *op, const char *s);
char *op_strndup(struct op *op, const char *s, size_t n);
char *op_printf(struct op *op, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
char *op_vprintf(struct op *op, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

/* Grow an array of the op's: the old block stays until the op closes. */
void *op_grow(struct op *op, void *old, size_t old_size, size_t new_size);

/* Call done(thing) when the op closes; for what other libraries allocated. */
void op_defer(struct op *op, void (*done)(void *), void *thing);

/*
 * Say what went wrong, once, where it is known; returns code, so that a
 * function ends with `return fail(...)`.  The first fault of an op stays.
 */
enum err fail(struct op *op, enum err code, const char *rule, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Add the remedy to the fault just raised; returns its code. */
enum err fail_hint(struct op *op, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Forget the fault, to go on after an expected one. */
void fault_clear(struct op *op);

#endif
