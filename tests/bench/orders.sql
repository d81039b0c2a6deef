-- :n orders, one a second, of a shop that has been open for a while, as the functions
-- would have left them.  fsck finds nothing in it.  Everything that belongs to an order
-- has the order's own number, so that it needs no looking up.
\set products 10000
SET search_path = shop, pg_temp;
SET session_replication_role = replica;
SET work_mem = '256MB';
INSERT INTO warehouse (code) VALUES ('AMS');
INSERT INTO product (handle, title, status) SELECT 'p' || g, 'Product ' || g, 'active'
FROM generate_series(1, :products) g;
INSERT INTO variant (product_id, sku, title, sellable) SELECT id, 'SKU-' || id, title, true
FROM product;
INSERT INTO price (variant_id, currency, amount) SELECT id, 'EUR', 1000 + id FROM variant;

-- What becomes of a hundred orders; of what does not last, only the newest are so, and
-- the others went on to what it became.
CREATE TEMP TABLE kind AS SELECT x.*, x.newest * :n AS newer FROM (VALUES
	('delivered',  0, 43, 'delivered',  1,    NULL),
	('paypal',    44, 48, 'delivered',  1,    NULL),
	('returned',  49, 53, 'delivered',  1,    NULL),        -- one unit came back
	('lost',      54, 54, 'delivered',  1,    NULL),        -- a part of it, to a dispute
	('shipped',   55, 60, 'shipped',    0.3,  'delivered'),
	('partly',    61, 63, 'paid',       0.1,  'delivered'), -- one line of two has left
	('paid',      64, 69, 'paid',       0.1,  'delivered'),
	('goodwill',  70, 71, 'paid',       0.1,  'delivered'), -- a euro back before it left
	('promised',  72, 74, 'authorized', 0.2,  'delivered'),
	('disputed',  75, 75, 'on_hold',    0.02, 'lost'),
	('refunded',  76, 81, 'canceled',   1,    NULL),
	('canceled',  82, 84, 'canceled',   1,    NULL),
	('pending',   85, 89, 'pending',    0.002, 'expired'),
	('expired',   90, 99, 'expired',    1,    NULL))
	AS x (kind, first, last, state, newest, became);
CREATE TEMP TABLE o AS
SELECT g::bigint << 10 AS id, g, now() - interval '1 s' * (:n - g) AS at, k.kind, k.state,
	CASE k.kind WHEN 'paypal' THEN 'paypal' ELSE 'stripe' END AS provider,
	k.state NOT IN ('pending', 'expired', 'authorized') AND k.kind <> 'canceled' AS paid,
	CASE WHEN k.state IN ('shipped', 'delivered') THEN 2 WHEN k.kind = 'partly' THEN 1
		ELSE 0 END AS gone, -- lines that have left
	l.*, 490::bigint AS shipping, l.sales + l.tax - l.discount + 490 AS total
FROM generate_series(1, :n) g
JOIN kind r ON g % 100 BETWEEN r.first AND r.last
JOIN kind k ON k.kind = CASE WHEN :n - g < r.newer THEN r.kind ELSE r.became END
CROSS JOIN LATERAL (SELECT v1, v2, 2 * (1000 + v1) AS s1, 1000 + v2 AS s2, d1,
		(2 * (1000 + v1) - d1) / 5 AS t1, (1000 + v2) / 5 AS t2,
		2 * (1000 + v1) + 1000 + v2 AS sales, d1 AS discount,
		(2 * (1000 + v1) - d1) / 5 + (1000 + v2) / 5 AS tax
	FROM (SELECT (1 + g % :products)::bigint AS v1, (1 + (g * 7 + 1) % :products)::bigint AS v2,
		CASE g % 7 WHEN 0 THEN 150 ELSE 0 END::bigint AS d1) y) l;
ANALYZE o;
-- One of the two units of the first line, or a euro, or all of it.
CREATE TEMP TABLE back AS SELECT o.*, CASE kind WHEN 'refunded' THEN total
		WHEN 'goodwill' THEN 100 ELSE s1 / 2 - d1 / 2 + t1 / 2 END AS amount,
	CASE kind WHEN 'returned' THEN t1 / 2 ELSE 0 END AS amount_tax
FROM o WHERE kind IN ('returned', 'refunded', 'goodwill');
CREATE TEMP TABLE bad AS SELECT o.*, total / 2 AS taken FROM o WHERE kind IN ('lost', 'disputed');

INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal, discount,
	shipping, tax, total, created_at, expires_at, closed_at)
