-- What becomes of a payment by what its provider says.

-- The one way in which what a provider says changes a payment: told by an answer, a
-- webhook or a lookup, twice, late or out of order.  Captured is for good.
CREATE FUNCTION payment_apply(payment_id bigint, f payment_facts) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	o orders;
	p payment;
BEGIN
	SELECT * INTO o FROM orders
	WHERE id = (SELECT order_id FROM payment WHERE id = $1) FOR UPDATE;
	SELECT * INTO p FROM payment WHERE id = $1 FOR UPDATE;
	IF f.status = 'canceled' AND coalesce(f.captured, p.captured) > 0 THEN
		f.status := 'captured'; -- in parts, and the rest was let go
		f.captured := coalesce(f.captured, p.captured);
	END IF;
	IF p.state = 'captured' THEN
		PERFORM payment_fee(p, f);
	ELSIF f.status = 'captured' THEN
		PERFORM payment_captured(o, p, f);
	ELSIF f.status = 'canceled' THEN
		IF state_may('payment', p.state, 'canceled') THEN
			PERFORM payment_end(p, 'canceled');
		END IF;
	ELSIF p.state <> 'canceled' THEN
		PERFORM payment_told(o, p, f);
	END IF;
END $$;

-- It goes on, or was declined: the customer may try again.
CREATE FUNCTION payment_told(o orders, p payment, f payment_facts) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	declined boolean := f.decline IS NOT NULL AND f.decline IS DISTINCT FROM p.last_decline;
	told text := CASE f.status WHEN 'approved' THEN 'open' ELSE f.status END;
BEGIN
	UPDATE payment x SET
		client_secret = coalesce(f.client_secret, x.client_secret),
		next_action = coalesce(f.next_action, CASE f.error
			WHEN 'authentication_required' THEN '{"type": "authenticate"}'::jsonb END),
		declines = x.declines + declined::integer,
		last_decline = coalesce(f.decline, x.last_decline),
		last_error = coalesce(f.error, x.last_error),
		approved = told = 'open' AND x.state IN ('new', 'open')
			AND (x.approved OR f.status = 'approved'),
		capture_before = coalesce(f.capture_before, x.capture_before),
		honor_until = coalesce(f.honor_until, x.honor_until), checked_at = now()
	WHERE x.id = p.id;
	IF told <> p.state AND state_may('payment', p.state, told) THEN
		p := payment_move(p, told);
		IF told = 'authorized' THEN
			PERFORM payment_authorized(o, p, f);
		END IF;
	END IF;
	IF p.state = 'authorized' AND f.captured > p.captured THEN
		PERFORM payment_part(p, f);
	END IF;
	IF declined AND o.state = 'pending' THEN
		PERFORM notify('payment_failed', o.id, p.id);
	END IF;
	-- A bank's question while nobody is at the till; the message waits a little, and is
	-- not sent when it was answered.
	IF p.next_action IS NULL AND o.state = 'pending' AND (f.error = 'authentication_required'
		OR f.next_action IS NOT NULL AND p.provider <> 'paypal') -- whose orders all begin so
	THEN
		PERFORM notify('payment_action_needed', o.id, p.id);
	END IF;
END $$;

-- The money is promised for the whole total: the stock is sold, and waits to be captured.
-- Promised otherwise, it is let go.  Money that nobody waits for ends by payment_step.
CREATE FUNCTION payment_authorized(o orders, p payment, f payment_facts) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE payment x SET capture_before = coalesce(x.capture_before,
		x.created_at + interval '7 days') WHERE x.id = p.id;
	IF f.amount <> o.total OR f.currency <> o.currency THEN
		PERFORM incident_open('payment_mismatch', o.id, p.id, jsonb_build_object(
			'authorized', f.amount, 'currency', f.currency, 'total', o.total));
		UPDATE payment x SET live = false WHERE x.id = p.id;
		PERFORM order_voided(o.id);
	ELSIF o.state IN ('pending', 'expiring') AND p.live THEN
		PERFORM order_move(o.id, 'authorized', 'authorized',
			jsonb_build_object('payment', p.id, 'ref', f.ref));
		UPDATE payment x SET applied = true, superseded = false WHERE x.id = p.id;
		PERFORM notify('order_confirmed', o.id, o.id);
		PERFORM dispute_hold(o.id); -- of another payment of it, perhaps
		PERFORM payment_follow(p, false);
	END IF;
