-- What fsck proves of the mirror of the providers' balances, as far as it was read.

CREATE FUNCTION fsck_mirror() RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY WITH linked AS (
		SELECT t.provider, t.entry_id AS id FROM provider_txn t WHERE t.entry_id IS NOT NULL
		UNION
		SELECT t.provider, t.fee_entry_id FROM provider_txn t WHERE t.fee_entry_id IS NOT NULL
	), ours AS (
		SELECT k.provider, l.currency, sum(l.amount) AS sum FROM linked k
		JOIN ledger_line l ON l.entry_id = k.id AND l.account = 'psp:clearing' GROUP BY 1, 2
	), theirs AS (
		SELECT t.provider, t.currency, sum(t.net) AS sum FROM provider_txn t
		WHERE t.entry_id IS NOT NULL OR t.fee_entry_id IS NOT NULL GROUP BY 1, 2
	)
	SELECT 'L10', 'ledger:' || currency, 'psp:clearing ' || coalesce(o.sum, 0) || ', '
			|| provider || ' says ' || coalesce(t.sum, 0)
		FROM ours o FULL JOIN theirs t USING (provider, currency)
		WHERE coalesce(o.sum, 0) <> coalesce(t.sum, 0);
	RETURN QUERY SELECT 'L11', 'txn:' || t.txn_id, t.reporting_category || ' of ' || t.amount
			|| ' less ' || t.fee || ' is ' || t.net
			|| CASE WHEN t.net = t.amount - t.fee THEN ', no entry' ELSE '' END
		FROM provider_txn t
		WHERE t.net <> t.amount - t.fee
			OR t.entry_id IS NULL AND t.fee_entry_id IS NULL AND t.net <> 0
			AND NOT EXISTS (SELECT FROM incident i WHERE i.detail->>'object' = t.txn_id)
			AND NOT EXISTS (SELECT FROM reconcile_run r WHERE r.provider = t.provider
				AND r.ended_at IS NULL);
	-- As entries_without_txn(), of all providers and from the lines: nearly all have one.
	RETURN QUERY WITH read AS (
		SELECT r.provider, max(r.begun_at) AS read_at FROM reconcile_run r
		WHERE r.source = 'api' AND r.differences IS NOT NULL GROUP BY 1
	), alone AS MATERIALIZED (
		SELECT DISTINCT l.entry_id FROM ledger_line l
		WHERE l.account = 'psp:clearing' AND EXISTS (SELECT FROM read)
			AND NOT EXISTS (SELECT FROM provider_txn t WHERE t.entry_id = l.entry_id)
			AND NOT EXISTS (SELECT FROM provider_txn t WHERE t.fee_entry_id = l.entry_id)
	)
	SELECT 'L12', 'entry:' || e.id, e.key || ' posted ' || e.posted_at
		FROM alone a JOIN ledger_entry e ON e.id = a.entry_id
		CROSS JOIN LATERAL (SELECT coalesce((SELECT p.provider FROM payment p
				WHERE p.id = e.payment_id), (SELECT o.provider FROM payout o
				WHERE e.key IN ('po:' || o.provider_ref, 'pofail:' || o.provider_ref)
				LIMIT 1)) AS provider) p
		JOIN read r ON r.provider = p.provider AND e.posted_at < r.read_at - interval '4 days'
		WHERE NOT EXISTS (SELECT FROM incident i WHERE i.detail->>'object' = e.key);
	RETURN QUERY SELECT 'L13', 'payout:' || d.object, 'amount ' || (d.theirs).minor
			|| ', transactions ' || (d.ours).minor
		FROM (SELECT DISTINCT p.provider FROM payout p) p
		CROSS JOIN LATERAL diff_payouts(p.provider, NULL, 0) d;
	RETURN QUERY SELECT 'L18', 'balance:' || b.currency, b.provider || ' holds '
			|| b.available + b.pending || ', its transactions add up to ' || b.mirror
		FROM (SELECT DISTINCT ON (x.provider, x.currency) x.* FROM provider_balance x
			WHERE x.verdict <> 'asked' ORDER BY x.provider, x.currency, x.run_id DESC) b
		WHERE b.verdict = 'differs' AND NOT EXISTS (SELECT FROM incident i
			WHERE i.kind = 'balance_differs' AND i.detail->>'object' = 'balance:'
				|| b.currency AND i.closed_by IS DISTINCT FROM 'reconcile');
	RETURN QUERY WITH moving AS (
		SELECT p.currency, sum(p.amount) AS sum FROM payout p
		WHERE p.state IN ('pending', 'in_transit') GROUP BY 1
	), posted AS (
		SELECT l.currency, sum(l.amount) AS sum FROM ledger_line l
		WHERE l.account = 'in_transit' GROUP BY 1
	)
	SELECT 'L13', 'ledger:' || currency, 'in_transit ' || coalesce(l.sum, 0) || ', payouts '
			|| coalesce(m.sum, 0)
		FROM posted l FULL JOIN moving m USING (currency)
		WHERE coalesce(l.sum, 0) <> coalesce(m.sum, 0);
END $$;
