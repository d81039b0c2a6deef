/* Inside cli: what programs, nouns and commands say of themselves. */
#ifndef BASE_CLI_HELP_H
#define BASE_CLI_HELP_H

#include "base/cli.h"

enum err help_program(struct op *op, const struct program *p);
enum err help_noun(struct op *op, const struct program *p, const struct noun *n);
enum err help_command(struct op *op, const struct program *p, const struct noun *n,
	const struct command *c);

/* The first example of the first command: for a person who typed nothing. */
const char *help_example(struct op *op, const struct program *p);

#endif
