-- Authorizations that are renewed: the provider honors one for a few days, and after that
-- only if the customer's account still has the money.

-- For how long money that was promised is surely there.
CREATE FUNCTION payment_honored(p payment) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT p.honor_until IS NULL OR p.honor_until > now()
$$;

-- Before the next capture of money that is no longer surely there, ask for it again: once,
-- and whatever is answered the capture is tried then.  k is the capture that is due.
CREATE FUNCTION payment_reauthorize_step(p payment, k provider_op, OUT action text,
	OUT op_id bigint)
LANGUAGE plpgsql AS $$
DECLARE
	r provider_op;
BEGIN
	SELECT * INTO r FROM provider_op x WHERE x.payment_id = p.id
		AND x.kind = 'payment.reauthorize' AND x.state IN ('new', 'sent', 'unknown')
		ORDER BY x.id LIMIT 1 FOR UPDATE;
	IF r.id IS NOT NULL AND (r.state = 'new' OR r.result IS DISTINCT FROM 'indeterminate'
		AND r.first_sent_at > now() - op_horizon(r.provider, r.kind)) THEN
		action := r.kind;
		op_id := r.id;
	ELSIF r.id IS NOT NULL THEN
		PERFORM payment_reauthorized(p.id);
	ELSIF k.kind = 'payment.capture' AND k.state = 'new' AND p.state = 'authorized'
		AND NOT p.reauthorized AND NOT payment_honored(p) AND p.capture_before > now() THEN
		action := 'payment.reauthorize';
		op_id := op_intend(action, p, p.provider_ref);
	END IF;
END $$;

-- It was asked; there is no second time.
CREATE FUNCTION payment_reauthorized(payment_id bigint) RETURNS void LANGUAGE sql AS $$
	UPDATE provider_op k SET state = 'abandoned', concluded_at = now()
	WHERE k.payment_id = $1 AND k.kind = 'payment.reauthorize'
		AND k.state IN ('new', 'sent', 'unknown');
	UPDATE payment x SET reauthorized = true WHERE x.id = $1
$$;

-- Tell a person a day before the money is no longer surely there, while it is not taken.
CREATE FUNCTION payment_honor_warn(o orders, p payment) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF p.state = 'authorized' AND o.state = 'authorized' AND NOT p.reauthorized
		AND now() >= p.honor_until - interval '24 hours' THEN
		PERFORM incident_open('authorization_unsure', o.id, p.id, jsonb_build_object(
			'honor_until', p.honor_until, 'capture_before', p.capture_before,
			'left', p.amount - p.captured))
		WHERE NOT EXISTS (SELECT FROM incident i WHERE i.payment_id = p.id
			AND i.kind = 'authorization_unsure');
	END IF;
END $$;
