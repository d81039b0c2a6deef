-- Every invariant of fsck is seen to find its own planted violation, and only then:
-- a consistent little shop is clean.
BEGIN;

INSERT INTO warehouse (code) VALUES ('AMS');
INSERT INTO product (handle, title, status) VALUES ('dog', 'Dog', 'active');
INSERT INTO variant (product_id, sku, title) SELECT id, 'DOG', 'Dog' FROM product;
INSERT INTO price (variant_id, currency, amount) SELECT id, 'EUR', 5000 FROM variant;
INSERT INTO stock (variant_id, warehouse_id, on_hand, reserved)
	SELECT v.id, w.id, 9, 2 FROM variant v, warehouse w;
INSERT INTO stock_movement (variant_id, warehouse_id, delta, reason, actor)
	SELECT v.id, w.id, 10, 'set', 'test' FROM variant v, warehouse w;

-- 1024 is paid and has a requested refund, 2048 waits, 3072 was canceled and refunded.
INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal, total, expires_at)
VALUES (1024, 0, 'a', '\x00', 'paid', 'EUR', 10000, 10000, now()),
	(2048, 0, 'b', '\x00', 'pending', 'EUR', 5000, 5000, now()),
	(3072, 0, 'c', '\x00', 'canceled', 'EUR', 5000, 5000, now());
INSERT INTO order_line (order_id, n, variant_id, warehouse_id, stock_state, qty, unit_price,
	sku, title)
SELECT o, 1, v.id, w.id, s, q, 5000, 'DOG', 'Dog' FROM variant v, warehouse w, (VALUES
	(1024, 'committed', 2), (2048, 'active', 1), (3072, 'released', 1)) AS x (o, s, q);
-- One of the two units of 1024 has left.
UPDATE order_line SET shipped = 1 WHERE order_id = 1024;
INSERT INTO shipment (id, order_id, warehouse_id, key, state, handed_over_at)
OVERRIDING SYSTEM VALUE SELECT 1024, 1024, w.id, 's', 'handed_over', now() FROM warehouse w;
INSERT INTO shipment_line (shipment_id, n, qty, sales) VALUES (1024, 1, 1, 5000);
INSERT INTO stock_movement (variant_id, warehouse_id, delta, reason, reference, actor)
	SELECT v.id, w.id, -1, 'ship', 'shipment:1024', 'test' FROM variant v, warehouse w;
INSERT INTO order_contact (order_id, email) VALUES (1024, 'a@example.com');
-- 1024 was sent for nothing, by a coupon.
INSERT INTO promotion (name, title, kind, automatic, used) VALUES ('FREE', 'F', 'free_shipping', false, 1),
	('OTHER', 'O', 'free_shipping', false, 0);
INSERT INTO coupon (promotion_id, code, used) SELECT id, name, used FROM promotion;
INSERT INTO redemption (order_id, promotion_id, coupon_id, who, currency, amount)
	SELECT 1024, p.id, c.id, 'c1', 'EUR', 0 FROM promotion p JOIN coupon c ON c.promotion_id = p.id
	WHERE p.name = 'FREE';
INSERT INTO order_event (order_id, event, from_state, to_state, actor) VALUES
	(1024, 'captured', 'pending', 'paid', 'test'),
	(3072, 'captured', 'pending', 'paid', 'test'),
	(3072, 'cancel', 'paid', 'canceled', 'test');
INSERT INTO payment (id, order_id, provider_ref, state, live, applied, currency, amount, captured)
VALUES (1024, 1024, 'pi_1', 'captured', false, true, 'EUR', 10000, 10000),
	(2048, 2048, NULL, 'new', true, false, 'EUR', 5000, 0),
	(3072, 3072, 'pi_3', 'captured', false, true, 'EUR', 5000, 5000);
INSERT INTO refund (id, order_id, payment_id, key, currency, amount, reason, state, provider_ref)
OVERRIDING SYSTEM VALUE VALUES (1024, 1024, 1024, 'r', 'EUR', 1000, 'test', 'requested', NULL),
	(2048, 3072, 3072, 'r', 'EUR', 5000, 'test', 'succeeded', 're_3');
INSERT INTO provider_op (provider, kind, order_id, payment_id, refund_id, idem_key, body, state,
	last_sent_at)
VALUES ('stripe', 'payment.create', 1024, 1024, NULL, 'k1', '', 'done', now()),
	('stripe', 'payment.create', 3072, 3072, NULL, 'k3', '', 'done', now()),
	('stripe', 'refund.create', 3072, 3072, 2048, 'k4', '', 'done', now());
