-- What fsck proves of payments, refunds and disputes, and of the ledger's balances of them.

-- By payment: what disputes that are not lost took, and have not given back.
CREATE FUNCTION fsck_disputes(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY WITH posted AS (
		SELECT e.payment_id, sum(l.amount) AS owed FROM ledger_line l
		JOIN ledger_entry e ON e.id = l.entry_id
		WHERE l.account = 'dispute:receivable' AND in_scope($1, e.order_id)
		GROUP BY e.payment_id
	), moved AS (
		SELECT d.payment_id, -sum(m.amount) AS owed FROM dispute d
		JOIN dispute_money m ON m.dispute_id = d.id
		WHERE d.state <> 'lost' AND in_scope($1, d.order_id) GROUP BY d.payment_id
	)
	SELECT 'L9', 'payment:' || payment_id, 'receivable ' || coalesce(p.owed, 0)
			|| ', disputes took ' || coalesce(m.owed, 0)
		FROM posted p FULL JOIN moved m USING (payment_id)
		WHERE coalesce(p.owed, 0) <> coalesce(m.owed, 0);
	RETURN QUERY SELECT 'L16', 'dispute:' || m.dispute_id, m.txn || ' moved '
			|| m.amount - m.fee || ', posted ' || coalesce(l.amount, 0)
		FROM dispute_money m JOIN dispute d ON d.id = m.dispute_id
		LEFT JOIN ledger_entry e ON e.key = 'disp:' || m.txn
		LEFT JOIN ledger_line l ON l.entry_id = e.id AND l.account = 'psp:clearing'
		WHERE in_scope($1, d.order_id) AND m.amount - m.fee <> coalesce(l.amount, 0);
END $$;

CREATE FUNCTION fsck_balances(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY WITH posted AS (
		SELECT e.order_id, -sum(l.amount) FILTER (WHERE l.account = 'refund:payable') AS payable,
			-sum(l.amount) FILTER (WHERE l.account = 'customer:deposits') AS deposits
		FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
		WHERE l.account IN ('refund:payable', 'customer:deposits')
			AND in_scope($1, e.order_id) GROUP BY e.order_id
	), held AS (
		SELECT p.order_id, sum(p.captured) AS captured,
			sum(p.captured) FILTER (WHERE NOT p.applied) AS unmatched FROM payment p
		WHERE in_scope($1, p.order_id) GROUP BY p.order_id
	), returned AS (
		SELECT r.order_id, sum(r.amount) FILTER (WHERE r.state = 'requested') AS requested,
			sum(r.amount - r.recognised) FILTER (WHERE refund_is_live(r.state)
				AND r.state <> 'proposed') AS live,
			sum(r.amount) FILTER (WHERE NOT refund_is_live(r.state)) AS stayed
		FROM refund r WHERE in_scope($1, r.order_id) GROUP BY r.order_id
	), gone AS (
		SELECT s.order_id, sum(s.shipping - s.goodwill + x.worth) AS worth
		FROM shipment s JOIN (SELECT shipment_id, sum(sales - discount + tax) AS worth
			FROM shipment_line GROUP BY shipment_id) x ON x.shipment_id = s.id
		WHERE s.handed_over_at IS NOT NULL AND in_scope($1, s.order_id)
		GROUP BY s.order_id
	), sums AS (
		SELECT h.order_id, h.captured, coalesce(p.payable, 0) AS payable,
			coalesce(p.deposits, 0) AS deposits, coalesce(r.requested, 0) AS requested,
			h.captured - coalesce(r.live, 0) - coalesce(g.worth, 0) AS left_over, o.state,
			coalesce(h.unmatched, 0) + coalesce(r.stayed, 0) AS excused
		FROM held h LEFT JOIN posted p USING (order_id) LEFT JOIN returned r USING (order_id)
		LEFT JOIN gone g USING (order_id)
		JOIN orders o ON o.id = h.order_id
	)
	SELECT 'L7', 'order:' || s.order_id, 'payable ' || s.payable || ', requested ' || s.requested
		FROM sums s WHERE s.payable <> s.requested
	UNION ALL
	SELECT 'L8', 'order:' || s.order_id, 'deposits ' || s.deposits || ', held ' || s.left_over
		FROM sums s WHERE s.deposits <> s.left_over
			OR s.state IN ('shipped', 'delivered') AND s.deposits <> 0 AND s.excused = 0;
END $$;

-- Money that came in another currency pays nothing here: it waits to go back as it came.
CREATE FUNCTION payment_is_foreign(payment_id bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT coalesce((SELECT p.captured > 0 AND NOT p.applied FROM payment p
		WHERE p.id = $1), false)
$$;

CREATE FUNCTION fsck_payments(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'P1', 'payment:' || p.id, 'captured ' || p.captured || ', refunds '
			|| sum(r.amount)
		FROM payment p JOIN refund r ON r.payment_id = p.id
			AND r.state NOT IN ('failed', 'rejected', 'canceled')
		WHERE in_scope($1, p.order_id) GROUP BY p.id HAVING sum(r.amount) > p.captured;
	RETURN QUERY SELECT 'P2', 'order:' || p.order_id, count(*) || ' applied payments'
		FROM payment p WHERE p.applied AND in_scope($1, p.order_id)
		GROUP BY p.order_id HAVING count(*) > 1;
	RETURN QUERY SELECT 'P3', x.what, x.currency || ' on an order in ' || o.currency
		FROM (SELECT 'payment:' || id AS what, order_id, currency, id AS payment_id
				FROM payment
			UNION ALL SELECT 'refund:' || id, order_id, currency, payment_id
				FROM refund) x
		JOIN orders o ON o.id = x.order_id
		WHERE x.currency <> o.currency AND in_scope($1, o.id)
			AND NOT payment_is_foreign(x.payment_id);
	RETURN QUERY SELECT 'P4', 'refund:' || r.id, 'provider_ref ' || r.provider_ref || ', no call'
		FROM refund r WHERE r.provider_ref IS NOT NULL AND in_scope($1, r.order_id)
			AND r.key <> 'provider:' || r.provider_ref -- nobody here asked
			AND NOT EXISTS (SELECT FROM provider_op o WHERE o.refund_id = r.id);
	RETURN QUERY SELECT 'P5', 'payment:' || p.id, 'provider_ref ' || p.provider_ref || ', no call'
		FROM payment p WHERE p.provider_ref IS NOT NULL AND p.provider <> 'manual'
			AND in_scope($1, p.order_id)
			AND NOT EXISTS (SELECT FROM provider_op o WHERE o.payment_id = p.id)
			AND NOT EXISTS (SELECT FROM incident i WHERE i.payment_id = p.id);
	RETURN QUERY SELECT 'P6', 'payment:' || p.id, 'captured ' || p.captured || ' of '
			|| p.amount
		FROM payment p WHERE p.captured > p.amount AND in_scope($1, p.order_id);
	RETURN QUERY SELECT 'P7', 'provider:' || x.provider_ref, count(*) || ' things'
		FROM (SELECT provider_ref FROM payment UNION ALL SELECT provider_ref FROM refund) x
		WHERE x.provider_ref IS NOT NULL AND $1 IS NULL
		GROUP BY x.provider_ref HAVING count(*) > 1;
	RETURN QUERY SELECT 'P8', 'op:' || o.id, o.kind || ' ' || o.state || ' since '
			|| o.last_sent_at
		FROM provider_op o WHERE o.state IN ('sent', 'unknown')
			AND o.last_sent_at < now() - interval '24 hours' AND in_scope($1, o.order_id)
			AND NOT EXISTS (SELECT FROM incident i WHERE i.order_id = o.order_id
				AND i.closed_at IS NULL);
END $$;
