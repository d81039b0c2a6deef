/* Inside import: what a file calls its columns, as a person has said it. */
#ifndef DOMAIN_IMPORT_NAMES_H
#define DOMAIN_IMPORT_NAMES_H

#include "base/csv.h"
#include "base/op.h"
#include "domain/import_dialect.h"

struct import_names {
	struct texts headers, fields; /* a field of "-" is left out */
	const char *file;             /* that says so */
};

/* Read `columns: {HEADER: FIELD}` of a YAML file; no file is no names. */
enum err import_names_read(struct op *op, const char *file, struct import_names *out);

/* As a JSON object, to be kept with a run; and back. */
const char *import_names_json(struct op *op, const struct import_names *names);
enum err import_names_parse(struct op *op, const char *json, struct import_names *out);

/*
 * Recognise the header by these names and the kind's own.  E_DATA when the header
 * has not what the names name, E_USAGE when they name a field that there is not.
 */
enum err import_names_recognise(struct op *op, const struct import_names *names,
	const struct import_kind *kind, const struct csv_row *header,
	struct import_map *out);

#endif
