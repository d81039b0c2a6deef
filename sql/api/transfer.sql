-- Transfers: goods that leave one warehouse and come to another.  What was shipped is in
-- transit until it came, was lost or went back, and each of these is a movement; what is
-- lost comes and goes, so that the journal of the warehouse that waited for it says so.

CREATE FUNCTION transfer_show(transfer_id bigint, replayed boolean) RETURNS SETOF transfer_view
LANGUAGE sql STABLE AS $$
	SELECT t.id, t.state, f.code, w.code, x.units, x.shipped, x.received, x.lost,
		x.shipped - x.received - x.lost - x.back, t.reason, x.lines, t.created_at,
		t.shipped_at, t.closed_at, $2
	FROM transfer t JOIN warehouse f ON f.id = t.from_id JOIN warehouse w ON w.id = t.to_id
	CROSS JOIN LATERAL (SELECT sum(l.qty)::bigint AS units, sum(l.shipped)::bigint AS shipped,
			sum(l.received)::bigint AS received, sum(l.lost)::bigint AS lost,
			sum(l.back)::bigint AS back, jsonb_agg(jsonb_build_object('sku', v.sku, 'qty', l.qty,
				'shipped', l.shipped, 'received', l.received, 'lost', l.lost, 'back', l.back)
				ORDER BY v.sku) AS lines
		FROM transfer_line l JOIN variant v ON v.id = l.variant_id
		WHERE l.transfer_id = t.id) AS x
	WHERE t.id = $1
$$;

CREATE FUNCTION transfer_lock(transfer_id bigint) RETURNS transfer LANGUAGE plpgsql AS $$
DECLARE
	t transfer;
BEGIN
	SELECT * INTO t FROM transfer x WHERE x.id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('transfer_exists', format('there is no transfer %s', $1),
			'shopctl transfer list');
	END IF;
	RETURN t;
END $$;

