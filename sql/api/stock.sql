-- Stock: every change of on_hand is a movement and an audit row, in one transaction.

CREATE FUNCTION api.stock_show(p_sku text, p_warehouse text)
RETURNS TABLE (sku text, warehouse text, on_hand bigint, reserved bigint, available bigint,
	incoming bigint, reorder_point bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	IF NOT EXISTS (SELECT FROM variant v WHERE v.sku = p_sku) THEN
		PERFORM absent('variant_exists', format('there is no SKU %s', p_sku),
			'shopctl product list --q ' || p_sku);
	END IF;
	RETURN QUERY
	SELECT v.sku, w.code, sum(s.on_hand)::bigint, sum(s.reserved)::bigint,
		sum(s.on_hand - s.reserved)::bigint, coalesce((SELECT i.qty
			FROM stock_incoming(v.id) i WHERE i.warehouse_id = w.id), 0),
		sum(s.reorder_point)::bigint
	FROM variant v JOIN stock s ON s.variant_id = v.id
		JOIN warehouse w ON w.id = s.warehouse_id
	WHERE v.sku = p_sku AND (p_warehouse IS NULL OR w.code = p_warehouse)
	GROUP BY v.id, w.id ORDER BY w.priority, w.code;
END $$;

-- Lock what lies there, making an empty place when there is none.
CREATE FUNCTION stock_lock(p_variant bigint, p_warehouse bigint) RETURNS stock
LANGUAGE plpgsql AS $$
DECLARE
	place stock;
BEGIN
	INSERT INTO stock (variant_id, warehouse_id) VALUES (p_variant, p_warehouse)
	ON CONFLICT DO NOTHING;
	SELECT s.* INTO place FROM stock s
	WHERE s.variant_id = p_variant AND s.warehouse_id = p_warehouse AND s.slice = 0
	FOR NO KEY UPDATE;
	RETURN place;
END $$;

-- Lock what lies at many places, in key order: whoever needs more than one place and does
-- not take them all at once asks here first.
CREATE FUNCTION stock_lock_many(variants bigint[], warehouses bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM stock_lock(p.variant, p.warehouse) FROM (SELECT DISTINCT u.variant, u.warehouse
		FROM unnest($1, $2) AS u (variant, warehouse) ORDER BY 1, 2) p;
END $$;

-- Move on_hand by delta; says which rule is in the way rather than letting a CHECK say it.
CREATE FUNCTION stock_move(place stock, delta bigint, why text, code text,
	reference text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	sku text := (SELECT v.sku FROM variant v WHERE v.id = place.variant_id);
BEGIN
	IF delta = 0 THEN
		RETURN;
	END IF;
	IF place.on_hand + delta < place.reserved THEN
		PERFORM refuse('stock_never_oversold', format(
			'%s in %s would have %s on hand, and %s of it are reserved',
			sku, code, place.on_hand + delta, place.reserved),
			format('shopctl stock why %s --warehouse %s', sku, code));
	END IF;
	UPDATE stock s SET on_hand = s.on_hand + delta
	WHERE (s.variant_id, s.warehouse_id, s.slice) =
		(place.variant_id, place.warehouse_id, place.slice);
	INSERT INTO stock_movement (variant_id, warehouse_id, slice, delta, reason, reference,
		note, actor)
	VALUES (place.variant_id, place.warehouse_id, place.slice, delta, why, $5,
		nullif(current_setting('shop.reason', true), ''), actor());
	PERFORM audit('variant:' || sku, 'stock.' || why,
		jsonb_build_object('warehouse', code, 'on_hand', place.on_hand),
		jsonb_build_object('warehouse', code, 'on_hand', place.on_hand + delta));
	PERFORM search_stock(ARRAY[place.variant_id]);
END $$;

-- Move what lies at many places, locked in key order; what is named twice is summed.  All
-- of it, or none: stock_never_oversold.  Whoever brings stock in or takes it out, but for
-- an import and a parcel that leaves, calls this.
CREATE FUNCTION stock_move_many(variants bigint[], warehouses bigint[], deltas bigint[],
	why text, reference text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	m record;
BEGIN
	FOR m IN SELECT u.variant, u.warehouse, w.code, sum(u.delta)::bigint AS delta
		FROM unnest($1, $2, $3) AS u (variant, warehouse, delta)
		JOIN warehouse w ON w.id = u.warehouse
		GROUP BY 1, 2, 3 HAVING sum(u.delta) <> 0 ORDER BY 1, 2
	LOOP
		PERFORM stock_move(stock_lock(m.variant, m.warehouse), m.delta, why, m.code, $5);
	END LOOP;
END $$;

-- What is on its way to a warehouse from another one; of a variant, or of each.
CREATE FUNCTION stock_incoming(only_variant bigint)
RETURNS TABLE (variant_id bigint, warehouse_id bigint, qty bigint) LANGUAGE sql STABLE AS $$
	SELECT l.variant_id, t.to_id, sum(l.shipped - l.received - l.lost - l.back)::bigint
	FROM transfer t JOIN transfer_line l ON l.transfer_id = t.id
	WHERE t.state = 'in_transit' AND ($1 IS NULL OR l.variant_id = $1)
	GROUP BY 1, 2 HAVING sum(l.shipped - l.received - l.lost - l.back) > 0
$$;

-- Units as they are written, [{"sku": "DOG-5KG", "qty": 2}], by variant; what is not known
-- is refused by its SKU.
CREATE FUNCTION units_named(lines jsonb) RETURNS TABLE (variant_id bigint, sku text, qty bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	unknown text := (SELECT min(j->>'sku') FROM jsonb_array_elements($1) j
		WHERE NOT EXISTS (SELECT FROM variant v WHERE v.sku = j->>'sku'));
BEGIN
	IF unknown IS NOT NULL THEN
		PERFORM absent('variant_exists', format('there is no SKU %s', unknown),
			'shopctl product list --q ' || unknown);
	END IF;
	RETURN QUERY SELECT v.id, v.sku, sum((j->>'qty')::bigint)::bigint
		FROM jsonb_array_elements($1) j JOIN variant v ON v.sku = j->>'sku'
		GROUP BY 1, 2 ORDER BY 1;
END $$;

CREATE FUNCTION variant_named(p_sku text) RETURNS variant LANGUAGE plpgsql STABLE AS $$
DECLARE
	found variant;
BEGIN
	SELECT v.* INTO found FROM variant v WHERE v.sku = p_sku;
	IF found.id IS NULL THEN
		PERFORM absent('variant_exists', format('there is no SKU %s', p_sku),
			'shopctl product list --q ' || p_sku);
	END IF;
	RETURN found;
END $$;

CREATE FUNCTION api.stock_adjust(p_sku text, p_warehouse text, delta bigint)
RETURNS TABLE (sku text, warehouse text, on_hand bigint, reserved bigint, available bigint,
	incoming bigint, reorder_point bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	w warehouse := warehouse_named(p_warehouse);
	v variant := variant_named(p_sku);
BEGIN
	PERFORM stock_move(stock_lock(v.id, w.id), delta, 'adjust', w.code);
	RETURN QUERY SELECT * FROM api.stock_show(p_sku, w.code);
END $$;

-- Set on_hand; with expected, only when that is what lies there now.
CREATE FUNCTION api.stock_set(p_sku text, p_warehouse text, qty bigint, expected bigint)
RETURNS TABLE (sku text, warehouse text, on_hand bigint, reserved bigint, available bigint,
	incoming bigint, reorder_point bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	w warehouse := warehouse_named(p_warehouse);
	v variant := variant_named(p_sku);
	place stock;
BEGIN
	place := stock_lock(v.id, w.id);
	IF expected IS NOT NULL AND place.on_hand <> expected THEN
		PERFORM refuse('stock_is_as_expected', format('%s in %s has %s on hand, not %s',
			p_sku, w.code, place.on_hand, expected), 'shopctl stock show ' || p_sku);
	END IF;
	PERFORM stock_move(place, qty - place.on_hand, 'set', w.code);
	RETURN QUERY SELECT * FROM api.stock_show(p_sku, w.code);
END $$;

-- How many shall lie there; below the sum of all places the operators are told.
CREATE FUNCTION api.stock_reorder(p_sku text, p_warehouse text, qty bigint)
RETURNS TABLE (sku text, warehouse text, on_hand bigint, reserved bigint, available bigint,
	incoming bigint, reorder_point bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	w warehouse := warehouse_named(p_warehouse);
	v variant := variant_named(p_sku);
	place stock := stock_lock(v.id, w.id);
BEGIN
	IF qty < 0 THEN
		PERFORM invalid('reorder_point_is_not_negative', format('%s cannot be wanted', qty),
			'0 or more');
	END IF;
	UPDATE stock s SET reorder_point = qty
	WHERE (s.variant_id, s.warehouse_id, s.slice) =
		(place.variant_id, place.warehouse_id, place.slice);
	PERFORM audit('variant:' || p_sku, 'stock.reorder', jsonb_build_object('warehouse', w.code,
		'at', place.reorder_point), jsonb_build_object('warehouse', w.code, 'at', qty));
	RETURN QUERY SELECT * FROM api.stock_show(p_sku, w.code);
END $$;
