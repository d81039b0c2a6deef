/* Requests that may be repeated: their keys, and what their callers have already. */
#include "shop-httpd/request.h"

#include <inttypes.h>
#include <string.h>

enum { KEY_MAX = 255 };

/* A structured-field string, "with \" and \\", into the key it says. */
static const char *unquote(struct request *r, const char *field)
{
	char *key = op_alloc(&r->op, strlen(field) + 1), *to = key;
	const char *p;

	for (p = field + 1; *p && *p != '"'; p++) {
		if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
			p++;
		else if (*p == '\\')
			return NULL;
		*to++ = *p;
	}
	return *p == '"' && !p[1] ? key : NULL;
}

/* In quotes as the draft has it, or bare as most clients send it. */
static const char *key_of(struct request *r)
{
	const char *field = head_get(&r->head, "idempotency-key"), *p;
	const char *key = field && *field == '"' ? unquote(r, field) : field;

	if (!key || !*key || strlen(key) > KEY_MAX)
		return NULL;
	for (p = key; *p; p++)
		if (*p <= ' ' || *p > '~')
			return NULL;
	return key;
}

const char *request_key(struct request *r)
{
	const char *key = key_of(r);

	if (!key)
		answer_problem(r, 400, "order_has_a_key",
			"send Idempotency-Key with 1 to %d visible characters",
			KEY_MAX);
	return key;
}

const char *answer_etag(struct request *r, const char *text)
{
	uint64_t h = 0xcbf29ce484222325;

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3;
	return op_printf(&r->op, "\"%016" PRIx64 "\"", h);
}

bool request_has(const struct request *r, const char *etag)
{
	const char *known = head_get(&r->head, "if-none-match");

	return known && (strstr(known, etag) || strcmp(known, "*") == 0);
}

void answer_cached(struct request *r, const char *json, const char *cache)
{
	const char *etag = answer_etag(r, json);

	answer_header(r, "ETag", "%s", etag);
	r->cache = cache;
	answer_json(r, request_has(r, etag) ? 304 : 200, json);
}
