/* What became of imports, and taking one back. */
#ifndef DOMAIN_IMPORT_RUN_H
#define DOMAIN_IMPORT_RUN_H

#include "base/field.h"
#include "base/op.h"

/* The latest runs, newest first. */
struct import_run {
	int64_t id;
	const char *kind;
	struct stamp started_at, finished_at;
	const char *actor, *source, *dialect, *state;
	int64_t rows, created, updated, unchanged, archived, rejected;
};
extern const struct shape import_run_shape;
enum err import_runs(struct op *op, int64_t limit, struct rows *out);

struct import_page {
	int64_t id;
	const char *kind, *dialect, *source, *state, *actor;
	struct stamp started_at, staged_at, finished_at, undone_at;
	const char *currency, *warehouse;
	struct json_text options;
	struct texts header;
	int64_t rows, products, created, updated, unchanged, archived, rejected;
	const char *next; /* what can be done about it */
};
extern const struct shape import_page_shape;
enum err import_show(struct op *op, int64_t run, struct import_page *out);

/* Some of what a run changed: the first of each kind of change. */
struct import_change {
	const char *action, *noun, *name, *change;
};
extern const struct shape import_change_shape;
enum err import_changes(struct op *op, int64_t run, int64_t most, struct rows *out);

/* The first ten of them on standard error. */
enum err import_note_changes(struct op *op, int64_t run);

struct import_undone {
	int64_t id;
	const char *state;
	int64_t deleted, restored;
};
extern const struct shape import_undone_shape;

/* All of it, or E_REFUSED: what stands in the way is noted on standard error. */
enum err import_undo(struct op *op, int64_t run, struct import_undone *out);

#endif
