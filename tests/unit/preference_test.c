/* What people wished, and when and where nothing is sent. */
#include "domain/preference.h"
#include "domain/notification.h"
#include "test.h"

#include <stdlib.h>

#define JANE                                                                           \
	"INSERT INTO orders (id, client_id, key, fingerprint, state, currency, "       \
	"subtotal, total, expires_at) VALUES "                                         \
	"(1024, 0, 'k', 'f', 'paid', 'EUR', 5998, 5998, now());"                       \
	"INSERT INTO order_contact (order_id, email, name, phone, locale) VALUES "     \
	"(1024, 'Jane@example.com', 'Jane', '+49 (151) 123-45678', 'en');"

static enum err wish(struct op *op, const char *topic, const char *channel, bool on)
{
	const struct wish w = { "Jane@Example.com", topic, channel, on };
	struct rows rows;

	return preference_set(op, &w, &rows);
}

TEST(who_said_nothing_gets_what_an_order_needs_and_no_advertising)
{
	struct rows rows;

	CHECK(preference_show(op, "jane@example.com", &rows) == OK);
	SAME(9, rows.n);
	SAME("transactional email true,transactional sms false,transactional inbox "
	     "true,"
	     "stock email true,stock sms false,stock inbox true,"
	     "marketing email false,marketing sms false,marketing inbox false",
		ASK("SELECT string_agg(topic || ' ' || channel || ' ' || allowed, ',') "
		    "FROM api.preference_show('jane@example.com') WHERE origin = "
		    "'default'"));
}

TEST(mail_about_an_order_cannot_be_switched_off)
{
	REFUSED("transactional_mail_stays_on",
		wish(op, "transactional", "email", false));
	CHECK(wish(op, "transactional", "sms", true) == OK);
	CHECK(wish(op, "marketing", "email", true) == OK);
	CHECK(wish(op, "marketing", "email", true) == OK);
	SAME("true", ASK("SELECT preference_of('jane@example.com', 'marketing', "
			 "'email')"));
	SAME("2", ASK("SELECT count(*) FROM audit_log WHERE object LIKE "
		      "'preference:%'"));
	REFUSED("preference_topic_is_known", wish(op, "weather", "email", true));
	REFUSED("preference_channel_is_known", wish(op, "stock", "pigeon", true));
}

/* The hours of the customer's own place, on both sides of midnight and of summer. */
TEST(quiet_hours_end_in_the_morning_of_the_customer)
{
	static const struct {
		const char *tz, *at, *until;
	} rows[] = {
		{ "UTC", "2026-11-20 20:59:59Z", NULL },
		{ "UTC", "2026-11-20 21:00:00Z", "2026-11-21 08:00:00+00" },
		{ "UTC", "2026-11-21 00:30:00Z", "2026-11-21 08:00:00+00" },
		{ "UTC", "2026-11-21 08:00:00Z", NULL },
		{ "Europe/Berlin", "2026-11-20 19:59:59Z", NULL },
		{ "Europe/Berlin", "2026-11-20 20:00:00Z", "2026-11-21 07:00:00+00" },
		{ "Europe/Berlin", "2026-07-01 19:00:00Z", "2026-07-02 06:00:00+00" },
		/* the night when clocks go back has an hour more */
		{ "Europe/Berlin", "2026-10-24 19:00:00Z", "2026-10-25 07:00:00+00" },
		{ "Europe/Berlin", "2026-03-28 20:00:00Z", "2026-03-29 06:00:00+00" },
		{ "America/New_York", "2026-11-21 03:00:00Z",
			"2026-11-21 13:00:00+00" },
		{ "Pacific/Auckland", "2026-11-20 09:00:00Z",
			"2026-11-20 19:00:00+00" },
	};

	GIVEN("SET LOCAL timezone = 'UTC'");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct quiet q = { "jane@example.com", rows[i].tz, NULL, NULL, { 0 } };

		CHECK(quiet_hours(op, &q, &q) == OK);
		SAME("21:00", q.begins);
		SAME(rows[i].until,
			ASK(op_printf(op,
				"SELECT quiet_until('jane@example.com', '%s')",
				rows[i].at)));
	}
}

TEST(hours_within_a_day_and_none_at_all)
{
	struct quiet q = { NULL, NULL, "12:00", "14:00", { 0 } };

	GIVEN("SET LOCAL timezone = 'UTC'");
	CHECK(quiet_hours(op, &q, &q) == OK);
	SAME("2026-11-20 14:00:00+00",
		ASK("SELECT quiet_until('x@example.com', '2026-11-20 13:00Z')"));
	SAME((char *)NULL,
		ASK("SELECT quiet_until('x@example.com', '2026-11-20 14:00Z')"));
	q = (struct quiet){ "x@example.com", NULL, "00:00", "00:00", { 0 } };
	CHECK(quiet_hours(op, &q, &q) == OK);
	SAME((char *)NULL,
		ASK("SELECT quiet_until('x@example.com', '2026-11-20 13:00Z')"));
	q = (struct quiet){ .tz = "Moon/Crater" };
	REFUSED("time_zone_is_known", quiet_hours(op, &q, &q));
	q = (struct quiet){ .begins = "25:00" };
	REFUSED("quiet_hour_is_a_time", quiet_hours(op, &q, &q));
}

