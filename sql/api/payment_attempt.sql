-- Attempts: an order that still waits may be paid by another one, one at a time.

-- One more attempt.  It waits while another one is live: that is ended first, and may
-- still win.
CREATE FUNCTION payment_again(o orders, provider text, method text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	before payment;
	waits boolean := EXISTS (SELECT FROM payment x WHERE x.order_id = o.id AND x.live);
	id bigint := new_id();
BEGIN
	SELECT * INTO before FROM payment x WHERE x.order_id = o.id ORDER BY x.id DESC LIMIT 1;
	INSERT INTO payment (id, order_id, provider, method, live, currency, amount, capture,
		late, surplus)
	VALUES (id, o.id, $2, $3, NOT waits, o.currency, o.total, before.capture, before.late,
		before.surplus);
	PERFORM job_trace_of(o.id);
	IF NOT waits THEN
		PERFORM job_put('payment.submit', id);
	END IF;
	RETURN id;
END $$;

-- An attempt has ended.  While the order waits, the next one begins: the one that was
-- asked for, or, when the live one was lost without anybody's wish, one for the customer
-- to confirm.  Once the order waits no more, nobody begins anything.
CREATE FUNCTION payment_follow(p payment, instead boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	o orders;
	next payment;
BEGIN
	SELECT * INTO o FROM orders WHERE id = p.order_id;
	SELECT * INTO next FROM payment x WHERE x.order_id = p.order_id AND x.id <> p.id
		AND x.state = 'new' AND NOT x.live ORDER BY x.id DESC LIMIT 1;
	IF next.id IS NOT NULL AND o.state <> 'pending' THEN
		PERFORM payment_abandon(next.id);
	ELSIF o.state <> 'pending' OR NOT p.live THEN
		RETURN;
	ELSIF next.id IS NOT NULL THEN
		UPDATE payment x SET live = true WHERE x.id = next.id;
		PERFORM job_trace_of(o.id);
		PERFORM job_put('payment.submit', next.id);
	ELSIF instead AND (SELECT count(*) FROM payment x WHERE x.order_id = o.id) < 5 THEN
		PERFORM payment_again(o, p.provider, CASE p.provider WHEN 'manual' THEN p.method END);
	END IF;
END $$;

-- Try again, with another method or another provider.  A live attempt is ended at its
-- provider first; if it became money meanwhile, the new one never begins.
CREATE FUNCTION api.payment_retry(order_id bigint, with_provider text, method text)
RETURNS TABLE (payment_id bigint, provider text, state text, waits_for bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	o orders;
	live payment;
BEGIN
	SELECT * INTO o FROM orders WHERE id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('order_exists', format('there is no order %s', $1),
			'shopctl order list');
	ELSIF o.state <> 'pending' THEN
		PERFORM refuse('payment_retry_is_awaited', format(
			'order %s is %s: it waits for no payment', $1, o.state),
			format('shopctl order why %s', $1));
	END IF;
	PERFORM checkout_payable(o.currency, o.total, $2);
	PERFORM payment_abandon(x.id) FROM payment x WHERE x.order_id = $1
		AND x.state = 'new' AND NOT x.live;
	SELECT * INTO live FROM payment x WHERE x.order_id = $1 AND x.live FOR UPDATE;
	payment_id := payment_again(o, coalesce($2, live.provider, 'stripe'), $3);
	waits_for := live.id;
	IF live.id IS NOT NULL THEN
		UPDATE payment x SET superseded = true WHERE x.id = live.id;
		PERFORM payment_schedule(live.id, 0);
	END IF;
	PERFORM audit('order:' || $1, 'payment.retry', NULL, jsonb_build_object(
		'payment', payment_id, 'instead_of', live.id));
	SELECT x.provider, x.state INTO provider, state FROM payment x WHERE x.id = payment_id;
	RETURN NEXT;
END $$;

-- What the shop's configuration says of payments counts for those not yet begun.
CREATE FUNCTION payment_policy(p payment, policy jsonb) RETURNS payment
LANGUAGE plpgsql AS $$
BEGIN
	IF $2 IS NOT NULL AND p.state = 'new' AND NOT EXISTS (SELECT FROM provider_op k
		WHERE k.payment_id = p.id) THEN
		UPDATE payment x SET capture = coalesce(x.capture, $2->>'capture'),
			late = coalesce(x.late, $2->>'late'),
			surplus = coalesce(x.surplus, $2->>'surplus')
		WHERE x.id = p.id RETURNING * INTO p;
	END IF;
	RETURN p;
END $$;
