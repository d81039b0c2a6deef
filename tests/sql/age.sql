-- Time passes in a test database as it would by waiting, for whatever tells the time.
BEGIN;
\i tests/sim/age.sql

INSERT INTO warehouse (code) VALUES ('AMS');
INSERT INTO product (handle, title, status) VALUES ('dog', 'Dog', 'active');
INSERT INTO variant (product_id, sku, title) SELECT id, 'DOG', 'Dog' FROM product;
INSERT INTO price (variant_id, currency, amount, valid_until)
	SELECT id, 'EUR', 5000, now() + interval '1 hour' FROM variant;
INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal, total, expires_at)
VALUES (1024, 0, 'a', '\x00', 'paid', 'EUR', 5000, 5000, now() + interval '15 minutes');
INSERT INTO order_line (order_id, n, variant_id, warehouse_id, stock_state, qty, unit_price,
	sku, title) SELECT 1024, 1, v.id, 1, 'committed', 1, 5000, 'DOG', 'Dog' FROM variant v;
INSERT INTO payment (id, order_id, state, live, applied, currency, amount, captured)
VALUES (1024, 1024, 'captured', false, true, 'EUR', 5000, 5000);
SELECT post('cap:stripe:ch_1', 'capture', 1024, 1024, NULL, 'EUR',
	'{psp:clearing,customer:deposits}', '{5000,-5000}') \g /dev/null
SELECT job_put('reservation.expire', 1024, now() + interval '15 minutes') \g /dev/null
SELECT FROM api.rollup_fold(10) \g /dev/null
-- Counted as it would be by another connection, once this transaction was over.
UPDATE rollup_watermark SET position_id = 9, position = (pg_current_xact_id()::text)::xid8;
SELECT rollup_recompute('-infinity', 'infinity') \g /dev/null
SELECT plan(6);

SELECT shop.sim_age('30 hours') \g /dev/null
SELECT is((SELECT o.expires_at FROM orders o), now() - interval '29:45', 'an order is over its time');
SELECT is((SELECT p.valid_until FROM price p), now() - interval '29 hours', 'a price has ended');
SELECT is((SELECT p.valid_from FROM price p), '-infinity', 'what was always so still was');
SELECT is((SELECT count(*) FROM job_later WHERE run_at <= now() AND created_at < now()), 1::bigint,
	'a job is due');
SELECT is((SELECT r.hour FROM rollup_sales_hour r),
	date_trunc('hour', now() - interval '30 hours', 'UTC'), 'a sale was made in its hour');
SELECT is_empty('SELECT * FROM api.rollup_verify(NULL)', 'sums are still what the ledger says');
SELECT * FROM finish();
ROLLBACK;
