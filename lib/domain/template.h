/*
 * The texts of messages: {{order.id}} is a variable, {{#lines}}...{{/lines}} repeats
 * for each line, {{#order.tax}}...{{/order.tax}} is there only when the variable has a
 * value.  A name that is not known is an error, so that no mail leaves half done.
 */
#ifndef DOMAIN_TEMPLATE_H
#define DOMAIN_TEMPLATE_H

#include "base/op.h"

#include <stdbool.h>
#include <stddef.h>

/* A name and its value; NULL is a known name without a value. */
struct template_var {
	const char *name, *value;
};

/* The names of one scope, and the repeated scopes within it under one name. */
struct template_data {
	const struct template_var *vars;
	size_t n;
	const char *list; /* "lines", or NULL */
	const struct template_data *items;
	size_t n_items;
};

enum template_kind {
	TEMPLATE_TEXT,
	TEMPLATE_HTML,   /* values are escaped */
	TEMPLATE_HEADER, /* one line: control characters become spaces */
};

/*
 * Render the text with the data into *out, which lives as long as the op.
 * `name` says which template in faults; all of them are E_DATA:
 * template_variable_is_known, template_section_is_closed, template_tag_is_closed.
 */
enum err template_render(struct op *op, const char *name, const char *text,
	enum template_kind kind, const struct template_data *data, const char **out);

/* Every fault of the text, a line each, without a hint; "" when it can be rendered. */
const char *template_faults(struct op *op, const char *name, const char *text,
	enum template_kind kind, const struct template_data *data);

#endif
