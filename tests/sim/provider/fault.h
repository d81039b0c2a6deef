/* Faults on demand: which request or webhook goes wrong, and how. */
#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "provider/call.h"

enum stage {
	BEFORE,  /* decided before the idempotency layer; nothing is executed */
	DURING,  /* the key is claimed, the work waits */
	INSTEAD, /* the key is claimed and keeps this answer; nothing is executed */
	AFTER,   /* executed; the answer is replaced or lost */
	WEBHOOK,
};

/* What an answer says then; the words are the flavour's. */
enum wording { NOTHING, LIMITED, LOCKED, BROKEN, EXPIRED, IN_PROGRESS, WORDINGS };

struct fault_kind {
	const char *name;
	enum stage stage;
	int status;
	enum effect effect;
	enum wording wording;
};

/* What hits one request; kind is NULL for nothing. */
struct fault_hit {
	const struct fault_kind *kind;
	double seconds;
	int64_t n;
	bool says_retry, should_retry;
};

/* Ask the rules, in order; subject is "POST /v1/refunds" or "webhook TYPE". */
struct fault_hit fault_take(
	struct sim *s, const char *subject, const char *route, bool webhook);

/* Add rules from a JSON list; NULL, or what is wrong with it. */
const char *faults_add(struct sim *s, struct op *op, const cJSON *list);
cJSON *faults_json(const struct sim *s);
void faults_clear(struct sim *s);

#endif
