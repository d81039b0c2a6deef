-- What happened to stock: its movements, what lay there then, who holds it now, and how
-- long it will last.

-- The newest movements, the oldest of them first, with what lay there after each.
CREATE FUNCTION api.stock_ledger(p_sku text, p_warehouse text, since timestamptz,
	max_rows bigint)
RETURNS TABLE (id bigint, at timestamptz, warehouse text, delta bigint, on_hand bigint,
	everywhere bigint, reason text, reference text, unit_cost amount, note text, actor text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	v variant := variant_named($1);
	only_id bigint := CASE WHEN $2 IS NOT NULL THEN (warehouse_named($2)).id END;
BEGIN
	RETURN QUERY SELECT * FROM (
		SELECT m.id, m.at, w.code, m.delta, m.on_hand, m.everywhere, m.reason, m.reference,
			CASE WHEN c.currency IS NOT NULL THEN ROW(c.cost, c.currency)::amount END, m.note,
			m.actor
		FROM (SELECT x.*,
				(sum(x.delta) OVER (PARTITION BY x.warehouse_id ORDER BY x.id))::bigint AS on_hand,
				(sum(x.delta) OVER (ORDER BY x.id))::bigint AS everywhere
			FROM stock_movement x WHERE x.variant_id = v.id) m
		JOIN warehouse w ON w.id = m.warehouse_id
		LEFT JOIN LATERAL (SELECT min(l.currency) AS currency,
				round(sum(l.qty * l.unit_cost::numeric) / sum(l.qty))::bigint AS cost
			FROM stock_receipt_line l WHERE l.variant_id = v.id AND l.unit_cost IS NOT NULL
				AND l.receipt_id = CASE WHEN m.reference ~ '^receipt:\d+$'
					THEN substr(m.reference, 9)::bigint END
			HAVING count(DISTINCT l.currency) = 1) c ON true
		WHERE (only_id IS NULL OR m.warehouse_id = only_id) AND ($3 IS NULL OR m.at >= $3)
		ORDER BY m.id DESC LIMIT coalesce($4, 50)) newest
	ORDER BY newest.id;
END $$;

-- What lay where at a time, by the movements until then; of one SKU, or of all that lay
-- there.
CREATE FUNCTION api.stock_as_of(moment timestamptz, p_sku text, p_warehouse text)
RETURNS TABLE (sku text, warehouse text, on_hand bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	wanted bigint := CASE WHEN $2 IS NOT NULL THEN (variant_named($2)).id END;
	only_id bigint := CASE WHEN $3 IS NOT NULL THEN (warehouse_named($3)).id END;
BEGIN
	RETURN QUERY SELECT v.sku, w.code, m.on_hand
	FROM (SELECT x.variant_id, x.warehouse_id, sum(x.delta)::bigint AS on_hand
		FROM stock_movement x WHERE x.at <= $1 AND (wanted IS NULL OR x.variant_id = wanted)
			AND (only_id IS NULL OR x.warehouse_id = only_id)
		GROUP BY 1, 2) m
	JOIN variant v ON v.id = m.variant_id JOIN warehouse w ON w.id = m.warehouse_id
	WHERE m.on_hand <> 0 OR wanted IS NOT NULL
	ORDER BY v.sku, w.priority, w.code;
END $$;

-- Orders that hold it.
CREATE FUNCTION stock_held_by_orders(variant bigint)
RETURNS TABLE (warehouse_id bigint, qty bigint, kind text, id bigint, state text,
	until timestamptz, detail text) LANGUAGE sql STABLE AS $$
	SELECT l.warehouse_id, sum(l.qty - l.shipped - l.dropped)::bigint, 'order', o.id, o.state,
		CASE WHEN o.state IN ('pending', 'expiring') THEN o.expires_at END,
		CASE WHEN l.stock_state = 'active' THEN 'reserved until it is paid'
			ELSE coalesce((SELECT 'packed: shipment ' || string_agg(DISTINCT s.id::text, ', ')
				FROM shipment s JOIN shipment_line y ON y.shipment_id = s.id
				JOIN order_line x ON x.order_id = o.id AND x.n = y.n
				WHERE s.order_id = o.id AND s.state IN ('draft', 'labeled')
					AND x.variant_id = $1 AND x.warehouse_id = l.warehouse_id),
				'to be sent') END
	FROM order_line l JOIN orders o ON o.id = l.order_id
	WHERE l.variant_id = $1 AND l.stock_state IN ('active', 'committed')
	GROUP BY l.warehouse_id, l.stock_state, o.id
$$;

-- What is on its way, being counted or back from a customer.
CREATE FUNCTION stock_elsewhere(variant bigint)
RETURNS TABLE (warehouse_id bigint, qty bigint, kind text, id bigint, state text,
	until timestamptz, detail text) LANGUAGE sql STABLE AS $$
	SELECT CASE t.state WHEN 'draft' THEN t.from_id ELSE t.to_id END,
		CASE t.state WHEN 'draft' THEN l.qty ELSE l.shipped - l.received - l.lost - l.back END,
		'transfer', t.id, t.state, NULL::timestamptz,
		CASE t.state WHEN 'draft' THEN 'planned, holds nothing: to ' ELSE 'comes from ' END
			|| w.code
	FROM transfer_line l JOIN transfer t ON t.id = l.transfer_id
	JOIN warehouse w ON w.id = CASE t.state WHEN 'draft' THEN t.to_id ELSE t.from_id END
	WHERE l.variant_id = $1 AND t.state IN ('draft', 'in_transit')
	UNION ALL SELECT l.warehouse_id, 0, 'count', c.id, c.state, NULL,
		CASE WHEN l.counted IS NULL THEN 'is to be counted' ELSE 'was counted, not posted' END
	FROM stock_count_line l JOIN stock_count c ON c.id = l.count_id
	WHERE l.variant_id = $1 AND l.live
	UNION ALL SELECT r.warehouse_id, sum(y.received - y.restocked - y.scrapped)::bigint,
		'return', r.id, r.state, NULL, 'came back, to be looked at'
	FROM return_request r JOIN return_line y ON y.return_id = r.id
	JOIN order_line l ON l.order_id = r.order_id AND l.n = y.n AND l.variant_id = $1
	WHERE r.state = 'received' AND y.received > y.restocked + y.scrapped
	GROUP BY r.id
$$;

-- Who holds it: orders with their state and until when, transfers, counts, returns.
CREATE FUNCTION api.stock_why(p_sku text, p_warehouse text)
RETURNS TABLE (warehouse text, kind text, id bigint, state text, qty bigint, holds boolean,
	until timestamptz, detail text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	v variant := variant_named($1);
	only_id bigint := CASE WHEN $2 IS NOT NULL THEN (warehouse_named($2)).id END;
BEGIN
	RETURN QUERY SELECT w.code, x.kind, x.id, x.state, x.qty, x.holds, x.until, x.detail
	FROM (SELECT *, true AS holds FROM stock_held_by_orders(v.id)
		UNION ALL SELECT *, false FROM stock_elsewhere(v.id)) x
	JOIN warehouse w ON w.id = x.warehouse_id
	WHERE only_id IS NULL OR x.warehouse_id = only_id
	ORDER BY w.priority, w.code, x.holds DESC, x.kind, x.id;
END $$;

-- What runs out: less there than its places ask for, or fewer days than that of sales as
-- they were in the last days.
CREATE FUNCTION api.stock_low(cover bigint, days bigint, max_rows bigint)
RETURNS TABLE (sku text, title text, available bigint, incoming bigint, wanted bigint,
	sold bigint, a_day double precision, days_left double precision, lacking bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	IF $2 <= 0 THEN
		PERFORM invalid('days_are_some', 'sales are looked at over one day at least',
			'--over 30');
	END IF;
	RETURN QUERY WITH sale AS (
		SELECT r.item, sum(r.units)::bigint AS units FROM rollup_item_hour r
		WHERE r.kind = 'product' AND r.hour >= now() - $2 * interval '1 day' GROUP BY 1
	), shelf AS (
		SELECT s.variant_id, sum(s.on_hand - s.reserved) FILTER (WHERE w.open) AS available,
			sum(s.reorder_point) AS wanted
		FROM stock s JOIN warehouse w ON w.id = s.warehouse_id GROUP BY 1
	), way AS (
		SELECT i.variant_id, sum(i.qty) AS qty FROM stock_incoming(NULL) i GROUP BY 1
	)
	SELECT v.sku, v.title, f.available, coalesce(way.qty, 0)::bigint, h.wanted::bigint,
		f.units, round(f.units::numeric / $2, 2)::double precision, f.days_left,
		greatest(h.wanted - f.available, ceil($1 * f.units::numeric / $2) - f.available,
			0)::bigint
	FROM shelf h JOIN variant v ON v.id = h.variant_id LEFT JOIN way ON way.variant_id = v.id
	LEFT JOIN sale ON sale.item = v.sku
	CROSS JOIN LATERAL (SELECT coalesce(h.available, 0)::bigint AS available,
		coalesce(sale.units, 0) AS units, CASE WHEN sale.units > 0 THEN round(
			coalesce(h.available, 0) * $2 / sale.units::numeric, 1)::double precision END
			AS days_left) f
	WHERE f.available < h.wanted OR f.days_left < $1
	ORDER BY f.days_left NULLS LAST, v.sku LIMIT coalesce($3, 50);
END $$;
