/* What customers are told: once, whole, and as exactly as the ledger has it. */
#include "domain/notification.h"
#include "domain/template.h"
#include "domain/template_store.h"
#include "test.h"

#include <string.h>

/* An order of two lines, paid, with a refund; its customer has a name to escape. */
#define ORDER                                                                          \
	"INSERT INTO orders (id, client_id, key, fingerprint, state, currency, "       \
	"subtotal, shipping, total, expires_at) VALUES "                               \
	"(1024, 0, 'k', 'f', 'paid', 'EUR', 5998, 499, 6497, now());"                  \
	"INSERT INTO order_line (order_id, n, variant_id, warehouse_id, qty, "         \
	"unit_price, sku, title) VALUES "                                              \
	"(1024, 1, 1, 1, 1, 2000, 'A-1', 'Apple <b>'), "                               \
	"(1024, 2, 2, 1, 2, 1999, 'B-2', 'Birne & Co');"                               \
	"INSERT INTO order_contact (order_id, email, name, locale) VALUES "            \
	"(1024, 'jane@example.com', 'Jane \"J\" Doe', 'en');"                          \
	"INSERT INTO payment (id, order_id, state, live, currency, amount, "           \
	"last_error) VALUES (1024, 1024, 'open', true, 'EUR', 6497, 'declined');"

#define REFUND                                                                         \
	"INSERT INTO refund (id, order_id, payment_id, key, currency, amount, "        \
	"reason) OVERRIDING SYSTEM VALUE VALUES "                                      \
	"(2048, 1024, 1024, 'r', 'EUR', 1005, 'damaged');"

static const struct template_var line_vars[] = { { "line.sku", "A-1" } };
static const struct template_var second_vars[] = { { "line.sku", "<B>" } };
static const struct template_data lines[] = { { line_vars, 1, NULL, NULL, 0 },
	{ second_vars, 1, NULL, NULL, 0 } };
static const struct template_var vars[] = { { "name", "Jane & \"Joe\"" },
	{ "none", NULL }, { "evil", "x\r\nBcc: all@example.com" } };
static const struct template_data data = { vars, 3, "lines", lines, 2 };

static const char *rendered(struct op *op, enum template_kind kind, const char *text)
{
	const char *out;

	CHECK(template_render(op, "t", text, kind, &data, &out) == OK);
	return out;
}

static enum err render(struct op *op, const char *text)
{
	const char *out;

	return template_render(op, "t", text, TEMPLATE_TEXT, &data, &out);
}

TEST_NO_DB(a_variable_is_replaced_by_its_value)
{
	SAME("Hello Jane & \"Joe\"!", rendered(op, TEMPLATE_TEXT, "Hello {{name}}!"));
	SAME("", rendered(op, TEMPLATE_TEXT, "{{none}}"));
	SAME("", rendered(op, TEMPLATE_TEXT, ""));
	SAME("a } b { c", rendered(op, TEMPLATE_TEXT, "a } b { c"));
}

TEST_NO_DB(what_a_customer_typed_is_not_markup)
{
	SAME("<p>Jane &amp; &quot;Joe&quot;</p>",
		rendered(op, TEMPLATE_HTML, "<p>{{name}}</p>"));
	SAME("&lt;B&gt;",
		rendered(op, TEMPLATE_HTML, "{{#lines}}{{line.sku}}{{/lines}}") + 3);
}

TEST_NO_DB(what_a_customer_typed_is_no_header)
{
	SAME("Re: x  Bcc: all@example.com",
		rendered(op, TEMPLATE_HEADER, "Re: {{evil}}"));
}

TEST_NO_DB(a_list_repeats_and_leaves_no_empty_lines)
{
	SAME("a\n- A-1\n- <B>\nb\n",
		rendered(op, TEMPLATE_TEXT,
			"a\n{{#lines}}\n- {{line.sku}}\n{{/lines}}\nb\n"));
}

TEST_NO_DB(a_section_is_there_when_its_variable_is)
{
	SAME("yes Jane & \"Joe\"",
		rendered(op, TEMPLATE_TEXT, "yes{{#name}} {{name}}{{/name}}"));
	SAME("no", rendered(op, TEMPLATE_TEXT, "no{{#none}} {{none}}{{/none}}"));
	SAME("ac", rendered(op, TEMPLATE_TEXT,
			   "a{{#none}}b{{#none}}b{{/none}}b{{/none}}c"));
}

