-- One trace from the checkout to the jobs that follow from it, by whomever they are put.
BEGIN;
SELECT plan(5);

INSERT INTO orders (id, client_id, key, fingerprint, currency, subtotal, total, expires_at, trace)
VALUES (1024, 0, 'a', '\x00', 'EUR', 5000, 5000, now(), '4bf92f3577b34da6a3ce929d0e0e4736'),
	(2048, 0, 'b', '\x00', 'EUR', 5000, 5000, now(), NULL);
INSERT INTO payment (id, order_id, provider_ref, state, live, applied, currency, amount, captured)
VALUES (1024, 1024, 'pi_1', 'captured', false, true, 'EUR', 5000, 5000);

CREATE FUNCTION pg_temp.trace_of(kind text) RETURNS text LANGUAGE sql AS $$
	SELECT j.trace FROM job_any j WHERE j.kind = $1 ORDER BY j.id DESC LIMIT 1
$$;

SELECT notify('order_confirmed', 2048, 2048);
SELECT is(pg_temp.trace_of('notification.send'), NULL, 'an order without a trace gives none');
SELECT notify('order_confirmed', 1024, 1024);
SELECT is(pg_temp.trace_of('notification.send'), '4bf92f3577b34da6a3ce929d0e0e4736',
	'a mail belongs to the trace of its order');
SELECT refund_open(1024, 'k', 100, 'test', false);
SELECT is(pg_temp.trace_of('refund.submit'), '4bf92f3577b34da6a3ce929d0e0e4736',
	'a refund belongs to the trace of its order');
SET LOCAL shop.trace_id = '11111111111111111111111111111111';
SELECT refund_open(1024, 'l', 100, 'test', false);
SELECT is(pg_temp.trace_of('refund.submit'), '11111111111111111111111111111111',
	'an operator''s own trace goes before');

-- Moves of one transaction have one time; the story tells them in their order.
INSERT INTO order_event (order_id, event, from_state, to_state, actor, machine, subject_id)
SELECT 2048, 'open', 'new', 'open', 'x', 'payment', n FROM generate_series(1, 40) n;
SELECT incident_open('refund_failed', 2048, NULL, '{}');
UPDATE incident SET at = now() - interval '1 hour' WHERE order_id = 2048;
SELECT is((SELECT array_agg(what) FROM api.order_timeline(2048) WHERE source = 'payment'
	AND what LIKE '%new -> open'), ARRAY(SELECT format('payment %s: new -> open', n)
	FROM generate_series(1, 40) n), 'an order''s story is in the order of its events');
SELECT * FROM finish();
ROLLBACK;
