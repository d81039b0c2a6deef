-- The audit log and its seals: what is edited, removed, added or sealed anew is found out.
BEGIN;
SELECT plan(22);

CREATE FUNCTION pg_temp.found(anchor text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(string_agg(concat_ws(' ', f.problem, f.seal, f.id), ', '), 'nothing')
	FROM api.audit_verify(NULL, anchor) f
$$;
-- What would be found if something were done, which is undone.
CREATE FUNCTION pg_temp.after(done text, anchor text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	words text;
BEGIN
	EXECUTE done;
	RAISE EXCEPTION USING ERRCODE = 'XX999', MESSAGE = pg_temp.found(anchor);
EXCEPTION WHEN SQLSTATE 'XX999' THEN
	RETURN SQLERRM;
END $$;

TRUNCATE audit_log, audit_seal RESTART IDENTITY;
SELECT throws_ok('SELECT api.audit_anchor()', 'SH404', 'nothing was sealed yet');
SELECT is((SELECT done || ' ' || (seal IS NULL) FROM api.audit_seal(10)), '0 true',
	'an empty log has nothing to seal');

-- As other transactions left them: in the order of their numbers, not of their ids.
INSERT INTO audit_log (role, actor, object, action, reason, before, after, xid)
SELECT 'r', 'ana', 'order:' || n, 'cancel', 'because', NULL, '{"b": 1, "a": [2.50]}', '3'
FROM generate_series(1, 5) n;
SELECT is((SELECT done || ' ' || seal FROM api.audit_seal(3)), '3 1', 'at most so many');
SELECT is((SELECT done || ' ' || seal FROM api.audit_seal(3)), '2 2', 'then the rest');
SELECT is((SELECT done || ' ' || seal FROM api.audit_seal(3)), '0 2', 'each row once');
SELECT is(pg_temp.found(), 'nothing', 'all is as it was sealed');

INSERT INTO audit_log (role, actor, object, action, xid) VALUES
	('r', 'bob', 'stock:1', 'set', (rollup_horizon()::text::bigint - 1)::text::xid8),
	('r', 'bob', 'stock:2', 'set', pg_current_xact_id());
UPDATE audit_seal SET xid = '5'; -- the rows above are of transactions that ended
SELECT is((SELECT done || ' ' || seal FROM api.audit_seal(10)), '1 3',
	'what a running transaction wrote waits for its end');
SELECT is((SELECT unsealed FROM api.audit_anchor()), 1::bigint, 'and is counted');
SELECT is(pg_temp.found(), 'nothing', 'and missed by nobody');

SELECT is(pg_temp.after(done), wanted, done) FROM (VALUES
	($$ UPDATE audit_log SET reason = 'other' WHERE id = 4 $$, 'edited 2 4'),
	($$ UPDATE audit_log SET at = at + interval '1 us' WHERE id = 1 $$, 'edited 1 1'),
	($$ UPDATE audit_log SET after = '{"b": 1, "a": [2.5]}' WHERE id = 2 $$, 'edited 1 2'),
	($$ UPDATE audit_log SET after = '{"a": [2.50], "b": 1}' WHERE id = 2 $$, 'nothing'),
	($$ DELETE FROM audit_log WHERE id IN (3, 5) $$, 'missing 1 3, missing 2 5'),
	($$ INSERT INTO audit_log (id, role, actor, object, action, xid) OVERRIDING SYSTEM VALUE
		VALUES (-1, 'r', 'eve', 'order:9', 'x', '1') $$, 'added -1'),
	($$ DELETE FROM audit_seal WHERE n = 2 $$, 'seals missing 3, added 4, added 5'),
	($$ UPDATE audit_seal SET hashes = sha256('') || substring(hashes FROM 33) WHERE n = 1 $$,
		'edited 1 1, seal edited 1')) AS t (done, wanted);

-- Who makes everything anew is found out by a seal that was kept elsewhere.
CREATE TEMP TABLE kept AS SELECT seal || ':' || root AS anchor FROM api.audit_anchor();
SELECT is(pg_temp.found((SELECT anchor FROM kept)), 'nothing', 'an anchor holds');
SELECT is(pg_temp.after($$ UPDATE audit_log SET reason = 'other' WHERE id = 4;
	DELETE FROM audit_seal; SELECT api.audit_seal(3), api.audit_seal(9) $$,
	(SELECT anchor FROM kept)), 'anchor differs 3', 'or tells');
SELECT throws_ok($$ SELECT api.audit_verify(NULL, '3') $$, 'SH422', '"3" is no anchor');

-- A dump that was restored elsewhere goes on: transactions have other numbers there.
UPDATE audit_seal SET cluster = 1, xid = '900000000000';
SELECT is((SELECT done || ' ' || seal FROM api.audit_seal(9)), '1 4',
	'in another cluster what is not sealed is, whatever its number');
SELECT is(pg_temp.found(), 'nothing', 'and the chain goes on');
SELECT * FROM finish();
ROLLBACK;
