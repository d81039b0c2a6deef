/* stripe-sim: a payment provider on loopback, for the demo and the tests. */
#include "serve.h"
#include "nouns.h"

#include "base/err.h"
#include "base/id.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <microhttpd.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

enum { THREADS_MAX = 16 };

static const char help[] =
	"Usage: stripe-sim --key sk_test_X [OPTION]...\n"
	"Simulate the payment provider on loopback until SIGTERM; print the "
	"address.\n\n"
	"  --listen 127.0.0.1:PORT      0, the default, takes a free port\n"
	"  --key KEY                    the secret key that clients must send\n"
	"  --secret-key-file FILE       the same, read from a file\n"
	"  --webhook-url URL            where events go; none without it\n"
	"  --webhook-secret SECRET      whsec_..., signs them\n"
	"  --webhook-secret-file FILE   the same, read from a file\n"
	"  --webhook-retry-ms N         first retry after N ms (200); then doubling\n"
	"  --webhook-tries N            attempts an event (16)\n"
	"  --webhook-threads N          senders at once (4)\n"
	"  --api-version VERSION        of events (2024-06-20)\n"
	"  --late-seconds N             bank debits and pending refunds conclude (5)\n"
	"  --fee-seconds N              automatic_async knows its fee (1)\n"
	"  --search-lag N               seconds until search finds an object (0)\n"
	"  --seed N                     the same ids and luck each time\n"
	"  --state FILE                 write /sim/state there when stopped\n\n"
	"Control: POST /sim/faults /sim/advance /sim/reset /sim/webhook\n"
	"/sim/authenticate /sim/refunds/fail /sim/disputes, GET /sim/state.\n\n"
	"Examples:\n"
	"  stripe-sim --key sk_test_x --listen 127.0.0.1:12111\n"
	"  stripe-sim --key sk_test_x --webhook-url http://127.0.0.1:8080/hook \\\n"
	"      --webhook-secret whsec_x --seed 7\n";

enum value { TEXT, FROM_FILE, NUMBER };

static const struct choice {
	const char *name;
	enum value value;
	size_t offset;
} choices[] = {
	{ "listen", TEXT, offsetof(struct settings, listen) },
	{ "key", TEXT, offsetof(struct settings, key) },
	{ "secret-key-file", FROM_FILE, offsetof(struct settings, key) },
	{ "webhook-url", TEXT, offsetof(struct settings, first_url) },
	{ "webhook-secret", TEXT, offsetof(struct settings, first_secret) },
	{ "webhook-secret-file", FROM_FILE, offsetof(struct settings, first_secret) },
	{ "webhook-retry-ms", NUMBER, offsetof(struct settings, retry_ms) },
	{ "webhook-tries", NUMBER, offsetof(struct settings, tries) },
	{ "webhook-threads", NUMBER, offsetof(struct settings, threads) },
	{ "api-version", TEXT, offsetof(struct settings, api_version) },
	{ "late-seconds", NUMBER, offsetof(struct settings, late_s) },
	{ "fee-seconds", NUMBER, offsetof(struct settings, fee_s) },
	{ "search-lag", NUMBER, offsetof(struct settings, search_lag_s) },
	{ "seed", NUMBER, offsetof(struct settings, seed) },
	{ "state", TEXT, offsetof(struct settings, state) },
};
enum { CHOICES = sizeof choices / sizeof *choices };

static void quit(enum err e, const char *message, const char *what)
{
	fprintf(stderr, "stripe-sim: %s%s\n", message, what ? what : "");
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

static void options_read(struct settings *set, int argc, char **argv)
{
	struct option options[CHOICES + 2] = { { 0 } };
	int i, option;

	for (i = 0; i < CHOICES; i++)
		options[i] = (struct option){ choices[i].name, required_argument, NULL,
			'a' + i };
	options[i] = (struct option){ "help", no_argument, NULL, 'a' + i };
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == '?')
			exit(err_exit(E_USAGE)); /* getopt said why */
		if (option == 'a' + CHOICES) {
			fputs(help, stdout);
			exit(0);
		}
		set_one(set, &choices[option - 'a'], optarg);
	}
}

static void settings_read(struct settings *set, int argc, char **argv)
{
	*set = (struct settings){ .listen = "127.0.0.1:0",
		.late_s = 5,
		.fee_s = 1,
		.retry_ms = 200,
		.tries = 16,
		.threads = 4,
		.seed = -1,
		.api_version = "2024-06-20",
		.first_secret = "" };
	options_read(set, argc, argv);
	if (optind < argc)
		quit(E_USAGE, "takes no operand: ", argv[optind]);
	if (!set->key || strncmp(set->key, "sk_", 3))
		quit(E_USAGE, "--key or --secret-key-file must give a key sk_...",
			NULL);
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

static void sim_open(struct sim *s)
{
	pthread_condattr_t monotonic;

	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&s->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (s->set.seed < 0)
		id_random(&s->random, sizeof s->random);
	else
		s->random = (uint64_t)s->set.seed;
	if (s->set.first_url)
		s->webhook_url = keep(strdup(s->set.first_url));
	s->webhook_secret = keep(strdup(s->set.first_secret));
	sim_reset(s);
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

int main(int argc, char **argv)
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