-- Take an edge, stand there, and have it audited; answers with the edge's effect.
CREATE FUNCTION transfer_move(t transfer, event text, detail jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	e state_edge := state_move('transfer', t.id, NULL, t.state, $2, $3);
BEGIN
	UPDATE transfer x SET state = e.to_state,
		shipped_at = CASE WHEN $2 = 'ship' THEN now() ELSE x.shipped_at END,
		closed_at = CASE WHEN e.to_state IN ('received', 'canceled') THEN now() END
	WHERE x.id = t.id;
	PERFORM audit('transfer:' || t.id, 'transfer.' || $2, to_jsonb(t.state), $3);
	RETURN e.effect;
END $$;

-- Plan one; it holds nothing until it is shipped.  lines: [{"sku": "DOG-5KG", "qty": 40}].
CREATE FUNCTION api.transfer_create(key text, source text, target text, lines jsonb,
	reason text) RETURNS SETOF transfer_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	f warehouse := warehouse_named($2);
	w warehouse := warehouse_named($3);
	made bigint;
BEGIN
	IF f.id = w.id THEN
		PERFORM invalid('transfer_goes_elsewhere', format('it is in %s already', w.code),
			'--from and --to are two warehouses');
	END IF;
	INSERT INTO transfer AS t (key, from_id, to_id, reason) VALUES ($1, f.id, w.id, $5)
	ON CONFLICT DO NOTHING RETURNING t.id INTO made;
	IF made IS NULL THEN
		RETURN QUERY SELECT v.* FROM transfer t CROSS JOIN LATERAL transfer_show(t.id, true) v
			WHERE t.key = $1;
		RETURN;
	END IF;
	INSERT INTO transfer_line (transfer_id, variant_id, qty)
	SELECT made, u.variant_id, u.qty FROM units_named($4) u;
	IF NOT FOUND THEN
		PERFORM invalid('transfer_has_lines', 'a transfer names what is moved',
			'--line DOG-5KG:40');
	END IF;
	PERFORM audit('transfer:' || made, 'transfer.create', NULL, jsonb_build_object('from',
		f.code, 'to', w.code, 'lines', $4));
	RETURN QUERY SELECT * FROM transfer_show(made, false);
END $$;

-- Refuse units of a SKU that the transfer has not, or not so many.
CREATE FUNCTION transfer_check(transfer_id bigint, lines jsonb, in_transit boolean)
RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
	l record;
BEGIN
	SELECT u.sku, u.qty, coalesce(m.most, 0) AS most INTO l FROM units_named($2) u
	LEFT JOIN LATERAL (SELECT CASE WHEN $3 THEN x.shipped - x.received - x.lost - x.back
			ELSE x.qty END AS most
		FROM transfer_line x WHERE x.transfer_id = $1 AND x.variant_id = u.variant_id) m
		ON true
	WHERE u.qty < 0 OR u.qty > coalesce(m.most, 0) ORDER BY u.sku LIMIT 1;
	IF FOUND AND $3 THEN
		PERFORM refuse('transfer_received_within_shipped', format(
			'only %s of %s are on their way with transfer %s, not %s', l.most, l.sku, $1, l.qty),
			'receive what was shipped, and the rest with: shopctl stock adjust');
	ELSIF FOUND THEN
		PERFORM refuse('transfer_shipped_within_plan', format(
			'transfer %s plans %s of %s, not %s', $1, l.most, l.sku, l.qty),
			format('shopctl transfer show %s', $1));
	END IF;
END $$;

-- It leaves: all that was planned, or the units that were really put onto the lorry.
CREATE FUNCTION api.transfer_ship(transfer_id bigint, lines jsonb)
RETURNS SETOF transfer_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	t transfer := transfer_lock($1);
BEGIN
	PERFORM transfer_move(t, 'ship', $2);
	IF $2 IS NULL THEN
		UPDATE transfer_line l SET shipped = l.qty WHERE l.transfer_id = t.id;
	ELSE
		PERFORM transfer_check(t.id, $2, false);
		UPDATE transfer_line l SET shipped = u.qty FROM units_named($2) u
		WHERE l.transfer_id = t.id AND l.variant_id = u.variant_id;
	END IF;
	-- A place where it comes to is made too, so that there it is seen coming.
	PERFORM stock_lock_many(array_agg(l.variant_id), array_agg(w))
	FROM transfer_line l CROSS JOIN unnest(ARRAY[t.from_id, t.to_id]) w
	WHERE l.transfer_id = t.id;
	PERFORM stock_move_many(array_agg(l.variant_id), array_agg(t.from_id),
		array_agg(-l.shipped), 'transfer_out', 'transfer:' || t.id)
	FROM transfer_line l WHERE l.transfer_id = t.id;
	RETURN QUERY SELECT * FROM transfer_show(t.id, false);
END $$;

-- It came: all that was on its way, or these units.  What did not come is lost, unless
-- more is to come.  Telling it twice with one key tells it once.
CREATE FUNCTION api.transfer_receive(transfer_id bigint, key text, lines jsonb,
	more boolean) RETURNS SETOF transfer_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	t transfer := transfer_lock($1);
	came record;
BEGIN
	IF $2 = ANY (t.received) THEN
		RETURN QUERY SELECT * FROM transfer_show(t.id, true);
		RETURN;
	ELSIF NOT state_may('transfer', t.state, 'receive') THEN
		PERFORM transfer_move(t, 'receive', $3);
	END IF;
	PERFORM transfer_check(t.id, coalesce($3, '[]'), true);
	SELECT array_agg(l.variant_id) AS variants, array_agg(t.to_id) AS places,
		array_agg(c.came) AS came, array_agg(c.lost) AS lost,
		sum(l.shipped - l.received - l.lost - l.back - c.came - c.lost) AS rest INTO came
	FROM transfer_line l LEFT JOIN units_named($3) u ON u.variant_id = l.variant_id
	CROSS JOIN LATERAL (SELECT CASE WHEN $3 IS NULL THEN d.due ELSE coalesce(u.qty, 0) END
			AS came, CASE WHEN $3 IS NULL OR $4 THEN 0 ELSE d.due - coalesce(u.qty, 0) END
			AS lost
		FROM (SELECT l.shipped - l.received - l.lost - l.back AS due) d) c
	WHERE l.transfer_id = t.id;
	UPDATE transfer_line l SET received = l.received + u.came, lost = l.lost + u.lost
	FROM unnest(came.variants, came.came, came.lost) AS u (variant_id, came, lost)
	WHERE l.transfer_id = t.id AND l.variant_id = u.variant_id;
	UPDATE transfer x SET received = x.received || $2 WHERE x.id = t.id AND $2 IS NOT NULL;
	PERFORM transfer_move(t, CASE WHEN came.rest > 0 THEN 'receive_part' ELSE 'receive' END,
		$3);
	PERFORM stock_move_many(came.variants, came.places, ARRAY(SELECT c + l
		FROM unnest(came.came, came.lost) AS u (c, l)), 'transfer_in', 'transfer:' || t.id);
	PERFORM stock_move_many(came.variants, came.places, ARRAY(SELECT -l
		FROM unnest(came.lost) l), 'transfer_loss', 'transfer:' || t.id);
	RETURN QUERY SELECT * FROM transfer_show(t.id, false);
END $$;

-- It does not go after all; what is on its way goes back to where it came from.
CREATE FUNCTION api.transfer_cancel(transfer_id bigint) RETURNS SETOF transfer_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	t transfer := transfer_lock($1);
BEGIN
	IF transfer_move(t, 'cancel') = 'back' THEN
		PERFORM stock_move_many(array_agg(l.variant_id), array_agg(t.from_id),
			array_agg(l.shipped - l.received - l.lost - l.back), 'transfer_back',
			'transfer:' || t.id)
		FROM transfer_line l WHERE l.transfer_id = t.id;
		UPDATE transfer_line l SET back = l.shipped - l.received - l.lost
		WHERE l.transfer_id = t.id;
	END IF;
	RETURN QUERY SELECT * FROM transfer_show(t.id, false);
END $$;

CREATE FUNCTION api.transfer_get(transfer_id bigint) RETURNS SETOF transfer_view
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM transfer_show($1, false);
	IF NOT FOUND THEN
		PERFORM absent('transfer_exists', format('there is no transfer %s', $1),
			'shopctl transfer list');
	END IF;
END $$;

CREATE FUNCTION api.transfer_list(only_state text, p_warehouse text, p_sku text,
	max_rows bigint) RETURNS SETOF transfer_view
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	at_id bigint := CASE WHEN $2 IS NOT NULL THEN (warehouse_named($2)).id END;
	of_id bigint := CASE WHEN $3 IS NOT NULL THEN (variant_named($3)).id END;
BEGIN
	RETURN QUERY SELECT v.* FROM transfer t CROSS JOIN LATERAL transfer_show(t.id, false) v
	WHERE ($1 IS NULL OR t.state = $1) AND (at_id IS NULL OR at_id IN (t.from_id, t.to_id))
		AND (of_id IS NULL OR EXISTS (SELECT FROM transfer_line l
			WHERE l.transfer_id = t.id AND l.variant_id = of_id))
	ORDER BY t.id DESC LIMIT coalesce($4, 50);
END $$;
