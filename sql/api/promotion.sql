-- Promotions as operators see and make them.

CREATE FUNCTION promotion_named(name text) RETURNS promotion LANGUAGE plpgsql STABLE AS $$
DECLARE
	p promotion;
BEGIN
	SELECT * INTO p FROM promotion q WHERE q.name = $1;
	IF NOT FOUND THEN
		PERFORM absent('promotion_exists', format('there is no promotion %s', $1),
			'shopctl promotion list');
	END IF;
	RETURN p;
END $$;

CREATE FUNCTION promotion_state(p promotion) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN NOT p.enabled THEN 'disabled' WHEN p.ends_at <= now() THEN 'ended'
		WHEN p.starts_at > now() THEN 'scheduled'
		WHEN p.used >= p.uses_max OR p.spent >= p.budget THEN 'used_up' ELSE 'live' END
$$;

CREATE FUNCTION promotion_gives(p promotion) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE p.kind WHEN 'free_shipping' THEN 'free shipping'
		WHEN 'amount' THEN money_text(p.amount, p.currency::text) || ' off'
		WHEN 'percentage' THEN trim_scale(p.percent_bp / 100::numeric) || ' % off'
		ELSE format('buy %s, get %s ', p.buy_qty, p.get_qty) || CASE p.percent_bp
			WHEN 10000 THEN 'free'
			ELSE trim_scale(p.percent_bp / 100::numeric) || ' % off' END END
$$;

-- What it is about, in words that `promotion create` takes: "category:pets/food".
CREATE FUNCTION promotion_covers_text(promotion_id bigint) RETURNS text[]
LANGUAGE sql STABLE AS $$
	SELECT ARRAY(SELECT CASE s.role WHEN 'get' THEN 'get-' ELSE '' END || s.kind || ':'
			|| coalesce(c.path, b.slug, v.sku, s.ref::text) AS word
		FROM promotion_scope s
		LEFT JOIN category c ON s.kind = 'category' AND c.id = s.ref
		LEFT JOIN brand b ON s.kind = 'brand' AND b.id = s.ref
		LEFT JOIN variant v ON s.kind = 'sku' AND v.id = s.ref
		WHERE s.promotion_id = $1 ORDER BY word)
$$;

CREATE FUNCTION promotion_view(p promotion)
RETURNS TABLE (name text, title text, gives text, state text, automatic boolean,
	stacking text, priority bigint, starts_at timestamptz, ends_at timestamptz, used bigint,
	uses_max bigint, uses_per_customer bigint, spent amount, budget amount, min_total amount,
	min_qty bigint, first_order boolean, covers text[], coupons bigint)
LANGUAGE sql STABLE AS $$
	SELECT p.name, p.title, promotion_gives(p), promotion_state(p), p.automatic, p.stacking,
		p.priority, nullif(p.starts_at, '-infinity'), nullif(p.ends_at, 'infinity'), p.used,
		p.uses_max, p.uses_per_customer,
		CASE WHEN p.currency IS NOT NULL THEN amount_of(p.spent, p.currency::text) END,
		amount_of(p.budget, p.currency::text),
		amount_of(nullif(p.min_total, 0), p.currency::text), nullif(p.min_qty, 0),
		p.first_order, promotion_covers_text(p.id),
		(SELECT count(*) FROM coupon c WHERE c.promotion_id = p.id)
$$;

