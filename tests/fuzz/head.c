/*
 * The head of a request: in whatever pieces it comes, it is found at the same
 * place, and what is read from it lies inside it.
 */
#include "fuzz.h"

#include "shop-httpd/head.c" /* a program's own, which no library has */

static void check(const struct head *h, const char *from, const char *to)
{
	size_t i;

	if (!h->method || h->path < from || h->path >= to || h->n > HEAD_FIELDS)
		abort();
	for (i = 0; i < h->n; i++)
		if (h->fields[i].value < from || h->fields[i].value >= to ||
			strpbrk(h->fields[i].value, "\r\n"))
			abort();
	if (h->content_length < 0 || head_get(h, "transfer-encoding"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	char *copy = malloc(n + 1);
	size_t line = 0, whole = 0, length = 0, i;
	enum head_end end, piecewise = HEAD_MORE;
	struct head h;

	memcpy(copy, bytes, n);
	end = head_find(copy, n, &line, &whole);
	line = 0;
	for (i = 1; i <= n && piecewise == HEAD_MORE; i++)
		piecewise = head_find(copy, i, &line, &length);
	/* Whole or broken is seen by the last byte at the latest. */
	if (end == HEAD_WHOLE && (piecewise != HEAD_WHOLE || length != whole))
		abort();
	if (end == HEAD_WHOLE && head_read(copy, whole, &h))
		check(&h, copy, copy + whole);
	free(copy);
	return 0;
}

#ifndef LIBFUZZER
int main(int argc, char **argv)
{
	return fuzz(argc, argv, "\r\n: \t,;/?#5AaHh\"\x7f\xc3");
}
#endif
