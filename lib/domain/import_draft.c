/* A row while it is read: its problems, attributes, pictures and offers. */
#include "domain/import_draft.h"

#include "base/clock.h"
#include "base/out.h"

#include <inttypes.h>
#include <string.h>

void draft_problem(struct import_draft *d, const char *column)
{
	import_problem(d->op, &d->problems, column);
}

void draft_keep(
	struct import_draft *d, enum target target, const char *key, const char *value)
{
	struct text *t = &d->attributes[target == T_VARIANT_KEY];

	text_add(d->op, t, t->n ? "," : "{");
	text_add(d->op, t,
		op_printf(d->op, "%s:%s", json_quote(d->op, key),
			json_quote(d->op, value)));
}

void draft_extra(struct import_draft *d, enum extra list, const char *json)
{
	struct text *t = &d->extra[list];

	if (t->n)
		text_add_char(d->op, t, ',');
	text_add(d->op, t, json);
}

void draft_image(struct import_draft *d, const char *url)
{
	if (!*url)
		return;
	if (!d->values[T_IMAGE])
		d->values[T_IMAGE] = url;
	else if (strcmp(d->values[T_IMAGE], url) != 0)
		draft_extra(d, EXTRA_IMAGES, json_quote(d->op, url));
}

const char *draft_pair(struct import_draft *d, const char *name, const char *value)
{
	return op_printf(
		d->op, "[%s,%s]", json_quote(d->op, name), json_quote(d->op, value));
}

void draft_ignored(struct import_draft *d, const char *what)
{
	struct import_ignored *x = d->state->ignored;
	size_t i, room = sizeof d->state->ignored / sizeof *x;

	for (i = 0; i < room && x[i].n && strcmp(x[i].what, what) != 0; i++)
		continue;
	if (i == room)
		return;
	if (!x[i].n) {
		x[i].what = op_strdup(d->state->op, what);
		x[i].line = d->row->line;
	}
	x[i].n += x[i].last != d->row->line;
	x[i].last = d->row->line;
}

void import_note_ignored(struct op *op, const struct import_state *s)
{
	size_t i;

	for (i = 0; i < sizeof s->ignored / sizeof *s->ignored && s->ignored[i].n; i++)
		out_note(op, "%" PRId64 " row%s, line %" PRId64 " first: %s",
			s->ignored[i].n, s->ignored[i].n == 1 ? "" : "s",
			s->ignored[i].line, s->ignored[i].what);
}

/* What holds for good is the price; for a time, or later, it is scheduled. */
void draft_offer(struct import_draft *d, const struct import_offer *offer)
{
	const char *now = stamp_text(d->op, clock_now());
	bool begun = !offer->from || strcmp(offer->from, now) <= 0;

	d->values[T_PRICE] = offer->regular ? offer->regular : offer->sale;
	d->values[T_COMPARE_AT] = d->values[T_PRICE] ? "-1" : NULL;
	if (!offer->sale || !offer->regular ||
		(offer->until && strcmp(offer->until, now) <= 0))
		return;
	if (begun && !offer->until) {
		d->values[T_PRICE] = offer->sale;
		d->values[T_COMPARE_AT] = offer->regular;
		return;
	}
	draft_extra(d, EXTRA_SALES,
		op_printf(d->op, "[\"%s\",%s,%s,%s,%s]", d->values[T_CURRENCY],
			offer->sale, offer->regular,
			begun ? "null" : json_quote(d->op, offer->from),
			offer->until ? json_quote(d->op, offer->until) : "null"));
}
