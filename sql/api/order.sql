-- Orders: the one function that changes their state, what that does to the stock of
-- their lines, and what an operator asks and does.

-- Move an order along an edge of the graph, with the edge's effect on its stock, and
-- remember it.  False, and nothing done, when the edge needs stock that is gone, or a coupon
-- that somebody else has used.
CREATE FUNCTION order_move(order_id bigint, to_state text, event text,
	detail jsonb DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
	o orders;
	e state_edge;
BEGIN
	SELECT * INTO o FROM orders WHERE id = $1 FOR UPDATE;
	SELECT * INTO e FROM state_edge g WHERE g.machine = 'order'
		AND g.from_state = o.state AND g.event = $3;
	IF e.effect = 'reserve' AND NOT (redemptions_left($1) AND lines_reserve($1)) THEN
		RETURN false;
	END IF;
	e := state_move('order', NULL, $1, o.state, $3, $4);
	IF e.to_state <> $2 THEN
		PERFORM refuse('state_follows_its_graph', format(
			'order %s is %s; %s does not make it %s', $1, o.state, $3, $2),
			format('shopctl order why %s', $1));
	END IF;
	CASE e.effect
		WHEN 'commit' THEN PERFORM lines_move($1, 'commit');
		WHEN 'reserve' THEN PERFORM redemptions_retake($1);
		WHEN 'release' THEN PERFORM redemptions_release($1), lines_release($1);
		ELSE NULL;
	END CASE;
	UPDATE orders SET state = $2,
		closed_at = CASE WHEN $2 IN ('authorized', 'paid', 'expired', 'canceled')
			AND $3 <> 'unhold' THEN now() ELSE closed_at END
	WHERE id = $1;
	RETURN true;
END $$;

-- Every line of the order that the event means something to goes along its edge.
CREATE FUNCTION lines_move(order_id bigint, event text) RETURNS void LANGUAGE sql AS $$
	UPDATE order_line l SET stock_state = e.to_state FROM state_edge e
	WHERE l.order_id = $1 AND e.machine = 'line' AND e.event = $2
		AND e.from_state = l.stock_state
$$;

-- What an order's lines in some states hold of each place, locked in key order.
CREATE FUNCTION lines_held(order_id bigint, states text[])
RETURNS TABLE (variant_id bigint, warehouse_id bigint, slice smallint, qty bigint,
	free bigint)
LANGUAGE sql AS $$
	WITH held AS MATERIALIZED (
		SELECT l.variant_id, l.warehouse_id, l.slice,
			sum(l.qty - l.shipped - l.dropped)::bigint AS qty
		FROM order_line l WHERE l.order_id = $1 AND l.stock_state = ANY ($2)
		GROUP BY 1, 2, 3)
	SELECT s.variant_id, s.warehouse_id, s.slice, h.qty, s.on_hand - s.reserved
	FROM stock s JOIN held h USING (variant_id, warehouse_id, slice)
	ORDER BY 1, 2, 3 FOR UPDATE OF s
$$;

-- Give the stock of the lines back.  The lines' own state makes a second time harmless.
CREATE FUNCTION lines_release(order_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	UPDATE stock s SET reserved = s.reserved - h.qty
	FROM lines_held($1, '{active,committed}') h
	WHERE s.variant_id = h.variant_id AND s.warehouse_id = h.warehouse_id
		AND s.slice = h.slice;
	PERFORM lines_move($1, 'release');
	PERFORM search_stock(ARRAY(SELECT l.variant_id FROM order_line l
		WHERE l.order_id = $1));
END $$;

-- Take released stock again for money that came late: all lines or none.  Each line takes
-- its own place, or moves to the first open warehouse that sends there and has all of it.
CREATE FUNCTION lines_reserve(order_id bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	line record;
	place record;
	taken jsonb := '{}';
	asked bigint[] := warehouses_for((SELECT c.address FROM order_contact c
		WHERE c.order_id = $1));
BEGIN
	PERFORM FROM stock s WHERE s.variant_id IN (SELECT l.variant_id FROM order_line l
			WHERE l.order_id = $1 AND l.stock_state = 'released')
		ORDER BY s.variant_id, s.warehouse_id, s.slice FOR UPDATE;
	FOR line IN SELECT l.n, l.variant_id, l.warehouse_id, l.slice,
			l.qty - l.shipped - l.dropped AS qty
		FROM order_line l WHERE l.order_id = $1 AND l.stock_state = 'released'
		ORDER BY l.n LOOP
		SELECT s.warehouse_id, s.slice, t.key INTO place
		FROM stock s
		CROSS JOIN LATERAL (SELECT concat_ws(':', s.variant_id, s.warehouse_id, s.slice)
			AS key) AS t
		CROSS JOIN LATERAL (SELECT (s.warehouse_id, s.slice)
			= (line.warehouse_id, line.slice) AS own) AS u
		WHERE s.variant_id = line.variant_id AND (s.warehouse_id = ANY (asked) OR u.own)
			AND s.on_hand - s.reserved - coalesce((taken->>t.key)::bigint, 0) >= line.qty
		ORDER BY u.own DESC, array_position(asked, s.warehouse_id), s.slice LIMIT 1;
		IF NOT FOUND THEN
			RETURN false;
		END IF;
		taken := taken || jsonb_build_object(place.key,
			coalesce((taken->>place.key)::bigint, 0) + line.qty,
			'line:' || line.n, jsonb_build_array(place.warehouse_id, place.slice));
	END LOOP;
	UPDATE order_line l SET warehouse_id = (t.place->>0)::bigint,
		slice = (t.place->>1)::smallint
	FROM (SELECT split_part(k.key, ':', 2)::smallint AS n, k.value AS place
		FROM jsonb_each(taken) k WHERE starts_with(k.key, 'line:')) AS t
	WHERE l.order_id = $1 AND l.n = t.n;
	UPDATE stock s SET reserved = s.reserved + h.qty FROM lines_held($1, '{released}') h
	WHERE s.variant_id = h.variant_id AND s.warehouse_id = h.warehouse_id
		AND s.slice = h.slice;
	PERFORM lines_move($1, 'reserve');
	RETURN true;
END $$;

-- The reservation ran out.  An unpaid order becomes expiring and keeps its stock until
-- the provider says that no money can come any more; what to ask it is the answer.
-- With nobody to ask, it expires at once.  Harmless when it runs twice or early.
CREATE FUNCTION api.order_expire_begin(order_id bigint, grace_minutes bigint)
RETURNS SETOF payment_action
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	o orders;
	live_id bigint;
BEGIN
	SELECT * INTO o FROM orders WHERE id = $1 FOR UPDATE;
	IF o.state = 'pending' AND o.expires_at > now() THEN
		PERFORM job_put('reservation.expire', o.id, o.expires_at, NULL, o.id::text);
		RETURN NEXT payment_nothing(o.id);
		RETURN;
	END IF;
	IF o.state = 'pending' THEN
		PERFORM order_move(o.id, 'expiring', 'due');
		o.state := 'expiring';
	END IF;
	-- An order that ended because the wait was over may have a payment that still lives,
	-- and this run may stand in for one that died while it stopped that payment.
	IF o.state IN ('expiring', 'canceling', 'expired', 'canceled') THEN
		SELECT p.id INTO live_id FROM payment p WHERE p.order_id = o.id AND p.live;
		IF FOUND THEN
			RETURN NEXT payment_act(live_id, true, grace_minutes);
			RETURN;
		END IF;
		PERFORM order_voided(o.id);
	END IF;
	RETURN NEXT payment_nothing(coalesce(o.id, $1));
END $$;

-- No money can come any more, or the wait for that took too long: what waited ends, and
-- its stock is free.  A live payment may still become money.
CREATE FUNCTION order_voided(order_id bigint, event text DEFAULT 'voided') RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	o orders;
BEGIN
	SELECT * INTO o FROM orders WHERE id = $1 FOR UPDATE;
	IF $2 = 'voided' AND EXISTS (SELECT 1 FROM payment p
		WHERE p.order_id = o.id AND p.live) THEN
		RETURN;
	ELSIF o.state = 'expiring' THEN
		PERFORM order_move(o.id, 'expired', $2);
		PERFORM notify('order_expired', o.id, o.id);
	ELSIF o.state = 'canceling' THEN
		PERFORM order_move(o.id, 'canceled', $2);
	END IF;
END $$;

-- Cancel.  Unpaid, or paid by a promise: the provider is asked first, like an expiry.  Paid: the money goes
-- back and the stock is free, in this transaction.
CREATE FUNCTION api.order_cancel(order_id bigint, reason text)
RETURNS TABLE (id bigint, state text, refund_id bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	o orders;
	before text;
BEGIN
	SELECT * INTO o FROM orders WHERE orders.id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('order_exists', format('there is no order %s', $1),
			'shopctl order list');
	ELSIF coalesce($2, '') = '' THEN
		PERFORM invalid('cancel_has_a_reason', 'canceling an order needs a reason',
			'--reason TEXT');
	END IF;
	before := o.state;
	IF o.state IN ('canceling', 'canceled') THEN
		NULL; -- asked twice, done once
	ELSIF order_has_left(o.id) THEN
		PERFORM refuse('order_has_not_left', format('goods of order %s have left: what '
			'remains is refunded instead', o.id),
			format('shopctl refund create %s --line SKU:N', o.id));
	ELSIF o.state IN ('pending', 'authorized', 'held') THEN
		PERFORM order_move(o.id, 'canceling', 'cancel', jsonb_build_object('reason', $2));
		PERFORM shipments_cancel(o.id);
		PERFORM order_stop_payments(o.id);
		IF NOT EXISTS (SELECT FROM payment p WHERE p.order_id = o.id AND p.live) THEN
			refund_id := refund_rest(o.id, 'cancel', 'order canceled: ' || $2);
		END IF;
	ELSIF o.state IN ('paid', 'on_hold') THEN
		PERFORM order_move(o.id, 'canceled', 'cancel', jsonb_build_object('reason', $2));
		PERFORM shipments_cancel(o.id);
		refund_id := refund_rest(o.id, 'cancel', 'order canceled: ' || $2);
	ELSE
		PERFORM refuse('order_can_be_canceled', format('order %s is %s', o.id, o.state),
			format('shopctl order why %s', o.id));
	END IF;
	PERFORM audit('order:' || o.id, 'order.cancel', jsonb_build_object('state', before),
		(SELECT jsonb_build_object('state', x.state) FROM orders x WHERE x.id = o.id));
	SELECT x.id, x.state INTO id, state FROM orders x WHERE x.id = o.id;
	RETURN NEXT;
END $$;

-- Have the live payment stopped now; an order without one ends here.
CREATE FUNCTION order_stop_payments(order_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	live_id bigint;
BEGIN
	SELECT p.id INTO live_id FROM payment p WHERE p.order_id = $1 AND p.live;
	IF FOUND THEN
		PERFORM payment_schedule(live_id, 0);
	ELSE
		PERFORM order_voided($1);
	END IF;
END $$;

-- What is shown of an order in a list.
CREATE FUNCTION api.order_list(only_state text, since timestamptz, email text,
	max_rows bigint)
RETURNS TABLE (id bigint, state text, total amount, units bigint, refunded amount,
	customer text, created_at timestamptz, closed_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT o.id, o.state, ROW(o.total, o.currency)::amount,
		(SELECT sum(l.qty)::bigint FROM order_line l WHERE l.order_id = o.id),
		ROW(order_refunded(o.id), o.currency)::amount, c.email, o.created_at, o.closed_at
	FROM orders o LEFT JOIN order_contact c ON c.order_id = o.id
	WHERE ($1 IS NULL OR o.state = $1) AND ($2 IS NULL OR o.created_at >= $2)
		AND ($3 IS NULL OR c.email = lower($3))
	ORDER BY o.created_at DESC, o.id DESC LIMIT coalesce($4, 50);
END $$;

-- Money that went back, or is on its way.
CREATE FUNCTION order_refunded(order_id bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(r.amount), 0)::bigint FROM refund r WHERE r.order_id = $1
		AND refund_is_live(r.state) AND r.state <> 'proposed'
$$;

CREATE FUNCTION api.order_get(order_id bigint)
RETURNS TABLE (id bigint, state text, payment_state text, refund_state text,
	subtotal amount, discount amount, shipping amount, tax amount, total amount,
	captured amount, refunded amount, customer text, name text, address jsonb,
	trace text, created_at timestamptz, expires_at timestamptz, closed_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT o.id, o.state, p.state,
		CASE WHEN back.sum = 0 THEN 'none' WHEN back.sum < money.sum THEN 'partial'
			ELSE 'full' END,
		ROW(o.subtotal, o.currency)::amount, ROW(o.discount, o.currency)::amount,
		ROW(o.shipping, o.currency)::amount, ROW(o.tax, o.currency)::amount,
		ROW(o.total, o.currency)::amount, ROW(money.sum, o.currency)::amount,
		ROW(back.sum, o.currency)::amount, c.email, c.name, c.address, o.trace,
		o.created_at, o.expires_at, o.closed_at
	FROM orders o
	LEFT JOIN order_contact c ON c.order_id = o.id
	LEFT JOIN LATERAL (SELECT y.state FROM payment y WHERE y.order_id = o.id
		ORDER BY y.applied DESC, y.live DESC, y.id DESC LIMIT 1) AS p ON true
	CROSS JOIN LATERAL (SELECT coalesce(sum(y.captured), 0)::bigint AS sum
		FROM payment y WHERE y.order_id = o.id) AS money
	CROSS JOIN LATERAL (SELECT order_refunded(o.id) AS sum) AS back
	WHERE o.id = $1;
	IF NOT FOUND THEN
		PERFORM absent('order_exists', format('there is no order %s', $1),
			'shopctl order list');
	END IF;
END $$;

CREATE FUNCTION api.order_lines(order_id bigint)
RETURNS TABLE (n bigint, sku text, title text, qty bigint, unit_price amount,
	discount amount, tax amount, warehouse text, stock_state text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY
	SELECT l.n::bigint, l.sku, l.title, l.qty, ROW(l.unit_price, o.currency)::amount,
		ROW(l.discount, o.currency)::amount, ROW(l.tax, o.currency)::amount, w.code,
		l.stock_state
	FROM order_line l JOIN orders o ON o.id = l.order_id
	LEFT JOIN warehouse w ON w.id = l.warehouse_id
	WHERE l.order_id = $1 ORDER BY l.n;
END $$;

-- Everything that happened to an order, in one line of time: `order why`.
CREATE FUNCTION api.order_timeline(order_id bigint)
RETURNS TABLE (at timestamptz, source text, what text, detail text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	PERFORM FROM orders o WHERE o.id = $1;
	IF NOT FOUND THEN
		PERFORM absent('order_exists', format('there is no order %s', $1),
			'shopctl order list');
	END IF;
	RETURN QUERY
	SELECT t.at, t.source, t.what, t.detail
	FROM (SELECT u.*, row_number() OVER () AS n FROM (
		SELECT o.created_at, 'order', 'placed', format('%s, expires %s',
			money_text(o.total, o.currency), to_char(o.expires_at, 'HH24:MI:SS'))
		FROM orders o WHERE o.id = $1
		UNION ALL SELECT e.at, 'order', format('%s -> %s', e.from_state, e.to_state),
			format('%s by %s%s', e.event, e.actor, ' ' || nullif(e.detail, '{}')::text)
		FROM order_event e WHERE e.order_id = $1 AND e.machine = 'order'
		UNION ALL SELECT e.at, e.machine, format('%s %s: %s -> %s', e.machine,
			e.subject_id, e.from_state, e.to_state), format('%s by %s%s', e.event, e.actor,
			' ' || nullif(e.detail, '{}')::text)
		FROM order_event e WHERE e.order_id = $1 AND e.machine <> 'order'
			AND (e.machine <> 'webhook' OR e.event = 'replay') -- their rows tell the rest
		UNION ALL SELECT p.created_at, 'payment', 'payment ' || p.id, concat_ws(', ',
			p.state, p.provider_ref, money_text(p.amount, p.currency),
			CASE WHEN p.applied THEN 'applied' END,
			CASE WHEN p.declines > 0 THEN p.declines || ' declined' END, p.last_error)
		FROM payment p WHERE p.order_id = $1
		UNION ALL SELECT coalesce(k.last_sent_at, k.created_at), 'call', k.kind,
			concat_ws(', ', k.state, nullif(k.attempts, 0) || ' sent',
			'HTTP ' || k.status, k.result, k.request_id)
		FROM provider_op k WHERE k.order_id = $1
		UNION ALL SELECT r.created_at, 'refund', 'refund ' || r.id, concat_ws(', ', r.state,
			money_text(r.amount, r.currency), r.provider_ref, r.reason, r.last_error)
		FROM refund r WHERE r.order_id = $1
		UNION ALL SELECT e.posted_at, 'ledger', e.key, string_agg(format('%s %s', l.account,
			money_text(l.amount, l.currency)), ', ' ORDER BY l.n)
		FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id
		WHERE e.order_id = $1 GROUP BY e.id
		UNION ALL SELECT s.created_at, 'shipment', 'shipment ' || s.id, concat_ws(', ',
			s.state, (SELECT string_agg(x.qty || ' x ' || l.sku, ' ' ORDER BY x.n)
				FROM shipment_line x JOIN order_line l ON l.order_id = $1 AND l.n = x.n
				WHERE x.shipment_id = s.id), s.carrier, s.tracking)
		FROM shipment s WHERE s.order_id = $1
		UNION ALL SELECT w.received_at, 'webhook', w.type, concat_ws(', ', w.state,
			w.event_id, w.object_id, nullif(w.deliveries, 1) || ' deliveries', w.note)
		FROM webhook_event w WHERE w.order_id = $1
		UNION ALL SELECT coalesce(m.sent_at, m.created_at), 'mail', m.event,
			concat_ws(', ', m.state, m.last_error)
		FROM notification m WHERE m.order_id = $1
		UNION ALL SELECT i.at, 'incident', i.kind, concat_ws(', ',
			CASE WHEN i.closed_at IS NULL THEN 'open' ELSE 'closed' END, i.detail::text)
		FROM incident i WHERE i.order_id = $1
		UNION ALL SELECT j.at, 'job', j.kind, j.detail FROM order_jobs($1) j
	) AS u (at, source, what, detail)) t
	-- Events of one transaction, which has one time, are in the order they were written.
	ORDER BY t.at, CASE t.source WHEN 'order' THEN 0 WHEN 'payment' THEN 1 ELSE 2 END, t.n;
END $$;

-- The jobs that live, or died, on an order and what belongs to it, and those that were
-- finished in queues with a history.
CREATE FUNCTION order_jobs(order_id bigint)
RETURNS TABLE (at timestamptz, kind text, detail text)
LANGUAGE sql STABLE AS $$
	WITH subject (queue, id) AS (
		SELECT 'reservation', $1
		UNION SELECT 'payment', p.id FROM payment p WHERE p.order_id = $1
		UNION SELECT 'refund', r.id FROM refund r WHERE r.order_id = $1
		UNION SELECT 'dispute', d.id FROM dispute d WHERE d.order_id = $1
		UNION SELECT 'webhook', w.id FROM webhook_event w WHERE w.order_id = $1
		UNION SELECT 'notification', n.id FROM notification n WHERE n.order_id = $1),
	job_all AS (
		SELECT j.created_at AS at, j.kind, j.subject,
			format('ready, %s tries', j.attempt) AS detail FROM job j
		UNION ALL SELECT l.claimed_at, j.kind, j.subject,
			format('running on %s, try %s', l.owner, j.attempt + 1)
		FROM job_lease l, unnest(l.jobs) j
		UNION ALL SELECT j.run_at, j.kind, j.subject, concat_ws(', ', 'waits until then',
			nullif(j.attempt, 0) || ' tries', j.rule, j.message) FROM job_later j
		UNION ALL SELECT j.died_at, j.kind, j.subject, concat_ws(', ', 'dead',
			j.attempt || ' tries', j.rule, j.message) FROM job_dead j)
	SELECT a.at, a.kind, a.detail FROM job_all a
	JOIN subject s ON s.queue = split_part(a.kind, '.', 1) AND s.id = a.subject
	UNION ALL SELECT d.finished_at, d.kind, concat_ws(', ', 'done, try ' || d.attempt + 1,
		nullif(d.crashes, 0) || ' lost workers', 'by ' || d.owner)
	FROM subject s JOIN job_done d ON d.subject = s.id
		AND split_part(d.kind, '.', 1) = s.queue
$$;
