/* What a manual page says of a program, read off the program's own tables. */
#ifndef BASE_MDOC_H
#define BASE_MDOC_H

#include "base/cli.h"

/*
 * Print a part of a page as mdoc(7): "commands" with their options, "examples",
 * the "options" of every command, or the keys of the "config"uration.
 */
enum err mdoc_print(struct op *op, const struct program *p, const char *part);

#endif
