-- Refunds at the provider: the call, its conclusion, and what the provider says of them -
-- which it may say otherwise weeks later.

-- What a refund acts on: at PayPal a capture, chosen with the intent, for the same key must
-- never reach two captures.
CREATE FUNCTION refund_target(r refund, p payment) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT CASE p.provider WHEN 'paypal' THEN coalesce(r.capture_ref, p.charge_ref)
		ELSE p.provider_ref END
$$;

-- What is to be done about a refund now, and the facts of that call.
CREATE FUNCTION api.refund_load(refund_id bigint) RETURNS SETOF payment_action
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r refund;
	p payment;
	k provider_op;
	a payment_action;
BEGIN
	SELECT * INTO r FROM refund WHERE id = $1;
	IF NOT FOUND THEN
		PERFORM absent('refund_exists', format('there is no refund %s', $1),
			'shopctl refund list');
	END IF;
	SELECT * INTO p FROM payment WHERE id = r.payment_id;
	SELECT * INTO k FROM provider_op x WHERE x.payment_id = p.id AND x.refund_id = r.id
		ORDER BY x.id DESC LIMIT 1;
	a.action := CASE
		WHEN r.state IN ('pending', 'requires_action') THEN 'refund.get'
		WHEN r.state <> 'requested' OR p.provider = 'manual' THEN 'none'
		WHEN k.state = 'new' THEN 'refund.create'
		WHEN k.state IN ('sent', 'unknown') AND k.result IS DISTINCT FROM 'indeterminate'
			AND k.first_sent_at > now() - op_horizon(k.provider, k.kind) THEN 'refund.create'
		ELSE 'refund.find' END;
	a.op_id := k.id;
	a.key := k.idem_key;
	a.provider := p.provider;
	a.payment_id := p.id;
	a.order_id := r.order_id;
	a.refund_id := r.id;
	a.ref := CASE a.action WHEN 'refund.get' THEN r.provider_ref
		WHEN 'refund.create' THEN k.target ELSE p.provider_ref END;
	a.amount := ROW(r.amount, r.currency)::amount;
	a.since := r.created_at;
	RETURN NEXT a;
END $$;

-- Conclude a call about a refund: the result, the ledger and what is next commit together.
-- A call that got lost is looked up; when an hour later there is still no trace of it, it
-- ends here and a person decides: it is never sent again.
CREATE FUNCTION api.refund_record(refund_id bigint, op_id bigint, verdict text,
	status bigint, request_id text, error text, retry_after_s bigint, facts jsonb)
