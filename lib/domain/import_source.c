/* A file to import: found, kept, digested; its rows brought to the stage. */
#include "domain/import_source.h"

#include "base/cli.h"
#include "base/failpoint.h"
#include "base/progress.h"
#include "base/sha.h"
#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { BATCH = 64 << 10, ROWS_A_SCRATCH = 128 };

static void close_fd(void *fd)
{
	close((int)(intptr_t)fd);
}

static enum err unreadable(struct op *op, const char *name)
{
	fail(op, E_NO_INPUT, "file_is_readable", "%s: %s", name, strerror(errno));
	return fail_hint(op, "give the path of a CSV file, or - for standard input");
}

enum err import_interrupted(struct op *op)
{
	if (!cli_interrupted())
		return OK;
	return fail(op, E_BUSY, "import_is_whole", "interrupted");
}

/* A file without a name, gone with the op. */
static enum err temporary(struct op *op, int *fd)
{
	const char *dir = getenv("TMPDIR");

	*fd = open(dir && *dir ? dir : "/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (*fd < 0)
		return fail(
			op, E_CREATE, "output_can_be_created", "a temporary file: %m");
	op_defer(op, close_fd, (void *)(intptr_t)*fd);
	return OK;
}

static enum err keep(struct op *op, int fd, const char *block, size_t n)
{
	if (write(fd, block, n) == (ssize_t)n)
		return import_interrupted(op);
	return fail(op, E_CREATE, "output_can_be_created", "a temporary file: %m");
}

/* What comes through a pipe is kept in a file without a name. */
static enum err spool(struct op *op, int from, int *fd)
{
	char block[1 << 14];
	ssize_t n;

	TRY(temporary(op, fd));
	while ((n = read(from, block, sizeof block)) != 0) {
		TRY(import_interrupted(op));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return unreadable(op, "standard input");
		TRY(keep(op, *fd, block, (size_t)n));
	}
	return OK;
}

static bool is_gzip(int fd)
{
	unsigned char magic[2];

	return pread(fd, magic, 2, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

static void close_gzip(void *gz)
{
	gzclose_r(gz);
}

static enum err gunzip(struct op *op, const char *name, int *fd)
{
	char block[1 << 14];
	gzFile gz;
	int n, to, copy;

	lseek(*fd, 0, SEEK_SET);
	copy = dup(*fd);
	gz = copy < 0 ? NULL : gzdopen(copy, "rbe");
	if (!gz)
		return fail(op, E_BROKEN, "memory_is_enough", "%s: %m", name);
	op_defer(op, close_gzip, gz);
	TRY(temporary(op, &to));
	while ((n = gzread(gz, block, sizeof block)) > 0)
		TRY(keep(op, to, block, (size_t)n));
	if (n < 0 || gzerror(gz, &n)[0] || n == Z_BUF_ERROR) {
		fail(op, E_DATA, "gzip_is_whole",
			"%s: the compressed data is damaged or ends too early", name);
		return fail_hint(op, "gzip -t says so too: fetch the file again");
	}
	*fd = to;
	return OK;
}

static const char *hex(struct op *op, const unsigned char digest[SHA256_BYTES])
{
	char *s = op_alloc(op, 2 * SHA256_BYTES + 1);
	size_t i;

	for (i = 0; i < SHA256_BYTES; i++)
		snprintf(s + 2 * i, 3, "%02x", digest[i]);
	return s;
}

const char *import_digest(struct op *op, const char *a, const char *b)
{
	const char *both = op_printf(op, "%s\n%s", a, b);
	unsigned char digest[SHA256_BYTES];

	sha256(both, strlen(both), digest);
	return hex(op, digest);
}

static const char *place_of(struct op *op, const char *file)
{
	char *path = realpath(file, NULL), *kept = path ? op_strdup(op, path) : NULL;

	free(path);
	return kept;
}

enum err import_source_open(struct op *op, const char *file, struct import_source *s)
{
	unsigned char digest[SHA256_BYTES];
	struct stat st;

	s->name = strcmp(file, "-") ? file : "standard input";
	s->fd = strcmp(file, "-") ? open(file, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	if (s->fd < 0)
		return unreadable(op, s->name);
	if (s->fd != STDIN_FILENO)
		op_defer(op, close_fd, (void *)(intptr_t)s->fd);
	if (fstat(s->fd, &st) != 0 || S_ISDIR(st.st_mode)) {
		errno = errno ? errno : EISDIR;
		return unreadable(op, s->name);
	}
	if (!S_ISREG(st.st_mode))
		TRY(spool(op, s->fd, &s->fd));
	else if (s->fd != STDIN_FILENO)
		s->path = place_of(op, file);
	if (is_gzip(s->fd))
		TRY(gunzip(op, s->name, &s->fd));
	if (lseek(s->fd, 0, SEEK_SET) < 0 || !sha256_file(s->fd, digest) ||
		lseek(s->fd, 0, SEEK_SET) < 0 || fstat(s->fd, &st) != 0)
		return unreadable(op, s->name);
	s->size = st.st_size;
	s->digest = hex(op, digest);
	return OK;
}

/* COPY's text format: tab, newline, carriage return and backslash are escaped. */
void import_put(struct op *op, struct text *out, const char *s)
{
	if (!s) {
		text_add_n(op, out, "\\N", 2);
		return;
	}
	while (*s) {
		size_t n = strcspn(s, "\t\n\r\\");

		text_add_n(op, out, s, n);
		s += n;
		if (!*s)
			break;
		text_add_char(op, out, '\\');
		text_add_char(op, out,
			*s == '\t'   ? 't'
			: *s == '\n' ? 'n'
			: *s == '\r' ? 'r'
				     : '\\');
		s++;
	}
}

static bool is_blank(const struct csv_row *row)
{
	size_t i;

	for (i = 0; i < row->n; i++)
		if (row->cells[i].n)
			return false;
	return true;
}

/* Rows to the stage, in memory that does not grow with the file. */
static enum err stage_rows(struct op *op, struct csv_reader *reader,
	const struct import_stage *stage, struct progress *progress)
{
	struct text batch = { 0 };
	struct csv_row row;
	struct op scratch;
	int64_t n;
	enum err e;

	op_open(&scratch, op->config, op->verb);
	for (n = 1; (e = csv_next(op, reader, &row)) == OK && row.n; n++) {
		if (!is_blank(&row))
			stage->row(&scratch, stage->state, &row, &batch);
		if (batch.n >= BATCH) {
			e = db_copy_put(op, batch.s, batch.n);
			text_clear(&batch);
			progress_at(progress, csv_offset(reader), n);
			if (e == OK)
				e = import_interrupted(op);
		}
		if (e != OK)
			break;
		if (n % ROWS_A_SCRATCH == 0) {
			op_close(&scratch);
			op_open(&scratch, op->config, op->verb);
		}
	}
	op_close(&scratch);
	if (e == OK && batch.n)
		e = db_copy_put(op, batch.s, batch.n);
	return e;
}

static enum err all_sent(struct op *op)
{
	FAILPOINT(op, "import.staging");
	return OK;
}

enum err import_stage_fill(struct op *op, const struct import_source *s,
	struct csv_reader *reader, const struct import_stage *stage)
{
	struct progress progress;
	enum err e;

	progress_begin(op, &progress, op_printf(op, "reading %s", s->name), s->size);
	TRY(db_copy_begin(op, stage->table, stage->columns));
	e = stage_rows(op, reader, stage, &progress);
	if (e == OK)
		e = all_sent(op);
	e = db_copy_end(op, e);
	progress_end(&progress);
	return e;
}
