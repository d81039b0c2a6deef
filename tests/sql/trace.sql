-- One trace from the checkout to the jobs that follow from it, by whomever they are put.
BEGIN;
SELECT plan(4);

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
SELECT * FROM finish();
ROLLBACK;
