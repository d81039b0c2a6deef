-- The three-way match: each way to differ has its kind, and only that one; what agrees is
-- silent.  Fees and lists are what they say, however often a page is told.
BEGIN;

INSERT INTO orders (id, client_id, key, fingerprint, state, currency, subtotal, total, expires_at)
VALUES (1024, 0, 'a', '\x00', 'paid', 'EUR', 10000, 10000, now()),
	(2048, 0, 'b', '\x00', 'paid', 'EUR', 5000, 5000, now());
INSERT INTO payment (id, order_id, provider_ref, charge_ref, state, live, applied, currency, amount,
	captured)
VALUES (1024, 1024, 'pi_1', 'ch_1', 'captured', false, true, 'EUR', 10000, 10000),
	(2048, 2048, 'pi_2', 'ch_2', 'captured', false, true, 'EUR', 5000, 5000);
INSERT INTO refund (id, order_id, payment_id, key, currency, amount, reason, state, provider_ref)
OVERRIDING SYSTEM VALUE VALUES (1024, 1024, 1024, 'r', 'EUR', 1000, 'test', 'succeeded', 're_1');
DO $$ BEGIN
	PERFORM post('cap:stripe:ch_1', 'capture', 1024, 1024, NULL, 'EUR',
		'{psp:clearing,customer:deposits}', '{10000,-10000}');
	-- the other one was captured in two parts
	PERFORM post('cap:stripe:ch_2:2000', 'capture', 2048, 2048, NULL, 'EUR',
		'{psp:clearing,customer:deposits}', '{2000,-2000}');
	PERFORM post('cap:stripe:ch_2:5000', 'capture', 2048, 2048, NULL, 'EUR',
		'{psp:clearing,customer:deposits}', '{3000,-3000}');
	PERFORM post('rout:1024', 'refund_accepted', 1024, 1024, 1024, 'EUR',
		'{refund:payable,psp:clearing}', '{1000,-1000}');
	UPDATE ledger_entry SET posted_at = now() - interval '3 days';
END $$;