TEST_NO_DB(a_name_nobody_knows_is_refused_wherever_it_is)
{
	REFUSED("template_variable_is_known", render(op, "{{nmae}}"));
	REFUSED("template_variable_is_known", render(op, "{{#nmae}}x{{/nmae}}"));
	REFUSED("template_variable_is_known", render(op, "{{#none}}{{nmae}}{{/none}}"));
	REFUSED("template_variable_is_known", render(op, "{{line.sku}}"));
	REFUSED("template_variable_is_known",
		render(op, "{{#lines}}{{line.nope}}{{/lines}}"));
	REFUSED("template_variable_is_known", render(op, "{{ name }}"));
}

TEST_NO_DB(the_fault_names_the_line_and_what_was_meant)
{
	CHECK(render(op, "a\nb {{nmae}}") == E_DATA);
	SAME("t, line 2, column 3: there is no {{nmae}} in this event", op->fault.text);
	SAME("did you mean {{name}}?", op->fault.hint);
	fault_clear(op);
}

TEST_NO_DB(what_opens_closes)
{
	REFUSED("template_tag_is_closed", render(op, "a {{name"));
	REFUSED("template_section_is_closed", render(op, "{{#lines}}a"));
	REFUSED("template_section_is_closed", render(op, "a{{/lines}}"));
	REFUSED("template_section_is_closed",
		render(op, "{{#lines}}{{/name}}{{/lines}}"));
}

TEST(every_template_that_is_shipped_can_be_sent)
{
	struct rows rows;
	int64_t bad;

	CHECK(template_check(op, &rows, &bad) == OK);
	SAME(45, rows.n);
	SAME(0, bad);
}

TEST(a_template_with_a_wrong_name_is_found_before_a_customer_finds_it)
{
	struct rows rows;
	int64_t bad;

	GIVEN("INSERT INTO template (event, locale, version, subject, body_text, "
	      "body_html)"
	      " VALUES ('order_confirmed', 'en', 2, 'x', '{{refund.amount}}', '')");
	CHECK(template_check(op, &rows, &bad) == OK);
	SAME(45, rows.n);
	SAME(1, bad);
}

TEST(a_new_version_is_used_and_a_wrong_one_refused)
{
	struct template t = { .event = "refund_sent",
		.channel = "email",
		.locale = "en",
		.subject = "Money" };
	const struct template_key k = { "refund_sent", "email", "en" };
	struct template out;

	CHECK(template_set(op, &t, &out) == OK);
	SAME(2, out.version);
	SAME("Money", out.subject);
	CHECK(strstr(out.body_text, "{{refund.amount}}"));
	t.body_html = "{{payment.error}}";
	REFUSED("template_variable_is_known", template_set(op, &t, &out));
	CHECK(template_show(op, &k, &out) == OK);
	SAME(2, out.version);
	t = (struct template){ .event = "refund_sent",
		.channel = "email",
		.locale = "fr",
		.subject = "x" };
	REFUSED("template_exists", template_set(op, &t, &out));
	t.body_text = t.body_html = "Bonjour";
	CHECK(template_set(op, &t, &out) == OK);
	SAME(1, out.version);
	SAME("2", ASK("SELECT count(*) FROM audit_log WHERE object LIKE 'template:%'"));
}

static enum err preview(
	struct op *op, const char *event, const char *locale, struct notice *out)
{
	const struct preview_query q = { event, "email", locale, 1024 };

	return notification_preview(op, &q, out);
}

TEST(a_line_split_over_warehouses_is_one_line_to_the_customer)
{
	struct notice n;

	GIVEN(ORDER
		"INSERT INTO order_line (order_id, n, variant_id, warehouse_id, qty, "
		"unit_price, sku, title) "
		"VALUES (1024, 3, 1, 2, 3, 2000, 'A-1', 'Apple <b>')");
	CHECK(preview(op, "order_confirmed", NULL, &n) == OK);
	SAME(2, n.line_sku.n);
	SAME("4", n.line_qty.v[0]);
	SAME("8000", n.line_total.v[0]);
}

