-- What people decide about refunds: yes or no to one above a limit, once more for one that
-- failed, and that it was paid by other means.

-- A refund and whatever is locked before it.
CREATE FUNCTION refund_locked(refund_id bigint) RETURNS refund LANGUAGE plpgsql AS $$
DECLARE
	r refund;
BEGIN
	PERFORM refund_lock($1);
	SELECT * INTO r FROM refund WHERE id = $1;
	IF NOT FOUND THEN
		PERFORM absent('refund_exists', format('there is no refund %s', $1),
			'shopctl refund list');
	END IF;
	RETURN r;
END $$;

-- The incidents about a refund end with what became of it.
CREATE FUNCTION refund_incidents_close(refund_id bigint, kinds text[], note text)
RETURNS void
LANGUAGE sql AS $$
	SELECT incident_close(i.id, $3) FROM incident i, refund r
	WHERE r.id = $1 AND i.order_id = r.order_id AND i.kind = ANY ($2)
		AND i.closed_at IS NULL AND i.detail->>'refund' = r.id::text
$$;

CREATE FUNCTION refund_must_wait(r refund) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF r.state <> 'proposed' THEN
		PERFORM refuse('refund_is_proposed', format('refund %s is %s and waits for nobody',
			r.id, r.state), format('shopctl refund show %s', r.id));
	END IF;
END $$;

-- Four eyes: the login role that asked is not the one that approves, and who approves may
-- give that much alone or is of finance.  What the service itself proposes has been seen
-- by nobody yet; for that one person is enough.
CREATE FUNCTION api.refund_approve(refund_id bigint) RETURNS SETOF refund_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r refund := refund_locked($1);
	p payment := refund_lock_payment(r.payment_id);
BEGIN
	PERFORM refund_must_wait(r);
	IF r.asked_by = session_user AND NOT r.automatic THEN
		PERFORM refuse('refund_is_approved_by_another', format(
			'refund %s was asked for by %s: somebody else approves it', r.id, r.asked_by),
			format('another operator: shopctl refund approve %s', r.id));
	ELSIF r.amount > refund_limit_of(r.currency) AND NOT EXISTS (SELECT FROM pg_roles g
		WHERE g.rolname IN ('op_finance', 'op_admin')
			AND pg_has_role(session_user, g.oid, 'MEMBER')) THEN
		PERFORM refuse('refund_approval_is_in_role', format(
			'%s may approve up to %s', session_user,
			money_text(refund_limit_of(r.currency), r.currency)),
			'ask somebody of finance; shopctl refund limit list');
	ELSIF payment_disputed(r.payment_id) THEN
		PERFORM refuse('refund_not_while_disputed', format(
			'payment %s is disputed: its money may be taken back anyway', r.payment_id),
			format('shopctl order why %s', r.order_id));
	ELSIF refund_left(p) < 0 THEN
		PERFORM refuse('refund_within_captured', format(
			'a dispute took %s of payment %s', money_text(payment_lost(p.id), p.currency),
			p.id), format('shopctl refund decline %s', r.id));
	END IF;
	UPDATE refund SET approved_by = session_user WHERE id = r.id;
	PERFORM refund_request(r.id);
	PERFORM refund_incidents_close(r.id, '{refund_awaits_approval}', 'approved');
	PERFORM audit('refund:' || r.id, 'refund.approve', NULL,
		jsonb_build_object('approved_by', session_user));
	RETURN QUERY SELECT * FROM refund_show(r.id, false);
END $$;

-- No.  Money that has no home still has none: its incident stays.
CREATE FUNCTION api.refund_decline(refund_id bigint, reason text)
RETURNS SETOF refund_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r refund := refund_locked($1);
BEGIN
	PERFORM refund_must_wait(r);
	UPDATE refund SET last_error = 'declined: ' || $2, settled_at = now(),
		state = (state_move('refund', r.id, r.order_id, r.state, 'decline',
			jsonb_build_object('reason', $2))).to_state
	WHERE id = r.id;
	IF (SELECT p.applied AND o.state <> 'canceled' FROM payment p
			JOIN orders o ON o.id = p.order_id WHERE p.id = r.payment_id) THEN
		PERFORM refund_incidents_close(r.id, '{refund_awaits_approval}',
			'declined: ' || $2);
	END IF;
	PERFORM audit('refund:' || r.id, 'refund.decline', NULL,
		jsonb_build_object('reason', $2));
	RETURN QUERY SELECT * FROM refund_show(r.id, false);
END $$;

