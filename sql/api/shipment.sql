-- Shipments: what leaves an order, and with it the stock, the revenue and the order's
-- own state.  Quotes and rates are shipping.sql's work, asking carriers is tracking.sql's.
-- A label only has to take the edge `label`, a carrier's feed only to call
-- shipment_track().

-- What `units` more of a line are worth after `before` of `qty`: equal shares of a
-- stored total, and the last unit takes what the division left.  So the parts of a line
-- add up to the cent, however they are cut.
CREATE FUNCTION line_share(total bigint, qty bigint, before bigint, units bigint)
RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
	SELECT units * (total / qty)
		+ CASE WHEN before + units = qty AND units > 0 THEN total % qty ELSE 0 END
$$;

-- The same of a whole line, in the customer's money: net of discount, with tax.
CREATE FUNCTION line_value(l order_line, before bigint, units bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
	SELECT line_share(l.qty * l.unit_price, l.qty, $2, $3)
		- line_share(l.discount, l.qty, $2, $3) + line_share(l.tax, l.qty, $2, $3)
$$;

-- What of each line still waits for a shipment, and what one that waits already has.
CREATE FUNCTION shipment_left(order_id bigint)
RETURNS TABLE (n smallint, sku text, warehouse_id bigint, packed bigint, free bigint)
LANGUAGE sql STABLE AS $$
	SELECT l.n, l.sku, l.warehouse_id, p.qty, l.qty - l.shipped - l.dropped - p.qty
	FROM order_line l CROSS JOIN LATERAL (
		SELECT coalesce(sum(x.qty), 0)::bigint AS qty
		FROM shipment_line x JOIN shipment s ON s.id = x.shipment_id
		WHERE s.order_id = $1 AND x.n = l.n AND s.state IN ('draft', 'labeled')) AS p
	WHERE l.order_id = $1 ORDER BY l.n
$$;

-- Lock an order that is to be shipped; refused when it is not one.
CREATE FUNCTION shipment_order(order_id bigint) RETURNS orders LANGUAGE plpgsql AS $$
DECLARE
	o orders;
	hint text := format('shopctl order why %s', $1);
BEGIN
	SELECT * INTO o FROM orders WHERE id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('order_exists', format('there is no order %s', $1),
			'shopctl order list');
	ELSIF o.state IN ('pending', 'expiring') THEN
		PERFORM refuse('shipment_is_paid_for', format('order %s is not paid yet', $1), hint);
	ELSIF o.state IN ('held', 'on_hold') THEN
		PERFORM refuse('order_is_not_on_hold', format('order %s is on hold', $1), hint);
	ELSIF o.state NOT IN ('authorized', 'paid') THEN
		PERFORM refuse('order_is_shippable', format('order %s is %s', $1, o.state), hint);
	END IF;
	RETURN o;
END $$;

-- What to pack: all that is free, or the wanted units, [{"sku": "DOG-5KG", "qty": 2}];
-- of one warehouse or of each.
CREATE FUNCTION shipment_pick(order_id bigint, lines jsonb, warehouse_id bigint)
RETURNS TABLE (n smallint, warehouse bigint, qty bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	want record;
	l record;
	wanted bigint;
BEGIN
	FOR want IN SELECT x.sku, sum(x.qty)::bigint AS qty FROM (
			SELECT j->>'sku' AS sku, (j->>'qty')::bigint AS qty
			FROM jsonb_array_elements($2) AS j
			UNION ALL SELECT f.sku, f.free FROM shipment_left($1) f
			WHERE $2 IS NULL AND f.free > 0 AND ($3 IS NULL OR f.warehouse_id = $3)) AS x
		GROUP BY 1 ORDER BY 1 LOOP
		wanted := want.qty;
		FOR l IN SELECT * FROM shipment_left($1) f WHERE f.sku = want.sku AND f.free > 0
			AND ($3 IS NULL OR f.warehouse_id = $3) LOOP
			EXIT WHEN wanted <= 0;
			n := l.n;
			warehouse := l.warehouse_id;
			qty := least(wanted, l.free);
			wanted := wanted - qty;
			RETURN NEXT;
		END LOOP;
		IF wanted > 0 THEN
			PERFORM refuse('shipment_within_line', format(
				'only %s of %s wait to be shipped, not %s', want.qty - wanted, want.sku,
				want.qty), format('shopctl order show %s', $1));
		END IF;
	END LOOP;
END $$;

-- Pack: one shipment for each warehouse that something comes from.  Asking again with
-- the same key answers with the first ones.
CREATE FUNCTION api.shipment_create(order_id bigint, key text, lines jsonb,
	warehouse text, carrier text, tracking text)
RETURNS SETOF shipment_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	o orders;
	from_id bigint;
	picked record;
	made shipment;
	count integer := 0;
BEGIN
	PERFORM FROM orders x WHERE x.id = $1 FOR UPDATE;
	RETURN QUERY SELECT v.* FROM shipment s CROSS JOIN LATERAL shipment_show(s.id, true) v
		WHERE s.order_id = $1 AND s.key = $2 ORDER BY s.id;
	IF FOUND THEN
		RETURN;
	END IF;
	o := shipment_order($1);
	IF $4 IS NOT NULL THEN
		from_id := (warehouse_named($4)).id;
	END IF;
	FOR picked IN SELECT p.warehouse, array_agg(p.n) AS n, array_agg(p.qty) AS qty
		FROM shipment_pick($1, $3, from_id) p GROUP BY 1 ORDER BY 1 LOOP
		INSERT INTO shipment AS s (order_id, warehouse_id, key, carrier, tracking)
		VALUES ($1, picked.warehouse, $2, $5, $6) RETURNING s.* INTO made;
		INSERT INTO shipment_line (shipment_id, n, qty)
		SELECT made.id, u.n, u.qty FROM unnest(picked.n, picked.qty) AS u (n, qty);
		IF $6 IS NOT NULL THEN
			PERFORM shipment_move(made, 'label');
		END IF;
		PERFORM shipment_ask_for_money(o, made.id);
		PERFORM audit('order:' || $1, 'shipment.create', NULL,
			jsonb_build_object('shipment', made.id));
		count := count + 1;
		RETURN QUERY SELECT * FROM shipment_show(made.id, false);
	END LOOP;
	IF count = 0 THEN
		PERFORM refuse('shipment_has_lines', format('nothing of order %s waits to be '
			'shipped', $1), format('shopctl shipment list --order %s', $1));
	ELSIF count > 1 AND $6 IS NOT NULL THEN
		PERFORM refuse('tracking_is_of_one_shipment', format(
			'%s comes from %s warehouses, in as many shipments', 'order ' || $1, count),
			'--warehouse CODE, one shipment at a time');
	END IF;
END $$;

-- Take an edge and stand there.
CREATE FUNCTION shipment_move(s shipment, event text, detail jsonb DEFAULT NULL)
RETURNS shipment
LANGUAGE plpgsql AS $$
DECLARE
	e state_edge := state_move('shipment', s.id, s.order_id, s.state, $2, $3);
BEGIN
	UPDATE shipment x SET state = e.to_state,
		handed_over_at = CASE WHEN e.to_state = 'handed_over' THEN now()
			ELSE x.handed_over_at END,
		ended_at = CASE WHEN e.to_state IN ('delivered', 'returned', 'canceled') THEN now()
			ELSE x.ended_at END
	WHERE x.id = s.id RETURNING x.* INTO s;
	RETURN s;
END $$;

-- What the units that left, and with them those that are packed, are worth, and the
-- order's shipping with the first of them.  No order of leaving needs more than this.
CREATE FUNCTION shipment_worth(o orders) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT (o.shipping + sum(line_value(l, 0, l.shipped + l.dropped + f.packed)
		- line_value(l, 0, l.dropped)))::bigint
	FROM order_line l JOIN shipment_left(o.id) f ON f.n = l.n WHERE l.order_id = o.id
$$;

-- Money that was only authorised is taken parcel by parcel: as much as is missing.
CREATE FUNCTION shipment_ask_for_money(o orders, shipment_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	missing bigint;
BEGIN
	IF o.state <> 'authorized' THEN
		RETURN;
	END IF;
	missing := shipment_worth(o) - (SELECT coalesce(sum(s.capture), 0) FROM shipment s
		WHERE s.order_id = o.id);
	IF missing > 0 THEN
		UPDATE shipment s SET capture = missing WHERE s.id = $2;
		PERFORM payment_capture(o.id, missing, NOT EXISTS (
			SELECT FROM shipment_left(o.id) f WHERE f.free > 0));
	END IF;
END $$;

-- Lock a shipment and whatever is locked before it.
CREATE FUNCTION shipment_lock(shipment_id bigint) RETURNS shipment LANGUAGE plpgsql AS $$
DECLARE
	s shipment;
BEGIN
	PERFORM FROM orders o WHERE o.id = (SELECT x.order_id FROM shipment x WHERE x.id = $1)
		FOR UPDATE;
	PERFORM FROM payment p WHERE p.applied
		AND p.order_id = (SELECT x.order_id FROM shipment x WHERE x.id = $1) FOR UPDATE;
	SELECT * INTO s FROM shipment x WHERE x.id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('shipment_exists', format('there is no shipment %s', $1),
			'shopctl shipment list');
	END IF;
	RETURN s;
END $$;

-- Hand over to the carrier: stock leaves, revenue is recognised, the customer is told,
-- and the order is shipped when nothing of it is left, in one transaction.  Doing it
-- twice does it once.
CREATE FUNCTION api.shipment_ship(shipment_id bigint, carrier text, tracking text)
RETURNS SETOF shipment_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	s shipment := shipment_lock($1);
	o orders;
	left_before boolean := s.handed_over_at IS NOT NULL;
BEGIN
	IF NOT left_before THEN
		o := shipment_order(s.order_id);
		s := shipment_move(s, 'hand_over');
		UPDATE shipment x SET carrier = coalesce($2, x.carrier),
			tracking = coalesce($3, x.tracking),
			shipping = CASE WHEN EXISTS (SELECT FROM shipment y WHERE y.order_id = o.id
				AND y.id <> x.id AND y.handed_over_at IS NOT NULL) THEN 0 ELSE o.shipping END
		WHERE x.id = s.id RETURNING x.* INTO s;
		PERFORM shipment_take_stock(s);
		PERFORM shipment_recognise(o, s);
		PERFORM notify('shipped', o.id, s.id);
		PERFORM shipment_watch(s);
		PERFORM audit('order:' || o.id, 'shipment.ship', NULL,
			jsonb_build_object('shipment', s.id));
		PERFORM order_shipped(o.id);
	END IF;
	RETURN QUERY SELECT * FROM shipment_show(s.id, left_before);
END $$;

-- On hand and reserved fall together, a movement for each place; the lines remember
-- what left and what it was worth.
CREATE FUNCTION shipment_take_stock(s shipment) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	place record;
BEGIN
	FOR place IN SELECT l.variant_id, l.warehouse_id, l.slice, sum(x.qty)::bigint AS qty
		FROM shipment_line x JOIN order_line l ON l.order_id = s.order_id AND l.n = x.n
		WHERE x.shipment_id = s.id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LOOP
		UPDATE stock k SET on_hand = k.on_hand - place.qty,
			reserved = k.reserved - place.qty
		WHERE k.variant_id = place.variant_id AND k.warehouse_id = place.warehouse_id
			AND k.slice = place.slice;
		INSERT INTO stock_movement (variant_id, warehouse_id, slice, delta, reason,
			reference, actor)
		VALUES (place.variant_id, place.warehouse_id, place.slice, -place.qty, 'ship',
			'shipment:' || s.id, actor());
	END LOOP;
	UPDATE shipment_line x SET
		sales = line_share(l.qty * l.unit_price, l.qty, l.shipped + l.dropped, x.qty),
		discount = line_share(l.discount, l.qty, l.shipped + l.dropped, x.qty),
		tax = line_share(l.tax, l.qty, l.shipped + l.dropped, x.qty)
	FROM order_line l
	WHERE x.shipment_id = s.id AND l.order_id = s.order_id AND l.n = x.n;
	UPDATE order_line l SET shipped = l.shipped + x.qty,
		stock_state = CASE WHEN l.shipped + x.qty + l.dropped = l.qty
			THEN line_after(l, 'consume') ELSE l.stock_state END
	FROM shipment_line x
	WHERE x.shipment_id = s.id AND l.order_id = s.order_id AND l.n = x.n;
END $$;

-- Where an event takes a line, by the graph.
CREATE FUNCTION line_after(l order_line, event text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT coalesce((SELECT e.to_state FROM state_edge e WHERE e.machine = 'line'
		AND e.event = $2 AND e.from_state = l.stock_state), l.stock_state)
$$;

-- Deposits become revenue.  Refused when the money for all that left is not there, or
-- went back.  Money that went back before its goods left, as goodwill, is no deposit any
-- more: each parcel bears its part of it, as a return at once, and so does its tax.
CREATE FUNCTION shipment_recognise(o orders, s shipment) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	p payment;
	w record;
	worth bigint;
	held bigint;    -- money of the order that nothing was given for yet
	waiting bigint; -- what this parcel and all that is still to leave are worth
	short bigint;
	short_tax bigint := 0;
BEGIN
	SELECT * INTO p FROM payment x WHERE x.order_id = o.id AND x.applied;
	SELECT sum(x.sales)::bigint AS sales, sum(x.discount)::bigint AS discount,
		sum(x.tax)::bigint AS tax INTO w
	FROM shipment_line x WHERE x.shipment_id = s.id;
	worth := w.sales - w.discount + w.tax + s.shipping;
	held := payment_deposits(p.id);
	IF coalesce(p.captured, 0) < shipment_recognised(o.id) THEN
		PERFORM refuse('shipment_is_paid_for', format(
			'%s of order %s is paid, with shipment %s goods of %s have left',
			money_text(coalesce(p.captured, 0), o.currency), o.id, s.id,
			money_text(shipment_recognised(o.id), o.currency)),
			format('shopctl payment list --order %s', o.id));
	ELSIF worth > 0 AND held <= 0 THEN
		PERFORM refuse('shipment_is_paid_for', format('the money for shipment %s went back',
			s.id), format('shopctl refund list --order %s', o.id));
	END IF;
	SELECT worth + sum(line_value(l, l.shipped + l.dropped, l.qty - l.shipped - l.dropped))
	INTO waiting FROM order_line l WHERE l.order_id = o.id;
	short := greatest(worth - held, ceil(worth * greatest(0, waiting - held
		- (o.total - p.captured))::numeric / nullif(waiting, 0)), 0);
	IF short > 0 THEN
		short_tax := (short::numeric * w.tax / worth)::bigint;
		UPDATE shipment x SET goodwill = short WHERE x.id = s.id;
	END IF;
	PERFORM post_parts('ship:' || s.id, 'ship', o.id, p.id, o.currency,
		'{customer:deposits,returns,discounts,sales,shipping,tax:payable}',
		ARRAY[worth - short, short - short_tax, w.discount, -w.sales, -s.shipping,
			short_tax - w.tax]);
END $$;

-- The customer's money of a payment that nothing was given for yet.
CREATE FUNCTION payment_deposits(payment_id bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT coalesce(-sum(l.amount), 0)::bigint FROM ledger_entry e
	JOIN ledger_line l ON l.entry_id = e.id AND l.account = 'customer:deposits'
	WHERE e.order_id = (SELECT p.order_id FROM payment p WHERE p.id = $1)
		AND e.payment_id = $1
$$;

-- What all that left an order was worth to its customer.
CREATE FUNCTION shipment_recognised(order_id bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(s.shipping + (SELECT sum(x.sales - x.discount + x.tax)
		FROM shipment_line x WHERE x.shipment_id = s.id)), 0)::bigint
	FROM shipment s WHERE s.order_id = $1 AND s.handed_over_at IS NOT NULL
$$;

-- An order of which something left and nothing is left to leave is shipped.
CREATE FUNCTION order_shipped(order_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF EXISTS (SELECT FROM order_line l WHERE l.order_id = $1 AND l.shipped > 0)
		AND NOT EXISTS (SELECT FROM order_line l WHERE l.order_id = $1
			AND l.shipped + l.dropped < l.qty)
		AND state_may('order', (SELECT o.state FROM orders o WHERE o.id = $1), 'ship') THEN
		PERFORM order_move($1, 'shipped', 'ship');
		UPDATE order_line l SET stock_state = line_after(l, 'release')
		WHERE l.order_id = $1 AND l.shipped = 0;
	END IF;
END $$;

-- Something of it has left: what remains can be refunded, but not canceled.
CREATE FUNCTION order_has_left(order_id bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM order_line l WHERE l.order_id = $1 AND l.shipped > 0)
$$;

-- Units that will never leave hold no stock any more.
CREATE FUNCTION line_drop(order_id bigint, n smallint, qty bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	l order_line;
BEGIN
	SELECT * INTO l FROM order_line x WHERE x.order_id = $1 AND x.n = $2;
	UPDATE stock k SET reserved = k.reserved - $3
	WHERE k.variant_id = l.variant_id AND k.warehouse_id = l.warehouse_id
		AND k.slice = l.slice;
	UPDATE order_line x SET dropped = x.dropped + $3,
		stock_state = CASE WHEN x.shipped > 0 AND x.shipped + x.dropped + $3 = x.qty
			THEN line_after(x, 'consume') ELSE x.stock_state END
	WHERE x.order_id = $1 AND x.n = $2;
END $$;

-- What a refund took out of an order before it left will never leave: its units are
-- free again.  A refund that leaves no money takes all that is not packed yet.
CREATE FUNCTION lines_drop(refund_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	r refund;
	l record;
BEGIN
	SELECT * INTO r FROM refund x WHERE x.id = $1;
	FOR l IN SELECT y.n, least(f.free, CASE WHEN order_has_left(r.order_id)
				AND payment_deposits(r.payment_id) <= 0 THEN f.free ELSE b.qty END) AS qty
		FROM shipment_left(r.order_id) f
		JOIN order_line y ON y.order_id = r.order_id AND y.n = f.n
		CROSS JOIN LATERAL (SELECT coalesce(sum(x.qty), 0)::bigint AS qty
			FROM refund_line x WHERE x.refund_id = r.id AND x.n = f.n) AS b
		WHERE y.stock_state = 'committed'
		ORDER BY y.variant_id, y.warehouse_id, y.slice LOOP
		IF l.qty > 0 THEN
			PERFORM line_drop(r.order_id, l.n, l.qty);
		END IF;
	END LOOP;
	PERFORM order_shipped(r.order_id);
END $$;

-- No more money will come for an order of which something left: the rest never leaves,
-- what left is all there is of it, and what was taken for more goes back.
CREATE FUNCTION order_cut_short(order_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	l record;
BEGIN
	PERFORM shipments_cancel($1);
	FOR l IN SELECT f.n, f.free FROM shipment_left($1) f
		JOIN order_line y ON y.order_id = $1 AND y.n = f.n
		WHERE f.free > 0 ORDER BY y.variant_id, y.warehouse_id, y.slice LOOP
		PERFORM line_drop($1, l.n, l.free);
	END LOOP;
	PERFORM order_shipped($1);
	PERFORM payment_return(p.id, 'the rest of the order never leaves', true)
	FROM payment p WHERE p.order_id = $1 AND p.applied;
END $$;

-- How far along a word about a parcel is.
CREATE FUNCTION tracking_rank(status text) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE $1 WHEN 'in_transit' THEN 1 WHEN 'exception' THEN 1 WHEN 'delivered' THEN 2
		WHEN 'returning' THEN 2 WHEN 'returned' THEN 3 END::smallint
$$;

-- Somebody says where a parcel is.  Every word is kept; one that is older than what is
-- known already, or means nothing any more, moves nothing.
CREATE FUNCTION shipment_track(s shipment, status text, happened_at timestamptz,
	note text, source text, ref text DEFAULT NULL, raw bytea DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	news boolean;
	how_far smallint := tracking_rank($2);
BEGIN
	IF s.handed_over_at IS NULL THEN
		PERFORM refuse('shipment_has_left', format('shipment %s is %s', s.id, s.state),
			format('shopctl shipment ship %s', s.id));
	END IF;
	news := state_may('shipment', s.state, $2) AND (how_far > s.rank
		OR how_far = s.rank AND $3 > coalesce(s.told_at, '-infinity'));
	INSERT INTO tracking_event (shipment_id, source, ref, status, rank, moved, happened_at,
		note, raw)
	VALUES (s.id, $5, $6, $2, how_far, news, $3, $4, $7)
	ON CONFLICT ON CONSTRAINT tracking_event_once DO NOTHING;
	IF NOT FOUND OR NOT news THEN
		RETURN;
	END IF;
	UPDATE shipment x SET rank = how_far, told_at = $3 WHERE x.id = s.id;
	s := shipment_move(s, $2, jsonb_build_object('at', $3, 'note', $4));
	IF s.state = 'delivered' THEN
		PERFORM notify('delivered', s.order_id, s.id);
	ELSIF s.state = 'returned' THEN
		PERFORM incident_open('shipment_returned', s.order_id, NULL,
			jsonb_build_object('object', s.id, 'note', $4), s.id::text);
	END IF;
	PERFORM order_delivered(s.order_id);
END $$;

-- An order is delivered when each parcel of it came to its end and one at the customer's.
CREATE FUNCTION order_delivered(order_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF (SELECT bool_and(s.state IN ('delivered', 'returned'))
			AND bool_or(s.state = 'delivered')
		FROM shipment s WHERE s.order_id = $1 AND s.state <> 'canceled')
		AND state_may('order', (SELECT o.state FROM orders o WHERE o.id = $1), 'deliver')
	THEN
		PERFORM order_move($1, 'delivered', 'deliver');
	END IF;
END $$;

-- The operator's word about a parcel.
CREATE FUNCTION api.shipment_track(shipment_id bigint, status text,
	happened_at timestamptz, note text)
RETURNS SETOF shipment_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	s shipment := shipment_lock($1);
BEGIN
	IF tracking_rank($2) IS NULL THEN
		PERFORM invalid('tracking_status_is_known', format('there is no status %s', $2),
			'in_transit, exception, delivered, returning, returned');
	ELSIF $3 > now() + interval '1 day' THEN
		PERFORM invalid('tracking_is_not_of_the_future', format('%s is still to come', $3));
	END IF;
	PERFORM shipment_track(s, $2, coalesce($3, now()), $4, 'operator');
	PERFORM audit('order:' || s.order_id, 'shipment.track', to_jsonb(s.state),
		jsonb_build_object('shipment', s.id, 'status', $2));
	RETURN QUERY SELECT * FROM shipment_show(s.id, false);
END $$;

-- It does not leave after all: what it held waits for another shipment.
CREATE FUNCTION api.shipment_cancel(shipment_id bigint) RETURNS SETOF shipment_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	s shipment := shipment_lock($1);
BEGIN
	IF s.handed_over_at IS NOT NULL THEN
		PERFORM refuse('shipment_can_be_canceled', format('shipment %s has left: it is %s',
			s.id, s.state), format('shopctl shipment show %s', s.id));
	ELSIF s.state <> 'canceled' THEN
		PERFORM shipment_move(s, 'cancel');
		PERFORM audit('order:' || s.order_id, 'shipment.cancel', to_jsonb(s.state),
			jsonb_build_object('shipment', s.id));
	END IF;
	RETURN QUERY SELECT * FROM shipment_show(s.id, s.state = 'canceled');
END $$;

-- What is packed for an order that is canceled does not leave.
CREATE FUNCTION shipments_cancel(order_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	s shipment;
BEGIN
	FOR s IN SELECT * FROM shipment x WHERE x.order_id = $1
		AND x.state IN ('draft', 'labeled') ORDER BY x.id FOR UPDATE LOOP
		PERFORM shipment_move(s, 'cancel');
	END LOOP;
END $$;

-- Shipments for the operator.  One that has not left is worth what would leave now.
CREATE FUNCTION shipment_show(shipment_id bigint, replayed boolean)
RETURNS SETOF shipment_view
LANGUAGE sql STABLE AS $$
	SELECT s.id, s.order_id, o.state, s.state, w.code, s.carrier, s.tracking, x.units,
		ROW(x.value + s.shipping, o.currency)::amount, x.lines,
		(SELECT coalesce(jsonb_agg(jsonb_build_object('at', e.happened_at, 'status',
			e.status, 'note', e.note, 'source', e.source, 'moved', e.moved)
			ORDER BY e.happened_at, e.id), '[]')
			FROM tracking_event e WHERE e.shipment_id = s.id),
		s.created_at, s.handed_over_at, s.ended_at, $2
	FROM shipment s JOIN orders o ON o.id = s.order_id
	LEFT JOIN warehouse w ON w.id = s.warehouse_id
	CROSS JOIN LATERAL (SELECT sum(y.qty)::bigint AS units,
			sum(CASE WHEN s.handed_over_at IS NULL
				THEN line_value(l, l.shipped + l.dropped, y.qty)
				ELSE y.sales - y.discount + y.tax END)::bigint AS value,
			jsonb_agg(jsonb_build_object('sku', l.sku, 'qty', y.qty) ORDER BY y.n) AS lines
		FROM shipment_line y JOIN order_line l ON l.order_id = s.order_id AND l.n = y.n
		WHERE y.shipment_id = s.id) AS x
	WHERE s.id = $1
$$;

CREATE FUNCTION api.shipment_get(shipment_id bigint) RETURNS SETOF shipment_view
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM shipment_show($1, false);
	IF NOT FOUND THEN
		PERFORM absent('shipment_exists', format('there is no shipment %s', $1),
			'shopctl shipment list');
	END IF;
END $$;

CREATE FUNCTION api.shipment_list(only_state text, only_order bigint, only_warehouse text,
	since timestamptz, max_rows bigint)
RETURNS SETOF shipment_view
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	from_id bigint;
BEGIN
	IF $3 IS NOT NULL THEN
		from_id := (warehouse_named($3)).id;
	END IF;
	RETURN QUERY SELECT v.* FROM (
		SELECT s.id, s.created_at FROM shipment s
		WHERE ($1 IS NULL OR s.state = $1) AND ($2 IS NULL OR s.order_id = $2)
			AND ($3 IS NULL OR s.warehouse_id = from_id)
			AND ($4 IS NULL OR s.created_at >= $4)
		ORDER BY s.created_at DESC, s.id DESC LIMIT coalesce($5, 50)) AS x
	CROSS JOIN LATERAL shipment_show(x.id, false) v
	ORDER BY x.created_at DESC, x.id DESC;
END $$;
