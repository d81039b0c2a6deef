/*
 * Spans of OpenTelemetry: what a request, a job or a call took, under its trace.  A
 * finished span is one datagram to the socket that `shop-worker export-spans` reads
 * (trace.socket); nobody waits for it, and what is not taken is dropped and counted.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include "base/op.h"

/* As OTLP numbers them. */
enum span_kind {
	SPAN_INTERNAL = 1,
	SPAN_SERVER,
	SPAN_CLIENT,
	SPAN_PRODUCER,
	SPAN_CONSUMER
};

struct span {
	enum span_kind kind;
	const char *parent; /* 16 hex digits; NULL: the first of its trace */
	const char *outer;  /* of the op, while this one goes on */
	int64_t begun_us;   /* clock_now() */
	int64_t ticks;      /* clock_ticks(): a clock that is set does not stretch it */
	bool recorded;
};

/* One attribute: a text, or a number when text is NULL. */
struct span_tag {
	const char *key, *text;
	int64_t number;
};

/*
 * Begin a span of the op's trace; from now on its log lines name it.  parent is the
 * caller's span from another program, or NULL: then it is the op's own span, and for a
 * job (SPAN_CONSUMER) what began the trace.  Costs nothing while spans go nowhere.
 */
void span_begin(struct op *op, struct span *s, enum span_kind kind, const char *parent);

/* End it under its name; error says what went wrong, NULL: nothing. */
void span_end(struct op *op, struct span *s, const char *name, const char *error,
	const struct span_tag *tags, size_t n);

/* SPAN_TAGS({ "http.response.status_code", NULL, 200 }) */
#define SPAN_TAGS(...)                                                                 \
	(const struct span_tag[]){ __VA_ARGS__ },                                      \
		sizeof((const struct span_tag[]){ __VA_ARGS__ }) /                     \
			sizeof(struct span_tag)

#endif