SELECT id, 1, 'k' || g, sha256(g::text::bytea), state, 'EUR', sales, discount, shipping, tax,
	total, at, at + interval '15 min', CASE WHEN state <> 'pending' THEN at + interval '1 min' END
FROM o;
INSERT INTO promotion (name, title, kind, percent_bp, automatic) VALUES ('B', 'B', 'percentage',
	500, true);
INSERT INTO redemption (order_id, promotion_id, who, currency, amount, state)
SELECT o.id, p.id, 'g' || o.g, 'EUR', o.discount, CASE WHEN o.state = 'expired'
	OR o.kind = 'canceled' THEN 'released' ELSE 'used' END
FROM o, promotion p WHERE o.discount > 0;
UPDATE promotion SET (used, spent) = (SELECT count(*), sum(amount) FROM redemption
	WHERE state = 'used');
INSERT INTO order_line (order_id, n, variant_id, warehouse_id, stock_state, qty, unit_price,
	discount, tax, sku, title, shipped)
SELECT id, x.n, x.v, 1, CASE WHEN x.n <= gone THEN 'consumed' WHEN state = 'pending' THEN 'active'
		WHEN state IN ('paid', 'authorized', 'on_hold') THEN 'committed' ELSE 'released' END,
	x.qty, x.s / x.qty, x.d, x.t, 'SKU-' || x.v, 'Product ' || x.v,
	CASE WHEN x.n <= gone THEN x.qty ELSE 0 END
FROM o, LATERAL (VALUES (1, v1, 2, s1, d1, t1), (2, v2, 1, s2, 0, t2)) AS x (n, v, qty, s, d, t);
INSERT INTO order_contact (order_id, email, name, address)
SELECT id, 'c' || g % 50000 || '@example.com', 'Customer ' || g % 50000, jsonb_build_object(
	'line1', 'Some street ' || g % 200, 'postcode', 10000 + g % 80000, 'country', 'DE') FROM o;
INSERT INTO payment (id, order_id, provider, provider_ref, charge_ref, state, live, applied,
	currency, amount, captured, fee_ref, capture, capture_before, created_at, checked_at)
SELECT id, id, provider, 'pi_' || g, CASE WHEN paid THEN 'ch_' || g END,
	CASE WHEN paid THEN 'captured' WHEN state = 'authorized' THEN state
		WHEN state = 'pending' THEN 'open' ELSE 'canceled' END,
	state IN ('pending', 'authorized'), paid OR state = 'authorized', 'EUR', total,
	CASE WHEN paid THEN total ELSE 0 END, CASE WHEN paid THEN 'txn_' || g END,
	CASE state WHEN 'authorized' THEN 'manual' END,
	CASE state WHEN 'authorized' THEN at + interval '7 days' END, at, at FROM o;
INSERT INTO payment_part SELECT id, 'ch_' || g, total FROM o WHERE kind = 'paypal';
INSERT INTO refund (id, order_id, payment_id, key, currency, amount, reason, state, automatic,
	provider_ref, recognised, asked_by, created_at, settled_at)
OVERRIDING SYSTEM VALUE
SELECT id, id, id, kind, 'EUR', amount, 'the parcel was ' || kind, 'succeeded', kind = 'refunded',
	're_' || g, CASE kind WHEN 'returned' THEN amount ELSE 0 END, 'op', at, at FROM back;
INSERT INTO refund_line (refund_id, n, qty, amount, tax)
SELECT id, 1, 1, amount, amount_tax FROM back WHERE kind = 'returned';
INSERT INTO return_request (id, order_id, key, state, reason, warehouse_id, refund_id, created_at,
	received_at, closed_at)
OVERRIDING SYSTEM VALUE
SELECT id, id, 'r', 'closed', 'too small', 1, id, at, at, at FROM back WHERE kind = 'returned';
INSERT INTO return_line SELECT id, 1, 1, 1, 1, 0 FROM back WHERE kind = 'returned';
INSERT INTO dispute (id, provider, provider_ref, order_id, payment_id, state, reason, currency,
	amount, lost, opened_at, closed_at)
OVERRIDING SYSTEM VALUE
SELECT id, 'stripe', 'dp_' || g, id, id, CASE kind WHEN 'lost' THEN kind ELSE 'needs_response' END,
	'fraudulent', 'EUR', taken, CASE kind WHEN 'lost' THEN taken ELSE 0 END, at,
	CASE kind WHEN 'lost' THEN at END FROM bad;
INSERT INTO dispute_money SELECT 'stripe', 'txn_d' || g, id, 'EUR', -taken, 1500, at FROM bad;

INSERT INTO shipment (id, order_id, warehouse_id, key, state, carrier, tracking, shipping,
	created_at, handed_over_at, ended_at)
