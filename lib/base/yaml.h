/* Two levels of YAML - sections of keys - with the place of every value. */
#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "base/op.h"

#include <stddef.h>

/* One scalar: `section: { key: value }`. */
struct yaml_value {
	const char *section, *key, *text;
	const char *file;
	size_t line, column;
	size_t section_line; /* where the section is named */
	bool first;          /* of its section */
};

/* What was wrong, each a line "file:line:column: words"; "" when nothing was. */
struct yaml_errors {
	const char *text;
	size_t n;
};

void yaml_error(struct op *op, struct yaml_errors *errors, const struct yaml_value *at,
	const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Read a file, calling each(ctx, value) in order.  Syntax errors, anything
 * deeper than two levels and duplicate keys go to errors.  E_NO_INPUT when the
 * file cannot be read.
 */
enum err yaml_read(struct op *op, const char *file, struct yaml_errors *errors,
	void (*each)(struct op *op, void *ctx, const struct yaml_value *value),
	void *ctx);

#endif
