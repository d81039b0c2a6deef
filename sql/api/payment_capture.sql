-- Captures: taking money that was authorized, in whole or in parts, and letting it go.

-- Mean to capture part of an order's authorization, and have it done.  final lets the
-- rest go; so does taking all that is left.  Captures go out one after the other.
CREATE FUNCTION payment_capture(order_id bigint, minor bigint, final boolean)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	o orders;
	p payment;
	asked record;
	op_id bigint;
BEGIN
	SELECT * INTO o FROM orders WHERE id = $1 FOR UPDATE;
	SELECT * INTO p FROM payment x WHERE x.order_id = $1 AND x.applied FOR UPDATE;
	IF o.state = 'held' THEN
		PERFORM refuse('order_is_not_on_hold', format('order %s is on hold', o.id),
			format('shopctl order why %s', o.id));
	ELSIF p.id IS NULL OR p.state <> 'authorized' OR o.state <> 'authorized' THEN
		PERFORM refuse('payment_is_authorized', format(
			'order %s is %s: it has no authorized money to capture', $1, o.state),
			format('shopctl payment list --order %s', $1));
	END IF;
	SELECT coalesce(sum(k.minor), 0)::bigint AS minor, coalesce(bool_or(k.final), false)
		AS final INTO asked
	FROM provider_op k WHERE k.payment_id = p.id AND k.kind = 'payment.capture'
		AND k.state IN ('new', 'sent', 'unknown')
		AND k.upto > p.captured; -- one whose money was told before its answer is done
	IF asked.final OR $2 NOT BETWEEN 1 AND p.amount - p.captured - asked.minor THEN
		PERFORM refuse('payment_capture_within_authorized', format(
			'%s cannot be captured: %s is left of %s', money_text($2, p.currency),
			money_text(CASE WHEN asked.final THEN 0
				ELSE p.amount - p.captured - asked.minor END, p.currency),
			money_text(p.amount, p.currency)), format('shopctl payment show %s', p.id));
	END IF;
	op_id := op_intend('payment.capture', p, p.provider_ref);
	UPDATE provider_op k SET minor = $2, upto = p.captured + asked.minor + $2,
		final = $3 OR p.captured + asked.minor + $2 = p.amount
	WHERE k.id = op_id;
	PERFORM payment_schedule(p.id, 0);
	RETURN op_id;
END $$;