INSERT INTO ledger_entry (id, key, kind, order_id, payment_id, refund_id, actor)
OVERRIDING SYSTEM VALUE VALUES (1, 'cap1', 'capture', 1024, 1024, NULL, 't'),
	(2, 'cap3', 'capture', 3072, 3072, NULL, 't'),
	(3, 'rreq1', 'refund_requested', 1024, 1024, 1024, 't'),
	(4, 'rreq2', 'refund_requested', 3072, 3072, 2048, 't'),
	(5, 'rout2', 'refund_accepted', 3072, 3072, 2048, 't'),
	(6, 'disp:txn_1', 'dispute', 1024, 1024, NULL, 't'),
	(7, 'dlost:1024', 'dispute_lost', 1024, 1024, NULL, 't'),
	(8, 'ship:1024', 'ship', 1024, 1024, NULL, 't');
INSERT INTO ledger_line (entry_id, n, account, currency, amount) VALUES
	(1, 1, 'psp:clearing', 'EUR', 10000), (1, 2, 'customer:deposits', 'EUR', -10000),
	(2, 1, 'psp:clearing', 'EUR', 5000), (2, 2, 'customer:deposits', 'EUR', -5000),
	(3, 1, 'customer:deposits', 'EUR', 1000), (3, 2, 'refund:payable', 'EUR', -1000),
	(4, 1, 'customer:deposits', 'EUR', 5000), (4, 2, 'refund:payable', 'EUR', -5000),
	(5, 1, 'refund:payable', 'EUR', 5000), (5, 2, 'psp:clearing', 'EUR', -5000),
	(6, 1, 'dispute:receivable', 'EUR', 2000), (6, 2, 'psp:clearing', 'EUR', -2000),
	(7, 1, 'loss:dispute', 'EUR', 2000), (7, 2, 'dispute:receivable', 'EUR', -2000),
	(8, 1, 'customer:deposits', 'EUR', 5000), (8, 2, 'sales', 'EUR', -5000);
-- It came back broken and was thrown away.
INSERT INTO return_request (id, order_id, key, state, reason, warehouse_id)
OVERRIDING SYSTEM VALUE SELECT 1024, 1024, 'r', 'closed', 'broken', w.id FROM warehouse w;
INSERT INTO return_line VALUES (1024, 1, 1, 1, 0, 1);
INSERT INTO stock_movement (variant_id, warehouse_id, delta, reason, reference, actor)
	SELECT v.id, w.id, m.delta, m.reason, 'return:1024', 'test' FROM variant v, warehouse w,
		(VALUES (1, 'return'), (-1, 'scrap')) AS m (delta, reason);
-- A part of what 1024 paid was lost to a dispute.
INSERT INTO dispute (provider, provider_ref, order_id, payment_id, state, currency, amount, lost,
	closed_at)
VALUES ('stripe', 'dp_1', 1024, 1024, 'lost', 'EUR', 2000, 2000, now());
INSERT INTO dispute_money VALUES ('stripe', 'txn_1', 1024, 'EUR', -2000, 0);
-- The books were closed after the first capture.
UPDATE ledger_entry SET effective_at = now() - interval '9 days' WHERE id = 1;
UPDATE ledger_line SET effective_at = now() - interval '9 days' WHERE entry_id = 1;
INSERT INTO period_close VALUES (now() - interval '5 days', 1, 1, now(), 't');
INSERT INTO notification (event, order_id, subject_id, state, message_id) VALUES
	('order_confirmed', 1024, 1024, 'sent', 'm1'), ('order_confirmed', 3072, 3072, 'sent', 'm3');
-- A program of others hears of it.
INSERT INTO webhook_endpoint (url, events, secret, created_by, heard_since)
VALUES ('https://example.com/', '{order_confirmed}', repeat('s', 24), 't', now() - interval '1 h');
INSERT INTO notification (event, channel, order_id, subject_id, endpoint_id, state, message_id)
SELECT 'order_confirmed', 'webhook', o, o, e.id, 'sent', 'w' || o
FROM webhook_endpoint e, unnest('{1024,3072}'::bigint[]) o;
INSERT INTO webhook_out SELECT n.id, '{}' FROM notification n WHERE n.channel = 'webhook';
INSERT INTO webhook_delivery (notification_id, endpoint_id, status)
SELECT n.id, n.endpoint_id, 204 FROM notification n WHERE n.channel = 'webhook';
INSERT INTO audit_log (role, actor, object, action) VALUES
	('t', 't', 'refund:1024', 'create'), ('t', 't', 'refund:2048', 'create');
