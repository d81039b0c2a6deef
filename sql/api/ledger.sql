-- The ledger.  Debit is positive, credit negative; nothing is ever changed or deleted.

-- Until when the books are closed: nothing that took effect before is added any more.
CREATE FUNCTION ledger_open_from() RETURNS timestamptz LANGUAGE sql STABLE AS $$
	SELECT coalesce(max(c.before), '-infinity') FROM period_close c
$$;

-- The only function that inserts an entry: balanced, and once for its key.
-- Returns null when the key was posted before.  What took effect earlier says when; what
-- is late, because its period is closed, takes effect now: the caller leaves the time out.
-- The lock is the one that the insert takes anyway; taken first, it makes a close that is
-- at work seen.
CREATE FUNCTION post(key text, kind text, order_id bigint, payment_id bigint,
	refund_id bigint, currency text, accounts text[], amounts bigint[],
	reverses bigint DEFAULT NULL, effective_at timestamptz DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	entry bigint;
	open_from timestamptz;
	at timestamptz;
BEGIN
	IF cardinality($7) < 2 OR cardinality($7) <> cardinality($8)
		OR (SELECT sum(a) FROM unnest($8) AS a) <> 0 THEN
		PERFORM refuse('ledger_entry_balances',
			format('entry %s does not add up to zero: %s %s', $1, $7, $8));
	END IF;
	IF 1000000000000000 < ANY (SELECT abs(a::numeric) FROM unnest($8) AS a) THEN
		PERFORM refuse('ledger_amount_adds_up', format('entry %s moves %s minor units of %s: '
			'sums of that could not be told any more', $1, (SELECT max(a) FROM unnest($8) a),
			$6), 'compare the amount with its document');
	END IF;
	LOCK TABLE ledger_entry IN ROW EXCLUSIVE MODE;
	open_from := ledger_open_from();
	IF $10 < open_from THEN
		PERFORM refuse('ledger_period_is_open', format(
			'entry %s is of %s, and the books are closed until %s', $1, $10, open_from),
			'shopctl ledger periods');
	END IF;
	at := coalesce($10, greatest(now(), open_from));
	INSERT INTO ledger_entry AS e (key, kind, order_id, payment_id, refund_id, actor,
		reverses, effective_at)
	VALUES ($1, $2, $3, $4, $5, actor(), $9, at)
	ON CONFLICT ON CONSTRAINT ledger_entry_posted_once DO NOTHING
	RETURNING e.id INTO entry;
	INSERT INTO ledger_line (entry_id, n, account, currency, amount, effective_at)
	SELECT entry, l.n, l.account, $6, l.amount, at
	FROM unnest($7, $8) WITH ORDINALITY AS l (account, amount, n)
	WHERE entry IS NOT NULL;
	RETURN entry;
END $$;

-- The same of a fixed form of which some lines may be nothing; nothing at all is no entry.
CREATE FUNCTION post_parts(key text, kind text, order_id bigint, payment_id bigint,
	currency text, accounts text[], amounts bigint[], refund_id bigint DEFAULT NULL)
RETURNS bigint
LANGUAGE sql AS $$
	SELECT post($1, $2, $3, $4, $8, $5, x.accounts, x.amounts)
	FROM (SELECT array_agg(l.account ORDER BY l.n) AS accounts,
			array_agg(l.amount ORDER BY l.n) AS amounts
		FROM unnest($6, $7) WITH ORDINALITY AS l (account, amount, n)
		WHERE l.amount <> 0) AS x
	WHERE x.accounts IS NOT NULL
$$;

-- Undo an entry by its mirror image.
CREATE FUNCTION post_reversal(key text, kind text, of_key text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	e ledger_entry;
BEGIN
	SELECT * INTO STRICT e FROM ledger_entry WHERE ledger_entry.key = $3;
	RETURN (SELECT post($1, $2, e.order_id, e.payment_id, e.refund_id, min(l.currency),
			array_agg(l.account ORDER BY l.n), array_agg(-l.amount ORDER BY l.n), e.id)
		FROM ledger_line l WHERE l.entry_id = e.id);
END $$;

-- Close the books up to a day of UTC, for good.  Whoever is posting ends first; what is
-- late afterwards is posted into the open period.  Closing the same again changes nothing.
CREATE FUNCTION api.ledger_close(ends timestamptz)
RETURNS TABLE (until timestamptz, since timestamptz, entries bigint, closed_at timestamptz,
	closed_by text, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	made period_close;
	wrong text;
	count bigint;
BEGIN
	LOCK TABLE ledger_entry IN SHARE MODE;
	IF EXISTS (SELECT FROM period_close c WHERE c.before = $1) THEN
		RETURN QUERY SELECT p.until, p.since, p.entries, p.closed_at, p.closed_by, true
			FROM api.ledger_periods() p WHERE p.until = $1;
		RETURN;
	ELSIF $1 <> date_trunc('day', $1, 'UTC') THEN
		PERFORM invalid('period_ends_at_midnight', format('%s is not the beginning of a '
			'day of UTC', $1), '--until 2026-11-01 closes October');
	ELSIF $1 > now() THEN
		PERFORM refuse('period_is_over', format('%s is still to come', $1));
	ELSIF $1 < ledger_open_from() THEN
		PERFORM refuse('period_closes_forward', format('the books are closed until %s',
			ledger_open_from()), 'shopctl ledger periods');
	END IF;
	SELECT string_agg('entry ' || x.id, ', ') INTO wrong FROM (
		SELECT DISTINCT e.id FROM ledger_entry e
		LEFT JOIN ledger_line l ON l.entry_id = e.id
		WHERE e.effective_at >= ledger_open_from() AND e.effective_at < $1
		GROUP BY e.id, l.currency HAVING coalesce(sum(l.amount), 1) <> 0
		ORDER BY 1 LIMIT 5) AS x;
	IF wrong IS NOT NULL THEN
		PERFORM refuse('period_is_balanced', wrong || ' does not add up to zero',
			'shopctl fsck --only L1,L2');
	END IF;
	SELECT count(*), min(format('%s (%s)', i.id, i.kind)) INTO count, wrong
	FROM incident i WHERE i.closed_at IS NULL AND i.at < $1
		AND i.kind <> 'shipment_returned';
	IF count > 0 THEN
		PERFORM refuse('period_has_no_incident', format('%s incidents about money are open '
			'since before %s, such as %s', count, $1, wrong), 'shopctl incident list');
	END IF;
	INSERT INTO period_close (before, entries, last_entry, closed_by)
	SELECT $1, count(*) FILTER (WHERE e.effective_at < $1), coalesce(max(e.id), 0), actor()
	FROM ledger_entry e RETURNING * INTO made;
	PERFORM audit('ledger:' || to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD'), 'ledger.close',
		NULL, to_jsonb(made));
	RETURN QUERY SELECT p.until, p.since, p.entries, p.closed_at, p.closed_by, false
		FROM api.ledger_periods() p WHERE p.until = $1;
END $$;

-- What is closed, the latest first.
CREATE FUNCTION api.ledger_periods()
RETURNS TABLE (until timestamptz, since timestamptz, entries bigint, closed_at timestamptz,
	closed_by text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT c.before, lag(c.before) OVER w, c.entries - lag(c.entries, 1, 0::bigint) OVER w,
		c.closed_at, c.closed_by
	FROM period_close c WINDOW w AS (ORDER BY c.before) ORDER BY c.before DESC
$$;

CREATE FUNCTION api.ledger_accounts()
RETURNS TABLE (account text, kind text, normal_side text, by_hand boolean, words text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT a.code, a.kind, a.normal_side, a.by_hand, a.words FROM ledger_account a
	ORDER BY array_position('{asset,liability,equity,income,expense}'::text[], a.kind), a.code
$$;

CREATE FUNCTION ledger_account_named(code text) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
	IF $1 IS NOT NULL AND NOT EXISTS (SELECT FROM ledger_account a WHERE a.code = $1) THEN
		PERFORM absent('ledger_account_exists', format('there is no account %s', $1),
			'shopctl ledger accounts');
	END IF;
END $$;

-- What moved on each account, and what lies there at the end.  With step day or month: of
-- each such period of UTC, to its own end.  `before` null: all there is.
CREATE FUNCTION api.ledger_balance(before timestamptz, only_account text, step text)
RETURNS TABLE (period timestamptz, account text, kind text, debit amount, credit amount,
	balance amount)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET work_mem = '64MB' AS $$
#variable_conflict use_column
BEGIN
	PERFORM ledger_account_named($2);
	RETURN QUERY WITH sums AS (
		SELECT CASE $3 WHEN 'day' THEN (l.effective_at AT TIME ZONE 'UTC')::date
				WHEN 'month' THEN date_trunc('month', l.effective_at AT TIME ZONE 'UTC')::date
				END AS day, l.account AS code, l.currency::text AS currency,
			sum(greatest(l.amount, 0))::bigint AS debit,
			-sum(least(l.amount, 0))::bigint AS credit
		FROM ledger_line l
		WHERE ($1 IS NULL OR l.effective_at < $1) AND ($2 IS NULL OR l.account = $2)
		GROUP BY 1, 2, 3)
	SELECT s.day::timestamp AT TIME ZONE 'UTC', s.code, a.kind,
		ROW(s.debit, s.currency)::amount, ROW(s.credit, s.currency)::amount,
		ROW((sum(s.debit - s.credit) OVER (PARTITION BY s.code, s.currency
			ORDER BY s.day))::bigint, s.currency)::amount
	FROM sums s JOIN ledger_account a ON a.code = s.code
	ORDER BY s.day, s.currency,
		array_position('{asset,liability,equity,income,expense}'::text[], a.kind), s.code;
END $$;

-- Entries with their lines, the newest first.
CREATE FUNCTION api.ledger_entries(only_order bigint, only_account text,
	since timestamptz, until timestamptz, only_kind text, max_rows bigint)
RETURNS TABLE (id bigint, effective_at timestamptz, key text, kind text, order_id bigint,
	payment_id bigint, refund_id bigint, words text, lines jsonb, reverses bigint,
	posted_at timestamptz, actor text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM ledger_account_named($2), time_range($3, $4);
	RETURN QUERY SELECT e.id, e.effective_at, e.key, e.kind, e.order_id, e.payment_id,
		e.refund_id, x.words, x.lines, e.reverses, e.posted_at, e.actor
	FROM (SELECT * FROM ledger_entry y WHERE ($1 IS NULL OR y.order_id = $1)
		AND ($3 IS NULL OR y.effective_at >= $3) AND ($4 IS NULL OR y.effective_at < $4)
		AND ($5 IS NULL OR y.kind = $5) AND ($2 IS NULL OR EXISTS (
			SELECT FROM ledger_line l WHERE l.entry_id = y.id AND l.account = $2))
		ORDER BY y.id DESC LIMIT coalesce($6, 50)) AS e
	CROSS JOIN LATERAL (SELECT
			string_agg(l.account || ' ' || money_text(l.amount, l.currency), ', '
				ORDER BY l.n) AS words,
			jsonb_agg(jsonb_build_object('account', l.account, 'amount', jsonb_build_object(
				'minor', l.amount, 'currency', l.currency)) ORDER BY l.n) AS lines
		FROM ledger_line l WHERE l.entry_id = e.id) AS x
	ORDER BY e.id DESC;
END $$;

-- Every line of some time, as an accountant's program reads it.
CREATE FUNCTION api.ledger_export(since timestamptz, until timestamptz)
RETURNS TABLE (date timestamptz, entry bigint, key text, kind text, "order" bigint,
	account text, debit amount, credit amount, currency text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET work_mem = '64MB' AS $$
#variable_conflict use_column
BEGIN
	PERFORM time_range($1, $2);
	RETURN QUERY SELECT e.effective_at, e.id, e.key, e.kind, e.order_id, l.account,
		CASE WHEN l.amount > 0 THEN ROW(l.amount, l.currency)::amount END,
		CASE WHEN l.amount < 0 THEN ROW(-l.amount, l.currency)::amount END,
		l.currency::text
	FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id
	WHERE ($1 IS NULL OR e.effective_at >= $1) AND ($2 IS NULL OR e.effective_at < $2)
	ORDER BY e.effective_at, e.id, l.n;
END $$;