OVERRIDING SYSTEM VALUE
SELECT id, id, 1, 's', CASE state WHEN 'delivered' THEN state ELSE 'in_transit' END, 'DHL',
	'00' || g, shipping, at, at, CASE state WHEN 'delivered' THEN at END FROM o WHERE gone > 0;
INSERT INTO shipment_line (shipment_id, n, qty, sales, discount, tax)
SELECT id, x.n, x.qty, x.s, x.d, x.t
FROM o, LATERAL (VALUES (1, 2, s1, d1, t1), (2, 1, s2, 0, t2)) AS x (n, qty, s, d, t)
WHERE x.n <= gone;
INSERT INTO stock_movement (at, variant_id, warehouse_id, delta, reason, actor)
SELECT '2020-01-01', v.id, 1, 100000, 'import', 'bench' FROM variant v;
INSERT INTO stock_movement (at, variant_id, warehouse_id, delta, reason, reference, actor)
SELECT at, x.v, 1, -x.qty, 'ship', 'shipment:' || id, 'packer'
FROM o, LATERAL (VALUES (1, v1, 2), (2, v2, 1)) AS x (n, v, qty)
WHERE x.n <= gone ORDER BY at;
INSERT INTO stock_movement (at, variant_id, warehouse_id, delta, reason, reference, actor)
SELECT at, v1, 1, 1, 'return', 'return:' || id, 'packer' FROM back WHERE kind = 'returned';
INSERT INTO stock (variant_id, warehouse_id, on_hand, reserved)
SELECT variant_id, 1, m.qty, coalesce(l.qty, 0)
FROM (SELECT variant_id, sum(delta) AS qty FROM stock_movement GROUP BY 1) m
LEFT JOIN (SELECT variant_id, sum(qty) AS qty FROM order_line
	WHERE stock_state IN ('active', 'committed') GROUP BY 1) l USING (variant_id);

CREATE TEMP TABLE path (kinds text, s integer, machine text, event text, was text, became text);
INSERT INTO path VALUES
	('paid', 0, 'payment', 'open', 'new', 'open'),
	('paid', 1, 'payment', 'captured', 'open', 'captured'),
	('paid', 2, 'order', 'captured', 'pending', 'paid'),
	('authorized', 1, 'payment', 'open', 'new', 'open'),
	('authorized', 2, 'payment', 'authorized', 'open', 'authorized'),
	('authorized', 3, 'order', 'authorized', 'pending', 'authorized'),
	('gone', 3, 'shipment', 'hand_over', 'draft', 'handed_over'),
	('gone', 5, 'shipment', 'in_transit', 'handed_over', 'in_transit'),
	('whole', 4, 'order', 'ship', 'paid', 'shipped'),
	('delivered', 6, 'shipment', 'delivered', 'in_transit', 'delivered'),
	('delivered', 7, 'order', 'deliver', 'shipped', 'delivered'),
	('refunded', 3, 'order', 'cancel', 'paid', 'canceled'),
	('back', 4, 'refund', 'approve', 'proposed', 'requested'),
	('back', 5, 'refund', 'succeeded', 'requested', 'succeeded'),
	('returned', 8, 'return', 'approve', 'requested', 'approved'),
	('returned', 9, 'return', 'receive', 'approved', 'received'),
	('returned', 10, 'return', 'inspect', 'received', 'inspected'),
	('returned', 11, 'return', 'close', 'inspected', 'closed'),
	('disputed', 3, 'order', 'hold', 'paid', 'on_hold'),
	('lost', 8, 'dispute', 'lost', 'needs_response', 'lost'),
	('pending', 1, 'payment', 'open', 'new', 'open'),
	('canceled', 1, 'payment', 'canceled', 'new', 'canceled'),
	('canceled', 2, 'order', 'cancel', 'pending', 'canceling'),
	('canceled', 3, 'order', 'voided', 'canceling', 'canceled'),
	('expired', 1, 'payment', 'canceled', 'new', 'canceled'),
	('expired', 2, 'order', 'due', 'pending', 'expiring'),
	('expired', 3, 'order', 'voided', 'expiring', 'expired');
INSERT INTO order_event (order_id, at, event, from_state, to_state, actor, machine, subject_id)
SELECT id, o.at, p.event, p.was, p.became, 'shop-worker', p.machine,
	CASE WHEN p.machine <> 'order' THEN id END
