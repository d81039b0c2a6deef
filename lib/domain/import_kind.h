/*
 * The kinds of imports: what the rows of a file are about, how a row is staged, and
 * which functions of the database check and write what was staged.
 *
 * To add a kind, "price" for example:
 *
 *  1. lib/domain/import_price.c: its targets, its columns (a struct import_column each,
 *     with functions of import_cell.h that parse them), its dialects and the
 *     `const struct import_kind import_price`.  A row of the file that is a row of
 *     the stage needs no code: import_flat_row stages the cells in the order of the
 *     targets and refuses a row that lacks a needed one.
 *  2. A line in import_kinds.h, and a line in each of the four functions of
 *     sql/api/import_kind.sql: the columns of the stage, who may, import_price_check()
 *     and import_price_write(), which live in sql/api/import_price.sql.
 *  3. cmd/shopctl/price.c: a command with the shape import_args whose function is
 *     import_command(op, "price", args), from shopctl/import_file.h.
 *
 * To add a dialect to a kind: a table of columns and a line in the kind's list of
 * dialects.  The dialect that knows most of a header's columns is taken.
 *
 * The run, its stage that outlives a killed process, repetition, rejects, --partial,
 * --dry-run, resume, undo and progress are the framework's.
 */
#ifndef DOMAIN_IMPORT_KIND_H
#define DOMAIN_IMPORT_KIND_H

#include "base/field.h"
#include "domain/import_dialect.h"

/* What a row is read with, and what is known from the rows before. */
struct import_state {
	const struct import_kind *kind;
	const struct import_map *map;
	const char *currency; /* when no column says it */
	struct op *op;        /* what the batch of rows lives in */
	struct text handle;   /* of the row before */
	int64_t head_line; /* the row that carries the product of this handle; 0: none
			    */
	/* What the file holds and the shop has no place for. */
	struct import_ignored {
		const char *what;
		int64_t n, line, last; /* how many rows; the first and the last */
	} ignored[16];
};

/*
 * Append the row to out in COPY's text format, as one row of the stage or several;
 * what is wrong with it goes with it.  ctx is a struct import_state.
 */
typedef void import_row_fn(
	struct op *scratch, void *ctx, const struct csv_row *row, struct text *out);

struct import_kind {
	const char *noun;    /* "product", as in --kind product */
	const char *columns; /* of the stage, in the order that row fills them */
	const struct import_dialect *const *dialects; /* NULL ends them */
	import_row_fn *row;
	bool (*knows)(const struct import_map *map); /* the header has what it must */
	const char *lacks; /* "neither a handle nor a SKU": what one that is not
			      known has not */
	int staged;        /* targets below it are columns of a flat stage */
	int nothing;       /* the target of columns that are known and not read */
	const struct shape *result;
};

#define KIND(noun) extern const struct import_kind import_##noun;
#include "domain/import_kinds.h"
#undef KIND

/* All of them, ending with NULL; the one of that noun, or NULL. */
extern const struct import_kind *const import_kinds[];
const struct import_kind *import_kind_named(const char *noun);

/* What is wrong with a row: column, rule, text and hint of each. */
struct import_problems {
	const char *v[64];
	size_t n;
};

/* The fault of the op is one of them. */
void import_problem(struct op *op, struct import_problems *p, const char *column);

/* Note on standard error what of the file was ignored. */
void import_note_ignored(struct op *op, const struct import_state *state);

/* For flat kinds: a cell of the file is a cell of the stage. */
import_row_fn import_flat_row;

/* For flat kinds: every column that is needed is there. */
bool import_flat_knows(const struct import_map *map);

/* What --rejects adds to a row, for the columns of each dialect. */
#define IMPORT_REJECT_COLUMNS(nothing)                                                 \
	{ "line", nothing }, { "column", nothing }, { "rule", nothing },               \
		{ "problem", nothing },                                                \
	{                                                                              \
		"hint", nothing                                                        \
	}

#endif
