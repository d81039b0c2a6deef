-- The captures that a payment was taken in, where the provider tells them one by one.

-- Write down each capture once; without a list, what is new is the last one.
CREATE FUNCTION payment_parts(p payment, f payment_facts) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO payment_part (payment_id, ref, amount)
	SELECT p.id, x.ref, x.amount
	FROM jsonb_to_recordset(coalesce(f.parts, jsonb_build_array(jsonb_build_object('ref',
		f.charge, 'amount', f.captured - p.captured)))) AS x (ref text, amount bigint)
	WHERE p.provider = 'paypal' AND x.ref IS NOT NULL AND x.amount > 0
	ON CONFLICT DO NOTHING
$$;

-- The fee of each capture, once, whoever told of it first.  A balance in another currency
-- got another amount than we booked, and a fee in one is none of these books: a person
-- looks at it, and nothing is converted by guess.
CREATE FUNCTION payment_part_fees(p payment, f payment_facts) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	x record;
BEGIN
	FOR x IN SELECT * FROM jsonb_to_recordset(f.parts) AS t (ref text, amount bigint,
			fee bigint, fee_currency text, settled text)
		WHERE t.fee_currency IS NOT NULL ORDER BY t.ref LOOP
		IF x.fee_currency <> p.currency OR coalesce(x.settled, p.currency) <> p.currency THEN
			PERFORM incident_open('currency_differs', p.order_id, p.id, jsonb_build_object(
				'ref', x.ref, 'fee', x.fee, 'fee_currency', x.fee_currency, 'settled',
				x.settled, 'currency', p.currency))
			WHERE NOT EXISTS (SELECT FROM incident i WHERE i.payment_id = p.id
				AND i.kind = 'currency_differs' AND i.key = x.ref);
		ELSIF x.fee > 0 AND NOT EXISTS (SELECT FROM ledger_entry e
			WHERE e.key = 'fee:' || x.ref) THEN
			PERFORM post('fee:' || x.ref, 'fee', p.order_id, p.id, NULL, p.currency,
				'{fees:psp,psp:clearing}', ARRAY[x.fee, -x.fee]);
		END IF;
	END LOOP;
END $$;

-- What of each capture can still be given back.
CREATE FUNCTION payment_part_rest(payment_id bigint)
RETURNS TABLE (ref text, rest bigint)
LANGUAGE sql STABLE AS $$
	SELECT t.ref, t.amount - coalesce((SELECT sum(r.amount) FROM refund r
		WHERE r.payment_id = t.payment_id AND r.capture_ref = t.ref
			AND refund_is_live(r.state)), 0)::bigint
	FROM payment_part t WHERE t.payment_id = $1
$$;

