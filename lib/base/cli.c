/* The command line: find noun and verb, run, report, exit. */
#include "base/cli.h"

#include "base/cli_help.h"
#include "base/cli_line.h"
#include "base/config.h"
#include "base/mdoc.h"
#include "base/out.h"
#include "base/span.h"

#include <fcntl.h>
#include <locale.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct session *session;
static struct db *interruptible;
static volatile sig_atomic_t interrupted;

static void interrupt(int number)
{
	interrupted = number;
	if (interruptible)
		session->cancel(interruptible);
}

bool cli_interrupted(void)
{
	return interrupted != 0;
}

static enum err unknown_word(
	struct op *op, const char *kind, const char *typed, const char *choices)
{
	const char *near = nearest(op, typed, choices);

	fail(op, E_USAGE, "command_is_known", "there is no %s \"%s\"", kind, typed);
	return near ? fail_hint(op, "did you mean \"%s\"?", near)
		    : fail_hint(op, "one of: %s", choices);
}

static enum err find_verb(struct op *op, const struct program *p, const struct noun *n,
	const char *typed, const struct command **out)
{
	const struct command *c;
	const char *choices = "";

	for (c = n->commands; c->name; c++) {
		if (!*c->name || (typed && !strcmp(c->name, typed))) {
			*out = c;
			op->verb = op_printf(op, "%s%s%s%s%s", p->name,
				*n->name ? " " : "", n->name, *c->name ? " " : "",
				c->name);
			return OK;
		}
		choices =
			op_printf(op, "%s%s%s", choices, *choices ? "|" : "", c->name);
	}
	if (typed && *typed != '-')
		return unknown_word(
			op, op_printf(op, "%s command", n->name), typed, choices);
	fail(op, E_USAGE, "command_is_given", "%s needs one of: %s",
		*n->name ? n->name : p->name, choices);
	return fail_hint(op, "see: %s %s --help", p->name, n->name);
}

/* The verb as typed: two words where the noun has such a command, "rollup verify". */
static const char *typed_verb(
	struct op *op, const struct noun *n, int argc, char **argv, int *words)
{
	const struct command *c;
	const char *both = argc > 1 ? op_printf(op, "%s %s", argv[0], argv[1]) : "";

	for (c = n->commands; c->name; c++) {
		*words = 2;
		if (*c->name && !strcmp(c->name, both))
			return both;
	}
	*words = 1;
	return argc > 0 ? argv[0] : NULL;
}

static enum err find_noun(struct op *op, const struct program *p, const char *typed,
	const struct noun **out)
{
	const struct noun *n;
	const char *choices = "";

	for (n = p->nouns; n->name; n++) {
		if (!*n->name || !strcmp(n->name, typed)) {
			*out = n;
			return OK;
		}
		choices =
			op_printf(op, "%s%s%s", choices, *choices ? "|" : "", n->name);
	}
	return unknown_word(op, "command", typed, choices);
}

static void set_up(struct op *op, const struct globals *g)
{
	op->reason = g->reason;
	op->key = g->idempotency_key;
	op->timeout_ms = g->timeout * 1000;
	op->quiet = g->quiet;
	op->verbose = g->verbose;
	op->dry_run = g->dry_run;
	op->yes = g->yes;
	op->no_input = g->no_input;
	if (g->trace_id)
		op->trace = g->trace_id;
}

/* The person behind the shell: the one who called sudo, else the user. */
static const char *who(struct op *op)
{
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *user = getpwuid(getuid());

	if (sudo && *sudo)
		return op_strdup(op, sudo);
	return user ? op_strdup(op, user->pw_name)
		    : op_printf(op, "uid:%u", (unsigned)getuid());
}

static enum err configure(struct op *op, const struct globals *g)
{
	const char *file = g->config ? g->config : getenv("SHOP_CONFIG");
	struct config *config;

	TRY(config_load(op, file, &config));
	if (g->dsn)
		config->database.conninfo = g->dsn;
	if (!op->timeout_ms)
		op->timeout_ms = config->database.statement_timeout_ms;
	op->config = config;
	return OK;
}

/* One transaction around a dry run, so that it can be taken back whole. */
static enum err perform(struct op *op, const struct command *c, const void *args)
{
	enum err e;

	if (!op->dry_run || !op->db)
		return c->run(op, args);
	TRY(session->begin(op));
	e = c->run(op, args);
	e = session->end(op, e);
	if (e == OK)
		out_note(op, "dry run: nothing was changed");
	return e;
}

static enum err prepare(struct op *op, const struct command *c, const struct line *line)
{
	if (!(c->flags & CMD_MUTATES) && line->globals->dry_run) {
		fail(op, E_USAGE, "dry_run_means_something", "%s changes nothing",
			op->verb);
		return fail_hint(op, "leave --dry-run out");
	}
	if (c->flags & CMD_MUTATES)
		signal(SIGPIPE, SIG_IGN);
	op->actor = who(op);
	TRY(configure(op, line->globals));
	if (c->flags & CMD_NO_DB)
		return OK;
	TRY(c->flags & CMD_ANY_SCHEMA ? session->open_any(op) : session->open(op));
	interruptible = op->db;
	return OK;
}

static void catch (int number)
{
	struct sigaction action = { .sa_handler = interrupt, .sa_flags = SA_RESETHAND };

	sigaction(number, &action, NULL); /* a second Ctrl-C ends it at once */
}

