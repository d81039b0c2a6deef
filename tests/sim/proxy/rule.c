/* The rules of the proxy: read, chosen by match, count and luck, counted. */
#include "rule.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { RULES_MAX = 64 };

struct rule {
	struct fault fault;
	char *match;
	double rate;
	long skip, count;
};

#define TEXT(name, text) text,
static const char *const names[] = { ACTIONS(TEXT) };
#undef TEXT

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rule rules[RULES_MAX];
static size_t rule_count;
static uint64_t state = 1;
static long done[ACTION_COUNT], connections, requests, applied_count;

/* A number in [0, 1) (splitmix64). */
static double chance(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15U);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
	return (double)((z ^ (z >> 31)) >> 11) / (double)(1ULL << 53);
}

static bool read_action(struct rule *r, char *word)
{
	char *value = strchr(word, '=');
	int i;

	if (value)
		*value++ = 0;
	for (i = 0; i < ACTION_COUNT && strcmp(names[i], word) != 0; i++)
		;
	r->fault = (struct fault){ i, value ? strtol(value, NULL, 10) : 0 };
	return i < ACTION_COUNT;
}

static bool read_condition(struct rule *r, char *word)
{
	char *value = strchr(word, '=');

	if (!value)
		return false;
	*value++ = 0;
	if (!strcmp(word, "match"))
		r->match = strdup(value);
	else if (!strcmp(word, "rate"))
		r->rate = strtod(value, NULL);
	else if (!strcmp(word, "skip"))
		r->skip = strtol(value, NULL, 10);
	else if (!strcmp(word, "count"))
		r->count = strtol(value, NULL, 10);
	else
		return false;
	return true;
}

bool rule_add(const char *text)
{
	struct rule r = { .rate = 1, .count = -1 };
	char *copy = strdup(text), *rest = copy, *word = strsep(&rest, ",");
	bool good = read_action(&r, word);

	while (good && (word = strsep(&rest, ",")))
		good = read_condition(&r, word);
	free(copy);
	pthread_mutex_lock(&lock);
	good = good && rule_count < RULES_MAX;
	if (good)
		rules[rule_count++] = r;
	else
		free(r.match);
	pthread_mutex_unlock(&lock);
	return good;
}

void rules_clear(void)
{
	pthread_mutex_lock(&lock);
	while (rule_count)
		free(rules[--rule_count].match);
	pthread_mutex_unlock(&lock);
}

void rules_seed(uint64_t seed)
{
	pthread_mutex_lock(&lock);
	state = seed;
	pthread_mutex_unlock(&lock);
}

static bool strikes(struct rule *r, const char *request, size_t n)
{
	bool connecting = r->fault.action == REFUSE;

	if (connecting != (n == 0) || r->count == 0)
		return false;
	if (r->match && !memmem(request, n, r->match, strlen(r->match)))
		return false;
	if (r->skip > 0) {
		r->skip--;
		return false;
	}
	if (r->rate < 1 && chance() >= r->rate)
		return false;
	if (r->count > 0)
		r->count--;
	return true;
}

struct fault rule_choose(const char *request, size_t n)
{
	static const enum action sides[] = { CUT_BEFORE, CUT_BETWEEN, CUT_DURING,
		CUT_AFTER, CUT_AFTER };
	struct fault f = { PASS, 0 };
	size_t i;

	pthread_mutex_lock(&lock);
	requests += n > 0;
	for (i = 0; i < rule_count; i++) {
		if (strikes(&rules[i], request, n)) {
			f = rules[i].fault;
			break;
		}
	}
	if (f.action == CUT)
		f.action = sides[(int)(chance() * 5)];
	pthread_mutex_unlock(&lock);
	return f;
}

void rule_done(enum action action, bool applied)
{
	pthread_mutex_lock(&lock);
	done[action]++;
	applied_count += applied;
	pthread_mutex_unlock(&lock);
}

void rule_connected(void)
{
	pthread_mutex_lock(&lock);
	connections++;
	pthread_mutex_unlock(&lock);
}

void rules_print(FILE *out)
{
	int i;

	pthread_mutex_lock(&lock);
	fprintf(out, "{\"connections\":%ld,\"requests\":%ld,\"applied\":%ld",
		connections, requests, applied_count);
	for (i = PASS + 1; i < CUT; i++)
		fprintf(out, ",\"%s\":%ld", names[i], done[i]);
	fprintf(out, "}\n");
	pthread_mutex_unlock(&lock);
}
