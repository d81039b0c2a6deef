/*
 * Arguments of api functions.  Scalars travel as text, so that the function's
 * own types decide; arrays and bytes in PostgreSQL's binary format, because a
 * batch has thousands of elements (src/backend/utils/adt/arrayfuncs.c, array_recv).
 */
#include "db/db.h"

#include <arpa/inet.h>
#include <endian.h>
#include <inttypes.h>
#include <string.h>

enum {
	OID_BYTEA = 17,
	OID_INT8 = 20,
	OID_TEXT = 25,
	OID_BYTEA_ARRAY = 1001,
	OID_TEXT_ARRAY = 1009,
	OID_INT8_ARRAY = 1016
};

static const struct value null_value;

struct value value_text(struct op *op, const char *v)
{
	(void)op;
	return (struct value){ v, v ? (int)strlen(v) : 0, 0, 0 };
}

struct value value_int(struct op *op, int64_t v)
{
	return value_text(op, op_printf(op, "%" PRId64, v));
}

struct value value_bool(struct op *op, bool v)
{
	return value_text(op, v ? "t" : "f");
}

struct value value_real(struct op *op, double v)
{
	return value_text(op, op_printf(op, "%.17g", v));
}

struct value value_money(struct op *op, struct money m)
{
	return *m.currency ? value_text(op, op_printf(op, "(%" PRId64 ",%s)", m.minor,
						    m.currency))
			   : null_value;
}

struct value value_stamp(struct op *op, struct stamp v)
{
	return v.us ? value_text(op, stamp_text(op, v)) : null_value;
}

struct value value_json(struct op *op, struct json_text v)
{
	return value_text(op, v.s);
}

struct value value_bytes(struct op *op, struct bytes v)
{
	(void)op;
	return v.p ? (struct value){ v.p, (int)v.n, 1, OID_BYTEA } : null_value;
}

static char *put32(char *to, uint32_t n)
{
	n = htonl(n);
	memcpy(to, &n, 4);
	return to + 4;
}

/* A one-dimensional array's header: dimensions, has-nulls, element type, size, lower
 * bound. */
static char *put_header(char *to, bool nulls, uint32_t element, size_t n)
{
	to = put32(to, n ? 1 : 0);
	to = put32(to, nulls);
	to = put32(to, element);
	if (!n)
		return to;
	to = put32(to, (uint32_t)n);
	return put32(to, 1);
}

struct value value_ints(struct op *op, struct ints v)
{
	char *start = op_alloc(op, 20 + v.n * 12);
	char *to = put_header(start, false, OID_INT8, v.n);
	size_t i;

	for (i = 0; i < v.n; i++) {
		uint64_t big = htobe64((uint64_t)v.v[i]);

		to = put32(to, 8);
		memcpy(to, &big, 8);
		to += 8;
	}
	return (struct value){ start, (int)(to - start), 1, OID_INT8_ARRAY };
}

static char *put_element(char *to, const void *p, size_t n)
{
	if (!p)
		return put32(to, UINT32_MAX); /* length -1: NULL */
	to = put32(to, (uint32_t)n);
	memcpy(to, p, n);
	return to + n;
}

struct value value_texts(struct op *op, struct texts v)
{
	size_t i, size = 20;
	char *start, *to;
	bool nulls = false;

	for (i = 0; i < v.n; i++) {
		size += 4 + (v.v[i] ? strlen(v.v[i]) : 0);
		nulls |= !v.v[i];
	}
	start = op_alloc(op, size);
	to = put_header(start, nulls, OID_TEXT, v.n);
	for (i = 0; i < v.n; i++)
		to = put_element(to, v.v[i], v.v[i] ? strlen(v.v[i]) : 0);
	return (struct value){ start, (int)(to - start), 1, OID_TEXT_ARRAY };
}

struct value value_blobs(struct op *op, struct blobs v)
{
	size_t i, size = 20;
	char *start, *to;
	bool nulls = false;

	for (i = 0; i < v.n; i++) {
		size += 4 + v.v[i].n;
		nulls |= !v.v[i].p;
	}
	start = op_alloc(op, size);
	to = put_header(start, nulls, OID_BYTEA, v.n);
	for (i = 0; i < v.n; i++)
		to = put_element(to, v.v[i].p, v.v[i].n);
	return (struct value){ start, (int)(to - start), 1, OID_BYTEA_ARRAY };
}
