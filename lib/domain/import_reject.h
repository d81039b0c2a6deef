/* Inside import: the rows that were refused, for the person and for the next import. */
#ifndef DOMAIN_IMPORT_REJECT_H
#define DOMAIN_IMPORT_REJECT_H

#include "base/op.h"
#include "domain/import_source.h"

/*
 * Note the first refused rows of the run on standard error (run 0: of this session's
 * import of past orders); write all of them to path (unless NULL) as they were, with
 * what was wrong in further columns.
 */
enum err import_rejects_write(
	struct op *op, int64_t run, const struct import_source *s, const char *path);

#endif
