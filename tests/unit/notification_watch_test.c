/* What a look at the shelves and the carts finds: each once. */
#include "domain/notification_watch.h"
#include "domain/notification.h"
#include "domain/stock.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define SHELF                                                                          \
	"INSERT INTO warehouse (id, code) OVERRIDING SYSTEM VALUE VALUES "             \
	"(91, 'W1'), (92, 'W2');"                                                      \
	"INSERT INTO product (id, handle, title) OVERRIDING SYSTEM VALUE VALUES "      \
	"(91, 'dog', 'Dog food');"                                                     \
	"INSERT INTO variant (id, product_id, sku, title) OVERRIDING SYSTEM VALUE "    \
	"VALUES (91, 91, 'DOG', 'Dog food');"                                          \
	"INSERT INTO stock (variant_id, warehouse_id, on_hand, reserved) VALUES "      \
	"(91, 91, 2, 2), (91, 92, 0, 0);"

static struct watch_found look(struct op *op)
{
	struct watch_found found;

	CHECK(notification_stock(op, 100, &found) == OK);
	return found;
}

static struct notice notice_of(struct op *op, const char *event)
{
	struct notice n = { 0 };

	CHECK(notification_load(op,
		      strtoll(ASK(op_printf(op,
				      "SELECT max(id) FROM notification WHERE event "
				      "= '%s' AND channel = 'email'",
				      event)),
			      NULL, 10),
		      &n) == OK);
	return n;
}

TEST(who_waits_hears_once_that_it_is_back)
{
	struct subscription s;
	struct letter letter;
	struct notice n;

	GIVEN(SHELF);
	CHECK(stock_subscribe(op, "Jane@example.com", "DOG", "en", &s) == OK);
	CHECK(stock_subscribe(op, "jane@example.com", "DOG", "en", &s) == OK);
	SAME(0, s.available);
	SAME(0, look(op).back);
	GIVEN("UPDATE stock SET on_hand = 5 WHERE warehouse_id = 92 AND variant_id = "
	      "91");
	SAME(1, look(op).back);
	SAME(0, look(op).back);
	n = notice_of(op, "back_in_stock");
	SAME("jane@example.com", n.email);
	SAME((char *)NULL, n.hold);
	CHECK(notification_write(op, &n, &letter) == OK);
	SAME("Dog food is back", letter.subject);
	CHECK(strstr(letter.text, "/v1/unsubscribe/") != NULL);
	GIVEN("UPDATE stock SET on_hand = reserved WHERE variant_id = 91");
	SAME("it is gone again", notice_of(op, "back_in_stock").hold);
}

TEST(who_asked_while_it_was_there_waits_until_it_was_gone)
{
	struct subscription s;

	GIVEN(SHELF "UPDATE stock SET on_hand = 5 WHERE warehouse_id = 92");
	CHECK(stock_subscribe(op, "jane@example.com", "DOG", "en", &s) == OK);
	SAME(5, s.available);
	SAME(0, look(op).back);
	GIVEN("UPDATE stock SET on_hand = 0 WHERE warehouse_id = 92");
	SAME(0, look(op).back);
	GIVEN("UPDATE stock SET on_hand = 1 WHERE warehouse_id = 92");
	SAME(1, look(op).back);
	REFUSED("variant_exists",
		stock_subscribe(op, "jane@example.com", "CAT", "en", &s));
	REFUSED("stock_subscription_email_is_folded",
		stock_subscribe(op, "jane", "DOG", "en", &s));
}

TEST(what_is_in_a_closed_warehouse_is_not_back)
{
	struct subscription s;

	GIVEN(SHELF);
	CHECK(stock_subscribe(op, "jane@example.com", "DOG", "en", &s) == OK);
	GIVEN("UPDATE stock SET on_hand = 5 WHERE warehouse_id = 92;"
	      "UPDATE warehouse SET open = false WHERE id = 92");
	SAME(0, look(op).back);
}