RETURNS TABLE (refund_state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r refund;
	k provider_op;
	f refund_facts := jsonb_populate_record(NULL::refund_facts, $8);
BEGIN
	PERFORM refund_lock($1);
	SELECT * INTO r FROM refund WHERE id = $1;
	SELECT * INTO k FROM provider_op x WHERE x.id = $2 AND x.refund_id = $1 FOR UPDATE;
	IF f.ref IS NOT NULL THEN
		PERFORM refund_apply($1, f);
	END IF;
	IF k.id IS NOT NULL AND verdict <> 'absent' THEN
		PERFORM op_conclude(k.id, verdict, $4, $5, coalesce($6, f.ref));
	END IF;
	IF f.ref IS NULL AND r.state = 'requested' THEN
		IF verdict IN ('refused', 'broken') OR verdict = 'absent'
			AND coalesce(k.last_sent_at, r.created_at) < now() - interval '1 hour' THEN
			PERFORM refund_reject($1, coalesce($6, 'the provider has no trace of it'));
			PERFORM op_conclude(k.id, 'refused', $4, $5, coalesce($6, 'absent'));
		END IF;
	END IF;
	PERFORM refund_schedule($1, nullif($7, 0));
	RETURN QUERY SELECT x.state FROM refund x WHERE x.id = $1;
END $$;

-- Lock in the order that everybody locks in.
CREATE FUNCTION refund_lock(refund_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM orders WHERE id = (SELECT r.order_id FROM refund r WHERE r.id = $1)
		FOR UPDATE;
	PERFORM FROM payment WHERE id = (SELECT r.payment_id FROM refund r WHERE r.id = $1)
		FOR UPDATE;
	PERFORM FROM refund WHERE id = $1 FOR UPDATE;
END $$;

-- The one way in which what a provider says changes a refund.  It goes on to succeeded
-- and from anywhere to failed, never back; a late word changes nothing.
CREATE FUNCTION refund_apply(refund_id bigint, f refund_facts) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	r refund;
	was text;
BEGIN
	PERFORM refund_lock($1);
	SELECT * INTO r FROM refund WHERE id = $1;
	was := r.state;
	IF r.provider_ref IS NOT NULL AND r.provider_ref <> f.ref
		OR r.provider_ref IS NULL AND was <> 'requested'
		AND f.status IN ('pending', 'requires_action', 'succeeded') THEN
		PERFORM incident_open('refund_object_unexpected', r.order_id, r.payment_id,
			jsonb_build_object('refund', r.id, 'ref', f.ref, 'status', f.status));
		RETURN;
	ELSIF NOT state_may('refund', was, f.status) OR r.provider_ref IS NULL
		AND was <> 'requested' THEN
		RETURN;
	ELSIF f.amount <> r.amount OR f.currency <> r.currency THEN
		PERFORM incident_open('refund_mismatch', r.order_id, r.payment_id,
			jsonb_build_object('refund', r.id, 'ref', f.ref, 'amount', f.amount));
	END IF;
	r.state := (state_move('refund', r.id, r.order_id, was, f.status,
		jsonb_build_object('ref', f.ref, 'error', f.error))).to_state;
	UPDATE refund x SET state = r.state, provider_ref = f.ref,
		last_error = coalesce(f.error, x.last_error), checks = 0,
		settled_at = CASE WHEN r.state IN ('pending', 'requires_action') THEN x.settled_at
			ELSE now() END
	WHERE x.id = r.id;
	IF was = 'requested' THEN
		PERFORM post('rout:' || r.id, 'refund_accepted', r.order_id, r.payment_id, r.id,
			r.currency, '{refund:payable,psp:clearing}', ARRAY[r.amount, -r.amount]);
	END IF;
	PERFORM refund_fee(r, f);
	IF r.state IN ('failed', 'canceled') THEN
		PERFORM refund_fee_again(r);
		PERFORM refund_failed(r, f.error);
	ELSE
		PERFORM notify('refund_sent', r.order_id, r.id);
	END IF;
END $$;

-- It came back, perhaps weeks after it had succeeded: both legs are undone, exactly where
-- the money had come from, and a person finds another way to the customer.
CREATE FUNCTION refund_failed(r refund, error text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM post('rfail:' || r.id, 'refund_failed', r.order_id, r.payment_id, r.id,
		r.currency, array_agg(l.account ORDER BY l.n), array_agg(l.amount ORDER BY l.n))
	FROM (SELECT 0 AS n, 'psp:clearing' AS account, r.amount AS amount
		UNION ALL SELECT y.n, y.account, -y.amount
		FROM ledger_entry e JOIN ledger_line y ON y.entry_id = e.id
		WHERE e.key = 'rreq:' || r.id AND y.account <> 'refund:payable') AS l;
	PERFORM incident_open('refund_failed', r.order_id, r.payment_id,
		jsonb_build_object('refund', r.id, 'error', $2));
	PERFORM notify('refund_failed', r.order_id, r.id);
END $$;

-- The provider refused: the money stays, and can be refunded again by a new refund.
CREATE FUNCTION refund_reject(refund_id bigint, error text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	r refund;
BEGIN
	SELECT * INTO r FROM refund WHERE id = $1 FOR UPDATE;
	IF NOT state_may('refund', r.state, 'reject') THEN
		RETURN;
	END IF;
	UPDATE refund SET last_error = $2, settled_at = now(), state = (state_move('refund',
		r.id, r.order_id, r.state, 'reject', jsonb_build_object('error', $2))).to_state
	WHERE id = $1;
	PERFORM post_reversal('rrej:' || r.id, 'refund_refused', 'rreq:' || r.id);
	PERFORM incident_open('refund_rejected', r.order_id, r.payment_id,
		jsonb_build_object('refund', r.id, 'error', $2));
END $$;

-- See to it that an unsettled refund is looked at again.
CREATE FUNCTION refund_schedule(refund_id bigint, after_s bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	r refund;
BEGIN
	UPDATE refund SET checks = checks + 1 WHERE id = $1
		AND state IN ('requested', 'pending', 'requires_action')
		RETURNING * INTO r;
	IF FOUND THEN
		PERFORM job_put('refund.submit', r.id, coalesce(now() + $2 * interval '1 s',
			CASE WHEN r.state <> 'requested' THEN op_again(r.checks + 8, '6 hours', r.id)
			ELSE op_again(r.checks, '1 hour', r.id) END), NULL, r.id || ':later');
	END IF;
END $$;

-- Which refund of ours the provider talks about; null when none.
CREATE FUNCTION refund_match(provider text, f refund_facts) RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT r.id FROM refund r JOIN payment p ON p.id = r.payment_id
	WHERE p.provider = $1 AND (r.provider_ref = f.ref OR r.id = f.refund_id
		AND EXISTS (SELECT 1 FROM provider_op k WHERE k.refund_id = r.id
			AND k.idem_key = f.op_key))
	ORDER BY r.provider_ref = f.ref DESC NULLS LAST LIMIT 1
$$;
