/* Secrets come from files only, and only from files that nobody else can read. */
#include "base/config.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LONGEST = 65536 };

static enum err missing(struct op *op, const char *path, const char *name)
{
	fail(op, E_CONFIG, "secret_is_there", "%s: %m", path);
	return fail_hint(op,
		"write the secret to a file of mode 0400 and name it in the "
		"configuration, "
		"or pass it as the credential \"%s\"",
		name);
}

static enum err read_from(struct op *op, int fd, const char *path, const char **out)
{
	char *text = op_alloc(op, LONGEST + 1);
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return fail(op, E_CONFIG, "secret_is_a_file", "%s is not a file", path);
	if (st.st_mode & 077) {
		fail(op, E_CONFIG, "secret_is_private",
			"%s can be read by others (mode %04o)", path,
			(unsigned)st.st_mode & 07777);
		return fail_hint(op, "chmod 0400 %s", path);
	}
	n = read(fd, text, LONGEST);
	if (n < 0)
		return fail(op, E_CONFIG, "secret_is_there", "%s: %m", path);
	if (n && text[n - 1] == '\n')
		text[n - 1] = 0;
	if (!*text)
		return fail(op, E_CONFIG, "secret_is_not_empty", "%s is empty", path);
	*out = text;
	return OK;
}

enum err secret_read(
	struct op *op, const char *path, const char *name, const char **out)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	enum err e;
	int fd;

	if (!path || !*path)
		path = op_printf(
			op, "%s/%s", directory ? directory : "/run/credentials", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return missing(op, path, name);
	e = read_from(op, fd, path, out);
	close(fd);
	return e;
}
