-- PayPal's books: what its transactions do not say themselves.

-- A transaction names the capture that moved; the order that it belongs to we know.
CREATE FUNCTION txn_name_payments(provider text) RETURNS void LANGUAGE sql AS $$
	UPDATE provider_txn t SET payment_ref = p.provider_ref
	FROM payment p
	WHERE t.provider = $1 AND t.payment_ref IS NULL AND p.id = txn_payment(t)
		AND p.provider_ref IS NOT NULL
$$;

-- Dispute money has no number that both tell: what moved as much for the same payment, and
-- is no other transaction's, is it.
CREATE FUNCTION txn_dispute_entry(t provider_txn) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT e.id FROM ledger_entry e JOIN payment p ON p.id = e.payment_id
	JOIN ledger_line l ON l.entry_id = e.id AND l.account = 'psp:clearing'
	WHERE p.id = txn_payment(t) AND e.order_id = p.order_id AND e.kind = 'dispute'
		AND l.currency = t.currency AND l.amount = t.net
		AND NOT EXISTS (SELECT FROM provider_txn x WHERE x.entry_id = e.id)
	ORDER BY e.id LIMIT 1
$$;

-- A withdrawal is a payout that has arrived, one that comes back a payout that failed.
CREATE FUNCTION txn_paid_out(provider text, facts jsonb) RETURNS void LANGUAGE sql AS $$
	SELECT payout_apply($1, jsonb_populate_record(NULL::payout_facts, jsonb_build_object(
		'ref', f.source_ref, 'status', CASE f.reporting_category WHEN 'payout' THEN 'paid'
			ELSE 'failed' END, 'currency', f.currency, 'amount', abs(f.amount),
		'automatic', f.type = 'T0403', 'itemised', false, 'created', f.created,
		'arrival', f.created)))
	FROM jsonb_populate_recordset(NULL::txn_facts, $2) f
	WHERE f.reporting_category IN ('payout', 'payout_reversal') AND f.amount <> 0
	ORDER BY f.created, f.ref
$$;
