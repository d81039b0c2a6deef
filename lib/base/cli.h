/* The command line: nouns, verbs, options read off shapes, help, errors, exit status.
 */
#ifndef BASE_CLI_H
#define BASE_CLI_H

#include "base/field.h"
#include "base/op.h"

enum command_flag {
	CMD_NO_DB = 1,      /* needs no database */
	CMD_ANY_SCHEMA = 2, /* connects even when the schema is not ours */
	CMD_MUTATES = 4,    /* takes --dry-run; runs in one transaction then */
	CMD_CONFIRM = 8,    /* asks y/N, or needs --yes */
	CMD_REASON = 16,    /* needs --reason */
	CMD_SERVES = 32,    /* a daemon: handles its own signals */
};

struct command {
	const char *name;    /* the verb; "" when the noun itself is the command */
	const char *summary; /* "list orders, newest first" */
	const struct shape *args;
	enum err (*run)(struct op *op, const void *args);
	unsigned flags;       /* enum command_flag */
	const char *examples; /* two or more whole command lines, one a line */
	const char
		*detail; /* further paragraphs for --help and the man page, or NULL */
};

struct noun {
	const char *name, *summary;
	const struct command *commands; /* ends with a NULL name */
};

/* What a rule means to a person; rules.h gives the rows. */
struct rule {
	const char *name, *words, *hint;
};

/* How a program reaches its database; lib/db has the one there is. */
struct session {
	enum err (*open)(struct op *op);
	enum err (*open_any)(struct op *op); /* whatever its schema */
	enum err (*begin)(struct op *op);
	enum err (*end)(struct op *op, enum err e);
	void (*cancel)(struct db *db); /* from a signal handler */
	void (*close)(struct db *db);
};

struct program {
	const char *name; /* "shopctl" */
	const char *summary;
	const struct noun *nouns;                     /* ends with a NULL name */
	const struct session *session;                /* NULL: no database at all */
	const struct rule *(*rule)(const char *name); /* NULL when unknown */
};

/*
 * Run one command line and return the exit status: parse, load the
 * configuration, connect, run, print the result or the fault.  A program with
 * one nameless noun has only verbs (shop-worker run).
 */
int cli_main(const struct program *program, int argc, char **argv);

/* Print the fault of an op as `NAME: rule: text`, `  hint: ...` (or JSON). */
void cli_fault(struct op *op, const char *program, bool json, const struct rule *rule);

/* Did Ctrl-C or SIGTERM arrive?  For commands that work between database calls. */
bool cli_interrupted(void);

/* Ask y/N; --yes answers yes; no terminal or --no-input is E_UNCONFIRMED. */
enum err cli_confirm(struct op *op, const char *question);

#endif
