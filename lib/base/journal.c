/* Entries of the journal, one datagram each. */
#include "base/journal.h"

#include "base/text.h"

#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Somebody may have redirected standard error since systemd set the variable. */
static bool leads_to_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;

	return stream && sscanf(stream, "%ju:%ju", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}

/* NAME=value, or with its length when the value has lines of its own. */
static void add(struct op *op, struct text *t, const struct journal_field *f)
{
	uint64_t n = htole64(strlen(f->value));

	text_add(op, t, f->name);
	if (strchr(f->value, '\n')) {
		text_add_char(op, t, '\n');
		text_add_n(op, t, (const char *)&n, sizeof n);
	} else {
		text_add_char(op, t, '=');
	}
	text_add(op, t, f->value);
	text_add_char(op, t, '\n');
}

bool journal_send(
	struct op *op, const char *path, const struct journal_field *fields, size_t n)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct text entry = { 0 };
	ssize_t sent;
	int fd;

	if (!leads_to_journal() || strlen(path) >= sizeof to.sun_path)
		return false;
	memcpy(to.sun_path, path, strlen(path));
	for (size_t i = 0; i < n; i++)
		if (fields[i].value)
			add(op, &entry, &fields[i]);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	sent = sendto(
		fd, entry.s, entry.n, MSG_NOSIGNAL, (struct sockaddr *)&to, sizeof to);
	close(fd);
	return sent == (ssize_t)entry.n;
}
