-- What is bought together.  With n baskets in all, a the baskets that product A is in, b
-- those of B and p those of both: support = p / n, confidence = p / a, lift = p n / (a b).

-- The products of each basket, once each, and who bought them.
CREATE FUNCTION together_baskets(orders bigint[], histories bigint[])
RETURNS TABLE (customer text, skus text[]) LANGUAGE sql STABLE AS $$
	SELECT max(o.customer_id)::text, array_agg(DISTINCT n.sku)
	FROM orders o JOIN order_line n ON n.order_id = o.id
	WHERE o.id = ANY (orders) GROUP BY o.id
	UNION ALL
	SELECT max(h.source || ':' || nullif(h.customer, '')), array_agg(DISTINCT n.sku)
	FROM sale_history h JOIN sale_history_line n ON n.history_id = h.id
	WHERE h.id = ANY (histories) AND n.qty > 0 AND n.sku <> '' GROUP BY h.id
$$;

CREATE FUNCTION together_limit() RETURNS integer LANGUAGE sql STABLE AS $$
	SELECT s.value::integer FROM setting s WHERE s.name = 'recommend.basket_max'
$$;

-- Add these baskets to the counts.
CREATE FUNCTION together_add(orders bigint[], histories bigint[]) RETURNS bigint
LANGUAGE sql AS $$
	WITH basket AS MATERIALIZED (
		SELECT row_number() OVER () AS n, t.*, cardinality(t.skus) <= together_limit() AS fits
		FROM together_baskets(orders, histories) t
	), bought AS (
		INSERT INTO together_customer SELECT DISTINCT t.customer, s
		FROM basket t, unnest(t.skus) s WHERE t.customer IS NOT NULL
		ON CONFLICT DO NOTHING
	), item AS (
		INSERT INTO together_item AS i (sku, baskets)
		SELECT s, count(*) FROM basket t, unnest(t.skus) s WHERE t.fits GROUP BY s
		ON CONFLICT (sku) DO UPDATE SET baskets = i.baskets + excluded.baskets
		RETURNING i.id, i.sku
	), numbered AS (
		SELECT t.n, array_agg(i.id ORDER BY i.id) AS ids
		FROM basket t, unnest(t.skus) s JOIN item i ON i.sku = s WHERE t.fits GROUP BY t.n
	), pair AS (
		INSERT INTO together_pair AS p
		SELECT x.id, y.id, count(*) FROM numbered t,
			unnest(t.ids) WITH ORDINALITY x (id, i), unnest(t.ids[x.i + 1:]) y (id)
		GROUP BY 1, 2 ORDER BY 1, 2
		ON CONFLICT (a, b) DO UPDATE SET baskets = p.baskets + excluded.baskets
	)
	UPDATE together_total g SET at = now(), baskets = g.baskets + n.fit,
		skipped = g.skipped + n.large
	FROM (SELECT count(*) FILTER (WHERE t.fits) AS fit,
		count(*) FILTER (WHERE NOT t.fits) AS large FROM basket t) n
	RETURNING n.fit
$$;

-- Count nothing yet: imported orders wait again, others come with the fold of sales.
CREATE FUNCTION together_restart() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM FROM together_total FOR UPDATE;
	DELETE FROM together_pair;
	DELETE FROM together_item;
	DELETE FROM together_customer;
	DELETE FROM together_todo;
	UPDATE together_total SET baskets = 0, skipped = 0, at = now();
	INSERT INTO together_todo (history_id) SELECT h.id FROM sale_history h ORDER BY h.id;
END $$;

