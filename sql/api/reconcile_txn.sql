-- What the ledger says of each of the provider's transactions: its noun's own entry, one
-- of our own for what has no noun, or one that a person posted.

-- The other account of what has no noun of ours and one meaning only; the rest a person
-- must look at.  Fees are posted as fees are.
CREATE FUNCTION txn_accounts() RETURNS TABLE (category text, account text)
LANGUAGE sql IMMUTABLE AS $$ VALUES
	('connect_reserved_funds', 'psp:reserve'),
	('risk_reserved_funds', 'psp:reserve'),
	('topup', 'bank'),
	('topup_reversal', 'bank')
$$;

-- The payment of ours that a transaction belongs to.
CREATE FUNCTION txn_payment(t provider_txn) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT coalesce((SELECT p.id FROM payment p WHERE p.provider = t.provider
			AND p.provider_ref = t.payment_ref),
		(SELECT x.payment_id FROM payment_part x WHERE t.provider = 'paypal'
			AND x.ref = t.source_ref LIMIT 1),
		(SELECT e.payment_id FROM ledger_entry e
			WHERE e.key = 'cap:' || t.provider || ':' || t.source_ref),
		(SELECT f.payment_id FROM refund f WHERE f.provider_ref = t.source_ref))
$$;

-- The entry that says what a transaction moved; null when the books do not know it.
CREATE FUNCTION txn_entry(t provider_txn) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT coalesce(CASE
		WHEN t.provider = 'paypal' AND t.reporting_category IN ('dispute',
			'dispute_reversal') THEN txn_dispute_entry(t)
		WHEN t.reporting_category IN ('charge', 'partial_capture_reversal') THEN (
			SELECT e.id FROM payment p JOIN ledger_entry e ON e.order_id = p.order_id
				AND e.payment_id = p.id AND e.kind = 'capture'
			JOIN ledger_line l ON l.entry_id = e.id AND l.account = 'psp:clearing'
			WHERE p.id = txn_payment(t)
			ORDER BY l.amount <> t.amount, EXISTS (SELECT FROM provider_txn x
				WHERE x.entry_id = e.id), e.id LIMIT 1)
		ELSE (SELECT e.id FROM ledger_entry e WHERE e.key = CASE t.reporting_category
			WHEN 'refund' THEN (SELECT 'rout:' || f.id FROM refund f
				WHERE f.provider_ref = t.source_ref)
			WHEN 'refund_failure' THEN (SELECT 'rfail:' || f.id FROM refund f
				WHERE f.provider_ref = t.source_ref)
			WHEN 'dispute' THEN 'disp:' || t.txn_id
			WHEN 'dispute_reversal' THEN 'disp:' || t.txn_id
			WHEN 'payout' THEN 'po:' || t.source_ref
			WHEN 'payout_reversal' THEN 'pofail:' || t.source_ref END)
		END, (SELECT e.id FROM ledger_entry e WHERE e.key = 'txn:' || t.txn_id))
$$;

-- Post what has a meaning of its own; its fee is posted as all fees are.
CREATE FUNCTION txn_post(t provider_txn) RETURNS bigint LANGUAGE sql AS $$
	SELECT post('txn:' || t.txn_id, t.reporting_category, NULL, NULL, NULL, t.currency,
		ARRAY['psp:clearing', a.account], ARRAY[t.amount, -t.amount])
	FROM txn_accounts() a WHERE a.category = t.reporting_category AND t.amount <> 0
$$;

