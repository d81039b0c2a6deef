/* A batch of checkouts as parallel arrays, and the answers back to each of them. */
#include "domain/checkout_call.h"

#include "base/config.h"
#include "base/failpoint.h"

#include <stddef.h>
#include <string.h>

/* What became of one order, as both functions say it. */
struct answer {
	int64_t n, id;
	const char *status, *state, *rule, *message, *lacking;
	struct money total;
	struct stamp expires_at;
};

static const struct shape answer_shape = SHAPE(answer, FIELD(answer, n),
	FIELD(answer, id), FIELD(answer, status), FIELD(answer, state),
	FIELD(answer, rule), FIELD(answer, message), FIELD(answer, lacking),
	FIELD(answer, total), FIELD(answer, expires_at));

static struct value texts_of(
	struct op *op, struct checkout **v, size_t n, size_t offset)
{
	const char **t = op_alloc(op, n * sizeof *t);
	size_t i;

	for (i = 0; i < n; i++)
		t[i] = *(const char **)((char *)v[i] + offset);
	return value_texts(op, (struct texts){ t, n });
}

static struct value ints_of(struct op *op, struct checkout **v, size_t n, size_t offset)
{
	int64_t *t = op_alloc(op, n * sizeof *t);
	size_t i;

	for (i = 0; i < n; i++)
		t[i] = *(int64_t *)((char *)v[i] + offset);
	return value_ints(op, (struct ints){ t, n });
}

static struct value fingerprints_of(struct op *op, struct checkout **v, size_t n)
{
	struct bytes *t = op_alloc(op, n * sizeof *t);
	size_t i;

	for (i = 0; i < n; i++)
		t[i] = v[i]->fingerprint;
	return value_blobs(op, (struct blobs){ t, n });
}

static struct value traces_of(struct op *op, struct checkout **v, size_t n)
{
	const char **t = op_alloc(op, n * sizeof *t);
	size_t i;

	for (i = 0; i < n; i++)
		t[i] = v[i]->op->trace;
	return value_texts(op, (struct texts){ t, n });
}

/* The lines of all orders, one behind the other. */
struct lines {
	struct value order, sku, qty;
};

static struct lines lines_of(struct op *op, struct checkout **v, size_t n)
{
	int64_t *order, *qty;
	const char **sku;
	size_t i, j, count = 0, at = 0;

	for (i = 0; i < n; i++)
		count += v[i]->line_count;
	order = op_alloc(op, (count + 1) * sizeof *order);
	qty = op_alloc(op, (count + 1) * sizeof *qty);
	sku = op_alloc(op, (count + 1) * sizeof *sku);
	for (i = 0; i < n; i++) {
		for (j = 0; j < v[i]->line_count; j++, at++) {
			order[at] = (int64_t)i + 1;
			sku[at] = v[i]->lines[j].sku;
			qty[at] = v[i]->lines[j].qty;
		}
	}
	return (struct lines){
		value_ints(op, (struct ints){ order, count }),
		value_texts(op, (struct texts){ sku, count }),
		value_ints(op, (struct ints){ qty, count }),
	};
}

/* The codes of all orders, likewise. */
static struct lines coupons_of(struct op *op, struct checkout **v, size_t n)
{
	size_t i, j, at = 0, most = n * CHECKOUT_COUPONS_MAX + 1;
	int64_t *order = op_alloc(op, most * sizeof *order);
	const char **code = op_alloc(op, most * sizeof *code);

	for (i = 0; i < n; i++) {
		for (j = 0; j < v[i]->coupons.n; j++, at++) {
			order[at] = (int64_t)i + 1;
			code[at] = v[i]->coupons.v[j];
		}
	}
	return (struct lines){ .order = value_ints(op, (struct ints){ order, at }),
		.sku = value_texts(op, (struct texts){ code, at }) };
}

#define TEXTS(member) texts_of(op, v, n, offsetof(struct checkout, member))
#define INTS(member)  ints_of(op, v, n, offsetof(struct checkout, member))

/* What an order without coupons and a choice of shipping needs; the optimistic path
 * takes no other. */
enum { PLAIN_VALUES = 19 };

static enum err send(
	struct op *op, const char *fn, struct checkout **v, size_t n, struct rows *out)
{
	bool plain = strcmp(fn, "order_place_fast") == 0;
	struct lines lines = lines_of(op, v, n), codes = coupons_of(op, v, n);
	const struct value values[] = { INTS(id), INTS(client_id), TEXTS(key),
		fingerprints_of(op, v, n), TEXTS(cart), INTS(customer_id),
		TEXTS(currency), INTS(expected_total), TEXTS(email), TEXTS(name),
		TEXTS(phone), TEXTS(locale), TEXTS(address), TEXTS(method),
		traces_of(op, v, n), lines.order, lines.sku, lines.qty,
		V(op->config->shop.reservation_minutes), codes.order, codes.sku,
		TEXTS(shipping) };

	return db_rows_values(op, fn, &answer_shape, out, values,
		plain ? PLAIN_VALUES : sizeof values / sizeof *values);
}

bool checkout_answered(const struct checkout *c)
{
	return c->state || c->op->fault.code != OK;
}

static void settle(struct checkout *c, const struct answer *a)
{
	/* Another order of the batch may take what this one was promised: no answer
	 * yet. */
	if (a->rule && !strcmp(a->rule, "checkout_is_asked_again"))
		return;
	if (a->rule) {
		c->id = 0;
		c->err = fail(c->op, strcmp(a->status, "mismatch") ? E_REFUSED : E_DATA,
			a->rule, "%s", a->message);
		if (a->lacking) {
			checkout_short_note(a->lacking);
			fail_hint(c->op, "shopctl stock show %s", a->lacking);
		}
		return;
	}
	c->err = OK;
	c->id = a->id;
	c->state = op_strdup(c->op, a->state);
	c->total = a->total;
	c->expires_at = a->expires_at;
	c->replayed = !strcmp(a->status, "replayed");
}

enum err checkout_call(struct op *op, const char *fn, struct checkout **v, size_t n)
{
	struct rows rows;
	size_t i;

	FAILPOINT(op, "checkout.before_commit");
	TRY(send(op, fn, v, n, &rows));
	FAILPOINT(op, "checkout.after_commit");
	if (rows.n != n)
		return fail(op, E_BROKEN, "every_order_is_answered",
			"%zu answers to %zu orders", rows.n, n);
	for (i = 0; i < n; i++) {
		const struct answer *a = row_at(&answer_shape, rows, i);

		if (a->n != (int64_t)i + 1)
			return fail(op, E_BROKEN, "every_order_is_answered",
				"answer %zu is for another order", i + 1);
		settle(v[i], a);
	}
	return OK;
}