TEST(a_customer_is_told_once)
{
	GIVEN(ORDER "SELECT notify('order_confirmed', 1024, 1024);"
		    "SELECT notify('order_confirmed', 1024, 1024);"
		    "SELECT notify('payment_failed', 1024, 1024);");
	SAME("2", ASK("SELECT count(*) FROM notification"));
	SAME("2", ASK("SELECT count(*) FROM job WHERE kind = 'notification.send'"));
	SAME("<1.order_confirmed.1024@localhost>",
		ASK("SELECT message_id FROM notification WHERE event = "
		    "'order_confirmed'"));
}

TEST(the_message_id_names_the_shops_own_host)
{
	struct mail_host h;

	CHECK(notification_host(op, NULL, &h) == OK);
	SAME("localhost", h.host);
	CHECK(notification_host(op, "shop.example.com", &h) == OK);
	SAME("shop.example.com", h.host);
	CHECK(notification_host(op, NULL, &h) == OK);
	SAME("shop.example.com", h.host);
	REFUSED("message_id_host_is_a_host", notification_host(op, "a>\r\nX: y", &h));
	REFUSED("message_id_host_is_a_host", notification_host(op, "", &h));
	GIVEN("SELECT notify('refund_sent', 1024, 2048);");
	SAME("<1.refund_sent.2048@shop.example.com>",
		ASK("SELECT message_id FROM notification"));
}

TEST(a_mail_has_every_line_and_the_exact_sums)
{
	struct notice n;
	struct letter letter;

	GIVEN(ORDER);
	CHECK(preview(op, "order_confirmed", NULL, &n) == OK);
	SAME("jane@example.com", n.email);
	CHECK(notification_write(op, &n, &letter) == OK);
	SAME("Your order 1024 at Shop", letter.subject);
	CHECK(strstr(letter.text, "1 x Apple <b> (A-1): 20.00 EUR\n"
				  "2 x Birne & Co (B-2): 39.98 EUR\n"));
	CHECK(strstr(letter.text, "Shipping: 4.99 EUR\nTotal: 64.97 EUR\n"));
	CHECK(!strstr(letter.text, "Tax") && !strstr(letter.text, "Discount"));
	CHECK(strstr(letter.html, "Jane &quot;J&quot; Doe"));
	CHECK(strstr(letter.html, "Apple &lt;b&gt;") &&
		strstr(letter.html, "Birne &amp; Co"));
}

TEST(a_mail_speaks_the_language_of_the_customer)
{
	struct notice n;
	struct letter letter;

	GIVEN(ORDER "UPDATE order_contact SET locale = 'de-AT'");
	CHECK(preview(op, "order_confirmed", NULL, &n) == OK);
	CHECK(notification_write(op, &n, &letter) == OK);
	SAME("de", n.locale);
	CHECK(strstr(letter.text, "Gesamtsumme: 64,97 EUR\n"));
	GIVEN("UPDATE order_contact SET locale = 'fr'");
	CHECK(preview(op, "order_confirmed", NULL, &n) == OK);
	SAME("en", n.locale);
}

TEST(money_has_the_decimals_of_its_currency)
{
	struct notice n;
	struct letter letter;

	GIVEN(ORDER "UPDATE orders SET currency = 'JPY'");
	CHECK(preview(op, "order_confirmed", NULL, &n) == OK);
	CHECK(notification_write(op, &n, &letter) == OK);
	CHECK(strstr(letter.text, "Total: 6497 JPY\n"));
	GIVEN("UPDATE orders SET currency = 'KWD'");
	CHECK(preview(op, "order_confirmed", "de", &n) == OK);
	CHECK(notification_write(op, &n, &letter) == OK);
	CHECK(strstr(letter.text, "Gesamtsumme: 6,497 KWD\n"));
}

