/* The templates that are kept: listed, proven, replaced by new versions. */
#ifndef DOMAIN_TEMPLATE_STORE_H
#define DOMAIN_TEMPLATE_STORE_H

#include "base/field.h"
#include "base/op.h"

/* One template, and what is wrong with it ("" when nothing is). */
struct template
{
	const char *event, *channel, *locale;
	int64_t version;
	const char *subject, *body_text, *body_html, *fault;
	struct stamp created_at;
	const char *created_by;
	int64_t used; /* messages written with this version; of a history only */
};
extern const struct shape template_shape, template_history_shape;

struct template_key {
	const char *event, *channel, *locale;
};

/* The templates in use; every version of one, newest first. */
enum err template_list(struct op *op, struct rows *out);
enum err template_history(
	struct op *op, const struct template_key *k, struct rows *out);

/* The one in use; E_NOT_FOUND (template_exists). */
enum err template_show(
	struct op *op, const struct template_key *k, struct template *out);

/*
 * Put a new version into use: texts that are NULL stay as they were.  One that
 * cannot be rendered is refused as template_render() says.
 */
enum err template_set(struct op *op, const struct template *t, struct template *out);

/* Render each with sample data; *bad counts those with a fault. */
enum err template_check(struct op *op, struct rows *out, int64_t *bad);

/* The same of a text that is not stored: every fault, a line each, or "". */
enum err template_check_text(struct op *op, const struct template_key *k,
	const char *name, const char *text, const char **faults);

#endif
