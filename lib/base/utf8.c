/* UTF-8, as strictly as RFC 3629 has it; the decoding itself is utf8proc's. */
#include "base/utf8.h"

#include <string.h>
#include <utf8proc.h>

static size_t length_within(const char *s, size_t n)
{
	utf8proc_int32_t codepoint;
	utf8proc_ssize_t used = utf8proc_iterate(
		(const utf8proc_uint8_t *)s, (utf8proc_ssize_t)n, &codepoint);

	return used > 0 ? (size_t)used : 0;
}

size_t utf8_length(const char *s)
{
	return *s ? length_within(s, strnlen(s, 4)) : 0;
}

size_t utf8_check(const char *s, size_t n)
{
	size_t at = 0, used;

	while (at < n) {
		if ((unsigned char)s[at] < 0x80) {
			at++;
			continue;
		}
		used = length_within(s + at, n - at);
		if (!used)
			return at;
		at += used;
	}
	return n;
}