-- Count the next baskets, at most so many; `more` when others wait.
CREATE FUNCTION api.recommend_fold(most bigint) RETURNS TABLE (folded bigint, more boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET work_mem = '64MB' AS $$
DECLARE
	ids bigint[];
	orders bigint[];
	histories bigint[];
BEGIN
	PERFORM FROM together_total FOR UPDATE;
	ids := ARRAY(SELECT t.id FROM together_todo t ORDER BY t.id LIMIT most);
	WITH gone AS (DELETE FROM together_todo t WHERE t.id = ANY (ids)
		RETURNING t.order_id, t.history_id)
	SELECT array_agg(g.order_id), array_agg(g.history_id) INTO orders, histories FROM gone g;
	IF cardinality(ids) > 0 THEN
		PERFORM together_add(orders, histories);
	END IF;
	RETURN QUERY SELECT cardinality(ids)::bigint, EXISTS (SELECT FROM together_todo);
END $$;

-- Counting all baskets takes longer than an operator's single statement may.
CREATE FUNCTION api.recommend_rebuild_begin() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM set_config('statement_timeout', '0', false);
END $$;

-- Count everything again, with the settings of now.  Readers see the old counts until all
-- of the new ones are there.
CREATE FUNCTION api.recommend_rebuild() RETURNS TABLE (baskets bigint, skipped bigint,
	products bigint, pairs bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET work_mem = '256MB' AS $$
BEGIN
	PERFORM rollup_lock();
	PERFORM together_restart();
	DELETE FROM together_todo;
	PERFORM together_add(ARRAY(SELECT c.order_id FROM sale_counted c WHERE c.orders = 1),
		ARRAY(SELECT h.id FROM sale_history h));
	PERFORM audit('recommend', 'rebuild', NULL, (SELECT to_jsonb(g) FROM together_total g));
	RETURN QUERY SELECT g.baskets, g.skipped, (SELECT count(*) FROM together_item),
		(SELECT count(*) FROM together_pair) FROM together_total g;
END $$;

-- The figures of one product with each other that is often enough in a basket with it.
CREATE FUNCTION together_of(sku text)
RETURNS TABLE (other text, together bigint, support numeric, confidence numeric, lift numeric)
LANGUAGE sql STABLE AS $$
	SELECT y.sku, p.baskets, p.baskets::numeric / g.baskets,
		p.baskets::numeric / x.baskets,
		p.baskets::numeric * g.baskets / (x.baskets::numeric * y.baskets)
	FROM together_item x
	CROSS JOIN LATERAL (SELECT q.b AS id, q.baskets FROM together_pair q WHERE q.a = x.id
		UNION ALL SELECT q.a, q.baskets FROM together_pair q WHERE q.b = x.id) p
	JOIN together_item y ON y.id = p.id
	CROSS JOIN together_total g
	WHERE x.sku = $1 AND p.baskets >= g.baskets * (SELECT s.value::numeric FROM setting s
		WHERE s.name = 'recommend.min_support')
$$;

CREATE FUNCTION together_title(sku text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT coalesce((SELECT v.title FROM variant v WHERE v.sku = $1),
		(SELECT n.title FROM sale_history_line n WHERE n.sku = $1 LIMIT 1), '')
$$;

-- What may be offered: `everything` adds what the catalogue does not sell.
CREATE FUNCTION together_offered(sku text, everything boolean) RETURNS boolean
LANGUAGE sql STABLE AS $$
	SELECT everything OR EXISTS (SELECT FROM variant v WHERE v.sku = $1 AND v.sellable)
$$;

CREATE FUNCTION together_most(most bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT least(most, s.value::bigint) FROM setting s WHERE s.name = 'recommend.pairs_max'
$$;

CREATE FUNCTION together_known(sku text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM together_item i WHERE i.sku = $1)
		AND NOT EXISTS (SELECT FROM variant v WHERE v.sku = $1) THEN
		PERFORM absent('variant_exists', format('nobody sold or sells %s', $1),
			'shopctl product list');
	END IF;
END $$;

-- What goes with a product: the strongest pull (lift) first.
CREATE FUNCTION api.recommend_product(sku text, most bigint, everything boolean)
RETURNS TABLE (other text, title text, together bigint, support double precision,
	confidence double precision, lift double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM together_known(sku);
	RETURN QUERY SELECT t.other, together_title(t.other), t.together,
		round(t.support, 6)::double precision, round(t.confidence, 6)::double precision,
		round(t.lift, 6)::double precision
	FROM together_of(sku) t WHERE together_offered(t.other, everything)
	ORDER BY t.lift DESC, t.together DESC, t.other LIMIT together_most(most);
END $$;

-- What goes with what a customer bought and has not bought yet: by the best confidence
-- that any of the bought products gives it.  A customer is a number of ours, or
-- SOURCE:NUMBER of an imported one.
CREATE FUNCTION api.recommend_customer(customer text, most bigint, everything boolean)
RETURNS TABLE (other text, title text, because text, together bigint,
	support double precision, confidence double precision, lift double precision)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	bought text[] := ARRAY(SELECT c.sku FROM together_customer c WHERE c.customer = $1);
BEGIN
	IF bought = '{}' THEN
		PERFORM absent('customer_has_bought', format('customer %s has bought nothing', customer),
			'shopctl report sales --by customer');
	END IF;
	RETURN QUERY SELECT r.other, together_title(r.other), r.because, r.together,
		round(r.support, 6)::double precision, round(r.confidence, 6)::double precision,
		round(r.lift, 6)::double precision
	FROM (SELECT DISTINCT ON (t.other) t.*, b.sku AS because
		FROM unnest(bought) AS b (sku), LATERAL together_of(b.sku) t
		WHERE t.other <> ALL (bought) AND t.lift > 1
		ORDER BY t.other, t.confidence DESC, b.sku) r
	WHERE together_offered(r.other, everything)
	ORDER BY r.confidence DESC, r.lift DESC, r.other LIMIT together_most(most);
END $$;

-- Every figure of a pair, whatever the minimum support says.
CREATE FUNCTION api.recommend_explain(sku text, other text)
RETURNS TABLE (sku_a text, sku_b text, baskets bigint, with_a bigint, with_b bigint,
	together bigint, support double precision, confidence double precision,
	confidence_back double precision, lift double precision, min_support double precision,
	offered boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM together_known(sku);
	PERFORM together_known(other);
	RETURN QUERY SELECT $1, $2, g.baskets, x.n, y.n, p.n,
		round(p.n::numeric / nullif(g.baskets, 0), 6)::double precision,
		round(p.n::numeric / nullif(x.n, 0), 6)::double precision,
		round(p.n::numeric / nullif(y.n, 0), 6)::double precision,
		round(p.n::numeric * g.baskets / nullif(x.n::numeric * y.n, 0), 6)::double precision,
		m.least::double precision, p.n > 0 AND p.n >= g.baskets * m.least
	FROM together_total g,
		(SELECT coalesce(max(i.baskets), 0) AS n FROM together_item i WHERE i.sku = $1) x,
		(SELECT coalesce(max(i.baskets), 0) AS n FROM together_item i WHERE i.sku = $2) y,
		(SELECT coalesce(max(t.baskets), 0) AS n FROM together_item i, together_item j,
			together_pair t WHERE i.sku = $1 AND j.sku = $2
			AND t.a = least(i.id, j.id) AND t.b = greatest(i.id, j.id)) p,
		(SELECT s.value::numeric AS least FROM setting s
			WHERE s.name = 'recommend.min_support') m;
END $$;
