-- Refunds: asked for under the payment's lock, approved by another operator above a limit,
-- sent by a job.  refund_split.sql has the shares, refund_provider.sql what becomes of it.

-- Whether a refund holds its money: what was not sent for good, or came back, does not.
CREATE FUNCTION refund_is_live(state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT state NOT IN ('failed', 'rejected', 'canceled')
$$;

-- Money of a payment that went back, is on its way, or is promised.
CREATE FUNCTION payment_refunded(payment_id bigint) RETURNS bigint
LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(r.amount), 0)::bigint FROM refund r
	WHERE r.payment_id = $1 AND refund_is_live(r.state)
$$;

-- 12.30 EUR, for people.
CREATE FUNCTION money_text(minor bigint, currency text) RETURNS text
LANGUAGE sql STABLE AS $$
	SELECT round($1 / 10::numeric ^ x.exponent, x.exponent) || ' ' || $2
	FROM (SELECT coalesce((SELECT c.exponent FROM currency c WHERE c.code = $2), 2)::int
		AS exponent) AS x
$$;

-- A payment, locked after its order as everybody locks.
CREATE FUNCTION refund_lock_payment(payment_id bigint) RETURNS payment
LANGUAGE plpgsql AS $$
DECLARE
	p payment;
BEGIN
	PERFORM FROM orders WHERE orders.id = (SELECT x.order_id FROM payment x
		WHERE x.id = $1) FOR UPDATE;
	SELECT * INTO p FROM payment x WHERE x.id = $1 FOR UPDATE;
	RETURN p;
END $$;

-- What of a payment can still be refunded: what came in, less what went back and what
-- its disputes took.
CREATE FUNCTION refund_left(p payment) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT p.captured - payment_refunded(p.id) - payment_lost(p.id)
$$;

