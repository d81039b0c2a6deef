/* Identifiers made outside the database: traces, keys, secrets. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/op.h"

/* n random bytes from the kernel; ends the process when there are none. */
void id_random(void *to, size_t n);

/* A new W3C trace-id: 32 lower-case hex digits, never all zero. */
char *id_trace(struct op *op);

/* A random string of n base62 digits (5.95 bits each). */
char *id_token(struct op *op, size_t n);

/* Lower-case hex of n bytes. */
char *id_hex(struct op *op, const void *bytes, size_t n);

/*
 * The trace-id inside a W3C traceparent header, or NULL when the header is
 * not one (https://www.w3.org/TR/trace-context/#traceparent-header).
 */
char *id_traceparent(struct op *op, const char *header);

/* The parent-id of the same, 16 hex digits: the caller's span; or NULL. */
char *id_parent(struct op *op, const char *header);

#endif
