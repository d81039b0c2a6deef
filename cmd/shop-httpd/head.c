/*
 * The head of a request, strictly.  A proxy in front of us and we must never
 * disagree where a request ends: https://www.rfc-editor.org/rfc/rfc9112#section-11.2
 */
#include "shop-httpd/head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_token(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool refuse(struct head *h, int status, const char *rule, const char *text)
{
	h->status = status;
	h->rule = rule;
	h->text = text;
	return false;
}

static bool malformed(struct head *h, const char *text)
{
	return refuse(h, 400, "request_is_unambiguous", text);
}

enum head_end head_find(const char *bytes, size_t n, size_t *line, size_t *length)
{
	if (n && (*bytes < 'A' || *bytes > 'Z'))
		return HEAD_BROKEN;
	for (;;) {
		const char *from = bytes + *line;
		const char *lf = memchr(from, '\n', n - *line);
		const char *cr = memchr(from, '\r', (lf ? lf : bytes + n) - from);

		if (lf ? cr != lf - 1 : cr && cr != bytes + n - 1)
			return HEAD_BROKEN;
		if (!lf)
			return HEAD_MORE;
		*line = (size_t)(lf - bytes) + 1;
		if (cr == from) {
			*length = *line;
			return HEAD_WHOLE;
		}
	}
}

/* Cut the next line off, without its CRLF; NULL at the empty line. */
static char *next_line(char **at)
{
	char *line = *at, *end = strchr(line, '\r');

	if (end == line)
		return NULL;
	*end = 0;
	*at = end + 2;
	return line;
}

/* origin-form only: we are no proxy, and a host in two places is one too many. */
static bool read_target(char *target, struct head *h)
{
	char *c, *query;

	if (*target != '/')
		return malformed(h, "the request target is not a path");
	for (c = target; *c; c++)
		if (*c <= ' ' || *c >= 0x7f || *c == '#')
			return malformed(
				h, "the request target has a character it may not");
	query = strchr(target, '?');
	if (query)
		*query++ = 0;
	h->path = target;
	h->query = query;
	return true;
}

static bool read_request_line(char *line, struct head *h)
{
	char *target = strchr(line, ' '), *version, *c;

	version = target ? strchr(target + 1, ' ') : NULL;
	if (!version || strchr(version + 1, ' '))
		return malformed(h, "the request line has not three parts");
	*target++ = 0;
	*version++ = 0;
	for (c = line; *c; c++)
		if (*c < 'A' || *c > 'Z' || c - line > 15)
			return malformed(h, "the method is not a word in capitals");
	h->method = line;
	if (strncmp(version, "HTTP/", 5) != 0 || strlen(version) != 8 ||
		strspn(version + 5, "0123456789") != 1 || version[6] != '.' ||
		strspn(version + 7, "0123456789") != 1)
		return malformed(h, "the request line names no HTTP version");
	h->keep_alive = strcmp(version, "HTTP/1.1") == 0;
	if (!h->keep_alive && strcmp(version, "HTTP/1.0") != 0)
		return refuse(h, 505, "http_version_is_spoken",
			"only HTTP/1.1 is spoken here");
	return read_target(target, h);
}

/* These decide something; given twice, two readers could decide differently. */
static bool is_single(const char *name)
{
	static const char *const names[] = { "authorization", "content-length",
		"content-type", "expect", "host", "idempotency-key", "if-none-match",
		"prefer", "stripe-signature", "traceparent", "transfer-encoding" };
	size_t i;

	for (i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static char *trim(char *s)
{
	char *end;

	s += strspn(s, " \t");
	end = s + strlen(s);
	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = 0;
	return s;
}

static bool read_field(char *line, struct head *h)
{
	char *colon = line, *c, *value;

	for (; is_token((unsigned char)*colon); colon++)
		if (*colon >= 'A' && *colon <= 'Z')
			*colon = (char)(*colon | 32);
	if (colon == line || *colon != ':')
		return malformed(
			h, *line == ' ' || *line == '\t'
				   ? "a header field goes on in a second line"
				   : "the name of a header field is not a token");
	*colon = 0;
	value = trim(colon + 1);
	for (c = value; *c; c++)
		if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f)
			return malformed(h, "a header field has a control character");
	if (is_single(line) && head_get(h, line))
		return malformed(
			h, "a header field that must be single is there twice");
	if (h->n == HEAD_FIELDS)
		return refuse(h, 431, "head_is_bounded", "too many header fields");
	h->fields[h->n++] = (struct head_field){ line, value };
	return true;
}

static bool read_length(struct head *h)
{
	const char *length = head_get(h, "content-length");

	if (head_get(h, "transfer-encoding")) {
		if (length)
			return malformed(h,
				"Content-Length and Transfer-Encoding are both there");
		if (strcasecmp(head_get(h, "transfer-encoding"), "chunked") != 0)
			return malformed(h, "the transfer coding is not known");
		return refuse(h, 411, "body_has_a_length",
			"a body needs Content-Length; chunks are not taken");
	}
	if (!length)
		return true;
	if (!*length || strspn(length, "0123456789") != strlen(length))
		return malformed(h, "Content-Length is not a number");
	h->content_length = strlen(length) > 15 ? INT64_MAX : strtoll(length, NULL, 10);
	return true;
}

static bool read_host(struct head *h, bool needed)
{
	const char *host = head_get(h, "host");
	const char *c;

	if (!host)
		return !needed || malformed(h, "the Host field is missing");
	for (c = host; *c; c++)
		if (!is_token((unsigned char)*c) && !strchr(":[]", *c))
			return malformed(h, "the Host field is not a host");
	return true;
}

static bool read_connection(struct head *h)
{
	const char *expect = head_get(h, "expect");
	size_t i;

	for (i = 0; i < h->n; i++)
		if (strcmp(h->fields[i].name, "connection") == 0 &&
			head_has_token(h->fields[i].value, "close"))
			h->keep_alive = false;
	if (!expect)
		return true;
	if (strcasecmp(expect, "100-continue") != 0)
		return refuse(h, 417, "expectation_is_known",
			"only 100-continue is expected");
	h->expects_continue = true;
	return true;
}

bool head_read(char *bytes, size_t length, struct head *h)
{
	char *at = bytes, *line;

	memset(h, 0, sizeof *h);
	if (memchr(bytes, 0, length))
		return malformed(h, "the head has a NUL");
	if (!read_request_line(next_line(&at), h))
		return false;
	while ((line = next_line(&at)))
		if (!read_field(line, h))
			return false;
	return read_host(h, h->keep_alive) && read_length(h) && read_connection(h);
}

const char *head_get(const struct head *h, const char *name)
{
	size_t i;

	for (i = 0; i < h->n; i++)
		if (strcmp(h->fields[i].name, name) == 0)
			return h->fields[i].value;
	return NULL;
}

bool head_has_token(const char *value, const char *token)
{
	size_t n = strlen(token);

	while (*value) {
		size_t used = strcspn(value, ", \t");

		if (used == n && strncasecmp(value, token, n) == 0)
			return true;
		value += used;
		value += strspn(value, ", \t");
	}
	return false;
}
