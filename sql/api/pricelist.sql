-- Price lists: what some customers pay instead of the shop's own price.

-- What each customer pays for each variant: parallel arrays, one element a question, and a
-- row for each of them; no amount: there is no price.  Of a customer's lists in that currency
-- the one with the lowest priority number that has a price of the variant stands in the place
-- of the shop's own, even when that is lower: whoever makes a list means it.
CREATE FUNCTION price_for(variants bigint[], currencies text[], customers bigint[],
	at timestamptz)
RETURNS TABLE (n bigint, amount bigint, compare_at bigint, pricelist_id bigint)
LANGUAGE sql STABLE AS $$
	SELECT u.n, coalesce(l.amount, p.amount), CASE WHEN l.amount IS NULL THEN p.compare_at END,
		l.pricelist_id
	FROM unnest($1, $2, $3) WITH ORDINALITY AS u (variant, currency, customer, n)
	-- Should two hold at once, the one that ends first is the special offer.
	LEFT JOIN LATERAL (SELECT q.amount, q.compare_at FROM price q
		WHERE q.variant_id = u.variant AND q.currency = u.currency::bpchar
			AND q.valid_from <= $4 AND q.valid_until > $4
		ORDER BY q.valid_until LIMIT 1) p ON true
	LEFT JOIN LATERAL (SELECT x.amount, x.pricelist_id
		FROM pricelist_customer c JOIN pricelist l ON l.id = c.pricelist_id
			AND l.currency = u.currency::bpchar AND l.valid_from <= $4 AND l.valid_until > $4
		JOIN pricelist_price x ON x.pricelist_id = l.id AND x.variant_id = u.variant
			AND x.valid_from <= $4 AND x.valid_until > $4
		WHERE c.customer_id = u.customer
		ORDER BY l.priority, x.amount, l.id LIMIT 1) l ON true
	ORDER BY u.n
$$;

CREATE FUNCTION pricelist_named(code text) RETURNS pricelist LANGUAGE plpgsql STABLE AS $$
DECLARE
	found pricelist;
BEGIN
	SELECT l.* INTO found FROM pricelist l WHERE l.code = $1;
	IF found.id IS NULL THEN
		PERFORM absent('pricelist_exists', format('there is no price list %s', $1),
			'shopctl pricelist list');
	END IF;
	RETURN found;
END $$;

