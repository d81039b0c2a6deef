-- What a provider says it holds against the sum of what moved it, and what moved it and is
-- nobody's: posted by rule, or by a person.
BEGIN;

CREATE FUNCTION pg_temp.txn(ref text, category text, amount bigint, fee bigint,
	age interval) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('ref', $1, 'type', $2, 'reporting_category', $2, 'currency',
		'EUR', 'amount', $3, 'fee', $4, 'net', $3 - $4, 'created', now() - $5)
$$;

-- A run: what the provider holds when it is asked, and then its list.
CREATE FUNCTION pg_temp.reconciled(held bigint, txns jsonb[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	run bigint := (SELECT id FROM api.reconcile_begin('stripe', 'api', now() - interval '9 days', false));
	found text;
BEGIN
	PERFORM api.reconcile_record(run, 'balance.get', NULL, NULL, jsonb_build_array(
		jsonb_build_object('currency', 'EUR', 'available', $1 - 100, 'pending', 0),
		jsonb_build_object('currency', 'EUR', 'available', 0, 'pending', 100)), NULL);
	UPDATE provider_txn SET seen_at = now() - interval '1 day' WHERE seen_at IS NOT NULL;
	PERFORM api.reconcile_record(run, 'payout.list', NULL, NULL, '[]', NULL);
	-- one transaction is one instant: what is read now was not here when it was asked
	UPDATE provider_balance SET at = now() - interval '1 ms' WHERE run_id = run;
	PERFORM api.reconcile_record(run, 'txn.list', NULL, NULL, to_jsonb($2), NULL);
	SELECT coalesce(string_agg(kind || ' ' || object, ', ' ORDER BY kind, object), '') INTO found
	FROM api.reconcile_finish(run, 0);
	RETURN (SELECT verdict FROM provider_balance WHERE run_id = run AND currency = 'EUR')
		|| CASE found WHEN '' THEN '' ELSE ': ' || found END;
END $$;

-- The same, taken back.
CREATE FUNCTION pg_temp.would_be(held bigint, txns jsonb[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	told text;
BEGIN
	BEGIN
		told := pg_temp.reconciled(held, txns);
		RAISE EXCEPTION 'undo';
	EXCEPTION WHEN raise_exception THEN
		RETURN told;
	END;
END $$;

SELECT plan(40);

-- Nothing was here before: the newest minute may or may not have moved it.
CREATE TEMP TABLE page AS SELECT ARRAY[pg_temp.txn('txn_1', 'topup', 5000, 0, '3 days'),
	pg_temp.txn('txn_2', 'topup', 700, 0, '10 s'), pg_temp.txn('txn_3', 'topup', 30, 0, '5 s')] AS v;
SELECT is(pg_temp.would_be(5730, v), 'agrees', 'all of it had moved') FROM page;
SELECT is(pg_temp.would_be(5700, v), 'agrees', 'the last had not yet') FROM page;
SELECT is(pg_temp.would_be(5000, v), 'agrees', 'nor the one before') FROM page;
SELECT is(pg_temp.would_be(5030, v), 'differs: balance_differs balance:EUR',
	'but not the later without the earlier') FROM page;
SELECT is(pg_temp.would_be(0, v), 'differs: balance_differs balance:EUR',
	'nor without what is old') FROM page;
SELECT is(pg_temp.would_be(5700, v || pg_temp.txn('txn_4', 'topup', 8, 0, '5 s')), 'agrees',
	'before a second of two') FROM page;
SELECT is(pg_temp.would_be(5708, v || pg_temp.txn('txn_4', 'topup', 8, 0, '5 s')), 'moving',
	'between two of one second nobody can tell') FROM page;
SELECT is(pg_temp.would_be(5799, v || pg_temp.txn('txn_4', 'topup', 8, 0, '5 s')),
	'differs: balance_differs balance:EUR', 'what no moment of that second explains') FROM page;

SELECT is(pg_temp.reconciled(5730, v), 'agrees', 'once') FROM page;
SELECT is(pg_temp.would_be(5700, v), 'differs: balance_differs balance:EUR',
	'what was here before had moved for sure') FROM page;
SELECT is((SELECT array_agg(l.account || l.amount ORDER BY l.entry_id, l.n) FROM ledger_line l),
	'{psp:clearing5000,bank-5000,psp:clearing700,bank-700,psp:clearing30,bank-30}',
	'what has one meaning is posted by rule');
SELECT is((SELECT concat_ws(' ', mirror, ledger, waiting) FROM provider_balance
	WHERE currency = 'EUR'), '5730 5730 0', 'and the ledger agrees');

-- A difference stays the same one while its figures move.
SELECT is(pg_temp.reconciled(5720, v), 'differs: balance_differs balance:EUR', 'ten are missing') FROM page;
SELECT is((SELECT concat_ws(' ', kind, key, detail->'ours'->>'minor', detail->'theirs'->>'minor') FROM incident),
	'balance_differs balance:EUR -10 5730 5720', 'an incident has both figures');
SELECT is(pg_temp.reconciled(5820, v || pg_temp.txn('txn_5', 'topup', 100, 0, '2 s')),
	'differs: balance_differs balance:EUR', 'and still, a hundred later') FROM page;
SELECT is((SELECT count(*) FROM incident), 1::bigint, 'it is told once');
SELECT is((SELECT count(*) FROM fsck_mirror()), 0::bigint, 'fsck knows that somebody was told');
SELECT is(pg_temp.reconciled(5831, v || pg_temp.txn('txn_6', 'topup', 1, 0, '1 s')
	|| pg_temp.txn('txn_7', 'topup', -3, 0, '1 s')), 'moving', 'in a crowd nobody can tell') FROM page;
SELECT is((SELECT state FROM incident), 'open', 'so that it stays open');
SELECT is(pg_temp.reconciled(5828, v), 'agrees', 'the money is found') FROM page;
SELECT is((SELECT concat_ws(' ', state, closed_by) FROM incident), 'closed reconcile', 'which ends it');

-- A sweep that began before the question has not all of it.
SELECT id AS run FROM api.reconcile_begin('stripe', 'api', NULL, false) \gset
SELECT api.reconcile_record(:run, 'balance.get', NULL, NULL, '[]', NULL);
SELECT api.reconcile_record(:run, 'payout.list', NULL, NULL, '[]', NULL);
UPDATE reconcile_list SET cursor = 'txn_1' WHERE action = 'txn.list';
SELECT api.reconcile_record(:run, 'txn.list', NULL, 'txn_1', '[]', NULL);
SELECT is((SELECT count(*) FROM api.reconcile_finish(:run, 0)), 0::bigint, 'nothing can be said');
SELECT is((SELECT concat_ws(' ', verdict, available, mirror) FROM provider_balance WHERE run_id = :run),
	'unread 0 5828', 'a currency that is not told is none, and is not judged');
SELECT is((SELECT (held).minor || ' ' || verdict FROM api.balance_list(NULL)), '0 unread', 'the last is listed');
SELECT id AS run FROM api.reconcile_begin('manual', 'api', NULL, false) \gset
SELECT isnt((SELECT action FROM api.reconcile_load(:run)), 'balance.get', 'only who can tell is asked');

-- What is nobody's waits for a person.
SELECT is(pg_temp.reconciled(5918, v || pg_temp.txn('txn_8', 'other_adjustment', 100, 10, '1 s')
	|| pg_temp.txn('txn_9', 'tax', -5, 0, '1 s') || pg_temp.txn('txn_81', 'risk_reserved_funds', -90, 0, '1 s')),
	'moving: missing_here txn_8', 'one thing is not known') FROM page;
SELECT is((SELECT string_agg(l.account || l.amount, ' ' ORDER BY l.entry_id, l.n) FROM ledger_line l
	JOIN ledger_entry e ON e.id = l.entry_id WHERE e.key IN ('fee:txn_9', 'txn:txn_81')),
	'psp:clearing-90 psp:reserve90 fees:psp5 psp:clearing-5', 'a tax on fees is a fee, a reserve lies there still');
SELECT throws_ok($$SELECT api.txn_post('txn_0', 'suspense', 'x')$$, 'SH404', NULL, 'there must be one');
SELECT throws_ok($$SELECT api.txn_post('txn_8', 'suspense', ' ')$$, 'SH422', NULL, 'and a reason');
SELECT throws_ok($$SELECT api.txn_post('txn_8', 'nowhere', 'x')$$, 'SH404', NULL, 'and an account');
SELECT throws_ok($$SELECT api.txn_post('txn_8', 'customer:deposits', 'x')$$, 'SH409', NULL,
	'that no state of an order speaks for');
SELECT throws_ok($$SELECT api.txn_post('txn_81', 'suspense', 'x')$$, 'SH409', NULL, 'what a rule posted stays');
SELECT throws_ok($$SELECT api.txn_post('txn_9', 'suspense', 'x')$$, 'SH409', NULL, 'a fee, too');
SELECT is((SELECT posted_to || ' ' || replayed FROM api.txn_post('txn_8', 'suspense', 'who knows')),
	'suspense false', 'posted');
SELECT is((SELECT posted_to || ' ' || replayed FROM api.txn_post('txn_8', 'suspense', 'who knows')),
	'suspense true', 'once');
SELECT is((SELECT posted_to || ' ' || replayed FROM api.txn_post('txn_8', 'adjustments:psp', 'their letter')),
	'adjustments:psp false', 'and moved by an entry of its own');
SELECT is((SELECT string_agg(account || ' ' || sum, ', ' ORDER BY account) FROM (SELECT l.account, sum(l.amount)
	FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
	WHERE e.key ~ 'txn_8(:|$)' GROUP BY 1) x), 'adjustments:psp -100, fees:psp 10, psp:clearing 90, suspense 0',
	'its fee is a fee');
SELECT is((SELECT concat_ws(' ', i.state, i.note) FROM incident i WHERE i.kind = 'missing_here'),
	'closed who knows', 'the incident ends with the reason');
SELECT is((SELECT count(*) FROM audit_log WHERE object = 'txn:txn_8'), 2::bigint, 'each posting has its audit row');
SELECT is((SELECT count(*) FROM fsck_mirror()), 0::bigint, 'fsck agrees');
SELECT * FROM finish();
ROLLBACK;
