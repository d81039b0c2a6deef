/* shopctl import: what a file is, what was imported, going on and taking back. */
#include "base/cli.h"
#include "base/out.h"
#include "domain/import.h"
#include "domain/import_check.h"
#include "domain/import_kind.h"
#include "domain/import_reject.h"
#include "domain/import_run.h"

#include <inttypes.h>

static const struct shape check_args = SHAPE(import_check,
	FIELD(import_check, file, "FILE", "a CSV file, or - for standard input",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(import_check, kind, "KIND",
		"what it is about (default: what knows most of its columns)"),
	FIELD(import_check, map, "FILE", "what the file calls its columns"));

static enum err check(struct op *op, const void *args)
{
	struct import_checked c = { 0 };
	enum err e = import_check(op, args, &c);

	if (e == E_NO) {
		out_note(op, "%s", op->fault.text);
		out_note(op, "  hint: %s", op->fault.hint);
	}
	if (e != OK)
		return e;
	out_note(op, "%s, %s columns, %" PRId64 " rows", c.kind, c.dialect, c.rows);
	return out_rows(op, &import_column_check_shape, c.columns);
}

struct runs {
	int64_t limit;
};

static const struct shape runs_args = SHAPE(
	runs, FIELD(runs, limit, "N", "at most N, newest first", .initial = "20"));

static enum err runs(struct op *op, const void *args)
{
	const struct runs *a = args;
	struct rows all;

	TRY(import_runs(op, a->limit, &all));
	return out_rows(op, &import_run_shape, all);
}

struct one {
	int64_t run;
};

static const struct shape one_args = SHAPE(one,
	FIELD(one, run, "ID", "of the run", FIELD_OPERAND | FIELD_REQUIRED | FIELD_ID));

static enum err show(struct op *op, const void *args)
{
	const struct one *a = args;
	struct import_page page = { 0 };
	struct rows changes;

	TRY(import_show(op, a->run, &page));
	TRY(out_one(op, &import_page_shape, &page));
	if (!out_is_table(op))
		return OK;
	TRY(import_changes(op, a->run, 20, &changes));
	if (!changes.n)
		return OK;
	TRY(out_text(op, "\n"));
	return out_rows(op, &import_change_shape, changes);
}

static enum err rejects(struct op *op, const void *args)
{
	const struct one *a = args;
	struct import_page page = { 0 };

	TRY(import_show(op, a->run, &page));
	return import_rejects_print(op, a->run, page.header);
}

static const struct shape resume_args = SHAPE(import_resume,
	FIELD(import_resume, run, "ID", "of the run",
		FIELD_OPERAND | FIELD_REQUIRED | FIELD_ID),
	FIELD(import_resume, file, "FILE", "where its file is now", FIELD_OPERAND),
	FIELD(import_resume, rejects, "FILE",
		"write refused rows there, with what is wrong"));

static enum err resume(struct op *op, const void *args)
{
	struct import_result result = { 0 };
	const struct import_kind *kind;
	enum err e = import_resume(op, args, &kind, &result);

	if (result.state)
		TRY(out_one(op, kind->result, &result));
	return e;
}

static enum err undo(struct op *op, const void *args)
{
	const struct one *a = args;
	struct import_undone undone = { 0 };

	TRY(import_undo(op, a->run, &undone));
	return out_one(op, &import_undone_shape, &undone);
}

struct template
{
	const char *kind;
};

static const struct shape template_args =
	SHAPE(template, FIELD(template, kind, "KIND", "what the file is about",
				FIELD_OPERAND | FIELD_REQUIRED));

static enum err template(struct op *op, const void *args) {
	const struct template *a = args; const char * line;

	TRY(import_template(op, a->kind, &line));
	return out_text(op, "%s\n", line);
}

const struct command import_commands[] = {
	{ "check", "what a file is and how each of its columns is read", &check_args,
		check, CMD_NO_DB,
		"shopctl import check products_export.csv\n"
		"shopctl import check feed.csv --kind product --map feed.yaml\n"
		"zcat feed.csv.gz | shopctl import check -",
		"The kind and the dialect are recognised by the header; columns "
		"without a field "
		"are not read, and the note says why. The file is read to its end: "
		"what is no "
		"CSV is named with line and column. Rows are checked by an import "
		"with "
		"--dry-run.\n"
		"Exit status 1: no kind of import knows the header." },
	{ "runs", "the latest imports with their counts", &runs_args, runs, 0,
		"shopctl import runs\n"
		"shopctl import runs --limit 1 --format json" },
	{ "show", "one import: its options, counts and some of what it changed",
		&one_args, show, 0,
		"shopctl import show 88\n"
		"shopctl import show 88 --format json" },
	{ "rejects", "the refused rows of an import as CSV, with what is wrong",
		&one_args, rejects, 0,
		"shopctl import rejects 88 >fix.csv\n"
		"shopctl import rejects 88 | cut -d, -f1-4",
		"The rows are as they were in the file, and five columns say what is "
		"wrong with "
		"each. Once corrected, the file is imported as it is: those columns "
		"are not "
		"read." },
	{ "resume", "go on with an import that was interrupted", &resume_args, resume,
		CMD_MUTATES,
		"shopctl import resume 88\n"
		"shopctl import resume 88 /srv/feeds/products.csv --rejects "
		"rejected.csv",
		"Rows that were read are with the database and not read again. When "
		"reading had "
		"not come to its end, or the server lost the rows in a crash, the "
		"same file is "
		"read once more, from where it was or from FILE. Options are those "
		"that the "
		"import was begun with." },
	{ "undo", "take an import back, all of it or nothing", &one_args, undo,
		CMD_MUTATES,
		"shopctl import undo 88 --dry-run\n"
		"shopctl import undo 88",
		"What the import made is deleted, what it changed is as it was: "
		"prices from now "
		"on, quantities by a movement of stock. Refused, with each row "
		"named, when "
		"something was changed since by somebody else, sold, reserved or put "
		"into a cart. Brands and categories that it made stay." },
	{ "template", "the first line of a file of that kind", &template_args, template,
		CMD_NO_DB,
		"shopctl import template product >products.csv\n"
		"shopctl import template product | tr , '\\n'" },
	{ 0 },
};
