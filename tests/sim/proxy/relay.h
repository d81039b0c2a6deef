/* One connection through the proxy, in a thread of its own. */
#ifndef PROXY_RELAY_H
#define PROXY_RELAY_H

#include <stdbool.h>

/*
 * Carry bytes between client and server until one of them ends or a rule cuts the
 * line.  postgres: a request ends with Query or Sync, its answer with ReadyForQuery;
 * otherwise a request is what the client says after the server spoke, as in HTTP.
 */
void relay_start(int client, int server, bool postgres);

#endif
