/*
 * POST /v1/webhooks/sms/...: the provider of short messages tells what a reader
 * answered, or what became of a message.  Both are one call of the database, made here:
 * STOP holds from the moment of its answer.
 */
#include "adapters/sms_code.h"
#include "adapters/sms_webhook.h"
#include "base/config.h"
#include "domain/sms.h"
#include "shop-httpd/door.h"
#include "shop-httpd/route.h"
#include "shop-httpd/webhook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arrival {
	struct sms_form form;
	const char *sid, *result;
	bool help;
};

static enum err refuse(struct op *op, const char *rule, const char *why)
{
	return fail(op, E_USAGE, rule, "the webhook %s", why);
}

/* "SM" or "MM" and 32 digits: what goes into the database and into logs. */
static bool sid_ok(const char *sid)
{
	return sid && strlen(sid) == 34 &&
	       (strncmp(sid, "SM", 2) == 0 || strncmp(sid, "MM", 2) == 0) &&
	       strspn(sid + 2, "0123456789abcdefABCDEF") == 32;
}

/* The URL that was signed, as the provider sees it. */
static const char *called(struct request *r)
{
	const char *url = r->op.config->sms.webhook_url;
	size_t n = strlen(url);

	while (n && url[n - 1] == '/')
		n--;
	return op_printf(&r->op, "%.*s/%s%s%s", (int)n, url, r->tail,
		r->head.query ? "?" : "", r->head.query ? r->head.query : "");
}

static enum err admit(struct request *r, struct arrival *a)
{
	const char *account;

	TRY(sms_form_read(&r->op, r->body, r->body_n, &a->form));
	TRY(sms_signature_check(&r->op, r->door->sms_token, called(r), &a->form,
		head_get(&r->head, "x-twilio-signature")));
	account = sms_form_get(&a->form, "AccountSid");
	if (!account || strcmp(account, r->op.config->sms.account_sid) != 0)
		return refuse(&r->op, "sms_account_is_ours", "is of another account");
	a->sid = sms_form_get(&a->form, "MessageSid");
	if (!sid_ok(a->sid))
		return refuse(&r->op, "webhook_form_is_readable", "names no message");
	return OK;
}

/* "1234.1": the message that it is about, and which copy of it. */
static void name_of(const char *tail, struct sms_told *t)
{
	char *end;
	int64_t id = strtoll(tail, &end, 10);

	if (id <= 0 || *end != '.')
		return;
	t->notification = id;
	t->copy = strtoll(end + 1, NULL, 10);
}

static enum err told(struct request *r, struct arrival *a)
{
	const char *status = sms_form_get(&a->form, "MessageStatus");
	const char *number = sms_form_get(&a->form, "ErrorCode");
	int64_t code = number ? strtoll(number, NULL, 10) : 0;
	const struct sms_code *known = sms_code_find(code);
	struct sms_told t = { .sid = a->sid, .state = sms_state(status) };

	a->result = "ignored";
	if (!t.state)
		return OK;
	name_of(r->tail, &t);
	if (strcmp(t.state, "failed") == 0) {
		t.error = op_printf(&r->op, "%s (%lld)",
			known ? known->words : "it did not arrive", (long long)code);
		t.suppress = known ? sms_suppresses(known->outcome) : NULL;
	}
	return sms_told(&r->op, &t, &a->result);
}

/* A number is digits; what has none, a name or a short code, is nobody to write to. */
static const char *number_of(const struct arrival *a)
{
	const char *from = sms_form_get(&a->form, "From");

	return from && strspn(from, "+0123456789") == strlen(from) ? from : "";
}

static enum err heard(struct request *r, struct arrival *a)
{
	const struct sms_answered s = { a->sid, number_of(a), sms_word(&a->form) };

	a->help = strcmp(s.word, "help") == 0;
	return sms_heard(&r->op, &s, &a->result);
}

static void store(struct request *r)
{
	struct arrival *a = r->of;

	if (sms_form_get(&a->form, "MessageStatus"))
		told(r, a);
	else
		heard(r, a);
}

static const char *xml(struct op *op, const char *text)
{
	struct text t = { 0 };

	for (; *text; text++) {
		if (strchr("<>&", *text))
			text_add(op, &t, op_printf(op, "&#%d;", *text));
		else
			text_add_char(op, &t, *text);
	}
	return t.s;
}

static void stored(struct request *r)
{
	const struct arrival *a = r->of;
	const char *help = r->op.config->sms.help_text;

	webhook_count("sms", r->op.fault.code == OK ? a->result : "not_stored");
	if (r->op.fault.code != OK)
		answer_problem(r, 503, "webhook_is_stored",
			"what was told could not be stored; send it again");
	else
		answer_text(r, 200, "text/xml; charset=utf-8",
			a->help && *help
				? op_printf(&r->op,
					  "<Response><Message>%s</Message></Response>",
					  xml(&r->op, help))
				: "<Response/>");
}

void webhook_sms(struct request *r)
{
	struct arrival *a = op_alloc(&r->op, sizeof *a);

	r->of = a;
	if (admit(r, a) != OK)
		webhook_refuse(r, "sms", "refused");
	else
		pool_run(r->door->pool, r, store, stored);
}
