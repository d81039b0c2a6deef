/* Places checkouts: the optimistic path first, the exact one when that was refused. */
#include "domain/checkout.h"

#include "base/arena.h"
#include "base/id.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/money.h"
#include "domain/checkout_call.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { ID_BLOCK = 1000, TRIES = 8, PAUSE_US = 10000, PAUSE_MAX_US = 1000000 };

METRIC_COUNTER(calls, "shop_checkout_batches_total", "Batches committed, by path.")
METRIC_COUNTER(retries, "shop_checkout_retries_total", "Batches sent again, by reason.")

struct checkout_ids {
	pthread_mutex_t lock;
	int64_t next, end;
};

struct block {
	int64_t first;
};
static const struct shape block_shape = SHAPE(block, FIELD(block, first));

struct checkout_ids *checkout_ids_new(void)
{
	struct checkout_ids *ids = must(calloc(1, sizeof *ids));

	pthread_mutex_init(&ids->lock, NULL);
	return ids;
}

void checkout_ids_free(struct checkout_ids *ids)
{
	pthread_mutex_destroy(&ids->lock);
	free(ids);
}

static enum err one_id(struct op *op, struct checkout_ids *ids, int64_t *out)
{
	struct block block;

	if (ids->next == ids->end) {
		TRY(db_one(op, "id_block", &block_shape, &block, V(ID_BLOCK)));
		ids->next = block.first;
		ids->end = block.first + ID_BLOCK;
	}
	*out = ids->next++ << 10;
	return OK;
}

/* Ids ascend within a batch: the optimistic path relies on it. */
static enum err number(
	struct op *op, struct checkout_ids *ids, struct checkout **v, size_t n)
{
	enum err e = OK;
	size_t i;

	pthread_mutex_lock(&ids->lock);
	for (i = 0; i < n && e == OK; i++)
		if (!v[i]->id)
			e = one_id(op, ids, &v[i]->id);
	pthread_mutex_unlock(&ids->lock);
	return e;
}

/* Full jitter: those who failed together do not come back together. */
static void pause_before(int attempt)
{
	int64_t most = PAUSE_US << attempt;
	uint32_t random;

	if (most > PAUSE_MAX_US)
		most = PAUSE_MAX_US;
	id_random(&random, sizeof random);
	clock_sleep_us((int64_t)random * most >> 32);
}

static bool is_collision(const struct fault *f)
{
	return f->sqlstate &&
	       (!strcmp(f->sqlstate, "40P01") || !strcmp(f->sqlstate, "40001"));
}

/* Why the same batch may be sent again, or NULL. */
static const char *reason(const struct fault *f)
{
	if (f->code == E_AWAY)
		return "reason=\"unknown_outcome\"";
	if (is_collision(f))
		return "reason=\"collision\"";
	if (f->code == E_REFUSED && (!strcmp(f->rule, "order_key_used_once") ||
					    !strcmp(f->rule, "cart_used_once") ||
					    !strcmp(f->rule, "orders_pkey")))
		return "reason=\"key_in_flight\"";
	return NULL;
}

/*
 * Forget the fault and wait a little, when trying again can help.  In a dry run it
 * cannot: the transaction that would be rolled back is gone.
 */
static bool again(struct op *op, int *attempt)
{
	const char *why = reason(&op->fault);

	if (!why || op->dry_run || ++*attempt >= TRIES)
		return false;
	series_add(metric_at(&retries, why), 1);
	if (op->fault.code == E_AWAY)
		log_fault(op, "checkout_outcome_unknown");
	if (op->fault.code != E_REFUSED) /* a used key was waited for already */
		pause_before(*attempt);
	fault_clear(op);
	return true;
}

/* Those that have no answer yet, in the order they came. */
static size_t unanswered(struct checkout **v, size_t n)
{
	size_t i, left = 0;

	for (i = 0; i < n; i++)
		if (!checkout_answered(v[i]))
			v[left++] = v[i];
	return left;
}

/* Every call answers one order at least: the rest may want the last use of its coupon.
 */
static enum err exactly(struct op *op, struct checkout **batch, size_t n)
{
	struct checkout **v = op_alloc(op, n * sizeof *v);
	enum err e = OK;
	int attempt = 0;

