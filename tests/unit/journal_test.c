/* Entries of the journal, byte by byte as its protocol has them. */
#include "base/journal.h"
#include "test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const struct journal_field fields[] = { { "MESSAGE", "two\nlines" },
	{ "SPAN_ID", NULL }, { "PRIORITY", "4" } };

static int socket_at(struct op *op, const char **path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	const char *tmp = getenv("TMPDIR");
	char *dir = op_printf(op, "%s/journal.XXXXXX", tmp ? tmp : "/tmp");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	CHECK(mkdtemp(dir) && fd >= 0);
	*path = op_printf(op, "%s/socket", dir);
	memcpy(at.sun_path, *path, strlen(*path));
	CHECK(bind(fd, (struct sockaddr *)&at, sizeof at) == 0);
	return fd;
}

static void take_down(struct op *op, const char *path, int fd)
{
	close(fd);
	unlink(path);
	rmdir(op_strndup(op, path, strlen(path) - strlen("/socket")));
	unsetenv("JOURNAL_STREAM");
}

/* What systemd says of the standard error that it gave us. */
static void stderr_is_the_journal(struct op *op, bool truly)
{
	struct stat st;

	CHECK(fstat(STDERR_FILENO, &st) == 0);
	setenv("JOURNAL_STREAM",
		op_printf(op, "%ju:%ju", (uintmax_t)st.st_dev,
			(uintmax_t)st.st_ino + !truly),
		1);
}

TEST_NO_DB(an_entry_has_its_fields_and_lines_have_their_length)
{
	static const char entry[] = "MESSAGE\n\x09\0\0\0\0\0\0\0two\nlines\n"
				    "PRIORITY=4\n";
	char got[100];
	const char *path;
	int fd = socket_at(op, &path);

	stderr_is_the_journal(op, true);
	CHECK(journal_send(op, path, fields, 3));
	SAME((int64_t)(sizeof entry - 1), (int64_t)recv(fd, got, sizeof got, 0));
	CHECK(memcmp(got, entry, sizeof entry - 1) == 0);
	take_down(op, path, fd);
}

TEST_NO_DB(nothing_is_sent_when_the_journal_does_not_read_us)
{
	const char *path;
	int fd = socket_at(op, &path);

	unsetenv("JOURNAL_STREAM");
	CHECK(!journal_send(op, path, fields, 3));
	stderr_is_the_journal(op, false);
	CHECK(!journal_send(op, path, fields, 3));
	setenv("JOURNAL_STREAM", "strange", 1);
	CHECK(!journal_send(op, path, fields, 3));
	stderr_is_the_journal(op, true);
	CHECK(!journal_send(op, "/nowhere/socket", fields, 3));
	take_down(op, path, fd);
}
