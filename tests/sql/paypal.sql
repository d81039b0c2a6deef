-- What differs between providers: how long a key lasts, and what a refund acts on.
BEGIN;
SELECT no_plan();

SELECT is(op_horizon(p, k)::text, h, format('%s of %s is sent again for %s', k, p, h))
FROM (VALUES ('stripe', 'payment.create', '23:00:00'), ('stripe', 'refund.create', '23:00:00'),
	('paypal', 'payment.create', '05:00:00'), ('paypal', 'payment.authorize', '05:00:00'),
	('paypal', 'payment.capture', '05:00:00'), ('paypal', 'payment.cancel', '44 days'),
	('paypal', 'refund.create', '44 days'), ('nobody', 'refund.create', '00:00:00')) AS v(p, k, h);

-- Three captures of one payment: 60, 30, and 10 of which nothing is left.
INSERT INTO orders (id, client_id, key, fingerprint, currency, subtotal, total, expires_at)
	VALUES (1024, 0, 'k', '\x00', 'EUR', 10000, 10000, now());
INSERT INTO payment (id, order_id, provider, provider_ref, charge_ref, live, state, currency,
	amount, captured) VALUES (1024, 1024, 'paypal', 'ORDER', 'LAST', false, 'captured', 'EUR',
	10000, 10000);
CREATE FUNCTION pg_temp.target(minor bigint) RETURNS text LANGUAGE sql AS $$
	SELECT refund_target(p, $1) FROM payment p WHERE p.id = 1024
$$;
SELECT is(pg_temp.target(100), 'LAST', 'without parts it is the only capture');
INSERT INTO payment_part VALUES (1024, 'SIXTY', 6000), (1024, 'THIRTY', 3000), (1024, 'TEN', 1000);
INSERT INTO refund (id, order_id, payment_id, key, currency, amount, reason, state)
	OVERRIDING SYSTEM VALUE VALUES (7, 1024, 1024, 'a', 'EUR', 1000, 'test', 'succeeded');
INSERT INTO provider_op (provider, kind, order_id, payment_id, refund_id, idem_key, target)
	VALUES ('paypal', 'refund.create', 1024, 1024, 7, 'a', 'TEN');
SELECT is(pg_temp.target(500), 'THIRTY', 'the smallest capture that has enough left');
SELECT is(pg_temp.target(3000), 'THIRTY', 'exactly enough is enough');
SELECT is(pg_temp.target(3001), 'SIXTY', 'more than that goes to a larger one');
UPDATE refund SET state = 'failed' WHERE id = 7;
SELECT is(pg_temp.target(500), 'TEN', 'money that did not go back is left');
UPDATE payment SET provider = 'stripe';
SELECT is(pg_temp.target(500), 'ORDER', 'Stripe gives back by payment');

SELECT * FROM finish();
ROLLBACK;
