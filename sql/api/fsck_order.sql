-- What fsck proves of orders, their lines and their history.

CREATE FUNCTION fsck_orders(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'O1', 'order:' || o.id, 'lines ' || l.subtotal || ' less ' || l.discount
			|| ' plus ' || l.tax || ', order ' || o.subtotal || ' less ' || o.discount
			|| ' plus ' || o.tax
		FROM orders o JOIN (SELECT order_id, sum(qty * unit_price) AS subtotal,
			sum(order_line.discount) AS discount, sum(order_line.tax) AS tax
			FROM order_line WHERE in_scope($1, order_id) GROUP BY order_id) l
			ON l.order_id = o.id
		WHERE (l.subtotal, l.discount, l.tax) <> (o.subtotal, o.discount, o.tax)
			OR o.total <> o.subtotal - o.discount + o.shipping + o.tax OR o.total < 0;
	RETURN QUERY SELECT 'O2', 'order:' || o.id, 'no lines' FROM orders o
		WHERE in_scope($1, o.id) AND NOT EXISTS (SELECT FROM order_line l WHERE l.order_id = o.id);
	RETURN QUERY SELECT 'O3', 'order:' || o.id, o.state || ', total ' || o.total || ', '
			|| count(p.id) || ' applied payments of ' || coalesce(sum(p.captured), 0)
		FROM orders o LEFT JOIN payment p ON p.order_id = o.id AND p.applied
		WHERE o.state IN ('paid', 'on_hold', 'shipped', 'delivered')
			AND in_scope($1, o.id) GROUP BY o.id
		HAVING count(p.id) <> 1 OR sum(p.captured) <> o.total AND NOT EXISTS (
			SELECT FROM order_line l WHERE l.order_id = o.id AND l.dropped > 0);
	RETURN QUERY SELECT 'O4', 'order:' || o.id, o.state || ' with applied payment ' || p.id
		FROM orders o JOIN payment p ON p.order_id = o.id AND p.applied
		WHERE o.state IN ('pending', 'expiring', 'expired') AND in_scope($1, o.id);
	RETURN QUERY SELECT 'O3', 'order:' || o.id, 'authorized, but payment '
			|| coalesce(p.id || ' is ' || p.state || ' over ' || p.amount, 'is missing')
		FROM orders o LEFT JOIN payment p ON p.order_id = o.id AND p.applied
		WHERE o.state = 'authorized' AND in_scope($1, o.id) AND (p.id IS NULL OR p.amount <> o.total
			OR p.state <> 'authorized' AND NOT EXISTS (SELECT FROM incident i
				WHERE i.order_id = o.id AND i.closed_at IS NULL));
	RETURN QUERY SELECT CASE WHEN o.state = 'canceled' THEN 'O6' ELSE 'O5' END,
			'payment:' || p.id, 'captured ' || p.captured || ', on its way back '
			|| coalesce(r.back, 0)
		FROM payment p JOIN orders o ON o.id = p.order_id
		LEFT JOIN LATERAL (SELECT sum(f.amount) AS back FROM refund f
			WHERE f.payment_id = p.id AND (refund_is_live(f.state) AND f.state <> 'proposed'
				OR EXISTS (SELECT FROM incident i WHERE i.order_id = f.order_id
					AND i.closed_at IS NULL))) r ON true
		WHERE p.captured > 0 AND (NOT p.applied OR o.state = 'canceled')
			AND in_scope($1, o.id)
			AND p.captured > coalesce(r.back, 0) + payment_lost(p.id)
			AND NOT payment_disputed(p.id);
	RETURN QUERY SELECT 'O7', 'order:' || e.order_id, coalesce(e.was, '-') || ' then '
			|| e.from_state || ' to ' || e.to_state
		FROM (SELECT v.*, lag(v.to_state, 1, 'pending') OVER (PARTITION BY v.order_id
			ORDER BY v.id) AS was FROM order_event v
			WHERE v.machine = 'order' AND in_scope($1, v.order_id)) e
		WHERE e.from_state IS DISTINCT FROM e.was OR NOT EXISTS (SELECT FROM state_edge g
			WHERE g.machine = 'order' AND g.event = e.event
			AND g.from_state = e.from_state AND g.to_state = e.to_state);
	RETURN QUERY SELECT 'O7', 'order:' || o.id, 'state ' || o.state || ', last event '
			|| coalesce(e.to_state, 'pending')
		FROM orders o LEFT JOIN (SELECT DISTINCT ON (v.order_id) v.order_id, v.to_state
			FROM order_event v
			WHERE v.machine = 'order' AND in_scope($1, v.order_id)
			ORDER BY v.order_id, v.id DESC) e ON e.order_id = o.id
		WHERE o.state <> coalesce(e.to_state, 'pending') AND in_scope($1, o.id);
	RETURN QUERY SELECT 'O9', v.machine || ':' || v.subject_id, coalesce(v.was, '-')
			|| ' then ' || v.from_state || ' to ' || v.to_state
		FROM (SELECT e.*, lag(e.to_state) OVER (PARTITION BY e.machine, e.subject_id
			ORDER BY e.id) AS was FROM order_event e
			WHERE e.subject_id IS NOT NULL AND in_scope($1, e.order_id)) v
		WHERE v.was <> v.from_state OR NOT EXISTS (SELECT FROM state_edge g
			WHERE (g.machine, g.from_state, g.event, g.to_state)
				= (v.machine, v.from_state, v.event, v.to_state));
	RETURN QUERY SELECT 'O9', x.machine || ':' || x.id, 'state ' || x.state
			|| ', last moved to ' || v.to_state
		FROM (SELECT 'payment', p.id, p.order_id, p.state FROM payment p
			UNION ALL SELECT 'refund', r.id, r.order_id, r.state FROM refund r
			UNION ALL SELECT 'shipment', h.id, h.order_id, h.state FROM shipment h)
			AS x (machine, id, order_id, state)
		JOIN (SELECT DISTINCT ON (e.machine, e.subject_id) e.machine, e.subject_id,
				e.to_state FROM order_event e
			WHERE e.subject_id IS NOT NULL AND in_scope($1, e.order_id)
			ORDER BY e.machine, e.subject_id, e.id DESC) v
			ON v.machine = x.machine AND v.subject_id = x.id
		WHERE v.to_state <> x.state;
	RETURN QUERY SELECT 'O8', 'payment:' || x.payment_id, 'part without a payment'
		FROM payment_part x WHERE $1 IS NULL
			AND NOT EXISTS (SELECT FROM payment p WHERE p.id = x.payment_id);
	RETURN QUERY SELECT 'O8', 'order:' || x.order_id, x.what || ' without an order'
		FROM (SELECT order_id, 'line' AS what FROM order_line
			UNION SELECT order_id, 'payment' FROM payment
			UNION SELECT order_id, 'contact' FROM order_contact) x
		WHERE in_scope($1, x.order_id)
			AND NOT EXISTS (SELECT FROM orders o WHERE o.id = x.order_id);
END $$;
