-- Metrics of the database: each says what is in the tables, and labels are escaped.
BEGIN;
SELECT plan(17);

CREATE FUNCTION pg_temp.v(name text, labels text DEFAULT '') RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(m.value, ',') FROM api.metrics() m WHERE m.name = $1 AND m.labels = $2
$$;

SELECT is_empty($$ SELECT name FROM api.metrics() WHERE name !~ '^shop(_[a-z]+)+$'
	OR help !~ '\.$' OR type <> 'gauge' $$, 'names, help and types are in order');
SELECT is_empty($$ SELECT s.name FROM (SELECT * FROM metric_queues()
		UNION ALL SELECT * FROM metric_reservations() UNION ALL SELECT * FROM metric_status()
		UNION ALL SELECT * FROM metric_checks()) s
	WHERE s.name NOT IN (SELECT f.name FROM metric_families() f) $$,
	'what is counted belongs to a family');
SELECT is_empty($$ SELECT name, labels FROM api.metrics() GROUP BY name, labels
	HAVING count(*) > 1 $$, 'no series is there twice');
SELECT is(metric_label('k', E'a"b\\c\nd'), 'k="a\"b\\c\nd"', 'labels are escaped');
SELECT is(pg_temp.v('shop_webhooks_parked'), '0', 'nothing is said as zero');

INSERT INTO orders (id, client_id, key, fingerprint, currency, subtotal, total, state, expires_at)
VALUES (1024, 0, 'a', '\x00', 'EUR', 5000, 5000, 'pending', now() - interval '10 minutes'),
	(2048, 0, 'b', '\x00', 'EUR', 5000, 5000, 'pending', now() - interval '5 minutes'),
	(3072, 0, 'c', '\x00', 'EUR', 5000, 5000, 'canceled', now() - interval '1 hour');
INSERT INTO job_later (id, run_at, subject, created_at, kind)
VALUES (1, now() - interval '10 minutes', 1024, now(), 'reservation.expire'),
	(3, now() - interval '1 hour', 3072, now(), 'reservation.expire'),
	(4, now() - interval '2 hours', 2048, now(), 'payment.submit');
INSERT INTO job (slot, seq, id, subject, created_at, kind)
SELECT head, nextval('job_seq'), 2, 2048, now() - interval '20 minutes', 'reservation.expire'
FROM queue_head WHERE queue = 'reservation';
SELECT is(pg_temp.v('shop_reservations_late'), '2', 'late are those due and those in line');
SELECT is(pg_temp.v('shop_reservations_late_seconds'), '600.000', 'by their own time');
SELECT is(pg_temp.v('shop_jobs_overdue'), '3', 'nobody puts them in line');
SELECT is(pg_temp.v('shop_jobs_overdue_seconds'), '7200.000', 'since then');

INSERT INTO job (slot, seq, id, created_at, kind, attempt)
SELECT head, nextval('job_seq'), 10 + a, now() - interval '1 hour' / (a + 1), 'noop.run',
	1 - a FROM queue_head, generate_series(0, 1) a WHERE queue = 'noop';
SELECT is(pg_temp.v('shop_queue_depth', 'queue="noop"'), '2', 'ready is ready');
SELECT is(pg_temp.v('shop_queue_oldest_age_seconds', 'queue="noop"'), '1800.000',
	'what was tried is not what is neglected');

INSERT INTO job_dead (id, queue, attempt, crashes, created_at, kind, rule, message)
VALUES (20, 'noop', 1, 0, now(), 'noop.run', 'r', 'm');
SELECT is(pg_temp.v('shop_dead_letters', 'kind="noop.run"'), '1', 'a dead letter');

UPDATE breaker SET state = 'open', probe_at = now() WHERE provider = 'stripe';
SELECT is(pg_temp.v('shop_breaker_open', 'provider="stripe"')
	|| pg_temp.v('shop_breaker_open', 'provider="paypal"'), '10', 'one provider is left alone');

SELECT incident_open('refund_failed', 1024, 1024, '{}');
SELECT is(pg_temp.v('shop_incidents_open', 'kind="refund_failed"'), '1', 'an incident');

INSERT INTO fsck_run (scope, began_at, ended_at, violations, actor)
VALUES ('all', now(), '2026-01-02 03:04:05.5Z', 3, 'x'), ('L1', now(), now(), 7, 'x');
SELECT is(pg_temp.v('shop_fsck_violations', 'scope="all"')
	|| ' ' || pg_temp.v('shop_task_last_success_timestamp_seconds', 'task="fsck"'),
	'3 1767323045.500', 'the last check of the whole shop');

INSERT INTO reconcile_run (provider, source, actor, ended_at, differences)
VALUES ('stripe', 'api', 'x', '2026-01-02 03:04:05Z', 2), ('stripe', 'api', 'x', NULL, NULL);
SELECT is(pg_temp.v('shop_reconcile_differences', 'provider="stripe"'), '2',
	'the one under way has found nothing yet');

UPDATE job_schedule SET next_at = now() - interval '90 s' WHERE name = 'reconcile.stripe';
SELECT is(pg_temp.v('shop_schedule_late_seconds', 'schedule="reconcile.stripe"'), '90.000',
	'a schedule that does not run');
SELECT * FROM finish();
ROLLBACK;
