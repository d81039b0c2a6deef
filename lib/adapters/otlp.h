/*
 * Spans to a collector of OpenTelemetry, as OTLP over HTTP in JSON:
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp
 */
#ifndef ADAPTERS_OTLP_H
#define ADAPTERS_OTLP_H

#include "base/http.h"
#include "base/op.h"

#include <stdbool.h>

/* Where and how to export, from the configuration and the standard OTEL_* variables. */
struct otlp {
	const char *url;            /* with its path, /v1/traces */
	const char *const *headers; /* "Name: value", ends with NULL */
	const char *resource;       /* JSON of attributes besides service.name; "" */
	long timeout_ms;
	int64_t queue_max, batch_max, delay_ms; /* OTEL_BSP_* */
	bool disabled;                          /* OTEL_SDK_DISABLED */
};

/* E_CONFIG names the variable or key that cannot be followed. */
enum err otlp_read(struct op *op, struct otlp *out);

/* A span as span_end() sends it: the program's name, '\n', JSON. */
struct otlp_span {
	const char *service, *json;
};

/* Take a datagram apart; false when it is not a span. */
bool otlp_span_of(struct op *op, const char *datagram, size_t n, struct otlp_span *out);

/* An ExportTraceServiceRequest of these spans. */
const char *otlp_request(
	struct op *op, const struct otlp *o, const struct otlp_span *spans, size_t n);

enum otlp_verdict {
	OTLP_TAKEN,
	OTLP_AGAIN,  /* 429, 502, 503, 504 or no answer: the same once more */
	OTLP_REFUSED /* any other answer: these spans are lost */
};

/*
 * Post one request.  again_s: how long the collector wants to be left alone, 0: it did
 * not say.  rejected: spans of a request it took in part; they are lost.
 */
struct otlp_answer {
	enum otlp_verdict verdict;
	int64_t again_s, rejected;
	const char *reason;
};
enum err otlp_post(struct op *op, const struct otlp *o, struct http_client *client,
	const char *request, struct otlp_answer *out);

#endif
