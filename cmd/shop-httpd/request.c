/* Answers: JSON, text, and problems that name the rule (RFC 9457). */
#include "shop-httpd/request.h"

#include "base/json.h"
#include "domain/rule.h"

#include <string.h>
#include <strings.h>

static const struct {
	int status;
	const char *words;
} statuses[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 411, "Length Required" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" },
	{ 422, "Unprocessable Content" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
};

const char *status_words(int status)
{
	size_t i;

	for (i = 0; i < sizeof statuses / sizeof *statuses; i++)
		if (statuses[i].status == status)
			return statuses[i].words;
	return "Unknown";
}

void answer_header(struct request *r, const char *name, const char *fmt, ...)
{
	va_list args;
	const char *value;

	va_start(args, fmt);
	value = op_vprintf(&r->op, fmt, args);
	va_end(args);
	r->headers = op_printf(
		&r->op, "%s%s: %s\r\n", r->headers ? r->headers : "", name, value);
}

void answer_text(struct request *r, int status, const char *type, const char *text)
{
	r->status = status;
	r->type = type;
	r->answer = text;
	r->answer_n = strlen(text);
	r->answered = true;
}

void answer_json(struct request *r, int status, const char *json)
{
	answer_text(r, status, "application/json", json);
}

static void put_faults(struct json_writer *w, const struct json_reader *document)
{
	size_t i;

	json_array(w, "errors");
	for (i = 0; i < document->n; i++) {
		json_object(w, NULL);
		json_put(w, "pointer", document->faults[i].pointer);
		json_put(w, "rule", document->faults[i].rule);
		json_put(w, "detail", document->faults[i].text);
		json_close(w);
	}
	json_close(w);
}

struct problem {
	int status;
	const char *rule, *detail, *hint;
	const struct json_reader *document;
};

/* The title is the same for every case of a rule; the detail is about this one. */
static void answer_with(struct request *r, const struct problem *p)
{
	const struct rule *rule = rule_find(p->rule);
	struct json_writer w = { .op = &r->op };

	json_object(&w, NULL);
	json_put(&w, "type", op_printf(&r->op, "urn:shop:rule:%s", p->rule));
	json_put(&w, "title", rule ? rule->words : status_words(p->status));
	json_put_int(&w, "status", p->status);
	json_put(&w, "detail", p->detail);
	if (r->head.path)
		json_put(&w, "instance", r->head.path);
	json_put(&w, "trace_id", r->op.trace);
	if (p->hint && *p->hint)
		json_put(&w, "hint", p->hint);
	if (p->document)
		put_faults(&w, p->document);
	json_close(&w);
	if (p->status == 503)
		answer_header(r, "Retry-After", "1");
	answer_text(r, p->status, "application/problem+json", w.text);
}

void answer_problem(
	struct request *r, int status, const char *rule, const char *fmt, ...)
{
	va_list args;
	struct problem p = { .status = status, .rule = rule };

	va_start(args, fmt);
	p.detail = op_vprintf(&r->op, fmt, args);
	va_end(args);
	answer_with(r, &p);
}

/*
 * What we broke ourselves, and what the database said in its own words, is for
 * the log: a stranger gets the trace id to ask with.
 */
void answer_fault(struct request *r)
{
	const struct fault *f = &r->op.fault;
	struct problem p = { err_http(f->code), f->rule, f->text, NULL, NULL };

	if (strcmp(f->rule, "order_key_names_one_request") == 0)
		p.status = 422; /* draft-ietf-httpapi-idempotency-key-header-07 */
	if (p.status == 500)
		p = (struct problem){ 500, "request_is_served",
			"something went wrong here; it is logged under the trace_id",
			NULL, NULL };
	if (f->code == E_AWAY)
		p.detail =
			"the database cannot be reached; ask again with the same key";
	answer_with(r, &p);
}

void answer_invalid(struct request *r, const struct json_reader *document)
{
	struct problem p = { 422, "request_is_valid", NULL, NULL, document };

	p.detail = op_printf(&r->op, "%zu member%s of the body %s wrong", document->n,
		document->n == 1 ? "" : "s", document->n == 1 ? "is" : "are");
	answer_with(r, &p);
}

bool request_is_json(struct request *r)
{
	const char *type = head_get(&r->head, "content-type");
	size_t n = type ? strcspn(type, "; \t") : 0;

	if (n == 16 && strncasecmp(type, "application/json", n) == 0)
		return true;
	answer_problem(r, 415, "body_is_json", "send Content-Type: application/json");
	return false;
}