TEST(a_mail_about_a_refund_names_its_amount_and_not_the_order_s)
{
	struct notice n;
	struct letter letter;

	GIVEN(ORDER);
	CHECK(preview(op, "refund_sent", NULL, &n) == OK);
	REFUSED("refund_exists", notification_write(op, &n, &letter));
	GIVEN(REFUND);
	CHECK(preview(op, "refund_sent", NULL, &n) == OK);
	CHECK(notification_write(op, &n, &letter) == OK);
	SAME("Your refund of 10.05 EUR for order 1024", letter.subject);
}

TEST(a_failed_payment_gives_its_reason)
{
	struct notice n;
	struct letter letter;

	GIVEN(ORDER);
	CHECK(preview(op, "payment_failed", NULL, &n) == OK);
	CHECK(notification_write(op, &n, &letter) == OK);
	CHECK(strstr(letter.text, "The reason we were given: declined\n"));
	GIVEN("UPDATE payment SET last_error = NULL");
	CHECK(preview(op, "payment_failed", NULL, &n) == OK);
	CHECK(notification_write(op, &n, &letter) == OK);
	CHECK(!strstr(letter.text, "reason"));
}

static enum err record(struct op *op, int64_t id, const char *state, const char *error)
{
	const struct notification_result r = { .state = state, .error = error };

	return notification_record(op, id, &r);
}

TEST(sent_is_final)
{
	struct notification n;
	int64_t id;

	GIVEN(ORDER "SELECT notify('order_confirmed', 1024, 1024)");
	id = strtoll(ASK("SELECT id FROM notification"), NULL, 10);
	CHECK(record(op, id, "queued", "451 greylisted") == OK);
	CHECK(record(op, id, "sent", "") == OK);
	CHECK(record(op, id, "failed", "late news") == OK);
	CHECK(notification_show(op, id, &n) == OK);
	SAME("sent", n.state);
	SAME(2, n.attempts);
	CHECK(!n.last_error);
	CHECK(n.sent_at.us > 0);
}

TEST(what_was_sent_is_sent_again_as_a_message_of_its_own)
{
	struct notification n;
	int64_t id;

	GIVEN(ORDER "SELECT notify('order_confirmed', 1024, 1024)");
	id = strtoll(ASK("SELECT id FROM notification"), NULL, 10);
	REFUSED("notification_is_queued", notification_resend(op, id, &n));
	CHECK(record(op, id, "failed", "550 no such mailbox") == OK);
	CHECK(notification_resend(op, id, &n) == OK);
	SAME("<1.order_confirmed.1024@localhost>", n.message_id);
	CHECK(record(op, id, "sent", NULL) == OK);
	CHECK(notification_resend(op, id, &n) == OK);
	SAME("queued", n.state);
	SAME("<2.order_confirmed.1024@localhost>", n.message_id);
	SAME("2", ASK("SELECT count(*) FROM audit_log WHERE action = 'resend'"));
	REFUSED("notification_exists", notification_resend(op, 7, &n));
}

TEST(an_erased_customer_is_nobody_to_write_to)
{
	struct notice n;

	GIVEN(ORDER "DELETE FROM order_contact");
	CHECK(preview(op, "order_confirmed", NULL, &n) == OK);
	CHECK(n.email == NULL);
	SAME("en", n.locale);
}

TEST(notifications_are_found_by_event_state_order_and_time)
{
	struct notification_query q = { .limit = 10 };
	struct rows rows;

	GIVEN("SELECT notify('order_confirmed', 1024, 1024);"
	      "SELECT notify('order_confirmed', 2048, 2048);"
	      "SELECT notify('payment_failed', 2048, 2048);"
	      "UPDATE notification SET state = 'sent' WHERE order_id = 1024");
	CHECK(notification_list(op, &q, &rows) == OK);
	SAME(3, rows.n);
	q.order = 2048;
	CHECK(notification_list(op, &q, &rows) == OK);
	SAME(2, rows.n);
	q.event = "payment_failed";
	CHECK(notification_list(op, &q, &rows) == OK);
	SAME(1, rows.n);
	q = (struct notification_query){ .state = "sent", .limit = 10 };
	CHECK(notification_list(op, &q, &rows) == OK);
	SAME(1, rows.n);
	q = (struct notification_query){ .since = { clock_now().us + 60000000 },
		.limit = 10 };
	CHECK(notification_list(op, &q, &rows) == OK);
	SAME(0, rows.n);
}
