/* How many connections each address has. */
#ifndef SHOP_HTTPD_PEERS_H
#define SHOP_HTTPD_PEERS_H

#include "shop-httpd/request.h"

#include <sys/socket.h>

struct peers;
struct peers *peers_new(int64_t most); /* 0: no limit */
void peers_free(struct peers *p);

/* False when the address has its most already; nobody ("") has no limit. */
bool peers_enter(struct peers *p, const struct peer *peer);
void peers_leave(struct peers *p, const struct peer *peer);

/* The address of a socket's other end; IPv6 by its /64, a Unix socket is nobody. */
struct peer peer_of(const struct sockaddr_storage *address);

/* The last address of X-Forwarded-For: the one our own proxy wrote. */
struct peer peer_forwarded(const char *field);

#endif
