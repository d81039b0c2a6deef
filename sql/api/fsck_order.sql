-- What fsck proves of orders, their lines and their history.

CREATE FUNCTION fsck_orders(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT CASE WHEN o.id IS NULL THEN 'O8' WHEN l.id IS NULL THEN 'O2' ELSE 'O1' END,
			'order:' || coalesce(o.id, l.id), CASE WHEN o.id IS NULL THEN 'line without an order'
			WHEN l.id IS NULL THEN 'no lines' ELSE 'lines ' || l.subtotal || ' less '
				|| l.discount || ' plus ' || l.tax || ', order ' || o.subtotal || ' less '
				|| o.discount || ' plus ' || o.tax END
		FROM (SELECT * FROM orders x WHERE in_scope($1, x.id)) o
		FULL JOIN (SELECT x.order_id AS id, sum(x.qty * x.unit_price) AS subtotal,
				sum(x.discount) AS discount, sum(x.tax) AS tax
			FROM order_line x WHERE in_scope($1, x.order_id) GROUP BY x.order_id) l
			ON l.id = o.id
		WHERE o.id IS NULL OR l.id IS NULL OR l.subtotal <> o.subtotal
			OR l.discount <> o.discount OR l.tax <> o.tax
			OR o.total <> o.subtotal - o.discount + o.shipping + o.tax OR o.total < 0;
	RETURN QUERY SELECT CASE WHEN o.state IN ('pending', 'expiring', 'expired') THEN 'O4'
			ELSE 'O3' END, 'order:' || o.id, o.state || ', total ' || o.total || ', '
			|| coalesce('payment ' || p.id || ' is ' || p.state || ' over ' || p.amount
				|| ', captured ' || p.captured, 'no payment is applied')
		FROM orders o LEFT JOIN payment p ON p.order_id = o.id AND p.applied
			AND in_scope($1, p.order_id)
		WHERE in_scope($1, o.id) AND CASE
			WHEN o.state IN ('paid', 'on_hold', 'shipped', 'delivered') THEN p.id IS NULL
				OR p.captured <> o.total AND NOT EXISTS (SELECT FROM order_line l
					WHERE l.order_id = o.id AND l.dropped > 0)
			WHEN o.state IN ('authorized', 'held') THEN p.id IS NULL OR p.amount <> o.total
				OR p.state <> 'authorized' AND NOT EXISTS (SELECT FROM incident i
					WHERE i.order_id = o.id AND i.closed_at IS NULL)
			WHEN o.state IN ('pending', 'expiring', 'expired') THEN p.id IS NOT NULL END;
	RETURN QUERY SELECT CASE WHEN p.canceled THEN 'O6' ELSE 'O5' END, 'payment:' || p.id,
			'captured ' || p.captured || ', on its way back ' || p.back
		FROM (SELECT p.*, coalesce(r.back, 0) AS back, coalesce(r.asked, 0) AS asked
			FROM (SELECT y.id, y.order_id, y.captured, false AS canceled FROM payment y
					WHERE y.captured > 0 AND NOT y.applied AND in_scope($1, y.order_id)
				UNION ALL SELECT y.id, y.order_id, y.captured, true FROM orders o
					JOIN payment y ON y.order_id = o.id AND in_scope($1, y.order_id)
					WHERE o.state = 'canceled' AND y.captured > 0 AND y.applied
						AND y.state <> 'authorized' -- the rest is being let go
						AND in_scope($1, o.id)) p
			LEFT JOIN (SELECT f.payment_id, sum(f.amount) AS asked, sum(f.amount) FILTER (
					WHERE f.state NOT IN ('proposed', 'failed', 'rejected', 'canceled')) AS back
				FROM refund f WHERE in_scope($1, f.order_id) GROUP BY f.payment_id) r
				ON r.payment_id = p.id
			WHERE p.captured > coalesce(r.back, 0)) p
		CROSS JOIN LATERAL (SELECT payment_lost(p.id) AS lost) d
		WHERE p.captured > p.back + d.lost AND NOT payment_disputed(p.id)
			AND NOT (p.captured <= p.asked + d.lost AND EXISTS (SELECT FROM incident i
				WHERE i.order_id = p.order_id AND i.closed_at IS NULL));
	RETURN QUERY SELECT 'O7', 'order:' || o.id, 'state ' || o.state || ', no event' FROM orders o
		WHERE o.state <> 'pending' AND in_scope($1, o.id) AND NOT EXISTS (
			SELECT FROM order_event e WHERE e.order_id = o.id AND e.machine = 'order'
				AND in_scope($1, e.order_id));
	RETURN QUERY SELECT 'O8', CASE WHEN x.contact THEN 'order:' ELSE 'payment:' END || x.id,
			x.words FROM (
		SELECT c.order_id, true, 'contact without an order' FROM order_contact c
			WHERE in_scope($1, c.order_id) AND NOT EXISTS (SELECT FROM orders o
				WHERE o.id = c.order_id AND in_scope($1, o.id))
		UNION ALL SELECT s.payment_id, false, 'part without a payment' FROM payment_part s
			WHERE $1 IS NULL AND NOT EXISTS (SELECT FROM payment p WHERE p.id = s.payment_id))
		AS x (id, contact, words);
END $$;

-- Each step begins where the one before it ended, along an edge, and the last one led to
-- where the thing is.
CREATE FUNCTION fsck_history(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT CASE v.machine WHEN 'order' THEN 'O7' ELSE 'O9' END,
			v.machine || ':' || v.id, concat_ws(', ', coalesce(v.was, '-') || ' then '
			|| coalesce(v.from_state, '-') || ' to ' || v.to_state, 'is ' || x.state)
		FROM (SELECT e.machine, coalesce(e.subject_id, e.order_id) AS id, e.event, e.from_state,
				e.to_state, lag(e.to_state, 1, CASE e.machine WHEN 'order' THEN 'pending'
				ELSE e.from_state END) OVER w AS was, lead(e.id) OVER w IS NULL AS last
			FROM order_event e
			WHERE (e.machine = 'order' OR e.subject_id IS NOT NULL) AND in_scope($1, e.order_id)
			WINDOW w AS (PARTITION BY e.order_id, e.subject_id, e.machine COLLATE "C"
				ORDER BY e.id)) v
		LEFT JOIN state_edge g ON (g.machine, g.from_state, g.event, g.to_state)
			= (v.machine, v.from_state, v.event, v.to_state)
		LEFT JOIN (SELECT 'order', o.id, o.state FROM orders o WHERE in_scope($1, o.id)
			UNION ALL SELECT 'payment', p.id, p.state FROM payment p
				WHERE in_scope($1, p.order_id)
			UNION ALL SELECT 'refund', r.id, r.state FROM refund r WHERE in_scope($1, r.order_id)
			UNION ALL SELECT 'return', r.id, r.state FROM return_request r
				WHERE in_scope($1, r.order_id)
			UNION ALL SELECT 'shipment', s.id, s.state FROM shipment s
				WHERE in_scope($1, s.order_id)
			UNION ALL SELECT 'dispute', d.id, d.state FROM dispute d
				WHERE in_scope($1, d.order_id)
			UNION ALL SELECT 'payout', p.id, p.state FROM payout p WHERE $1 IS NULL)
			AS x (machine, id, state) ON x.machine COLLATE "C" = v.machine AND x.id = v.id
		CROSS JOIN LATERAL (SELECT g.machine IS NULL OR v.was IS DISTINCT FROM v.from_state
			AS astray) y
		WHERE (v.last OR y.astray) AND (x.state <> v.to_state OR y.astray);
END $$;
