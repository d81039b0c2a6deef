-- Housekeeping: each task in steps of a bounded size, repeatable, and nothing that is needed.
BEGIN;
SELECT plan(22);

-- Webhooks: two that are old and concluded, one that is not concluded, one that is young.
INSERT INTO webhook_event (provider, livemode, event_id, type, body, state, received_at, headers)
VALUES ('stripe', false, 'e1', 't', 'one', 'processed', now() - interval '91 days', '{"a": "b"}'),
	('stripe', false, 'e2', 't', 'three', 'dead', now() - interval '100 days', NULL),
	('stripe', false, 'e3', 't', 'x', 'parked', now() - interval '91 days', NULL),
	('stripe', false, 'e4', 't', 'x', 'processed', now() - interval '89 days', NULL);
SELECT is((SELECT done FROM api.webhook_purge(90, 1)), 1::bigint, 'a step is bounded');
SELECT is((SELECT body IS NULL FROM webhook_event WHERE event_id = 'e2'), true, 'oldest first');
SELECT is((SELECT done FROM api.webhook_purge(90, 10)), 1::bigint, 'the next goes on');
SELECT is((SELECT done FROM api.webhook_purge(90, 10)), 0::bigint, 'and then nothing is left');
SELECT is((SELECT string_agg(event_id, ' ' ORDER BY event_id) FROM webhook_event
	WHERE body IS NOT NULL), 'e3 e4', 'what waits and what is young stays');
SELECT is((SELECT count(headers) FROM webhook_event), 0::bigint, 'headers go too');
SELECT is((SELECT bytes || ' ' || sha256 FROM api.webhook_get('e1')),
	'3 ' || encode(sha256('one'), 'hex'), 'size and digest stay');
SELECT throws_ok($$ SELECT api.webhook_body('e1') $$, 'SH409', NULL, 'its bytes are refused');
SELECT throws_ok($$ SELECT api.webhook_chosen('e1', NULL) $$, 'SH409', NULL,
	'and so is a replay');
SELECT is((SELECT hex FROM api.webhook_body('e4')), '78', 'of others they are there');
SELECT is((SELECT string_agg(event_id, ' ') FROM api.webhook_chosen(NULL, now()
	- interval '1 year')), 'e3 e4', 'a replay of many leaves out what was forgotten');

INSERT INTO worker (owner, host, pid, queues, seen_at)
SELECT 'w' || n, 'h', n, '{}', now() - n * interval '10 hours' FROM generate_series(0, 4) n;
SELECT is((SELECT array_agg((SELECT done FROM api.worker_purge(1, n / n)))
	FROM generate_series(1, 3) n),
	'{1,1,0}', 'lost workers are forgotten, one at a time here');

INSERT INTO schedule_run (schedule, due_at, run_at)
SELECT 's', d, d FROM generate_series(now() - interval '40 days', now(), '1 day') d;
SELECT is((SELECT done FROM api.schedule_purge(30, 100)), 10::bigint,
	'what ran over a month ago is forgotten');

-- Messages: to programs of others, and in an inbox.
INSERT INTO notification (event, channel, subject_id, state, message_id, created_at)
SELECT 'low_stock', 'webhook', n, CASE n WHEN 1 THEN 'queued' ELSE 'sent' END, 'm' || n,
	now() - n * interval '100 days' FROM generate_series(0, 2) n;
INSERT INTO webhook_out SELECT id, '{}' FROM notification WHERE channel = 'webhook';
INSERT INTO webhook_delivery (notification_id, endpoint_id, at)
SELECT id, 1, created_at FROM notification WHERE channel = 'webhook';
INSERT INTO inbox SELECT id, 'a@b', 'low_stock', NULL, 's', 'b', created_at, NULL
FROM notification;
INSERT INTO sms_heard SELECT 'SM' || n, 'none', now() - n * interval '80 days'
FROM generate_series(1, 2) n;
SELECT is((SELECT array_agg((SELECT done FROM api.message_purge(90, 2 * n / n)))
	FROM generate_series(1, 3) n), '{2,2,0}', 'what others were told goes, and when');
SELECT is((SELECT count(*) FROM webhook_out), 2::bigint, 'but not what is on its way or young');
SELECT is((SELECT done FROM api.inbox_purge(150, 9)), 1::bigint, 'an inbox keeps what is news');

-- Weeks of events: those that are kept and three ahead.
SELECT ok((SELECT done FROM api.event_keep(1)) >= 4, 'days are made ahead');
SELECT is((SELECT done FROM api.event_keep(1)), 0::bigint, 'once');
SELECT isnt(to_regclass(event_partition(current_date + 6)), NULL, 'for a week');
SELECT event_partitions_make(ARRAY[current_date - 91, current_date - 92]) \g /dev/null
SELECT is((SELECT done FROM api.event_keep(1)), 2::bigint, 'those past their time are dropped');

SELECT api.housekeeping_ran('webhook_purge', 7), api.housekeeping_ran('webhook_purge', 2);
SELECT is((SELECT rows || ' ' || total FROM api.schedule_list('housekeeping.webhook_purge')),
	'2 9', 'the list says how many rows');
SELECT is((SELECT count(*) FROM job_schedule s WHERE s.kind LIKE 'housekeeping.%'
	AND NOT EXISTS (SELECT FROM pg_proc p WHERE p.pronamespace = 'api'::regnamespace
		AND 'housekeeping.' || p.proname = s.kind)), 0::bigint, 'each task has its function');
SELECT * FROM finish();
ROLLBACK;
