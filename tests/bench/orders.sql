-- :n orders of a shop that has been open for a while, as the functions would have left
-- them: of ten, six are paid, two expired, one was canceled and refunded, one is recent
-- and waits.  fsck finds nothing in it.
\set products 10000
SET search_path = shop, pg_temp;
SET session_replication_role = replica;
INSERT INTO warehouse (code) VALUES ('AMS');
INSERT INTO product (handle, title, status) SELECT 'p' || g, 'Product ' || g, 'active'
FROM generate_series(1, :products) g;
INSERT INTO variant (product_id, sku, title, sellable) SELECT id, 'SKU-' || id, title, true
FROM product;
INSERT INTO price (variant_id, currency, amount) SELECT id, 'EUR', 1000 + id FROM variant;

CREATE TEMP TABLE o AS SELECT g::bigint << 10 AS id, g, now() - interval '1 s' * (:n - g) AS at,
	1 + g % :products AS v1, 1 + (g * 7 + 1) % :products AS v2,
	CASE g % 10 WHEN 9 THEN CASE WHEN g > :n - 1000 THEN 'pending' ELSE 'paid' END
		WHEN 8 THEN 'canceled' WHEN 7 THEN 'expired' WHEN 6 THEN 'expired' ELSE 'paid' END AS state
FROM generate_series(1, :n) g;
ALTER TABLE o ADD total bigint;
UPDATE o SET total = 2 * (1000 + v1) + (1000 + v2);
ANALYZE o;
INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal, total, created_at,
	expires_at, closed_at)
SELECT id, 1, 'k' || g, sha256(g::text::bytea), state, 'EUR', total, total, at,
	at + interval '15 min', CASE WHEN state <> 'pending' THEN at + interval '1 min' END FROM o;
INSERT INTO order_line (order_id, n, variant_id, warehouse_id, stock_state, qty, unit_price, sku,
	title)
SELECT id, x.n, x.v, 1, CASE state WHEN 'paid' THEN 'committed' WHEN 'pending' THEN 'active'
	ELSE 'released' END, x.qty, 1000 + x.v, 'SKU-' || x.v, 'Product ' || x.v
FROM o, LATERAL (VALUES (1, v1, 2), (2, v2, 1)) AS x (n, v, qty);
INSERT INTO order_contact (order_id, email) SELECT id, 'c' || g % 50000 || '@example.com' FROM o;
INSERT INTO order_event (order_id, at, event, from_state, to_state, actor)
SELECT id, at + x.s * interval '1 min', x.event, x.was, x.became, 'shop-worker' FROM o
JOIN (VALUES ('paid', 1, 'captured', 'pending', 'paid'), ('canceled', 1, 'captured', 'pending', 'paid'),
	('canceled', 2, 'cancel', 'paid', 'canceled'), ('expired', 1, 'due', 'pending', 'expiring'),
	('expired', 2, 'voided', 'expiring', 'expired')) AS x (state, s, event, was, became) USING (state)
ORDER BY 2;
INSERT INTO payment (id, order_id, provider_ref, charge_ref, state, live, applied, currency, amount,
	captured, fee_ref, created_at, checked_at)
SELECT id, id, 'pi_' || g, CASE WHEN state IN ('paid', 'canceled') THEN 'ch_' || g END,
	CASE state WHEN 'pending' THEN 'open' WHEN 'expired' THEN 'canceled' ELSE 'captured' END,
	state = 'pending', state IN ('paid', 'canceled'), 'EUR', total,
	CASE WHEN state IN ('paid', 'canceled') THEN total ELSE 0 END,
	CASE WHEN state IN ('paid', 'canceled') THEN 'txn_' || g END, at, at FROM o;
INSERT INTO provider_op (provider, kind, order_id, payment_id, idem_key, body, state, attempts,
	created_at, first_sent_at, last_sent_at, concluded_at, status)
SELECT 'stripe', 'payment.create', id, id, 'op' || g, 'amount=1', 'done', 1, at, at, at, at, 200
FROM o;
INSERT INTO refund (order_id, payment_id, key, currency, amount, reason, state, automatic,
	provider_ref, created_at, settled_at)
SELECT id, id, 'cancel', 'EUR', total, 'order canceled', 'succeeded', true, 're_' || g, at, at
FROM o WHERE state = 'canceled';
INSERT INTO provider_op (provider, kind, order_id, payment_id, refund_id, idem_key, body, state)
SELECT 'stripe', 'refund.create', order_id, payment_id, id, 'rop' || id, 'amount=1', 'done'
FROM refund;
CREATE TEMP TABLE e AS
	SELECT 'cap:stripe:ch_' || g AS key, 'capture' AS kind, id, NULL::bigint AS refund, at,
		'psp:clearing' AS debit, 'customer:deposits' AS credit, total AS amount
	FROM o WHERE state IN ('paid', 'canceled')
	UNION ALL SELECT 'fee:txn_' || g, 'fee', id, NULL, at, 'fees:psp', 'psp:clearing', 29
	FROM o WHERE state IN ('paid', 'canceled')
	UNION ALL SELECT 'rreq:' || r.id, 'refund_requested', order_id, r.id, created_at,
		'customer:deposits', 'refund:payable', amount FROM refund r
	UNION ALL SELECT 'rout:' || r.id, 'refund_accepted', order_id, r.id, created_at,
		'refund:payable', 'psp:clearing', amount FROM refund r;
INSERT INTO ledger_entry (key, kind, order_id, payment_id, refund_id, effective_at, posted_at, actor)
SELECT key, kind, id, id, refund, at, at, 'shop-worker' FROM e ORDER BY at;
INSERT INTO ledger_line (entry_id, n, account, currency, amount)
SELECT l.id, x.n, CASE x.n WHEN 1 THEN debit ELSE credit END, 'EUR',
	CASE x.n WHEN 1 THEN amount ELSE -amount END
FROM e JOIN ledger_entry l USING (key), (VALUES (1), (2)) AS x (n);
INSERT INTO notification (event, order_id, subject_id, state, message_id, created_at)
SELECT 'order_confirmed', id, id, 'sent', 'm' || g, at FROM o WHERE state IN ('paid', 'canceled');
INSERT INTO stock (variant_id, warehouse_id, on_hand, reserved)
SELECT v.id, 1, 10000 + coalesce(h.qty, 0), coalesce(h.qty, 0) FROM variant v LEFT JOIN (
	SELECT variant_id, sum(qty) AS qty FROM order_line WHERE stock_state IN ('active', 'committed')
	GROUP BY 1) h ON h.variant_id = v.id;
INSERT INTO stock_movement (variant_id, warehouse_id, delta, reason, actor)
SELECT variant_id, 1, on_hand, 'import', 'bench' FROM stock;
DO $$ BEGIN
	PERFORM job_put('reservation.expire', o.id, now() + interval '1 day') FROM o
	WHERE state = 'pending';
END $$;
RESET session_replication_role;
VACUUM (ANALYZE);
