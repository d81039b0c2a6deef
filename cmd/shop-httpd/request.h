/*
 * One request and its answer.  A request belongs to one thread at a time: its
 * loop's, then perhaps a pool's or a batcher's, then its loop's again.
 */
#ifndef SHOP_HTTPD_REQUEST_H
#define SHOP_HTTPD_REQUEST_H

#include "base/op.h"
#include "base/span.h"
#include "shop-httpd/client.h"
#include "shop-httpd/head.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct door;
struct route;

/* Who is at the other end, for limits: an address, or "" when it is not known. */
struct peer {
	char name[48];
};

struct request {
	struct op op; /* open from the whole head until the answer is sent */
	struct door *door;
	struct head head;
	const struct route *route;
	const char *tail, *tail2; /* what the route's stars stand for, decoded */
	char *body;
	size_t body_n;
	struct peer peer;
	struct client client; /* who asks, when the route needs a key */
	const char *scope;    /* that the key must have */
	void (*admitted)(struct request *r);
	int64_t started; /* clock_ticks() */
	struct span span;
	/* the answer */
	int status;
	const char *type, *answer;
	size_t answer_n;
	const char *headers; /* "Name: value\r\n"... */
	const char *cache;   /* Cache-Control; NULL: no-store */
	bool close;          /* the connection, after the answer */
	bool answered;
	/* where it goes on */
	void (*work)(struct request *r);   /* on a pool's thread, with a database */
	void (*resume)(struct request *r); /* then on its loop; NULL: it is answered */
	int64_t wake_at;                   /* clock_ticks() of a request that waits */
	struct request *next;
	void *of; /* the route's own */
};

/* Whether the body says it is JSON; 415 is answered when it does not. */
bool request_is_json(struct request *r);

/* Add a header to the answer. */
void answer_header(struct request *r, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Answer with JSON, or any text. */
void answer_json(struct request *r, int status, const char *json);
void answer_text(struct request *r, int status, const char *type, const char *text);

/* Answer with problem+json (RFC 9457) of a rule. */
void answer_problem(struct request *r, int status, const char *rule, const char *fmt,
	...) __attribute__((format(printf, 4, 5)));

/* The same from the op's fault: the status follows from its code and rule. */
void answer_fault(struct request *r);

/* The same with what is wrong with a document, member by member. */
struct json_reader;
void answer_invalid(struct request *r, const struct json_reader *document);

/*
 * Answer with JSON that the caller may have already (If-None-Match: 304) and may keep
 * as `cache` says.
 */
void answer_cached(struct request *r, const char *json, const char *cache);

/* The ETag of a text, in quotes, and whether the caller has it. */
const char *answer_etag(struct request *r, const char *text);
bool request_has(const struct request *r, const char *etag);

/* The Idempotency-Key, bare or quoted; 400 is answered and NULL returned without one.
 */
const char *request_key(struct request *r);

/* The reason phrase of a status. */
const char *status_words(int status);

#endif
