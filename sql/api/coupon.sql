-- Coupons: the codes that ask for a promotion.

CREATE FUNCTION coupon_named(code text) RETURNS coupon LANGUAGE plpgsql STABLE AS $$
DECLARE
	c coupon;
BEGIN
	SELECT * INTO c FROM coupon k WHERE k.code = upper($1);
	IF NOT FOUND THEN
		PERFORM absent('coupon_exists', format('there is no coupon %s', $1),
			'shopctl coupon list');
	END IF;
	RETURN c;
END $$;

CREATE FUNCTION coupon_view(c coupon)
RETURNS TABLE (code text, promotion text, state text, used bigint, uses_max bigint,
	ends_at timestamptz, created_at timestamptz)
LANGUAGE sql STABLE AS $$
	SELECT c.code, p.name, CASE WHEN NOT c.enabled THEN 'disabled'
			WHEN c.used >= c.uses_max THEN 'used_up'
			WHEN c.ends_at <= now() THEN 'ended' ELSE promotion_state(p) END,
		c.used, c.uses_max, nullif(c.ends_at, 'infinity'), c.created_at
	FROM promotion p WHERE p.id = c.promotion_id
$$;

-- Make these codes; those that there are already stay whose they are, and are not answered.
CREATE FUNCTION api.coupon_make(promotion text, codes text[], uses_max bigint,
	ends_at timestamptz) RETURNS TABLE (code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p promotion := promotion_named($1);
	made bigint;
BEGIN
	RETURN QUERY INSERT INTO coupon AS c (promotion_id, code, uses_max, ends_at)
	SELECT p.id, upper(u), $3, coalesce($4, 'infinity') FROM unnest($2) u
	ON CONFLICT ON CONSTRAINT coupon_code_is_unique DO NOTHING RETURNING c.code;
	GET DIAGNOSTICS made = ROW_COUNT;
	IF made > 0 THEN
		PERFORM audit('promotion:' || p.name, 'coupon.make', NULL, jsonb_build_object(
			'codes', made, 'first', upper(($2)[1]), 'uses_max', $3, 'ends_at', $4));
	END IF;
END $$;

CREATE FUNCTION api.coupon_list(of_promotion text, in_state text, most bigint)
RETURNS TABLE (code text, promotion text, state text, used bigint, uses_max bigint,
	ends_at timestamptz, created_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	only_id bigint;
BEGIN
	IF $1 IS NOT NULL THEN
		only_id := (promotion_named($1)).id;
	END IF;
	RETURN QUERY SELECT v.* FROM coupon c CROSS JOIN coupon_view(c) v
	WHERE (only_id IS NULL OR c.promotion_id = only_id) AND ($2 IS NULL OR v.state = $2)
	ORDER BY c.id DESC LIMIT $3;
END $$;

CREATE FUNCTION api.coupon_get(coupon text)
RETURNS TABLE (code text, promotion text, state text, used bigint, uses_max bigint,
	ends_at timestamptz, created_at timestamptz, gives text, orders jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	c coupon := coupon_named($1);
BEGIN
	RETURN QUERY SELECT v.*, promotion_gives(p), coalesce((SELECT jsonb_agg(
			jsonb_build_object('order', r.order_id::text, 'state', r.state, 'discount',
				jsonb_build_object('minor', r.amount, 'currency', r.currency)) ORDER BY r.order_id)
		FROM (SELECT x.* FROM redemption x WHERE x.coupon_id = c.id
			ORDER BY x.order_id DESC LIMIT 100) r), '[]')
	FROM coupon_view(c) v JOIN promotion p ON p.name = v.promotion;
END $$;

-- It asks for nothing any more.  Orders that used it keep what they got.
CREATE FUNCTION api.coupon_disable(coupon text)
RETURNS TABLE (code text, promotion text, state text, used bigint, uses_max bigint,
	ends_at timestamptz, created_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	c coupon := coupon_named($1);
BEGIN
	UPDATE coupon k SET enabled = false WHERE k.id = c.id;
	PERFORM audit('coupon:' || c.code, 'disable', jsonb_build_object('enabled', c.enabled),
		jsonb_build_object('enabled', false));
	RETURN QUERY SELECT v.* FROM coupon k CROSS JOIN coupon_view(k) v WHERE k.id = c.id;
END $$;
