-- Refunds: asked for under the payment's lock, sent by a job, true when the provider
-- says so - and it may say otherwise weeks later.

-- Money of a payment that went back or is on its way.
CREATE FUNCTION payment_refunded(payment_id bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(r.amount), 0)::bigint FROM refund r WHERE r.payment_id = $1
		AND r.state IN ('requested', 'pending', 'succeeded')
$$;

-- 12.30 EUR, for people.
CREATE FUNCTION money_text(minor bigint, currency text) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT round($1 / 10::numeric ^ x.exponent, x.exponent) || ' ' || $2
	FROM (SELECT coalesce((SELECT c.exponent FROM currency c WHERE c.code = $2), 2)::int
		AS exponent) AS x
$$;

-- Ask for money to go back.  Locks order and payment, so two that race see each other.
-- The intent to call and the job that will are part of the same transaction.
CREATE FUNCTION refund_open(payment_id bigint, key text, minor bigint, reason text,
	automatic boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	p payment;
	left_over bigint;
	id bigint;
BEGIN
	PERFORM FROM orders WHERE orders.id = (SELECT x.order_id FROM payment x
		WHERE x.id = $1) FOR UPDATE;
	SELECT * INTO p FROM payment x WHERE x.id = $1 FOR UPDATE;
	left_over := p.captured - payment_refunded(p.id);
	IF $3 > left_over THEN
		PERFORM refuse('refund_within_captured', format(
			'only %s of %s can still be refunded', money_text(left_over, p.currency),
			money_text(p.captured, p.currency)),
			format('shopctl refund list --order %s', p.order_id));
	END IF;
	INSERT INTO refund AS r (order_id, payment_id, key, currency, amount, reason, automatic)
	VALUES (p.order_id, p.id, $2, p.currency, $3, $4, $5)
	RETURNING r.id INTO id;
	PERFORM post('rreq:' || id, 'refund_requested', p.order_id, p.id, id, p.currency,
		'{customer:deposits,refund:payable}', ARRAY[$3, -$3]);
	PERFORM op_intend('refund.create', p, p.provider_ref, id);
	PERFORM job_trace_of(p.order_id);
	PERFORM job_put('refund.submit', id);
	PERFORM audit('order:' || p.order_id, 'refund.create', NULL, jsonb_build_object(
		'refund', id, 'amount', $3, 'currency', p.currency, 'reason', $4));
	RETURN id;
END $$;

-- Give back whatever is left of the payment that paid an order; null when nothing is.
CREATE FUNCTION refund_rest(order_id bigint, key text, reason text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	p payment;
	left_over bigint;
	id bigint;
BEGIN
	SELECT * INTO p FROM payment x WHERE x.order_id = $1 AND x.applied FOR UPDATE;
	left_over := p.captured - payment_refunded(p.id);
	IF left_over > 0 THEN
		id := refund_open(p.id, $2, left_over, $3, true);
		INSERT INTO refund_line (refund_id, n, qty, amount)
		SELECT id, u.n, u.qty, u.share FROM refund_by_amount($1, left_over, id) AS u;
	END IF;
	RETURN id;
END $$;

-- What is left to refund of each line, and which money is the shipping's (n = 0).
CREATE FUNCTION refund_lines(order_id bigint)
RETURNS TABLE (n smallint, sku text, qty bigint, units_back bigint, total bigint,
	money_back bigint)
LANGUAGE sql STABLE AS $$
	SELECT l.n, l.sku, l.qty, coalesce(b.qty, 0)::bigint,
		l.qty * l.unit_price - l.discount + l.tax, coalesce(b.amount, 0)::bigint
	FROM order_line l LEFT JOIN LATERAL (
		SELECT sum(rl.qty) AS qty, sum(rl.amount) AS amount FROM refund_line rl
		JOIN refund r ON r.id = rl.refund_id
		WHERE r.order_id = $1 AND rl.n = l.n
			AND r.state IN ('requested', 'pending', 'succeeded')) AS b ON true
	WHERE l.order_id = $1 ORDER BY l.n
$$;

-- What `units` more of a line are worth after `before` of `qty`: equal shares of the
-- line's stored total, and the last unit takes what the division left.
CREATE FUNCTION refund_share(total bigint, qty bigint, before bigint, units bigint)
RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
	SELECT units * (total / qty)
		+ CASE WHEN before + units = qty THEN total % qty ELSE 0 END
$$;

-- The wanted units as shares of the lines: [{"sku": "DOG-5KG", "qty": 2}].  A SKU that
-- was filled from two places is on two lines.
CREATE FUNCTION refund_by_units(order_id bigint, lines jsonb)
RETURNS TABLE (n smallint, qty bigint, share bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	want record;
	l record;
	wanted bigint;
	take bigint;
BEGIN
	FOR want IN SELECT j->>'sku' AS sku, sum((j->>'qty')::bigint)::bigint AS qty
		FROM jsonb_array_elements($2) AS j GROUP BY 1 ORDER BY 1 LOOP
		wanted := want.qty;
		FOR l IN SELECT * FROM refund_lines($1) x WHERE x.sku = want.sku LOOP
			take := least(wanted, l.qty - l.units_back);
			wanted := wanted - take;
			CONTINUE WHEN take <= 0;
			n := l.n;
			qty := take;
			share := refund_share(l.total, l.qty, l.units_back, take);
			RETURN NEXT;
		END LOOP;
		IF wanted > 0 OR want.qty <= 0 THEN
			PERFORM refuse('refund_within_line', format(
				'only %s of %s on order %s can still be refunded, not %s',
				want.qty - wanted, want.sku, $1, want.qty),
				format('shopctl order show %s', $1));
		END IF;
	END LOOP;
END $$;

-- An amount, split over what is left of the lines and the shipping: largest remainder,
-- ties to the first line, so that the shares add up to the cent.  refund_id is the one
-- being split: its money is still to be given.
CREATE FUNCTION refund_by_amount(order_id bigint, minor bigint, refund_id bigint)
RETURNS TABLE (n smallint, qty bigint, share bigint)
LANGUAGE sql STABLE AS $$
	WITH weight AS (
		SELECT x.n, greatest(x.total - x.money_back, 0) AS w FROM refund_lines($1) x
		UNION ALL SELECT 0::smallint, greatest(o.shipping - (SELECT coalesce(sum(r.amount
			- (SELECT coalesce(sum(x.amount), 0) FROM refund_line x
				WHERE x.refund_id = r.id)), 0) FROM refund r
			WHERE r.order_id = $1 AND r.id <> $3
			AND r.state IN ('requested', 'pending', 'succeeded')), 0)::bigint
		FROM orders o WHERE o.id = $1),
	part AS (
		SELECT n, w, floor($2 * w / nullif(sum(w) OVER (), 0)) AS share,
			$2 * w % nullif(sum(w) OVER (), 0) AS rest FROM weight),
	ranked AS (
		SELECT *, row_number() OVER (ORDER BY rest DESC, n) AS rank,
			$2 - sum(share) OVER () AS missing FROM part)
	SELECT n, 0::bigint, (share + (rank <= missing)::int)::bigint FROM ranked
	WHERE n > 0 AND share + (rank <= missing)::int > 0
$$;

-- Refund an order: units of lines, an amount, or (neither) all that is left.
-- Asking again with the same key answers with the first refund.
CREATE FUNCTION api.refund_create(order_id bigint, key text, minor bigint, currency text,
	lines jsonb, reason text)
RETURNS SETOF refund_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	p payment;
	refund_id bigint;
	amount bigint := $3;
BEGIN
	PERFORM FROM orders o WHERE o.id = $1 FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM absent('order_exists', format('there is no order %s', $1),
			'shopctl order list');
	ELSIF coalesce($6, '') = '' THEN
		PERFORM invalid('refund_has_a_reason', 'a refund needs a reason', '--reason TEXT');
	END IF;
	SELECT r.id INTO refund_id FROM refund r WHERE r.order_id = $1 AND r.key = $2;
	IF FOUND THEN
		IF $3 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM refund r WHERE r.id = refund_id
			AND r.amount = $3 AND r.currency = $4) THEN
			PERFORM refuse('refund_key_used_once', format(
				'the key %s was used for another refund of order %s', $2, $1));
		END IF;
		RETURN QUERY SELECT * FROM refund_show(refund_id, true);
		RETURN;
	END IF;
	SELECT * INTO p FROM payment x WHERE x.order_id = $1 AND x.applied FOR UPDATE;
	IF NOT FOUND THEN
		PERFORM refuse('refund_needs_a_capture', format('order %s was not paid', $1),
			format('shopctl order why %s', $1));
	ELSIF $4 IS NOT NULL AND $4 <> p.currency THEN
		PERFORM refuse('refund_in_the_currency_paid', format(
			'order %s was paid in %s, not in %s', $1, p.currency, $4));
	END IF;
	IF $5 IS NOT NULL THEN
		SELECT sum(u.share) INTO amount FROM refund_by_units($1, $5) u;
	ELSIF amount IS NULL THEN
		amount := p.captured - payment_refunded(p.id);
	END IF;
	IF coalesce(amount, 0) <= 0 THEN
		PERFORM refuse('refund_amount_is_positive', format(
			'nothing of order %s is left to refund', $1),
			format('shopctl refund list --order %s', $1));
	END IF;
	refund_id := refund_open(p.id, $2, amount, $6, false);
	INSERT INTO refund_line (refund_id, n, qty, amount)
	SELECT refund_id, u.n, u.qty, u.share
	FROM (SELECT * FROM refund_by_units($1, $5) WHERE $5 IS NOT NULL
		UNION ALL SELECT * FROM refund_by_amount($1, amount, refund_id) WHERE $5 IS NULL) AS u;
	RETURN QUERY SELECT * FROM refund_show(refund_id, false);
END $$;

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
		WHEN r.state = 'pending' THEN 'refund.get'
		WHEN r.state <> 'requested' THEN 'none'
		WHEN k.state = 'new' THEN 'refund.create'
		WHEN k.state IN ('sent', 'unknown') AND k.result IS DISTINCT FROM 'indeterminate'
			AND k.first_sent_at > now() - op_horizon() THEN 'refund.create'
		ELSE 'refund.find' END;
	a.op_id := k.id;
	a.key := k.idem_key;
	a.provider := p.provider;
	a.payment_id := p.id;
	a.order_id := r.order_id;
	a.refund_id := r.id;
	a.ref := CASE a.action WHEN 'refund.get' THEN r.provider_ref ELSE p.provider_ref END;
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
BEGIN
	PERFORM refund_lock($1);
	SELECT * INTO r FROM refund WHERE id = $1;
	IF r.provider_ref IS NOT NULL AND r.provider_ref <> f.ref
		OR r.state IN ('failed', 'rejected', 'canceled')
		AND f.status IN ('pending', 'succeeded') AND r.provider_ref IS NULL THEN
		PERFORM incident_open('refund_object_unexpected', r.order_id, r.payment_id,
			jsonb_build_object('refund', r.id, 'ref', f.ref, 'status', f.status));
		RETURN;
	ELSIF r.state IN ('failed', 'rejected', 'canceled')
		OR f.status NOT IN ('pending', 'succeeded', 'failed', 'canceled')
		OR r.state = 'succeeded' AND f.status <> 'failed' THEN
		RETURN;
	ELSIF f.amount <> r.amount OR f.currency <> r.currency THEN
		PERFORM incident_open('refund_mismatch', r.order_id, r.payment_id,
			jsonb_build_object('refund', r.id, 'ref', f.ref, 'amount', f.amount));
	END IF;
	UPDATE refund SET state = f.status, provider_ref = f.ref,
		last_error = coalesce(f.error, last_error),
		checks = CASE WHEN state = f.status THEN checks ELSE 0 END,
		settled_at = CASE WHEN f.status = 'pending' THEN settled_at ELSE now() END
	WHERE id = r.id;
	IF r.state = 'requested' THEN
		PERFORM post('rout:' || r.id, 'refund_accepted', r.order_id, r.payment_id, r.id,
			r.currency, '{refund:payable,psp:clearing}', ARRAY[r.amount, -r.amount]);
	END IF;
	IF f.status IN ('pending', 'succeeded') THEN
		PERFORM notify('refund_sent', r.order_id, r.id);
	ELSE
		PERFORM post('rfail:' || r.id, 'refund_failed', r.order_id, r.payment_id, r.id,
			r.currency, '{psp:clearing,customer:deposits}', ARRAY[r.amount, -r.amount]);
		PERFORM incident_open('refund_failed', r.order_id, r.payment_id,
			jsonb_build_object('refund', r.id, 'error', f.error));
	END IF;
END $$;

-- The provider refused: the money stays, and can be refunded again by a new refund.
CREATE FUNCTION refund_reject(refund_id bigint, error text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	r refund;
BEGIN
	UPDATE refund SET state = 'rejected', last_error = $2, settled_at = now()
	WHERE id = $1 AND state = 'requested' RETURNING * INTO r;
	IF FOUND THEN
		PERFORM post_reversal('rrej:' || r.id, 'refund_refused', 'rreq:' || r.id);
		PERFORM incident_open('refund_rejected', r.order_id, r.payment_id,
			jsonb_build_object('refund', r.id, 'error', $2));
	END IF;
END $$;

-- See to it that an unsettled refund is looked at again.
CREATE FUNCTION refund_schedule(refund_id bigint, after_s bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	r refund;
BEGIN
	UPDATE refund SET checks = checks + 1 WHERE id = $1
		AND state IN ('requested', 'pending') RETURNING * INTO r;
	IF FOUND THEN
		PERFORM job_put('refund.submit', r.id, coalesce(now() + $2 * interval '1 s',
			CASE WHEN r.state = 'pending' THEN op_again(r.checks + 8, '6 hours', r.id)
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

-- Refunds for the operator.
CREATE FUNCTION refund_show(refund_id bigint, replayed boolean) RETURNS SETOF refund_view
LANGUAGE sql STABLE AS $$
	SELECT r.id, r.order_id, r.payment_id, r.provider_ref, r.state,
		ROW(r.amount, r.currency)::amount, r.reason, r.automatic, r.last_error,
		(SELECT coalesce(jsonb_agg(jsonb_build_object('sku', l.sku, 'qty', x.qty, 'amount',
			jsonb_build_object('minor', x.amount, 'currency', r.currency)) ORDER BY x.n), '[]')
			FROM refund_line x JOIN order_line l ON l.order_id = r.order_id AND l.n = x.n
			WHERE x.refund_id = r.id),
		r.created_at, r.settled_at, $2
	FROM refund r WHERE r.id = $1
$$;

CREATE FUNCTION api.refund_get(refund_id bigint) RETURNS SETOF refund_view
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT * FROM refund_show($1, false);
	IF NOT FOUND THEN
		PERFORM absent('refund_exists', format('there is no refund %s', $1),
			'shopctl refund list');
	END IF;
END $$;

CREATE FUNCTION api.refund_list(only_state text, only_order bigint, since timestamptz,
	max_rows bigint)
RETURNS SETOF refund_view
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT v.* FROM refund r CROSS JOIN LATERAL refund_show(r.id, false) v
	WHERE ($1 IS NULL OR r.state = $1) AND ($2 IS NULL OR r.order_id = $2)
		AND ($3 IS NULL OR r.created_at >= $3)
	ORDER BY r.created_at DESC, r.id DESC LIMIT coalesce($4, 50);
END $$;