CREATE FUNCTION api.pricelist_list()
RETURNS TABLE (code text, name text, currency text, priority bigint, valid_from timestamptz,
	valid_until timestamptz, prices bigint, customers bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT l.code, l.name, l.currency::text, l.priority::bigint,
		nullif(l.valid_from, '-infinity'), nullif(l.valid_until, 'infinity'),
		(SELECT count(DISTINCT x.variant_id) FROM pricelist_price x
			WHERE x.pricelist_id = l.id AND x.valid_until > now()),
		(SELECT count(*) FROM pricelist_customer c WHERE c.pricelist_id = l.id)
	FROM pricelist l ORDER BY l.priority, l.code
$$;

-- The prices of a list that hold at a time, beside the shop's own then.
CREATE FUNCTION api.pricelist_show(p_code text, at timestamptz, max_rows bigint)
RETURNS TABLE (sku text, price amount, shop_price amount, valid_from timestamptz,
	valid_until timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	l pricelist := pricelist_named($1);
	moment timestamptz := coalesce($2, now());
BEGIN
	RETURN QUERY SELECT v.sku, ROW(x.amount, l.currency)::amount,
		CASE WHEN o.amount IS NOT NULL THEN ROW(o.amount, l.currency)::amount END,
		nullif(x.valid_from, '-infinity'), nullif(x.valid_until, 'infinity')
	FROM pricelist_price x JOIN variant v ON v.id = x.variant_id
		CROSS JOIN LATERAL (SELECT (price_at(v.id, l.currency, moment)).amount) o
	WHERE x.pricelist_id = l.id AND x.valid_from <= moment AND moment < x.valid_until
	ORDER BY v.sku LIMIT $3;
END $$;

CREATE FUNCTION api.pricelist_customers(p_code text)
RETURNS TABLE (customer bigint, email text, name text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT k.id, k.email, k.name FROM pricelist_customer c
		JOIN customer k ON k.id = c.customer_id
	WHERE c.pricelist_id = (pricelist_named($1)).id ORDER BY k.email;
END $$;

CREATE FUNCTION api.pricelist_create(p_code text, p_name text, p_currency text,
	p_priority bigint, since timestamptz, until timestamptz)
RETURNS TABLE (code text, name text, currency text, priority bigint, valid_from timestamptz,
	valid_until timestamptz, prices bigint, customers bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	made pricelist;
BEGIN
	PERFORM time_range($5, $6);
	IF NOT EXISTS (SELECT FROM currency c WHERE c.code = $3::bpchar) THEN
		PERFORM invalid('currency_is_known', format('%s is no currency', $3), 'EUR');
	END IF;
	INSERT INTO pricelist (code, name, currency, priority, valid_from, valid_until)
	VALUES ($1, coalesce($2, $1), $3, $4, coalesce($5, '-infinity'), coalesce($6, 'infinity'))
	RETURNING * INTO made;
	PERFORM audit('pricelist:' || made.code, 'create', NULL, to_jsonb(made));
	RETURN QUERY SELECT * FROM api.pricelist_list() l WHERE l.code = $1;
END $$;

-- What is known of a variant's prices in a list from now on, for the audit log.
CREATE FUNCTION pricelist_picture(l pricelist, variant bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT jsonb_build_object('pricelist', $1.code, 'currency', $1.currency, 'prices',
		coalesce(jsonb_agg(jsonb_build_object('amount', x.amount, 'compare_at', NULL,
			'scheduled', x.valid_from > '-infinity' OR x.valid_until < 'infinity',
			'from', nullif(x.valid_from, '-infinity'),
			'until', nullif(x.valid_until, 'infinity')) ORDER BY x.valid_from), '[]'))
	FROM pricelist_price x WHERE x.pricelist_id = $1.id AND x.variant_id = $2
		AND x.valid_until > now()
$$;

-- Lay prices into a list, whose row the caller holds: whatever lay there in that time makes
-- room.  An amount that is null leaves the time empty, and the shop's own price shows.
CREATE FUNCTION pricelist_put(l pricelist, variants bigint[], amounts bigint[],
	since timestamptz, until timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	pictures jsonb[] := ARRAY(SELECT pricelist_picture(l, u.v)
		FROM unnest($2) WITH ORDINALITY AS u (v, i) ORDER BY u.i);
BEGIN
	WITH cut AS (
		DELETE FROM pricelist_price x WHERE x.pricelist_id = l.id
			AND x.variant_id = ANY ($2) AND x.valid_from < $5 AND x.valid_until > $4
		RETURNING x.*)
	INSERT INTO pricelist_price (pricelist_id, variant_id, amount, valid_from, valid_until)
	SELECT l.id, c.variant_id, c.amount, r.since, r.until
	FROM cut c, LATERAL (VALUES (c.valid_from, $4), ($5, c.valid_until)) AS r (since, until)
	WHERE r.since < r.until
	UNION ALL
	SELECT l.id, u.v, u.a, $4, $5 FROM unnest($2, $3) AS u (v, a) WHERE u.a IS NOT NULL;
	PERFORM audit('variant:' || v.sku, 'price.list', u.was, n.now_is)
	FROM unnest($2, pictures) AS u (id, was) JOIN variant v ON v.id = u.id
		CROSS JOIN LATERAL (SELECT pricelist_picture(l, u.id)) AS n (now_is)
	WHERE n.now_is <> u.was ORDER BY v.id;
END $$;

-- The price of a variant in a list, from now or later on, for ever or until a time; without
-- an amount it is taken out.
CREATE FUNCTION api.pricelist_set(p_code text, p_sku text, price amount, since timestamptz,
	until timestamptz)
RETURNS TABLE (sku text, before amount, after amount, compare_at amount,
	valid_from timestamptz, valid_until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	l pricelist := pricelist_named($1);
	v variant := variant_named($2);
	begins timestamptz := price_begins($4);
	ends timestamptz := coalesce($5, 'infinity');
	was bigint;
BEGIN
	IF $3.currency <> l.currency THEN
		PERFORM invalid('pricelist_has_one_currency', format('the prices of %s are in %s', l.code,
			l.currency));
	ELSIF $3.minor IS NOT NULL THEN
		PERFORM price_fits($2, $3.minor, $3.currency);
	END IF;
	IF ends <= begins THEN
		PERFORM invalid('price_range_is_not_empty', format('it would end at %s and begin at %s',
			price_time(ends), price_time(begins)));
	END IF;
	PERFORM FROM pricelist x WHERE x.id = l.id FOR NO KEY UPDATE;
	SELECT x.amount INTO was FROM pricelist_price x WHERE x.pricelist_id = l.id
		AND x.variant_id = v.id AND x.valid_from <= begins AND begins < x.valid_until;
	PERFORM pricelist_put(l, ARRAY[v.id], ARRAY[$3.minor], begins, ends);
	RETURN QUERY SELECT * FROM price_change($2, l.currency::text, was, $3.minor, NULL, begins,
		ends);
END $$;

-- Whose price it is: customers by number or address.  Doing it again changes nothing.
CREATE FUNCTION api.pricelist_assign(p_code text, whom text[], has boolean)
RETURNS TABLE (customer bigint, email text, name text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	l pricelist := pricelist_named($1);
	ids bigint[] := ARRAY(SELECT k.id FROM unnest($2) u
		JOIN customer k ON k.email = customer_email(u) ORDER BY k.id);
	changed bigint[];
BEGIN
	IF $3 THEN
		WITH put AS (
			INSERT INTO pricelist_customer (customer_id, pricelist_id)
			SELECT DISTINCT i, l.id FROM unnest(ids) i ON CONFLICT DO NOTHING
			RETURNING customer_id)
		SELECT array_agg(p.customer_id) INTO changed FROM put p;
	ELSE
		WITH gone AS (
			DELETE FROM pricelist_customer c WHERE c.pricelist_id = l.id
				AND c.customer_id = ANY (ids) RETURNING c.customer_id)
		SELECT array_agg(g.customer_id) INTO changed FROM gone g;
	END IF;
	PERFORM audit('pricelist:' || l.code, CASE WHEN $3 THEN 'assign' ELSE 'unassign' END,
		NULL, jsonb_build_object('customers', changed)) WHERE changed IS NOT NULL;
	RETURN QUERY SELECT k.id, k.email, k.name FROM customer k WHERE k.id = ANY (ids)
		ORDER BY k.id;
END $$;
