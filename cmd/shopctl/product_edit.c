/* shopctl product edit: a product as a document, in the operator's editor or from a
 * file. */
#include "shopctl/product_change.h"

#include "base/cli.h"
#include "base/file.h"
#include "base/out.h"
#include "base/yaml_json.h"
#include "domain/product_change.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DOCUMENT_MAX = 4 << 20 };

const struct shape product_edit_args = SHAPE(product_edit,
	FIELD(product_edit, product, "PRODUCT", "its handle, or a SKU of it",
		FIELD_OPERAND | FIELD_REQUIRED),
	FIELD(product_edit, file, "FILE",
		"take the document from there; - is standard input"),
	FIELD(product_edit, print, NULL, "only print the document"));

static enum err scratch(struct op *op, const char *text, const char **path)
{
	const char *dir = getenv("TMPDIR");
	char *name =
		op_printf(op, "%s/shopctl-XXXXXX.yaml", dir && *dir ? dir : "/tmp");
	int fd = mkstemps(name, 5);
	size_t n = strlen(text);
	bool whole;

	if (fd < 0)
		return fail(op, E_CREATE, "scratch_file_is_writable",
			"cannot create %s: %m", name);
	whole = write(fd, text, n) == (ssize_t)n;
	if (close(fd) || !whole)
		return fail(op, E_OUTPUT, "scratch_file_is_writable",
			"cannot write %s: %m", name);
	*path = name;
	return OK;
}

/* $VISUAL may have arguments of its own, so that a shell reads it, as for git and psql.
 */
static enum err run_editor(struct op *op, const char *path)
{
	const char *editor = getenv("VISUAL");
	int status = 0;
	pid_t child;

	if (!editor || !*editor)
		editor = getenv("EDITOR");
	if (!editor || !*editor)
		editor = "vi";
	child = fork();
	if (child == 0) {
		execl("/bin/sh", "sh", "-c", op_printf(op, "exec %s \"$1\"", editor),
			"sh", path, (char *)NULL);
		_exit(127);
	}
	while (child > 0 && waitpid(child, &status, 0) < 0)
		;
	if (child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return OK;
	fail(op, E_REFUSED, "editor_ends_well", "%s ended with status %d", editor,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return fail_hint(op, "nothing was changed; set EDITOR to an editor");
}

static enum err put(struct op *op, const char *name, const char *text)
{
	struct product_after after = { 0 };
	const char *json;

	TRY(yaml_to_json(op, name, text, &json));
	TRY(product_put(op, json, &after));
	return out_one(op, &product_after_shape, &after);
}

static enum err edit(struct op *op, const char *product, const char *before)
{
	const char *path = NULL, *after = NULL;
	enum err e;

	TRY(scratch(op, before, &path));
	e = run_editor(op, path);
	if (e == OK)
		e = file_read_text(op, path, DOCUMENT_MAX, &after);
	if (e == OK && strcmp(before, after) == 0)
		out_note(op, "nothing was changed");
	else if (e == OK)
		e = put(op, path, after);
	if (e == OK)
		unlink(path);
	else
		out_note(op,
			"your text is in %s; again: shopctl product edit %s --file %s",
			path, product, path);
	return e;
}

enum err product_edit_run(struct op *op, const void *args)
{
	const struct product_edit *a = args;
	const char *json, *text;

	if (a->file) {
		TRY(file_read_text(op, a->file, DOCUMENT_MAX, &text));
		return put(op, a->file, text);
	}
	TRY(product_document(op, a->product, &json));
	TRY(yaml_of_json(op, json, &text));
	return a->print ? out_text(op, "%s", text) : edit(op, a->product, text);
}
