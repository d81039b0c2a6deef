-- The index that search reads: what its rows should say, and when they are written.
--
-- Who changes a product says search_touch() in the same transaction; a job writes the rows
-- after the commit.  Prices that begin or end by the calendar and stock that checkouts take
-- are found by a sweep each minute.  What a page shows of price and stock is always read
-- from where it is kept, never from here.

CREATE FUNCTION search_config() RETURNS regconfig LANGUAGE sql STABLE AS $$
	SELECT ('search_' || s.value)::regconfig FROM setting s WHERE s.name = 'search.language'
$$;

-- As words are compared: lower case, no accents.
CREATE FUNCTION search_fold(word text) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT lower(unaccent($1))
$$;

-- These products changed: one job for one of them, one for each 500 of many.
CREATE FUNCTION search_touch(product_ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF cardinality($1) = 1 THEN
		PERFORM job_put('search.refresh', $1[1], NULL, NULL, $1[1]::text);
		RETURN;
	END IF;
	PERFORM job_put('search.refresh', 0, NULL, jsonb_build_object('products', p.ids))
	FROM (SELECT jsonb_agg(u.id ORDER BY u.id) AS ids
		FROM unnest($1) WITH ORDINALITY AS u (id, i) GROUP BY (u.i - 1) / 500) p;
END $$;

CREATE FUNCTION product_in_stock(product_id bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT EXISTS (SELECT FROM variant v JOIN stock s ON s.variant_id = v.id
		JOIN warehouse w ON w.id = s.warehouse_id AND w.open
		WHERE v.product_id = $1 AND v.sellable AND s.on_hand > s.reserved)
$$;

-- Stock of these variants moved: search hears of it when there is some where was none, or
-- none where was some.
CREATE FUNCTION search_stock(variants bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM search_touch(ARRAY(SELECT f.product_id
		FROM (SELECT DISTINCT v.product_id FROM variant v WHERE v.id = ANY ($1)) p
		JOIN search_fact f ON f.product_id = p.product_id
		WHERE f.in_stock <> product_in_stock(p.product_id) ORDER BY 1));
END $$;

-- name=value, as attributes are filtered: those of products and variants, options, tags.
CREATE FUNCTION search_attributes(ids bigint[])
RETURNS TABLE (product_id bigint, list text[]) LANGUAGE sql STABLE AS $$
	SELECT a.id, array_agg(DISTINCT left(search_fold(a.name || '=' || a.value), 120)
		COLLATE "C")
	FROM (SELECT p.id, e.key AS name, x #>> '{}' AS value
		FROM product p, jsonb_each(p.attributes) e, jsonb_path_query(e.value, '$[*]') x
		WHERE p.id = ANY ($1) AND jsonb_typeof(x) IN ('string', 'number', 'boolean')
		UNION ALL SELECT v.product_id, e.key, x #>> '{}'
		FROM variant v, jsonb_each(v.attributes) e, jsonb_path_query(e.value, '$[*]') x
		WHERE v.product_id = ANY ($1) AND v.sellable AND jsonb_typeof(x) IN ('string', 'number', 'boolean')
		UNION ALL SELECT p.id, p.option_names[i], v.options[i]
		FROM product p JOIN variant v ON v.product_id = p.id,
			generate_subscripts(v.options, 1) i WHERE p.id = ANY ($1) AND v.sellable
		UNION ALL SELECT p.id, 'tag', t FROM product p, unnest(p.tags) t
		WHERE p.id = ANY ($1)) a
	WHERE a.name <> '' AND a.value <> '' GROUP BY a.id
$$;

-- The SKUs of a product as text and, with its handle, as words that are found whole.
CREATE FUNCTION search_skus(ids bigint[])
RETURNS TABLE (product_id bigint, skus text, terms text[]) LANGUAGE sql STABLE AS $$
	SELECT v.product_id, left(string_agg(v.sku, ' ' ORDER BY v.position, v.id), 20000),
		(array_agg(search_fold(v.sku) ORDER BY v.position, v.id))[1:500]
	FROM variant v WHERE v.product_id = ANY ($1) AND v.sellable GROUP BY v.product_id
$$;

-- The categories that a path lies in, itself among them.
CREATE FUNCTION category_above(path text) RETURNS SETOF category LANGUAGE sql STABLE AS $$
	SELECT c.* FROM (SELECT string_to_array($1, '/') AS names) p,
		generate_subscripts(p.names, 1) i, category c
	WHERE c.path = array_to_string(p.names[1:i], '/')
$$;

-- The next moment at which a price of the product begins or ends.
CREATE FUNCTION product_price_due(product_id bigint) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
	SELECT nullif(min(t.at), 'infinity') FROM variant v JOIN price p ON p.variant_id = v.id,
		LATERAL (VALUES (p.valid_from), (p.valid_until)) t (at)
	WHERE v.product_id = $1 AND p.valid_until > now() AND t.at > now()
$$;

-- What the rows of these products should say; of those that are not sold, nothing.
CREATE FUNCTION search_rows(ids bigint[]) RETURNS SETOF search_row
LANGUAGE plpgsql STABLE AS $$
DECLARE
	config regconfig := search_config();
BEGIN
	RETURN QUERY SELECT p.id, setweight(to_tsvector(config, left(p.title, 1000)), 'A')
			|| setweight(to_tsvector(config, left(concat_ws(' ', b.name, c.names, p.type,
				array_to_string(p.tags, ' ')), 5000)), 'B')
			|| setweight(to_tsvector('search_simple', coalesce(v.skus, '')), 'C')
			|| setweight(to_tsvector(config, left(regexp_replace(array_to_string(a.list, ' '),
				'[^ ]*=', '', 'g'), 20000)), 'C')
			|| strip(to_tsvector(config, left(p.description, 50000)))
			|| array_to_tsvector(array_remove(ARRAY['=', '=b' || p.brand_id], NULL)
				|| c.terms || coalesce(v.terms, '{}') || left(search_fold(p.handle), 200)
				|| CASE WHEN a.list = '{}' THEN '{}' ELSE string_to_array('=a'
					|| array_to_string(a.list, E'\n=a'), E'\n') END),
		left(search_fold(p.title), 100), p.created_at, product_in_stock(p.id), p.brand_id,
		p.category_id, a.list, product_price_due(p.id)
	FROM (SELECT o.*, coalesce(x.list, '{}') AS list FROM product o
		LEFT JOIN search_attributes(ids) x ON x.product_id = o.id
		WHERE o.id = ANY (ids) AND o.status = 'active' OFFSET 0) p
		CROSS JOIN LATERAL (SELECT p.list) a
		LEFT JOIN search_skus(ids) v ON v.product_id = p.id
		LEFT JOIN brand b ON b.id = p.brand_id
		LEFT JOIN (SELECT k.id, string_agg(x.name, ' ') AS names,
			array_agg('=c' || x.id) AS terms
			FROM category k, category_above(k.path) x WHERE k.id IN (
				SELECT o.category_id FROM product o WHERE o.id = ANY (ids))
			GROUP BY k.id) c ON c.id = p.category_id;
END $$;

-- The lowest price of these products that holds now, by currency.
CREATE FUNCTION search_prices(ids bigint[])
RETURNS TABLE (product_id bigint, currency char(3), amount bigint) LANGUAGE sql STABLE AS $$
	SELECT v.product_id, r.currency, min(r.amount)
	FROM product p JOIN variant v ON v.product_id = p.id JOIN price r ON r.variant_id = v.id
	WHERE p.id = ANY ($1) AND p.status = 'active' AND v.sellable
		AND r.valid_from <= now() AND now() < r.valid_until
	GROUP BY v.product_id, r.currency
$$;

-- Words with digits are too many to count, unless they are short: nobody looks for what is
-- like a number.
CREATE FUNCTION search_counts(term text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT $1 LIKE '=%' OR length($1) <= 4 OR $1 !~ '[0-9]'
$$;

-- Write the rows of these products as they should be.  They are locked before they are
-- computed, so that of two who refresh one product the later knows what the earlier saw.
CREATE FUNCTION search_refresh(ids bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	fresh search_row[];
	changed bigint;
BEGIN
	INSERT INTO search_product (product_id, words)
	SELECT p.id, '' FROM product p WHERE p.id = ANY (ids) AND p.status = 'active'
	ORDER BY p.id ON CONFLICT DO NOTHING;
	PERFORM FROM search_product s WHERE s.product_id = ANY (ids)
	ORDER BY s.product_id FOR UPDATE;
	fresh := ARRAY(SELECT r FROM search_rows(ids) r);
	WITH change AS (
		SELECT s.words AS was, f.words AS is_now FROM search_product s
			LEFT JOIN unnest(fresh) f ON f.product_id = s.product_id
		WHERE s.product_id = ANY (ids) AND s.words IS DISTINCT FROM f.words
	), delta AS (
		SELECT t.term, sum(t.n) AS n
		FROM (SELECT unnest(tsvector_to_array(c.is_now)) AS term, 1 AS n FROM change c
			UNION ALL SELECT unnest(tsvector_to_array(c.was)), -1 FROM change c) t
		WHERE search_counts(t.term) GROUP BY t.term HAVING sum(t.n) <> 0
	)
	INSERT INTO search_term AS t (term, products) SELECT d.term, d.n FROM delta d
	ORDER BY d.term COLLATE "C"
	ON CONFLICT (term) DO UPDATE SET products = t.products + excluded.products;
	UPDATE search_product s SET words = f.words, refreshed_at = now() FROM unnest(fresh) f
	WHERE s.product_id = f.product_id AND s.words <> f.words;
	GET DIAGNOSTICS changed = ROW_COUNT;
	PERFORM search_refresh_facts(ids, fresh);
	DELETE FROM search_product s WHERE s.product_id = ANY (ids)
		AND NOT EXISTS (SELECT FROM unnest(fresh) f WHERE f.product_id = s.product_id);
	RETURN changed;
END $$;

CREATE FUNCTION search_refresh_facts(ids bigint[], fresh search_row[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM search_fact f WHERE f.product_id = ANY (ids)
		AND NOT EXISTS (SELECT FROM unnest(fresh) n WHERE n.product_id = f.product_id);
	INSERT INTO search_fact AS f (product_id, name, created_at, in_stock, brand_id,
		category_id, attributes, due_at)
	SELECT n.product_id, n.name, n.created_at, n.in_stock, n.brand_id, n.category_id,
		n.attributes, n.due_at FROM unnest(fresh) n
	ON CONFLICT (product_id) DO UPDATE SET name = excluded.name,
		created_at = excluded.created_at, in_stock = excluded.in_stock,
		brand_id = excluded.brand_id, category_id = excluded.category_id,
		attributes = excluded.attributes, due_at = excluded.due_at
	WHERE (f.name, f.created_at, f.in_stock, f.brand_id, f.category_id, f.attributes,
		f.due_at) IS DISTINCT FROM (excluded.name, excluded.created_at, excluded.in_stock,
		excluded.brand_id, excluded.category_id, excluded.attributes, excluded.due_at);
	DELETE FROM search_price r WHERE r.product_id = ANY (ids)
		AND (r.product_id, r.currency) NOT IN (SELECT n.product_id, n.currency
			FROM search_prices(ids) n);
	INSERT INTO search_price AS r SELECT n.* FROM search_prices(ids) n
	ON CONFLICT (product_id, currency) DO UPDATE SET amount = excluded.amount
	WHERE r.amount <> excluded.amount;
END $$;

-- For the job: one product, or those that its payload names.
CREATE FUNCTION api.search_index(product bigint, payload jsonb)
RETURNS TABLE (refreshed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	refreshed := search_refresh(CASE WHEN $1 <> 0 THEN ARRAY[$1]
		ELSE ARRAY(SELECT x::bigint FROM jsonb_array_elements_text($2->'products') x) END);
	RETURN NEXT;
END $$;

-- What nobody says: prices that begin or end by the calendar, and what checkouts took off
-- the shelves.  A checkout that began before the mark and ends behind it is seen by going
-- back two minutes, as long as a statement may take.
CREATE FUNCTION api.search_catch_up(most bigint) RETURNS TABLE (due bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	since timestamptz;
	ids bigint[];
BEGIN
	SELECT s.value::timestamptz INTO since FROM setting s
	WHERE s.name = 'search.watermark' FOR UPDATE;
	PERFORM search_stock(ARRAY(SELECT DISTINCT l.variant_id
		FROM orders o JOIN order_line l ON l.order_id = o.id
		WHERE o.created_at > greatest(since - interval '2 min', now() - interval '1 day')));
	UPDATE setting s SET value = now()::text WHERE s.name = 'search.watermark';
	ids := ARRAY(SELECT f.product_id FROM search_fact f WHERE f.due_at <= now()
		ORDER BY f.due_at LIMIT $1);
	PERFORM search_refresh(ids);
	due := cardinality(ids);
	RETURN NEXT;
END $$;

-- How many units of each product were sold of late.
CREATE FUNCTION api.search_count_sold() RETURNS TABLE (changed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE search_fact f SET sold = n.sold
	FROM (SELECT o.product_id, coalesce(x.sold, 0) AS sold FROM search_fact o
		LEFT JOIN (SELECT v.product_id, greatest(sum(r.units - r.returned), 0)::bigint AS sold
			FROM rollup_item_hour r JOIN variant v ON v.sku = r.item
			WHERE r.kind = 'product' AND r.hour > now() - (SELECT s.value::int FROM setting s
				WHERE s.name = 'search.sold_days') * interval '1 day'
			GROUP BY v.product_id) x ON x.product_id = o.product_id
		WHERE o.sold <> coalesce(x.sold, 0)) n
	WHERE f.product_id = n.product_id;
	GET DIAGNOSTICS changed = ROW_COUNT;
	RETURN NEXT;
END $$;

-- Begin to write everything again; a language is that of the words from now on.
CREATE FUNCTION api.search_reindex_begin(language text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was text := (SELECT s.value FROM setting s WHERE s.name = 'search.language');
BEGIN
	PERFORM set_config('statement_timeout', '0', false);
	IF NOT EXISTS (SELECT FROM pg_ts_config c
		WHERE c.cfgname = 'search_' || coalesce($1, was)) THEN
		PERFORM invalid('search_language_is_known', format('the database server knows no '
			'language %s', $1), 'one of: ' || (SELECT string_agg(substr(c.cfgname, 8), ', '
			ORDER BY c.cfgname) FROM pg_ts_config c WHERE c.cfgname LIKE 'search\_%'));
	END IF;
	IF $1 <> was THEN
		UPDATE setting s SET value = $1 WHERE s.name = 'search.language';
		PERFORM audit('search', 'language', to_jsonb(was), to_jsonb($1));
	END IF;
END $$;

-- The next products in the order of their numbers; `last` is null behind the last.
CREATE FUNCTION api.search_reindex(after bigint, most bigint)
RETURNS TABLE (last bigint, products bigint, changed bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	ids bigint[] := ARRAY(SELECT p.id FROM product p WHERE p.id > $1 ORDER BY p.id LIMIT $2);
BEGIN
	last := ids[cardinality(ids)];
	products := cardinality(ids);
	changed := search_refresh(ids);
	IF last IS NULL THEN
		PERFORM search_refresh(ARRAY(SELECT s.product_id FROM search_product s
			WHERE NOT EXISTS (SELECT FROM product p WHERE p.id = s.product_id)));
		DELETE FROM search_term t WHERE t.products <= 0;
		PERFORM api.search_count_sold();
	END IF;
	RETURN NEXT;
END $$;

-- Comparing everything takes longer than an operator's single statement may.
CREATE FUNCTION api.search_verify_begin() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM set_config('statement_timeout', '0', false);
END $$;

-- Rows that do not say what they should; they do so for a moment after a change.
CREATE FUNCTION api.search_verify(after bigint, most bigint)
RETURNS TABLE (last bigint, product text, what text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	ids bigint[] := ARRAY(SELECT p.id FROM product p WHERE p.id > $1 ORDER BY p.id LIMIT $2);
	fresh search_row[] := ARRAY(SELECT r FROM search_rows(ids) r);
BEGIN
	RETURN QUERY SELECT ids[cardinality(ids)], NULL::text, NULL::text;
	RETURN QUERY SELECT ids[cardinality(ids)], coalesce((SELECT p.handle FROM product p
			WHERE p.id = d.id), d.id::text), string_agg(d.what, ', ' ORDER BY d.what)
	FROM (SELECT coalesce(s.product_id, n.product_id) AS id, 'words' AS what
		FROM (SELECT * FROM search_product o WHERE o.product_id = ANY (ids)) s
			FULL JOIN unnest(fresh) n ON n.product_id = s.product_id
		WHERE s.words IS DISTINCT FROM n.words
		UNION ALL SELECT coalesce(f.product_id, n.product_id), 'facts'
		FROM (SELECT * FROM search_fact o WHERE o.product_id = ANY (ids)) f
			FULL JOIN unnest(fresh) n ON n.product_id = f.product_id
		WHERE (f.name, f.created_at, f.in_stock, f.brand_id, f.category_id, f.attributes,
			f.due_at) IS DISTINCT FROM (n.name, n.created_at, n.in_stock, n.brand_id,
			n.category_id, n.attributes, n.due_at)
		UNION ALL SELECT coalesce(r.product_id, n.product_id), 'prices'
		FROM (SELECT * FROM search_price o WHERE o.product_id = ANY (ids)) r
			FULL JOIN search_prices(ids) n ON n.product_id = r.product_id
				AND n.currency = r.currency
		WHERE r.amount IS DISTINCT FROM n.amount) d
	GROUP BY d.id ORDER BY d.id;
END $$;

-- Rows of products that are gone, and counts of words that are not what the rows say.
CREATE FUNCTION api.search_verify_terms()
RETURNS TABLE (last bigint, product text, what text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT 0::bigint, s.product_id::text, 'product is gone'
	FROM search_product s WHERE NOT EXISTS (SELECT FROM product p WHERE p.id = s.product_id);
	RETURN QUERY SELECT 0::bigint, coalesce(t.term, n.word),
		format('counted %s, not %s', coalesce(t.products, 0), coalesce(n.ndoc, 0))
	FROM ts_stat('SELECT words FROM search_product') n
		FULL JOIN search_term t ON t.term = n.word COLLATE "C"
	WHERE coalesce(t.products, 0) <> coalesce(n.ndoc, 0)
		AND search_counts(coalesce(t.term, n.word)) ORDER BY 2 LIMIT 100;
END $$;

CREATE FUNCTION api.search_synonym_list() RETURNS TABLE (word text, means text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT s.word, s.means FROM search_synonym s ORDER BY s.word;
END $$;

-- Who looks for the word finds these as well; `mutual`: and the other way round.
CREATE FUNCTION api.search_synonym_set(named text, others text[], mutual boolean)
RETURNS TABLE (word text, means text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	key text := search_fold(trim($1));
	was jsonb;
	m text;
BEGIN
	IF $3 AND EXISTS (SELECT FROM unnest($2) x WHERE trim(x) ~ ' ') THEN
		PERFORM invalid('synonym_is_one_word', 'with --both each of them is one word');
	END IF;
	SELECT to_jsonb(s.means) INTO was FROM search_synonym s WHERE s.word = key;
	INSERT INTO search_synonym AS s (word, means)
	VALUES (key, ARRAY(SELECT DISTINCT trim(x) FROM unnest($2) x WHERE trim(x) <> '' ORDER BY 1))
	ON CONFLICT (word) DO UPDATE SET means = excluded.means;
	FOREACH m IN ARRAY CASE WHEN $3 THEN $2 ELSE '{}' END LOOP
		INSERT INTO search_synonym AS s (word, means) VALUES (search_fold(trim(m)), ARRAY[key])
		ON CONFLICT (word) DO UPDATE SET means = s.means || key WHERE key <> ALL (s.means);
	END LOOP;
	PERFORM audit('synonym:' || key, 'set', was, to_jsonb($2));
	RETURN QUERY SELECT s.word, s.means FROM search_synonym s
	WHERE s.word = key OR ($3 AND s.word IN (SELECT search_fold(trim(x)) FROM unnest($2) x))
	ORDER BY s.word <> key, s.word;
END $$;

CREATE FUNCTION api.search_synonym_remove(named text) RETURNS TABLE (word text, means text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	gone search_synonym;
BEGIN
	DELETE FROM search_synonym s WHERE s.word = search_fold(trim($1)) RETURNING s.* INTO gone;
	IF gone.word IS NULL THEN
		PERFORM absent('synonym_exists', format('"%s" has no synonyms', $1),
			'shopctl search synonym list');
	END IF;
	PERFORM audit('synonym:' || gone.word, 'remove', to_jsonb(gone.means), NULL);
	RETURN QUERY SELECT gone.word, gone.means;
END $$;
