-- What fsck proves of stock, reservations and shipments.

CREATE FUNCTION fsck_stock(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	touched bigint[] := CASE WHEN $1 IS NOT NULL THEN ARRAY(SELECT DISTINCT l.variant_id
		FROM order_line l WHERE l.order_id = ANY ($1)) END;
BEGIN
	RETURN QUERY SELECT 'S1', 'stock:' || variant_id || '@' || warehouse_id,
			'on_hand ' || coalesce(s.on_hand, 0) || ', movements ' || coalesce(m.delta, 0)
		FROM stock s FULL JOIN (SELECT variant_id, warehouse_id, slice, sum(delta) AS delta
			FROM stock_movement WHERE in_scope(touched, variant_id) GROUP BY 1, 2, 3) m USING (variant_id, warehouse_id, slice)
		WHERE in_scope(touched, variant_id) AND coalesce(s.on_hand, 0) <> coalesce(m.delta, 0);
	RETURN QUERY SELECT 'S2', 'stock:' || variant_id || '@' || warehouse_id,
			'reserved ' || coalesce(s.reserved, 0) || ', lines hold ' || coalesce(l.qty, 0)
		FROM stock s FULL JOIN (SELECT variant_id, warehouse_id, slice,
			sum(qty - shipped - dropped) AS qty
			FROM order_line WHERE stock_state IN ('active', 'committed')
				AND in_scope(touched, variant_id) GROUP BY 1, 2, 3) l
			USING (variant_id, warehouse_id, slice)
		WHERE in_scope(touched, variant_id)
			AND coalesce(s.reserved, 0) <> coalesce(l.qty, 0);
	RETURN QUERY SELECT 'S3', 'stock:' || s.variant_id || '@' || s.warehouse_id,
			'reserved ' || s.reserved || ' of ' || s.on_hand
		FROM stock s WHERE in_scope(touched, s.variant_id) AND s.reserved NOT BETWEEN 0 AND s.on_hand;
	RETURN QUERY SELECT 'S4', 'order:' || o.id, o.state || ', line ' || l.n || ' is '
			|| l.stock_state
		FROM orders o JOIN order_line l ON l.order_id = o.id
		WHERE in_scope($1, o.id) AND l.stock_state <> CASE
			WHEN o.state = 'canceling' AND EXISTS (SELECT FROM payment p
				WHERE p.order_id = o.id AND p.applied) THEN 'committed'
			WHEN o.state IN ('pending', 'expiring', 'canceling') THEN 'active'
			WHEN o.state IN ('expired', 'canceled') THEN 'released'
			WHEN o.state IN ('shipped', 'delivered') THEN
				CASE l.shipped WHEN 0 THEN 'released' ELSE 'consumed' END
			WHEN l.shipped > 0 AND l.shipped + l.dropped = l.qty THEN 'consumed'
			ELSE 'committed' END;
	RETURN QUERY SELECT 'S9', 'stock:' || s.variant_id || '@' || s.warehouse_id,
			'no such variant or warehouse'
		FROM stock s WHERE $1 IS NULL AND (NOT EXISTS (SELECT FROM variant v
				WHERE v.id = s.variant_id)
			OR NOT EXISTS (SELECT FROM warehouse w WHERE w.id = s.warehouse_id));
END $$;

CREATE FUNCTION fsck_shipments(scope bigint[]) RETURNS TABLE (code text, object text, detail text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN QUERY SELECT 'S5', 'order:' || l.order_id, 'line ' || l.n || ' is '
			|| l.stock_state || ', ' || l.shipped || ' shipped and ' || l.dropped
			|| ' dropped of ' || l.qty
		FROM order_line l WHERE in_scope($1, l.order_id) AND (
			l.shipped < 0 OR l.dropped < 0 OR l.shipped + l.dropped > l.qty
			OR l.shipped > 0 AND l.stock_state NOT IN ('committed', 'consumed')
			OR l.stock_state = 'consumed'
				AND (l.shipped = 0 OR l.shipped + l.dropped < l.qty));
	RETURN QUERY SELECT 'S6', 'shipment:' || k.id, 'variant ' || k.variant_id
			|| ': moved ' || coalesce(k.moved, 0) || ', took ' || coalesce(k.took, 0)
		FROM (SELECT coalesce(x.id, m.id) AS id, variant_id, m.moved, x.took,
				coalesce(x.order_id, (SELECT s.order_id FROM shipment s WHERE s.id = m.id))
					AS order_id
			FROM (SELECT s.id, s.order_id, l.variant_id, l.warehouse_id, l.slice,
					sum(y.qty) AS took
				FROM shipment s JOIN shipment_line y ON y.shipment_id = s.id
				JOIN order_line l ON l.order_id = s.order_id AND l.n = y.n
				WHERE s.handed_over_at IS NOT NULL AND in_scope($1, s.order_id)
				GROUP BY s.id, l.variant_id, l.warehouse_id, l.slice) x
			FULL JOIN (SELECT split_part(v.reference, ':', 2)::bigint AS id, v.variant_id,
					v.warehouse_id, v.slice, -sum(v.delta) AS moved
				FROM stock_movement v WHERE v.reason = 'ship'
					AND ($1 IS NULL OR v.reference IN (SELECT 'shipment:' || t.id
						FROM shipment t WHERE t.order_id = ANY ($1)))
				GROUP BY 1, 2, 3, 4) m USING (id, variant_id, warehouse_id, slice)) k
		WHERE in_scope($1, k.order_id) AND coalesce(k.moved, 0) <> coalesce(k.took, 0);
	RETURN QUERY SELECT 'S7', 'order:' || l.order_id, 'line ' || l.n || ' shipped '
			|| l.shipped || ', in shipments that left ' || coalesce(x.qty, 0)
		FROM order_line l LEFT JOIN (SELECT s.order_id, y.n, sum(y.qty) AS qty
			FROM shipment s JOIN shipment_line y ON y.shipment_id = s.id
			WHERE s.handed_over_at IS NOT NULL AND in_scope($1, s.order_id)
			GROUP BY 1, 2) x
			ON x.order_id = l.order_id AND x.n = l.n
		WHERE in_scope($1, l.order_id) AND l.shipped <> coalesce(x.qty, 0);
END $$;
