/* The synopsis, options and examples of a manual page, read off a program's own tables.
 */
#ifndef BASE_MDOC_H
#define BASE_MDOC_H

#include "base/cli.h"

/*
 * The commands of a program as mdoc(7), or of one noun when it is named: one
 * tagged item a command, with its options and defaults.  In the op's memory.
 */
const char *mdoc_commands(struct op *op, const struct program *p, const char *noun);

/* The examples of the same commands, as literal displays. */
const char *mdoc_examples(struct op *op, const struct program *p, const char *noun);

/* Options of one shape: what every command takes. */
const char *mdoc_options(struct op *op, const struct shape *options);

/* The sections and keys of the configuration file, with their defaults. */
const char *mdoc_config(struct op *op);

#endif
