/* A provider's exported balance as rows of the mirror. */
#ifndef DOMAIN_BALANCE_FILE_H
#define DOMAIN_BALANCE_FILE_H

#include "base/op.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Read the CSV (path, or "-") into a reconciliation: Stripe's itemised balance report,
 * or the Dashboard's balance history.  E_DATA (balance_file_has_columns,
 * balance_row_is_readable) names the line; nothing of a bad row is guessed.
 */
enum err balance_file_read(struct op *op, const char *path, int64_t run, size_t *rows);

#endif
