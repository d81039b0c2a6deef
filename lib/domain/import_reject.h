/* Inside import: the rows that were refused, for the person and for the next import. */
#ifndef DOMAIN_IMPORT_REJECT_H
#define DOMAIN_IMPORT_REJECT_H

#include "base/op.h"
#include "domain/import_source.h"

/*
 * Note the first refused rows of the run on standard error (run 0: of this session's
 * import of past orders); write all of them to path (unless NULL) as they were, with
 * what was wrong in further columns; and keep them with the run.  s->fd is below 0
 * when the file is not there any more.
 */
enum err import_rejects_write(
	struct op *op, int64_t run, const struct import_source *s, const char *path);

/* The refused rows of a run on standard output, as CSV with the run's header. */
enum err import_rejects_print(struct op *op, int64_t run, struct texts header);

#endif