-- What the provider's pages tell; [fields to change] make a case.
CREATE FUNCTION pg_temp.txn(ref text, category text, source text, payment text, amount bigint,
	fee bigint, change jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('ref', $1, 'type', $2, 'reporting_category', $2, 'source_ref', $3,
		'payment_ref', $4, 'currency', 'EUR', 'amount', $5, 'fee', $6, 'net', $5 - $6,
		'created', now() - interval '3 days') || $7
$$;
CREATE TEMP TABLE page (n integer PRIMARY KEY, txn jsonb);
INSERT INTO page VALUES
	(1, pg_temp.txn('txn_1', 'charge', 'ch_1', 'pi_1', 10000, 320)),
	(2, pg_temp.txn('txn_2', 'charge', 'ch_2', 'pi_2', 2000, 60)),
	(3, pg_temp.txn('txn_3', 'charge', 'ch_2', 'pi_2', 3000, 90)),
	(4, pg_temp.txn('txn_4', 'refund', 're_1', 'pi_1', -1000, 0)),
	(5, pg_temp.txn('txn_5', 'fee', NULL, NULL, -200, 0)),
	(6, pg_temp.txn('txn_6', 'payout', 'po_1', NULL, -13330, 0));
CREATE TEMP TABLE payouts AS SELECT jsonb_build_array(jsonb_build_object('ref', 'po_1', 'status',
	'in_transit', 'currency', 'EUR', 'amount', 13330, 'automatic', true, 'itemised', true,
	'created', now() - interval '2 days')) AS facts;

-- A whole run: payouts, the transactions, the payout's own; then the kinds that differ.
CREATE FUNCTION pg_temp.reconciled() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	run bigint := (SELECT id FROM api.reconcile_begin('stripe', 'api', now() - interval '9 days', false));
	kinds text;
BEGIN
	PERFORM api.reconcile_record(run, 'payout.list', NULL, NULL, facts, NULL) FROM payouts;
	PERFORM api.reconcile_record(run, 'txn.list', NULL, NULL, (SELECT jsonb_agg(txn ORDER BY n)
		FROM page WHERE n > 3), 'txn_4');
	PERFORM api.reconcile_record(run, 'txn.list', NULL, 'txn_4', (SELECT jsonb_agg(txn ORDER BY n)
		FROM page WHERE n <= 3), NULL);
	PERFORM api.reconcile_record(run, 'txn.list', 'po_1', NULL, (SELECT jsonb_agg(txn) FROM page
		WHERE n < 5 OR n > 5), NULL);
	PERFORM api.reconcile_record(run, 'txn.list', 'po_1', NULL, (SELECT jsonb_agg(txn) FROM page
		WHERE n = 5), NULL);
	SELECT coalesce(string_agg(kind || ' ' || object, ', ' ORDER BY kind, object), '') INTO kinds
	FROM api.reconcile_finish(run, 0);
	RETURN kinds;
END $$;

-- The kinds found after a change, which is taken back.
CREATE FUNCTION pg_temp.after(sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	kinds text;
BEGIN
	BEGIN
		EXECUTE sql;
		kinds := pg_temp.reconciled();
		RAISE EXCEPTION 'undo';
	EXCEPTION WHEN raise_exception THEN
		RETURN kinds;
	END;
END $$;

SELECT plan(37);

SELECT is(pg_temp.after('SELECT'), '', 'books that agree are silent');
CREATE TEMP TABLE cases (n serial, sql text, kinds text);
INSERT INTO cases (sql, kinds) VALUES
	('UPDATE payment SET captured = 9000 WHERE id = 1024', 'amount_differs txn_1'),
	('UPDATE page SET txn = txn || ''{"amount": 2500, "net": 2440}'' WHERE n = 2',
		'amount_differs txn_2, payout_differs po_1'),
	('UPDATE refund SET amount = 900', 'amount_differs txn_4'),
	('UPDATE payment SET currency = ''USD'' WHERE id = 1024', 'currency_differs txn_1'),
	('UPDATE refund SET currency = ''USD''', 'currency_differs txn_4'),
	('SELECT post(''fee:txn_1'', ''fee'', 1024, 1024, NULL, ''EUR'', ''{fees:psp,psp:clearing}'', ''{300,-300}'')',
		'fee_differs txn_1'),
	('UPDATE payment SET captured = 0, state = ''open'' WHERE id = 1024', 'state_differs txn_1'),
	('UPDATE refund SET state = ''requested''; DELETE FROM ledger_line WHERE entry_id = (SELECT id FROM ledger_entry WHERE key = ''rout:1024''); DELETE FROM ledger_entry WHERE key = ''rout:1024''',
		'state_differs txn_4'),
	('UPDATE refund SET provider_ref = NULL', 'missing_there rout:1024, refund_unknown txn_4'),
	('UPDATE payment SET provider_ref = ''pi_9'' || id; DELETE FROM ledger_line; DELETE FROM ledger_entry',
		'missing_here txn_1, missing_here txn_2, state_differs txn_4'),
	('DELETE FROM orders WHERE id = 1024', 'order_missing txn_1'),
	('UPDATE page SET txn = txn || ''{"source_ref": "ch_9", "payment_ref": "pi_9", "order_hint": 7168}'' WHERE n = 1',
		'missing_there cap:stripe:ch_1, order_missing txn_1'),
	('UPDATE page SET txn = txn || ''{"source_ref": "ch_9", "payment_ref": "pi_9"}'' WHERE n = 1',
		'missing_here txn_1, missing_there cap:stripe:ch_1'),
	('UPDATE page SET txn = txn || ''{"reporting_category": "other_adjustment"}'' WHERE n = 5',
		'missing_here txn_5'),
	('UPDATE page SET txn = txn || ''{"reporting_category": "topup"}'' WHERE n = 5', ''),
	('DELETE FROM page WHERE n = 4', 'missing_there rout:1024, payout_differs po_1'),
	('UPDATE payouts SET facts = jsonb_set(facts, ''{0,amount}'', ''13331'')',
		'payout_differs po_1, payout_differs txn_6');
SELECT is(pg_temp.after(sql), kinds, sql) FROM cases ORDER BY n;

SELECT is(pg_temp.reconciled(), '', 'once');
SELECT is((SELECT sum(amount) FROM ledger_line WHERE account = 'psp:clearing'), 0::numeric,
	'after the payout nothing is left at the provider');
SELECT is((SELECT string_agg(key, ' ' ORDER BY key) FROM ledger_entry WHERE kind = 'fee'),
	'fee:txn_1 fee:txn_2 fee:txn_3 fee:txn_5', 'fees that only the provider knew are posted');
SELECT is((SELECT fee_ref FROM payment WHERE id = 1024), 'txn_1', 'and nobody asks for them again');
SELECT is((SELECT count(DISTINCT entry_id) FROM provider_txn WHERE payment_ref = 'pi_2'), 2::bigint,
	'parts of a capture have an entry each');
CREATE TEMP TABLE entries AS SELECT count(*) AS n FROM ledger_entry;
SELECT is(pg_temp.reconciled(), '', 'twice');
SELECT is((SELECT count(*) FROM ledger_entry), (SELECT n FROM entries), 'posts nothing more');
SELECT is((SELECT read_to FROM reconcile_list WHERE action = 'txn.list'), now() - interval '3 days',
	'the mark is where the newest was');
SELECT is((SELECT count(*) FROM provider_txn), 6::bigint, 'a page that is told again adds nothing');

-- A sweep that breaks off.
CREATE TEMP TABLE sweep AS SELECT id FROM api.reconcile_begin('stripe', 'api', NULL, false);
SELECT api.reconcile_record(id, 'balance.get', NULL, NULL, '[]', NULL) FROM sweep;
SELECT api.reconcile_record(id, 'payout.list', NULL, NULL, '[]', NULL) FROM sweep;
SELECT api.reconcile_record(id, 'txn.list', NULL, NULL, jsonb_build_array(pg_temp.txn('txn_9', 'fee',
	NULL, NULL, -1, 0, jsonb_build_object('created', now()))), 'txn_9') FROM sweep;
SELECT is((SELECT read_to FROM reconcile_list WHERE action = 'txn.list'), now() - interval '3 days',
	'the mark stays until the sweep arrives');
SELECT is((SELECT id FROM api.reconcile_begin('stripe', 'api', NULL, false)), (SELECT id FROM sweep),
	'another worker goes on with it');
SELECT is((SELECT action || ' after ' || cursor FROM sweep, api.reconcile_load(id)),
	'txn.list after txn_9', 'where it was');
SELECT api.reconcile_record(id, 'txn.list', NULL, 'txn_3', '[]', NULL) FROM sweep;
SELECT is((SELECT cursor FROM reconcile_list WHERE action = 'txn.list'), 'txn_9',
	'a page of another place ends nothing');
SELECT api.reconcile_record(id, 'txn.list', NULL, 'txn_9', NULL, NULL) FROM sweep;
SELECT is((SELECT action || coalesce(' after ' || cursor, '') FROM sweep, api.reconcile_load(id)),
	'txn.list', 'a place that is gone is no end: the list is read from its beginning');
SELECT is((SELECT read_to FROM reconcile_list WHERE action = 'txn.list'), now() - interval '3 days',
	'and the mark stays');
SELECT api.reconcile_record(id, 'txn.list', NULL, NULL, jsonb_build_array(pg_temp.txn('txn_9', 'fee',
	NULL, NULL, -1, 0, jsonb_build_object('created', now())), pg_temp.txn('txn_9', 'fee', NULL, NULL,
	-1, 0, jsonb_build_object('created', now()))), 'txn_9') FROM sweep;
SELECT is((SELECT count(*) FROM provider_txn WHERE txn_id = 'txn_9'), 1::bigint,
	'listed twice on one page it is one');
SELECT api.reconcile_record(id, 'txn.list', NULL, 'txn_9', jsonb_build_array(pg_temp.txn('txn_9', 'fee',
	NULL, NULL, -2, 0)), 'txn_9') FROM sweep;
SELECT is((SELECT amount FROM provider_txn WHERE txn_id = 'txn_9'), -1::bigint,
	'listed again with another figure it is what it was');
SELECT api.reconcile_record(id, 'txn.list', NULL, 'txn_9', '[]', NULL) FROM sweep;
SELECT is((SELECT read_to FROM reconcile_list WHERE action = 'txn.list'), now(),
	'and then it is where the sweep began');
SELECT FROM sweep, api.reconcile_finish(id, 0);
SELECT api.reconcile_record(id, 'txn.list', NULL, 'txn_9', jsonb_build_array(pg_temp.txn('txn_10', 'fee',
	NULL, NULL, -2, 0)), NULL) FROM sweep;
SELECT is((SELECT count(*) FROM provider_txn WHERE txn_id = 'txn_10'), 0::bigint,
	'a page that comes after the end of its run is left to the next one');
SELECT * FROM finish();
ROLLBACK;