-- The same shares once more, as a new refund: what failed stays failed.  Null when one
-- that came of it before holds its money.
CREATE FUNCTION refund_again(r refund, reason text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	made bigint;
BEGIN
	IF r.state NOT IN ('failed', 'rejected', 'canceled') THEN
		PERFORM refuse('refund_has_failed', format('refund %s is %s: nothing is to be done '
			'again', r.id, r.state), format('shopctl refund show %s', r.id));
	ELSIF EXISTS (SELECT FROM refund_line x JOIN refund_parts(r.order_id) p ON p.n = x.n
		WHERE x.refund_id = r.id AND (p.n > 0 AND p.units_back + x.qty > p.qty
			OR p.net_back + x.amount - x.tax > p.net OR p.tax_back + x.tax > p.tax)) THEN
		PERFORM refuse('refund_shares_are_free', format('what refund %s was of has been '
			'refunded meanwhile', r.id), format('shopctl refund list --order %s',
			r.order_id));
	END IF;
	made := refund_hold(r.payment_id, format('retry:%s:%s', r.id, (SELECT count(*)
		FROM refund x WHERE x.retry_of = r.id)), r.amount, coalesce($2, r.reason), false);
	UPDATE refund x SET retry_of = r.id WHERE x.id = made;
	INSERT INTO refund_line (refund_id, n, qty, amount, tax)
	SELECT made, x.n, x.qty, x.amount, x.tax FROM refund_line x WHERE x.refund_id = r.id;
	RETURN made;
END $$;

-- What came of a refund that failed and holds its money now.
CREATE FUNCTION refund_successor(refund_id bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT max(r.id) FROM refund r JOIN refund f ON f.id = $1 AND f.order_id = r.order_id
	WHERE r.retry_of = $1 AND refund_is_live(r.state)
$$;

CREATE FUNCTION api.refund_retry(refund_id bigint, reason text) RETURNS SETOF refund_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r refund := refund_locked($1);
	id bigint := refund_successor(r.id);
	replayed boolean := id IS NOT NULL;
BEGIN
	IF NOT replayed THEN
		id := refund_again(r, $2);
		PERFORM refund_request_or_await(id);
		PERFORM refund_incidents_close(r.id, '{refund_failed,refund_rejected}',
			'asked for again: refund ' || id);
	END IF;
	RETURN QUERY SELECT * FROM refund_show(id, replayed);
END $$;

-- It was paid outside of the provider: a refund of a payment by hand, or - via bank - one
-- that the provider could not make, which then is a new refund.
CREATE FUNCTION api.refund_settle(refund_id bigint, reference text, via text, reason text)
RETURNS SETOF refund_view
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r refund := refund_locked($1);
	by_hand boolean := (SELECT p.provider = 'manual' FROM payment p WHERE p.id = r.payment_id);
	made bigint := CASE WHEN r.reference = $2 THEN r.id ELSE refund_successor(r.id) END;
BEGIN
	IF coalesce($2, '') = '' THEN
		PERFORM invalid('refund_settled_with_a_reference',
			'a transfer is named by its reference', '--reference TEXT');
	ELSIF EXISTS (SELECT FROM refund x WHERE x.id = made AND x.reference = $2) THEN
		RETURN QUERY SELECT * FROM refund_show(made, true);
		RETURN;
	ELSIF r.state = 'requested' AND by_hand THEN
		made := r.id;
	ELSIF NOT refund_is_live(r.state) AND $3 = 'bank' AND made IS NULL THEN
		made := refund_again(r, $4);
		UPDATE refund x SET approved_by = session_user WHERE x.id = made;
		PERFORM refund_enter(made);
		PERFORM refund_incidents_close(r.id, '{refund_failed,refund_rejected}',
			'paid by bank: ' || $2);
	ELSE
		PERFORM refuse('refund_is_paid_outside', format(
			'refund %s is %s; only what waits for a transfer, or failed and goes --via bank, '
			'is settled by hand', r.id, r.state), format('shopctl refund show %s', r.id));
	END IF;
	PERFORM refund_settled(made, $2);
	RETURN QUERY SELECT * FROM refund_show(made, false);
END $$;

CREATE FUNCTION refund_settled(refund_id bigint, reference text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	r refund;
BEGIN
	SELECT * INTO r FROM refund WHERE id = $1;
	UPDATE refund x SET reference = $2, settled_at = now(), state = (state_move('refund',
		r.id, r.order_id, r.state, 'settle', jsonb_build_object('reference', $2))).to_state
	WHERE x.id = r.id;
	PERFORM post('rbank:' || r.id, 'refund_by_bank', r.order_id, r.payment_id, r.id,
		r.currency, '{refund:payable,bank}', ARRAY[r.amount, -r.amount]);
	PERFORM refund_incidents_close(r.id, '{refund_awaits_transfer}', 'paid: ' || $2);
	PERFORM notify('refund_sent', r.order_id, r.id);
	PERFORM audit('refund:' || r.id, 'refund.settle', NULL,
		jsonb_build_object('reference', $2));
END $$;

-- How much each group of operators may give back alone.
CREATE FUNCTION api.refund_limit_list()
RETURNS TABLE (role text, currency text, major bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT l.role, coalesce(nullif(l.currency, ''), 'any'), l.major
	FROM refund_limit l ORDER BY 1, 2;
END $$;

CREATE FUNCTION api.refund_limit_set(of_role text, at_most bigint, in_currency text)
RETURNS TABLE (role text, currency text, major bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	code text := coalesce($3, '');
	before bigint;
BEGIN
	IF code <> '' AND NOT EXISTS (SELECT FROM currency c WHERE c.code = $3) THEN
		PERFORM invalid('currency_is_known', format('%s is no currency', $3), 'EUR');
	END IF;
	SELECT l.major INTO before FROM refund_limit l WHERE l.role = $1 AND l.currency = code;
	INSERT INTO refund_limit AS l (role, currency, major) VALUES ($1, code, $2)
	ON CONFLICT ON CONSTRAINT refund_limit_pkey DO UPDATE SET major = excluded.major;
	PERFORM audit('refund_limit:' || $1, 'refund.limit.set', to_jsonb(before), to_jsonb($2));
	RETURN QUERY SELECT l.* FROM api.refund_limit_list() l WHERE l.role = $1;
END $$;
