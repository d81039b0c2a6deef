/*
 * A carrier as the worker sees one, whichever it is: asked where a parcel is, it says
 * events in our own words.  Its own words are mapped in a table of its file.
 */
#ifndef ADAPTERS_CARRIER_H
#define ADAPTERS_CARRIER_H

#include "base/clock.h"
#include "base/http.h"
#include "base/json.h"
#include "base/op.h"

#include <stdbool.h>

/* No answer is larger, and no more of it is read. */
enum {
	CARRIER_BODY_MAX = 256 * 1024,
	CARRIER_EVENTS_MAX = 200,
	CARRIER_RAW_MAX = 4096
};

/* What a carrier answered. */
struct carrier_answer {
	bool away;  /* no answer, trouble of its own, or with our account */
	bool later; /* too many questions: again after retry_after_s */
	const char
		*reason; /* of those, or why the answer was of no use; NULL: of use */
	int64_t retry_after_s; /* 0: not said */
	const char *events; /* [{ref, status, at, note, raw}]; "[]" when it has none */
};

struct carrier {
	const char *name; /* as shipments name it, and the name of its breaker */
	bool (*configured)(const struct config *c);
	/* OK whatever the answer; E_CONFIG when the configuration cannot work. */
	enum err (*track)(
		struct op *op, const char *tracking, struct carrier_answer *out);
};

/* Who is to be asked about a parcel of that carrier; NULL: nobody. */
const struct carrier *carrier_find(const struct config *c, const char *name);

/* A number that carriers can be asked for, without blanks; NULL: it is none. */
const char *carrier_number(struct op *op, const char *tracking);

/* A carrier's word and ours; NULL: it says nothing of where the parcel is. */
struct carrier_word {
	const char *theirs, *ours;
};
const char *carrier_status(const struct carrier_word *words, const char *theirs);

/* Whether the answer is of use; else out says why not. */
bool carrier_judge(struct op *op, const struct http_answer *a,
	struct carrier_answer *out, const struct json **body);

/* One event into the list that w writes; what has no time or word is left out. */
void carrier_put(struct json_writer *w, const struct json *raw, const char *at,
	const char *status, const char *note);

extern const struct carrier carrier_easypost, carrier_ups;

#endif
