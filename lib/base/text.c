/* Text that grows by doubling; what it outgrows stays with the op. */
#include "base/text.h"

#include <string.h>

void text_add_n(struct op *op, struct text *t, const char *s, size_t n)
{
	if (t->n + n + 1 > t->size) {
		size_t size = t->size ? t->size : 64;

		while (size < t->n + n + 1)
			size *= 2;
		t->s = op_grow(op, t->s, t->n, size);
		t->size = size;
	}
	memcpy(t->s + t->n, s, n);
	t->n += n;
	t->s[t->n] = '\0';
}

void text_add(struct op *op, struct text *t, const char *s)
{
	text_add_n(op, t, s, strlen(s));
}

void text_add_char(struct op *op, struct text *t, char c)
{
	text_add_n(op, t, &c, 1);
}

void text_clear(struct text *t)
{
	t->n = 0;
	if (t->s)
		*t->s = '\0';
}
