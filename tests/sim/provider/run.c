/* A simulator from its command line to SIGTERM. */
#include "provider/run.h"

#include "provider/control.h"
#include "provider/flavour.h"
#include "provider/serve.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <microhttpd.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum { THREADS_MAX = 16, CHOICES_MAX = 32 };

static const struct choice common[] = {
	{ "listen", TEXT, offsetof(struct settings, listen) },
	{ "webhook-url", TEXT, offsetof(struct settings, first_url) },
	{ "webhook-retry-ms", NUMBER, offsetof(struct settings, retry_ms) },
	{ "webhook-tries", NUMBER, offsetof(struct settings, tries) },
	{ "webhook-threads", NUMBER, offsetof(struct settings, threads) },
	{ "late-seconds", NUMBER, offsetof(struct settings, late_s) },
	{ "seed", NUMBER, offsetof(struct settings, seed) },
	{ "state", TEXT, offsetof(struct settings, state) },
	{ 0 },
};

void quit(enum err e, const char *message, const char *what)
{
	fprintf(stderr, "%s: %s%s\n", flavour.name, message, what ? what : "");
	exit(err_exit(e));
}

static int64_t number(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	if (!*text || *end || n < 0 || n > 1000000000000ll)
		quit(E_USAGE, "not a number: ", text);
	return n;
}

/* The first line of a file. */
static const char *line_of(const char *file)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t room = 0;

	if (!f || getline(&line, &room, f) < 1)
		quit(E_CONFIG, "cannot read ", file);
	fclose(f);
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

static void set_one(struct settings *set, const struct choice *c, const char *text)
{
	void *to = (char *)set + c->offset;

	if (c->value == NUMBER)
		*(int64_t *)to = number(text);
	else
		*(const char **)to = c->value == TEXT ? text : line_of(text);
}

static size_t gather(const struct choice *from, const struct choice **to, size_t n)
{
	for (; from->name && n < CHOICES_MAX; from++)
		to[n++] = from;
	return n;
}

static void options_read(struct settings *set, int argc, char **argv)
{
	const struct choice *choices[CHOICES_MAX];
	struct option options[CHOICES_MAX + 2] = { { 0 } };
	size_t n = gather(flavour.choices, choices, gather(common, choices, 0)), i;
	int option;

	for (i = 0; i < n; i++)
		options[i] = (struct option){ choices[i]->name, required_argument, NULL,
			'a' + (int)i };
	options[i] = (struct option){ "help", no_argument, NULL, 'a' + (int)i };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			exit(err_exit(E_USAGE)); /* getopt said why */
		if (option == 'a' + (int)n) {
			fputs(flavour.help, stdout);
			exit(0);
		}
		set_one(set, choices[option - 'a'], optarg);
	}
}

static void settings_read(struct settings *set, int argc, char **argv)
{
	*set = flavour.defaults;
	options_read(set, argc, argv);
	if (optind < argc)
		quit(E_USAGE, "takes no operand: ", argv[optind]);
	flavour.check(set);
	if (set->threads < 1 || set->threads > THREADS_MAX)
		quit(E_USAGE, "--webhook-threads is 1 to 16", NULL);
	if (set->retry_ms > 3600000)
		quit(E_USAGE, "--webhook-retry-ms is at most an hour", NULL);
}

/* Loopback only: it believes everybody and moves no real money. */
static int listen_on(struct settings *set)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	int64_t port;

	if (strncmp(set->listen, "127.0.0.1:", 10))
		quit(E_USAGE, "--listen must be 127.0.0.1:PORT, not ", set->listen);
	port = number(set->listen + 10);
	if (port > 65535)
		quit(E_USAGE, "no such port: ", set->listen + 10);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	a.sin_port = htons((uint16_t)port);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 512) ||
		getsockname(fd, (struct sockaddr *)&a, &n))
		quit(E_AWAY, "cannot listen on ", set->listen);
	set->port = ntohs(a.sin_port);
	return fd;
}

static void write_state(struct sim *s)
{
	struct op op;
	struct call c = { .op = &op, .sim = s, .method = "GET", .path = "/sim/state" };
	FILE *f = fopen(s->set.state, "we");

	if (!f)
		quit(E_CREATE, "cannot write ", s->set.state);
	op_open(&op, NULL, "sim");
	control_answer(&c);
	fprintf(f, "%s\n", c.body);
	op_close(&op);
	if (fclose(f))
		quit(E_OUTPUT, "cannot write ", s->set.state);
}

static void run(struct sim *s, int listening, const sigset_t *stop)
{
	pthread_t timers, hooks[THREADS_MAX];
	struct MHD_Daemon *daemon = serve_start(s, listening);
	int signal_number;

	if (!daemon)
		quit(E_AWAY, "cannot serve", NULL);
	pthread_create(&timers, NULL, timer_thread, s);
	for (int64_t i = 0; i < s->set.threads; i++)
		pthread_create(&hooks[i], NULL, hook_thread, s);
	printf("http://127.0.0.1:%d\n", s->set.port);
	fflush(stdout);
	sigwait(stop, &signal_number);
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	MHD_stop_daemon(daemon);
	pthread_join(timers, NULL);
	for (int64_t i = 0; i < s->set.threads; i++)
		pthread_join(hooks[i], NULL);
}

int sim_main(int argc, char **argv)
{
	static struct sim s;
	sigset_t stop;

	settings_read(&s.set, argc, argv);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTERM);
	sigaddset(&stop, SIGINT);
	pthread_sigmask(SIG_BLOCK, &stop, NULL); /* the threads inherit it */
	signal(SIGPIPE, SIG_IGN);
	sim_open(&s);
	run(&s, listen_on(&s.set), &stop);
	if (s.set.state)
		write_state(&s);
	sim_reset(&s);
	return 0;
}
