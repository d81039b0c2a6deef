/* Who is outside: two providers by their address, and the banks behind them. */
#include "base/http.h"
#include "house/house.h"
#include "world.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static const struct house *const houses[] = { &stripe_house, &paypal_house };
enum { HOUSES = sizeof houses / sizeof *houses };

void provider_open(void)
{
	for (int i = 0; i < HOUSES; i++)
		houses[i]->open();
}

void provider_close(void)
{
	for (int i = 0; i < HOUSES; i++)
		houses[i]->close();
}

void provider_pass(void)
{
	for (int i = 0; i < HOUSES; i++)
		houses[i]->pass();
}

void provider_calm(void)
{
	for (int i = 0; i < HOUSES; i++)
		houses[i]->calm();
}

void provider_resend(void)
{
	for (int i = 0; i < HOUSES; i++)
		houses[i]->resend();
}

bool provider_quiet(void)
{
	return houses[0]->quiet() && houses[1]->quiet();
}

bool provider_deliver(void)
{
	int64_t first = below(HOUSES);

	return houses[first]->deliver() || houses[!first]->deliver();
}

void provider_effects(void)
{
	for (int i = 0; i < HOUSES; i++)
		houses[i]->effects();
}

static void books_free(void *text)
{
	free(text);
}

const char *provider_books(struct op *op)
{
	cJSON *books = cJSON_CreateObject();
	char *text;

	cJSON_AddArrayToObject(books, "payments");
	cJSON_AddArrayToObject(books, "refunds");
	cJSON_AddArrayToObject(books, "txns");
	for (int i = 0; i < HOUSES; i++)
		houses[i]->books(books);
	text = cJSON_PrintUnformatted(books);
	cJSON_Delete(books);
	if (!text)
		abort();
	op_defer(op, books_free, text);
	return text;
}

static bool unreachable(struct http_answer *out)
{
	if (strikes(F_blackout))
		run.blackout_until = run.now_us + between(1, 30) * MINUTE_US;
	if (run.now_us >= run.blackout_until)
		return false;
	self->wake_us = run.now_us + 2 * SECOND_US;
	turn_over();
	out->outcome = HTTP_NOT_SENT;
	out->reason = "no connection";
	trace("provider unreachable");
	return true;
}

enum err provider_http(
	struct op *op, const struct http_request *r, struct http_answer *out)
{
	bool at_stripe = strstr(r->url, "//stripe.invalid/") != NULL;

	out->outcome = HTTP_UNKNOWN;
	out->body = "";
	if (!strncmp(r->url, "http://shop.invalid", 19))
		return door_take(op, r, out);
	if (!provider_token(r) && unreachable(out))
		return OK;
	run.effects[E_lookups] += strstr(r->url, "search?") != NULL;
	return houses[!at_stripe]->call(op, r, out);
}

/* Whoever asks for a token has a lock: nobody may take turns meanwhile. */
bool provider_token(const struct http_request *r)
{
	return strstr(r->url, "/v1/oauth2/token") != NULL;
}

/* Banks: what happens to money that nobody of ours asked for. */
void bank_live(struct actor *a)
{
	struct op op;

	begin(&op, "bank");
	if (below(2))
		stripe_bank(&op);
	else
		paypal_bank(&op);
	end(&op);
	a->wake_us = run.now_us + between(500, 15000) * 1000;
}
