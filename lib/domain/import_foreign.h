/* Inside import: files that are not what they are imported as. */
#ifndef DOMAIN_IMPORT_FOREIGN_H
#define DOMAIN_IMPORT_FOREIGN_H

#include "domain/import_dialect.h"

/*
 * E_DATA when another kind knows more of the header than the dialect that was found
 * for this one, or when it is a file that nobody reads.  The map has plain names.
 */
enum err import_foreign(struct op *op, const struct import_kind *kind,
	const struct import_map *map, const struct csv_row *header);

#endif