SELECT api.audit_seal(100);
DO $$ BEGIN
	PERFORM job_put('refund.submit', 1024);
	PERFORM job_put('reservation.expire', 2048, now() + interval '15 minutes');
END $$;

-- The provider has read the first capture, and paid it out.
INSERT INTO payout (id, provider, provider_ref, state, currency, amount, automatic, itemised,
	created, members_at)
VALUES (1024, 'stripe', 'po_1', 'in_transit', 'EUR', 10000, true, true, now(), now());
INSERT INTO ledger_entry (id, key, kind, actor) OVERRIDING SYSTEM VALUE
	VALUES (106, 'po:po_1', 'payout', 't');
INSERT INTO ledger_line (entry_id, n, account, currency, amount) VALUES
	(106, 1, 'in_transit', 'EUR', 10000), (106, 2, 'psp:clearing', 'EUR', -10000);
INSERT INTO provider_txn (provider, txn_id, type, reporting_category, source_ref, payment_ref,
	currency, amount, fee, net, created, payout_ref, entry_id)
VALUES ('stripe', 'txn_1', 'charge', 'charge', 'ch_1', 'pi_1', 'EUR', 10000, 0, 10000, now(),
		'po_1', 1),
	('stripe', 'txn_2', 'payout', 'payout', 'po_1', NULL, 'EUR', -10000, 0, -10000, now(),
		'po_1', 106);
INSERT INTO reconcile_run (provider, source, actor, ended_at, differences)
VALUES ('stripe', 'api', 't', now(), 0);

-- Two came in, were sent to another warehouse, where one arrived; a count found two more.
INSERT INTO warehouse (code) VALUES ('BER');
INSERT INTO stock_receipt (key, warehouse_id, reference, actor)
	SELECT 'k', w.id, 'PO-1', 't' FROM warehouse w WHERE code = 'AMS';
INSERT INTO stock_receipt_line (receipt_id, n, variant_id, qty)
	SELECT r.id, 1, v.id, 2 FROM stock_receipt r, variant v;
INSERT INTO transfer (key, state, from_id, to_id)
	SELECT 'k', 'received', a.id, b.id FROM warehouse a, warehouse b
	WHERE (a.code, b.code) = ('AMS', 'BER');
INSERT INTO transfer_line (transfer_id, variant_id, qty, shipped, received, lost)
	SELECT t.id, v.id, 2, 2, 1, 1 FROM transfer t, variant v;
INSERT INTO stock_count (key, state, warehouse_id, blind)
	SELECT 'k', 'posted', w.id, true FROM warehouse w WHERE code = 'BER';
INSERT INTO stock_count_line (count_id, variant_id, warehouse_id, live, counted, book)
	SELECT c.id, v.id, c.warehouse_id, false, 3, 1 FROM stock_count c, variant v;
INSERT INTO stock_movement (variant_id, warehouse_id, delta, reason, reference, actor)
	SELECT v.id, w.id, m.delta, m.reason, m.reference, 't' FROM variant v, warehouse w,
		(VALUES ('AMS', 2, 'receive', 'receipt:1'), ('AMS', -2, 'transfer_out', 'transfer:1'),
			('BER', 2, 'transfer_in', 'transfer:1'), ('BER', -1, 'transfer_loss', 'transfer:1'),
			('BER', 2, 'count', 'count:1')) AS m (code, delta, reason, reference)
	WHERE w.code = m.code;
INSERT INTO stock (variant_id, warehouse_id, on_hand)
	SELECT v.id, w.id, 3 FROM variant v, warehouse w WHERE w.code = 'BER';

-- Constraints hold most of it already; to plant a violation they must be gone.
DO $$
DECLARE
	c record;
BEGIN
	FOR c IN SELECT conrelid::regclass AS t, conname FROM pg_constraint
		WHERE contype = 'c' AND connamespace = 'shop'::regnamespace AND conrelid <> 0
			AND conparentid = 0 LOOP
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.t, c.conname);
	END LOOP;
	DROP INDEX payment_applied_once, payment_provider_ref_once;
	ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_reversed_once;
END $$;

