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

-- What the ledger says of an order's money against the payments, refunds and shipments
-- themselves.  Most orders come to nothing on both sides and are done with.
CREATE FUNCTION fsck_balances(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY WITH sums AS (
		SELECT x.order_id, -sum(x.payable) AS payable, -sum(x.deposits) AS deposits,
			sum(x.requested) AS requested, sum(x.held) AS held, sum(x.excused) AS excused
		FROM (
			SELECT e.order_id, CASE l.account WHEN 'refund:payable' THEN l.amount END,
				CASE l.account WHEN 'customer:deposits' THEN l.amount END, NULL::bigint,
				NULL::bigint, NULL::bigint
			FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id
			WHERE l.account IN ('refund:payable', 'customer:deposits')
				AND e.order_id IS NOT NULL AND in_scope($1, e.order_id)
			UNION ALL
			SELECT p.order_id, NULL, NULL, NULL, p.captured,
				CASE WHEN NOT p.applied THEN p.captured END
			FROM payment p WHERE p.captured > 0 AND in_scope($1, p.order_id)
			UNION ALL
			SELECT r.order_id, NULL, NULL, CASE r.state WHEN 'requested' THEN r.amount END,
				CASE WHEN r.state NOT IN ('failed', 'rejected', 'canceled', 'proposed')
					THEN r.recognised - r.amount END,
				CASE WHEN r.state IN ('failed', 'rejected', 'canceled') THEN r.amount END
			FROM refund r WHERE in_scope($1, r.order_id)
			UNION ALL
			SELECT s.order_id, NULL, NULL, NULL, s.goodwill - s.shipping, NULL
			FROM shipment s WHERE s.handed_over_at IS NOT NULL AND in_scope($1, s.order_id)
			UNION ALL
			SELECT s.order_id, NULL, NULL, NULL, y.discount - y.sales - y.tax, NULL
			FROM shipment s JOIN shipment_line y ON y.shipment_id = s.id
			WHERE s.handed_over_at IS NOT NULL AND in_scope($1, s.order_id)
			OFFSET 0 -- partial sums of as many orders as there are save nothing
		) AS x (order_id, payable, deposits, requested, held, excused)
		GROUP BY x.order_id
		HAVING coalesce(sum(x.payable), 0) + coalesce(sum(x.requested), 0) <> 0
			OR coalesce(sum(x.deposits), 0) <> 0 OR coalesce(sum(x.held), 0) <> 0
	)
	SELECT x.code, 'order:' || s.order_id, x.detail FROM sums s
	LEFT JOIN orders o ON o.id = s.order_id
	CROSS JOIN LATERAL (
		SELECT 'L7', 'payable ' || coalesce(s.payable, 0) || ', requested '
				|| coalesce(s.requested, 0)
			WHERE coalesce(s.payable, 0) <> coalesce(s.requested, 0)
		UNION ALL SELECT 'L8', 'deposits ' || coalesce(s.deposits, 0) || ', held '
				|| coalesce(s.held, 0)
			WHERE coalesce(s.deposits, 0) <> coalesce(s.held, 0)
				OR o.state IN ('shipped', 'delivered') AND s.deposits <> 0
					AND coalesce(s.excused, 0) = 0) AS x (code, detail);
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
	RETURN QUERY SELECT x.code, 'payment:' || p.id, x.detail
		FROM payment p LEFT JOIN orders o ON o.id = p.order_id AND in_scope($1, o.id)
		CROSS JOIN LATERAL (
			SELECT 'O8', 'payment without an order' WHERE o.id IS NULL
			UNION ALL SELECT 'P3', p.currency || ' on an order in ' || o.currency
				WHERE p.currency <> o.currency AND (p.applied OR p.captured = 0)
			UNION ALL SELECT 'P6', 'captured ' || p.captured || ' of ' || p.amount
				WHERE p.captured > p.amount) AS x (code, detail)
		WHERE in_scope($1, p.order_id) AND (o.id IS NULL OR p.currency <> o.currency
			OR p.captured > p.amount);
	RETURN QUERY SELECT 'P3', 'refund:' || r.id, r.currency || ' on an order in ' || o.currency
		FROM refund r JOIN orders o ON o.id = r.order_id AND in_scope($1, o.id)
		WHERE in_scope($1, r.order_id) AND r.currency <> o.currency
			AND NOT payment_is_foreign(r.payment_id);
	RETURN QUERY SELECT 'P4', 'refund:' || r.id, 'provider_ref ' || r.provider_ref || ', no call'
		FROM refund r WHERE r.provider_ref IS NOT NULL AND in_scope($1, r.order_id)
			AND r.key <> 'provider:' || r.provider_ref -- nobody here asked
			AND NOT EXISTS (SELECT FROM provider_op o WHERE o.refund_id = r.id
				AND o.order_id = r.order_id AND in_scope($1, o.order_id));
	RETURN QUERY SELECT 'P5', 'payment:' || p.id, 'provider_ref ' || p.provider_ref || ', no call'
		FROM payment p WHERE p.provider_ref IS NOT NULL AND p.provider <> 'manual'
			AND in_scope($1, p.order_id)
			AND NOT EXISTS (SELECT FROM provider_op o WHERE o.payment_id = p.id)
			AND NOT EXISTS (SELECT FROM incident i WHERE i.payment_id = p.id);
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
