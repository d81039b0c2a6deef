/* UTF-8, as strictly as RFC 3629 has it. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed character at s (NUL-terminated), or 0 when it is none. */
size_t utf8_length(const char *s);

/* Offset of the first byte that is not UTF-8, or n when all of it is. */
size_t utf8_check(const char *s, size_t n);

#endif
