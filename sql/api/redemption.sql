-- Redemptions: who used which promotion, counted exactly.
--
-- Locks: promotions by id, then coupons by id, both before any stock.

-- Lock every promotion that a batch may get, and the coupons it brings, so that nobody else
-- counts on the same last use.
CREATE FUNCTION promotions_lock(codes text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM promotion p WHERE (p.automatic AND p.enabled AND p.starts_at <= now()
			AND p.ends_at > now())
		OR p.id IN (SELECT c.promotion_id FROM coupon c
			WHERE c.code = ANY (SELECT upper(u) FROM unnest(codes) u))
		ORDER BY p.id FOR NO KEY UPDATE;
	PERFORM FROM coupon c WHERE c.code = ANY (SELECT upper(u) FROM unnest(codes) u)
		ORDER BY c.id FOR NO KEY UPDATE;
END $$;

-- Each order of a batch was told what it gets as if it were alone.  Where an earlier one may
-- take what a later one counts on, the later one is asked again when that is known.
CREATE FUNCTION checkout_crowd(uses promotion_use[], whos text[], INOUT rules text[],
	INOUT messages text[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
	later bigint;
BEGIN
	FOR later IN SELECT DISTINCT d.n
		FROM (SELECT u.n, p.first_order, u.who, p.uses_max, p.budget, p.uses_per_customer,
				c.uses_max AS coupon_max,
				p.used + row_number() OVER same AS used,
				p.spent + sum(u.amount) OVER same AS spent,
				c.used + row_number() OVER (PARTITION BY u.coupon_id ORDER BY u.n)
					AS coupon_used,
				promotion_used_by(p.id, u.who) + row_number()
					OVER (PARTITION BY u.promotion_id, u.who ORDER BY u.n) AS by_customer
			FROM unnest(uses) u JOIN promotion p ON p.id = u.promotion_id
			LEFT JOIN coupon c ON c.id = u.coupon_id
			WHERE rules[u.n] IS NULL
			WINDOW same AS (PARTITION BY u.promotion_id ORDER BY u.n)) d
		WHERE d.used > d.uses_max OR d.spent > d.budget OR d.coupon_used > d.coupon_max
			OR d.by_customer > d.uses_per_customer
			OR d.first_order AND d.who = ANY (whos[:d.n - 1])
	LOOP
		rules[later] := 'checkout_is_asked_again';
		messages[later] := 'another order is using this promotion';
	END LOOP;
END $$;

-- The orders that were placed use what they were given.
CREATE FUNCTION promotions_use(picked bigint[], ids bigint[], currencies text[],
	uses promotion_use[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF cardinality(uses) = 0 THEN
		RETURN;
	END IF;
	INSERT INTO redemption (order_id, promotion_id, coupon_id, who, currency, amount)
	SELECT ids[u.n], u.promotion_id, u.coupon_id, u.who, currencies[u.n], u.amount
	FROM unnest(uses) u WHERE u.n = ANY (picked);
	PERFORM redemptions_count(ids, 1);
END $$;

-- Count the redemptions of these orders, or (sign -1) no longer.
CREATE FUNCTION redemptions_count(ids bigint[], sign integer) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	UPDATE promotion p SET used = p.used + sign * d.n, spent = p.spent + sign * d.amount
	FROM (SELECT r.promotion_id, count(*) AS n, sum(r.amount)::bigint AS amount
		FROM redemption r WHERE r.order_id = ANY (ids) GROUP BY 1) d
	WHERE p.id = d.promotion_id;
	UPDATE coupon c SET used = c.used + sign * d.n
	FROM (SELECT r.coupon_id, count(*) AS n FROM redemption r
		WHERE r.order_id = ANY (ids) AND r.coupon_id IS NOT NULL GROUP BY 1) d
	WHERE c.id = d.coupon_id;
END $$;

-- Lock what an order used, in the order in which everybody locks.
CREATE FUNCTION redemptions_lock(order_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM promotion p WHERE p.id IN (SELECT r.promotion_id FROM redemption r
		WHERE r.order_id = $1) ORDER BY p.id FOR NO KEY UPDATE;
	PERFORM FROM coupon c WHERE c.id IN (SELECT r.coupon_id FROM redemption r
		WHERE r.order_id = $1) ORDER BY c.id FOR NO KEY UPDATE;
END $$;

-- An order that ended before any of its money was taken gives back what it used: somebody
-- else may have the last one.  Once money was taken it stays used, whatever comes later.
CREATE FUNCTION redemptions_release(order_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM redemption r WHERE r.order_id = $1 AND r.state = 'used')
		OR EXISTS (SELECT FROM payment p WHERE p.order_id = $1 AND p.captured > 0) THEN
		RETURN;
	END IF;
	PERFORM redemptions_lock($1);
	PERFORM state_move('redemption', r.promotion_id, $1, r.state, 'release')
	FROM redemption r WHERE r.order_id = $1 AND r.state = 'used';
	UPDATE redemption r SET state = 'released' WHERE r.order_id = $1;
	PERFORM redemptions_count(ARRAY[$1], -1);
END $$;

-- Money came late: is what the order used still there for it?  When not, the money goes back,
-- as it does when the stock is gone.  What is there stays locked for redemptions_retake().
CREATE FUNCTION redemptions_left(order_id bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM redemptions_lock($1);
	RETURN NOT EXISTS (SELECT FROM redemption r JOIN promotion p ON p.id = r.promotion_id
		LEFT JOIN coupon c ON c.id = r.coupon_id
		WHERE r.order_id = $1 AND r.state = 'released' AND (p.used >= p.uses_max
			OR p.spent + r.amount > p.budget OR c.used >= c.uses_max
			OR promotion_used_by(p.id, r.who) >= p.uses_per_customer));
END $$;

CREATE FUNCTION redemptions_retake(order_id bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM state_move('redemption', r.promotion_id, $1, r.state, 'retake')
	FROM redemption r WHERE r.order_id = $1 AND r.state = 'released';
	IF FOUND THEN
		UPDATE redemption r SET state = 'used' WHERE r.order_id = $1;
		PERFORM redemptions_count(ARRAY[$1], 1);
	END IF;
END $$;
