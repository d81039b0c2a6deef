/* Failpoints: SHOP_FAILPOINTS is read once, hits are counted over all threads. */
#include "base/failpoint.h"

#include "base/clock.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

enum action { KILL, STOP, SLEEP, ERR };

struct point {
	char *name;
	enum action action;
	int64_t arg; /* milliseconds, or an enum err */
	int64_t nth; /* 0: every hit */
	double probability;
	uint64_t seed;
	_Atomic int64_t hits;
};

static struct point points[32];
static size_t count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void bad(const char *text)
{
	fprintf(stderr, "SHOP_FAILPOINTS: \"%s\" is not NAME=ACTION[@N][%%P[:SEED]]\n",
		text);
	exit(64);
}

static int64_t err_code(const char *name)
{
	int e;

	for (e = OK; e <= E_CONFIG; e++) {
		if (!strcmp(err_name(e), name) || !strcmp(err_name(e) + 2, name))
			return e;
	}
	bad(name);
	return 0;
}

static void read_action(struct point *p, char *text)
{
	if (!strcmp(text, "kill"))
		p->action = KILL;
	else if (!strcmp(text, "stop"))
		p->action = STOP;
	else if (!strncmp(text, "sleep=", 6)) {
		p->action = SLEEP;
		p->arg = strtoll(text + 6, NULL, 10);
	} else if (!strncmp(text, "err=", 4)) {
		p->action = ERR;
		p->arg = err_code(text + 4);
	} else {
		bad(text);
	}
}

/* NAME=ACTION, with what follows '@' and '%' cut off and read first. */
static void read_point(char *text)
{
	struct point *p = &points[count];
	char *at, *action = strchr(text, '=');

	if (!action || count == sizeof points / sizeof *points)
		bad(text);
	*action++ = 0;
	p->probability = 1;
	if ((at = strchr(action, '%'))) {
		*at = 0;
		p->probability = strtod(at + 1, &at);
		p->seed = *at == ':' ? strtoull(at + 1, NULL, 10) : 1;
	}
	if ((at = strchr(action, '@'))) {
		*at = 0;
		p->nth = strtoll(at + 1, NULL, 10);
	}
	read_action(p, action);
	p->name = text;
	count++;
}

static void read_all(void)
{
	const char *env = getenv("SHOP_FAILPOINTS");
	char *text, *one;

	if (!env || !*env)
		return;
	text = strdup(env); /* the names point into it for as long as we live */
	while (text && (one = strsep(&text, ",")))
		read_point(one);
}

/* A number in [0, 1) that depends on the seed and the hit alone (splitmix64). */
static double chance(uint64_t seed, int64_t hit)
{
	uint64_t z = seed + (uint64_t)hit * 0x9e3779b97f4a7c15U;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return (double)((z ^ (z >> 31)) >> 11) / (double)(1ULL << 53);
}

static bool strikes(struct point *p)
{
	int64_t hit = atomic_fetch_add(&p->hits, 1) + 1;

	return (!p->nth || hit == p->nth) &&
	       (p->probability >= 1 || chance(p->seed, hit) < p->probability);
}

static enum err act(struct op *op, struct point *p)
{
	switch (p->action) {
	case KILL:
		kill(getpid(), SIGKILL);
		break;
	case STOP:
		raise(SIGSTOP); /* this thread first: not one step further */
		break;
	case SLEEP:
		clock_sleep_us(p->arg * 1000);
		break;
	case ERR:
		return fail(op, (enum err)p->arg, "failpoint", "the test failed %s",
			p->name);
	}
	return OK;
}

enum err failpoint(struct op *op, const char *name)
{
	size_t i;

	pthread_once(&once, read_all);
	for (i = 0; i < count; i++) {
		if (!strcmp(points[i].name, name) && strikes(&points[i]))
			return act(op, &points[i]);
	}
	return OK;
}
