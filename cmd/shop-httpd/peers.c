/* How many connections each address has. */
#include "shop-httpd/peers.h"

#include "base/arena.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 1024 };

struct entry {
	struct entry *next;
	struct peer peer;
	int64_t n;
};

struct peers {
	pthread_mutex_t lock;
	int64_t most;
	struct entry *buckets[BUCKETS];
};

struct peers *peers_new(int64_t most)
{
	struct peers *p = must(calloc(1, sizeof *p));

	pthread_mutex_init(&p->lock, NULL);
	p->most = most;
	return p;
}

void peers_free(struct peers *p)
{
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* Where the entry of the peer is, or would be. */
static struct entry **find(struct peers *p, const struct peer *peer)
{
	unsigned long hash = 5381;
	struct entry **e;
	const char *c;

	for (c = peer->name; *c; c++)
		hash = hash * 33 + (unsigned char)*c;
	e = &p->buckets[hash % BUCKETS];
	while (*e && strcmp((*e)->peer.name, peer->name) != 0)
		e = &(*e)->next;
	return e;
}

bool peers_enter(struct peers *p, const struct peer *peer)
{
	struct entry **e;
	bool room;

	if (!p->most || !*peer->name)
		return true;
	pthread_mutex_lock(&p->lock);
	e = find(p, peer);
	if (!*e) {
		*e = calloc(1, sizeof **e);
		if (*e)
			(*e)->peer = *peer;
	}
	room = *e && (*e)->n < p->most;
	if (room)
		(*e)->n++;
	pthread_mutex_unlock(&p->lock);
	return room;
}

void peers_leave(struct peers *p, const struct peer *peer)
{
	struct entry **e, *gone;

	if (!p->most || !*peer->name)
		return;
	pthread_mutex_lock(&p->lock);
	e = find(p, peer);
	if (*e && --(*e)->n == 0) {
		gone = *e;
		*e = gone->next;
		free(gone);
	}
	pthread_mutex_unlock(&p->lock);
}

static struct peer name_of(int family, void *address)
{
	struct peer peer = { "" };

	if (family == AF_INET6)
		memset((char *)address + 8, 0, 8);
	inet_ntop(family, address, peer.name, sizeof peer.name);
	return peer;
}

struct peer peer_of(const struct sockaddr_storage *address)
{
	struct sockaddr_storage copy = *address;

	if (copy.ss_family == AF_INET)
		return name_of(AF_INET, &((struct sockaddr_in *)&copy)->sin_addr);
	if (copy.ss_family == AF_INET6)
		return name_of(AF_INET6, &((struct sockaddr_in6 *)&copy)->sin6_addr);
	return (struct peer){ "" };
}

struct peer peer_forwarded(const char *field)
{
	const char *last = strrchr(field, ',');
	unsigned char address[sizeof(struct in6_addr)];

	last = last ? last + 1 : field;
	last += strspn(last, " \t");
	if (inet_pton(AF_INET, last, address) == 1)
		return name_of(AF_INET, address);
	if (inet_pton(AF_INET6, last, address) == 1)
		return name_of(AF_INET6, address);
	return (struct peer){ "" };
}