FROM o JOIN path p ON p.kinds = o.kind AND p.kinds NOT IN ('paid', 'delivered')
	OR p.kinds = 'paid' AND o.paid OR p.kinds = o.state AND p.kinds IN ('authorized', 'delivered')
	OR p.kinds = 'gone' AND o.gone > 0 OR p.kinds = 'whole' AND o.gone = 2
	OR p.kinds = 'back' AND o.kind IN ('returned', 'refunded', 'goodwill')
ORDER BY o.at, p.s;

INSERT INTO provider_op (provider, kind, order_id, payment_id, refund_id, idem_key, body, state,
	attempts, created_at, first_sent_at, last_sent_at, concluded_at, status)
SELECT provider, 'payment.create', id, id, NULL, 'op' || g, 'amount=1'::bytea, 'done', 1, at, at, at,
	at, 200 FROM o
UNION ALL SELECT provider, 'refund.create', id, id, id, 'rop' || g, 'amount=1', 'done', 1, at, at,
	at, at, 200 FROM back;

-- The books: up to six lines an entry, those of nothing left out.
CREATE TEMP TABLE e AS
	SELECT 'cap:' || provider || ':ch_' || g AS key, 'capture' AS kind, id, NULL::bigint AS refund,
		at, 'psp:clearing' AS debit, 'customer:deposits' AS credit, total AS amount,
		ARRAY[total, -total] AS amounts, '{psp:clearing,customer:deposits}'::text[] AS accounts
	FROM o WHERE paid
	UNION ALL SELECT 'fee:txn_' || g, 'fee', id, NULL, at, NULL, NULL, 29, '{29,-29}',
		'{fees:psp,psp:clearing}' FROM o WHERE paid
	UNION ALL SELECT 'ship:' || id, 'ship', id, NULL, at, NULL, NULL, 0, CASE gone
			WHEN 2 THEN ARRAY[total, d1, -sales, -shipping, -tax]
			ELSE ARRAY[s1 - d1 + t1 + shipping, d1, -s1, -shipping, -t1] END,
		'{customer:deposits,discounts,sales,shipping,tax:payable}' FROM o WHERE gone > 0
	UNION ALL SELECT 'rreq:' || id, 'refund_requested', id, id, at, NULL, NULL, 0,
		ARRAY[amount - amount_tax, amount_tax, -amount], ARRAY[CASE kind WHEN 'returned'
			THEN 'returns' ELSE 'customer:deposits' END, 'tax:payable', 'refund:payable'] FROM back
	UNION ALL SELECT 'rout:' || id, 'refund_accepted', id, id, at, NULL, NULL, 0,
		ARRAY[amount, -amount], '{refund:payable,psp:clearing}' FROM back
	UNION ALL SELECT 'disp:txn_d' || g, 'dispute', id, NULL, at, NULL, NULL, 0,
		ARRAY[taken, 1500, -taken - 1500], '{dispute:receivable,fees:dispute,psp:clearing}' FROM bad
	UNION ALL SELECT 'dlost:' || id, 'dispute_lost', id, NULL, at, NULL, NULL, 0,
		ARRAY[taken, -taken], '{loss:dispute,dispute:receivable}' FROM bad WHERE kind = 'lost';
INSERT INTO ledger_entry (key, kind, order_id, payment_id, refund_id, effective_at, posted_at, actor)
SELECT key, kind, id, id, refund, at, at, 'shop-worker' FROM e ORDER BY at;
INSERT INTO ledger_line (entry_id, n, account, currency, amount, effective_at)
SELECT l.id, x.n, x.account, 'EUR', x.amount, l.effective_at
FROM e JOIN ledger_entry l USING (key),
	unnest(e.accounts, e.amounts) WITH ORDINALITY AS x (account, amount, n)
WHERE x.amount <> 0 ORDER BY l.id;

-- What the providers say of it, paid out every day; the last two are on their way.
INSERT INTO provider_txn (provider, txn_id, type, reporting_category, source_ref, payment_ref,
	currency, amount, fee, net, created, payout_ref, entry_id, fee_entry_id)
SELECT x.provider, x.txn, x.what, x.what, x.source, 'pi_' || x.g, 'EUR', x.amount, x.fee,
	x.amount - x.fee, x.at, CASE WHEN x.at < date_trunc('day', now())
		THEN 'po_' || x.provider || x.at::date END, m.id, f.id
FROM (SELECT provider, 'txn_' || g AS txn, 'charge' AS what, 'ch_' || g AS source, g, total AS amount,
		29 AS fee, at, 'cap:' || provider || ':ch_' || g AS key, 'fee:txn_' || g AS fee_key FROM o
		WHERE paid
	UNION ALL SELECT provider, 'txn_r' || g, 'refund', 're_' || g, g, -amount, 0, at, 'rout:' || id,
		NULL FROM back
	UNION ALL SELECT provider, 'txn_d' || g, 'dispute', 'dp_' || g, g, -taken, 1500, at,
		'disp:txn_d' || g, NULL FROM bad) x
