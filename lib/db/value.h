/* The arguments of an api function, from the types that C has. */
#ifndef DB_VALUE_H
#define DB_VALUE_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

/* Bytes that are not text: a raw webhook body, a digest. */
struct bytes {
	const void *p;
	size_t n;
};

/* Parallel arrays of a batch, sent in PostgreSQL's binary array format. */
struct ints {
	const int64_t *v;
	size_t n;
};
struct blobs {
	const struct bytes *v;
	size_t n;
};

/* One argument of an api function. */
struct value {
	const char *data; /* NULL is SQL NULL */
	int length;
	int format;   /* 0 text, 1 binary */
	unsigned oid; /* 0: the function's own type */
};

struct value value_text(struct op *op, const char *v);
struct value value_int(struct op *op, int64_t v);
struct value value_bool(struct op *op, bool v);
struct value value_real(struct op *op, double v);
struct value value_money(struct op *op, struct money v);
struct value value_stamp(struct op *op, struct stamp v); /* no time is NULL */
struct value value_texts(
	struct op *op, struct texts v); /* text[]; a NULL element is NULL */
struct value value_ints(struct op *op, struct ints v);   /* bigint[] */
struct value value_bytes(struct op *op, struct bytes v); /* bytea; p NULL is NULL */
struct value value_blobs(struct op *op, struct blobs v); /* bytea[] */
struct value value_json(struct op *op, struct json_text v);

/* V(x): an argument of x's own type.  A variable named `op` must be in scope. */
#define V(x)                                                                           \
	_Generic((x),                                                              \
		const char *: value_text,                                          \
		char *: value_text,                                                \
		int: value_int,                                                    \
		unsigned: value_int,                                               \
		int64_t: value_int,                                                \
		size_t: value_int,                                                 \
		bool: value_bool,                                                  \
		double: value_real,                                                \
		struct money: value_money,                                         \
		struct stamp: value_stamp,                                         \
		struct texts: value_texts,                                         \
		struct ints: value_ints,                                           \
		struct bytes: value_bytes,                                         \
		struct blobs: value_blobs,                                         \
		struct json_text: value_json)(op, x)

#define VALUES(...)                                                                    \
	(const struct value[]){ __VA_ARGS__ },                                         \
		sizeof((const struct value[]){ __VA_ARGS__ }) / sizeof(struct value)

#endif