TEST(a_short_message_waits_for_the_morning_and_a_mail_does_not)
{
	GIVEN(JANE
		"UPDATE quiet_hours SET begins = (now() AT TIME ZONE 'UTC' - interval "
		"'1 h')::time, ends = (now() AT TIME ZONE 'UTC' + interval '1 "
		"h')::time;");
	CHECK(wish(op, "transactional", "sms", true) == OK);
	GIVEN("SELECT notify('shipped', 1024, 1024)");
	SAME("email,sms", ASK("SELECT string_agg(channel, ',' ORDER BY channel) FROM "
			      "notification"));
	SAME("email f,sms t",
		ASK("SELECT string_agg(channel || ' ' || CASE WHEN l.wait_until > "
		    "now() "
		    "THEN 't' ELSE 'f' END, ',' ORDER BY channel) FROM notification n, "
		    "LATERAL (SELECT (api.notification_load(n.id)).wait_until) l"));
	GIVEN("SELECT api.notification_wait(id, now() + interval '1 h') FROM "
	      "notification, generate_series(1, 2) WHERE channel = 'sms'");
	SAME("1", ASK("SELECT count(*) FROM job_later WHERE kind = "
		      "'notification.send' AND run_at > now()"));
}

/* Why the message of that channel is held back; "" when it is not. */
static const char *hold(struct op *op, const char *channel)
{
	return ASK(op_printf(op,
		"SELECT coalesce(l.hold, '') FROM notification n, LATERAL "
		"api.notification_load(n.id) l WHERE n.channel = '%s' ORDER BY n.id "
		"DESC LIMIT 1",
		channel));
}

static enum err record(struct op *op, int64_t id, const char *suppress)
{
	const struct notification_result r = {
		.state = "failed", .error = "no", .suppress = suppress
	};

	return notification_record(op, id, &r);
}

TEST(what_bounced_or_said_stop_is_not_written_to_again)
{
	struct suppression s = { .channel = "sms", .address = "0049 151 123-45678" };
	struct suppression_query q = { .limit = 10 };
	struct rows rows;

	GIVEN(JANE);
	CHECK(wish(op, "transactional", "sms", true) == OK);
	GIVEN("SELECT notify('shipped', 1024, 1024)");
	SAME("", hold(op, "email"));
	SAME("", hold(op, "sms"));
	CHECK(record(op,
		      strtoll(ASK("SELECT id FROM notification WHERE channel = "
				  "'email'"),
			      NULL, 10),
		      "bounce") == OK);
	CHECK(record(op,
		      strtoll(ASK("SELECT id FROM notification WHERE channel = "
				  "'sms'"),
			      NULL, 10),
		      "stop") == OK);
	CHECK(suppression_list(op, &q, &rows) == OK);
	SAME(2, rows.n);
	GIVEN("SELECT notify('delivered', 1024, 1024)");
	SAME("suppressed: bounce", hold(op, "email"));
	SAME("suppressed: stop", hold(op, "sms"));
	CHECK(suppression_remove(op, &s, &s) == OK);
	SAME("stop", s.why);
	SAME("", hold(op, "sms"));
	REFUSED("suppression_exists", suppression_remove(op, &s, &s));
	s = (struct suppression){
		.channel = "email", .address = "JANE@example.com", .why = "complaint"
	};
	CHECK(suppression_add(op, &s, &s) == OK);
	SAME("bounce", s.why); /* the first word stays */
	s.address = "nobody";
	REFUSED("suppression_address_is_valid", suppression_add(op, &s, &s));
}

TEST(numbers_are_written_as_providers_want_them)
{
	SAME("+4915112345678", ASK("SELECT phone_number('+49 (151) 123-45678')"));
	SAME("+4915112345678", ASK("SELECT phone_number('0049.151.12345678')"));
	SAME((char *)NULL, ASK("SELECT phone_number('0151 12345678')"));
	SAME((char *)NULL, ASK("SELECT phone_number('call me')"));
	SAME((char *)NULL, ASK("SELECT phone_number('+12')"));
}

TEST(a_link_of_a_mail_ends_its_topic_and_no_other)
{
	const char *token, *topic;

	GIVEN(JANE);
	CHECK(wish(op, "marketing", "email", true) == OK);
	GIVEN("SELECT notify('cart_abandoned', 1024, 1024), "
	      "notify('shipped', 1024, 1024)");
	token = ASK("SELECT unsubscribe_token(id) FROM notification WHERE event = "
		    "'cart_abandoned'");
	SAME(token, ASK("SELECT (api.notification_load(id)).unsubscribe FROM "
			"notification WHERE event = 'cart_abandoned'"));
	CHECK(unsubscribe(op, token, &topic) == OK);
	SAME("marketing", topic);
	SAME("not wanted: marketing by email",
		ASK("SELECT (api.notification_load(id)).hold FROM notification WHERE "
		    "event = 'cart_abandoned'"));
	CHECK(unsubscribe(op, token, &topic) == OK);
	REFUSED("unsubscribe_token_is_ours",
		unsubscribe(op, op_printf(op, "%s0", token), &topic));
	REFUSED("unsubscribe_token_is_ours",
		unsubscribe(op, op_printf(op, "9%s", token), &topic));
	REFUSED("unsubscribe_token_is_ours", unsubscribe(op, "", &topic));
	REFUSED("unsubscribe_token_is_ours", /* an order's mail has no link */
		unsubscribe(op,
			ASK("SELECT unsubscribe_token(id) FROM notification WHERE "
			    "event "
			    "= 'shipped' AND channel = 'email'"),
			&topic));
}
