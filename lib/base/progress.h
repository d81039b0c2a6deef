/* How far a long operation is, for a person at a terminal. */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include "base/op.h"

#include <stdint.h>

struct progress {
	const char *what;    /* "reading feed.csv" */
	int64_t total;       /* in the unit of done; 0 when nobody knows */
	int64_t began, last; /* ticks */
	bool wanted, shown;
};

/* Only on a terminal, after half a second, at most ten times a second. */
void progress_begin(struct op *op, struct progress *p, const char *what, int64_t total);
void progress_at(struct progress *p, int64_t done, int64_t rows);

/* Wipe the line, so that what follows begins on a clean one. */
void progress_end(struct progress *p);

#endif
