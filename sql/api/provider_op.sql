-- Calls to providers: the intent is committed before the call, with its exact bytes.

-- How long a provider surely remembers a key.  Past it nothing is sent again, only looked
-- up.  Stripe keeps keys for a day; PayPal those of orders for six hours, those of
-- authorizations and refunds for 45 days.  A capture may act on either.
CREATE FUNCTION op_horizon(provider text, kind text) RETURNS interval
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE $1
		WHEN 'stripe' THEN interval '23 hours'
		WHEN 'paypal' THEN CASE WHEN $2 IN ('payment.cancel', 'payment.reauthorize', 'refund.create')
			THEN interval '44 days' ELSE interval '5 hours' END
		ELSE interval '0' END
$$;

-- After this long without a trace no request can still be on its way: a lease, the
-- deadline of the call and ten minutes.
CREATE FUNCTION op_margin() RETURNS interval LANGUAGE sql IMMUTABLE AS $$
	SELECT interval '12 minutes'
$$;

-- When to look again after n looks that concluded nothing: 2 s, 4 s, ... up to a limit,
-- spread by id, because what failed together should not return together.
CREATE FUNCTION op_again(n integer, at_most interval, id bigint) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
	SELECT now() + least(interval '1 s' * 2 ^ least(n, 20), at_most)
		* (1 + ((id >> 10) % 64) / 256.0)
$$;

-- Mean to call.  The key names our row and when it was made, so that two databases that
-- share an account never use the same one.
CREATE FUNCTION op_intend(kind text, p payment, target text,
	refund_id bigint DEFAULT NULL) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
BEGIN
	INSERT INTO provider_op AS k (provider, kind, order_id, payment_id, refund_id,
		target, idem_key)
	VALUES (p.provider, $1, p.order_id, p.id, $4, $3, format('%s-%s-%s-%s', $1,
		coalesce($4, p.id), (SELECT count(*) FROM provider_op o
			WHERE o.payment_id = p.id AND o.kind = $1),
		(extract(epoch FROM now()) * 1000000)::bigint))
	RETURNING k.id INTO id;
	RETURN id;
END $$;

-- Mark a call as sent, just before it is: its bytes are kept, and whether it is still
-- wanted is asked one last time.  What was sent before goes out byte for byte again.
CREATE FUNCTION api.op_sent(op_id bigint, body bytea)
RETURNS TABLE (go boolean, body_text text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	k provider_op;
	o orders;
	p payment;
BEGIN
	SELECT * INTO k FROM provider_op WHERE id = $1;
	IF NOT FOUND THEN
		PERFORM absent('provider_op_exists', format('there is no call %s', $1));
	END IF;
	SELECT * INTO o FROM orders WHERE id = k.order_id FOR UPDATE;
	SELECT * INTO p FROM payment WHERE id = k.payment_id FOR UPDATE;
	SELECT * INTO k FROM provider_op WHERE id = $1 FOR UPDATE;
	go := k.state IN ('new', 'sent', 'unknown')
		AND (k.first_sent_at IS NULL
			OR k.first_sent_at > now() - op_horizon(k.provider, k.kind))
		AND CASE k.kind
			WHEN 'payment.create' THEN payment_wanted(o, p) AND p.provider_ref IS NULL
			WHEN 'payment.cancel' THEN NOT payment_wanted(o, p)
				AND p.state NOT IN ('captured', 'canceled')
			WHEN 'payment.authorize' THEN payment_wanted(o, p) AND p.state = 'open'
				AND p.approved
			WHEN 'payment.capture' THEN payment_wanted(o, p) AND o.state <> 'held'
				AND k.upto > p.captured
				AND (p.state = 'authorized' OR p.state = 'open' AND p.approved)
			WHEN 'payment.reauthorize' THEN payment_wanted(o, p) AND p.state = 'authorized'
				AND NOT p.reauthorized
			WHEN 'refund.create' THEN (SELECT r.state = 'requested' FROM refund r
				WHERE r.id = k.refund_id FOR UPDATE)
			WHEN 'dispute.update' THEN dispute_is_open(k.dispute_id)
			WHEN 'dispute.close' THEN dispute_is_open(k.dispute_id)
			ELSE false END;
	IF go THEN
		UPDATE provider_op AS u SET body = coalesce(u.body, $2),
			state = CASE u.state WHEN 'new' THEN 'sent' ELSE 'unknown' END,
			attempts = u.attempts + 1,
			first_sent_at = coalesce(u.first_sent_at, now()), last_sent_at = now()
		WHERE u.id = $1
		RETURNING convert_from(u.body, 'UTF8') INTO body_text;
	ELSIF k.refund_id IS NULL AND k.dispute_id IS NULL THEN
		PERFORM payment_schedule(p.id, 0);
	END IF;
	RETURN NEXT;
END $$;

-- Write down how a call ended.  Not executed means this time: whether an earlier
-- attempt was executed stays as unknown as it was.
CREATE FUNCTION op_conclude(op_id bigint, verdict text, status bigint, request_id text,
	result text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE provider_op AS k SET
		state = CASE
			WHEN verdict = 'done' THEN 'done'
			WHEN verdict IN ('refused', 'broken') THEN 'refused'
			WHEN verdict = 'not_executed' AND k.state = 'sent' THEN 'new'
			ELSE 'unknown' END,
		first_sent_at = CASE WHEN verdict = 'not_executed' AND k.state = 'sent'
			THEN NULL ELSE k.first_sent_at END,
		concluded_at = CASE WHEN verdict IN ('done', 'refused', 'broken') THEN now() END,
		status = nullif($3, 0), request_id = $4,
		result = CASE WHEN verdict = 'indeterminate' THEN 'indeterminate'
			WHEN verdict = 'not_executed' AND k.result = 'indeterminate' THEN k.result
			ELSE $5 END
	WHERE k.id = $1 AND k.state IN ('new', 'sent', 'unknown');
END $$;
