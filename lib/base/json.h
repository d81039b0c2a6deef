/*
 * JSON from strangers: a strict scanner first (RFC 8259, nothing that two
 * parsers could read differently), then cJSON's tree, then shapes; and a writer.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/field.h"
#include "base/op.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { JSON_DEPTH = 64, JSON_BYTES = 4 << 20, JSON_NUMBER = 62 };

/* A value of a parsed text, in the op's memory. */
struct json;

/*
 * Check the text without keeping it: grammar, UTF-8, at most JSON_DEPTH levels,
 * no member twice, no NUL, no lone surrogate, no integer beyond 2^53 (those
 * are strings), no number longer than JSON_NUMBER characters or beyond a
 * double, at most JSON_BYTES.  E_DATA names line and column.
 */
enum err json_check(struct op *op, const char *text, size_t n);

/* json_check(), then the tree of it. */
enum err json_parse(struct op *op, const char *text, size_t n, const struct json **out);

/* Readers: all take NULL and wrong types, and answer "not there". */
const struct json *json_get(const struct json *object, const char *name);
/* Along "/data/object/id", through arrays by number too; "" is the node itself. */
const struct json *json_find(const struct json *node, const char *pointer);
bool json_is_object(const struct json *node);
bool json_is_array(const struct json *node);
bool json_is_null(const struct json *node);
bool json_is_bool(const struct json *node);
bool json_is_true(const struct json *node);
const char *json_string(const struct json *node);     /* NULL unless it is a string */
bool json_int(const struct json *node, int64_t *out); /* false unless a whole number */
bool json_real(const struct json *node, double *out); /* false unless a number */
size_t json_count(const struct json *node);           /* elements or members */
const char *json_name(const struct json *member);     /* of a member of an object */
/* for (i = json_first(node); i; i = json_next(i)) */
const struct json *json_first(const struct json *node);
const struct json *json_next(const struct json *item);
/* The value as compact JSON text, in the op's memory. */
const char *json_text_of(struct op *op, const struct json *node);

/* One thing wrong with a document, and where (RFC 6901). */
struct json_fault {
	const char *pointer, *rule, *text;
};

/* Reads documents into structs and collects everything that is wrong with them. */
struct json_reader {
	struct op *op;
	struct json_fault *faults;
	size_t n;
};

/*
 * Members of an object into the struct, by name, case-sensitively.  `at` is the
 * object's own pointer ("" for the document).  `parts` names members that the
 * caller reads itself ("lines|customer"), NULL for none; any other unknown
 * member is a fault.  null is the same as absent; FIELD_REQUIRED may be neither.
 * Ids (FIELD_ID) come as strings or numbers, money as {"amount", "currency"}.
 */
void json_bind(struct json_reader *r, const struct json *object, const char *at,
	const struct shape *s, void *item, const char *parts);

/* An array of such objects. */
struct rows json_bind_rows(struct json_reader *r, const struct json *array,
	const char *at, const struct shape *s);

/* Report a fault of the caller's own finding. */
void json_fault(struct json_reader *r, const char *at, const char *rule,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* OK, or E_DATA (rule request_is_valid) naming every fault. */
enum err json_done(struct json_reader *r);

/* Bind one whole document in one go. */
enum err json_into(
	struct op *op, const struct json *node, const struct shape *s, void *item);

/* A pointer one step further: "/lines" + 3, "/customer" + "e/mail". */
const char *json_at(struct op *op, const char *at, const char *name);
const char *json_at_index(struct op *op, const char *at, size_t i);

/* Writes one document; the key is NULL inside arrays and for the outermost value. */
struct json_writer {
	struct op *op;
	char *text;
	size_t n, room;
	char open[JSON_DEPTH + 1]; /* what closes each level */
	int depth;
	bool comma;
};
void json_object(struct json_writer *w, const char *key);
void json_array(struct json_writer *w, const char *key);
void json_close(struct json_writer *w);
void json_put(
	struct json_writer *w, const char *key, const char *text); /* NULL: null */
void json_put_int(struct json_writer *w, const char *key, int64_t v);
void json_put_id(struct json_writer *w, const char *key, int64_t v); /* a string */
void json_put_bool(struct json_writer *w, const char *key, bool v);
void json_put_money(struct json_writer *w, const char *key, struct money v);
void json_put_stamp(struct json_writer *w, const char *key, struct stamp v);
void json_put_raw(struct json_writer *w, const char *key, const char *json);

#endif
