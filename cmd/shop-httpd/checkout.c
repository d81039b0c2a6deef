/* POST /v1/checkouts and GET /v1/checkouts/{id}. */
#include "domain/checkout.h"

#include "base/config.h"
#include "shop-httpd/basket.h"
#include "shop-httpd/door.h"
#include "shop-httpd/route.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MAX_S = 10, LOOK_FIRST_US = 100000, LOOK_LAST_US = 1000000 };

static const char *status_url(struct request *r, int64_t id)
{
	return op_printf(
		&r->op, "%s/v1/checkouts/%" PRId64, r->op.config->shop.base_url, id);
}

/* The same for the first answer and every replay of it. */
static void answer_placed(struct request *r)
{
	const struct checkout *c = r->of;
	struct json_writer w = { .op = &r->op };
	size_t i;

	if (c->err != OK) {
		answer_fault(r);
		return;
	}
	r->op.order = c->id;
	json_object(&w, NULL);
	json_put_id(&w, "id", c->id);
	json_put(&w, "state", c->state);
	json_put_money(&w, "total", c->total);
	json_array(&w, "lines");
	for (i = 0; i < c->line_count; i++) {
		json_object(&w, NULL);
		json_put(&w, "sku", c->lines[i].sku);
		json_put_int(&w, "qty", c->lines[i].qty);
		json_close(&w);
	}
	json_close(&w);
	json_put_stamp(&w, "expires_at", c->expires_at);
	json_put(&w, "status_url", status_url(r, c->id));
	json_close(&w);
	answer_header(r, "Location", "/v1/checkouts/%" PRId64, c->id);
	if (c->replayed)
		answer_header(r, "Idempotency-Replayed", "true");
	answer_json(r, 201, w.text);
}

/* Give the first one's answer to another that asked the same meanwhile. */
static void share(const struct checkout *from, struct checkout *to)
{
	const struct fault *f = &from->op->fault;

	to->err = from->err;
	to->id = from->id;
	to->state = from->state ? op_strdup(to->op, from->state) : NULL;
	to->total = from->total;
	to->expires_at = from->expires_at;
	to->replayed = from->err == OK;
	if (from->err == OK)
		return;
	fail(to->op, f->code, f->rule, "%s", f->text);
	if (f->hint)
		fail_hint(to->op, "%s", f->hint);
}

/* On the loop: this checkout has its answer, and so have those that waited for it. */
static void placed(struct request *r)
{
	struct checkout *first = r->of, *c, *next;

	for (c = inflight_end(r->door->inflight, first); c; c = next) {
		next = c->next;
		share(first, c);
		request_continue(c->ctx);
	}
	answer_placed(r);
}

/* On a batcher's thread. */
static void done(struct checkout *c, void *ctx)
{
	(void)c;
	request_continue(ctx);
}

/* From the moment that another thread may know of the request, it is not ours. */
static void place(struct request *r, struct checkout *c)
{
	enum err e;

	request_away(r, answer_placed);
	switch (inflight_begin(r->door->inflight, c)) {
	case INFLIGHT_LATER:
		return;
	case INFLIGHT_OTHER:
		c->err = fail(c->op, E_REFUSED, "order_key_names_one_request",
			"this key is under way with another request");
		request_continue(r);
		return;
	case INFLIGHT_FIRST:
		break;
	}
	r->resume = placed;
	e = batcher_submit(r->door->batcher, c);
	if (e == OK)
		return;
	c->err = e;
	request_continue(r);
}

static bool read_body(struct request *r, struct checkout *c)
{
	struct json_reader reader = { .op = &r->op };
	const struct json *body;

	if (json_parse(&r->op, r->body, r->body_n, &body) != OK) {
		answer_problem(r, 400, r->op.fault.rule, "%s", r->op.fault.text);
		return false;
	}
	basket_read(&reader, body, c);
	if (reader.n) {
		answer_invalid(r, &reader);
		return false;
	}
	if (checkout_check(c) != OK) {
		answer_fault(r);
		return false;
	}
	return true;
}