-- The next capture of a wanted payment, or a look.  One whose answer was lost is sent
-- again while the provider remembers its key; after that a look decides: what did not
-- grow was not captured, and is meant anew.
CREATE FUNCTION payment_capture_step(p payment, sync boolean, OUT action text,
	OUT op_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
	k provider_op;
BEGIN
	SELECT * INTO k FROM provider_op x WHERE x.payment_id = p.id
		AND x.kind IN ('payment.authorize', 'payment.capture')
		AND x.state IN ('new', 'sent', 'unknown')
		ORDER BY x.id LIMIT 1 FOR UPDATE;
	SELECT * INTO action, op_id FROM payment_reauthorize_step(p, k);
	IF action IS NOT NULL THEN
		RETURN;
	END IF;
	IF k.id IS NULL AND p.approved AND p.state = 'open' THEN
		action := CASE p.capture WHEN 'manual' THEN 'payment.authorize'
			ELSE 'payment.capture' END;
		op_id := op_intend(action, p, p.provider_ref);
		UPDATE provider_op x SET minor = p.amount, upto = p.amount, final = true
		WHERE x.id = op_id;
	ELSIF k.id IS NULL THEN
		action := CASE WHEN sync THEN 'payment.get' ELSE 'none' END;
	ELSIF k.state = 'new' OR k.result IS DISTINCT FROM 'indeterminate'
		AND k.first_sent_at > now() - op_horizon(k.provider, k.kind) THEN
		action := k.kind;
		op_id := k.id;
	ELSIF p.checked_at > k.last_sent_at + op_margin() THEN
		UPDATE provider_op x SET state = 'abandoned', concluded_at = now()
		WHERE x.id = k.id;
		action := k.kind;
		op_id := op_intend(action, p, p.provider_ref);
		UPDATE provider_op x SET minor = k.minor, upto = k.upto, final = k.final
		WHERE x.id = op_id;
	ELSE
		action := 'payment.get';
	END IF;
END $$;

-- The provider will not capture.  What was to follow is not sent; a customer whose
-- approval bore no money is asked again.
CREATE FUNCTION payment_capture_refused(k provider_op, error text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	p payment;
BEGIN
	SELECT * INTO p FROM payment WHERE id = k.payment_id;
	IF k.upto <= p.captured OR p.state NOT IN ('open', 'authorized') THEN
		RETURN;
	END IF;
	UPDATE provider_op x SET state = 'abandoned', concluded_at = now()
	WHERE x.payment_id = p.id AND x.kind = 'payment.capture' AND x.state = 'new';
	UPDATE payment x SET last_error = $2, approved = false,
		declines = x.declines + x.approved::integer
	WHERE x.id = p.id;
	IF p.state = 'open' THEN
		PERFORM notify('payment_failed', p.order_id, p.id);
	ELSE
		PERFORM incident_open('capture_refused', p.order_id, p.id, jsonb_build_object(
			'amount', k.minor, 'error', $2));
	END IF;
END $$;

-- See to it that somebody looks before an authorization runs out, and after.
CREATE FUNCTION payment_deadline(p payment) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	due timestamptz;
BEGIN
	SELECT min(t) INTO due FROM unnest(ARRAY[p.honor_until - interval '24 hours',
		p.honor_until + interval '1 minute', p.capture_before - interval '24 hours',
		p.capture_before - interval '2 hours', p.capture_before + interval '1 minute']) AS t
	WHERE t > now();
	PERFORM job_put('payment.sync', p.id,
		coalesce(due, op_again(20, '15 minutes', p.id)), NULL,
		format('%s:%s', p.id, coalesce(due::text, 'later')));
END $$;

-- Tell a person a day and two hours before an authorization that holds money back runs
-- out: after that the money is gone, and the order with it.
CREATE FUNCTION payment_warn(o orders, p payment) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	hours integer;
BEGIN
	IF p.state <> 'authorized' OR o.state NOT IN ('authorized', 'held')
		OR now() < p.capture_before - interval '24 hours' THEN
		RETURN;
	END IF;
	hours := CASE WHEN now() < p.capture_before - interval '2 hours' THEN 24 ELSE 2 END;
	IF NOT EXISTS (SELECT FROM incident i WHERE i.payment_id = p.id
		AND i.kind = 'authorization_ends' AND (i.detail->>'hours')::integer <= hours) THEN
		PERFORM incident_open('authorization_ends', o.id, p.id, jsonb_build_object(
			'hours', hours, 'capture_before', p.capture_before,
			'left', p.amount - p.captured), hours::text);
	END IF;
END $$;

-- The authorized payment that a number means: of an order, or of a payment.  Locked.
CREATE FUNCTION payment_authorized_of(number bigint) RETURNS payment
LANGUAGE plpgsql AS $$
DECLARE
	p payment;
BEGIN
	PERFORM FROM orders o WHERE o.id = coalesce((SELECT x.order_id FROM payment x
		WHERE x.id = $1), $1) FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('payment_exists', format('there is no payment %s', $1),
			'shopctl payment list');
	END IF;
	SELECT * INTO p FROM payment x WHERE x.state = 'authorized' AND x.applied
		AND (x.id = $1 OR x.order_id = $1) FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse('payment_is_authorized', format(
			'%s has no authorized money', $1), 'shopctl payment list --state authorized');
	END IF;
	RETURN p;
END $$;

CREATE FUNCTION payment_moved(payment_id bigint)
RETURNS TABLE (payment_id bigint, state text, order_id bigint, order_state text,
	amount amount, captured amount, asked amount)
LANGUAGE sql STABLE AS $$
	SELECT p.id, p.state, o.id, o.state, ROW(p.amount, p.currency)::amount,
		ROW(p.captured, p.currency)::amount, ROW((SELECT coalesce(sum(k.minor), 0)::bigint
			FROM provider_op k WHERE k.payment_id = p.id AND k.kind = 'payment.capture'
			AND k.state IN ('new', 'sent', 'unknown')), p.currency)::amount
	FROM payment p JOIN orders o ON o.id = p.order_id WHERE p.id = $1
$$;

-- Capture by hand: all that is left, or an amount; final lets what remains go.
CREATE FUNCTION api.payment_capture(number bigint, minor bigint, currency text,
	final boolean)
RETURNS TABLE (payment_id bigint, state text, order_id bigint, order_state text,
	amount amount, captured amount, asked amount)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p payment := payment_authorized_of($1);
	open bigint := (SELECT coalesce(sum(k.minor), 0) FROM provider_op k
		WHERE k.payment_id = p.id AND k.kind = 'payment.capture'
		AND k.state IN ('new', 'sent', 'unknown'));
BEGIN
	IF $3 <> p.currency THEN
		PERFORM refuse('payment_capture_in_its_currency', format(
			'payment %s is in %s, not in %s', p.id, p.currency, $3));
	END IF;
	PERFORM payment_capture(p.order_id, coalesce($2, p.amount - p.captured - open), $4);
	PERFORM audit('order:' || p.order_id, 'payment.capture', NULL, jsonb_build_object(
		'payment', p.id, 'amount', $2, 'final', $4));
	RETURN QUERY SELECT * FROM payment_moved(p.id);
END $$;

-- Let authorized money go.  Of an order that nothing was captured for, that is its end;
-- of one that was captured in part, the rest.
CREATE FUNCTION api.payment_void(number bigint)
RETURNS TABLE (payment_id bigint, state text, order_id bigint, order_state text,
	amount amount, captured amount, asked amount)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p payment := payment_authorized_of($1);
BEGIN
	IF p.captured = 0 THEN
		PERFORM order_move(p.order_id, 'canceling', 'cancel',
			jsonb_build_object('reason', 'payment voided'));
		PERFORM shipments_cancel(p.order_id);
	ELSE
		UPDATE payment x SET superseded = true WHERE x.id = p.id;
	END IF;
	PERFORM payment_schedule(p.id, 0);
	PERFORM audit('order:' || p.order_id, 'payment.void', NULL,
		jsonb_build_object('payment', p.id));
	RETURN QUERY SELECT * FROM payment_moved(p.id);
END $$;
