-- The three-way match: the provider's transactions, our payments and refunds, the ledger.
-- Every function here finds one sort of difference since a time (null: ever).

-- Charges, all transactions of a payment together: a capture may come in parts.
CREATE FUNCTION diff_charges(provider text, since timestamptz, tolerance bigint)
RETURNS SETOF difference
LANGUAGE sql STABLE AS $$
	WITH moved AS (
		SELECT DISTINCT coalesce(t.payment_ref, t.source_ref, t.txn_id) AS ref
		FROM provider_txn t WHERE t.provider = $1 AND t.created >= coalesce($2, '-infinity')
			AND t.reporting_category IN ('charge', 'partial_capture_reversal')
	), charge AS (
		SELECT m.ref, x.* FROM moved m CROSS JOIN LATERAL (
			SELECT max(txn_payment(t)) AS payment_id, min(t.txn_id) AS txn,
				min(t.created) AS at, min(t.currency) AS currency,
				sum(t.amount)::bigint AS amount, sum(t.fee)::bigint AS fee,
				max(t.order_hint) AS hint, sum(coalesce(-l.amount, 0))::bigint AS fee_posted,
				count(t.entry_id) AS linked
			FROM provider_txn t LEFT JOIN ledger_line l ON l.entry_id = t.fee_entry_id
				AND l.account = 'psp:clearing'
			WHERE t.provider = $1 AND (t.payment_ref = m.ref OR t.source_ref = m.ref
				OR t.txn_id = m.ref)
				AND t.reporting_category IN ('charge', 'partial_capture_reversal')) x
	)
	SELECT k.kind, c.txn, coalesce(p.order_id, c.hint), p.id,
		CASE WHEN k.kind = 'fee_differs' THEN ROW(c.fee_posted, c.currency)::amount
			WHEN p.id IS NOT NULL THEN ROW(p.captured, p.currency)::amount END,
		CASE WHEN k.kind = 'fee_differs' THEN ROW(c.fee, c.currency)::amount
			ELSE ROW(c.amount, c.currency)::amount END,
		c.ref || CASE WHEN p.id IS NOT NULL THEN ' is ' || p.state || ' here' ELSE '' END, c.at
	FROM charge c LEFT JOIN payment p ON p.id = c.payment_id
	LEFT JOIN orders o ON o.id = coalesce(p.order_id, c.hint)
	CROSS JOIN LATERAL (SELECT CASE
		WHEN o.id IS NULL AND coalesce(p.order_id, c.hint) IS NOT NULL THEN 'order_missing'
		WHEN p.id IS NULL THEN CASE WHEN c.linked = 0 THEN 'missing_here' END
		WHEN p.captured = 0 THEN 'state_differs'
		WHEN p.currency <> c.currency THEN 'currency_differs'
		WHEN abs(p.captured - c.amount) > $3 THEN 'amount_differs'
		WHEN c.linked > 0 AND abs(c.fee - c.fee_posted) > $3 THEN 'fee_differs' END AS kind) k
	WHERE k.kind IS NOT NULL
$$;

-- Refunds, and refunds that failed.
CREATE FUNCTION diff_refunds(provider text, since timestamptz, tolerance bigint)
RETURNS SETOF difference
LANGUAGE sql STABLE AS $$
	SELECT k.kind, t.txn_id, coalesce(r.order_id, p.order_id), coalesce(r.payment_id, p.id),
		CASE WHEN r.id IS NOT NULL THEN ROW(r.amount, r.currency)::amount END,
		ROW(abs(t.amount), t.currency)::amount,
		t.source_ref || CASE WHEN r.id IS NOT NULL THEN ' is ' || r.state || ' here' ELSE '' END,
		t.created
	FROM provider_txn t LEFT JOIN refund r ON r.provider_ref = t.source_ref
	LEFT JOIN payment p ON p.provider = t.provider AND p.provider_ref = t.payment_ref
	CROSS JOIN LATERAL (SELECT CASE
		WHEN r.id IS NULL THEN CASE WHEN t.entry_id IS NULL THEN 'refund_unknown' END
		WHEN r.currency <> t.currency THEN 'currency_differs'
		WHEN abs(r.amount - abs(t.amount)) > $3 THEN 'amount_differs'
		WHEN t.entry_id IS NULL THEN 'state_differs' END AS kind) k
	WHERE t.provider = $1 AND t.created >= coalesce($2, '-infinity')
		AND t.reporting_category IN ('refund', 'refund_failure') AND k.kind IS NOT NULL
