/* The shop on one screen: what happened today, what waits, what is wrong. */
#ifndef DOMAIN_STATUS_H
#define DOMAIN_STATUS_H

#include "base/field.h"
#include "base/op.h"

#include <stdint.h>

struct status {
	const char *section, *item, *note;
	int64_t count;
	struct money amount;
	struct stamp since; /* the oldest of them, or when it was */
};
extern const struct shape status_shape;

/* Bounded in time whatever the shop holds: counts stop at ten thousand. */
enum err status_rows(struct op *op, struct rows *out);

#endif