JOIN ledger_entry m ON m.key = x.key LEFT JOIN ledger_entry f ON f.key = x.fee_key
ORDER BY x.at;
INSERT INTO payout (id, provider, provider_ref, state, currency, amount, automatic, itemised, created,
	members_at)
SELECT (:n + row_number() OVER ()) << 10, provider, payout_ref, CASE WHEN max(created)
		> date_trunc('day', now()) - interval '1 day' THEN 'in_transit' ELSE 'paid' END, 'EUR',
	sum(net), true, true, max(created), max(created)
FROM provider_txn WHERE payout_ref IS NOT NULL GROUP BY provider, payout_ref;
INSERT INTO ledger_entry (key, kind, effective_at, posted_at, actor)
SELECT x.word || provider_ref, x.kind, created, created, 'shop-worker' FROM payout
JOIN (VALUES ('po:', 'payout', false), ('popaid:', 'payout_paid', true)) AS x (word, kind, paid)
	ON NOT x.paid OR state = 'paid';
INSERT INTO ledger_line (entry_id, n, account, currency, amount, effective_at)
SELECT e.id, x.n, CASE WHEN e.kind = 'payout' THEN x.account ELSE x.after END, 'EUR',
	x.sign * p.amount, e.effective_at
FROM payout p JOIN ledger_entry e ON e.key IN ('po:' || p.provider_ref, 'popaid:' || p.provider_ref),
	(VALUES (1, 'in_transit', 'bank', 1), (2, 'psp:clearing', 'in_transit', -1))
		AS x (n, account, after, sign);
INSERT INTO provider_txn (provider, txn_id, type, reporting_category, source_ref, currency, amount,
	fee, net, created, payout_ref, entry_id)
SELECT p.provider, 'txn_' || provider_ref, 'payout', 'payout', provider_ref, 'EUR', -amount, 0, -amount,
	created, provider_ref, e.id
FROM payout p JOIN ledger_entry e ON e.key = 'po:' || provider_ref;
INSERT INTO reconcile_run (provider, source, actor, begun_at, ended_at, differences)
SELECT DISTINCT provider, 'api', 'bench', now(), now(), 0 FROM o;

-- A day in the middle was the last that is closed.
INSERT INTO period_close SELECT m.at, count(*), max(e.id), now(), 'bench'
FROM (SELECT now() - interval '1 s' * (:n / 2) AS at) m
JOIN ledger_entry e ON e.effective_at < m.at GROUP BY m.at;

INSERT INTO notification (event, order_id, subject_id, state, message_id, created_at)
SELECT x.event, id, id, 'sent', x.event || g, at FROM o
JOIN (VALUES ('order_confirmed'), ('shipped'), ('delivered'), ('refund_sent'), ('order_expired'))
	AS x (event) ON CASE x.event WHEN 'order_confirmed' THEN paid OR state = 'authorized'
		WHEN 'shipped' THEN gone > 0 WHEN 'delivered' THEN state = x.event
		WHEN 'refund_sent' THEN kind IN ('returned', 'refunded', 'goodwill')
		ELSE state = 'expired' END
ORDER BY at;
INSERT INTO audit_log (at, role, actor, object, action, reason)
SELECT at, 'packer', 'packer', 'order:' || id, 'shipment.ship', NULL FROM o WHERE gone > 0
UNION ALL SELECT at, 'op', 'op', 'refund:' || id, 'create', 'the parcel was ' || kind FROM back;
DO $$ BEGIN
	PERFORM job_put('reservation.expire', o.id, now() + interval '1 day') FROM o
	WHERE state = 'pending';
	PERFORM job_put('dispute.sync', o.id, now() + interval '1 day') FROM o
	WHERE kind = 'disputed';
END $$;
-- All of it counts as added up; a rebuild of the rollups does so.
UPDATE rollup_watermark SET cluster = rollup_cluster(), position = rollup_horizon(),
	moved_id = m.id, moved_done = m.id FROM (SELECT max(id) AS id FROM ledger_entry) m;
-- Whatever is made next has a number of its own.
UPDATE id_counter SET next = 2 * :n;
SELECT setval(pg_get_serial_sequence(t, 'id'), :n::bigint << 10) FROM unnest('{provider_op,refund,
	shipment,return_request,dispute}'::text[]) t \g /dev/null
RESET session_replication_role;
VACUUM (ANALYZE);