-- The captures that a refund goes to, and how much to each: the one with the least that
-- has enough, else one after the other, those with the most first.  What none has left
-- is asked of the first all the same: the provider knows best, and refuses.
CREATE FUNCTION refund_targets(p payment, minor bigint)
RETURNS TABLE (n bigint, ref text, amount bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
	x record;
	due bigint := minor;
BEGIN
	RETURN QUERY SELECT 1::bigint, t.ref, minor FROM payment_part_rest(p.id) t
		WHERE t.rest >= minor ORDER BY t.rest, t.ref LIMIT 1;
	IF FOUND THEN
		RETURN;
	END IF;
	due := due - coalesce((SELECT sum(t.rest) FROM payment_part_rest(p.id) t
		WHERE t.rest > 0), 0);
	minor := minor - greatest(due, 0); -- what can be given
	FOR x IN SELECT row_number() OVER (ORDER BY t.rest DESC, t.ref) AS n, t.ref, t.rest
		FROM payment_part_rest(p.id) t WHERE t.rest > 0 ORDER BY 1 LOOP
		RETURN QUERY SELECT x.n, x.ref, least(x.rest, minor) + CASE x.n WHEN 1
			THEN greatest(due, 0) ELSE 0 END;
		minor := minor - least(x.rest, minor);
		EXIT WHEN minor = 0;
	END LOOP;
	IF NOT FOUND THEN
		RETURN QUERY SELECT 1::bigint, p.charge_ref, greatest(due, 0);
	END IF;
END $$;

-- Divide a refund that no capture alone has enough for.  Each part is a refund with its
-- own shares, call and postings: the late failure of one undoes that one.  The first part
-- keeps the number; the refunds to ask for.
CREATE FUNCTION refund_divide(refund_id bigint) RETURNS SETOF bigint
LANGUAGE plpgsql AS $$
DECLARE
	r refund;
	p payment;
	t record;
	made bigint;
	lo bigint := 0;
	shares jsonb;
BEGIN
	SELECT * INTO r FROM refund x WHERE x.id = $1;
	SELECT * INTO p FROM payment x WHERE x.id = r.payment_id;
	IF p.provider <> 'paypal' THEN
		RETURN NEXT r.id;
		RETURN;
	END IF;
	SELECT jsonb_agg(l) INTO shares FROM refund_line l WHERE l.refund_id = r.id;
	FOR t IN SELECT * FROM refund_targets(p, r.amount) ORDER BY n LOOP
		IF t.n = 1 THEN
			made := r.id;
			UPDATE refund x SET amount = t.amount, capture_ref = t.ref WHERE x.id = r.id;
			DELETE FROM refund_line l WHERE l.refund_id = r.id AND t.amount < r.amount;
		ELSE
			INSERT INTO refund AS x (order_id, payment_id, key, currency, amount, reason, state,
				automatic, asked_by, approved_by, part_of, capture_ref)
			VALUES (r.order_id, r.payment_id, r.key || ':part' || t.n, r.currency, t.amount,
				r.reason, r.state, r.automatic, r.asked_by, r.approved_by, r.id, t.ref)
			RETURNING x.id INTO made;
		END IF;
		INSERT INTO refund_line (refund_id, n, qty, amount, tax)
		SELECT made, s.n, s.qty, s.amount, s.tax
		FROM refund_shares(shares, lo, lo + t.amount) s WHERE t.amount < r.amount;
		lo := lo + t.amount;
		RETURN NEXT made;
	END LOOP;
END $$;

-- The shares of a part, from so much to so much of the whole.  A line that is cut has its
-- units with its first piece, and the pieces of its tax are its tax.
CREATE FUNCTION refund_shares(shares jsonb, from_minor bigint, to_minor bigint)
RETURNS TABLE (n smallint, qty bigint, amount bigint, tax bigint)
LANGUAGE sql IMMUTABLE AS $$
	SELECT l.n, CASE WHEN l.lo >= $2 THEN l.qty ELSE 0 END, c.hi - c.lo,
		CASE WHEN l.amount = 0 THEN 0 ELSE round(l.tax::numeric * (c.hi - l.lo) / l.amount)
			- round(l.tax::numeric * (c.lo - l.lo) / l.amount) END::bigint
	FROM (SELECT x.*, coalesce(sum(x.amount) OVER (ORDER BY x.n ROWS BETWEEN
			UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::bigint AS lo
		FROM jsonb_to_recordset($1) AS x (n smallint, qty bigint, amount bigint, tax bigint)) l
	CROSS JOIN LATERAL (SELECT greatest(l.lo, $2) AS lo,
		least(l.lo + l.amount, $3) AS hi) c
	WHERE c.hi > c.lo OR l.amount = 0 AND l.lo >= $2 AND l.lo < $3
$$;

-- The provider's fee that came back with a refund, once, whoever told of it first.
CREATE FUNCTION refund_fee(r refund, f refund_facts) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF coalesce(f.fee, 0) <= 0 OR f.fee_currency IS NULL THEN
		RETURN;
	ELSIF f.fee_currency <> r.currency THEN
		PERFORM incident_open('currency_differs', r.order_id, r.payment_id,
			jsonb_build_object('ref', f.ref, 'fee', f.fee, 'fee_currency', f.fee_currency,
				'currency', r.currency));
	ELSE
		PERFORM post('fee:' || f.ref, 'fee', r.order_id, r.payment_id, NULL, r.currency,
			'{psp:clearing,fees:psp}', ARRAY[f.fee, -f.fee]);
	END IF;
END $$;

-- A refund that failed takes its fee again.
CREATE FUNCTION refund_fee_again(r refund) RETURNS void LANGUAGE sql AS $$
	SELECT post_reversal('feex:' || x.provider_ref, 'fee', 'fee:' || x.provider_ref)
	FROM refund x WHERE x.id = r.id AND EXISTS (SELECT FROM ledger_entry e
		WHERE e.key = 'fee:' || x.provider_ref)
$$;
