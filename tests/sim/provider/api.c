/* The way of one API request: route, key, faults, idempotency, endpoint, answer. */
#include "provider/api.h"

#include "provider/fault.h"
#include "provider/flavour.h"

/* "/v1/refunds/:id" against "/v1/refunds/re_1"; *id is what stood for :id. */
static bool fits(struct op *op, const char *pattern, const char *path, const char **id)
{
	const char *hole = strstr(pattern, ":id");
	size_t n, before;

	if (!hole)
		return !strcmp(pattern, path);
	before = (size_t)(hole - pattern);
	if (strncmp(pattern, path, before))
		return false;
	n = strcspn(path + before, "/");
	if (!n || n >= ID_MAX || strcmp(path + before + n, hole + 3))
		return false;
	*id = op_strndup(op, path + before, n);
	return true;
}

static const struct route *route_find(struct call *c)
{
	const struct route *r;

	for (r = flavour.routes; r->method; r++)
		if (!strcmp(r->method, c->method) &&
			fits(c->op, r->pattern, c->path, &c->id))
			return r;
	flavour.unknown_route(c);
	return NULL;
}

static int base64_digit(char d)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = d ? strchr(digits, d) : NULL;

	return at ? (int)(at - digits) : -1;
}

const char *basic_text(struct op *op, const char *text)
{
	char *out = op_alloc(op, strlen(text) + 1);
	unsigned bits = 0;
	int have = 0;
	size_t n = 0;

	for (; *text && *text != '='; text++) {
		int digit = base64_digit(*text);

		if (digit < 0)
			return "";
		bits = (bits << 6 | (unsigned)digit) & 0xffffff;
		have += 6;
		if (have >= 8)
			out[n++] = (char)(bits >> (have -= 8));
	}
	return out;
}

static void print_body(struct call *c)
{
	if (c->body || !c->out)
		return;
	c->body = keep(cJSON_PrintUnformatted(c->out));
	op_defer(c->op, cJSON_free, (char *)c->body);
}

static void hit(struct call *c, const struct fault_hit *f)
{
	if (f->kind->wording) {
		c->status = f->kind->status;
		c->body = flavour.errors[f->kind->wording];
	}
	c->effect = f->kind->effect;
	c->hold_s = f->seconds;
	flavour.spoil(c, f);
}

/* The lock is free meanwhile: others go on, and the same key is in use. */
static void wait_a_while(struct sim *s, double seconds)
{
	int64_t until = sim_now_us(s) + (int64_t)(seconds * SECOND);

	while (!s->stopping && sim_now_us(s) < until)
		sim_wait(s, until - sim_now_us(s));
}

static void execute(struct call *c, const struct route *r, const struct fault_hit *f)
{
	bool after = f->kind && f->kind->stage == AFTER;
	/* a 500 may be what the key remembers; every other loss is on the wire only */
	bool remembered = after && f->kind->status == 500 && !flavour.forgets_failures;

	if (f->kind && f->kind->stage == DURING)
		wait_a_while(c->sim, f->seconds);
	if (f->kind && f->kind->stage == INSTEAD) {
		c->executed = !flavour.forgets_failures;
		hit(c, f);
	} else if (r->run(c) / 100 == 2) {
		flavour.finish(c);
	}
	print_body(c);
	if (after && remembered)
		hit(c, f);
	idem_finish(c);
	if (after && !remembered)
		hit(c, f);
}

static void process(struct call *c, const struct route *r)
{
	struct fault_hit f = fault_take(
		c->sim, op_printf(c->op, "%s %s", c->method, c->path), c->route, false);

	if (f.kind && f.kind->stage == BEFORE)
		hit(c, &f);
	else if (idem_claim(c) == CLAIM_NEW)
		execute(c, r, &f);
	else if (f.kind && f.kind->stage == AFTER)
		hit(c, &f);
}

static void tally(struct call *c)
{
	const char *name = c->route ? c->route : "(unknown)";
	cJSON *row = js_get(c->sim->calls, name);

	if (!row) {
		js_put(c->sim->calls, name, cJSON_CreateObject());
		row = js_get(c->sim->calls, name);
	}
	count(row, "count");
	count(row, c->effect == SEND ? op_printf(c->op, "%d", c->status) : "lost");
}

void api_answer(struct call *c)
{
	const struct route *r;
	char id[ID_MAX];

	pthread_mutex_lock(&c->sim->lock);
	new_id(c->sim, "req_", id);
	c->request_id = op_strdup(c->op, id);
	r = route_find(c);
	if (r)
		c->route = op_printf(c->op, "%s %s", r->method, r->pattern);
	if (++c->sim->calling > c->sim->most_calling)
		c->sim->most_calling = c->sim->calling;
	if (r && flavour.admit(c, r))
		process(c, r);
	c->sim->calling--;
	print_body(c);
	tally(c);
	pthread_mutex_unlock(&c->sim->lock);
}
