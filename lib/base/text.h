/* Text that grows: for output that is made piece by piece and used again. */
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

#endif
