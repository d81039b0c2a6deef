-- Payments: what to do next about one, and what becomes of what the provider says.

-- Nothing to ask the provider.
CREATE FUNCTION payment_nothing(order_id bigint) RETURNS payment_action
LANGUAGE sql IMMUTABLE AS $$
	SELECT ROW('none', NULL, NULL, 'stripe', 0, $1, 0, NULL, NULL, NULL, NULL,
		NULL)::payment_action
$$;

-- What is to be done about a payment now, and the facts of that call.
CREATE FUNCTION api.payment_load(payment_id bigint, sync boolean, grace_minutes bigint)
RETURNS SETOF payment_action
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN NEXT payment_act($1, $2, $3);
END $$;

CREATE FUNCTION payment_act(payment_id bigint, sync boolean, grace_minutes bigint)
RETURNS payment_action
LANGUAGE plpgsql AS $$
DECLARE
	o orders;
	p payment;
	step record;
	a payment_action;
BEGIN
	SELECT * INTO o FROM orders
	WHERE id = (SELECT order_id FROM payment WHERE id = $1) FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('payment_exists', format('there is no payment %s', $1),
			'shopctl payment list');
	END IF;
	SELECT * INTO p FROM payment WHERE id = $1 FOR UPDATE;
	IF o.state IN ('expiring', 'canceling') AND now() > order_waits_since(o)
		+ $3 * interval '1 minute' THEN
		PERFORM order_voided(o.id, 'grace_over');
		SELECT * INTO o FROM orders WHERE id = o.id;
	END IF;
	IF p.amount = 0 AND p.state = 'new' AND o.state = 'pending' THEN
		PERFORM payment_captured(o, p, ROW(NULL, 'captured', p.currency, 0, 0, NULL, NULL,
			NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::payment_facts);
		RETURN payment_nothing(o.id);
	END IF;
	SELECT * INTO step FROM payment_step(o, p, $2);
	SELECT step.action, k.id, k.idem_key, p.provider, p.id,
		o.id, NULL::bigint, coalesce(k.target, p.provider_ref),
		ROW(p.amount, p.currency)::amount, p.method, c.provider_customer,
		coalesce(k.first_sent_at, p.created_at)
	INTO a.action, a.op_id, a.key, a.provider, a.payment_id, a.order_id,
		a.refund_id, a.ref, a.amount, a.method, a.customer, a.since
	FROM (SELECT 1) AS one LEFT JOIN provider_op k ON k.id = step.op_id
	LEFT JOIN customer c ON c.id = o.customer_id;
	RETURN a;
END $$;

-- Since when an order waits for the provider's word before it ends.
CREATE FUNCTION order_waits_since(o orders) RETURNS timestamptz LANGUAGE sql STABLE AS $$
	SELECT max(e.at) FROM order_event e WHERE e.order_id = o.id AND e.to_state = o.state
$$;

-- The next call about a payment, and its intent where the call has an effect.
-- A payment is wanted while it is the live one of a pending order; any other must end.
CREATE FUNCTION payment_step(o orders, p payment, sync boolean,
	OUT action text, OUT op_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
	wanted boolean := p.live AND o.state = 'pending';
	k provider_op;
BEGIN
	action := 'none';
	IF p.state = 'captured' THEN
		IF sync AND p.fee_ref IS NULL AND p.provider_ref IS NOT NULL THEN
			action := 'payment.get';
		END IF;
		RETURN;
	ELSIF p.state = 'canceled' THEN
		RETURN;
	END IF;
	SELECT * INTO k FROM provider_op x WHERE x.payment_id = p.id AND x.refund_id IS NULL
		AND x.dispute_id IS NULL AND x.state IN ('new', 'sent', 'unknown')
	ORDER BY x.id DESC LIMIT 1 FOR UPDATE;
	IF k.kind = 'payment.create' AND p.provider_ref IS NULL THEN
		op_id := k.id;
		IF k.state = 'new' AND NOT wanted THEN
			PERFORM payment_abandon(p.id);
			op_id := NULL;
		ELSIF k.state = 'new' OR wanted AND k.result IS DISTINCT FROM 'indeterminate'
			AND k.first_sent_at > now() - op_horizon() THEN
			action := 'payment.create';
		ELSE
			action := 'payment.find';
		END IF;
	ELSIF k.kind = 'payment.cancel' AND (k.first_sent_at IS NULL
		OR k.first_sent_at > now() - op_horizon())
		AND k.result IS DISTINCT FROM 'indeterminate' THEN
		action := 'payment.cancel';
		op_id := k.id;
	ELSIF p.provider_ref IS NULL THEN
		IF wanted THEN
			action := 'payment.create';
			op_id := op_intend('payment.create', p, NULL);
		ELSE
			PERFORM payment_abandon(p.id);
		END IF;
	ELSIF wanted THEN
		action := CASE WHEN sync THEN 'payment.get' ELSE 'none' END;
	ELSE
		SELECT * INTO action, op_id FROM payment_stop(p);
	END IF;
END $$;

-- Stop a payment that the provider knows: cancel it, but after a cancel that was refused
-- or got lost, first look at what it is.
CREATE FUNCTION payment_stop(p payment, OUT action text, OUT op_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
	last timestamptz;
BEGIN
	UPDATE provider_op x SET state = 'abandoned', concluded_at = now()
	WHERE x.payment_id = p.id AND x.kind = 'payment.cancel' AND x.state IN ('sent', 'unknown');
	SELECT max(x.concluded_at) INTO last FROM provider_op x WHERE x.payment_id = p.id
		AND x.kind = 'payment.cancel' AND x.state IN ('refused', 'abandoned');
	IF last IS NOT NULL AND (p.state = 'processing' OR p.checked_at IS NULL
		OR p.checked_at <= last) THEN
		action := 'payment.get';
	ELSE
		action := 'payment.cancel';
		op_id := op_intend('payment.cancel', p, p.provider_ref);
	END IF;
END $$;

-- Nothing of this payment exists at the provider, and nothing will.
CREATE FUNCTION payment_abandon(payment_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	order_id bigint;
BEGIN
	UPDATE payment p SET state = 'abandoned', live = false, checks = 0 WHERE p.id = $1
		AND p.state NOT IN ('captured', 'canceled') RETURNING p.order_id INTO order_id;
	UPDATE provider_op k SET state = 'abandoned', concluded_at = now()
	WHERE k.payment_id = $1 AND k.refund_id IS NULL AND k.dispute_id IS NULL
		AND k.state IN ('new', 'sent', 'unknown');
	PERFORM order_voided(order_id);
END $$;

-- Conclude a call about a payment, in one transaction: the result of the call, what it
-- changes, and who looks next.  `absent` is a lookup that found nothing.
CREATE FUNCTION api.payment_record(payment_id bigint, op_id bigint, verdict text,
	status bigint, request_id text, error text, retry_after_s bigint, facts jsonb)
RETURNS TABLE (order_state text, payment_state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	o orders;
	p payment;
	f payment_facts := jsonb_populate_record(NULL::payment_facts, $8);
	k provider_op;
	subject bigint := $1;
BEGIN
	SELECT * INTO o FROM orders
	WHERE id = (SELECT order_id FROM payment WHERE id = $1) FOR UPDATE;
	SELECT * INTO p FROM payment WHERE id = $1 FOR UPDATE;
	SELECT * INTO k FROM provider_op x WHERE x.id = $2 AND x.payment_id = $1 FOR UPDATE;
	IF f.ref IS NOT NULL THEN
		f.payment_id := $1;
		f.op_key := NULL; -- our own call: no other proof is needed that it is ours
		subject := payment_match(p.provider, f);
		PERFORM payment_apply(subject, f);
	END IF;
	IF k.id IS NOT NULL AND verdict <> 'absent' THEN
		PERFORM op_conclude(k.id, verdict, $4, $5, coalesce($6, f.ref));
	END IF;
	IF verdict = 'broken' THEN
		PERFORM incident_open('provider_call_broken', o.id, $1,
			jsonb_build_object('op', $2, 'status', $4, 'error', $6, 'request', $5));
	END IF;
	IF k.kind = 'payment.create' AND f.ref IS NULL THEN
		PERFORM payment_not_created(p, k.id, verdict, $6);
	END IF;
	PERFORM payment_schedule(subject, nullif($7, 0));
	IF subject <> $1 THEN
		PERFORM payment_schedule($1, nullif($7, 0));
	END IF;
	RETURN QUERY SELECT x.state, y.state FROM orders x, payment y
		WHERE x.id = o.id AND y.id = $1;
END $$;

-- A create that made nothing: refused for good, or not found although it was sent.
CREATE FUNCTION payment_not_created(p payment, op_id bigint, verdict text, error text)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	o orders;
	k provider_op;
BEGIN
	SELECT * INTO o FROM orders WHERE id = p.order_id;
	SELECT * INTO k FROM provider_op WHERE id = $2;
	IF verdict IN ('refused', 'broken') THEN
		UPDATE payment SET last_error = $4 WHERE id = p.id;
		PERFORM payment_abandon(p.id);
		IF o.state = 'pending' THEN
			PERFORM notify('payment_failed', o.id, p.id);
		END IF;
	ELSIF verdict = 'absent' AND NOT (p.live AND o.state = 'pending')
		AND k.last_sent_at < now() - op_margin() THEN
		PERFORM payment_abandon(p.id);
	END IF;
END $$;

-- Which of our payments the provider talks about; null when none.  The first object that
-- names a payment is its own, whether the answer of the call or a webhook told first.
-- Another one for the same payment must not be, so it is a payment of its own that
-- nobody wants: it is canceled, or, when it was paid, refunded.
CREATE FUNCTION payment_match(provider text, f payment_facts) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	p payment;
	found bigint;
BEGIN
	-- twice: before the lock for speed, under it because another may just have told
	SELECT x.id INTO found FROM payment x WHERE x.provider = $1 AND x.provider_ref = f.ref;
	IF found IS NULL THEN
		PERFORM FROM orders WHERE id = (SELECT x.order_id FROM payment x
			WHERE x.id = f.payment_id) FOR UPDATE;
		SELECT x.id INTO found FROM payment x
		WHERE x.provider = $1 AND x.provider_ref = f.ref;
	END IF;
	IF found IS NOT NULL THEN
		RETURN found;
	END IF;
	SELECT * INTO p FROM payment x WHERE x.id = f.payment_id AND x.provider = $1
		AND (f.op_key IS NULL OR EXISTS (SELECT 1 FROM provider_op k
			WHERE k.payment_id = x.id AND k.idem_key = f.op_key)) FOR UPDATE;
	IF p.id IS NULL OR p.provider_ref = f.ref THEN
		RETURN p.id;
	ELSIF p.provider_ref IS NULL THEN
		UPDATE payment SET provider_ref = f.ref,
			state = CASE WHEN state IN ('new', 'abandoned') THEN 'open' ELSE state END
		WHERE id = p.id;
		RETURN p.id;
	END IF;
	INSERT INTO payment AS x (id, order_id, provider, provider_ref, state, live, currency,
		amount)
	VALUES (new_id(), p.order_id, p.provider, f.ref, 'open', false, p.currency, p.amount)
	RETURNING x.id INTO found;
	PERFORM incident_open('second_payment_object', p.order_id, found,
		jsonb_build_object('ref', f.ref, 'instead_of', p.provider_ref));
	RETURN found;
END $$;

-- The one way in which what a provider says changes a payment: told by an answer, a
-- webhook or a lookup, twice, late or out of order.  Captured is for good.
CREATE FUNCTION payment_apply(payment_id bigint, f payment_facts) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	o orders;
	p payment;
	declined boolean;
BEGIN
	SELECT * INTO o FROM orders
	WHERE id = (SELECT order_id FROM payment WHERE id = $1) FOR UPDATE;
	SELECT * INTO p FROM payment WHERE id = $1 FOR UPDATE;
	IF p.state = 'captured' THEN
		PERFORM payment_fee(p, f);
	ELSIF f.status = 'captured' THEN
		PERFORM payment_captured(o, p, f);
	ELSIF p.state = 'canceled' THEN
		NULL; -- a late word
	ELSIF f.status = 'canceled' THEN
		UPDATE payment SET state = 'canceled', live = false, checks = 0,
			client_secret = NULL, next_action = NULL, checked_at = now()
		WHERE id = p.id;
		PERFORM order_voided(o.id);
	ELSE
		declined := f.decline IS NOT NULL AND f.decline IS DISTINCT FROM p.last_decline;
		UPDATE payment SET
			state = CASE WHEN f.status IN ('open', 'processing', 'authorized')
				THEN f.status ELSE state END,
			client_secret = coalesce(f.client_secret, client_secret),
			next_action = coalesce(f.next_action, CASE f.error
				WHEN 'authentication_required' THEN '{"type": "authenticate"}'::jsonb END),
			declines = declines + declined::integer,
			last_decline = coalesce(f.decline, last_decline),
			last_error = coalesce(f.error, last_error), checked_at = now()
		WHERE id = p.id;
		IF declined AND o.state = 'pending' THEN
			PERFORM notify('payment_failed', o.id, p.id);
		END IF;
	END IF;
END $$;

-- The money is there.  It pays the order when it is exactly what the order costs and
-- nothing else paid it; expired orders take their stock again, all lines or none.
-- Money without a home goes back.
CREATE FUNCTION payment_captured(o orders, p payment, f payment_facts) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	fits boolean := f.captured = o.total AND f.currency = o.currency;
	second boolean := EXISTS (SELECT 1 FROM payment x WHERE x.order_id = o.id AND x.applied);
	detail jsonb := jsonb_build_object('payment', p.id, 'ref', f.ref);
BEGIN
	UPDATE payment SET state = 'captured', live = false, checks = 0, currency = f.currency,
		amount = greatest(f.amount, f.captured), captured = f.captured,
		charge_ref = f.charge, client_secret = NULL, next_action = NULL,
		checked_at = now()
	WHERE id = p.id;
	IF f.captured > 0 THEN
		PERFORM post(format('cap:%s:%s', p.provider, coalesce(f.charge, f.ref)), 'capture',
			o.id, p.id, NULL, f.currency, '{psp:clearing,customer:deposits}',
			ARRAY[f.captured, -f.captured]);
		PERFORM payment_fee(p, f);
	END IF;
	IF NOT fits THEN
		PERFORM incident_open('payment_mismatch', o.id, p.id, jsonb_build_object(
			'captured', f.captured, 'currency', f.currency, 'total', o.total));
	END IF;
	IF fits AND NOT second AND o.state IN ('pending', 'expiring', 'expired') THEN
		IF order_move(o.id, 'paid', 'captured', detail) THEN
			UPDATE payment SET applied = true WHERE id = p.id;
			PERFORM notify('order_confirmed', o.id, o.id);
			PERFORM dispute_hold(o.id); -- it may have been told first
			RETURN;
		END IF;
	END IF;
	IF o.state = 'canceling' THEN
		PERFORM order_move(o.id, 'canceled', 'captured', detail);
	ELSE
		PERFORM order_voided(o.id);
	END IF;
	PERFORM refund_open(p.id, 'surplus:' || p.id, f.captured, CASE
		WHEN NOT fits THEN 'the amount paid is not the amount due'
		WHEN second THEN 'the order was paid twice'
		WHEN o.state IN ('canceling', 'canceled') THEN 'the order was canceled'
		ELSE 'the payment came late and the stock is gone' END, true);
END $$;

-- The provider's fee, once it is known: often later than the money.
CREATE FUNCTION payment_fee(p payment, f payment_facts) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF f.fee_ref IS NULL OR p.fee_ref IS NOT NULL THEN
		RETURN;
	END IF;
	UPDATE payment SET fee_ref = f.fee_ref, charge_ref = coalesce(charge_ref, f.charge),
		checks = 0 WHERE id = p.id;
	IF f.fee > 0 THEN
		PERFORM post('fee:' || f.fee_ref, 'fee', p.order_id, p.id, NULL, f.fee_currency,
			'{fees:psp,psp:clearing}', ARRAY[f.fee, -f.fee]);
	END IF;
END $$;

-- Nothing about this payment can change by our own asking any more.
CREATE FUNCTION payment_settled(o orders, p payment) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT p.state IN ('captured', 'canceled', 'abandoned')
		OR p.live AND o.state = 'pending' AND p.state IN ('new', 'open')
		AND NOT EXISTS (SELECT 1 FROM provider_op k WHERE k.payment_id = p.id
			AND k.refund_id IS NULL AND k.dispute_id IS NULL
			AND k.state IN ('new', 'sent', 'unknown'))
$$;

-- Calls that lost their point: a create whose object is known, a cancel of what ended.
CREATE FUNCTION payment_close_calls(p payment) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF p.provider_ref IS NOT NULL THEN
		UPDATE provider_op k SET state = CASE WHEN k.kind = 'payment.create'
				OR p.state = 'canceled' THEN 'done' ELSE 'abandoned' END,
			concluded_at = now(), result = p.provider_ref
		WHERE k.payment_id = p.id AND k.refund_id IS NULL AND k.dispute_id IS NULL
			AND k.state IN ('new', 'sent', 'unknown')
			AND (k.kind = 'payment.create' OR p.state IN ('captured', 'canceled'));
	END IF;
END $$;

-- See to it that somebody looks at a payment again while something about it is open:
-- after_s from now, or, when that is null, the later the more looks found nothing.
CREATE FUNCTION payment_schedule(payment_id bigint, after_s bigint DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	o orders;
	p payment;
	at timestamptz := now() + $2 * interval '1 s';
BEGIN
	SELECT * INTO p FROM payment WHERE id = $1;
	SELECT * INTO o FROM orders WHERE id = p.order_id;
	PERFORM payment_close_calls(p);
	IF NOT payment_settled(o, p) THEN
		at := coalesce(at, op_again(p.checks, CASE
			WHEN o.state IN ('pending', 'expiring', 'canceling') THEN interval '1 minute'
			ELSE interval '1 hour' END, p.id));
	ELSIF p.state = 'captured' AND p.captured > 0 AND p.fee_ref IS NULL
		AND p.checks < 8 THEN
		at := op_again(p.checks + 6, '1 day', p.id); -- the fee is often told later
	ELSE
		RETURN;
	END IF;
	UPDATE payment SET checks = checks + 1 WHERE id = p.id;
	PERFORM job_trace_of(o.id);
	PERFORM job_put('payment.sync', p.id, at, NULL,
		p.id || CASE WHEN at > now() THEN ':later' ELSE ':now' END);
END $$;

-- Payments for the operator.
CREATE FUNCTION api.payment_list(only_state text, only_order bigint, since timestamptz,
	max_rows bigint)
RETURNS TABLE (id bigint, order_id bigint, provider text, provider_ref text,
	state text, applied boolean, amount amount, captured amount, refunded amount,
	declines bigint, last_error text, created_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT p.id, p.order_id, p.provider, p.provider_ref, p.state, p.applied,
		ROW(p.amount, p.currency)::amount, ROW(p.captured, p.currency)::amount,
		ROW(payment_refunded(p.id), p.currency)::amount, p.declines::bigint,
		p.last_error, p.created_at
	FROM payment p
	WHERE ($1 IS NULL OR p.state = $1) AND ($2 IS NULL OR p.order_id = $2)
		AND ($3 IS NULL OR p.created_at >= $3)
	ORDER BY p.created_at DESC, p.id DESC LIMIT coalesce($4, 50);
END $$;

CREATE FUNCTION api.payment_get(payment_id bigint)
RETURNS TABLE (id bigint, order_id bigint, order_state text, provider text,
	provider_ref text, charge_ref text, state text, live boolean, applied boolean,
	amount amount, captured amount, refunded amount, declines bigint, last_error text,
	created_at timestamptz, checked_at timestamptz, calls jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT p.id, p.order_id, o.state, p.provider, p.provider_ref, p.charge_ref, p.state,
		p.live, p.applied, ROW(p.amount, p.currency)::amount,
		ROW(p.captured, p.currency)::amount,
		ROW(payment_refunded(p.id), p.currency)::amount, p.declines::bigint,
		p.last_error, p.created_at, p.checked_at,
		(SELECT coalesce(jsonb_agg(jsonb_build_object('kind', k.kind, 'state', k.state,
			'attempts', k.attempts, 'status', k.status, 'result', k.result,
			'request', k.request_id, 'sent', k.last_sent_at) ORDER BY k.id), '[]')
			FROM provider_op k WHERE k.payment_id = p.id)
	FROM payment p JOIN orders o ON o.id = p.order_id WHERE p.id = $1;
	IF NOT FOUND THEN
		PERFORM absent('payment_exists', format('there is no payment %s', $1),
			'shopctl payment list');
	END IF;
END $$;
