-- What a provider says it holds of us, against the mirror of its transactions and the
-- ledger, as of the moment that it was asked.

CREATE FUNCTION balance_keep(r reconcile_run, facts jsonb) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO provider_balance AS b (provider, currency, run_id, available, pending, at)
	SELECT r.provider, f.currency, r.id, sum(f.available), sum(f.pending),
		coalesce(min(f.at), now())
	FROM jsonb_populate_recordset(NULL::balance_facts, $2) f GROUP BY 2
	UNION ALL SELECT r.provider, t.currency, r.id, 0, 0, coalesce((SELECT min(f.at)
		FROM jsonb_populate_recordset(NULL::balance_facts, $2) f), now()) FROM provider_txn t
	WHERE t.provider = r.provider AND t.currency NOT IN (SELECT f.currency
		FROM jsonb_populate_recordset(NULL::balance_facts, $2) f) GROUP BY 2
	ON CONFLICT (provider, currency, run_id) DO NOTHING
$$;

-- The sums that the provider can have shown when it was asked: what had surely moved by
-- then, and after it second by second what may have.  Clocks are not compared: what was
-- here already had moved, and so had what is older than the newest by more than the time
-- from the question to the list.  crowded: that second has several, and the moment may
-- lie between them.
CREATE FUNCTION balance_cuts(b provider_balance)
RETURNS TABLE (sum bigint, low bigint, high bigint, crowded boolean)
LANGUAGE sql STABLE AS $$
	WITH txn AS (
		SELECT t.net, t.created, CASE b.provider
			WHEN 'paypal' THEN coalesce(t.available_on, t.created) <= b.at -- it says of when
			ELSE t.seen_at <= b.at OR t.seen_at IS NULL OR t.created <= max(t.created)
				OVER () - (l.begun_at - b.at) - interval '1 minute' END AS moved
		FROM provider_txn t JOIN reconcile_list l ON l.provider = t.provider
			AND l.action = 'txn.list'
		WHERE t.provider = b.provider AND t.currency = b.currency
	), step AS (
		SELECT '-infinity'::timestamptz AS created, coalesce(sum(x.net), 0) AS net,
			0::numeric AS down, 0::numeric AS up, 1::bigint AS n FROM txn x WHERE x.moved
		UNION ALL SELECT x.created, sum(x.net), sum(least(x.net, 0)),
			sum(greatest(x.net, 0)), count(*)
		FROM txn x WHERE NOT x.moved GROUP BY 1
	)
	SELECT (sum(s.net) OVER w)::bigint, (sum(s.net) OVER w - s.net + s.down)::bigint,
		(sum(s.net) OVER w - s.net + s.up)::bigint, s.n > 1
	FROM step s WINDOW w AS (ORDER BY s.created)
$$;

-- What the ledger knows of the transactions in a currency, whenever they were.
CREATE FUNCTION balance_posted(b provider_balance) RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(l.amount), 0)::bigint FROM ledger_line l
	WHERE l.account = 'psp:clearing' AND l.currency = b.currency AND l.entry_id IN (
		SELECT unnest(ARRAY[t.entry_id, t.fee_entry_id]) FROM provider_txn t
		WHERE t.provider = b.provider AND t.currency = b.currency)
$$;

-- Compare what was asked in this run.  What the ledger knows of the provider's money is
-- in entries that its transactions name, and in such as it says nothing of yet.
CREATE FUNCTION balance_compare(r reconcile_run) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	b provider_balance;
	held bigint;
	total bigint;
BEGIN
	FOR b IN SELECT * FROM provider_balance x WHERE x.run_id = r.id LOOP
		held := b.available + b.pending;
		total := (SELECT coalesce(sum(t.net), 0) FROM provider_txn t
			WHERE t.provider = b.provider AND t.currency = b.currency);
		b.mirror := coalesce((SELECT c.sum FROM balance_cuts(b) c WHERE c.sum = held
			LIMIT 1), total);
		b.verdict := CASE
			WHEN NOT EXISTS (SELECT FROM reconcile_list l WHERE l.provider = r.provider
				AND l.action = 'txn.list' AND l.begun_run = r.id) THEN 'unread'
			WHEN b.mirror = held THEN 'agrees'
			WHEN EXISTS (SELECT FROM balance_cuts(b) c WHERE c.crowded
				AND held BETWEEN c.low AND c.high) THEN 'moving'
			ELSE 'differs' END;
		UPDATE provider_balance x SET mirror = b.mirror, verdict = b.verdict,
			ledger = balance_posted(b) - total + b.mirror,
			waiting = (SELECT coalesce(sum(l.amount), 0)
				FROM entries_without_txn(b.provider, NULL, interval '0') e
				JOIN ledger_line l ON l.entry_id = e.id AND l.account = 'psp:clearing'
					AND l.currency = b.currency)
		WHERE (x.provider, x.currency, x.run_id) = (b.provider, b.currency, b.run_id);
	END LOOP;
END $$;

-- A balance that is not the sum of what moved it: money that no list tells of.  What the
-- lists tell and the books do not know is a difference of its own, one by one.
CREATE FUNCTION diff_balances(run_id bigint) RETURNS SETOF difference
LANGUAGE sql STABLE AS $$
	SELECT 'balance_differs', 'balance:' || b.currency, NULL::bigint, NULL::bigint,
		ROW(b.mirror, b.currency)::amount,
		ROW(b.available + b.pending, b.currency)::amount,
		format('%s in the ledger, %s of it not told yet', money_text(b.ledger + b.waiting,
			b.currency), money_text(b.waiting, b.currency)), b.at
	FROM provider_balance b WHERE b.run_id = $1 AND b.verdict = 'differs'
$$;

-- Whether a run came to know if a balance agrees; object is balance:EUR.
CREATE FUNCTION balance_was_compared(run_id bigint, object text) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM provider_balance b WHERE b.run_id = $1
		AND 'balance:' || b.currency = $2 AND b.verdict IN ('agrees', 'differs'))
$$;

-- What was asked last, each currency: of one run, or of each provider's last.
CREATE FUNCTION api.balance_list(only_run bigint)
RETURNS TABLE (provider text, held amount, available amount, pending amount,
	mirror amount, ledger amount, waiting amount, verdict text, at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT b.provider, ROW(b.available + b.pending, b.currency)::amount,
		ROW(b.available, b.currency)::amount, ROW(b.pending, b.currency)::amount,
		CASE WHEN b.mirror IS NOT NULL THEN ROW(b.mirror, b.currency)::amount END,
		CASE WHEN b.ledger IS NOT NULL THEN ROW(b.ledger, b.currency)::amount END,
		CASE WHEN b.waiting IS NOT NULL THEN ROW(b.waiting, b.currency)::amount END,
		b.verdict, b.at
	FROM provider_balance b
	WHERE b.run_id = coalesce($1, (SELECT max(x.run_id) FROM provider_balance x
		WHERE x.provider = b.provider AND x.verdict <> 'asked'))
	ORDER BY 1, b.currency;
END $$;
