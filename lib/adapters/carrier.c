/* What the carriers' adapters share: the table of them, and how answers are judged. */
#include "adapters/carrier.h"

#include "adapters/wire.h"
#include "base/config.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { NUMBER_MIN = 4, NUMBER_MAX = 40, NOTE_MAX = 500 };

#define CARRIER(c) &c,
static const struct carrier *const all[] = {
#include "adapters/carriers.h"
};
#undef CARRIER

static const struct carrier *named(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		if (strcasecmp(all[i]->name, name) == 0)
			return all[i];
	return NULL;
}

const struct carrier *carrier_find(const struct config *c, const char *name)
{
	const struct carrier *own = name ? named(name) : NULL;

	if (!own || !own->configured(c))
		own = *c->carrier.tracker ? named(c->carrier.tracker) : NULL;
	return own && own->configured(c) ? own : NULL;
}

/* It becomes a part of an address: nothing but letters, digits and dashes. */
const char *carrier_number(struct op *op, const char *tracking)
{
	char *out = op_strdup(op, tracking), *to = out;
	const char *p;

	for (p = tracking; *p; p++) {
		if (*p == ' ')
			continue;
		if (!isalnum((unsigned char)*p) && *p != '-')
			return NULL;
		*to++ = *p;
	}
	*to = '\0';
	return to - out >= NUMBER_MIN && to - out <= NUMBER_MAX ? out : NULL;
}

const char *carrier_status(const struct carrier_word *words, const char *theirs)
{
	for (; theirs && words->theirs; words++)
		if (strcmp(words->theirs, theirs) == 0)
			return words->ours;
	return NULL;
}

bool carrier_judge(struct op *op, const struct http_answer *a,
	struct carrier_answer *out, const struct json **body)
{
	*out = (struct carrier_answer){ .events = "[]" };
	*body = NULL;
	if (a->outcome != HTTP_ANSWERED) {
		out->away = true;
		out->reason = a->reason;
		return false;
	}
	if (a->status == 404)
		return false; /* it does not know the parcel yet: no events */
	out->reason = op_printf(op, "answered with %d", a->status);
	out->away = a->status >= 500 || a->status == 401 || a->status == 403;
	out->later = a->status == 429;
	out->retry_after_s = wire_retry_after(a);
	if (a->status != 200 && a->status != 201)
		return false;
	out->reason = "answered with something that is no JSON object";
	if (json_parse(op, a->body, a->n, body) != OK)
		fault_clear(op);
	if (!json_is_object(*body))
		return false;
	out->reason = NULL;
	return true;
}

void carrier_put(struct json_writer *w, const struct json *raw, const char *at,
	const char *status, const char *note)
{
	const char *text = json_text_of(w->op, raw);
	struct stamp when;

	if (!status || !at || strlen(at) < 10)
		return;
	if (stamp_parse(w->op, at, &when) != OK) {
		fault_clear(w->op);
		return;
	}
	if (note && strlen(note) > NOTE_MAX)
		note = NULL;
	json_object(w, NULL);
	json_put(w, "ref",
		op_printf(w->op, "%s %s %s", stamp_text(w->op, when), status,
			note ? note : ""));
	json_put(w, "status", status);
	json_put_stamp(w, "at", when);
	json_put(w, "note", note);
	json_put(w, "raw", strlen(text) <= CARRIER_RAW_MAX ? text : NULL);
	json_close(w);
}
