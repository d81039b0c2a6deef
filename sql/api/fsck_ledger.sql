-- What fsck proves of the ledger by itself, and of the entries against the money they book.

-- The entries are read in the order of their lines, once for all that is about one entry:
-- those that look wrong in any way are then looked at closely.
CREATE FUNCTION fsck_ledger(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	befores timestamptz[] := ARRAY(SELECT c.before FROM period_close c ORDER BY c.before);
	lasts bigint[] := ARRAY(SELECT c.last_entry FROM period_close c ORDER BY c.before);
BEGIN
	RETURN QUERY SELECT x.code, 'entry:' || e.id, x.detail
		FROM (SELECT e.id, e.payment_id, e.order_id, e.effective_at, count(l.n) AS lines,
				min(l.currency COLLATE "C") AS currency, max(l.currency COLLATE "C") AS other,
				sum(l.amount) AS sum, min(l.effective_at) AS first, max(l.effective_at) AS last
			FROM ledger_entry e LEFT JOIN ledger_line l ON l.entry_id = e.id
			WHERE in_scope($1, e.order_id) GROUP BY e.id) e
		LEFT JOIN orders o ON o.id = e.order_id
		CROSS JOIN LATERAL (
			SELECT 'L1', l.currency || ' sums to ' || sum(l.amount) FROM ledger_line l
				WHERE l.entry_id = e.id GROUP BY l.currency HAVING sum(l.amount) <> 0
			UNION ALL SELECT 'L2', e.lines || ' lines' WHERE e.lines < 2
			UNION ALL SELECT 'L4', l.currency || ' on an order in ' || o.currency
				FROM ledger_line l WHERE l.entry_id = e.id AND l.currency <> o.currency
					AND NOT payment_is_foreign(e.payment_id) GROUP BY l.currency
			UNION ALL SELECT 'L17', 'line ' || l.n || ' of ' || l.effective_at
				|| ', entry of ' || e.effective_at FROM ledger_line l
				WHERE l.entry_id = e.id AND l.effective_at <> e.effective_at)
			AS x (code, detail)
		WHERE e.lines < 2 OR e.sum <> 0 OR e.currency <> e.other OR e.currency <> o.currency
			OR e.first <> e.effective_at OR e.last <> e.effective_at;
	RETURN QUERY SELECT 'L3', 'ledger:' || l.currency, 'sums to ' || sum(l.amount)
		FROM ledger_line l WHERE $1 IS NULL GROUP BY l.currency HAVING sum(l.amount) <> 0;
	RETURN QUERY SELECT CASE WHEN p.captured > 0 THEN 'L5' ELSE 'L6' END,
			CASE WHEN p.captured > 0 THEN 'payment:' || p.id ELSE 'entry:' || e.first END,
			'captured ' || coalesce(p.captured, 0) || ', posted ' || coalesce(e.sum, 0)
			|| ' in ' || coalesce(e.entries, 0) || ' entries'
		FROM (SELECT x.id, x.captured FROM payment x WHERE x.captured > 0
				AND in_scope($1, x.order_id)) p
		FULL JOIN (SELECT e.payment_id AS id, min(e.id) AS first, sum(l.amount) AS sum,
				count(*) AS entries, min(e.order_id) AS order_id
			FROM ledger_entry e LEFT JOIN ledger_line l ON l.entry_id = e.id
				AND l.account IN ('psp:clearing', 'bank')
			WHERE e.kind = 'capture' AND in_scope($1, e.order_id) GROUP BY e.payment_id) e
			ON e.id = p.id
		WHERE coalesce(e.sum, 0) <> p.captured OR p.id IS NULL
			OR e.entries > 1 AND EXISTS (SELECT FROM ledger_entry x WHERE x.payment_id = e.id
				AND x.order_id = e.order_id AND x.kind = 'capture'
				AND x.key !~ '^cap:[^:]*:.*:\d+$');
	-- The last close that an entry came after is the one that it may have broken.
	RETURN QUERY SELECT 'L14', 'entry:' || e.id, 'took effect ' || e.effective_at
			|| ', that was closed before ' || befores[width_bucket(e.id - 1, lasts)]
		FROM ledger_entry e WHERE in_scope($1, e.order_id) AND cardinality(lasts) > 0
			AND e.effective_at < befores[width_bucket(e.id - 1, lasts)];
	-- Each entry counts for the first close that it is in, and for all that follow.
	RETURN QUERY SELECT 'L14', 'period:' || c.before::date, 'had ' || c.entries
			|| ' entries, has ' || c.found
		FROM (SELECT c.*, sum(coalesce(x.count, 0)) OVER (ORDER BY c.n) AS found
			FROM (SELECT p.*, row_number() OVER (ORDER BY p.before) AS n
				FROM period_close p) c
			LEFT JOIN (SELECT 1 + greatest(width_bucket(e.effective_at, befores),
					width_bucket(e.id - 1, lasts)) AS n, count(*) FROM ledger_entry e
				WHERE $1 IS NULL AND cardinality(lasts) > 0 GROUP BY 1) x ON x.n = c.n) c
		WHERE $1 IS NULL AND c.found <> c.entries;
	RETURN QUERY SELECT 'L15', 'entry:' || r.id, 'does not mirror entry ' || r.reverses
		FROM ledger_entry r WHERE r.reverses IS NOT NULL AND in_scope($1, r.order_id) AND EXISTS (
			SELECT FROM (SELECT a.account, a.currency, a.amount FROM ledger_line a
					WHERE a.entry_id = r.id) a
			FULL JOIN (SELECT b.account, b.currency, -b.amount AS amount FROM ledger_line b
					WHERE b.entry_id = r.reverses) b USING (account, currency, amount)
			WHERE a IS NULL OR b IS NULL);
END $$;
