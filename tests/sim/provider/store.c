/* The objects, by id and by age. */
#include "provider/sim.h"

#include "provider/js.h"

#include <search.h>
#include <unistd.h>

void *keep(void *p)
{
	if (!p)
		_exit(err_exit(E_BROKEN));
	return p;
}

/* splitmix64 (Steele, Lea, Flood 2014): enough for ids, and the seed repeats it. */
uint64_t sim_random(struct sim *s)
{
	uint64_t z = s->random += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

void new_id(struct sim *s, const char *prefix, char out[ID_MAX])
{
	static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz";
	size_t n = (size_t)snprintf(out, ID_MAX, "%s", prefix), end = n + 24;

	while (n < end)
		out[n++] = base62[sim_random(s) % 62];
	out[n] = '\0';
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct thing *)a)->id, ((const struct thing *)b)->id);
}

struct thing *thing_add(struct sim *s, int kind, cJSON *json)
{
	struct list *l = &s->things[kind];
	struct thing *t = keep(calloc(1, sizeof *t));

	t->kind = kind;
	t->index = l->n;
	t->json = json;
	t->created_us = sim_now_us(s);
	snprintf(t->id, sizeof t->id, "%s", js_text(json, "id"));
	if (l->n == l->room) {
		l->room = l->room ? l->room * 2 : 64;
		l->v = keep(realloc(l->v, l->room * sizeof *l->v));
	}
	l->v[l->n++] = t;
	keep(tsearch(t, &s->by_id, by_id));
	return t;
}

struct thing *thing_any(struct sim *s, const char *id)
{
	struct thing wanted = { 0 };
	struct thing **found;

	if (!id || strlen(id) >= sizeof wanted.id)
		return NULL;
	snprintf(wanted.id, sizeof wanted.id, "%s", id);
	found = tfind(&wanted, &s->by_id, by_id);
	return found ? *found : NULL;
}

struct thing *thing_find(struct sim *s, const char *id, int kind)
{
	struct thing *t = thing_any(s, id);

	return t && t->kind == kind ? t : NULL;
}

static void stay(void *thing)
{
	(void)thing; /* the lists own it */
}

void store_clear(struct sim *s)
{
	tdestroy(s->by_id, stay);
	s->by_id = NULL;
	for (int kind = 0; kind < KINDS_MAX; kind++) {
		struct list *l = &s->things[kind];

		for (size_t i = 0; i < l->n; i++) {
			cJSON_Delete(l->v[i]->json);
			free(l->v[i]->text);
			free(l->v[i]);
		}
		free(l->v);
		*l = (struct list){ 0 };
	}
}

void count(cJSON *table, const char *name)
{
	js_put_int(table, name, js_int(table, name) + 1);
}
