/* One operation: its memory, its identity and its fault. */
#include "base/op.h"

#include "base/arena.h"
#include "base/id.h"

#include <stdio.h>
#include <string.h>

struct deferred {
	struct deferred *next;
	void (*done)(void *);
	void *thing;
};

void op_open(struct op *op, const struct config *config, const char *verb)
{
	memset(op, 0, sizeof *op);
	op->arena = arena_new();
	op->config = config;
	op->verb = verb;
	op->trace = id_trace(op);
}

void op_close(struct op *op)
{
	struct deferred *d;

	for (d = op->deferred; d; d = d->next)
		d->done(d->thing);
	arena_free(op->arena);
	memset(op, 0, sizeof *op);
}

void *op_alloc(struct op *op, size_t size)
{
	return arena_alloc(op->arena, size);
}

char *op_strndup(struct op *op, const char *s, size_t n)
{
	size_t most = strnlen(s, n);
	char *copy = op_alloc(op, most + 1);

	memcpy(copy, s, most);
	return copy;
}

char *op_strdup(struct op *op, const char *s)
{
	return op_strndup(op, s, strlen(s));
}

/* Most texts are short: printed once, on the stack, and only then given memory. */
char *op_vprintf(struct op *op, const char *fmt, va_list args)
{
	char brief[256];
	va_list again;
	int n;
	char *s;

	va_copy(again, args);
	n = vsnprintf(brief, sizeof brief, fmt, again);
	va_end(again);
	if ((size_t)n < sizeof brief)
		return op_strndup(op, brief, (size_t)n);
	s = op_alloc(op, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, fmt, args);
	return s;
}

char *op_printf(struct op *op, const char *fmt, ...)
{
	va_list args;
	char *s;

	va_start(args, fmt);
	s = op_vprintf(op, fmt, args);
	va_end(args);
	return s;
}

void *op_grow(struct op *op, void *old, size_t old_size, size_t new_size)
{
	void *bigger = op_alloc(op, new_size);

	if (old)
		memcpy(bigger, old, old_size);
	return bigger;
}

void op_defer(struct op *op, void (*done)(void *), void *thing)
{
	struct deferred *d = op_alloc(op, sizeof *d);

	d->done = done;
	d->thing = thing;
	d->next = op->deferred;
	op->deferred = d;
}

enum err fail(struct op *op, enum err code, const char *rule, const char *fmt, ...)
{
	va_list args;

	if (op->fault.code != OK)
		return op->fault.code;
	va_start(args, fmt);
	op->fault = (struct fault){
		.code = code,
		.rule = op_strdup(op, rule),
		.text = op_vprintf(op, fmt, args),
	};
	va_end(args);
	return code;
}

enum err fail_hint(struct op *op, const char *fmt, ...)
{
	va_list args;

	if (!op->fault.hint) {
		va_start(args, fmt);
		op->fault.hint = op_vprintf(op, fmt, args);
		va_end(args);
	}
	return op->fault.code;
}

void fault_clear(struct op *op)
{
	op->fault = (struct fault){ 0 };
}
