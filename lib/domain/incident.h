/* Incidents: what a person must look at, who does, and how it ended. */
#ifndef DOMAIN_INCIDENT_H
#define DOMAIN_INCIDENT_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

struct incident {
	int64_t id, order_id, payment_id;
	struct stamp at, closed_at;
	const char *kind, *state, *owner, *words, *remedy, *closed_by, *note;
	struct json_text detail, history;
};
extern const struct shape incident_shape;      /* a row of the list */
extern const struct shape incident_full_shape; /* with its history */

struct incident_query {
	const char *state; /* NULL: what waits for somebody; "all" */
	const char *kind, *owner;
	int64_t order; /* 0: of any order, or none */
	struct stamp since;
	int64_t limit;
};

/* Incidents, oldest first. */
enum err incident_list(struct op *op, const struct incident_query *q, struct rows *out);
enum err incident_get(struct op *op, int64_t id, struct incident *out);

struct incident_fate {
	int64_t id;
	const char *state, *owner;
};
extern const struct shape incident_fate_shape;

/* Take it on; owner NULL is the caller. */
enum err incident_own(
	struct op *op, int64_t id, const char *owner, struct incident_fate *out);

/* End it, with a word on how. */
enum err incident_close(
	struct op *op, int64_t id, const char *note, struct incident_fate *out);

#endif