static void create(struct request *r)
{
	struct checkout *c = op_alloc(&r->op, sizeof *c);

	r->of = c;
	c->op = &r->op;
	c->client_id = r->client.id;
	c->done = done;
	c->ctx = r;
	c->key = request_key(r);
	if (!c->key)
		return;
	if (!request_is_json(r))
		return;
	if (!read_body(r, c))
		return;
	checkout_fingerprint(c);
	place(r, c);
}

void checkout_create(struct request *r)
{
	client_admit(r, "checkout", create);
}

/* A checkout that somebody looks at, perhaps until it changes. */
struct looking {
	int64_t id, until, pause;
	struct checkout_view view;
	const char *etag;
};

static void look(struct request *r)
{
	struct looking *l = r->of;

	checkout_get(&r->op, r->client.id, l->id, &l->view);
}

static const char *view_text(struct request *r, const struct checkout_view *v)
{
	struct json_writer w = { .op = &r->op };

	json_object(&w, NULL);
	json_put_id(&w, "id", v->id);
	json_put(&w, "state", v->state);
	json_put_money(&w, "subtotal", v->subtotal);
	json_put_money(&w, "discount", v->discount);
	json_put_money(&w, "shipping", v->shipping);
	json_put_money(&w, "tax", v->tax);
	json_put_money(&w, "total", v->total);
	json_put_raw(&w, "lines", v->lines.s ? v->lines.s : "[]");
	json_object(&w, "payment");
	json_put(&w, "state", v->payment_state);
	json_put(&w, "client_secret", v->client_secret);
	json_put_raw(&w, "next_action", v->next_action.s ? v->next_action.s : "null");
	json_close(&w);
	json_put_stamp(&w, "created_at", v->created_at);
	json_put_stamp(&w, "expires_at", v->expires_at);
	json_put(&w, "status_url", status_url(r, v->id));
	json_close(&w);
	return w.text;
}

/* Nothing the storefront waits for has come yet. */
static bool is_waiting(const struct checkout_view *v)
{
	return strcmp(v->state, "pending") == 0 && !v->client_secret &&
	       !v->next_action.s;
}

static void look_again(struct request *r);

static void looked(struct request *r)
{
	struct looking *l = r->of;
	const char *text, *etag;
	bool same;

	if (r->op.fault.code != OK) {
		answer_fault(r);
		return;
	}
	r->op.order = l->view.id;
	text = view_text(r, &l->view);
	etag = answer_etag(r, text);
	same = request_has(r, etag);
	if (clock_ticks() < l->until &&
		(head_get(&r->head, "if-none-match") ? same : is_waiting(&l->view)) &&
		!atomic_load(&r->door->draining)) {
		request_sleep(r, l->pause, look_again);
		l->pause = l->pause * 2 < LOOK_LAST_US ? l->pause * 2 : LOOK_LAST_US;
		return;
	}
	answer_header(r, "ETag", "%s", etag);
	answer_json(r, same ? 304 : 200, text);
}

static void look_again(struct request *r)
{
	pool_run(r->door->pool, r, look, looked);
}

/* "wait=5" of Prefer (RFC 7240), in seconds. */
static int64_t wait_of(const struct request *r)
{
	const char *prefer = head_get(&r->head, "prefer");
	const char *wait = prefer ? strstr(prefer, "wait=") : NULL;
	long n = wait ? strtol(wait + 5, NULL, 10) : 0;

	return n < 0 ? 0 : n > WAIT_MAX_S ? WAIT_MAX_S : n;
}

static void show(struct request *r)
{
	struct looking *l = op_alloc(&r->op, sizeof *l);

	r->of = l;
	if (strspn(r->tail, "0123456789") != strlen(r->tail) || !*r->tail ||
		strlen(r->tail) > 16) {
		answer_problem(
			r, 404, "checkout_exists", "there is no checkout %s", r->tail);
		return;
	}
	l->id = strtoll(r->tail, NULL, 10);
	l->pause = LOOK_FIRST_US;
	l->until = clock_ticks() + wait_of(r) * 1000000;
	look_again(r);
}

void checkout_show(struct request *r)
{
	client_admit(r, "checkout", show);
}