CREATE TEMP TABLE planted (code text, sql text);
INSERT INTO planted VALUES
	('L1', 'UPDATE ledger_line SET amount = amount + 1 WHERE entry_id = 1 AND n = 1'),
	('L2', 'DELETE FROM ledger_line WHERE entry_id = 1 AND n = 2'),
	('L3', 'UPDATE ledger_line SET amount = amount + 1 WHERE entry_id = 2 AND n = 1'),
	('L4', 'UPDATE ledger_line SET currency = ''USD'' WHERE entry_id = 3'),
	('L5', 'UPDATE ledger_line SET amount = amount * 2 WHERE entry_id = 1'),
	('L5', 'DELETE FROM ledger_line WHERE entry_id = 1'),
	('L5', 'UPDATE ledger_entry SET key = ''cap:stripe:ch_1:4000'' WHERE id = 1; UPDATE payment SET captured = 4000 WHERE id = 1024'),
	('L6', 'UPDATE payment SET captured = 0 WHERE id = 3072'),
	('L7', 'UPDATE refund SET state = ''pending'' WHERE id = 1024'),
	('L8', 'DELETE FROM ledger_line WHERE entry_id = 4'),
	('L9', 'INSERT INTO ledger_line VALUES (1, 3, ''dispute:receivable'', ''EUR'', 5), (1, 4, ''dispute:receivable'', ''EUR'', 6)'),
	('L9', 'UPDATE dispute SET state = ''needs_response'' WHERE id = 1024'),
	('L16', 'UPDATE ledger_entry SET key = ''x'' WHERE id = 6'),
	('J9', 'UPDATE dispute SET closed_at = NULL WHERE id = 1024'),
	('L8', 'UPDATE shipment SET goodwill = 1'),
	('L8', 'UPDATE shipment_line SET sales = 4999'),
	('L8', 'UPDATE orders SET state = ''shipped'' WHERE id = 1024'),
	('L10', 'UPDATE ledger_line SET amount = amount + 1 WHERE entry_id = 1'),
	('L11', 'UPDATE provider_txn SET entry_id = NULL WHERE txn_id = ''txn_1'''),
	('L11', 'UPDATE provider_txn SET fee = 1'),
	('L12', 'UPDATE ledger_entry SET posted_at = now() - interval ''5 days'''),
	('L13', 'UPDATE provider_txn SET payout_ref = NULL WHERE txn_id = ''txn_1'''),
	('L13', 'UPDATE payout SET state = ''paid'''),
	('L14', 'UPDATE ledger_entry SET effective_at = now() - interval ''9 days'' WHERE id = 5'),
	('L14', 'UPDATE ledger_entry SET effective_at = now() WHERE id = 1'),
	('L17', 'UPDATE ledger_line SET effective_at = effective_at + interval ''1 us'' WHERE entry_id = 2 AND n = 1'),
	('L18', 'INSERT INTO provider_balance (provider, currency, run_id, available, pending, verdict, mirror) VALUES (''stripe'', ''EUR'', 1, 7, 0, ''differs'', 0)'),
	('L15', 'UPDATE ledger_entry SET reverses = 1 WHERE id = 2'),
	('O1', 'UPDATE order_line SET qty = 3 WHERE order_id = 1024'),
	('O1', 'UPDATE orders SET total = 9999 WHERE id = 1024'),
	('O2', 'DELETE FROM order_line WHERE order_id = 2048'),
	('O3', 'UPDATE orders SET state = ''authorized'' WHERE id = 1024'),
	('O3', 'UPDATE payment SET applied = false WHERE id = 1024'),
	('O4', 'UPDATE payment SET applied = true WHERE id = 2048'),
	('O3', 'UPDATE payment SET captured = 9999 WHERE id = 1024'),
	('O3', 'UPDATE orders SET state = ''on_hold'' WHERE id = 2048'),
	('O5', 'UPDATE payment SET captured = 5000 WHERE id = 2048'),
	('O6', 'UPDATE refund SET state = ''rejected'' WHERE id = 2048'),
	('O7', 'UPDATE order_event SET to_state = ''shipped'' WHERE order_id = 1024'),
	('O7', 'DELETE FROM order_event WHERE order_id = 1024'),
	('O8', 'DELETE FROM orders WHERE id = 2048'),
	('O8', 'DELETE FROM orders WHERE id = 1024'),
	('O8', 'UPDATE payment SET order_id = 99 WHERE id = 2048'),
	('O8', 'UPDATE order_contact SET order_id = 99'),
	('O8', 'INSERT INTO payment_part VALUES (99, ''ref'', 1)'),
	('O9', 'INSERT INTO order_event (machine, subject_id, order_id, event, from_state, to_state, actor) VALUES (''refund'', 1024, 1024, ''teleported'', ''requested'', ''requested'', ''t'')'),
	('O9', 'INSERT INTO order_event (machine, subject_id, order_id, event, from_state, to_state, actor) SELECT ''shipment'', id, order_id, ''draft'', ''draft'', ''labeled'', ''t'' FROM shipment LIMIT 1'),
	('O10', 'UPDATE order_line SET discount = 1 WHERE order_id = 2048; UPDATE orders SET discount = 1, total = total - 1 WHERE id = 2048'),
	('O10', 'UPDATE promotion SET kind = ''percentage'', percent_bp = 1 WHERE name = ''FREE''; UPDATE redemption SET amount = 5'),
	('O11', 'UPDATE redemption SET state = ''released'''),
	('O11', 'UPDATE payment SET captured = 0 WHERE id = 1024; UPDATE orders SET state = ''expired'' WHERE id = 1024'),
	('O12', 'UPDATE promotion SET used = 2 WHERE name = ''FREE'''),
	('O12', 'UPDATE promotion SET spent = 5 WHERE name = ''OTHER'''),
	('O12', 'UPDATE coupon SET used = 1'),
	('O12', 'UPDATE promotion SET uses_per_customer = 1, used = 2 WHERE name = ''FREE''; INSERT INTO redemption SELECT 2048, promotion_id, coupon_id, who, currency, amount FROM redemption; UPDATE coupon SET used = 2 WHERE code = ''FREE'''),
	('O13', 'UPDATE redemption SET order_id = 4096'),
	('O13', 'UPDATE redemption SET currency = ''USD'''),
	('O13', 'UPDATE redemption SET coupon_id = (SELECT id FROM coupon WHERE code = ''OTHER'')'),
	('P1', 'UPDATE refund SET amount = 10001 WHERE id = 1024'),
	('P2', 'INSERT INTO payment (id, order_id, state, live, applied, currency, amount) VALUES (9, 1024, ''captured'', false, true, ''EUR'', 1)'),
	('P3', 'UPDATE payment SET currency = ''USD'' WHERE id = 2048'),
	('P4', 'DELETE FROM provider_op WHERE refund_id = 2048'),
	('P5', 'DELETE FROM provider_op WHERE payment_id = 1024'),
	('P6', 'UPDATE payment SET amount = 9999 WHERE id = 1024'),
	('P7', 'UPDATE payment SET provider_ref = ''re_3'' WHERE id = 1024'),
	('P8', 'UPDATE provider_op SET state = ''unknown'', last_sent_at = now() - interval ''2 days'' WHERE payment_id = 1024'),
	('S1', 'UPDATE stock SET on_hand = 10'),
	('S1', 'DELETE FROM stock_movement'),
	('S2', 'UPDATE stock SET reserved = 4'),
	('S2', 'UPDATE stock SET reserved = 0'),
	('S2', 'UPDATE order_line SET stock_state = ''released'' WHERE order_id = 2048'),
	('S3', 'UPDATE stock SET reserved = 11'),
	('S3', 'UPDATE stock SET reserved = -1'),
	('S4', 'UPDATE order_line SET stock_state = ''active'' WHERE order_id = 1024'),
	('S5', 'UPDATE order_line SET dropped = 3 WHERE order_id = 1024'),
	('S5', 'UPDATE order_line SET stock_state = ''consumed'', shipped = 1 WHERE order_id = 1024'),
	('S5', 'UPDATE order_line SET shipped = 1 WHERE order_id = 2048'),
	('S6', 'DELETE FROM stock_movement WHERE reason = ''ship'''),
	('S6', 'UPDATE stock_movement SET delta = delta - 1 WHERE reason = ''ship'''),
	('S6', 'UPDATE stock_movement SET reference = ''shipment:2048'' WHERE reason = ''ship'''),
	('S7', 'UPDATE order_line SET shipped = 2 WHERE order_id = 1024'),
	('S7', 'DELETE FROM shipment_line'),
	('S10', 'UPDATE return_line SET received = 2'),
	('S10', 'UPDATE order_line SET shipped = 0'),
	('S11', 'DELETE FROM stock_movement WHERE reason = ''scrap'''),
	('S11', 'UPDATE return_line SET scrapped = 0'),
	('S8', 'UPDATE transfer_line SET received = 2, lost = 0'),
	('S8', 'UPDATE transfer_line SET received = 0'),
	('S8', 'UPDATE transfer SET state = ''draft'''),
	('S8', 'UPDATE transfer SET from_id = to_id, to_id = from_id'),
	('S8', 'DELETE FROM transfer_line'),
	('S8', 'DELETE FROM stock_movement WHERE reason = ''transfer_loss'''),
	('S8', 'DELETE FROM stock_movement WHERE reason LIKE ''transfer%'''),
	('S12', 'UPDATE stock_count_line SET book = 2'),
	('S12', 'UPDATE stock_count_line SET live = true'),
	('S12', 'UPDATE stock_count SET state = ''canceled'''),
	('S12', 'UPDATE stock_movement SET reference = ''count:2'' WHERE reason = ''count'''),
	('S13', 'UPDATE stock_receipt_line SET qty = 3'),
	('S13', 'DELETE FROM stock_movement WHERE reason = ''receive'''),
	('S14', 'UPDATE warehouse SET routed = true'),
	('S14', 'UPDATE warehouse SET serves = ''{DE}'''),
	('S9', 'UPDATE stock SET warehouse_id = warehouse_id + 100'),
	('C1', 'UPDATE variant SET product_id = product_id + 100'),
	('C1', 'UPDATE product SET brand_id = 100'),
	('C1', 'UPDATE price SET currency = ''XXX'''),
	('C1', 'INSERT INTO product_image VALUES (100, ''u'', ''a'', 1)'),
	('C2', 'INSERT INTO price VALUES (1, ''EUR'', 1, NULL, ''2026-01-01'', ''2026-02-01''), (1, ''EUR'', 1, NULL, ''2026-01-15'', ''2026-03-01'')'),
	('C7', 'INSERT INTO pricelist (code, name, currency) VALUES (''l'', ''L'', ''EUR''); INSERT INTO pricelist_price SELECT l.id, v.id, 1, f::timestamptz, u::timestamptz FROM pricelist l, variant v, (VALUES (''2026-01-01'', ''2026-03-01''), (''2026-02-01'', ''infinity'')) AS x (f, u)'),
	('C1', 'INSERT INTO pricelist (code, name, currency) VALUES (''l'', ''L'', ''EUR''); INSERT INTO pricelist_price SELECT id, 99, 1 FROM pricelist'),
	('C1', 'INSERT INTO pricelist (code, name, currency) VALUES (''l'', ''L'', ''EUR''); INSERT INTO pricelist_customer SELECT 99, id FROM pricelist'),
	('C8', 'INSERT INTO tax_rate (country, tax_class, name, ppm, valid_until) VALUES (''DE'', ''standard'', ''VAT'', 1, ''infinity''), (''DE'', ''standard'', ''VAT'', 1, ''2026-01-01'')'),
	('O14', 'WITH z AS (INSERT INTO shipping_zone (code, name) VALUES (''Z'', ''Z'') RETURNING id), m AS (INSERT INTO shipping_method (zone_id, code, currency, name) SELECT id, ''m'', ''EUR'', ''M'' FROM z RETURNING id), r AS (INSERT INTO shipping_rate (method_id, price) SELECT id, 490 FROM m RETURNING id) INSERT INTO order_shipping SELECT 1024, id, ''m'', ''M'', 0, 0, 490, 490 FROM r'),
	('O14', 'WITH z AS (INSERT INTO shipping_zone (code, name) VALUES (''Z'', ''Z'') RETURNING id), m AS (INSERT INTO shipping_method (zone_id, code, currency, name) SELECT id, ''m'', ''EUR'', ''M'' FROM z RETURNING id), r AS (INSERT INTO shipping_rate (method_id, price) SELECT id, 490 FROM m RETURNING id) INSERT INTO order_shipping SELECT 1024, id, ''m'', ''M'', 0, 0, 491, 0 FROM r'),
	('O14', 'INSERT INTO order_shipping VALUES (1024, 7, ''m'', ''M'', 0, 0, 490, 0)'),
	('C10', 'ALTER TABLE shipping_rate DROP CONSTRAINT shipping_rates_never_overlap; WITH z AS (INSERT INTO shipping_zone (code, name) VALUES (''Z'', ''Z'') RETURNING id), m AS (INSERT INTO shipping_method (zone_id, code, currency, name) SELECT id, ''m'', ''EUR'', ''M'' FROM z RETURNING id), r AS (INSERT INTO shipping_rate (method_id, price) SELECT id, p FROM m, (VALUES (1), (2)) AS x (p) RETURNING id) SELECT FROM r'),
	('C9', 'UPDATE price SET valid_from = ''2026-01-01'''),
	('C9', 'SELECT api.price_set(''DOG'', (4000, ''EUR''), NULL, NULL); UPDATE price SET amount = 3999 WHERE valid_until = ''infinity'''),
	('C9', 'SELECT api.price_set(''DOG'', (4000, ''EUR''), NULL, NULL); UPDATE price SET amount = 1 WHERE valid_from = ''-infinity'''),
	('C3', 'UPDATE product SET status = ''draft'''),
	('C4', 'WITH c AS (INSERT INTO category (path, name) VALUES (''odd'', ''Odd'') RETURNING id), a AS (INSERT INTO category_attribute SELECT c.id, ''size'', ''integer'', true FROM c) UPDATE product SET category_id = c.id FROM c'),
	('C5', 'INSERT INTO category (path, name) VALUES (''odd'', ''Even'')'),
	('J1', 'DELETE FROM job_later'),
	('J2', 'UPDATE provider_op SET state = ''sent'' WHERE payment_id = 1024'),
	('J4', 'INSERT INTO webhook_event (provider, livemode, event_id, type, body) VALUES (''stripe'', false, ''evt'', ''x'', '''')'),
	('J6', 'INSERT INTO job_lease SELECT q.base, 1, 1, now() - interval ''1 h'', now(), ''w'', 1, false, NULL, ''{}'' FROM queue_head q LIMIT 1'),
	('J7', 'UPDATE queue SET max_attempts = 1; UPDATE job_later SET attempt = 1'),
	('J10', 'UPDATE job SET created_at = now() - interval ''2 h'''),
	('J8', 'DELETE FROM job'),
	('N1', 'DELETE FROM notification WHERE order_id = 1024'),
	('N1', 'INSERT INTO notification (event, order_id, subject_id, state, message_id) VALUES (''order_confirmed'', 2048, 2048, ''sent'', ''m'')'),
	('N2', 'ALTER TABLE notification DROP CONSTRAINT IF EXISTS notification_event_is_known; INSERT INTO notification (event, order_id, subject_id, state, message_id) VALUES (''shipped'', 1024, 1, ''sent'', ''m5''), (''order_canceled'', 1024, 1024, ''sent'', ''m6'')'),
	('N3', 'ALTER TABLE notification DROP CONSTRAINT notification_sent_once; INSERT INTO notification (event, order_id, subject_id, state, message_id) VALUES (''order_confirmed'', 1024, 1024, ''sent'', ''m7'')'),
	('R1', 'INSERT INTO rollup_sales_day VALUES (''2026-03-01'', ''EUR'', 1, 1, 1, 0)'),
	('N4', 'UPDATE notification SET state = ''queued'' WHERE order_id = 1024'),
	('N5', 'DELETE FROM notification WHERE channel = ''webhook'''),
	('N6', 'UPDATE webhook_delivery SET status = 500'),
	('N6', 'DELETE FROM webhook_delivery'),
	('A2', 'DELETE FROM audit_log'),
	('A4', 'UPDATE order_contact SET name = ''4242 4242-42424242'''),
	('A5', 'UPDATE audit_log SET actor = ''nobody'''),
	('A5', 'DELETE FROM audit_seal; INSERT INTO audit_seal VALUES (7, now(), ''{1}'', sha256(''''), sha256(''''), ''0'', 1, 0, 1, false)'),
	('A3', 'ALTER FUNCTION api.version() RESET search_path'),
	('A3', 'GRANT EXECUTE ON FUNCTION api.version() TO PUBLIC');

