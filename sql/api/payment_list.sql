-- Payments as they are listed and shown.

-- Payments for the operator.
CREATE FUNCTION api.payment_list(only_state text, only_order bigint, since timestamptz,
	max_rows bigint, only_provider text DEFAULT NULL, only_unmatched boolean DEFAULT false)
RETURNS TABLE (id bigint, order_id bigint, provider text, provider_ref text,
	state text, applied boolean, unmatched boolean, amount amount, captured amount, refunded amount,
	declines bigint, last_error text, created_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT p.id, p.order_id, p.provider, p.provider_ref, p.state, p.applied,
		p.captured > 0 AND NOT p.applied, ROW(p.amount, p.currency)::amount, ROW(p.captured, p.currency)::amount,
		ROW(payment_refunded(p.id), p.currency)::amount, p.declines::bigint,
		p.last_error, p.created_at
	FROM payment p
	WHERE ($1 IS NULL OR p.state = $1) AND ($2 IS NULL OR p.order_id = $2)
		AND ($3 IS NULL OR p.created_at >= $3) AND ($5 IS NULL OR p.provider = $5)
		AND (NOT $6 OR p.captured > 0 AND NOT p.applied)
	ORDER BY p.created_at DESC, p.id DESC LIMIT coalesce($4, 50);
END $$;

CREATE FUNCTION api.payment_get(payment_id bigint)
RETURNS TABLE (id bigint, order_id bigint, order_state text, provider text,
	provider_ref text, charge_ref text, state text, live boolean, applied boolean,
	unmatched boolean, capture text, capture_before timestamptz, amount amount, captured amount, refunded amount, declines bigint, last_error text,
	created_at timestamptz, checked_at timestamptz, calls jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT p.id, p.order_id, o.state, p.provider, p.provider_ref, p.charge_ref, p.state,
		p.live, p.applied, p.captured > 0 AND NOT p.applied,
		coalesce(p.capture, 'automatic'), p.capture_before, ROW(p.amount, p.currency)::amount,
		ROW(p.captured, p.currency)::amount,
		ROW(payment_refunded(p.id), p.currency)::amount, p.declines::bigint,
		p.last_error, p.created_at, p.checked_at,
		(SELECT coalesce(jsonb_agg(jsonb_build_object('kind', k.kind, 'state', k.state,
			'attempts', k.attempts, 'status', k.status, 'result', k.result,
			'request', k.request_id, 'amount', k.minor, 'sent', k.last_sent_at) ORDER BY k.id), '[]')
			FROM provider_op k WHERE k.payment_id = p.id)
	FROM payment p JOIN orders o ON o.id = p.order_id WHERE p.id = $1;
	IF NOT FOUND THEN
		PERFORM absent('payment_exists', format('there is no payment %s', $1),
			'shopctl payment list');
	END IF;
END $$;
