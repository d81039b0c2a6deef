-- Orders on hold: nothing of them leaves and none of their money is taken, until a person
-- or the end of a dispute lets them go on.  Money that is only promised stays promised.

-- Whether who held it last was a dispute alone.
CREATE FUNCTION order_held_by_dispute(order_id bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT coalesce((SELECT e.detail ? 'dispute' FROM order_event e WHERE e.order_id = $1
		AND e.machine = 'order' AND e.event = 'hold' ORDER BY e.id DESC LIMIT 1), false)
$$;

-- An order whose money is under dispute is not handed over.
CREATE FUNCTION dispute_hold(order_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	o orders;
	d dispute;
BEGIN
	SELECT * INTO d FROM dispute x WHERE x.order_id = $1 AND x.closed_at IS NULL
		ORDER BY x.id LIMIT 1;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	SELECT * INTO o FROM orders x WHERE x.id = $1 FOR UPDATE;
	IF o.state NOT IN ('held', 'on_hold') AND state_may('order', o.state, 'hold') THEN
		PERFORM order_move(o.id, CASE o.state WHEN 'authorized' THEN 'held'
			ELSE 'on_hold' END, 'hold', jsonb_build_object('dispute', d.id,
			'ref', d.provider_ref));
	END IF;
END $$;

-- It goes on where it stood; what was to be captured meanwhile is captured now.
CREATE FUNCTION order_unhold(o orders, detail jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM order_move(o.id, CASE o.state WHEN 'held' THEN 'authorized' ELSE 'paid' END,
		'unhold', $2);
	PERFORM payment_schedule(p.id, 0) FROM payment p WHERE p.order_id = o.id AND p.applied
		AND p.live;
END $$;

-- It may go on when no dispute is open or was lost, and nobody else holds it.
CREATE FUNCTION dispute_release(order_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	o orders;
BEGIN
	SELECT * INTO o FROM orders x WHERE x.id = $1 FOR UPDATE;
	IF o.state IN ('held', 'on_hold') AND order_held_by_dispute(o.id)
		AND NOT EXISTS (SELECT FROM dispute x WHERE x.order_id = $1
			AND (x.closed_at IS NULL OR x.state = 'lost')) THEN
		PERFORM order_unhold(o, jsonb_build_object('dispute', 'closed'));
	END IF;
END $$;

-- A person holds it.  One that a dispute holds is held by both, and stays so when the
-- dispute ends.
CREATE FUNCTION api.order_hold(order_id bigint, reason text)
RETURNS TABLE (id bigint, state text, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	o orders := order_to_hold($1, $2);
BEGIN
	replayed := o.state IN ('held', 'on_hold') AND NOT order_held_by_dispute(o.id);
	IF NOT replayed THEN
		IF NOT state_may('order', o.state, 'hold') THEN
			PERFORM refuse('order_can_be_held', format('order %s is %s', o.id, o.state),
				format('shopctl order why %s', o.id));
		END IF;
		PERFORM order_move(o.id, CASE WHEN o.state IN ('authorized', 'held') THEN 'held'
			ELSE 'on_hold' END, 'hold', jsonb_build_object('reason', $2));
		PERFORM audit('order:' || o.id, 'order.hold', jsonb_build_object('state', o.state),
			jsonb_build_object('reason', $2));
	END IF;
	RETURN QUERY SELECT x.id, x.state, replayed FROM orders x WHERE x.id = o.id;
END $$;

-- And lets it go on; not while its money is under dispute.
CREATE FUNCTION api.order_release(order_id bigint, reason text)
RETURNS TABLE (id bigint, state text, replayed boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	o orders := order_to_hold($1, $2);
BEGIN
	replayed := o.state IN ('authorized', 'paid');
	IF NOT replayed THEN
		IF NOT state_may('order', o.state, 'unhold') THEN
			PERFORM refuse('order_is_on_hold', format('order %s is %s', o.id, o.state),
				format('shopctl order why %s', o.id));
		ELSIF EXISTS (SELECT FROM payment p WHERE p.order_id = o.id
			AND payment_disputed(p.id)) THEN
			PERFORM refuse('order_is_not_disputed', format('money of order %s is under '
				'dispute', o.id), format('shopctl dispute list --order %s', o.id));
		END IF;
		PERFORM order_unhold(o, jsonb_build_object('reason', $2));
		PERFORM audit('order:' || o.id, 'order.release',
			jsonb_build_object('state', o.state), jsonb_build_object('reason', $2));
	END IF;
	RETURN QUERY SELECT x.id, x.state, replayed FROM orders x WHERE x.id = o.id;
END $$;

-- The order that a person means, locked, and why.
CREATE FUNCTION order_to_hold(order_id bigint, reason text) RETURNS orders
LANGUAGE plpgsql AS $$
DECLARE
	o orders;
BEGIN
	SELECT * INTO o FROM orders x WHERE x.id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('order_exists', format('there is no order %s', $1),
			'shopctl order list');
	ELSIF coalesce(btrim($2), '') = '' THEN
		PERFORM invalid('hold_has_a_reason', 'to hold an order, or let it go on, needs a '
			'reason', '--reason TEXT');
	END IF;
	RETURN o;
END $$;