-- Roles and rights are looked at when asked for.
CREATE TEMP TABLE opened (code text, sql text);
INSERT INTO opened VALUES
	('K1', 'ALTER ROLE shop_owner LOGIN'),
	('K1', 'GRANT shop_owner TO op_support'),
	('K2', 'ALTER ROLE shop_worker CREATEROLE'),
	('K2', 'ALTER ROLE op_admin BYPASSRLS'),
	('K3', 'ALTER ROLE shop_http RESET lock_timeout'),
	('K3', 'ALTER ROLE shop_worker SET statement_timeout = 0'),
	('K4', 'ALTER TABLE orders OWNER TO op_admin'),
	('K4', 'ALTER FUNCTION api.version() OWNER TO postgres'),
	('K5', 'GRANT SELECT ON orders TO PUBLIC'),
	('K5', 'GRANT EXECUTE ON FUNCTION api.version() TO PUBLIC'),
	('K5', 'GRANT USAGE ON SCHEMA api TO PUBLIC'),
	('K5', 'GRANT CREATE ON SCHEMA public TO PUBLIC'),
	('K5', 'GRANT TEMPORARY ON DATABASE ' || current_database() || ' TO PUBLIC'),
	('K6', 'GRANT SELECT ON ledger_line TO op_auditor'),
	('K6', 'GRANT SELECT (email) ON order_contact TO op_support'),
	('K6', 'GRANT USAGE ON SEQUENCE job_seq TO shop_http'),
	('K7', 'GRANT EXECUTE ON FUNCTION new_id() TO shop_worker'),
	('K8', 'ALTER FUNCTION api.version() RESET search_path'),
	('K8', 'ALTER FUNCTION api.version() SET search_path = public, shop, pg_temp'),
	('K8', 'ALTER FUNCTION new_id() SECURITY DEFINER'),
	('K9', 'CREATE TRIGGER t BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()'),
	('K9', 'CREATE RULE r AS ON DELETE TO audit_log DO INSTEAD NOTHING'),
	('K9', 'CREATE POLICY p ON orders'),
	('K10', 'GRANT EXECUTE ON FUNCTION api.refund_create TO op_auditor');

