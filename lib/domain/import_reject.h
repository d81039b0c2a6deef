/* Inside import: the rows that were refused, for the person and for the next import. */
#ifndef DOMAIN_IMPORT_REJECT_H
#define DOMAIN_IMPORT_REJECT_H

#include "base/op.h"

/*
 * Note the first refused rows on standard error; write all of them to path
 * (unless NULL) as they were, with what was wrong in further columns.  fd is the
 * file that was imported, name what it is called.
 */
enum err import_rejects_write(
	struct op *op, int fd, const char *name, const char *path);

#endif
