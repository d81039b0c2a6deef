/* Spans as JSON of OTLP, sent and forgotten. */
#include "base/span.h"

#include "base/clock.h"
#include "base/config.h"
#include "base/id.h"
#include "base/metric.h"
#include "base/sha.h"
#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SPAN_ID_BYTES = 8 };

METRIC_COUNTER(spans, "shop_spans_total", "Spans that ended, by what became of them.")

/*
 * The first span of a trace has an id that follows from the trace's, so that a job,
 * which carries the trace alone, knows its parent.
 */
static const char *first_id(struct op *op)
{
	unsigned char digest[SHA256_BYTES];

	sha256(op->trace, strlen(op->trace), digest);
	return id_hex(op, digest, SPAN_ID_BYTES);
}

static const char *new_id(struct op *op)
{
	unsigned char bytes[SPAN_ID_BYTES];

	id_random(bytes, sizeof bytes);
	bytes[0] |= 1; /* all zero is invalid */
	return id_hex(op, bytes, sizeof bytes);
}

/* The same answer for all spans of a trace: the trace id's last half is the die. */
static bool is_sampled(struct op *op)
{
	const char *half = op->trace + strlen(op->trace) - 14; /* 56 bits */

	return (double)strtoull(half, NULL, 16) <
	       op->config->trace.ratio * (double)(1ULL << 56);
}

void span_begin(struct op *op, struct span *s, enum span_kind kind, const char *parent)
{
	bool first = !parent && !op->span && kind != SPAN_CONSUMER;

	*s = (struct span){ .kind = kind, .outer = op->span };
	if (!op->config || !*op->config->trace.socket || !is_sampled(op))
		return;
	s->recorded = true;
	s->begun_us = clock_now().us;
	s->ticks = clock_ticks();
	s->parent = parent                  ? parent
		    : op->span              ? op->span
		    : kind == SPAN_CONSUMER ? first_id(op)
					    : NULL;
	op->span = first ? first_id(op) : new_id(op);
}

/* To one socket of the process's own, whoever listens now. */
static bool send_off(const char *path, const char *datagram, size_t n)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	ssize_t sent;
	int fd;

	if (strlen(path) >= sizeof to.sun_path)
		return false;
	memcpy(to.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	sent = sendto(fd, datagram, n, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to);
	close(fd);
	return sent == (ssize_t)n;
}

static void add_tag(struct op *op, struct text *t, const struct span_tag *tag)
{
	text_add(op, t,
		op_printf(
			op, "%s{\"key\":\"%s\",\"value\":", t->n ? "," : "", tag->key));
	text_add(op, t,
		tag->text ? op_printf(op, "{\"stringValue\":%s}}",
				    json_quote(op, tag->text))
			  : op_printf(op, "{\"intValue\":\"%" PRId64 "\"}}",
				    tag->number));
}

static const char *attributes(struct op *op, const struct span_tag *tags, size_t n)
{
	struct text t = { 0 };

	for (size_t i = 0; i < n; i++)
		add_tag(op, &t, &tags[i]);
	if (op->order)
		add_tag(op, &t, &(struct span_tag){ "shop.order_id", NULL, op->order });
	if (op->job)
		add_tag(op, &t, &(struct span_tag){ "shop.job_id", NULL, op->job });
	return t.n ? t.s : "";
}

/*
 * The program's name on the first line, then a Span of
 * opentelemetry/proto/trace/v1/trace.proto in the JSON of the OTLP specification: hex
 * ids, enums as integers, 64-bit integers as strings.
 */
static const char *span_text(struct op *op, const struct span *s, const char *name,
	const char *error, const char *attributes)
{
	const char *parent =
		s->parent ? op_printf(op, "\"parentSpanId\":\"%s\",", s->parent) : "";
	const char *status = error ? op_printf(op, "{\"code\":2,\"message\":%s}",
					     json_quote(op, error))
				   : "{}";

	return op_printf(op,
		"%s\n{\"traceId\":\"%s\",\"spanId\":\"%s\",%s\"name\":%s,\"kind\":%d,"
		"\"startTimeUnixNano\":\"%" PRId64 "000\","
		"\"endTimeUnixNano\":\"%" PRId64 "000\","
		"\"attributes\":[%s],\"status\":%s}",
		program_invocation_short_name, op->trace, op->span, parent,
		json_quote(op, name), (int)s->kind, s->begun_us,
		s->begun_us + clock_ticks() - s->ticks, attributes, status);
}

void span_end(struct op *op, struct span *s, const char *name, const char *error,
	const struct span_tag *tags, size_t n)
{
	const char *text;
	bool sent;

	if (!s->recorded)
		return;
	text = span_text(op, s, name, error, attributes(op, tags, n));
	sent = send_off(op->config->trace.socket, text, strlen(text));
	series_add(
		metric_at(&spans, sent ? "result=\"sent\"" : "result=\"dropped\""), 1);
	op->span = s->outer;
	s->recorded = false;
}