-- The codes found with one statement run and taken back: in the whole shop, and by
-- looking at single orders, one by one and together.
CREATE TYPE pg_temp.found AS (whole text[], alone text[], together text[]);
CREATE FUNCTION pg_temp.found_after(sql text) RETURNS pg_temp.found LANGUAGE plpgsql AS $$
DECLARE
	f pg_temp.found;
BEGIN
	BEGIN
		EXECUTE sql;
		SELECT array_agg(DISTINCT code) INTO f.whole FROM api.fsck('{}', NULL, NULL);
		SELECT array_agg(DISTINCT code) INTO f.alone FROM unnest('{1024,2048,3072}'::bigint[]) o,
			api.fsck('{}', o, NULL);
		SELECT array_agg(DISTINCT code) INTO f.together FROM api.fsck('{}', NULL, '-infinity');
		RAISE EXCEPTION 'undo';
	EXCEPTION WHEN raise_exception THEN
		RETURN f;
	END;
END $$;
CREATE TEMP TABLE seen AS SELECT p.*, f.* FROM planted p, pg_temp.found_after(p.sql) f;

CREATE FUNCTION pg_temp.opened_by(sql text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	codes text[];
BEGIN
	BEGIN
		EXECUTE sql;
		SELECT array_agg(DISTINCT code) INTO codes FROM api.fsck('{security}', NULL, NULL);
		RAISE EXCEPTION 'undo';
	EXCEPTION WHEN raise_exception THEN
		RETURN codes;
	END;
END $$;

SELECT plan((SELECT count(*) FROM planted)::int + (SELECT count(*) FROM opened)::int + 7);
-- A copy of a database has not the rights of its template.
DO $$ BEGIN
	EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
END $$;
SELECT is_empty('SELECT * FROM api.fsck(''{security}'', NULL, NULL)', 'a fresh shop is closed');
SELECT ok(code = ANY (pg_temp.opened_by(sql)), code || ' finds: ' || sql) FROM opened;
SELECT is_empty('SELECT * FROM api.fsck(''{}'', NULL, NULL)', 'a consistent shop is clean');
SELECT is_empty('SELECT code FROM api.fsck_list() EXCEPT SELECT code FROM planted
	EXCEPT SELECT code FROM opened',
	'every invariant has a planted violation');
SELECT is((SELECT count(DISTINCT code) FROM api.fsck_list()), (SELECT count(*) FROM api.fsck_list()),
	'no code is used twice');
SELECT ok(code = ANY (whole), code || ' finds: ' || sql) FROM seen;
SELECT ok('O6' <> ALL (whole), 'what was captured of an order that is canceled goes back '
	'once the rest was let go')
FROM pg_temp.found_after('UPDATE refund SET state = ''rejected'' WHERE id = 2048;
	UPDATE payment SET state = ''authorized'' WHERE id = 3072');
-- What is about orders; add yours.
CREATE TEMP TABLE by_order AS SELECT unnest('{A2,A4,J1,J2,J8,J9,L1,L2,L4,L5,L6,L7,L8,L9,L14,L15,L16,
	L17,N1,N2,N3,N4,N5,N6,O1,O2,O3,O4,O5,O6,O7,O8,O9,O10,O11,O13,O14,P1,P2,P3,P4,P5,P6,P8,S1,S2,S3,S4,S5,S6,S7,
	S10}'::text[]) AS code;
SELECT is_empty('SELECT code FROM by_order EXCEPT SELECT code FROM seen WHERE code = ANY (together)',
	'what is about orders is found by looking at those that were touched');
SELECT is_empty('SELECT code FROM by_order EXCEPT SELECT code FROM seen WHERE code = ANY (alone)',
	'and by looking at one');
SELECT * FROM finish();
ROLLBACK;