$$;

-- Whatever else moved the balance and has no entry, or one of another amount.
CREATE FUNCTION diff_others(provider text, since timestamptz, tolerance bigint)
RETURNS SETOF difference
LANGUAGE sql STABLE AS $$
	SELECT k.kind, t.txn_id, coalesce(p.order_id, t.order_hint), p.id,
		CASE WHEN l.amount IS NOT NULL THEN ROW(l.amount, l.currency)::amount END,
		ROW(t.net, t.currency)::amount,
		t.reporting_category || coalesce(' of ' || t.source_ref, ''), t.created
	FROM provider_txn t
	LEFT JOIN payment p ON p.provider = t.provider AND p.provider_ref = t.payment_ref
	LEFT JOIN LATERAL (SELECT sum(x.amount)::bigint AS amount, min(x.currency) AS currency
		FROM ledger_line x WHERE x.account = 'psp:clearing'
			AND x.entry_id IN (t.entry_id, t.fee_entry_id)) l ON true
	CROSS JOIN LATERAL (SELECT CASE
		WHEN t.entry_id IS NULL AND t.fee_entry_id IS NULL THEN CASE
			WHEN t.amount <> 0 OR t.fee <> 0 THEN 'missing_here' END
		WHEN l.currency <> t.currency THEN 'currency_differs'
		WHEN abs(l.amount - t.net) > $3 THEN CASE WHEN t.reporting_category LIKE 'payout%'
			THEN 'payout_differs' ELSE 'amount_differs' END END AS kind) k
	WHERE t.provider = $1 AND t.created >= coalesce($2, '-infinity')
		AND t.reporting_category NOT IN ('charge', 'partial_capture_reversal', 'refund',
			'refund_failure') AND k.kind IS NOT NULL
$$;

-- Payouts that are not the sum of what left with them.
CREATE FUNCTION diff_payouts(provider text, since timestamptz, tolerance bigint)
RETURNS SETOF difference
LANGUAGE sql STABLE AS $$
	SELECT 'payout_differs', p.provider_ref, NULL::bigint, NULL::bigint,
		ROW(coalesce(m.net, 0), p.currency)::amount, ROW(p.amount, p.currency)::amount,
		m.n || ' transactions', p.created
	FROM payout p CROSS JOIN LATERAL (SELECT sum(t.net)::bigint AS net, count(*) AS n
		FROM provider_txn t WHERE t.provider = p.provider AND t.payout_ref = p.provider_ref
			AND t.reporting_category NOT LIKE 'payout%') m
	WHERE p.provider = $1 AND p.created >= coalesce($2, '-infinity')
		AND p.members_at IS NOT NULL AND abs(coalesce(m.net, 0) - p.amount) > $3
$$;

-- Entries on the provider's account that it says nothing of, at least so old.
CREATE FUNCTION entries_without_txn(provider text, since timestamptz, age interval)
RETURNS SETOF ledger_entry
LANGUAGE sql STABLE AS $$
	SELECT e.* FROM ledger_entry e
	WHERE e.posted_at >= coalesce($2, '-infinity') AND e.posted_at < now() - $3
		AND EXISTS (SELECT FROM ledger_line l WHERE l.entry_id = e.id
			AND l.account = 'psp:clearing')
		AND NOT EXISTS (SELECT FROM provider_txn t WHERE t.entry_id = e.id)
		AND NOT EXISTS (SELECT FROM provider_txn t WHERE t.fee_entry_id = e.id)
		AND (EXISTS (SELECT FROM payment p WHERE p.id = e.payment_id AND p.provider = $1)
			OR EXISTS (SELECT FROM payout o WHERE o.provider = $1
				AND e.key IN ('po:' || o.provider_ref, 'pofail:' || o.provider_ref)))
