-- The ledger.  Debit is positive, credit negative; nothing is ever changed or deleted.

-- The only function that inserts an entry: balanced, and once for its key.
-- Returns null when the key was posted before.
CREATE FUNCTION post(key text, kind text, order_id bigint, payment_id bigint,
	refund_id bigint, currency text, accounts text[], amounts bigint[],
	reverses bigint DEFAULT NULL, effective_at timestamptz DEFAULT now()) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	entry bigint;
BEGIN
	IF cardinality($7) < 2 OR cardinality($7) <> cardinality($8)
		OR (SELECT sum(a) FROM unnest($8) AS a) <> 0 THEN
		PERFORM refuse('ledger_entry_balances',
			format('entry %s does not add up to zero: %s %s', $1, $7, $8));
	END IF;
	INSERT INTO ledger_entry AS e (key, kind, order_id, payment_id, refund_id, actor,
		reverses, effective_at)
	VALUES ($1, $2, $3, $4, $5, actor(), $9, $10)
	ON CONFLICT ON CONSTRAINT ledger_entry_posted_once DO NOTHING
	RETURNING e.id INTO entry;
	INSERT INTO ledger_line (entry_id, n, account, currency, amount)
	SELECT entry, l.n, l.account, $6, l.amount
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
