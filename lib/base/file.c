/* Files, whole. */
#include "base/file.h"

#include "base/utf8.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err read_stream(
	struct op *op, FILE *file, const char *path, size_t most, struct text *out)
{
	char part[16384];
	size_t n;

	while (out->n <= most && (n = fread(part, 1, sizeof part, file)) > 0)
		text_add_n(op, out, part, n);
	if (ferror(file))
		return fail(op, E_NO_INPUT, "input_can_be_read", "%s: %m", path);
	if (out->n > most)
		return fail(op, E_DATA, "input_is_bounded",
			"%s is longer than %zu bytes", path, most);
	if (!out->s)
		text_add(op, out, "");
	return OK;
}

enum err file_read(struct op *op, const char *path, size_t most, struct text *out)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdin : fopen(path, "re");
	enum err e;

	*out = (struct text){ 0 };
	if (!file)
		return fail(op, E_NO_INPUT, "input_can_be_read", "%s: %m", path);
	e = read_stream(op, file, path, most, out);
	if (!standard)
		fclose(file);
	return e;
}

enum err file_read_text(struct op *op, const char *path, size_t most, const char **out)
{
	struct text t;

	TRY(file_read(op, path, most, &t));
	if (strlen(t.s) != t.n || utf8_check(t.s, t.n) != t.n)
		return fail(op, E_DATA, "input_is_text", "%s is not UTF-8 text", path);
	*out = t.s;
	return OK;
}

enum err file_replace(
	struct op *op, const char *path, const char *text, const char *rule)
{
	const char *new = op_printf(op, "%s.%d", path, getpid());
	FILE *file = fopen(new, "we");
	bool bad;

	if (!file)
		return fail(op, E_CREATE, rule, "cannot create %s: %s", new,
			strerror(errno));
	bad = fputs(text, file) < 0 || fchmod(fileno(file), 0644);
	bad |= fclose(file) != 0;
	if (bad || rename(new, path)) {
		fail(op, E_OUTPUT, rule, "cannot write %s: %s", path, strerror(errno));
		unlink(new);
		return E_OUTPUT;
	}
	return OK;
}