-- Hold money of a payment for a refund.  Locks order and payment, so two that race see
-- each other.  Nothing is posted and nobody is called before refund_request().
CREATE FUNCTION refund_hold(payment_id bigint, key text, minor bigint, reason text,
	automatic boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	p payment := refund_lock_payment($1);
	left_over bigint := refund_left(p);
	id bigint;
BEGIN
	IF payment_disputed(p.id) THEN
		PERFORM refuse('refund_not_while_disputed', format(
			'payment %s is disputed: its money may be taken back anyway', p.id),
			format('shopctl order why %s', p.order_id));
	ELSIF $3 > left_over THEN
		PERFORM refuse('refund_within_captured', format(
			'only %s of %s can still be refunded', money_text(greatest(left_over, 0), p.currency),
			money_text(p.captured, p.currency)),
			format('shopctl refund list --order %s', p.order_id));
	END IF;
	INSERT INTO refund AS r (order_id, payment_id, key, currency, amount, reason, automatic)
	VALUES (p.order_id, p.id, $2, p.currency, $3, $4, $5)
	RETURNING r.id INTO id;
	PERFORM audit('order:' || p.order_id, 'refund.create', NULL, jsonb_build_object(
		'refund', id, 'amount', $3, 'currency', p.currency, 'reason', $4));
	RETURN id;
END $$;

-- A held refund is allowed: it is in the books, and what did not leave never will.
CREATE FUNCTION refund_enter(refund_id bigint) RETURNS refund LANGUAGE plpgsql AS $$
DECLARE
	r refund;
BEGIN
	PERFORM refund_lock($1);
	SELECT * INTO r FROM refund WHERE id = $1;
	UPDATE refund SET state = (state_move('refund', r.id, r.order_id, r.state,
		'approve')).to_state WHERE id = r.id;
	PERFORM refund_post(r.id);
	PERFORM lines_drop(r.id);
	RETURN r;
END $$;

-- And is asked of the provider, with the intent to call and the job that will.  What came
-- by hand goes back by hand: a person transfers it.
CREATE FUNCTION refund_request(refund_id bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	r refund;
	p payment;
	part bigint;
BEGIN
	FOR part IN SELECT refund_divide($1) LOOP
		r := refund_enter(part);
		SELECT * INTO p FROM payment WHERE id = r.payment_id;
		PERFORM refund_send(r, p);
	END LOOP;
END $$;

CREATE FUNCTION refund_send(r refund, p payment) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF p.provider = 'manual' THEN
		PERFORM incident_open('refund_awaits_transfer', r.order_id, p.id,
			jsonb_build_object('refund', r.id, 'amount', money_text(r.amount, r.currency)));
		RETURN;
	END IF;
	PERFORM op_intend('refund.create', p, refund_target(r, p), r.id);
	PERFORM job_trace_of(r.order_id);
	PERFORM job_put('refund.submit', r.id);
END $$;

-- The system's own refund of money that has no home: asked for at once.
CREATE FUNCTION refund_open(payment_id bigint, key text, minor bigint, reason text,
	automatic boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	id bigint := refund_hold($1, $2, $3, $4, $5);
BEGIN
	PERFORM refund_request(id);
	RETURN id;
END $$;

-- The system proposes to give money back, and a person decides: it is held, and an
-- incident says so.  Proposing again with the same key answers with the first.
CREATE FUNCTION refund_propose(payment_id bigint, key text, minor bigint, reason text)
RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	p payment := refund_lock_payment($1);
	id bigint;
BEGIN
	SELECT r.id INTO id FROM refund r WHERE r.order_id = p.order_id AND r.key = $2;
	IF NOT FOUND THEN
		id := refund_hold($1, $2, $3, $4, true);
		PERFORM refund_await(id);
	END IF;
	RETURN id;
END $$;

-- Tell that a refund waits for a person.
CREATE FUNCTION refund_await(refund_id bigint) RETURNS void LANGUAGE sql AS $$
	SELECT incident_open('refund_awaits_approval', r.order_id, r.payment_id,
		jsonb_build_object('refund', r.id, 'amount', money_text(r.amount, r.currency),
		'reason', r.reason))
	FROM refund r WHERE r.id = $1
$$;

-- Give back whatever is left of the payment that paid an order; null when nothing is.
CREATE FUNCTION refund_rest(order_id bigint, key text, reason text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	p payment;
	left_over bigint;
	id bigint;
BEGIN
	SELECT * INTO p FROM payment x WHERE x.order_id = $1 AND x.applied FOR UPDATE;
	left_over := refund_left(p);
	IF left_over > 0 THEN
		id := refund_split(p, $2, left_over, NULL, $3, true);
		PERFORM refund_request(id);
	END IF;
	RETURN id;
END $$;

-- Hold a refund with its shares: of these lines, or of an amount.
CREATE FUNCTION refund_split(p payment, key text, minor bigint, lines jsonb, reason text,
	automatic boolean) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
	id bigint;
	total bigint;
	parts jsonb;
BEGIN
	SELECT sum(x.amount), jsonb_agg(x) INTO total, parts
	FROM (SELECT * FROM refund_by_units(p.order_id, $4) WHERE $4 IS NOT NULL
		UNION ALL SELECT * FROM refund_by_shipping(p.order_id, $4) WHERE $4 IS NOT NULL
		UNION ALL SELECT * FROM refund_by_amount(p.order_id, $3) WHERE $4 IS NULL) AS x;
	total := coalesce($3, total, 0);
	IF total <= 0 THEN
		PERFORM refuse('refund_amount_is_positive', CASE WHEN refund_left(p) > 0
			THEN 'a refund is of more than nothing'
			ELSE format('nothing of order %s is left to refund', p.order_id) END,
			format('shopctl refund list --order %s', p.order_id));
	END IF;
	id := refund_hold(p.id, $2, total, $5, $6);
	INSERT INTO refund_line (refund_id, n, qty, amount, tax)
	SELECT id, x.n, x.qty, x.amount, x.tax
	FROM jsonb_populate_recordset(NULL::refund_line, parts) AS x;
	RETURN id;
END $$;

-- Refund an order: units of lines and the shipping, an amount, or (neither) all that is
-- left.  Asking again with the same key answers with the first refund.
CREATE FUNCTION api.refund_create(order_id bigint, key text, minor bigint, currency text,
	lines jsonb, reason text)
RETURNS SETOF refund_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	p payment;
	refund_id bigint;
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
			AND refund_whole(r) = $3 AND r.currency = $4) THEN
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
	ELSIF p.state = 'authorized' AND p.captured = 0 THEN
		PERFORM refuse('refund_needs_a_capture', format('the money of order %s was promised '
			'and not taken', $1), format('shopctl payment void %s', $1));
	ELSIF $4 IS NOT NULL AND $4 <> p.currency THEN
		PERFORM refuse('refund_in_the_currency_paid', format(
			'order %s was paid in %s, not in %s', $1, p.currency, $4));
	END IF;
	refund_id := refund_split(p, $2, CASE WHEN $5 IS NULL THEN coalesce($3, refund_left(p))
		END, $5, $6, false);
	PERFORM refund_request_or_await(refund_id);
	RETURN QUERY SELECT * FROM refund_show(refund_id, false);
END $$;

-- The most that who asks may give back alone, in minor units: of the groups the login
-- role belongs to, the one that may most; 0 when none may.
CREATE FUNCTION refund_limit_of(currency text) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT coalesce(least(max(l.major) * 10::numeric ^ (SELECT c.exponent FROM currency c
		WHERE c.code = $1), 9223372036854775807), 0)::bigint
	FROM refund_limit l JOIN pg_roles g ON g.rolname = l.role
	WHERE pg_has_role(session_user, g.oid, 'MEMBER')
		AND l.currency = CASE WHEN EXISTS (SELECT FROM refund_limit x
			WHERE x.role = l.role AND x.currency = $1) THEN $1 ELSE '' END
$$;

-- Within the limit of who asks it is asked for at once; above, another has to approve.
CREATE FUNCTION refund_request_or_await(refund_id bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	r refund;
BEGIN
	SELECT * INTO r FROM refund WHERE id = $1;
	IF r.amount <= refund_limit_of(r.currency) THEN
		PERFORM refund_request(r.id);
	ELSE
		PERFORM refund_await(r.id);
	END IF;
END $$;

-- Refunds for the operator.
CREATE FUNCTION refund_show(refund_id bigint, replayed boolean) RETURNS SETOF refund_view
LANGUAGE sql STABLE AS $$
	SELECT r.id, r.order_id, r.payment_id, r.provider_ref, r.state,
		ROW(r.amount, r.currency)::amount, r.reason, r.automatic, r.asked_by,
		r.approved_by, r.reference, r.last_error,
		(SELECT coalesce(jsonb_agg(jsonb_build_object('sku', coalesce(l.sku, 'shipping'),
			'qty', x.qty, 'amount', jsonb_build_object('minor', x.amount,
			'currency', r.currency), 'tax', jsonb_build_object('minor', x.tax,
			'currency', r.currency)) ORDER BY x.n = 0, x.n), '[]')
			FROM refund_line x
			LEFT JOIN order_line l ON l.order_id = r.order_id AND l.n = x.n
			WHERE x.refund_id = r.id),
		(SELECT coalesce(jsonb_agg(jsonb_build_object('entry', e.key, 'account', y.account,
			'amount', jsonb_build_object('minor', y.amount, 'currency', y.currency))
			ORDER BY e.id, y.n), '[]')
			FROM ledger_entry e JOIN ledger_line y ON y.entry_id = e.id
			WHERE e.order_id = r.order_id AND e.refund_id = r.id),
		r.created_at, r.settled_at, $2, r.part_of
	FROM refund r WHERE r.id = $1
$$;

-- What was asked for with one key, in however many parts it goes back.
CREATE FUNCTION refund_whole(r refund) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT r.amount + coalesce(sum(x.amount), 0)::bigint FROM refund x WHERE x.part_of = r.id
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
