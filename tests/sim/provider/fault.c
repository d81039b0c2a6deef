/* Faults on demand: which request or webhook goes wrong, and how. */
#include "provider/fault.h"

#include "provider/flavour.h"
#include "provider/js.h"

#include <fnmatch.h>

struct fault_rule {
	struct fault_rule *next;
	const struct fault_kind *kind;
	char match[160];
	double rate, seconds;
	int64_t left, skip, n, seen, fired; /* left < 0: no end */
	uint64_t random;
	bool says_retry, should_retry;
};

static const struct fault_kind kinds[] = {
	{ "429", BEFORE, 429, SEND, LIMITED },
	{ "429_lock", BEFORE, 429, SEND, LOCKED },
	{ "503", BEFORE, 503, SEND, BROKEN },
	{ "401", BEFORE, 401, SEND, EXPIRED },
	{ "409", BEFORE, 409, SEND, IN_PROGRESS },
	{ "timeout_before", BEFORE, 0, HOLD },
	{ "reset", BEFORE, 0, RESET },
	{ "delay", DURING, 0, SEND },
	{ "500", INSTEAD, 500, SEND, BROKEN },
	{ "500_after", AFTER, 500, SEND, BROKEN },
	{ "503_after", AFTER, 503, SEND, BROKEN },
	{ "timeout_after", AFTER, 0, HOLD },
	{ "reset_after", AFTER, 0, RESET },
	{ "truncate", AFTER, 0, TRUNCATE },
	{ "garbage", AFTER, 0, GARBAGE },
	{ "huge", AFTER, 0, HUGE_BODY },
	{ "lost", WEBHOOK, 0, SEND },
	{ "duplicate", WEBHOOK, 0, SEND },
	{ "twin", WEBHOOK, 0, SEND },
	{ "reorder", WEBHOOK, 0, SEND },
	{ "bad_signature", WEBHOOK, 0, SEND },
	{ "stale", WEBHOOK, 0, SEND },
	{ 0 },
};

static const struct fault_kind *kind_find(const char *name)
{
	const struct fault_kind *k;

	for (k = kinds; name && k->name; k++)
		if (!strcmp(k->name, name))
			return k;
	return NULL;
}

/* Each rule has its own generator, so one does not disturb another's luck. */
static bool lucky(struct fault_rule *r)
{
	r->random = r->random * 6364136223846793005u + 1442695040888963407u;
	return (double)(r->random >> 11) / (double)(1ull << 53) < r->rate;
}

static bool fires(struct fault_rule *r)
{
	if (r->skip > 0) {
		r->skip--;
		return false;
	}
	if (!r->left || (r->rate > 0 && !lucky(r)))
		return false;
	if (r->left > 0)
		r->left--;
	r->fired++;
	return true;
}

struct fault_hit fault_take(
	struct sim *s, const char *subject, const char *route, bool webhook)
{
	struct fault_rule *r;

	for (r = s->faults; r; r = r->next) {
		bool fits =
			webhook ? r->kind->stage == WEBHOOK || r->kind->stage == DURING
				: r->kind->stage != WEBHOOK;

		if (!fits ||
			(fnmatch(r->match, subject, 0) && fnmatch(r->match, route, 0)))
			continue;
		r->seen++;
		if (fires(r))
			return (struct fault_hit){ r->kind, r->seconds, r->n,
				r->says_retry, r->should_retry };
	}
	return (struct fault_hit){ 0 };
}

static double real(const cJSON *o, const char *name, double otherwise)
{
	const cJSON *v = js_get(o, name);

	return cJSON_IsNumber(v) && v->valuedouble >= 0 && v->valuedouble < 1e9
		       ? v->valuedouble
		       : otherwise;
}

static const char *rule_add(struct sim *s, struct op *op, const cJSON *o)
{
	const struct fault_kind *kind = kind_find(js_text(o, "kind"));
	const char *match = js_text(o, "match");
	struct fault_rule *r, **at = &s->faults;

	if (!kind)
		return op_printf(op, "no such kind of fault: %s",
			js_text(o, "kind") ? js_text(o, "kind") : "(none)");
	r = keep(calloc(1, sizeof *r));
	r->kind = kind;
	snprintf(r->match, sizeof r->match, "%s",
		match                    ? match
		: kind->stage == WEBHOOK ? "webhook*"
					 : "*/v[12]/*");
	r->rate = real(o, "rate", 0);
	r->seconds = real(o, "seconds", kind->effect == HOLD ? 30 : 1);
	r->left = (int64_t)real(o, "count", r->rate > 0 ? -1 : 1);
	r->skip = (int64_t)real(o, "skip", 0);
	r->n = (int64_t)real(o, "n", 1);
	r->random = js_get(o, "seed") ? (uint64_t)js_int(o, "seed") : sim_random(s);
	r->says_retry = cJSON_IsBool(js_get(o, "should_retry"));
	r->should_retry = js_true(o, "should_retry");
	while (*at)
		at = &(*at)->next;
	*at = r;
	return NULL;
}

const char *faults_add(struct sim *s, struct op *op, const cJSON *list)
{
	const cJSON *o;
	const char *wrong;

	if (cJSON_IsObject(list))
		return rule_add(s, op, list);
	if (!cJSON_IsArray(list))
		return "faults are a JSON list of objects";
	cJSON_ArrayForEach(o, list) if ((wrong = rule_add(s, op, o))) return wrong;
	return NULL;
}

cJSON *faults_json(const struct sim *s)
{
	cJSON *list = cJSON_CreateArray();
	const struct fault_rule *r;

	for (r = s->faults; r; r = r->next) {
		cJSON *o = cJSON_CreateObject();

		js_put_text(o, "match", r->match);
		js_put_text(o, "kind", r->kind->name);
		js_put_int(o, "seen", r->seen);
		js_put_int(o, "fired", r->fired);
		js_put_int(o, "left", r->left);
		cJSON_AddItemToArray(list, o);
	}
	return list;
}

void faults_clear(struct sim *s)
{
	while (s->faults) {
		struct fault_rule *r = s->faults;

		s->faults = r->next;
		free(r);
	}
}