$$;

CREATE FUNCTION diff_entries(provider text, since timestamptz, until timestamptz)
RETURNS SETOF difference
LANGUAGE sql STABLE AS $$
	SELECT 'missing_there', e.key, e.order_id, e.payment_id,
		ROW(l.amount, l.currency)::amount, NULL::amount, e.kind, e.posted_at
	FROM entries_without_txn($1, $2, reconcile_patience()) e
	JOIN ledger_line l ON l.entry_id = e.id AND l.account = 'psp:clearing'
	WHERE e.posted_at <= coalesce($3, 'infinity')
$$;

CREATE FUNCTION reconcile_differences(provider text, since timestamptz,
	until timestamptz, tolerance bigint)
RETURNS SETOF difference
LANGUAGE sql STABLE AS $$
	SELECT * FROM diff_charges($1, $2, $4) UNION ALL SELECT * FROM diff_refunds($1, $2, $4)
	UNION ALL SELECT * FROM diff_others($1, $2, $4)
	UNION ALL SELECT * FROM diff_payouts($1, $2, $4)
	UNION ALL SELECT * FROM diff_entries($1, $2, $3)
$$;

-- What makes a difference the same one: what it is about, and both figures; of a balance,
-- which is another one every day, how far they are apart.
CREATE FUNCTION difference_key(d difference) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE d.kind WHEN 'balance_differs'
		THEN format('%s %s', d.object, (d.theirs).minor - (d.ours).minor)
		ELSE format('%s %s %s', d.object, coalesce((d.ours).minor::text, '-'),
			coalesce((d.theirs).minor::text, '-')) END
$$;

