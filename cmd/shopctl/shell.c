/* shopctl shell: the same commands, with history and completion, one process each. */
#include "base/cli.h"
#include "base/out.h"
#include "shopctl/shopctl.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

enum { WORDS_MAX = 256, HISTORY_MAX = 2000 };

/*
 * Split a line as a shell does, without its expansions: blanks separate, ''
 * and "" and \ quote.  NULL when a quote is not closed.
 */
static char **split(struct op *op, const char *line, int *argc)
{
	char **argv = op_alloc(op, (WORDS_MAX + 2) * sizeof *argv);
	char *to = op_alloc(op, strlen(line) + 2), quote = 0;
	bool inside = false;

	argv[0] = op_strdup(op, shopctl.name);
	*argc = 0;
	for (; *line && *argc < WORDS_MAX; line++) {
		if (!quote && strchr(" \t\n", *line)) {
			if (inside)
				*to++ = 0;
			inside = false;
			continue;
		}
		if (!inside)
			argv[++*argc] = to;
		inside = true;
		if (quote ? *line == quote : *line == '\'' || *line == '"')
			quote = quote ? 0 : *line;
		else if (*line == '\\' && quote != '\'' && line[1])
			*to++ = *++line;
		else
			*to++ = *line;
	}
	++*argc;
	return quote ? NULL : argv;
}

/* A process of its own: what goes wrong in one command cannot reach the next. */
static int run(int argc, char **argv)
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		signal(SIGINT, SIG_DFL);
		exit(cli_main(&shopctl, argc, argv));
	}
	if (child < 0)
		return err_exit(E_BUSY);
	while (waitpid(child, &status, 0) < 0)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static const struct noun *noun_of(const char *name, size_t n)
{
	const struct noun *noun;

	for (noun = shopctl.nouns; noun->name; noun++)
		if (strlen(noun->name) == n && !strncmp(noun->name, name, n))
			return noun;
	return NULL;
}

/* The nth noun that begins with text; then the verbs of the noun on the line. */
static char *complete(const char *text, int state)
{
	static int next;
	size_t begin = strspn(rl_line_buffer, " "), length = strlen(text);
	size_t n = strcspn(rl_line_buffer + begin, " ");
	const struct noun *noun = noun_of(rl_line_buffer + begin, n);
	bool verb = (size_t)rl_point > begin + n;

	for (next = state ? next : 0;; next++) {
		const char *word = verb ? (noun ? noun->commands[next].name : NULL)
					: shopctl.nouns[next].name;

		if (!word)
			return NULL;
		if (*word && !strncmp(word, text, length)) {
			next++;
			return strdup(word);
		}
	}
}

static char **attempt(const char *text, int start, int end)
{
	size_t begin = strspn(rl_line_buffer, " "), words = 0;
	int i;

	(void)end;
	for (i = (int)begin; i < start; i++)
		words += rl_line_buffer[i] == ' ' && rl_line_buffer[i - 1] != ' ';
	rl_attempted_completion_over =
		words < 2; /* from the third word on: file names */
	return words < 2 ? rl_completion_matches(text, complete) : NULL;
}

/* $XDG_STATE_HOME/shopctl/history, for its owner only. */
static const char *history_path(struct op *op)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	const char *base = state && *state ? state
			   : home          ? op_printf(op, "%s/.local/state", home)
					   : NULL;
	const char *directory;

	if (!base)
		return NULL;
	directory = op_printf(op, "%s/shopctl", base);
	mkdir(op_printf(op, "%s/.local", home ? home : ""), 0700);
	mkdir(base, 0700);
	mkdir(directory, 0700);
	return op_printf(op, "%s/history", directory);
}

static void remember(const char *line, const char *path)
{
	const HIST_ENTRY *last =
		history_length ? history_get(history_base + history_length - 1) : NULL;

	if (last && !strcmp(last->line, line))
		return;
	add_history(line);
	if (path && append_history(1, path) != 0)
		write_history(path);
	if (path)
		chmod(path, 0600);
}

/* One line; its status, or -1 to leave. */
static int act(struct op *op, const char *line)
{
	int argc;
	char **argv = split(op, line, &argc);

	if (!argv) {
		fprintf(stderr, "shopctl: a quote is not closed\n");
		return err_exit(E_USAGE);
	}
	if (argc < 2 || *argv[1] == '#')
		return 0;
	if (!strcmp(argv[1], "exit") || !strcmp(argv[1], "quit"))
		return -1;
	if (!strcmp(argv[1], "shell"))
		return 0;
	if (!strcmp(argv[1], "help"))
		argv[1] = op_strdup(op, "--help");
	return run(argc, argv);
}

/* The next line, without its end; a script on standard input is asked nothing. */
static char *next_line(struct op *op, bool person, int status)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	if (person)
		return readline(
			status ? op_printf(op, "shop [%d]> ", status) : "shop> ");
	n = getline(&line, &size, stdin);
	if (n < 0) {
		free(line);
		return NULL;
	}
	line[strcspn(line, "\n")] = '\0';
	return line;
}

static enum err shell(struct op *op, const void *args)
{
	bool person = isatty(STDIN_FILENO);
	const char *path = person ? history_path(op) : NULL;
	int status = 0;
	char *line;

	(void)args;
	signal(SIGINT, SIG_IGN); /* Ctrl-C ends the command that runs, not the shell */
	rl_readline_name = "shopctl";
	rl_outstream = stderr; /* standard output holds results only */
	rl_attempted_completion_function = attempt;
	using_history();
	stifle_history(HISTORY_MAX);
	if (path)
		read_history(path);
	while ((line = next_line(op, person, status))) {
		struct op each;

		if (*line && person)
			remember(line, path);
		op_open(&each, op->config, "shell");
		status = act(&each, line);
		op_close(&each);
		free(line);
		if (status < 0)
			return OK;
	}
	if (person)
		out_note(op, "%s", "");
	return OK;
}

const struct command shell_commands[] = {
	{ "", "commands one after the other, with history and completion", NULL, shell,
		CMD_NO_DB | CMD_SERVES,
		"shopctl shell\n"
		"PGSERVICE=shop shopctl shell",
		"Each line is a command without its first word, quoted as in a shell. "
		"The prompt "
		"shows the exit status of a command that failed. Tab completes, Ctrl-R "
		"searches the "
		"history, exit or Ctrl-D leaves." },
	{ 0 },
};
