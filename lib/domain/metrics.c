/* What only the database knows, in Prometheus' text format. */
#include "domain/metrics.h"

#include "base/field.h"
#include "base/text.h"
#include "db/db.h"

#include <string.h>

/* A line of the exposition; a family that has nothing to say has one without value. */
struct sample {
	const char *name, *labels, *value, *help, *type;
};
static const struct shape sample_shape =
	SHAPE(sample, FIELD(sample, name), FIELD(sample, labels), FIELD(sample, value),
		FIELD(sample, help), FIELD(sample, type));

static void put(struct op *op, struct text *t, const struct sample *s, const char *last)
{
	if (strcmp(s->name, last) != 0)
		text_add(op, t,
			op_printf(op, "# HELP %s %s\n# TYPE %s %s\n", s->name, s->help,
				s->name, s->type));
	if (s->value && *s->labels)
		text_add(op, t,
			op_printf(op, "%s{%s} %s\n", s->name, s->labels, s->value));
	else if (s->value)
		text_add(op, t, op_printf(op, "%s %s\n", s->name, s->value));
}

enum err metrics_text(struct op *op, const char **out)
{
	struct text t = { 0 };
	struct rows rows;
	const char *last = "";

	TRY(db_rows(op, "metrics", &sample_shape, &rows));
	for (size_t i = 0; i < rows.n; i++) {
		const struct sample *s = row_at(&sample_shape, rows, i);

		put(op, &t, s, last);
		last = s->name;
	}
	*out = t.s;
	return OK;
}
