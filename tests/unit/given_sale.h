/* Orders that were paid and refunded, as rollups find them in the ledger. */
#ifndef GIVEN_SALE_H
#define GIVEN_SALE_H

#include "domain/rollup.h"
#include "test.h"

/*
 * A test is one transaction, and no fold sees what has not been committed: so
 * its entries say that they are of transactions long past, 10, 11 and 12.
 */
#define SALE(order, at, xid)                                                           \
	"INSERT INTO orders (id, client_id, key, fingerprint, state, currency, "       \
	"subtotal, shipping, total, expires_at) VALUES (" #order ", 0, '" #order       \
	"', 'f', 'paid', 'EUR', 5000, 499, 5499, now());"                              \
	"INSERT INTO order_line (order_id, n, variant_id, warehouse_id, qty, "         \
	"unit_price, discount, sku, title) VALUES (" #order                            \
	", 1, 1, 1, 2, 2000, 100, 'A', 'A'), (" #order                                 \
	", 2, 2, 1, 1, 1000, 0, 'B', 'B');"                                            \
	"INSERT INTO payment (id, order_id, state, live, applied, currency, "          \
	"amount, captured) VALUES (" #order ", " #order                                \
	", 'captured', false, true, 'EUR', 5499, 5499);" CAPTURE(order, at, xid)

#define CAPTURE(payment, at, xid)                                                      \
	"WITH e AS (INSERT INTO ledger_entry (key, kind, order_id, "                   \
	"payment_id, effective_at, actor, xid) SELECT 'cap:stripe:" #payment           \
	"', 'capture', order_id, id, '" at "', 'test', '" #xid                         \
	"' FROM payment WHERE id = " #payment                                          \
	" RETURNING id) INSERT INTO ledger_line "                                      \
	"SELECT id, 1, 'psp:clearing', 'EUR', 5499 FROM e UNION ALL "                  \
	"SELECT id, 2, 'customer:deposits', 'EUR', -5499 FROM e;"

#define REFUND(payment, kind, minor, at, xid)                                          \
	"INSERT INTO refund (id, order_id, payment_id, key, currency, amount, "        \
	"reason) OVERRIDING SYSTEM VALUE VALUES (" #payment ", " #payment              \
	", " #payment ", 'r', 'EUR', 1000, 'x') ON CONFLICT DO NOTHING;"               \
	"WITH e AS (INSERT INTO ledger_entry (key, kind, refund_id, "                  \
	"effective_at, actor, xid) VALUES ('" kind #payment "', 'refund', " #payment   \
	", '" at "', 'test', '" #xid "') RETURNING id) INSERT INTO ledger_line "       \
	"SELECT id, 1, 'refund:payable', 'EUR', " #minor " FROM e UNION ALL "          \
	"SELECT id, 2, 'psp:clearing', 'EUR', -(" #minor ") FROM e;"

#define HERE "UPDATE rollup_watermark SET cluster = rollup_cluster();"

static inline int64_t fold(struct op *op)
{
	int64_t folded;
	bool more;

	CHECK(rollup_fold(op, 1000, &folded, &more) == OK);
	CHECK(!more);
	return folded;
}

static inline size_t differences(struct op *op)
{
	struct rows rows;

	CHECK(rollup_verify(op, (struct stamp){ 0 }, &rows) == OK);
	return rows.n;
}

/* Sixty orders of two lines, every third refunded in part, in an order of its own. */
#define MANY                                                                           \
	"CREATE TEMP TABLE luck ON COMMIT DROP AS SELECT i, i * 1024 AS id, "          \
	"('x' || substr(md5(i::text), 1, 6))::bit(24)::int AS r FROM "                 \
	"generate_series(1, 60) i;"                                                    \
	"INSERT INTO warehouse (code) VALUES ('AMS'), ('BRU');"                        \
	"INSERT INTO brand (slug, name) VALUES ('acme', 'Acme');"                      \
	"INSERT INTO category (path, name) VALUES ('pets', 'Pets');"                   \
	"INSERT INTO product (handle, title, brand_id, category_id) SELECT 'p', 'P', " \
	"b.id, c.id FROM brand b, category c;"                                         \
	"INSERT INTO variant (product_id, sku, title, options) SELECT id, 'S1', "      \
	"'One', "                                                                      \
	"'{a}'::text[] FROM product UNION ALL SELECT id, 'S2', 'Two', '{b}' FROM "     \
	"product;"                                                                     \
	"INSERT INTO orders (id, client_id, key, fingerprint, customer_id, state, "    \
	"currency, subtotal, shipping, total, expires_at) SELECT id, 0, id::text, "    \
	"'f', nullif(i % 4, 0), 'paid', CASE i % 5 WHEN 0 THEN 'JPY' ELSE 'EUR' END, " \
	"3000 + i, 499, 3499 + i, now() FROM luck;"                                    \
	"INSERT INTO order_line (order_id, n, variant_id, warehouse_id, qty, "         \
	"unit_price, sku, title) SELECT k.id, 1, i % 5, w.id, 2, 1000, 'S' || i % 5, " \
	"'x' FROM luck k JOIN warehouse w ON w.code = CASE i % 2 WHEN 0 THEN 'AMS' "   \
	"ELSE 'BRU' END UNION ALL SELECT k.id, 2, 9, min(w.id), 1, 1000 + i, 'S9', "   \
	"'x' "                                                                         \
	"FROM luck k, warehouse w GROUP BY k.id, i;"                                   \
	"INSERT INTO payment (id, order_id, state, live, applied, currency, amount, "  \
	"captured) SELECT id, id, 'captured', false, true, currency, total, total "    \
	"FROM orders;"                                                                 \
	"INSERT INTO refund (id, order_id, payment_id, key, currency, amount, reason)" \
	" OVERRIDING SYSTEM VALUE SELECT o.id, o.id, o.id, 'r', o.currency, 600, 'x' " \
	"FROM orders o JOIN luck USING (id) WHERE i % 3 = 0;"                          \
	"INSERT INTO refund_line (refund_id, n, qty, amount, tax) SELECT id, 1, 1, "   \
	"500, 80 FROM refund UNION ALL SELECT id, 0, 0, 100, 0 FROM refund;"           \
	"INSERT INTO ledger_entry (key, kind, order_id, payment_id, effective_at, "    \
	"actor, xid) SELECT 'cap:t:' || id, 'capture', id, id, '2026-03-01Z'::"        \
	"timestamptz + r % 800000 * interval '1 s', 't', (10 + r % 7)::text::xid8 "    \
	"FROM luck ORDER BY r;"                                                        \
	"INSERT INTO ledger_entry (key, kind, order_id, refund_id, effective_at, "     \
	"actor, xid) SELECT 'rout:' || f.id, 'refund', f.id, f.id, '2026-03-05Z'::"    \
	"timestamptz + r % 700001 * interval '1 s', 't', (11 + r % 9)::text::xid8 "    \
	"FROM refund f JOIN luck USING (id) ORDER BY r % 101;"                         \
	"INSERT INTO ledger_line SELECT e.id, 1, 'psp:clearing', p.currency, "         \
	"p.amount FROM ledger_entry e JOIN payment p ON p.id = e.payment_id UNION "    \
	"ALL SELECT e.id, 1, 'psp:clearing', r.currency, -r.amount FROM ledger_entry " \
	"e JOIN refund r ON r.id = e.refund_id;"

#endif
