/*
 * The HTTP client of the adapters.  What matters most about a call that moves
 * money is whether it may have happened: an answer says so in `outcome`.
 */
#ifndef BASE_HTTP_H
#define BASE_HTTP_H

#include "base/op.h"

#include <stdbool.h>
#include <stdint.h>

enum http_outcome {
	HTTP_ANSWERED, /* a whole answer of any status */
	HTTP_NOT_SENT, /* no byte of the request left: certainly not executed */
	HTTP_UNKNOWN,  /* sent, at least in part, and no whole answer came */
};

struct http_request {
	const char *method, *url;
	const char *const *headers; /* "Name: value", ends with NULL; or NULL */
	const char *body;           /* NULL for none */
	size_t n;                   /* bytes of body */
	long connect_timeout_ms, timeout_ms; /* 0: 2 s and 20 s */
	size_t body_max;                     /* of the answer; 0: 1 MiB */
	bool fresh;       /* a connection of its own: what has no key is not repeated */
	bool public_only; /* no address of this machine or of a private network */
};

struct http_header {
	const char *name, *value;
};

struct http_answer {
	enum http_outcome outcome;
	int status;       /* 0 unless answered */
	const char *body; /* ends with a NUL beyond n; "" when empty */
	size_t n;
	const char *reason; /* why it was not answered, for logs; NULL when it was */
	int64_t took_us;
	const struct http_header *headers;
	size_t n_headers;
};

/* One connection pool of one thread, kept between calls for keep-alive. */
struct http_client;

struct http_client *http_client_open(void);
void http_client_close(struct http_client *client);

/*
 * Send one request and wait for the answer, which lives as long as the op.
 * OK whatever the outcome; E_BROKEN when the request cannot be built.  No
 * redirect is followed; a body over body_max is HTTP_UNKNOWN; TLS is verified.
 *
 * libcurl repeats a request by itself when a kept-alive connection turns out
 * to have been closed before any answer byte: every request with an effect
 * must therefore carry the provider's idempotency key.
 */
enum err http_send(struct op *op, struct http_client *client,
	const struct http_request *request, struct http_answer *out);

struct sockaddr;

/* Whether an address is this machine's, a private network's, or nobody's. */
bool http_address_private(const struct sockaddr *address);

/* The value of a header of the answer, any case; NULL when it is not there. */
const char *http_header(const struct http_answer *answer, const char *name);

#endif
