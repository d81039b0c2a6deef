/*
 * One table describes a struct.  The same shape fills a struct from argv, a
 * result row, the YAML configuration or JSON, and prints it as a table, JSON,
 * CSV; help, man pages and completion are read off it.
 */
#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include "base/clock.h"
#include "base/money.h"
#include "base/op.h"
#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum field_type {
	FIELD_BOOL,
	FIELD_INT,
	FIELD_REAL, /* ratios and seconds; never money */
	FIELD_TEXT,
	FIELD_TEXTS,
	FIELD_MONEY,
	FIELD_STAMP,
	FIELD_JSON,
};

enum field_flag {
	FIELD_ID = 1,        /* an identifier: a string in JSON */
	FIELD_OPERAND = 2,   /* given by position, not by --name */
	FIELD_REQUIRED = 4,  /* an operand or option that must be given */
	FIELD_HIDDEN = 8,    /* not shown unless --columns asks for it */
	FIELD_SECRET = 16,   /* masked wherever it is shown */
	FIELD_OPTIONAL = 32, /* an integer that may be null: 0 prints as null */
	FIELD_BARE = 64      /* money whose currency is another column's in csv */
};

struct field {
	const char *name; /* member name; '_' is '-' on the command line */
	enum field_type type;
	size_t offset;
	const char *arg;     /* placeholder: "STATE"; NULL for a column */
	const char *help;    /* one line */
	unsigned flags;      /* enum field_flag */
	const char *choices; /* "table|json": the only values, or NULL */
	const char *initial; /* default as text, or NULL */
};

struct shape {
	const char *name;
	size_t size;
	const struct field *fields;
	size_t count;
};

#define FIELD_TYPE(x)                                                                  \
	_Generic((x),                                                              \
		bool: FIELD_BOOL,                                                  \
		int64_t: FIELD_INT,                                                \
		double: FIELD_REAL,                                                \
		const char *: FIELD_TEXT,                                          \
		struct texts: FIELD_TEXTS,                                         \
		struct money: FIELD_MONEY,                                         \
		struct stamp: FIELD_STAMP,                                         \
		struct json_text: FIELD_JSON)

/* FIELD(order, total) is a column; FIELD(list, limit, "N", "at most N") an option. */
#define FIELD(tag, member, ...)                                                        \
	{                                                                              \
#member, FIELD_TYPE(((struct tag *)0)->member),                        \
			offsetof(struct tag, member), __VA_ARGS__                      \
	}

#define SHAPE(tag, ...)                                                                \
	{                                                                              \
#tag, sizeof(struct tag),                                              \
			(const struct field[]){ __VA_ARGS__ },                         \
				sizeof((const struct field[]){ __VA_ARGS__ }) /        \
					sizeof(struct field)                           \
	}

/* Rows of one shape, in the op's memory; row_at() finds one. */
struct rows {
	void *items;
	size_t n;
};

static inline void *row_at(const struct shape *s, struct rows rows, size_t i)
{
	return (char *)rows.items + i * s->size;
}

/* The field of that name ('-' and '_' are the same), or NULL. */
const struct field *shape_find(const struct shape *s, const char *name);

/* Put the text into the member; E_USAGE or E_DATA names what is wrong with it. */
enum err field_parse(
	struct op *op, const struct field *f, void *item, const char *text);

/* Fill in the initial value of every field that has one. */
enum err shape_defaults(struct op *op, const struct shape *s, void *item);

/* The member as plain text (CSV, tables); NULL when it is null. */
const char *field_text(struct op *op, const struct field *f, const void *item);

/* The member as JSON: ids are strings, money {"minor":..,"currency":..}. */
const char *field_json(struct op *op, const struct field *f, const void *item);

/* The field name of a shape nearest to what was typed, or NULL. */
const char *shape_nearest(struct op *op, const struct shape *s, const char *typed);

#endif
