-- Returns: what left comes back, is looked at, and either lies on the shelf again or is
-- written off; its money goes back the way of all refunds.

-- What of each line can still be announced: what left and no return holds.
CREATE FUNCTION return_left(order_id bigint)
RETURNS TABLE (n smallint, sku text, free bigint)
LANGUAGE sql STABLE AS $$
	SELECT l.n, l.sku, l.shipped - coalesce((SELECT sum(CASE WHEN r.state IN ('requested',
			'approved') THEN x.qty ELSE x.received END)
		FROM return_line x JOIN return_request r ON r.id = x.return_id
		WHERE r.order_id = $1 AND x.n = l.n AND r.state NOT IN ('rejected', 'canceled')),
		0)::bigint
	FROM order_line l WHERE l.order_id = $1 ORDER BY l.n
$$;

-- The wanted units, [{"sku": "DOG-5KG", "qty": 2}], as units of lines of which so many are
-- free; refused by rule when there are not as many.
CREATE FUNCTION return_pick(free_n smallint[], free_sku text[], free bigint[], lines jsonb,
	rule text, words text)
RETURNS TABLE (n smallint, qty bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	want record;
	l record;
	wanted bigint;
BEGIN
	FOR want IN SELECT j->>'sku' AS sku, sum((j->>'qty')::bigint)::bigint AS qty
		FROM jsonb_array_elements($4) AS j GROUP BY 1 ORDER BY 1 LOOP
		wanted := want.qty;
		FOR l IN SELECT u.n, u.free FROM unnest($1, $2, $3) AS u (n, sku, free)
			WHERE u.sku = want.sku AND u.free > 0 ORDER BY u.n LOOP
			EXIT WHEN wanted <= 0;
			n := l.n;
			qty := least(wanted, l.free);
			wanted := wanted - qty;
			RETURN NEXT;
		END LOOP;
		IF wanted > 0 OR want.qty <= 0 THEN
			PERFORM refuse($5, format('only %s of %s %s, not %s', want.qty - wanted, want.sku,
				$6, want.qty));
		END IF;
	END LOOP;
END $$;

-- A return and whatever is locked before it.
CREATE FUNCTION return_lock(return_id bigint) RETURNS return_request
LANGUAGE plpgsql AS $$
DECLARE
	r return_request;
BEGIN
	PERFORM FROM orders o WHERE o.id = (SELECT x.order_id FROM return_request x
		WHERE x.id = $1) FOR UPDATE;
	SELECT * INTO r FROM return_request x WHERE x.id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('return_exists', format('there is no return %s', $1),
			'shopctl return list');
	END IF;
	RETURN r;
END $$;

-- Take an edge, stand there, and have it audited.
CREATE FUNCTION return_move(r return_request, event text, detail jsonb DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	e state_edge := state_move('return', r.id, r.order_id, r.state, $2, $3);
BEGIN
	UPDATE return_request x SET state = e.to_state, closed_at = CASE WHEN e.to_state IN
		('closed', 'rejected', 'canceled') THEN now() ELSE x.closed_at END
	WHERE x.id = r.id;
	PERFORM audit('return:' || r.id, 'return.' || $2, to_jsonb(r.state), $3);
END $$;

-- Announce a return.  No more than left, whoever announces at the same time: the order is
-- locked.  Asking again with the same key answers with the first.
CREATE FUNCTION api.return_create(order_id bigint, key text, lines jsonb, reason text)
RETURNS SETOF return_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	id bigint;
	f record;
BEGIN
	PERFORM FROM orders o WHERE o.id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('order_exists', format('there is no order %s', $1),
			'shopctl order list');
	END IF;
	SELECT r.id INTO id FROM return_request r WHERE r.order_id = $1 AND r.key = $2;
	IF FOUND THEN
		RETURN QUERY SELECT * FROM return_show(id, true);
		RETURN;
	ELSIF $3 IS NULL THEN
		PERFORM invalid('return_has_lines', 'a return names what comes back',
			'--line DOG-5KG:1');
	END IF;
	INSERT INTO return_request AS r (order_id, key, reason) VALUES ($1, $2, $4)
	RETURNING r.id INTO id;
	SELECT array_agg(x.n) AS n, array_agg(x.sku) AS sku, array_agg(x.free) AS free INTO f
	FROM return_left($1) x;
	INSERT INTO return_line (return_id, n, qty)
	SELECT id, p.n, p.qty FROM return_pick(f.n, f.sku, f.free, $3, 'return_within_shipped',
		format('of order %s left and did not come back', $1)) p;
	PERFORM audit('return:' || id, 'return.create', NULL, jsonb_build_object('order', $1,
		'reason', $4));
	RETURN QUERY SELECT * FROM return_show(id, false);
END $$;

CREATE FUNCTION api.return_approve(return_id bigint) RETURNS SETOF return_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM return_move(return_lock($1), 'approve');
	RETURN QUERY SELECT * FROM return_show($1, false);
END $$;

CREATE FUNCTION api.return_reject(return_id bigint, reason text) RETURNS SETOF return_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM return_move(return_lock($1), 'reject', jsonb_build_object('reason', $2));
	RETURN QUERY SELECT * FROM return_show($1, false);
END $$;

CREATE FUNCTION api.return_cancel(return_id bigint) RETURNS SETOF return_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM return_move(return_lock($1), 'cancel');
	RETURN QUERY SELECT * FROM return_show($1, false);
END $$;

-- The parcel is here: all that was announced, or the units that were in it.
CREATE FUNCTION api.return_receive(return_id bigint, lines jsonb, warehouse text)
RETURNS SETOF return_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r return_request := return_lock($1);
	at_id bigint := (warehouse_named($3)).id;
	f record;
BEGIN
	PERFORM return_move(r, 'receive', jsonb_build_object('warehouse', $3));
	SELECT array_agg(x.n) AS n, array_agg(l.sku) AS sku, array_agg(x.qty) AS qty INTO f
	FROM return_line x JOIN order_line l ON l.order_id = r.order_id AND l.n = x.n
	WHERE x.return_id = r.id;
	IF $2 IS NULL THEN
		UPDATE return_line x SET received = x.qty WHERE x.return_id = r.id;
	ELSE
		UPDATE return_line x SET received = p.qty
		FROM return_pick(f.n, f.sku, f.qty, $2, 'return_received_as_announced',
			format('are announced by return %s', r.id)) p
		WHERE x.return_id = r.id AND x.n = p.n;
	END IF;
	UPDATE return_request x SET warehouse_id = at_id, received_at = now() WHERE x.id = r.id;
	RETURN QUERY SELECT * FROM return_show(r.id, false);
END $$;

-- What was found: [{"sku": "DOG-5KG", "qty": 1, "what": "restock"}].  On the shelf again,
-- or in and out as scrap: the journal of stock explains both.  With all that was received
-- looked at the return is inspected.
CREATE FUNCTION api.return_inspect(return_id bigint, lines jsonb, grade text)
RETURNS SETOF return_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r return_request := return_lock($1);
	f record;
	what text;
BEGIN
	IF r.state <> 'received' THEN
		PERFORM state_move('return', r.id, r.order_id, r.state, 'inspect');
	END IF;
	PERFORM stock_lock_many(array_agg(l.variant_id), array_agg(r.warehouse_id))
	FROM return_line x JOIN order_line l ON l.order_id = r.order_id AND l.n = x.n
	WHERE x.return_id = r.id;
	FOREACH what IN ARRAY '{restock,scrap}'::text[] LOOP
		SELECT array_agg(x.n) AS n, array_agg(l.sku) AS sku,
			array_agg(x.received - x.restocked - x.scrapped) AS free INTO f
		FROM return_line x JOIN order_line l ON l.order_id = r.order_id AND l.n = x.n
		WHERE x.return_id = r.id;
		PERFORM return_shelve(r, p.n, p.qty, what, $3) FROM return_pick(f.n, f.sku, f.free,
			(SELECT jsonb_agg(j) FROM jsonb_array_elements($2) j WHERE j->>'what' = what),
			'return_inspected_as_received', format('of return %s are to be looked at', r.id)) p;
	END LOOP;
	IF NOT EXISTS (SELECT FROM return_line x WHERE x.return_id = r.id
		AND x.restocked + x.scrapped < x.received) THEN
		PERFORM return_move(r, 'inspect');
	END IF;
	RETURN QUERY SELECT * FROM return_show(r.id, false);
END $$;

CREATE FUNCTION return_shelve(r return_request, line smallint, qty bigint, what text,
	grade text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	variant bigint := (SELECT l.variant_id FROM order_line l
		WHERE l.order_id = r.order_id AND l.n = line);
BEGIN
	UPDATE return_line x SET grade = coalesce($5, x.grade),
		restocked = x.restocked + CASE what WHEN 'restock' THEN $3 ELSE 0 END,
		scrapped = x.scrapped + CASE what WHEN 'scrap' THEN $3 ELSE 0 END
	WHERE x.return_id = r.id AND x.n = line;
	PERFORM stock_move_many(ARRAY[variant], ARRAY[r.warehouse_id], ARRAY[$3], 'return',
		'return:' || r.id);
	IF what = 'scrap' THEN
		PERFORM stock_move_many(ARRAY[variant], ARRAY[r.warehouse_id], ARRAY[-$3], 'scrap',
			'return:' || r.id);
	END IF;
	PERFORM audit('return:' || r.id, 'return.' || what, NULL, jsonb_build_object('line',
		line, 'qty', $3, 'grade', $5));
END $$;

-- Done; with refund, what was accepted is given back by an ordinary refund, with its
-- limits and its second pair of eyes.
CREATE FUNCTION api.return_close(return_id bigint, refund boolean, reason text)
RETURNS SETOF return_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r return_request := return_lock($1);
	made bigint;
	lines jsonb;
BEGIN
	IF r.state = 'closed' THEN
		RETURN QUERY SELECT * FROM return_show(r.id, true);
		RETURN;
	END IF;
	PERFORM return_move(r, 'close');
	SELECT jsonb_agg(jsonb_build_object('sku', l.sku, 'qty', x.restocked + x.scrapped))
	INTO lines FROM return_line x
	JOIN order_line l ON l.order_id = r.order_id AND l.n = x.n
	WHERE x.return_id = r.id AND x.restocked + x.scrapped > 0;
	IF $2 AND lines IS NOT NULL THEN
		SELECT v.id INTO made FROM api.refund_create(r.order_id, 'return:' || r.id,
			NULL, NULL, lines, coalesce($3, r.reason)) v;
		UPDATE return_request x SET refund_id = made WHERE x.id = r.id;
	END IF;
	RETURN QUERY SELECT * FROM return_show(r.id, false);
END $$;

-- Returns for the operator.
CREATE FUNCTION return_show(return_id bigint, replayed boolean) RETURNS SETOF return_view
LANGUAGE sql STABLE AS $$
	SELECT r.id, r.order_id, r.state, x.units, x.received, x.accepted, r.reason, w.code,
		x.lines, r.refund_id, r.created_at, r.received_at, r.closed_at, $2
	FROM return_request r LEFT JOIN warehouse w ON w.id = r.warehouse_id
	CROSS JOIN LATERAL (SELECT sum(y.qty)::bigint AS units, sum(y.received)::bigint AS received,
			sum(y.restocked + y.scrapped)::bigint AS accepted,
			jsonb_agg(jsonb_build_object('sku', l.sku, 'qty', y.qty, 'received', y.received,
				'restocked', y.restocked, 'scrapped', y.scrapped, 'grade', y.grade)
				ORDER BY y.n) AS lines
		FROM return_line y JOIN order_line l ON l.order_id = r.order_id AND l.n = y.n
		WHERE y.return_id = r.id) AS x
	WHERE r.id = $1
$$;

CREATE FUNCTION api.return_get(return_id bigint) RETURNS SETOF return_view
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM return_show($1, false);
	IF NOT FOUND THEN
		PERFORM absent('return_exists', format('there is no return %s', $1),
			'shopctl return list');
	END IF;
END $$;

CREATE FUNCTION api.return_list(only_state text, only_order bigint, since timestamptz,
	max_rows bigint)
RETURNS SETOF return_view
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT v.* FROM return_request r CROSS JOIN LATERAL return_show(r.id, false) v
	WHERE ($1 IS NULL OR r.state = $1) AND ($2 IS NULL OR r.order_id = $2)
		AND ($3 IS NULL OR r.created_at >= $3)
	ORDER BY r.created_at DESC, r.id DESC LIMIT coalesce($4, 50);
END $$;
