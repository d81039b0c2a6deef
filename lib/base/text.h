/* Texts: one that grows, several, the nearest of some, and one inside JSON. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/op.h"

#include <stddef.h>

/* Zeroed is empty; s is NUL-terminated once something was added.  The op's memory. */
struct text {
	char *s;
	size_t n, size;
};

void text_add_n(struct op *op, struct text *t, const char *s, size_t n);
void text_add(struct op *op, struct text *t, const char *s);
void text_add_char(struct op *op, struct text *t, char c);

/* Empty it and keep its memory. */
void text_clear(struct text *t);

/* Several texts: a repeated option, a text[] of the database. */
struct texts {
	const char **v;
	size_t n;
};

/* A JSON value as text, printed as it is in JSON; NULL is null. */
struct json_text {
	const char *s;
};

/* The choice nearest to what was typed, or NULL when none is near. */
const char *nearest(struct op *op, const char *typed, const char *choices);

/* A JSON string literal of UTF-8 text; invalid bytes become U+FFFD. */
const char *json_quote(struct op *op, const char *s);

#endif
