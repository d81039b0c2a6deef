/* Where spans are exported to, and how: the configuration, and OpenTelemetry's
 * variables. */
#include "adapters/otlp.h"

#include "base/arena.h"
#include "base/config.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { HEADERS_MAX = 32 };

static const char *variable(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* The variable that speaks of traces alone comes before that of all signals. */
static const char *exporter(struct op *op, const char *what)
{
	const char *own = variable(op_printf(op, "OTEL_EXPORTER_OTLP_TRACES_%s", what));

	return own ? own : variable(op_printf(op, "OTEL_EXPORTER_OTLP_%s", what));
}

static enum err only(struct op *op, const char *what, const char *can)
{
	const char *wanted = exporter(op, what);

	if (!wanted || strcmp(wanted, can) == 0)
		return OK;
	fail(op, E_CONFIG, "otlp_is_understood", "OTEL_EXPORTER_OTLP_%s is \"%s\"",
		what, wanted);
	return fail_hint(
		op, "only %s is spoken here: unset it, or set it to that", can);
}

static enum err whole(struct op *op, const char *name, int64_t most, int64_t *out)
{
	const char *text = variable(name);
	char *end;

	if (!text)
		return OK;
	*out = strtoll(text, &end, 10);
	if (!*end && *out > 0 && *out <= most)
		return OK;
	return fail(op, E_CONFIG, "otlp_is_understood",
		"%s is \"%s\", not a number from 1 to %" PRId64, name, text, most);
}

static const char *url_of(struct op *op)
{
	const char *whole = variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
	const char *base = variable("OTEL_EXPORTER_OTLP_ENDPOINT");
	size_t n;

	if (whole)
		return whole;
	base = base ? base : op->config->trace.endpoint;
	n = strlen(base);
	return op_printf(
		op, "%.*s/v1/traces", (int)(base[n - 1] == '/' ? n - 1 : n), base);
}

static const char *decoded(struct op *op, const char *value)
{
	char *text = curl_easy_unescape(NULL, value, 0, NULL);

	must(text);
	op_defer(op, curl_free, text);
	return text;
}

/* "a=b,c=d" with the values percent-encoded, as W3C Baggage has it, one by one. */
static enum err pairs(struct op *op, const char *name, const char *text,
	void (*each)(struct op *op, void *to, const char *key, const char *value),
	void *to)
{
	char *copy = op_strdup(op, text), *rest = copy, *pair, *value;

	while ((pair = strsep(&rest, ","))) {
		pair += strspn(pair, " \t");
		if (!*pair)
			continue;
		value = strchr(pair, '=');
		if (!value || value == pair)
			return fail(op, E_CONFIG, "otlp_is_understood",
				"%s holds \"%s\", not NAME=VALUE", name, pair);
		*value++ = 0;
		each(op, to, pair, decoded(op, value));
	}
	return OK;
}

static void add_header(struct op *op, void *to, const char *key, const char *value)
{
	const char **headers = to;
	size_t n = 0;

	while (headers[n])
		n++;
	if (n < HEADERS_MAX)
		headers[n] = op_printf(op, "%s: %s", key, value);
}

static void add_resource(struct op *op, void *to, const char *key, const char *value)
{
	const char **text = to;

	*text = op_printf(op, "%s,{\"key\":%s,\"value\":{\"stringValue\":%s}}", *text,
		json_quote(op, key), json_quote(op, value));
}

/* A token is a secret: a file, unless the environment is all there is. */
static enum err read_headers(struct op *op, struct otlp *o)
{
	const char **headers = op_alloc(op, (HEADERS_MAX + 1) * sizeof *headers);
	const char *listed = exporter(op, "HEADERS"),
		   *file = op->config->trace.headers_file;
	char *lines, *line;
	const char *text;

	add_header(op, headers, "Content-Type", "application/json");
	o->headers = headers;
	if (listed)
		return pairs(
			op, "OTEL_EXPORTER_OTLP_HEADERS", listed, add_header, headers);
	if (!*file)
		return OK;
	TRY(secret_read(op, file, "otlp_headers", &text));
	lines = op_strdup(op, text);
	while ((line = strsep(&lines, "\n"))) {
		char *value = strchr(line, ':');

		if (!value)
			return fail(op, E_CONFIG, "otlp_is_understood",
				"%s: a line is not \"Name: value\"", file);
		*value++ = 0;
		add_header(op, headers, line, value + strspn(value, " "));
	}
	return OK;
}

enum err otlp_read(struct op *op, struct otlp *out)
{
	const char *off = variable("OTEL_SDK_DISABLED");
	const char *resource = variable("OTEL_RESOURCE_ATTRIBUTES");
	int64_t timeout = op->config->trace.timeout_ms;

	*out = (struct otlp){ .url = url_of(op),
		.resource = "",
		.queue_max = 2048,
		.batch_max = 512,
		.delay_ms = 5000,
		.disabled = off && strcasecmp(off, "true") == 0 };
	TRY(only(op, "PROTOCOL", "http/json"));
	TRY(only(op, "COMPRESSION", "none"));
	TRY(whole(op, "OTEL_EXPORTER_OTLP_TIMEOUT", 600000, &timeout));
	TRY(whole(op, "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", 600000, &timeout));
	TRY(whole(op, "OTEL_BSP_MAX_QUEUE_SIZE", 65536, &out->queue_max));
	TRY(whole(op, "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 4096, &out->batch_max));
	TRY(whole(op, "OTEL_BSP_SCHEDULE_DELAY", 600000, &out->delay_ms));
	out->timeout_ms = (long)timeout;
	if (resource)
		TRY(pairs(op, "OTEL_RESOURCE_ATTRIBUTES", resource, add_resource,
			&out->resource));
	return read_headers(op, out);
}
