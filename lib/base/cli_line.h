/* Inside cli: one command line. */
#ifndef BASE_CLI_LINE_H
#define BASE_CLI_LINE_H

#include "base/cli.h"

/* What every command takes. */
struct globals {
	const char *config, *dsn, *format, *columns, *field, *output, *null, *reason;
	const char *idempotency_key, *trace_id;
	int64_t timeout;
	bool no_header, dry_run, yes, no_input, quiet, verbose, help, version;
	const char *mdoc;
};
extern const struct shape globals_shape;

struct line {
	struct globals *globals;
	void *args; /* of the command's shape */
	int rest;   /* index of the first operand */
};

/* Read the options up to the noun (c NULL) or of a whole command. */
enum err line_parse(struct op *op, const struct command *c, int argc, char **argv,
	struct line *line);

/* Put the operands where the command's shape wants them. */
enum err line_operands(struct op *op, const struct command *c, int argc, char **argv,
	struct line *line);

/* E_USAGE when something that is required is missing. */
enum err line_complete(struct op *op, const struct command *c, const struct line *line);

#endif
