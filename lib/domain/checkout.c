/* What a checkout must look like before it is placed, and how it is seen after. */
#include "domain/checkout.h"

#include "base/config.h"
#include "base/sha.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

const struct shape checkout_view_shape =
	SHAPE(checkout_view, FIELD(checkout_view, id, .flags = FIELD_ID),
		FIELD(checkout_view, state), FIELD(checkout_view, payment_state),
		FIELD(checkout_view, client_secret, .flags = FIELD_SECRET),
		FIELD(checkout_view, next_action), FIELD(checkout_view, subtotal),
		FIELD(checkout_view, discount), FIELD(checkout_view, shipping),
		FIELD(checkout_view, tax), FIELD(checkout_view, total),
		FIELD(checkout_view, lines), FIELD(checkout_view, created_at),
		FIELD(checkout_view, expires_at));

/* Two lines of one SKU are one line: the sum is what must be there. */
static void merge_lines(struct checkout *c)
{
	size_t i, j, kept = 0;

	for (i = 0; i < c->line_count; i++) {
		for (j = 0; j < kept; j++)
			if (!strcmp(c->lines[j].sku, c->lines[i].sku))
				break;
		if (j < kept)
			c->lines[j].qty += c->lines[i].qty;
		else
			c->lines[kept++] = c->lines[i];
	}
	c->line_count = kept;
}

static enum err check_lines(struct checkout *c)
{
	size_t i;

	if (c->line_count < 1 || c->line_count > CHECKOUT_LINES_MAX)
		return fail(c->op, E_DATA, "order_has_lines",
			"an order has 1 to %d lines", CHECKOUT_LINES_MAX);
	for (i = 0; i < c->line_count; i++)
		if (c->lines[i].qty < 1 || c->lines[i].qty > CHECKOUT_QTY_MAX)
			return fail(c->op, E_DATA, "line_is_within_bounds",
				"line %zu: a quantity is 1 to %d", i + 1,
				CHECKOUT_QTY_MAX);
	merge_lines(c);
	for (i = 0; i < c->line_count; i++)
		if (c->lines[i].qty > CHECKOUT_QTY_MAX)
			return fail(c->op, E_DATA, "line_is_within_bounds",
				"more than %d of %s", CHECKOUT_QTY_MAX,
				c->lines[i].sku);
	return OK;
}

/* What cannot be a code is no coupon of ours; a code given twice is given once. */
static enum err check_coupons(struct checkout *c)
{
	const char **kept = op_alloc(c->op, (c->coupons.n + 1) * sizeof *kept);
	size_t i, j, n = 0;

	if (c->coupons.n > CHECKOUT_COUPONS_MAX)
		return fail(c->op, E_DATA, "coupons_are_bounded",
			"an order takes up to %d coupons", CHECKOUT_COUPONS_MAX);
	for (i = 0; i < c->coupons.n; i++) {
		const char *code = c->coupons.v[i];

		if (!*code || strlen(code) > CHECKOUT_CODE_MAX)
			return fail(c->op, E_DATA, "coupon_code_is_folded",
				"a coupon has a code of 1 to %d characters",
				CHECKOUT_CODE_MAX);
		for (j = 0; j < n && strcasecmp(kept[j], code) != 0; j++)
			;
		if (j == n)
			kept[n++] = code;
	}
	c->coupons = (struct texts){ kept, n };
	return OK;
}

const char *checkout_means(
	struct op *op, const char *provider, const char *capture, const char *method)
{
	if (!provider)
		provider = method && !strncmp(method, "pm_", 3)
				   ? "stripe"
				   : op->config->payment.provider;
	if (!strcmp(provider, "manual"))
		return op_printf(
			op, "manual:%lld", (long long)op->config->payment.manual_days);
	if (!strcmp(provider, "stripe") && !capture)
		return method;
	return op_printf(
		op, "%s/%s:%s", provider, capture ? capture : "", method ? method : "");
}

enum err checkout_check(struct checkout *c)
{
	const char *at = c->email ? strchr(c->email, '@') : NULL;

	if (!c->key || !*c->key || strlen(c->key) > CHECKOUT_KEY_MAX)
		return fail(c->op, E_USAGE, "order_has_a_key",
			"an idempotency key has 1 to %d characters", CHECKOUT_KEY_MAX);
	if (!c->currency || money_exponent(c->currency) < 0)
		return fail(c->op, E_DATA, "currency_is_known",
			"\"%s\" is not a currency", c->currency ? c->currency : "");
	if (c->expected_total < 0 && c->expected_total != CHECKOUT_ANY_TOTAL)
		return fail(c->op, E_DATA, "order_total_is_positive",
			"a total of %" PRId64 " cannot be expected", c->expected_total);
	if (!at || at == c->email || !at[1])
		return fail(c->op, E_DATA, "email_is_an_address",
			"the e-mail address has no name or no host");
	c->name = c->name ? c->name : "";
	c->locale = c->locale ? c->locale : "en";
	TRY(check_coupons(c));
	return check_lines(c);
}

/* Length first, so that two requests never run into the same bytes. */
static char *put(char *to, const char *s)
{
	size_t n = s ? strlen(s) + 1 : 0;

	memcpy(to, &n, sizeof n);
	to += sizeof n;
	if (n)
		memcpy(to, s, n);
	return to + n;
}

void checkout_fingerprint(struct checkout *c)
{
	const char *texts[] = { c->currency, c->email, c->name, c->phone, c->locale,
		c->address, c->method, c->cart };
	int64_t numbers[] = { c->customer_id, c->expected_total,
		(int64_t)c->line_count };
	unsigned char *digest = op_alloc(c->op, SHA256_BYTES);
	size_t i, size = sizeof numbers;
	char *start, *to;

	for (i = 0; i < sizeof texts / sizeof *texts; i++)
		size += sizeof size + (texts[i] ? strlen(texts[i]) + 1 : 0);
	for (i = 0; i < c->line_count; i++)
		size += sizeof size + strlen(c->lines[i].sku) + 1 +
			sizeof c->lines[i].qty;
	for (i = 0; i < c->coupons.n; i++)
		size += sizeof size + strlen(c->coupons.v[i]) + 1;
	if (c->shipping)
		size += 2 * sizeof size + 1 + strlen(c->shipping) + 1;
	start = op_alloc(c->op, size);
	memcpy(start, numbers, sizeof numbers);
	to = start + sizeof numbers;
	for (i = 0; i < sizeof texts / sizeof *texts; i++)
		to = put(to, texts[i]);
	for (i = 0; i < c->line_count; i++) {
		to = put(to, c->lines[i].sku);
		memcpy(to, &c->lines[i].qty, sizeof c->lines[i].qty);
		to += sizeof c->lines[i].qty;
	}
	for (i = 0; i < c->coupons.n; i++)
		to = put(to, c->coupons.v[i]);
	if (c->shipping) /* no code is empty: it cannot be taken for one */
		to = put(put(to, ""), c->shipping);
	sha256(start, (size_t)(to - start), digest);
	c->fingerprint = (struct bytes){ digest, SHA256_BYTES };
}

enum err checkout_get(
	struct op *op, int64_t client_id, int64_t id, struct checkout_view *out)
{
	return db_one(
		op, "checkout_get", &checkout_view_shape, out, V(client_id), V(id));
}
