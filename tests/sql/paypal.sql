-- What differs between providers: how long a key lasts, and what a refund acts on.
BEGIN;
SELECT no_plan();

SELECT is(op_horizon(p, k)::text, h, format('%s of %s is sent again for %s', k, p, h))
FROM (VALUES ('stripe', 'payment.create', '23:00:00'), ('stripe', 'refund.create', '23:00:00'),
	('paypal', 'payment.create', '05:00:00'), ('paypal', 'payment.authorize', '05:00:00'),
	('paypal', 'payment.capture', '05:00:00'), ('paypal', 'payment.cancel', '44 days'),
	('paypal', 'payment.reauthorize', '44 days'), ('paypal', 'refund.create', '44 days'), ('nobody', 'refund.create', '00:00:00')) AS v(p, k, h);

-- Three captures of one payment: 60, 30, and 10 of which nothing is left.
INSERT INTO orders (id, client_id, key, fingerprint, currency, subtotal, total, expires_at)
	VALUES (1024, 0, 'k', '\x00', 'EUR', 10000, 10000, now());
INSERT INTO payment (id, order_id, provider, provider_ref, charge_ref, live, state, currency,
	amount, captured) VALUES (1024, 1024, 'paypal', 'ORDER', 'LAST', false, 'captured', 'EUR',
	10000, 10000);
CREATE FUNCTION pg_temp.target(minor bigint) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(t.ref || ' ' || t.amount, ', ' ORDER BY t.n)
	FROM payment p, refund_targets(p, $1) t WHERE p.id = 1024
$$;
SELECT is(pg_temp.target(100), 'LAST 100', 'without parts it is the only capture');
INSERT INTO payment_part VALUES (1024, 'SIXTY', 6000), (1024, 'THIRTY', 3000), (1024, 'TEN', 1000);
INSERT INTO refund (id, order_id, payment_id, key, currency, amount, reason, state, capture_ref)
	OVERRIDING SYSTEM VALUE VALUES (7, 1024, 1024, 'a', 'EUR', 1000, 'test', 'succeeded', 'TEN');
SELECT is(pg_temp.target(500), 'THIRTY 500', 'the smallest capture that has enough left');
SELECT is(pg_temp.target(3000), 'THIRTY 3000', 'exactly enough is enough');
SELECT is(pg_temp.target(3001), 'SIXTY 3001', 'more than that goes to a larger one');
SELECT is(pg_temp.target(6000), 'SIXTY 6000', 'all of the largest');
SELECT is(pg_temp.target(6001), 'SIXTY 6000, THIRTY 1', 'more than any has is divided, the largest first');
SELECT is(pg_temp.target(9000), 'SIXTY 6000, THIRTY 3000', 'all that is left');
SELECT is(pg_temp.target(9500), 'SIXTY 6500, THIRTY 3000', 'too much is for PayPal to refuse');
UPDATE refund SET state = 'failed' WHERE id = 7;
SELECT is(pg_temp.target(500), 'TEN 500', 'money that did not go back is left');
SELECT is(pg_temp.target(10000), 'SIXTY 6000, THIRTY 3000, TEN 1000', 'three parts');
SELECT is((SELECT string_agg(refund_target(r, p), ' ') FROM refund r, payment p), 'TEN',
	'PayPal gives back by capture');
UPDATE payment SET provider = 'stripe';
SELECT is((SELECT string_agg(refund_target(r, p), ' ') FROM refund r, payment p), 'ORDER',
	'Stripe gives back by payment');

-- Shares of a part: amounts and tax add up whatever the cut, units stay together.
SELECT is((SELECT string_agg(format('%s:%s/%s/%s', s.n, s.qty, s.amount, s.tax), ' ' ORDER BY c.lo, s.n)
	FROM (VALUES (0, 333), (333, 700), (700, 1000)) AS c (lo, hi), refund_shares('[{"n": 1,
	"qty": 2, "amount": 500, "tax": 95}, {"n": 2, "qty": 1, "amount": 0, "tax": 0},
	{"n": 3, "qty": 1, "amount": 500, "tax": 35}]', c.lo, c.hi) s),
	'1:2/333/63 1:0/167/32 2:1/0/0 3:1/200/14 3:0/300/21', 'a line that is cut keeps its sum');

SELECT * FROM finish();
ROLLBACK;