/* "report.rollup.verify" */
static const char *schema_stem(
	struct op *op, const struct noun *n, const struct command *c)
{
	char *stem = op_printf(
		op, "%s%s%s", n->name, *c->name && *n->name ? "." : "", c->name);
	char *p;

	for (p = stem; *p; p++)
		*p = *p == ' ' ? '.' : *p;
	return stem;
}

static enum err open_result(struct op *op, const struct noun *n,
	const struct command *c, const struct globals *g)
{
	const struct out_options options = {
		.format = g->format,
		.columns = g->columns,
		.field = g->field,
		.file = g->output,
		.null = g->null,
		.no_header = g->no_header,
		.schema = schema_stem(op, n, c),
	};

	return out_open(op, &options);
}

static enum err run(
	struct op *op, const struct noun *n, const struct command *c, struct line *line)
{
	enum err e, written;
	struct span span;

	TRY(open_result(op, n, c, line->globals));
	TRY(prepare(op, c, line));
	if (c->flags & CMD_CONFIRM && !op->dry_run)
		TRY(cli_confirm(op, op_printf(op, "%s?", c->summary)));
	if (!(c->flags & CMD_SERVES)) {
		catch (SIGINT);
		catch (SIGTERM);
	}
	span_begin(op, &span, SPAN_INTERNAL, NULL);
	e = perform(op, c, line->args);
	span_end(op, &span, op->verb, e != OK ? op->fault.rule : NULL, NULL, 0);
	written = out_close(op);
	return e != OK ? e : written;
}

/* From the noun on: options of the command, operands, or its help. */
static enum err dispatch(struct op *op, const struct program *p, int argc, char **argv,
	struct line *line)
{
	const struct noun *n = NULL;
	const struct command *c = NULL;
	const char *verb;
	int skip, words;

	TRY(find_noun(op, p, argv[0], &n));
	skip = *n->name != 0;
	if (skip && argc > 1 &&
		(!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) &&
		*n->commands->name)
		return help_noun(op, p, n);
	verb = typed_verb(op, n, argc - skip, argv + skip, &words);
	TRY(find_verb(op, p, n, verb, &c));
	skip += *c->name ? words : 0;
	argc -= skip - 1;
	argv += skip - 1;
	line->args = c->args ? op_alloc(op, c->args->size) : NULL;
	if (c->args)
		TRY(shape_defaults(op, c->args, line->args));
	TRY(line_parse(op, c, argc, argv, line));
	set_up(op, line->globals);
	if (line->globals->help)
		return help_command(op, p, n, c);
	TRY(line_operands(op, c, argc - line->rest, argv + line->rest, line));
	TRY(line_complete(op, c, line));
	return run(op, n, c, line);
}

static enum err start(struct op *op, const struct program *p, int argc, char **argv,
	struct line *line)
{
	TRY(line_parse(op, NULL, argc, argv, line));
	set_up(op, line->globals);
	if (line->globals->version) {
		printf("%s %s (schema %d)\n", p->name, SHOP_VERSION, SHOP_SCHEMA);
		return OK;
	}
	if (line->globals->mdoc)
		return mdoc_print(op, p, line->globals->mdoc);
	if (line->globals->help)
		return help_program(op, p);
	if (line->rest >= argc && (*p->nouns->name || *p->nouns->commands->name)) {
		fail(op, E_USAGE, "command_is_given", "no command was given");
		return fail_hint(op, "see: %s --help; for example: %s", p->name,
			help_example(op, p));
	}
	return dispatch(op, p, argc - line->rest, argv + line->rest, line);
}

/* A closed descriptor 0 to 2 must not become the database's socket. */
static void hold_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static void use_utf8(void)
{
	const char *codeset = "";

	if (setlocale(LC_CTYPE, ""))
		codeset = setlocale(LC_CTYPE, NULL);
	if (!strstr(codeset, "UTF-8") && !strstr(codeset, "utf8"))
		setlocale(LC_CTYPE, "C.UTF-8");
}

/* The end of --help and --version is a result too: full disks are told. */
static enum err flush(struct op *op, enum err e)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return e;
	if (op->fault.code == OK)
		fail(op, E_OUTPUT, "result_is_written",
			"could not write the result: %m");
	return e == OK ? E_OUTPUT : e;
}

static void die_by(struct op *op, int number)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	if (op->fault.code != OK)
		fprintf(stderr, "interrupted: nothing was changed\n");
	sigaction(number, &action, NULL);
	raise(number);
}

int cli_main(const struct program *p, int argc, char **argv)
{
	struct op op;
	struct globals globals = { 0 };
	struct line line = { .globals = &globals };
	const struct rule *rule;
	const char *format;
	enum err e;

	hold_standard_files();
	use_utf8();
	session = p->session;
	op_open(&op, NULL, p->name);
	e = flush(&op, start(&op, p, argc, argv, &line));
	if (interrupted)
		die_by(&op, interrupted);
	format = globals.format ? globals.format : "";
	if (op.fault.code != OK && e != E_NO) {
		rule = p->rule ? p->rule(op.fault.rule) : NULL;
		cli_fault(&op, p->name, strstr(format, "json") != NULL, rule);
	}
	interruptible = NULL;
	if (session)
		session->close(op.db);
	op_close(&op);
	return err_exit(e);
}