CREATE FUNCTION api.promotion_list(promotion text, in_state text, most bigint)
RETURNS TABLE (name text, title text, gives text, state text, automatic boolean,
	stacking text, priority bigint, starts_at timestamptz, ends_at timestamptz, used bigint,
	uses_max bigint, uses_per_customer bigint, spent amount, budget amount, min_total amount,
	min_qty bigint, first_order boolean, covers text[], coupons bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	IF $1 IS NOT NULL THEN
		PERFORM promotion_named($1);
	END IF;
	RETURN QUERY SELECT v.* FROM promotion p CROSS JOIN promotion_view(p) v
	WHERE ($1 IS NULL OR p.name = $1) AND ($2 IS NULL OR v.state = $2)
	ORDER BY p.priority, p.id LIMIT $3;
END $$;

-- A percentage with up to two decimals, in hundredths of it.
CREATE FUNCTION promotion_percent_of(words text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF $1 !~ '^[0-9]{1,3}(\.[0-9]{1,2})?$' OR $1::numeric NOT BETWEEN 0.01 AND 100 THEN
		PERFORM invalid('promotion_percent_is_within_bounds', format(
			'"%s" is no percentage', $1), 'a number from 0.01 to 100: 12.5');
	END IF;
	RETURN ($1::numeric * 100)::bigint;
END $$;

-- Name what a promotion is about, by role and kind: {"buy": {"category": ["pets"]}}.
CREATE FUNCTION promotion_cover(promotion_id bigint, role text, kind text, names text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	n text;
	ref bigint;
BEGIN
	FOREACH n IN ARRAY coalesce($4, '{}') LOOP
		CASE $3 WHEN 'category' THEN ref := (category_named(n)).id;
			WHEN 'brand' THEN ref := (brand_named(n)).id;
			WHEN 'customer' THEN ref := (SELECT c.id FROM customer c WHERE c.id::text = n
				OR c.email = lower(n));
			ELSE ref := (SELECT v.id FROM variant v WHERE v.sku = n);
		END CASE;
		IF ref IS NULL THEN
			PERFORM absent(CASE $3 WHEN 'customer' THEN 'customer_exists' ELSE 'sku_is_known' END,
				format('there is no %s %s', CASE $3 WHEN 'sku' THEN 'SKU' ELSE $3 END, n));
		END IF;
		INSERT INTO promotion_scope VALUES ($1, $2, $3, ref) ON CONFLICT DO NOTHING;
	END LOOP;
END $$;

-- Make one.  It is disabled until somebody enables it, so that its coupons can be made and
-- its costs be known before.
CREATE FUNCTION api.promotion_create(promotion text, title text, percent text, amount amount,
	buy bigint, gets bigint, free_shipping boolean, automatic boolean, stacking text,
	priority bigint, starts_at timestamptz, ends_at timestamptz, min_total amount,
	min_qty bigint, first_order boolean, uses_max bigint, uses_per_customer bigint,
	budget amount, categories text[], brands text[], skus text[], customers text[],
	get_skus text[])
RETURNS TABLE (name text, gives text, state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p promotion;
	kind text := CASE WHEN $5 IS NOT NULL OR $6 IS NOT NULL THEN 'buy_x_get_y'
		WHEN $3 IS NOT NULL THEN 'percentage' WHEN $4 IS NOT NULL THEN 'amount'
		ELSE 'free_shipping' END;
BEGIN
	IF (kind <> 'free_shipping') = $7 OR ($4 IS NOT NULL AND kind <> 'amount') THEN
		PERFORM invalid('promotion_gives_what_its_kind_says', 'a promotion gives one thing',
			'--percent N, --amount MONEY, --buy N --get N, or --free-shipping');
	ELSIF (SELECT count(DISTINCT m.currency) FROM unnest(ARRAY[$4, $13, $18]) m) > 1 THEN
		PERFORM invalid('promotion_money_has_a_currency',
			'the money of a promotion is in one currency');
	END IF;
	INSERT INTO promotion (name, title, kind, percent_bp, amount, buy_qty, get_qty, currency,
		automatic, stacking, priority, starts_at, ends_at, min_total, min_qty, first_order,
		uses_max, uses_per_customer, budget)
	VALUES ($1, coalesce($2, $1), kind, CASE WHEN $3 IS NOT NULL THEN promotion_percent_of($3)
			WHEN kind = 'buy_x_get_y' THEN 10000 ELSE 0 END, coalesce(($4).minor, 0),
		coalesce($5, 0), coalesce($6, 0), coalesce(($4).currency, ($13).currency,
			($18).currency), $8, $9, $10, coalesce($11, '-infinity'), coalesce($12, 'infinity'),
		coalesce(($13).minor, 0), coalesce($14, 0), $15, $16, $17, ($18).minor)
	RETURNING * INTO p;
	PERFORM promotion_cover(p.id, 'buy', 'category', $19),
		promotion_cover(p.id, 'buy', 'brand', $20), promotion_cover(p.id, 'buy', 'sku', $21),
		promotion_cover(p.id, 'buy', 'customer', $22), promotion_cover(p.id, 'get', 'sku', $23);
	PERFORM audit('promotion:' || p.name, 'create', NULL, to_jsonb(p)
		|| jsonb_build_object('covers', promotion_covers_text(p.id)));
	RETURN QUERY SELECT p.name, promotion_gives(p), promotion_state(p);
END $$;

-- Change what may change while it runs: not what it gives, for its orders were promised
-- that.  What is null stays; what `clear` names has no bound any more.
CREATE FUNCTION api.promotion_set(promotion text, title text, stacking text, priority bigint,
	starts_at timestamptz, ends_at timestamptz, min_total amount, min_qty bigint,
	uses_max bigint, uses_per_customer bigint, budget amount, clear text[])
RETURNS TABLE (name text, gives text, state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	was promotion := promotion_named($1);
	p promotion;
	gone text[] := coalesce($12, '{}');
BEGIN
	SELECT * INTO was FROM promotion q WHERE q.id = was.id FOR UPDATE;
	IF EXISTS (SELECT FROM unnest(ARRAY[$7, $11]) m
		WHERE m.currency <> coalesce(was.currency::text, m.currency)) THEN
		PERFORM invalid('promotion_money_has_a_currency', format(
			'the money of %s is in %s', was.name, was.currency));
	ELSIF was.currency IS NULL AND was.used > 0 AND $11 IS NOT NULL THEN
		PERFORM refuse('promotion_money_has_a_currency', format(
			'%s was used in any currency: what it has spent is no sum', was.name),
			'shopctl promotion create with --budget');
	ELSIF $9 < was.used THEN
		PERFORM refuse('promotion_within_its_uses', format('%s was used %s times already',
			was.name, was.used), format('shopctl promotion disable %s', was.name));
	ELSIF ($11).minor < was.spent THEN
		PERFORM refuse('promotion_within_its_budget', format('%s has given %s already',
			was.name, money_text(was.spent, was.currency::text)),
			format('shopctl promotion disable %s', was.name));
	END IF;
	UPDATE promotion q SET title = coalesce($2, q.title), stacking = coalesce($3, q.stacking),
		priority = coalesce($4, q.priority),
		currency = coalesce(q.currency, ($7).currency, ($11).currency),
		starts_at = CASE WHEN 'from' = ANY (gone) THEN '-infinity'
			ELSE coalesce($5, q.starts_at) END,
		ends_at = CASE WHEN 'until' = ANY (gone) THEN 'infinity' ELSE coalesce($6, q.ends_at) END,
		min_total = CASE WHEN 'min-total' = ANY (gone) THEN 0
			ELSE coalesce(($7).minor, q.min_total) END,
		min_qty = CASE WHEN 'min-qty' = ANY (gone) THEN 0 ELSE coalesce($8, q.min_qty) END,
		uses_max = CASE WHEN NOT 'max-uses' = ANY (gone) THEN coalesce($9, q.uses_max) END,
		uses_per_customer = CASE WHEN NOT 'per-customer' = ANY (gone)
			THEN coalesce($10, q.uses_per_customer) END,
		budget = CASE WHEN NOT 'budget' = ANY (gone) THEN coalesce(($11).minor, q.budget) END
	WHERE q.id = was.id RETURNING * INTO p;
	PERFORM audit('promotion:' || p.name, 'set', to_jsonb(was), to_jsonb(p));
	RETURN QUERY SELECT p.name, promotion_gives(p), promotion_state(p);
END $$;

-- From now on baskets get it, or no longer.  Orders that have it keep it.
CREATE FUNCTION api.promotion_enable(promotion text, enable boolean)
RETURNS TABLE (name text, gives text, state text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	was promotion := promotion_named($1);
	p promotion;
BEGIN
	UPDATE promotion q SET enabled = $2 WHERE q.id = was.id RETURNING * INTO p;
	PERFORM audit('promotion:' || p.name, CASE WHEN $2 THEN 'enable' ELSE 'disable' END,
		jsonb_build_object('state', promotion_state(was)),
		jsonb_build_object('state', promotion_state(p)));
	RETURN QUERY SELECT p.name, promotion_gives(p), promotion_state(p);
END $$;

-- What it did, by currency: orders that count, what they got off and were worth with it,
-- and those that gave it back.
CREATE FUNCTION api.promotion_usage(name text)
RETURNS TABLE (currency text, orders bigint, customers bigint, discount amount, sales amount,
	released bigint, first_at timestamptz, last_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	p promotion := promotion_named($1);
BEGIN
	RETURN QUERY SELECT r.currency::text, count(*) FILTER (WHERE r.state = 'used'),
		count(DISTINCT r.who) FILTER (WHERE r.state = 'used'),
		ROW(coalesce(sum(r.amount) FILTER (WHERE r.state = 'used'), 0)::bigint,
			r.currency::text)::amount,
		ROW(coalesce(sum(o.total) FILTER (WHERE r.state = 'used'), 0)::bigint,
			r.currency::text)::amount,
		count(*) FILTER (WHERE r.state = 'released'), min(r.created_at), max(r.created_at)
	FROM redemption r JOIN orders o ON o.id = r.order_id
	WHERE r.promotion_id = p.id GROUP BY r.currency ORDER BY r.currency;
END $$;

-- What is about a brand or category is about the one that it is merged into.
CREATE FUNCTION promotion_scope_merged(kind text, one bigint, other bigint) RETURNS void
LANGUAGE sql AS $$
	INSERT INTO promotion_scope SELECT s.promotion_id, s.role, s.kind, $3
	FROM promotion_scope s WHERE s.kind = $1 AND s.ref = $2 ON CONFLICT DO NOTHING;
	DELETE FROM promotion_scope s WHERE s.kind = $1 AND s.ref = $2
$$;
