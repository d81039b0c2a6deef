/* What the provider of short messages tells: who it is, what it means, what it moves.
 */
#include "domain/sms.h"
#include "adapters/sms_code.h"
#include "adapters/sms_webhook.h"
#include "domain/notification.h"
#include "test.h"

#include <string.h>

#define SID "SM00000000000000000000000000000001"

/* A message to Jane that is on its way: 1 of order 1024. */
#define MESSAGE                                                                        \
	"INSERT INTO orders (id, client_id, key, fingerprint, state, currency, "       \
	"subtotal, total, expires_at) VALUES "                                         \
	"(1024, 0, 'k', 'f', 'shipped', 'EUR', 5998, 5998, now());"                    \
	"INSERT INTO order_contact (order_id, email, name, phone) VALUES "             \
	"(1024, 'jane@example.com', 'Jane', '+49 151 2345678');"                       \
	"INSERT INTO notification (id, event, channel, order_id, subject_id, "         \
	"message_id, intent_at) OVERRIDING SYSTEM VALUE VALUES "                       \
	"(1, 'shipped', 'sms', 1024, 1024, 'm', now());"

static const struct sms_form *form(struct op *op, const char *body)
{
	struct sms_form *f = op_alloc(op, sizeof *f);

	CHECK(sms_form_read(op, body, strlen(body), f) == OK);
	return f;
}

/* The example of the provider's own manual. */
#define EXAMPLE                                                                        \
	"To=%2B18005551212&CallSid=CA1234567890ABCDE&Caller=%2B12349013030"            \
	"&Digits=1234&From=%2B12349013030"
#define URL   "https://mycompany.com/myapp.php?foo=1&bar=2"
#define RIGHT "0/KCTR6DLpKmkAf8muzZqo1nDgQ="

TEST_NO_DB(the_signature_is_that_of_the_providers_own_example)
{
	SAME(RIGHT, sms_signature(op, "12345", URL, form(op, EXAMPLE)));
}

TEST_NO_DB(only_whoever_has_the_token_may_speak)
{
	static const char *const bad[] = { NULL, "", "x", "0/KCTR6DLpKmkAf8muzZqo1nDgQ",
		RIGHT "=", "0/kctr6DLpKmkAf8muzZqo1nDgQ=" };
	const struct sms_form *f = form(op, EXAMPLE);

	CHECK(sms_signature_check(op, "12345", URL, f, RIGHT) == OK);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		REFUSED("webhook_signature_is_valid",
			sms_signature_check(op, "12345", URL, f, bad[i]));
	REFUSED("webhook_signature_is_valid",
		sms_signature_check(op, "12346", URL, f, RIGHT));
	REFUSED("webhook_signature_is_valid",
		sms_signature_check(op, "12345", URL "0", f, RIGHT));
	REFUSED("webhook_signature_is_valid",
		sms_signature_check(op, "12345", URL, form(op, EXAMPLE "&A=b"), RIGHT));
	/* without a token of ours nobody can sign, not even with an empty one */
	REFUSED("webhook_signature_is_valid",
		sms_signature_check(op, NULL, URL, f, sms_signature(op, "", URL, f)));
}

