/* Requests for checkouts before any database sees them. */
#include "domain/checkout.h"
#include "test.h"

#include <string.h>

TEST_NO_DB(what_the_database_could_only_refuse_for_all_is_refused_before)
{
	struct checkout_line line = { "DOG", 1 };
	struct checkout c = { .op = op,
		.key = "k",
		.currency = "EUR",
		.email = "a@b.c",
		.expected_total = CHECKOUT_ANY_TOTAL,
		.lines = &line,
		.line_count = 1 };

	CHECK(checkout_check(&c) == OK);
	line.qty = 0;
	REFUSED("line_is_within_bounds", checkout_check(&c));
	line.qty = 1;
	c.email = "@b.c";
	REFUSED("email_is_an_address", checkout_check(&c));
	c.email = "a@b.c";
	c.currency = "EURO";
	REFUSED("currency_is_known", checkout_check(&c));
	c.currency = "EUR";
	c.key = "";
	REFUSED("order_has_a_key", checkout_check(&c));
	c.key = "k";
	c.line_count = 0;
	REFUSED("order_has_lines", checkout_check(&c));
}

TEST_NO_DB(a_fingerprint_tells_requests_apart)
{
	struct checkout_line one = { "DOG", 1 }, two = { "DOG", 2 };
	struct checkout a = { .op = op,
		.key = "k",
		.currency = "EUR",
		.email = "a@b.c",
		.name = "xy",
		.phone = "z",
		.lines = &one,
		.line_count = 1 };
	struct checkout b = a;

	checkout_fingerprint(&a);
	b.key = "other";
	checkout_fingerprint(&b);
	CHECK(!memcmp(a.fingerprint.p, b.fingerprint.p, 32));
	b.lines = &two;
	checkout_fingerprint(&b);
	CHECK(memcmp(a.fingerprint.p, b.fingerprint.p, 32));
	b.lines = &one;
	b.name = "x";
	b.phone = "yz";
	checkout_fingerprint(&b);
	CHECK(memcmp(a.fingerprint.p, b.fingerprint.p, 32));
}
