/* Identifiers made outside the database: traces, keys, secrets. */
#include "base/id.h"

#include "base/world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

void id_random(void *to, size_t n)
{
	char *p = to;

	if (world) {
		world->random(to, n);
		return;
	}
	while (n) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0)
			_exit(err_exit(E_BROKEN));
		p += got;
		n -= (size_t)got;
	}
}

char *id_hex(struct op *op, const void *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *b = bytes;
	char *hex = op_alloc(op, n * 2 + 1);
	size_t i;

	for (i = 0; i < n; i++) {
		hex[2 * i] = digits[b[i] >> 4];
		hex[2 * i + 1] = digits[b[i] & 15];
	}
	return hex;
}

/* Every operation has a trace, which is no secret: the kernel is asked for many at
 * once. */
char *id_trace(struct op *op)
{
	static _Thread_local unsigned char pool[64][16];
	static _Thread_local size_t left;
	unsigned char *bytes;

	if (!left) {
		id_random(pool, sizeof pool);
		left = sizeof pool / sizeof *pool;
	}
	bytes = pool[--left];
	bytes[0] |= 1; /* all zero is invalid */
	return id_hex(op, bytes, sizeof *pool);
}

char *id_token(struct op *op, size_t n)
{
	static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz";
	char *token = op_alloc(op, n + 1);
	size_t i = 0;

	while (i < n) {
		unsigned char b;

		id_random(&b, 1);
		if (b < 248) /* 4 * 62: no digit is likelier than another */
			token[i++] = base62[b % 62];
	}
	return token;
}

static bool is_traceparent(const char *header)
{
	static const char zero[] = "00000000000000000000000000000000";
	static const char hex[] = "0123456789abcdef";

	return header && strlen(header) >= 55 && strspn(header, hex) == 2 &&
	       strncmp(header, "ff", 2) != 0 && header[2] == '-' &&
	       strspn(header + 3, hex) == 32 && header[35] == '-' &&
	       strspn(header + 36, hex) == 16 && header[52] == '-' &&
	       strspn(header + 53, hex) == 2 &&
	       (strncmp(header, "00", 2) != 0 || !header[55]) &&
	       strncmp(header + 3, zero, 32) != 0 &&
	       strncmp(header + 36, zero, 16) != 0;
}

char *id_traceparent(struct op *op, const char *header)
{
	return is_traceparent(header) ? op_strndup(op, header + 3, 32) : NULL;
}

char *id_parent(struct op *op, const char *header)
{
	return is_traceparent(header) ? op_strndup(op, header + 36, 16) : NULL;
}
