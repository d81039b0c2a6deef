-- What fsck proves of the ledger by itself, and of the entries against the money they book.

CREATE FUNCTION fsck_ledger(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'L1', 'entry:' || l.entry_id, l.currency || ' sums to ' || sum(l.amount)
		FROM ledger_line l
		WHERE $1 IS NULL OR l.entry_id IN (SELECT e.id FROM ledger_entry e
			WHERE e.order_id = ANY ($1))
		GROUP BY l.entry_id, l.currency HAVING sum(l.amount) <> 0;
	RETURN QUERY SELECT 'L2', 'entry:' || e.id, count(l.n) || ' lines'
		FROM ledger_entry e LEFT JOIN ledger_line l ON l.entry_id = e.id
		WHERE in_scope($1, e.order_id) GROUP BY e.id HAVING count(l.n) < 2;
	RETURN QUERY SELECT 'L3', 'ledger:' || l.currency, 'sums to ' || sum(l.amount)
		FROM ledger_line l WHERE $1 IS NULL GROUP BY l.currency HAVING sum(l.amount) <> 0;
	RETURN QUERY SELECT DISTINCT 'L4', 'entry:' || e.id,
			l.currency || ' on an order in ' || o.currency
		FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
		JOIN orders o ON o.id = e.order_id WHERE l.currency <> o.currency
			AND in_scope($1, o.id) AND NOT payment_is_foreign(e.payment_id);
	RETURN QUERY SELECT 'L5', 'payment:' || p.id, 'captured ' || p.captured || ', posted '
			|| coalesce(sum(l.amount), 0) || ' in ' || count(DISTINCT e.id) || ' entries'
		FROM payment p LEFT JOIN ledger_entry e ON e.payment_id = p.id AND e.kind = 'capture'
		LEFT JOIN ledger_line l ON l.entry_id = e.id
			AND l.account IN ('psp:clearing', 'bank')
		WHERE p.captured > 0 AND in_scope($1, p.order_id) GROUP BY p.id
		HAVING coalesce(sum(l.amount), 0) <> p.captured
			OR count(DISTINCT e.id) > 1 AND NOT bool_and(e.key ~ '^cap:[^:]*:.*:\d+$');
	RETURN QUERY SELECT 'L6', 'entry:' || e.id, 'payment ' || coalesce(e.payment_id::text, '-')
			|| ' captured nothing'
		FROM ledger_entry e LEFT JOIN payment p ON p.id = e.payment_id
		WHERE e.kind = 'capture' AND coalesce(p.captured, 0) = 0
			AND in_scope($1, e.order_id);
	RETURN QUERY SELECT 'L17', 'entry:' || e.id, 'line ' || l.n || ' of ' || l.effective_at
			|| ', entry of ' || e.effective_at
		FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id
		WHERE in_scope($1, e.order_id) AND l.effective_at <> e.effective_at;
	RETURN QUERY SELECT 'L14', 'entry:' || e.id, 'took effect ' || e.effective_at
			|| ', that was closed ' || c.closed_at
		FROM period_close c JOIN ledger_entry e ON e.id > c.last_entry
			AND e.effective_at < c.before WHERE in_scope($1, e.order_id);
	RETURN QUERY SELECT 'L14', 'period:' || c.before::date, 'had ' || c.entries
			|| ' entries, has ' || x.count
		FROM period_close c CROSS JOIN LATERAL (SELECT count(*) FROM ledger_entry e
			WHERE e.effective_at < c.before AND e.id <= c.last_entry) x
		WHERE $1 IS NULL AND x.count <> c.entries;
	RETURN QUERY SELECT 'L15', 'entry:' || r.id, 'does not mirror entry ' || r.reverses
		FROM ledger_entry r WHERE r.reverses IS NOT NULL AND in_scope($1, r.order_id) AND EXISTS (
			SELECT FROM (SELECT a.account, a.currency, a.amount FROM ledger_line a
					WHERE a.entry_id = r.id) a
			FULL JOIN (SELECT b.account, b.currency, -b.amount AS amount FROM ledger_line b
					WHERE b.entry_id = r.reverses) b USING (account, currency, amount)
			WHERE a IS NULL OR b IS NULL);
END $$;
