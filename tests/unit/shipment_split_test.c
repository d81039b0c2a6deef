/* However an order is cut into shipments, its postings add up to it, to the cent. */
#include "db/db.h"

#include "given_order.h"
#include "test.h"

#include <stdlib.h>

TEST(shares_of_a_line_add_up_however_it_is_cut)
{
	SAME("0", ASK("SELECT count(*) FROM generate_series(0, 40) total,"
		      " generate_series(1, 9) qty, generate_series(0, 9) a,"
		      " generate_series(0, 9) b WHERE a + b <= qty AND"
		      " line_share(total, qty, 0, a) + line_share(total, qty, a, b)"
		      " + line_share(total, qty, a + b, qty - a - b) <> total"));
}

/* Lines, prices, taxes and discounts as they fall, in three currencies of 2, 0 and 3
 * decimals; paid, and then shipped in parts until nothing is left.  Every third order
 * was refunded a little before. */
#define ORDERS                                                                         \
	"SELECT setseed(0.42);"                                                        \
	"UPDATE stock SET on_hand = 1000000, reserved = 0;"                            \
	"INSERT INTO orders (id, client_id, key, fingerprint, state, currency, "       \
	"subtotal,"                                                                    \
	" discount, shipping, tax, total, expires_at)"                                 \
	" SELECT o * 2048, 0, 'r' || o, '', 'paid',"                                   \
	" (ARRAY['EUR','JPY','KWD'])[1 + o % 3], 0, 0, s, 0, s, now()"                 \
	" FROM (SELECT o, (random() * 2000)::bigint AS s"                              \
	"  FROM generate_series(1, 120) o) x;"                                         \
	"INSERT INTO order_line (order_id, n, variant_id, warehouse_id, stock_state, " \
	"qty,"                                                                         \
	" unit_price, discount, tax, sku, title)"                                      \
	" SELECT o * 2048, n, 1 + n % 2, 1, 'committed', 1 + (random() * 6)::bigint,"  \
	" 1 + (random() * 9999)::bigint, 0, (random() * 3000)::bigint, 'S' || n, 'S'"  \
	" FROM generate_series(1, 120) o, generate_series(1, 4) n WHERE n <= 1 + o % " \
	"4;"                                                                           \
	"UPDATE order_line SET discount = (random() * qty * unit_price)::bigint"       \
	" WHERE order_id > 1024;"                                                      \
	"UPDATE orders SET subtotal = l.subtotal, discount = l.discount, tax = l.tax," \
	" total = l.subtotal - l.discount + l.tax + shipping FROM (SELECT order_id,"   \
	" sum(qty * unit_price) AS subtotal, sum(discount) AS discount, sum(tax) AS "  \
	"tax"                                                                          \
	" FROM order_line GROUP BY order_id) l WHERE l.order_id = id AND id > 1024;"   \
	"UPDATE stock s SET reserved = x.qty FROM (SELECT variant_id, sum(qty) AS qty" \
	" FROM order_line GROUP BY 1) x WHERE x.variant_id = s.variant_id;"            \
	"INSERT INTO payment (id, order_id, state, live, applied, currency, amount,"   \
	" captured) SELECT id, id, 'captured', false, true, currency, total, total"    \
	" FROM orders WHERE id > 1024;"                                                \
	"SELECT post('cap' || id, 'capture', id, id, NULL, currency,"                  \
	" '{psp:clearing,customer:deposits}', ARRAY[total, -total]) FROM orders"       \
	" WHERE id > 1024;"                                                            \
	"SELECT api.refund_create(id, 'r', 1 + total / 7, currency, NULL, 'late')"     \
	" FROM orders WHERE id > 1024 AND id % 6144 = 0;"

#define SHIP_ALL                                                                       \
	"DO $$ DECLARE o orders; made shipment_view; lines jsonb; i int; BEGIN"        \
	" FOR o IN SELECT * FROM orders WHERE id > 1024 LOOP"                          \
	"  i := 0;"                                                                    \
	"  LOOP"                                                                       \
	"   SELECT jsonb_agg(jsonb_build_object('sku', f.sku, 'qty',"                  \
	"     least(f.free, 1 + (random() * 3)::int))) INTO lines"                     \
	"    FROM shipment_left(o.id) f WHERE f.free > 0 AND random() < 0.7;"          \
	"   EXIT WHEN NOT EXISTS (SELECT FROM shipment_left(o.id) f WHERE f.free > "   \
	"0);"                                                                          \
	"   CONTINUE WHEN lines IS NULL;"                                              \
	"   i := i + 1;"                                                               \
	"   SELECT * INTO made FROM api.shipment_create(o.id, i::text, lines, NULL,"   \
	"    NULL, NULL);"                                                             \
	"   PERFORM api.shipment_ship(made.id, NULL, NULL);"                           \
	"  END LOOP;"                                                                  \
	" END LOOP; END $$"

TEST(an_order_ends_with_no_deposits_and_its_own_sums)
{
	GIVEN(AN_ORDER ORDERS SHIP_ALL);
	CHECK(strtoul(ASK("SELECT count(*) FROM shipment"), NULL, 10) > 200);
	SAME("120", ASK("SELECT count(*) FROM orders WHERE state = 'shipped'"));
	SAME("", ASK("SELECT coalesce(string_agg(x.order_id || ' ' || x::text, ', '), "
		     "'')"
		     " FROM (SELECT e.order_id,"
		     " sum(amount) FILTER (WHERE account = 'customer:deposits') AS "
		     "deposits,"
		     " sum(amount) FILTER (WHERE account = 'sales') AS sales,"
		     " sum(amount) FILTER (WHERE account = 'discounts') AS discounts,"
		     " sum(amount) FILTER (WHERE account = 'shipping') AS shipping,"
		     " sum(amount) FILTER (WHERE account IN ('tax:payable', 'returns'))"
		     "  AS taxes, sum(amount) FILTER (WHERE account = 'refund:payable')"
		     "  AS refunds FROM ledger_entry e JOIN ledger_line l ON entry_id "
		     "= id"
		     " GROUP BY 1) x JOIN orders o ON o.id = x.order_id WHERE deposits "
		     "<> 0"
		     " OR -sales <> subtotal OR coalesce(discounts, 0) <> discount"
		     " OR coalesce(-x.shipping, 0) <> o.shipping"
		     " OR coalesce(-taxes, 0) <> tax + coalesce(refunds, 0)"));
	SAME("4", ASK("SELECT sum(reserved) FROM stock")); /* of the one that waits */
	SAME("",
		ASK("SELECT coalesce(string_agg(code || ' ' || object || ' ' || detail,"
		    " ', '), '') FROM api.fsck('{L1,L2,L3,L4,L8,S2,S3,S4,S5,S6,S7}', "
		    "NULL, NULL)"));
}