TEST_NO_DB(a_form_is_read_to_the_last_byte_or_not_at_all)
{
	static const char *const bad[] = { "", "&&", "=x", "a=%0", "a=%zz", "a=%00b",
		"%00=b" };
	struct sms_form f;
	const char *many = "";

	SAME("Grüße & mehr",
		sms_form_get(form(op, "b=1&a=Gr%C3%BC%c3%9fe+%26+mehr&c="), "a"));
	SAME("", sms_form_get(form(op, "c=&d"), "c"));
	SAME("", sms_form_get(form(op, "c=&d"), "d"));
	CHECK(!sms_form_get(form(op, "c=&d"), "e"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		REFUSED("webhook_form_is_readable",
			sms_form_read(op, bad[i], strlen(bad[i]), &f));
	for (int i = 0; i <= SMS_FIELDS; i++)
		many = op_printf(op, "%sa=b&", many);
	REFUSED("webhook_form_is_readable", sms_form_read(op, many, strlen(many), &f));
}

TEST_NO_DB(stop_is_stop_however_it_is_written_and_a_sentence_is_none)
{
	static const struct {
		const char *body, *word;
	} rows[] = { { "Body=STOP", "stop" }, { "Body=+Stop%21%0A", "stop" },
		{ "Body=stop+all", "stop" }, { "Body=Unsubscribe", "stop" },
		{ "Body=quit", "stop" }, { "Body=STOPP", "stop" },
		{ "Body=start", "start" }, { "Body=Yes.", "start" },
		{ "Body=unstop", "start" }, { "Body=HELP", "help" },
		{ "Body=Hilfe%3F", "help" }, { "Body=don%27t+stop", "none" },
		{ "Body=where+does+it+stop", "none" }, { "Body=", "none" },
		{ "From=x", "none" }, { "Body=st%C3%B6p", "none" },
		{ "Body=stopstopstopstopstop", "none" },
		/* the provider's own word counts first */
		{ "Body=ARRET&OptOutType=STOP", "stop" },
		{ "Body=STOP&OptOutType=", "stop" } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		SAME(rows[i].word, sms_word(form(op, rows[i].body)));
}

TEST_NO_DB(only_what_will_be_wrong_tomorrow_suppresses_a_number)
{
	static const struct {
		int64_t code;
		const char *why;
	} rows[] = { { 21610, "stop" }, { 21211, "bounce" }, { 30005, "bounce" },
		{ 30006, "bounce" }, { 30003, "" }, { 30004, "" }, { 30007, "" },
		{ 30001, "" } };

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct sms_code *c = sms_code_find(rows[i].code);
		const char *why = c ? sms_suppresses(c->outcome) : NULL;

		CHECK(c);
		SAME(rows[i].why, why ? why : "");
	}
	CHECK(!sms_code_find(30008));
}

static const char *heard(struct op *op, int n, const char *sender, const char *word)
{
	const struct sms_answered a = { op_printf(op, "SM%032d", n), sender, word };
	const char *result;

	CHECK(sms_heard(op, &a, &result) == OK);
	return result;
}

#define SUPPRESSED                                                                     \
	ASK("SELECT coalesce(string_agg(address || ' ' || why, ','), '') FROM "        \
	    "suppression")
#define AUDIT                                                                          \
	ASK("SELECT coalesce(string_agg(action, ' ' ORDER BY id), '') FROM audit_log " \
	    "WHERE object = 'suppression:sms'")

TEST(stop_suppresses_the_number_and_start_lifts_it)
{
	SAME("stopped", heard(op, 1, "+491512345678", "stop"));
	SAME("+491512345678 stop", SUPPRESSED);
	SAME("heard", heard(op, 2, "+491512345678", "help"));
	SAME("heard", heard(op, 3, "+491512345678", "none"));
	SAME("+491512345678 stop", SUPPRESSED);
	SAME("started", heard(op, 4, "+491512345678", "start"));
	SAME("", SUPPRESSED);
	SAME("stop start", AUDIT);
	SAME("heard", heard(op, 5, "+491512345678", "start"));
	SAME("heard", heard(op, 6, "SHOP", "stop"));
	SAME("stop start", AUDIT);
}

TEST(an_answer_that_is_delivered_again_changes_nothing)
{
	heard(op, 1, "+491512345678", "start");
	SAME("stopped", heard(op, 2, "+491512345678", "stop"));
	SAME("duplicate", heard(op, 1, "+491512345678", "start"));
	SAME("+491512345678 stop", SUPPRESSED);
}

TEST(a_start_does_not_lift_what_a_person_suppressed)
{
	GIVEN("INSERT INTO suppression (channel, address, why, by) VALUES "
	      "('sms', '+491', 'manual', 't'), ('sms', '+491512345678', 'manual', "
	      "'t')");
	heard(op, 1, "+491512345678", "stop");
	SAME("heard", heard(op, 2, "+491512345678", "start"));
	SAME("+491 manual,+491512345678 manual", SUPPRESSED);
}

static const char *told(struct op *op, int64_t id, int64_t copy, const char *state)
{
	const struct sms_told t = { .notification = id,
		.copy = copy,
		.sid = SID,
		.state = state,
		.error = strcmp(state, "failed") ? NULL : "no such number",
		.suppress = strcmp(state, "failed") ? NULL : "bounce" };
	const char *result;

	CHECK(sms_told(op, &t, &result) == OK);
	return result;
}

#define STATE ASK("SELECT state FROM notification WHERE id = 1")

TEST(a_message_moves_forward_only)
{
	static const char *const states[] = { "sent", "delivered", "failed" };
	static const char *const from[] = { "queued", "sent", "delivered", "failed",
		"suppressed" };

	GIVEN(MESSAGE);
	for (size_t i = 0; i < sizeof from / sizeof *from; i++)
		for (size_t k = 0; k < sizeof states / sizeof *states; k++) {
			bool moves = i == 0 || (i == 1 && k > 0);

			GIVEN(op_printf(
				op, "UPDATE notification SET state = '%s'", from[i]));
			SAME(moves ? "moved" : "stale", told(op, 1, 1, states[k]));
			SAME(moves ? states[k] : from[i], STATE);
		}
}

TEST(the_carriers_word_may_come_before_our_own_record)
{
	const struct notification_result late = { .state = "sent", .ref = SID };

	GIVEN(MESSAGE);
	SAME("moved", told(op, 1, 1, "delivered"));
	CHECK(notification_record(op, 1, &late) == OK);
	SAME("delivered", STATE);
	GIVEN("UPDATE notification SET state = 'queued', ref = NULL");
	SAME("moved", told(op, 1, 1, "failed"));
	CHECK(notification_record(op, 1, &late) == OK);
	SAME("failed", STATE);
	SAME("+491512345678 bounce", SUPPRESSED);
	SAME("no such number", ASK("SELECT last_error FROM notification"));
}

TEST(a_reference_finds_its_message_and_another_one_does_not)
{
	GIVEN(MESSAGE);
	SAME("unknown", told(op, 0, 0, "delivered"));
	SAME("unknown", told(op, 2, 1, "delivered"));
	GIVEN("UPDATE notification SET state = 'sent', ref = '" SID "'");
	SAME("moved", told(op, 0, 0, "delivered"));
	GIVEN("UPDATE notification SET state = 'sent', ref = 'SM2'");
	SAME("unknown", told(op, 1, 1, "failed"));
	SAME("sent", STATE);
}

TEST(what_was_sent_again_is_no_business_of_the_copy_before)
{
	struct notification n;

	GIVEN(MESSAGE);
	told(op, 1, 1, "failed");
	CHECK(notification_resend(op, 1, &n) == OK);
	SAME(2, n.copy);
	CHECK(!n.intent_at.us && !n.ref);
	SAME("unknown", told(op, 1, 1, "delivered"));
	SAME("queued", STATE);
}
