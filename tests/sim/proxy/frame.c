/* PostgreSQL's framing: a type, a length that counts itself, the rest. */
#include "frame.h"

static unsigned number(const unsigned char *p)
{
	return (unsigned)p[0] << 24 | (unsigned)p[1] << 16 | (unsigned)p[2] << 8 | p[3];
}

/* The head is whole: how much follows. */
static void begin(struct frame *f)
{
	unsigned length = number(f->head + (f->untyped ? 0 : 1));
	size_t seen = f->have - (f->untyped ? 0 : 1);

	f->type = f->untyped ? 0 : (char)f->head[0];
	f->code = f->untyped ? number(f->head + 4) : 0;
	f->left = length > seen ? length - seen : 0;
}

size_t frame_take(struct frame *f, const char *p, size_t n, bool *ended)
{
	size_t need = f->untyped ? 8 : 5, i = 0, rest;

	*ended = false;
	if (f->lone_byte && n) {
		f->lone_byte = false;
		return 1;
	}
	while (i < n && f->have < need) {
		f->head[f->have++] = (unsigned char)p[i++];
		if (f->have == need)
			begin(f);
	}
	if (f->have < need)
		return i;
	rest = n - i < f->left ? n - i : f->left;
	f->left -= rest;
	if (f->left == 0) {
		*ended = true;
		f->have = 0;
	}
	return i + rest;
}