	memcpy(v, batch, n * sizeof *v);
	while (n && e == OK) {
		do
			e = checkout_call(op, "order_place", v, n);
		while (e != OK && again(op, &attempt));
		if (e != OK)
			return e;
		series_add(metric_at(&calls, "path=\"exact\""), 1);
		n = unanswered(v, n);
	}
	return e;
}

/* The database cannot answer anybody now; everything else is one order's own fault. */
static bool is_outage(enum err e)
{
	return e == E_AWAY || e == E_BUSY || e == E_DENIED || e == E_CONFIG;
}

/* What no batch survives is found by sending its orders one by one. */
static enum err place_exactly(struct op *op, struct checkout **v, size_t n)
{
	enum err e = exactly(op, v, n);
	size_t i;

	if (e == OK || is_outage(e))
		return e;
	if (n == 1 &&
		v[0]->op == op) { /* an operator's: the fault is where it belongs */
		v[0]->err = e;
		return OK;
	}
	if (n == 1)
		v[0]->err = fail(v[0]->op, e, op->fault.rule, "%s", op->fault.text);
	fault_clear(op);
	for (i = 0; i < n && n > 1; i++)
		if (!checkout_answered(v[i]))
			TRY(place_exactly(op, v + i, 1));
	return OK;
}

static enum err place_fast(struct op *op, struct checkout **v, size_t n)
{
	enum err e = checkout_call(op, "order_place_fast", v, n);
	int attempt = 0;

	if (e == OK) {
		series_add(metric_at(&calls, "path=\"fast\""), 1);
		return OK;
	}
	if (e == E_BROKEN)
		log_fault(op, "checkout_fast_failed");
	if (e == E_REFUSED && !strcmp(op->fault.rule, "checkout_is_plain"))
		checkout_not_plain_note();
	if (!again(op, &attempt) && is_outage(e))
		return e;
	fault_clear(op);
	return place_exactly(op, v, n);
}

/* Whoever got no answer gets the reason why nobody did. */
static enum err spread(struct op *op, enum err e, struct checkout **v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (e == OK || checkout_answered(v[i]))
			continue;
		v[i]->err = fail(v[i]->op, e, op->fault.rule, "%s", op->fault.text);
		fail_hint(v[i]->op, "ask again with the same idempotency key");
	}
	return e;
}

enum err checkout_place_exact(
	struct op *op, struct checkout_ids *ids, struct checkout **batch, size_t n)
{
	enum err e;
	int attempt = 0;

	do
		e = number(op, ids, batch, n);
	while (e != OK && again(op, &attempt));
	if (e == OK)
		e = place_exactly(op, batch, n);
	return spread(op, e, batch, n);
}

/* What the optimistic path does not look at: coupons, carts of ours, a shipping method,
 * other means of payment, and currencies whose every amount cannot be charged. */
static bool is_special(const struct checkout *c)
{
	return c->coupons.n || c->shipping || (c->cart && strstr(c->cart, "/ct_")) ||
	       (c->method && strchr(c->method, ':')) ||
	       money_exponent(c->currency) == 3;
}

enum err checkout_place(
	struct op *op, struct checkout_ids *ids, struct checkout **batch, size_t n)
{
	struct checkout **fast = op_alloc(op, (n + 1) * sizeof *fast);
	struct checkout **exact = op_alloc(op, (n + 1) * sizeof *exact);
	size_t i, fast_n = 0, exact_n = 0;
	bool not_plain = checkout_not_plain();
	enum err e;
	int attempt = 0;

	do
		e = number(op, ids, batch, n);
	while (e != OK && again(op, &attempt));
	for (i = 0; i < n; i++) {
		if (not_plain || checkout_short(batch[i]) || is_special(batch[i]))
			exact[exact_n++] = batch[i];
		else
			fast[fast_n++] = batch[i];
	}
	if (e == OK && fast_n)
		e = place_fast(op, fast, fast_n);
	if (e == OK && exact_n)
		e = place_exactly(op, exact, exact_n);
	return spread(op, e, batch, n);
}