-- Connect what the mirror holds with the ledger, and post the fees that only it knows.
-- One transaction at a time, in one order, each under its order's lock.
CREATE FUNCTION txn_link(provider text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	t provider_txn;
BEGIN
	PERFORM txn_name_payments($1) WHERE $1 = 'paypal';
	FOR t IN SELECT * FROM provider_txn x WHERE x.provider = $1 AND x.entry_id IS NULL
		AND x.fee_entry_id IS NULL ORDER BY x.created, x.txn_id LOOP
		t.entry_id := coalesce(txn_entry(t), txn_post(t));
		IF t.entry_id IS NOT NULL AND t.fee <> 0
			AND t.reporting_category NOT IN ('dispute', 'dispute_reversal') THEN
			t.fee_entry_id := txn_fee(t, t.fee);
		ELSIF t.entry_id IS NULL AND t.reporting_category IN ('fee', 'network_cost', 'tax') THEN
			t.fee_entry_id := txn_fee(t, -t.net);
		END IF;
		UPDATE provider_txn x SET entry_id = t.entry_id, fee_entry_id = t.fee_entry_id
		WHERE x.provider = t.provider AND x.txn_id = t.txn_id
			AND (t.entry_id IS NOT NULL OR t.fee_entry_id IS NOT NULL);
	END LOOP;
END $$;

-- A fee, posted once whoever knew it first.
CREATE FUNCTION txn_fee(t provider_txn, fee bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	p payment;
	entry bigint;
BEGIN
	SELECT * INTO p FROM payment x WHERE x.id = txn_payment(t);
	PERFORM FROM orders o WHERE o.id = p.order_id FOR UPDATE;
	entry := post('fee:' || t.txn_id, 'fee', p.order_id, p.id, NULL, t.currency,
		'{fees:psp,psp:clearing}', ARRAY[$2, -$2]);
	IF t.reporting_category = 'charge' THEN
		UPDATE payment x SET fee_ref = t.txn_id WHERE x.id = p.id AND x.fee_ref IS NULL;
	END IF;
	RETURN coalesce(entry, (SELECT e.id FROM ledger_entry e
		WHERE e.key = 'fee:' || t.txn_id));
END $$;

-- Why a transaction is no person's to post; null when it is one.
CREATE FUNCTION txn_belongs_to(t provider_txn) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE
		WHEN t.entry_id IS NOT NULL AND NOT EXISTS (SELECT FROM ledger_entry e
			WHERE e.id = t.entry_id AND e.kind = 'by_hand')
			OR t.entry_id IS NULL AND t.fee_entry_id IS NOT NULL
			THEN format('entry %s', coalesce(t.entry_id, t.fee_entry_id))
		WHEN t.entry_id IS NULL AND txn_payment(t) IS NOT NULL
			THEN format('payment %s', txn_payment(t)) END
$$;

-- Post by hand what no rule posts.  To the same account again changes nothing; to another
-- one moves what lies there: an entry is never changed.
CREATE FUNCTION api.txn_post(txn_id text, account text, reason text)
RETURNS TABLE (txn text, category text, amount amount, posted_to text, entry bigint,
	replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	t provider_txn;
	at text;      -- where it lies
	moves bigint;
BEGIN
	SELECT * INTO t FROM provider_txn x WHERE x.txn_id = $1
		ORDER BY x.provider LIMIT 1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('txn_exists', format('no provider told of a transaction %s', $1),
			'shopctl payment reconcile');
	ELSIF coalesce(btrim($3), '') = '' THEN
		PERFORM invalid('posting_has_a_reason', 'what is posted by hand needs a reason',
			'--reason TEXT');
	ELSIF t.amount = 0 THEN
		PERFORM refuse('txn_moved_money', format('%s moved nothing', $1));
	ELSIF txn_belongs_to(t) IS NOT NULL THEN
		PERFORM refuse('txn_has_no_noun', format('%s belongs to %s, which posts it', $1,
			txn_belongs_to(t)), 'shopctl payment reconcile');
	END IF;
	PERFORM ledger_account_named($2);
	IF NOT (SELECT a.by_hand FROM ledger_account a WHERE a.code = $2) THEN
		PERFORM refuse('account_is_posted_by_hand', format('what lies on %s is counted '
			'against payments, refunds, disputes and payouts', $2), 'shopctl ledger accounts');
	END IF;
	SELECT l.account, x.id, x.n INTO at, entry, moves
	FROM (SELECT max(e.id) AS id, count(*) AS n FROM ledger_entry e WHERE e.kind = 'by_hand'
		AND (e.key = 'txn:' || $1 OR starts_with(e.key, 'txn:' || $1 || ':'))) x
	JOIN ledger_line l ON l.entry_id = x.id ORDER BY l.n DESC LIMIT 1;
	IF at IS NULL THEN
		entry := post('txn:' || $1, 'by_hand', NULL, NULL, NULL, t.currency,
			ARRAY['psp:clearing', $2], ARRAY[t.amount, -t.amount]);
		UPDATE provider_txn x SET entry_id = entry,
			fee_entry_id = CASE WHEN t.fee <> 0 THEN txn_fee(t, t.fee) END
		WHERE x.provider = t.provider AND x.txn_id = t.txn_id;
	ELSIF at <> $2 THEN
		entry := post(format('txn:%s:%s', $1, moves), 'by_hand', NULL, NULL, NULL,
			t.currency, ARRAY[at, $2], ARRAY[t.amount, -t.amount]);
	END IF;
	IF at IS DISTINCT FROM $2 THEN
		PERFORM audit('txn:' || $1, 'ledger.post', to_jsonb(at), to_jsonb($2));
		PERFORM incident_close(i.id, $3) FROM incident i WHERE i.closed_at IS NULL
			AND i.kind IN ('missing_here', 'refund_unknown') AND i.detail->>'object' = $1;
	END IF;
	RETURN QUERY SELECT t.txn_id, t.reporting_category, ROW(t.amount, t.currency)::amount,
		$2, entry, at IS NOT DISTINCT FROM $2;
END $$;
