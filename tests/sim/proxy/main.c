/* proxy: a line between a client and a server that fails as it is told to. */
#include "relay.h"
#include "rule.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char help[] =
	"Usage: proxy --listen ADDRESS --to ADDRESS [OPTION]...\n"
	"       proxy --ask PATH COMMAND\n"
	"Carry connections, and break them by rules.  An ADDRESS is unix:PATH or\n"
	"HOST:PORT; only loopback is listened on.\n\n"
	"  --postgres       requests are PostgreSQL's, and are cut around their "
	"commit\n"
	"  --rule RULE      ACTION[=N][,match=TEXT][,rate=P][,skip=N][,count=N]\n"
	"  --seed N         the same luck each time\n"
	"  --control PATH   a socket that takes: rule RULE, clear, seed N, stats\n"
	"  --ask PATH       send it a command, print the answer\n\n"
	"Actions: pass delay=MS throttle=BYTES blackhole hole reset=BYTES\n"
	"truncate=BYTES garble=BYTE refuse cut-before cut-between cut-during "
	"cut-after\n"
	"cut.  \"cut\" is one of the four, by chance.\n\n"
	"Examples:\n"
	"  proxy --listen 127.0.0.1:5433 --to unix:/run/pg/.s.PGSQL.5432 --postgres "
	"\\\n"
	"      --rule cut,match=order_place,rate=0.5 --control proxy.sock\n"
	"  proxy --ask proxy.sock stats\n";

static const char *to;
static bool postgres;

static void quit(const char *message, const char *what)
{
	fprintf(stderr, "proxy: %s%s\n", message, what ? what : "");
	exit(64);
}

union address {
	struct sockaddr any;
	struct sockaddr_un local;
	struct sockaddr_in in;
};

static socklen_t resolve(const char *text, union address *a)
{
	const char *port = strrchr(text, ':');
	char host[INET_ADDRSTRLEN];

	memset(a, 0, sizeof *a);
	if (!strncmp(text, "unix:", 5)) {
		a->local.sun_family = AF_UNIX;
		if (strlen(text + 5) >= sizeof a->local.sun_path)
			quit("too long for a socket: ", text);
		memcpy(a->local.sun_path, text + 5, strlen(text + 5));
		return sizeof a->local;
	}
	if (!port || (size_t)(port - text) >= sizeof host)
		quit("neither unix:PATH nor HOST:PORT: ", text);
	snprintf(host, sizeof host, "%.*s", (int)(port - text), text);
	a->in.sin_family = AF_INET;
	a->in.sin_port = htons((uint16_t)strtol(port + 1, NULL, 10));
	if (inet_pton(AF_INET, host, &a->in.sin_addr) != 1)
		quit("not an address: ", text);
	return sizeof a->in;
}

static int listen_on(const char *text)
{
	union address a;
	socklen_t n = resolve(text, &a);
	int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

	if (a.any.sa_family == AF_UNIX)
		unlink(a.local.sun_path);
	else if (a.in.sin_addr.s_addr != htonl(INADDR_LOOPBACK))
		quit("only 127.0.0.1 is listened on, not ", text);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
	if (fd < 0 || bind(fd, &a.any, n) < 0 || listen(fd, 512) < 0) {
		perror("proxy: listen");
		exit(69);
	}
	if (a.any.sa_family == AF_UNIX)
		chmod(a.local.sun_path, 0777);
	return fd;
}

static int connect_to(const char *text)
{
	union address a;
	socklen_t n = resolve(text, &a);
	int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, &a.any, n) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void hurry(int fd)
{
	int yes = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes); /* TCP or not */
}

static void accept_one(int listener)
{
	int server, client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (client < 0)
		return;
	rule_connected();
	if (rule_choose("", 0).action == REFUSE) {
		rule_done(REFUSE, false);
		close(client);
		return;
	}
	server = connect_to(to);
	if (server < 0) {
		close(client);
		return;
	}
	hurry(client);
	hurry(server);
	relay_start(client, server, postgres);
}

static bool obey(char *line, FILE *out)
{
	line[strcspn(line, "\n")] = 0;
	if (!strncmp(line, "rule ", 5) && !rule_add(line + 5))
		return false;
	if (!strncmp(line, "seed ", 5))
		rules_seed(strtoull(line + 5, NULL, 10));
	else if (!strcmp(line, "clear"))
		rules_clear();
	else if (strcmp(line, "stats") != 0 && strncmp(line, "rule ", 5) != 0)
		return false;
	rules_print(out);
	return true;
}

static void *control(void *arg)
{
	int listener = *(int *)arg, fd;
	char *line = NULL;
	size_t room = 0;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		FILE *in = fdopen(dup(fd), "r"), *out = fdopen(fd, "w");

		while (getline(&line, &room, in) > 0) {
			if (!obey(line, out))
				fprintf(out, "no such command or rule: %s\n", line);
			fflush(out);
		}
		fclose(in);
		fclose(out);
	}
	free(line);
	return NULL;
}

/* Exit status 1 when the command was none. */
static int ask(const char *path, const char *command)
{
	size_t n = strlen(path) + 6;
	char *address = malloc(n), answer[4096];
	ssize_t got;
	int fd;

	snprintf(address, n, "unix:%s", path);
	fd = connect_to(address);
	free(address);
	if (fd < 0)
		quit("nobody listens on ", path);
	dprintf(fd, "%s\n", command);
	shutdown(fd, SHUT_WR);
	got = read(fd, answer, sizeof answer - 1);
	answer[got > 0 ? got : 0] = 0;
	printf("%s", answer);
	return !strncmp(answer, "no such", 7);
}

static void ended(int signal)
{
	(void)signal;
	_exit(0);
}

static const struct option options[] = { { "listen", 1, NULL, 'l' },
	{ "to", 1, NULL, 't' }, { "postgres", 0, NULL, 'p' }, { "rule", 1, NULL, 'r' },
	{ "seed", 1, NULL, 's' }, { "control", 1, NULL, 'c' }, { "ask", 1, NULL, 'a' },
	{ "help", 0, NULL, 'h' }, { 0 } };

struct settings {
	const char *listen, *control, *ask;
};

static void read_options(int argc, char **argv, struct settings *s)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (c) {
		case 'l':
			s->listen = optarg;
			break;
		case 't':
			to = optarg;
			break;
		case 'p':
			postgres = true;
			break;
		case 'r':
			if (!rule_add(optarg))
				quit("not a rule: ", optarg);
			break;
		case 's':
			rules_seed(strtoull(optarg, NULL, 10));
			break;
		case 'c':
			s->control = optarg;
			break;
		case 'a':
			s->ask = optarg;
			break;
		case 'h':
			printf("%s", help);
			exit(0);
		default:
			exit(64);
		}
	}
}

int main(int argc, char **argv)
{
	struct settings s = { 0 };
	pthread_t controller;
	int listener, door;

	read_options(argc, argv, &s);
	if (s.ask && optind == argc - 1)
		return ask(s.ask, argv[optind]);
	if (!s.listen || !to || optind < argc)
		quit("see --help", NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, ended);
	signal(SIGINT, ended);
	if (s.control) {
		size_t n = strlen(s.control) + 6;
		char *address = malloc(n);

		snprintf(address, n, "unix:%s", s.control);
		door = listen_on(address);
		free(address);
		pthread_create(&controller, NULL, control, &door);
	}
	listener = listen_on(s.listen);
	for (;;)
		accept_one(listener);
}