TEST(a_shelf_that_runs_low_is_told_once_until_it_was_above)
{
	struct letter letter;
	struct notice n;

	GIVEN(SHELF "UPDATE stock SET reorder_point = 3 WHERE variant_id = 91;"
		    "UPDATE stock SET on_hand = 8 WHERE warehouse_id = 91 AND "
		    "variant_id = 91");
	SAME(0, look(op).low); /* 6 are wanted, and there */
	GIVEN("UPDATE stock SET reserved = 3 WHERE warehouse_id = 91 AND variant_id = "
	      "91");
	SAME(1, look(op).low);
	SAME(0, look(op).low);
	n = notice_of(op, "low_stock");
	SAME("operators", n.audience);
	CHECK(notification_write(op, &n, &letter) == OK);
	SAME("1 SKUs run low", letter.subject);
	CHECK(strstr(letter.text, "- DOG (Dog food): 5 left, 6 wanted\n") != NULL);
	GIVEN("UPDATE stock SET reserved = 0 WHERE warehouse_id = 91 AND variant_id = "
	      "91");
	SAME(0, look(op).low);
	GIVEN("UPDATE stock SET reserved = 8 WHERE warehouse_id = 91 AND variant_id = "
	      "91");
	SAME(1, look(op).low);
	SAME("2", ASK("SELECT count(*) FROM notification WHERE event = 'low_stock'"));
}

/* ID, cart, state, hours ago. */
#define CART(id, cart, state, hours)                                                   \
	"INSERT INTO orders (id, client_id, key, fingerprint, cart, state, currency, " \
	"subtotal, total, created_at, expires_at) VALUES (" #id ", 1, '" #id           \
	"', 'f', '" cart "', '" state "', 'EUR', 100, 100, now() - interval '" hours   \
	" h', now());"                                                                 \
	"INSERT INTO order_contact (order_id, email) VALUES (" #id ", 'p" #id          \
	"@example.com');"
#define AGREED(id)                                                                     \
	"INSERT INTO preference (email, topic, channel, allowed, changed_by) VALUES "  \
	"('p" #id "@example.com', 'marketing', 'email', true, 'test');"

static int64_t remind(struct op *op)
{
	int64_t told;

	CHECK(notification_carts(op, 24, &told) == OK);
	return told;
}

TEST(a_cart_that_was_left_is_told_once_to_who_agreed)
{
	GIVEN("UPDATE setting SET value = (now() - interval '9 d')::text WHERE name = "
	      "'cart_watermark';" CART(1024, "1/left", "expired", "30") AGREED(1024)
			CART(2048, "1/silent", "expired", "30") CART(
				3072, "1/bought", "expired", "30") AGREED(3072)
				CART(4096, "2/bought", "paid", "29") AGREED(4096) CART(
					5120, "1/fresh", "expired", "23") AGREED(5120));
	SAME(1, remind(op));
	SAME("1024", ASK("SELECT string_agg(order_id::text, ',') FROM notification "
			 "WHERE event = 'cart_abandoned'"));
	SAME(0, remind(op));
	/* it was filled again and left again: once a cart */
	GIVEN("UPDATE setting SET value = (now() - interval '9 d')::text WHERE name = "
	      "'cart_watermark';" CART(6144, "2/left", "expired", "25") AGREED(6144));
	SAME(0, remind(op));
}

TEST(carts_are_left_alone_when_the_shop_wants_that)
{
	int64_t told;

	GIVEN("UPDATE setting SET value = (now() - interval '9 d')::text WHERE name = "
	      "'cart_watermark';" CART(1024, "1/left", "expired", "30") AGREED(1024));
	CHECK(notification_carts(op, 0, &told) == OK);
	SAME(0, told);
}

TEST(a_question_of_the_bank_is_told_late_and_only_while_it_is_open)
{
	GIVEN(CART(1024, "1/c", "pending",
		"0") "INSERT INTO payment (id, order_id, state, live, currency, "
		     "amount, "
		     "next_action) VALUES (1024, 1024, 'open', true, 'EUR', 100, '{}');"
		     "SELECT notify('payment_action_needed', 1024, 1024)");
	SAME("1", ASK("SELECT count(*) FROM job_later WHERE kind = "
		      "'notification.send' AND run_at > now() + interval '2 min'"));
	SAME((char *)NULL, notice_of(op, "payment_action_needed").hold);
	GIVEN("UPDATE payment SET next_action = NULL");
	SAME("the payment went on by itself",
		notice_of(op, "payment_action_needed").hold);
}

TEST(how_many_shall_be_there_is_said_by_the_operator)
{
	struct stock s;

	GIVEN(SHELF);
	CHECK(stock_reorder(op, "DOG", "W2", 4, &s) == OK);
	SAME(1, look(op).low);
	CHECK(stock_reorder(op, "DOG", "W2", 0, &s) == OK);
	SAME(0, look(op).low);
	SAME("2", ASK("SELECT count(*) FROM audit_log WHERE action = 'stock.reorder'"));
	REFUSED("reorder_point_is_not_negative",
		stock_reorder(op, "DOG", "W2", -1, &s));
}