-- Compare, tell of each difference once, end the incidents of those that are gone, and
-- end the run.  What a person closed is accepted: it is listed and no longer counts.
CREATE FUNCTION api.reconcile_finish(run_id bigint, tolerance bigint)
RETURNS TABLE (kind text, object text, order_id bigint, payment_id bigint, ours amount,
	theirs amount, detail text, at timestamptz, incident bigint, state text,
	words text, remedy text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	r reconcile_run;
	d difference;
	diffs difference[];
BEGIN
	SELECT * INTO r FROM reconcile_run x WHERE x.id = $1 AND x.ended_at IS NULL FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('reconcile_run_exists', format('no reconciliation %s is under way',
			$1), 'shopctl payment reconcile');
	END IF;
	PERFORM txn_link(r.provider);
	PERFORM balance_compare(r);
	r.since := coalesce(r.since, r.file_from);
	SELECT coalesce(array_agg(x ORDER BY x.at, x.kind, x.object), '{}') INTO diffs
	FROM (SELECT * FROM reconcile_differences(r.provider, r.since, r.file_to, $2)
		UNION ALL SELECT * FROM diff_balances(r.id)) x;
	FOREACH d IN ARRAY diffs LOOP
		PERFORM incident_open(d.kind, d.order_id, d.payment_id, jsonb_build_object(
			'provider', r.provider, 'object', d.object, 'ours', d.ours, 'theirs', d.theirs,
			'evidence', d.detail, 'at', d.at), difference_key(d))
		WHERE NOT EXISTS (SELECT FROM incident i WHERE i.kind = d.kind
			AND i.key = difference_key(d) AND i.closed_by IS DISTINCT FROM 'reconcile');
	END LOOP;
	PERFORM incident_close(i.id, 'the books agree again', 'reconcile') FROM incident i
	WHERE i.closed_at IS NULL AND i.detail->>'provider' = r.provider
		AND i.detail ? 'evidence'
		AND (i.detail->>'at')::timestamptz >= coalesce(r.since, '-infinity')
		AND (i.kind <> 'balance_differs' OR balance_was_compared(r.id, i.detail->>'object'))
		AND NOT EXISTS (SELECT FROM unnest(diffs) f WHERE f.kind = i.kind
			AND difference_key(f) = i.key);
	UPDATE reconcile_run x SET ended_at = now(), differences = cardinality(diffs)
	WHERE x.id = r.id;
	RETURN QUERY SELECT f.kind, f.object, f.order_id, f.payment_id, f.ours, f.theirs,
		f.detail, f.at, i.id, CASE i.state WHEN 'closed' THEN 'accepted' ELSE i.state END,
		k.words, incident_remedy(i)
	FROM unnest(diffs) WITH ORDINALITY f (kind, object, order_id, payment_id, ours, theirs,
		detail, at, n)
	LEFT JOIN LATERAL (SELECT * FROM incident x WHERE x.kind = f.kind AND x.key =
		difference_key(ROW(f.kind, f.object, f.order_id, f.payment_id, f.ours, f.theirs,
			f.detail, f.at)::difference) AND x.closed_by IS DISTINCT FROM 'reconcile'
		ORDER BY x.id DESC LIMIT 1) x ON true
	LEFT JOIN incident i ON i.id = x.id
	LEFT JOIN incident_kinds() k ON k.kind = f.kind ORDER BY f.n;
END $$;

-- Captured money that no live order stands for: here, and at the provider.
CREATE FUNCTION api.payment_orphans(since timestamptz)
RETURNS TABLE (place text, object text, payment_id bigint, order_id bigint,
	order_state text, captured amount, "left" amount, at timestamptz, remedy text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT 'here', coalesce(p.provider_ref, 'payment:' || p.id), p.id, p.order_id, o.state,
		ROW(p.captured, p.currency)::amount,
		ROW(p.captured - payment_refunded(p.id), p.currency)::amount, p.created_at,
		CASE WHEN o.id IS NULL THEN 'restore the order from the backup'
			ELSE format('shopctl order why %s', p.order_id) END
	FROM payment p LEFT JOIN orders o ON o.id = p.order_id
	WHERE p.captured > payment_refunded(p.id)
		AND (o.id IS NULL OR NOT p.applied OR o.state IN ('canceled', 'expired'))
		AND ($1 IS NULL OR p.created_at >= $1)
	UNION ALL
	SELECT 'provider', c.ref, NULL, c.hint, NULL, ROW(c.captured, c.currency)::amount,
		ROW(c.kept, c.currency)::amount, c.at,
		format('shopctl webhook list --since %s; or refund %s at the provider',
			to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD'), c.ref)
	FROM (SELECT coalesce(t.payment_ref, t.source_ref) AS ref, max(t.order_hint) AS hint,
			min(t.currency) AS currency, sum(t.amount)::bigint AS captured,
			sum(t.amount + coalesce(b.back, 0))::bigint AS kept, min(t.created) AS at
		FROM provider_txn t LEFT JOIN LATERAL (SELECT sum(x.amount) AS back
			FROM provider_txn x WHERE x.provider = t.provider
				AND x.payment_ref = t.payment_ref
				AND x.reporting_category IN ('refund', 'refund_failure')) b ON true
		WHERE t.reporting_category = 'charge' AND t.entry_id IS NULL
			AND ($1 IS NULL OR t.created >= $1) AND txn_payment(t) IS NULL
		GROUP BY 1) c
	WHERE c.kept > 0
	ORDER BY 8, 2;
END $$;

-- The last reconciliations, newest first.
CREATE FUNCTION api.reconcile_runs(max_rows bigint)
RETURNS TABLE (id bigint, provider text, source text, since timestamptz, actor text,
	begun_at timestamptz, ended_at timestamptz, differences bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT r.id, r.provider, r.source, r.since, r.actor, r.begun_at, r.ended_at,
		r.differences
	FROM reconcile_run r ORDER BY r.id DESC LIMIT coalesce($1, 50)
$$;
