/* Files, whole: read ("-" is standard input), or replaced. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/op.h"
#include "base/text.h"

/* At most `most` bytes of it, any bytes; E_NO_INPUT or E_DATA (input_is_bounded). */
enum err file_read(struct op *op, const char *path, size_t most, struct text *out);

/* The same of text; E_DATA (input_is_text) unless it is UTF-8 without a NUL. */
enum err file_read_text(struct op *op, const char *path, size_t most, const char **out);

/*
 * Put text in place of the file, by rename: who reads it sees the old one or the new
 * one, whole; anybody may read it.  E_CREATE or E_OUTPUT with the rule that is named.
 */
enum err file_replace(
	struct op *op, const char *path, const char *text, const char *rule);

#endif
