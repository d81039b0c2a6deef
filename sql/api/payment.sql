-- Payments: what to do next about one, and what becomes of what the provider says.

-- Nothing to ask the provider.
CREATE FUNCTION payment_nothing(order_id bigint) RETURNS payment_action
LANGUAGE sql IMMUTABLE AS $$
	SELECT jsonb_populate_record(NULL::payment_action, jsonb_build_object(
		'action', 'none', 'provider', 'stripe', 'payment_id', 0, 'order_id', $1,
		'refund_id', 0))
$$;

-- What is to be done about a payment now, and the facts of that call.
CREATE FUNCTION api.payment_load(payment_id bigint, sync boolean, grace_minutes bigint,
	policy jsonb DEFAULT NULL)
RETURNS SETOF payment_action
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN NEXT payment_act($1, $2, $3, $4);
END $$;

CREATE FUNCTION payment_act(payment_id bigint, sync boolean, grace_minutes bigint,
	policy jsonb DEFAULT NULL)
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
	p := payment_policy(p, $4);
	PERFORM payment_warn(o, p);
	PERFORM payment_honor_warn(o, p);
	IF o.state IN ('expiring', 'canceling') AND now() > order_waits_since(o)
		+ $3 * interval '1 minute' THEN
		PERFORM order_voided(o.id, 'grace_over');
		SELECT * INTO o FROM orders WHERE id = o.id;
	END IF;
	IF p.amount = 0 AND p.state = 'new' AND o.state = 'pending' THEN
		PERFORM payment_captured(o, p, jsonb_populate_record(NULL::payment_facts,
			jsonb_build_object('status', 'captured', 'currency', p.currency, 'amount', 0,
			'captured', 0)));
		RETURN payment_nothing(o.id);
	END IF;
	SELECT * INTO step FROM payment_step(o, p, $2);
	SELECT step.action, k.id, k.idem_key, p.provider, p.id,
		o.id, NULL::bigint, coalesce(k.target, p.provider_ref),
		ROW(coalesce(k.minor, p.amount), p.currency)::amount, p.method,
		c.provider_customer, coalesce(k.first_sent_at, p.created_at),
		coalesce(p.capture, 'automatic'), coalesce(k.final, true)
	INTO a.action, a.op_id, a.key, a.provider, a.payment_id, a.order_id,
		a.refund_id, a.ref, a.amount, a.method, a.customer, a.since, a.capture, a.final
	FROM (SELECT 1) AS one LEFT JOIN provider_op k ON k.id = step.op_id
	LEFT JOIN customer c ON c.id = o.customer_id;
	RETURN a;
END $$;

-- Since when an order waits for the provider's word before it ends.
CREATE FUNCTION order_waits_since(o orders) RETURNS timestamptz LANGUAGE sql STABLE AS $$
	SELECT max(e.at) FROM order_event e WHERE e.order_id = o.id
		AND e.machine = 'order' AND e.to_state = o.state
$$;

