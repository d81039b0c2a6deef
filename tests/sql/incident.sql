-- Incidents: every kind has its words, none is opened twice while it is open, and only
-- the graph's edges are taken.
BEGIN;
SELECT plan(20);

-- incident_open('kind', and functions of a noun that take the kind second.
SELECT is_empty($$ SELECT DISTINCT p.proname, m[1] FROM pg_proc p
		JOIN pg_namespace n ON n.oid = p.pronamespace AND n.nspname IN ('shop', 'api'),
		regexp_matches(p.prosrc, 'incident_open\(''(\w+)''|_tell\(\w+, ''(\w+)''', 'g') m
	WHERE coalesce(m[1], m[2]) NOT IN (SELECT kind FROM incident_kinds()) $$,
	'every kind that is opened is in incident_kinds(), with its words and its remedy');
SELECT is_empty($$ SELECT kind FROM incident_kinds() GROUP BY kind HAVING count(*) > 1 $$,
	'no kind is there twice');
SELECT is_empty($$ SELECT kind FROM incident_kinds() WHERE remedy NOT LIKE 'shopctl %'
	OR length(words) < 10 $$, 'each has words and a command');

SELECT incident_open('refund_failed', 1024, 1024, '{"refund": 7}');
SELECT incident_open('refund_failed', 1024, 1024, '{"refund": 7, "error": "again"}');
SELECT is((SELECT count(*) FROM incident), 1::bigint, 'the same one is opened once');
SELECT incident_open('refund_failed', 1024, 1024, '{"refund": 8}');
SELECT incident_open('refund_failed', 1024, 2048, '{"refund": 7}');
SELECT incident_open('refund_failed', NULL, NULL, '{}', 'a');
SELECT incident_open('refund_failed', NULL, NULL, '{}', 'a');
SELECT is((SELECT count(*) FROM incident), 4::bigint, 'another thing is another incident');

CREATE TEMP TABLE first AS SELECT min(id) AS id FROM incident;
SELECT is((SELECT owner FROM api.incident_own((SELECT id FROM first), 'ana')), 'ana',
	'one takes it on');
SELECT is((SELECT owner FROM api.incident_own((SELECT id FROM first), NULL)), actor(),
	'without a name it is the caller''s');
SELECT throws_like('SELECT api.incident_close((SELECT id FROM first), '' '')', '%with a note%',
	'no end without a word');
SELECT is((SELECT state FROM api.incident_close((SELECT id FROM first), 'paid by transfer')),
	'closed', 'and with one it ends');
SELECT throws_like('SELECT api.incident_own((SELECT id FROM first), NULL)', '%no own from there',
	'what is closed stays closed');
SELECT incident_open('refund_failed', 1024, 1024, '{"refund": 7}');
SELECT is((SELECT count(*) FROM api.incident_list(NULL, 'refund_failed', NULL, 1024, NULL, 50)),
	3::bigint, 'what comes again after its end is opened again');
SELECT is((SELECT remedy FROM api.incident_get((SELECT id FROM first))),
	'shopctl refund retry 7, or refund settle 7 --via bank', 'the remedy names the refund');

-- A transfer of another amount: the refund is proposed, and somebody declines it.
INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal, total, expires_at)
VALUES (4096, 0, 'k', '\x00', 'pending', 'EUR', 100, 100, now());
INSERT INTO payment (id, order_id, provider_ref, state, live, currency, amount, captured)
VALUES (4096, 4096, 'pi_4', 'captured', false, 'EUR', 90, 90);
INSERT INTO refund (order_id, payment_id, key, currency, amount, reason, automatic, state)
VALUES (4096, 4096, 'surplus:4096', 'EUR', 90, 'not the amount due', true, 'canceled');
SELECT incident_open('payment_mismatch', 4096, 4096, '{"captured": 90}');
SELECT incident_open('refund_awaits_approval', 4096, 4096, '{"refund": 1}');
SELECT lives_ok($$ SELECT api.incident_close(max(id), 'declined') FROM incident $$,
	'one of two that tell of the money may end');
SELECT throws_like($$ SELECT api.incident_close(id, 'seen') FROM incident
	WHERE order_id = 4096 AND closed_at IS NULL $$, '%tells of money that has no home%',
	'the last one may not');
UPDATE refund SET state = 'succeeded' WHERE order_id = 4096;
SELECT lives_ok($$ SELECT api.incident_close(id, 'went back') FROM incident
	WHERE order_id = 4096 AND closed_at IS NULL $$, 'until the money has a home');

-- A refund of a canceled order failed, and then its customer went to the bank.
INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal, total, expires_at)
VALUES (5120, 0, 'k5', '\x00', 'canceled', 'EUR', 100, 100, now());
INSERT INTO payment (id, order_id, provider_ref, state, live, applied, currency, amount, captured)
VALUES (5120, 5120, 'pi_5', 'captured', false, true, 'EUR', 100, 100);
INSERT INTO refund (order_id, payment_id, key, currency, amount, reason, automatic, state)
VALUES (5120, 5120, 'cancel', 'EUR', 100, 'canceled', true, 'failed');
INSERT INTO dispute (provider, provider_ref, order_id, payment_id, state, reason, currency, amount)
VALUES ('stripe', 'dp_5', 5120, 5120, 'needs_response', '', 'EUR', 100);
SELECT incident_open('refund_failed', 5120, 5120, '{"refund": 2}');
SELECT throws_like($$ SELECT api.incident_close(id, 'seen') FROM incident
	WHERE order_id = 5120 $$, '%tells of money that has no home%',
	'nor while a dispute has it, which may be won');
SELECT incident_open('return_awaits_dispute', 5120, 5120, '{"reason": "x", "by_itself": true}');
SELECT throws_like($$ SELECT api.incident_close(id, 'seen') FROM incident
	WHERE order_id = 5120 AND kind = 'return_awaits_dispute' $$, '%waits for what has not come yet',
	'and what waits for the dispute''s end waits');

-- A refund that was asked for waits for another operator, and for the bank.
INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal, total, expires_at)
VALUES (6144, 0, 'k6', '\x00', 'paid', 'EUR', 100, 100, now());
INSERT INTO payment (id, order_id, provider_ref, state, live, applied, currency, amount, captured)
VALUES (6144, 6144, 'pi_6', 'captured', false, true, 'EUR', 100, 100);
INSERT INTO refund (order_id, payment_id, key, currency, amount, reason, automatic, state)
VALUES (6144, 6144, 'r6', 'EUR', 100, 'asked for', false, 'proposed');
SELECT incident_open('refund_awaits_approval', 6144, 6144, jsonb_build_object('refund', r.id))
FROM refund r WHERE r.key = 'r6';
SELECT throws_like($$ SELECT api.incident_close(id, 'seen') FROM incident
	WHERE order_id = 6144 $$, '%waits for what has not come yet',
	'a question is not closed before its answer, whatever becomes of the order then');
UPDATE refund SET state = 'requested' WHERE key = 'r6';
SELECT lives_ok($$ SELECT api.incident_close(id, 'seen') FROM incident
	WHERE order_id = 6144 $$, 'and is with it');
SELECT incident_open('refund_awaits_transfer', 6144, 6144, jsonb_build_object('refund', r.id))
FROM refund r WHERE r.key = 'r6';
SELECT throws_like($$ SELECT api.incident_close(id, 'seen') FROM incident
	WHERE order_id = 6144 AND closed_at IS NULL $$, '%waits for what has not come yet',
	'nor is a transfer that nobody made');
SELECT * FROM finish();
ROLLBACK;
