/*
 * The head of an HTTP/1.1 request (RFC 9112), read as strictly as its grammar:
 * whatever two parsers could read differently is refused.
 */
#ifndef SHOP_HTTPD_HEAD_H
#define SHOP_HTTPD_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HEAD_BYTES = 16384, HEAD_FIELDS = 64 };

struct head_field {
	const char *name, *value; /* the name in lower case */
};

struct head {
	const char *method, *path, *query; /* query: NULL without '?' */
	struct head_field fields[HEAD_FIELDS];
	size_t n;
	int64_t content_length;
	bool keep_alive, expects_continue;
	/* why it is refused: all three are set, or none */
	int status;
	const char *rule, *text;
};

enum head_end { HEAD_MORE, HEAD_WHOLE, HEAD_BROKEN };

/*
 * Whether the first n bytes hold a whole head.  `line` is where the last line
 * that is not complete begins: 0 at first, kept by the caller, so that bytes
 * are looked at once.  HEAD_WHOLE sets *length.  HEAD_BROKEN: a bare CR or LF,
 * a NUL, or a start that no method has.
 */
enum head_end head_find(const char *bytes, size_t n, size_t *line, size_t *length);

/*
 * Read a whole head in place: the bytes are cut into strings, which h points
 * into.  False when it is refused; h->status, rule and text say why, and the
 * connection must be closed after that answer.
 */
bool head_read(char *bytes, size_t length, struct head *h);

/* The value of a field, or NULL; the name in lower case. */
const char *head_get(const struct head *h, const char *name);

/* Whether a comma-separated field has this token, in any case. */
bool head_has_token(const char *value, const char *token);

#endif
