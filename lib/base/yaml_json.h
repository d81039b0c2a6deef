/* Documents that a person edits: JSON as YAML, and back. */
#ifndef BASE_YAML_JSON_H
#define BASE_YAML_JSON_H

#include "base/op.h"

/* The JSON document as YAML in block style, in its order. */
enum err yaml_of_json(struct op *op, const char *json, const char **out);

/*
 * The first document of a YAML text as JSON.  Plain true, false, null and whole numbers
 * are what they look like, everything else is a string.  No anchors, no tags, no key
 * twice; E_DATA names file, line and column.
 */
enum err yaml_to_json(
	struct op *op, const char *name, const char *text, const char **out);

#endif
