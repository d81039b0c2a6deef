-- What fsck proves of stock, reservations, shipments and returns.

CREATE FUNCTION fsck_stock(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	touched bigint[] := CASE WHEN $1 IS NOT NULL THEN ARRAY(SELECT DISTINCT l.variant_id
		FROM order_line l WHERE l.order_id = ANY ($1)) END;
BEGIN
	RETURN QUERY SELECT x.code, 'stock:' || variant_id || '@' || warehouse_id, x.detail
		FROM (SELECT * FROM stock s WHERE in_scope(touched, s.variant_id)) s
		FULL JOIN (SELECT v.variant_id, v.warehouse_id, v.slice, sum(v.delta) AS delta
			FROM stock_movement v WHERE in_scope(touched, v.variant_id) GROUP BY 1, 2, 3) m
			USING (variant_id, warehouse_id, slice)
		FULL JOIN (SELECT l.variant_id, l.warehouse_id, l.slice,
				sum(l.qty - l.shipped - l.dropped) AS qty
			FROM order_line l WHERE l.stock_state IN ('active', 'committed')
				AND in_scope(touched, l.variant_id) GROUP BY 1, 2, 3) l
			USING (variant_id, warehouse_id, slice)
		CROSS JOIN LATERAL (
			SELECT 'S1', 'on_hand ' || coalesce(s.on_hand, 0) || ', movements '
				|| coalesce(m.delta, 0) WHERE coalesce(s.on_hand, 0) <> coalesce(m.delta, 0)
			UNION ALL SELECT 'S2', 'reserved ' || coalesce(s.reserved, 0) || ', lines hold '
				|| coalesce(l.qty, 0) WHERE coalesce(s.reserved, 0) <> coalesce(l.qty, 0)
			UNION ALL SELECT 'S3', 'reserved ' || s.reserved || ' of ' || s.on_hand
				WHERE s.reserved NOT BETWEEN 0 AND s.on_hand) AS x (code, detail);
	RETURN QUERY SELECT 'S9', 'stock:' || s.variant_id || '@' || s.warehouse_id,
			'no such variant or warehouse'
		FROM stock s WHERE $1 IS NULL AND (NOT EXISTS (SELECT FROM variant v
				WHERE v.id = s.variant_id)
			OR NOT EXISTS (SELECT FROM warehouse w WHERE w.id = s.warehouse_id));
END $$;

-- The same for one order.  Whose lines hold how much of a variant is known by reading all
-- lines only, so that here no more is asked than that what its own hold is reserved.
CREATE FUNCTION fsck_stock_of(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT x.code, 'stock:' || l.variant_id || '@' || l.warehouse_id, x.detail
		FROM (SELECT y.variant_id, y.warehouse_id, y.slice, sum(CASE WHEN y.stock_state
				IN ('active', 'committed') THEN y.qty - y.shipped - y.dropped ELSE 0 END) AS qty
			FROM order_line y WHERE y.order_id = ANY ($1) GROUP BY 1, 2, 3) l
		LEFT JOIN stock s ON (s.variant_id, s.warehouse_id, s.slice)
			= (l.variant_id, l.warehouse_id, l.slice)
		CROSS JOIN LATERAL (SELECT coalesce(sum(v.delta), 0) AS delta FROM stock_movement v
			WHERE (v.variant_id, v.warehouse_id, v.slice)
				= (l.variant_id, l.warehouse_id, l.slice)) m
		CROSS JOIN LATERAL (
			SELECT 'S1', 'on_hand ' || coalesce(s.on_hand, 0) || ', movements ' || m.delta
				WHERE coalesce(s.on_hand, 0) <> m.delta
			UNION ALL SELECT 'S2', 'reserved ' || coalesce(s.reserved, 0)
				|| ', the order''s lines alone hold ' || l.qty
				WHERE coalesce(s.reserved, 0) < l.qty
			UNION ALL SELECT 'S3', 'reserved ' || s.reserved || ' of ' || s.on_hand
				WHERE s.reserved NOT BETWEEN 0 AND s.on_hand) AS x (code, detail);
END $$;

CREATE FUNCTION fsck_shipments(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'S4', 'order:' || o.id, o.state || ', line ' || l.n || ' is '
			|| l.stock_state
		FROM orders o JOIN order_line l ON l.order_id = o.id AND in_scope($1, l.order_id)
		WHERE in_scope($1, o.id) AND l.stock_state <> CASE
			WHEN o.state = 'canceling' AND EXISTS (SELECT FROM payment p
				WHERE p.order_id = o.id AND p.applied) THEN 'committed'
			WHEN o.state IN ('pending', 'expiring', 'canceling') THEN 'active'
			WHEN o.state IN ('expired', 'canceled') THEN 'released'
			WHEN o.state IN ('shipped', 'delivered') THEN
				CASE l.shipped WHEN 0 THEN 'released' ELSE 'consumed' END
			WHEN l.shipped > 0 AND l.shipped + l.dropped = l.qty THEN 'consumed'
			ELSE 'committed' END;
	RETURN QUERY SELECT 'S5', 'order:' || l.order_id, 'line ' || l.n || ' is '
			|| l.stock_state || ', ' || l.shipped || ' shipped and ' || l.dropped
			|| ' dropped of ' || l.qty
		FROM order_line l WHERE in_scope($1, l.order_id) AND (
			l.shipped < 0 OR l.dropped < 0 OR l.shipped + l.dropped > l.qty
			OR l.shipped > 0 AND l.stock_state NOT IN ('committed', 'consumed')
			OR l.stock_state = 'consumed'
				AND (l.shipped = 0 OR l.shipped + l.dropped < l.qty));
	RETURN QUERY SELECT 'S6', 'shipment:' || k.id, 'variant ' || k.variant_id
			|| ': moved ' || k.moved || ', took ' || k.took
		FROM (SELECT z.id, z.variant_id, sum(z.moved) AS moved, sum(z.took) AS took
			FROM (SELECT s.id, l.variant_id, l.warehouse_id, l.slice, 0 AS moved, y.qty AS took
				FROM shipment s JOIN shipment_line y ON y.shipment_id = s.id
				JOIN order_line l ON l.order_id = s.order_id AND l.n = y.n
					AND in_scope($1, l.order_id)
				WHERE s.handed_over_at IS NOT NULL AND in_scope($1, s.order_id)
				UNION ALL SELECT split_part(v.reference, ':', 2)::bigint, v.variant_id,
					v.warehouse_id, v.slice, -v.delta, 0
				FROM stock_movement v WHERE v.reason = 'ship' AND ($1 IS NULL
					OR v.reference = ANY (ARRAY(SELECT 'shipment:' || t.id FROM shipment t
						WHERE t.order_id = ANY ($1))))) AS z
			GROUP BY z.id, z.variant_id, z.warehouse_id, z.slice) k
		WHERE k.moved <> k.took;
	RETURN QUERY SELECT 'S7', 'order:' || z.order_id, 'line ' || z.n || ' shipped '
			|| sum(z.shipped) || ', in shipments that left ' || sum(z.gone)
		FROM (SELECT l.order_id, l.n, l.shipped, 0::bigint AS gone FROM order_line l
				WHERE l.shipped <> 0 AND in_scope($1, l.order_id)
			UNION ALL SELECT s.order_id, y.n, 0, y.qty
				FROM shipment s JOIN shipment_line y ON y.shipment_id = s.id
				WHERE s.handed_over_at IS NOT NULL AND in_scope($1, s.order_id)
			OFFSET 0) z -- as in fsck_balances()
		GROUP BY z.order_id, z.n HAVING sum(z.shipped) <> sum(z.gone);
END $$;

-- What comes back: announced units while it is on its way, received ones from then on.
CREATE FUNCTION fsck_returns(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'S10', 'return:' || x.last, 'line ' || x.n || ': ' || x.qty
			|| ' came back or are to, ' || coalesce(l.shipped, 0) || ' left'
		FROM (SELECT r.order_id, y.n, max(r.id) AS last, sum(CASE WHEN r.state IN ('requested',
				'approved') THEN y.qty ELSE y.received END) AS qty
			FROM return_request r JOIN return_line y ON y.return_id = r.id
			WHERE r.state NOT IN ('rejected', 'canceled') AND in_scope($1, r.order_id)
			GROUP BY 1, 2) x
		LEFT JOIN order_line l ON l.order_id = x.order_id AND l.n = x.n
			AND in_scope($1, l.order_id)
		WHERE x.qty > coalesce(l.shipped, 0);
	RETURN QUERY SELECT 'S11', 'return:' || k.id, 'variant ' || k.variant_id || ': moved '
			|| k.back || ' in and ' || k.out || ' out again, restocked ' || k.restocked
			|| ' and scrapped ' || k.scrapped
		FROM (SELECT z.id, z.variant_id, sum(z.back) AS back, sum(z.out) AS out,
				sum(z.restocked) AS restocked, sum(z.scrapped) AS scrapped
			FROM (SELECT r.id, l.variant_id, 0 AS back, 0 AS out, y.restocked, y.scrapped
				FROM return_request r JOIN return_line y ON y.return_id = r.id
				JOIN order_line l ON l.order_id = r.order_id AND l.n = y.n
				UNION ALL SELECT split_part(v.reference, ':', 2)::bigint, v.variant_id,
					CASE v.reason WHEN 'return' THEN v.delta ELSE 0 END,
					CASE v.reason WHEN 'scrap' THEN -v.delta ELSE 0 END, 0, 0
				FROM stock_movement v WHERE v.reason IN ('return', 'scrap')
					AND v.reference LIKE 'return:%') AS z
			GROUP BY z.id, z.variant_id) k
		WHERE $1 IS NULL AND (k.back <> k.restocked + k.scrapped OR k.out <> k.scrapped);
END $$;

-- Goods that came in, went from one warehouse to another or were counted: each of their
-- movements is what their lines say, and in their warehouse.
CREATE FUNCTION fsck_goods() RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'S8', 'transfer:' || k.id, format('variant %s, %s: out %s, in transit '
			'%s, in %s and back %s; moved out %s, in %s, lost %s of %s and back %s',
			k.variant_id, k.state, k.shipped, k.shipped - k.received - k.lost - k.back,
			k.received + k.lost, k.back, k.moved[1], k.moved[2], k.moved[3], k.lost, k.moved[4])
		FROM (SELECT coalesce(l.transfer_id, m.transfer_id) AS id,
				coalesce(l.variant_id, m.variant_id) AS variant_id, t.state, l.shipped, l.received,
				l.lost, l.back, ARRAY[coalesce(m.gone, 0),
				coalesce(m.came, 0), coalesce(m.lost, 0), coalesce(m.back, 0)] AS moved
			FROM transfer_line l JOIN transfer t ON t.id = l.transfer_id
			FULL JOIN fsck_transfer_moved() m
				ON m.transfer_id = l.transfer_id AND m.variant_id = l.variant_id) k
		WHERE k.moved <> ARRAY[k.shipped, k.received + k.lost, k.lost,
				k.back]
			OR k.state = 'draft' AND k.shipped <> 0
			OR k.state IN ('received', 'canceled') AND k.shipped <> k.received + k.lost + k.back;
	RETURN QUERY SELECT x.code, x.kind || ':' || x.id, format('variant %s: %s, moved %s',
			x.variant_id, sum(x.said), sum(x.moved))
		FROM (SELECT 'S12' AS code, 'count' AS kind, l.count_id AS id, l.variant_id,
				l.warehouse_id, CASE c.state WHEN 'posted' THEN l.counted - l.book ELSE 0 END
					AS said, 0 AS moved
			FROM stock_count_line l JOIN stock_count c ON c.id = l.count_id
			UNION ALL SELECT 'S13', 'receipt', l.receipt_id, l.variant_id, r.warehouse_id, l.qty, 0
			FROM stock_receipt_line l JOIN stock_receipt r ON r.id = l.receipt_id
			UNION ALL SELECT g.code, g.kind, split_part(m.reference, ':', 2)::bigint,
				m.variant_id, m.warehouse_id, 0, m.delta
			FROM stock_movement m JOIN (VALUES ('S12', 'count', 'count'),
				('S13', 'receipt', 'receive')) AS g (code, kind, reason)
				ON m.reason = g.reason AND starts_with(m.reference, g.kind || ':')) x
		GROUP BY x.code, x.kind, x.id, x.variant_id, x.warehouse_id
		HAVING sum(x.said) <> sum(x.moved);
	RETURN QUERY SELECT 'S12', 'count:' || c.id, c.state || ', a line of it is '
			|| CASE WHEN l.live THEN 'open' ELSE 'closed' END
		FROM stock_count_line l JOIN stock_count c ON c.id = l.count_id
		WHERE l.live <> (c.state = 'open');
	RETURN QUERY SELECT 'S14', 'warehouse:' || w.code, CASE WHEN w.routed THEN 'looks'
			ELSE 'does not look' END || ' at addresses'
		FROM warehouse w WHERE w.routed <> (stock_policy() <> 'priority' OR EXISTS (SELECT
			FROM warehouse x WHERE x.serves <> '{}'));
END $$;

-- What moved for each transfer, in the warehouse where that may be.
CREATE FUNCTION fsck_transfer_moved() RETURNS TABLE (transfer_id bigint, variant_id bigint,
	gone bigint, came bigint, lost bigint, back bigint)
LANGUAGE sql STABLE AS $$
	SELECT m.id, m.variant_id, coalesce(-sum(m.delta) FILTER (WHERE m.reason = 'transfer_out'
			AND m.warehouse_id = t.from_id), 0)::bigint,
		coalesce(sum(m.delta) FILTER (WHERE m.reason = 'transfer_in'
			AND m.warehouse_id = t.to_id), 0)::bigint,
		coalesce(-sum(m.delta) FILTER (WHERE m.reason = 'transfer_loss'
			AND m.warehouse_id = t.to_id), 0)::bigint,
		coalesce(sum(m.delta) FILTER (WHERE m.reason = 'transfer_back'
			AND m.warehouse_id = t.from_id), 0)::bigint
	FROM (SELECT split_part(x.reference, ':', 2)::bigint AS id, x.* FROM (
			SELECT v.variant_id, v.warehouse_id, v.delta, v.reason, v.reference
			FROM stock_movement v WHERE starts_with(v.reason, 'transfer_')
				AND starts_with(v.reference, 'transfer:') OFFSET 0) x) m
	LEFT JOIN transfer t ON t.id = m.id
	GROUP BY 1, 2
$$;