-- The next call about a payment, and its intent where the call has an effect.
-- What nobody wants must end.
CREATE FUNCTION payment_step(o orders, p payment, sync boolean,
	OUT action text, OUT op_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
	wanted boolean := payment_wanted(o, p);
	k provider_op;
BEGIN
	action := 'none';
	IF p.state = 'captured' THEN
		IF sync AND p.fee_ref IS NULL AND p.provider_ref IS NOT NULL THEN
			action := 'payment.get';
		END IF;
		RETURN;
	ELSIF p.state = 'canceled' OR p.state = 'new' AND NOT p.live AND EXISTS (SELECT
		FROM payment x WHERE x.order_id = o.id AND x.live AND x.superseded) THEN
		RETURN; -- ended, or not begun before another one has
	END IF;
	SELECT * INTO k FROM provider_op x WHERE x.payment_id = p.id
		AND x.kind IN ('payment.create', 'payment.cancel') AND x.state IN ('new', 'sent', 'unknown')
		ORDER BY x.id DESC LIMIT 1 FOR UPDATE;
	IF k.kind = 'payment.create' AND p.provider_ref IS NULL THEN
		op_id := k.id;
		IF k.state = 'new' AND NOT wanted THEN
			PERFORM payment_abandon(p.id);
			op_id := NULL;
		ELSIF k.state = 'new' OR wanted AND k.result IS DISTINCT FROM 'indeterminate'
			AND k.first_sent_at > now() - op_horizon(k.provider, k.kind) THEN
			action := 'payment.create';
		ELSE
			action := 'payment.find';
		END IF;
	ELSIF k.kind = 'payment.cancel' AND (k.first_sent_at IS NULL
		OR k.first_sent_at > now() - op_horizon(k.provider, k.kind))
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
	ELSIF o.state = 'held' THEN -- nothing is taken now, nor let go
		action := CASE WHEN sync THEN 'payment.get' ELSE 'none' END;
	ELSIF wanted THEN
		SELECT * INTO action, op_id FROM payment_capture_step(p, sync);
	ELSE
		SELECT * INTO action, op_id FROM payment_stop(p);
	END IF;
END $$;

-- A payment is wanted while it is the live one of an order that waits for its money.
CREATE FUNCTION payment_wanted(o orders, p payment) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT p.live AND NOT p.superseded AND (o.state = 'pending'
		OR o.state IN ('authorized', 'held') AND p.applied AND p.state = 'authorized')
$$;

-- Stop a payment that the provider knows: cancel it, but after a cancel that was refused
-- or got lost, first look at what it is.
CREATE FUNCTION payment_stop(p payment, OUT action text, OUT op_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
	last timestamptz;
BEGIN
	IF p.state = 'open' AND EXISTS (SELECT FROM provider_op x WHERE x.payment_id = p.id
		AND x.kind IN ('payment.authorize', 'payment.capture')
		AND x.state IN ('sent', 'unknown') AND x.last_sent_at > now() - op_margin()) THEN
		action := 'payment.get'; -- it may still be under way, and take the money
		RETURN;
	END IF;
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
	p payment;
BEGIN
	SELECT * INTO p FROM payment x WHERE x.id = $1;
	IF NOT state_may('payment', p.state, 'abandon') THEN
		RETURN;
	END IF;
	UPDATE provider_op k SET state = 'abandoned', concluded_at = now()
	WHERE k.payment_id = $1 AND starts_with(k.kind, 'payment.') AND k.state IN ('new', 'sent', 'unknown');
	PERFORM payment_end(p, 'abandon');
END $$;

-- No money can come of this payment any more.
CREATE FUNCTION payment_end(p payment, event text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	e state_edge := state_move('payment', p.id, p.order_id, p.state, $2);
BEGIN
	UPDATE payment x SET state = e.to_state, live = false, checks = 0, approved = false,
		client_secret = NULL, next_action = NULL, checked_at = now()
	WHERE x.id = p.id;
	IF p.applied AND (SELECT o.state FROM orders o WHERE o.id = p.order_id)
		IN ('authorized', 'held') THEN
		IF order_has_left(p.order_id) THEN
			PERFORM order_cut_short(p.order_id);
		ELSE
			PERFORM order_move(p.order_id, 'canceled', 'lapsed',
				jsonb_build_object('payment', p.id));
			PERFORM shipments_cancel(p.order_id);
		END IF;
	END IF;
	PERFORM order_voided(p.order_id);
	PERFORM payment_follow(p, $2 = 'canceled' OR p.method IS NOT NULL);
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
	ELSIF k.kind = 'payment.reauthorize' AND verdict IN ('done', 'refused', 'broken') THEN
		PERFORM payment_reauthorized($1);
	ELSIF k.kind IN ('payment.authorize', 'payment.capture')
		AND verdict IN ('refused', 'broken') THEN
		PERFORM payment_capture_refused(k, $6);
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
	ELSIF verdict = 'absent' AND NOT payment_wanted(o, p)
		AND k.last_sent_at < now() - op_margin() THEN
		PERFORM payment_abandon(p.id);
	END IF;
END $$;

-- Take an edge that changes nothing but the state; what it is then.
CREATE FUNCTION payment_move(p payment, event text) RETURNS payment
LANGUAGE plpgsql AS $$
DECLARE
	e state_edge := state_move('payment', p.id, p.order_id, p.state, $2);
BEGIN
	UPDATE payment x SET state = e.to_state WHERE x.id = p.id RETURNING * INTO p;
	RETURN p;
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
		UPDATE payment SET provider_ref = f.ref WHERE id = p.id;
		IF state_may('payment', p.state, 'open') THEN
			PERFORM payment_move(p, 'open');
		END IF;
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

-- The customer was sent elsewhere to agree.  What they did there a webhook tells, but a
-- sale is not lost because one is: we look, now and then, until it is heard of.
CREATE FUNCTION payment_unheard(p payment) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT p.state = 'open' AND p.next_action->>'type' = 'redirect' AND p.declines = 0
$$;

-- Nothing about this payment can change by our own asking any more.
CREATE FUNCTION payment_settled(o orders, p payment) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT p.state IN ('captured', 'canceled', 'abandoned')
		OR payment_wanted(o, p) AND p.state IN ('new', 'open', 'authorized')
		AND NOT p.approved AND NOT payment_unheard(p)
		AND NOT EXISTS (SELECT 1 FROM provider_op k WHERE k.payment_id = p.id
			AND starts_with(k.kind, 'payment.') AND k.state IN ('new', 'sent', 'unknown'))
$$;

-- Calls that lost their point: a create whose object is known, a cancel of what ended.
CREATE FUNCTION payment_close_calls(p payment) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF p.provider_ref IS NOT NULL THEN
		UPDATE provider_op k SET state = CASE k.kind WHEN 'payment.create' THEN 'done'
				WHEN 'payment.cancel' THEN CASE p.state WHEN 'canceled' THEN 'done'
					ELSE 'abandoned' END
				ELSE CASE WHEN k.upto <= p.captured OR k.kind = 'payment.authorize'
					AND p.state = 'authorized' THEN 'done' ELSE 'abandoned' END END,
			concluded_at = now(), result = p.provider_ref
		WHERE k.payment_id = p.id AND starts_with(k.kind, 'payment.')
			AND k.state IN ('new', 'sent', 'unknown')
			AND (k.kind = 'payment.create' OR p.state IN ('captured', 'canceled')
				OR k.kind = 'payment.authorize' AND p.state = 'authorized'
				OR k.kind = 'payment.capture' AND k.upto <= p.captured);
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
	IF payment_unheard(p) AND payment_wanted(o, p) THEN
		at := coalesce(at, op_again(p.checks + 4, '5 minutes', p.id));
	ELSIF p.approved AND p.state = 'open' AND payment_wanted(o, p)
		AND NOT EXISTS (SELECT FROM provider_op k WHERE k.payment_id = p.id
			AND k.state IN ('new', 'sent', 'unknown')) THEN
		at := coalesce(at, now()); -- the customer waits for us now
	ELSIF NOT payment_settled(o, p) THEN
		at := coalesce(at, op_again(p.checks, CASE
			WHEN o.state IN ('pending', 'expiring', 'canceling', 'authorized')
				THEN interval '1 minute'
			ELSE interval '1 hour' END, p.id));
	ELSIF p.state = 'captured' AND p.captured > 0 AND p.fee_ref IS NULL
		AND p.provider <> 'manual' AND p.checks < 8 THEN
		at := op_again(p.checks + 6, '1 day', p.id); -- the fee is often told later
	ELSIF p.state = 'authorized' THEN
		PERFORM job_trace_of(o.id);
		PERFORM payment_deadline(p);
		RETURN;
	ELSE
		RETURN;
	END IF;
	UPDATE payment SET checks = checks + 1 WHERE id = p.id;
	PERFORM job_trace_of(o.id);
	PERFORM job_put('payment.sync', p.id, at, NULL,
		p.id || CASE WHEN at > now() THEN ':later' ELSE ':now' END);
END $$;

