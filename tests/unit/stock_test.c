/* Stock changes through its verbs: counted, refused by name, remembered. */
#include "test.h"

#include "domain/product.h"
#include "domain/stock.h"
#include "domain/warehouse.h"

#define TEN_MUGS                                                                       \
	"INSERT INTO warehouse (code) VALUES ('AMS');"                                 \
	"INSERT INTO product (handle, title, status) VALUES ('mug', 'Mug', 'active');" \
	"INSERT INTO variant (product_id, sku, title) SELECT id, 'MUG', 'Mug' FROM "   \
	"product;"                                                                     \
	"INSERT INTO stock (variant_id, warehouse_id, on_hand, reserved)"              \
	" SELECT v.id, w.id, 10, 4 FROM variant v, warehouse w"

TEST(a_change_is_what_was_asked_for)
{
	struct stock s = { 0 };

	GIVEN(TEN_MUGS);
	CHECK(stock_adjust(op, "MUG", "AMS", 5, &s) == OK);
	SAME(15, s.on_hand);
	SAME(11, s.available);
	CHECK(stock_adjust(op, "MUG", NULL, -11, &s) == OK);
	SAME(4, s.on_hand);
	SAME("2", ASK("SELECT count(*) FROM stock_movement"));
	SAME("2", ASK("SELECT count(*) FROM audit_log WHERE object = 'variant:MUG'"));
}

TEST(what_is_reserved_stays)
{
	struct stock s = { 0 };
	const struct stock_set three = { "MUG", "AMS", 3, NULL };

	GIVEN(TEN_MUGS);
	REFUSED("stock_never_oversold", stock_adjust(op, "MUG", "AMS", -7, &s));
	REFUSED("stock_never_oversold", stock_set(op, &three, &s));
	SAME("10", ASK("SELECT on_hand FROM stock"));
	SAME("0", ASK("SELECT count(*) FROM stock_movement"));
}

TEST(a_surprise_is_refused)
{
	struct stock s = { 0 };
	const struct stock_set wrong = { "MUG", "AMS", 8, "9" },
			       right = { "MUG", "AMS", 8, "10" };

	GIVEN(TEN_MUGS);
	REFUSED("stock_is_as_expected", stock_set(op, &wrong, &s));
	CHECK(stock_set(op, &right, &s) == OK);
	SAME(8, s.on_hand);
	SAME("-2", ASK("SELECT delta FROM stock_movement"));
}

TEST(nothing_is_found_that_is_not_there)
{
	struct stock s = { 0 };
	struct rows rows;
	struct product_page page;

	GIVEN(TEN_MUGS);
	REFUSED("variant_exists", stock_adjust(op, "CUP", "AMS", 1, &s));
	REFUSED("warehouse_exists", stock_adjust(op, "MUG", "BER", 1, &s));
	REFUSED("variant_exists", stock_find(op, "CUP", NULL, &rows));
	REFUSED("product_exists", product_show(op, "cup", &page));
}

TEST(a_warehouse_opens_once)
{
	const struct warehouse wanted = {
		.code = "BER", .country = "de", .priority = 7
	};
	struct warehouse made = { 0 };

	CHECK(warehouse_create(op, &wanted, &made) == OK);
	SAME("DE", made.country);
	SAME("BER", made.name);
	SAME(7, made.priority);
	REFUSED("warehouse_code_is_unique", warehouse_create(op, &wanted, &made));
}