END $$;

-- Post what was captured more than we knew: the whole at once, or one more part.
CREATE FUNCTION payment_post(p payment, f payment_facts) RETURNS void
LANGUAGE sql AS $$
	SELECT payment_parts(p, f);
	SELECT post(format('cap:%s:%s', p.provider, coalesce(f.charge, f.ref))
			|| CASE WHEN p.captured = 0 AND f.status = 'captured' THEN ''
				ELSE ':' || f.captured END,
		'capture', p.order_id, p.id, NULL, f.currency,
		ARRAY[payment_account(p.provider), 'customer:deposits'],
		ARRAY[f.captured - p.captured, p.captured - f.captured])
$$;

-- Where a provider's money lies until it is paid out.
CREATE FUNCTION payment_account(provider text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE $1 WHEN 'manual' THEN 'bank' ELSE 'psp:clearing' END
$$;

-- Some of an authorization was captured, the rest is still promised.
CREATE FUNCTION payment_part(p payment, f payment_facts) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM payment_move(p, 'part');
	PERFORM payment_post(p, f);
	UPDATE payment x SET captured = f.captured,
		charge_ref = coalesce(f.charge, x.charge_ref) WHERE x.id = p.id;
	PERFORM payment_fee(p, f);
END $$;

-- The money is there.  It pays the order when it is exactly what the order costs and
-- nothing else paid it; expired orders take their stock again, all lines or none.
CREATE FUNCTION payment_captured(o orders, p payment, f payment_facts) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	e state_edge := state_move('payment', p.id, o.id, p.state, 'captured',
		jsonb_build_object('captured', f.captured, 'currency', f.currency));
	fits boolean := f.captured = o.total AND f.currency = o.currency;
	detail jsonb := jsonb_build_object('payment', p.id, 'ref', f.ref);
BEGIN
	UPDATE payment SET state = e.to_state, live = false, checks = 0,
		currency = f.currency, amount = greatest(f.amount, f.captured),
		captured = f.captured, charge_ref = coalesce(f.charge, charge_ref),
		approved = false, client_secret = NULL, next_action = NULL, checked_at = now()
	WHERE id = p.id;
	IF f.captured > p.captured THEN
		PERFORM payment_post(p, f);
	END IF;
	IF f.captured > 0 THEN
		PERFORM payment_fee(p, f);
	END IF;
	IF p.applied THEN
		PERFORM payment_completed(o, p, f, detail);
		RETURN;
	ELSIF fits AND (o.state IN ('pending', 'expiring')
			OR o.state = 'expired' AND p.late IS DISTINCT FROM 'refund')
		AND NOT EXISTS (SELECT FROM payment x WHERE x.order_id = o.id AND x.applied) THEN
		IF order_move(o.id, 'paid', 'captured', detail) THEN
			UPDATE payment SET applied = true WHERE id = p.id;
			PERFORM notify('order_confirmed', o.id, o.id);
			PERFORM dispute_hold(o.id); -- it may have been told first
			PERFORM payment_follow(p, false);
			RETURN;
		END IF;
	END IF;
	PERFORM payment_unmatched(o, p, f, fits);
END $$;

-- An authorization that the order waited for has ended as money: all of it, or less.
CREATE FUNCTION payment_completed(o orders, p payment, f payment_facts, detail jsonb)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF o.state IN ('canceling', 'canceled') THEN
		IF o.state = 'canceling' THEN
			PERFORM order_move(o.id, 'canceled', 'captured', detail);
		END IF;
		PERFORM payment_return(p.id, 'the order was canceled', true);
	ELSIF f.captured = o.total THEN
		PERFORM order_move(o.id, CASE o.state WHEN 'held' THEN 'on_hold' ELSE 'paid' END,
			'captured', detail);
		PERFORM dispute_hold(o.id);
	ELSIF order_has_left(o.id) THEN
		PERFORM order_cut_short(o.id);
	ELSE
		PERFORM incident_open('captured_in_part', o.id, p.id, jsonb_build_object(
			'captured', f.captured, 'total', o.total));
	END IF;
END $$;

-- Money without a home goes back: what is too much or too late by itself, unless the
-- shop wants to be asked; what is not the amount due only when a person agrees.
CREATE FUNCTION payment_unmatched(o orders, p payment, f payment_facts, fits boolean)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	second boolean := EXISTS (SELECT FROM payment x WHERE x.order_id = o.id AND x.applied);
	reason text := CASE
		WHEN NOT fits THEN 'the amount paid is not the amount due'
		WHEN second THEN 'the order was paid twice'
		WHEN o.state IN ('canceling', 'canceled') THEN 'the order was canceled'
		ELSE 'the payment came late and the stock is gone' END;
BEGIN
	IF NOT fits THEN
		PERFORM incident_open('payment_mismatch', o.id, p.id, jsonb_build_object(
			'captured', f.captured, 'currency', f.currency, 'total', o.total));
	END IF;
	IF o.state = 'canceling' THEN
		PERFORM order_move(o.id, 'canceled', 'captured',
			jsonb_build_object('payment', p.id, 'ref', f.ref));
	ELSE
		PERFORM order_voided(o.id);
	END IF;
	PERFORM payment_return(p.id, reason, fits AND coalesce(p.surplus, 'refund') = 'refund');
	IF fits AND o.state = 'expired' AND NOT second THEN
		PERFORM notify('payment_late', o.id, p.id);
	END IF;
	PERFORM payment_follow(p, p.provider = 'manual');
END $$;

-- What pays nothing of a payment goes back, by itself or when a person agrees.
-- While it is disputed a refund would pay it out twice: that waits for the dispute's end.
CREATE FUNCTION payment_return(payment_id bigint, reason text, by_itself boolean)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	p payment := refund_lock_payment($1);
	due bigint := least(refund_left(p), payment_deposits(p.id));
BEGIN
	IF payment_disputed(p.id) THEN
		PERFORM incident_open('return_awaits_dispute', p.order_id, p.id,
			jsonb_build_object('reason', $2, 'by_itself', $3));
	ELSIF due > 0 AND $3 THEN
		PERFORM refund_open(p.id, 'surplus:' || p.id, due, $2, true);
	ELSIF due > 0 THEN
		PERFORM refund_propose(p.id, 'surplus:' || p.id, due, $2);
	END IF;
END $$;

-- A dispute has ended: what waited for that goes back, as far as it was not lost.
CREATE FUNCTION payment_return_waiting(payment_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	i incident;
BEGIN
	FOR i IN SELECT * FROM incident x WHERE x.payment_id = $1
		AND x.kind = 'return_awaits_dispute' AND x.closed_at IS NULL
		AND NOT payment_disputed($1)
	LOOP
		PERFORM incident_close(i.id, 'the dispute ended', 'dispute');
		PERFORM payment_return($1, i.detail->>'reason', (i.detail->>'by_itself')::boolean);
	END LOOP;
END $$;

-- The provider's fee, once it is known: often later than the money.
CREATE FUNCTION payment_fee(p payment, f payment_facts) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM payment_part_fees(p, f) WHERE f.parts IS NOT NULL;
	IF f.fee_ref IS NULL OR f.fee_ref = p.fee_ref THEN
		RETURN;
	END IF;
	UPDATE payment SET fee_ref = f.fee_ref, charge_ref = coalesce(charge_ref, f.charge),
		checks = 0 WHERE id = p.id;
	IF f.fee > 0 AND f.parts IS NULL THEN
		PERFORM post('fee:' || f.fee_ref, 'fee', p.order_id, p.id, NULL, f.fee_currency,
			'{fees:psp,psp:clearing}', ARRAY[f.fee, -f.fee]);
	END IF;
END $$;
