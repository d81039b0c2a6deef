/*
 * The idempotency layer: the first status and body of a key are kept, of
 * failures too, for as long as the provider does in simulated time; only what
 * never began to execute leaves no trace.
 */
#include "provider/api.h"
#include "provider/flavour.h"

#include "base/sha.h"

#include <search.h>

struct record {
	char *key, *body, *request_id;
	unsigned char fingerprint[SHA256_BYTES];
	int64_t created_us;
	int status; /* 0: still running */
};

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct record *)a)->key, ((const struct record *)b)->key);
}

static struct record *find(struct sim *s, const char *key)
{
	struct record wanted = { .key = (char *)key };
	struct record **found = tfind(&wanted, &s->keys, by_key);

	return found ? *found : NULL;
}

static void record_free(void *record)
{
	struct record *r = record;

	free(r->key);
	free(r->body);
	free(r->request_id);
	free(r);
}

static void forget(struct sim *s, struct record *r)
{
	tdelete(r, &s->keys, by_key);
	record_free(r);
}

static void fingerprint(struct call *c, unsigned char out[SHA256_BYTES])
{
	const char *text =
		op_printf(c->op, "%s %s\n%s", c->method, c->path, flavour.canonical(c));

	sha256(text, strlen(text), out);
}

static void remember(struct call *c, const unsigned char print[SHA256_BYTES])
{
	struct record *r = keep(calloc(1, sizeof *r));

	r->key = keep(strdup(c->key));
	r->request_id = keep(strdup(c->request_id));
	r->created_us = sim_now_us(c->sim);
	memcpy(r->fingerprint, print, SHA256_BYTES);
	keep(tsearch(r, &c->sim->keys, by_key));
	count(c->sim->counters, "idempotency_keys");
}

static enum claim replay(struct call *c, const struct record *r)
{
	c->status = r->status;
	c->body = op_strdup(c->op, r->body);
	answer_header(c, "Idempotent-Replayed", "true");
	answer_header(c, "Original-Request", op_strdup(c->op, r->request_id));
	count(c->sim->counters, "idempotency_replays");
	return CLAIM_ANSWERED;
}

static enum claim mismatch(struct call *c)
{
	count(c->sim->counters, "idempotency_mismatches");
	flavour.mismatch(c);
	return CLAIM_ANSWERED;
}

static enum claim in_use(struct call *c)
{
	count(c->sim->counters, "idempotency_conflicts");
	flavour.in_use(c);
	return CLAIM_ANSWERED;
}

enum claim idem_claim(struct call *c)
{
	unsigned char print[SHA256_BYTES];
	struct record *r;

	if (!c->key || strcmp(c->method, "POST"))
		return CLAIM_NEW;
	answer_header(c, flavour.key_header, c->key);
	r = find(c->sim, c->key);
	if (r && r->status &&
		sim_now_us(c->sim) - r->created_us >= flavour.shelf_s(c) * SECOND) {
		forget(c->sim, r);
		count(c->sim->counters, "idempotency_pruned");
		r = NULL;
	}
	fingerprint(c, print);
	if (!r) {
		remember(c, print);
		return CLAIM_NEW;
	}
	if (memcmp(r->fingerprint, print, sizeof print))
		return mismatch(c);
	return r->status ? replay(c, r) : in_use(c);
}

/* Looked up again: the state may have been reset while the work waited. */
void idem_finish(struct call *c)
{
	struct record *r;

	if (!c->key || strcmp(c->method, "POST") || !(r = find(c->sim, c->key)))
		return;
	if (!c->executed) {
		forget(c->sim, r);
		return;
	}
	if (r->status)
		return;
	r->status = c->status;
	r->body = keep(strdup(c->body));
}

void idem_clear(struct sim *s)
{
	tdestroy(s->keys, record_free);
	s->keys = NULL;
}
