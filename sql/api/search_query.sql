-- Looking something up.
--
-- A page is found in one of two ways, of which the counts of words choose: few products
-- match, then all of them come out of the index of words and are sorted; or many do, then
-- the products are walked in the order asked for until the page is full.  Either way a
-- bounded number of rows is read.

-- As a query writes a word.
CREATE FUNCTION search_quote(word text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT '''' || replace(replace($1, '\', '\\'), '''', '''''') || ''''
$$;

-- In how many products one of these words is, at most.
CREATE FUNCTION search_most(terms text[]) RETURNS bigint LANGUAGE sql STABLE AS $$
	SELECT coalesce(sum(CASE WHEN NOT search_counts(w) THEN 1000 ELSE (SELECT t.products
		FROM search_term t WHERE t.term = w COLLATE "C") END), 0)::bigint FROM unnest($1) w
$$;

-- The counted words that begin like this, the most frequent first.
CREATE FUNCTION search_begins(word text) RETURNS text[] LANGUAGE sql STABLE AS $$
	SELECT ARRAY(SELECT t.term FROM search_term t
		WHERE t.term >= $1 COLLATE "C" AND t.term < ($1 || U&'\+10FFFF') COLLATE "C"
			AND t.products > 0 AND $1 <> '' AND t.term NOT LIKE '=%'
		ORDER BY t.products DESC, t.term LIMIT 20)
$$;

-- Words that this one may be meant for: a letter too many, two that changed places, one
-- that is another or missing (short words), or much in common (long ones).
CREATE FUNCTION search_near(config regconfig, word text) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
	n int := length(word);
	swapped text[];
	shorter text[];
	like_it text[];
BEGIN
	IF n < 3 OR n > 60 OR word !~ '^[[:alpha:]]+$' THEN
		RETURN '{}';
	END IF;
	swapped := ARRAY(SELECT unnest(tsvector_to_array(to_tsvector(config, left(word, i - 1)
			|| substr(word, i + 1, 1) || substr(word, i, 1) || substr(word, i + 2))))
		FROM generate_series(1, n - 1) i);
	shorter := ARRAY(SELECT unnest(tsvector_to_array(to_tsvector(config, left(word, i - 1)
			|| substr(word, i + 1)))) FROM generate_series(1, n) i WHERE n > 3);
	like_it := ARRAY(SELECT left(word, i - 1) || '_' || substr(word, i + 1)
			FROM generate_series(1, n) i
		UNION SELECT left(word, i) || '_' || substr(word, i + 1)
			FROM generate_series(0, n) i);
	RETURN ARRAY(SELECT x.term FROM (
		SELECT t.term, t.products, 2.0 AS near FROM search_term t
		WHERE t.term = ANY (swapped)
		UNION ALL SELECT t.term, t.products, 1.0 FROM search_term t
		WHERE t.term = ANY (shorter)
		UNION ALL SELECT t.term, t.products, 1.0 FROM search_term t
		WHERE n <= 5 AND length(t.term) BETWEEN n AND n + 1 AND length(t.term) <= 6
			AND (t.term < '=' OR t.term >= '>') AND t.term LIKE ANY (like_it)
		UNION ALL SELECT t.term, t.products, similarity(t.term, word) FROM search_term t
		WHERE n > 4 AND (t.term < '=' OR t.term >= '>') AND t.term % word) x
	WHERE x.products > 0
	GROUP BY x.term ORDER BY max(x.near) DESC, max(x.products) DESC, x.term LIMIT 3);
END $$;

-- One typed word: which words of products it stands for.  The last one may be typed half.
CREATE FUNCTION search_word(config regconfig, word text, is_last boolean, OUT how text,
	OUT means text[], OUT terms tsquery, OUT most bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	folded text := search_fold(word);
	stems text[] := tsvector_to_array(to_tsvector(config, word));
	raw tsquery := search_quote(folded)::tsquery;
	stem text;
	these text[];
BEGIN
	means := '{}';
	IF stems = '{}' THEN
		how := 'ignored';
		RETURN;
	END IF;
	how := 'word';
	FOREACH stem IN ARRAY stems LOOP
		these := ARRAY[stem];
		IF is_last AND cardinality(stems) = 1 THEN
			these := ARRAY(SELECT stem UNION SELECT unnest(search_begins(folded))
				UNION SELECT unnest(search_begins(stem)));
		END IF;
		IF search_most(these) = 0 THEN
			these := search_near(config, CASE WHEN cardinality(stems) = 1 THEN folded
				ELSE stem END);
			how := 'corrected';
		END IF;
		IF these = '{}' THEN
			these := ARRAY[stem];
			how := 'unknown';
		END IF;
		means := means || these;
		most := least(most, search_most(these));
		terms := coalesce(terms && x.q, x.q) FROM (SELECT string_agg(DISTINCT
			search_quote(t), '|')::tsquery AS q FROM unnest(these) t) x;
	END LOOP;
	-- A SKU is one word, whatever is in it; half of one begins with digits soon.
	IF folded ~ '[0-9]' THEN
		terms := terms || CASE WHEN is_last AND length(folded) > 2
			THEN (search_quote(folded) || ':*')::tsquery ELSE raw END;
		most := most + 1000;
		how := CASE how WHEN 'unknown' THEN 'word' ELSE how END;
	ELSIF NOT folded = ANY (stems) THEN
		terms := terms || raw;
	END IF;
END $$;

-- What each word of a query stands for, with its synonyms.
CREATE FUNCTION search_understand(q text)
RETURNS TABLE (n bigint, word text, how text, means text[], terms tsquery, most bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
	config regconfig := search_config();
	words text[] := (regexp_split_to_array(trim(left(q, 200)), '\s+'))[1:16];
	part record;
	syn tsquery;
BEGIN
	FOR n, word IN SELECT i, words[i] FROM generate_subscripts(words, 1) i
		WHERE words[i] <> ''
	LOOP
		part := search_word(config, word, n = cardinality(words));
		SELECT string_agg('(' || plainto_tsquery(config, m)::text || ')', '|')::tsquery INTO syn
		FROM search_synonym s, unnest(s.means) m
		WHERE s.word = search_fold(search_understand.word) AND numnode(plainto_tsquery(config, m)) > 0;
		IF syn IS NOT NULL THEN
			how := 'synonym';
			means := part.means || (SELECT s.means FROM search_synonym s
				WHERE s.word = search_fold(search_understand.word));
			terms := CASE WHEN part.how IN ('ignored', 'corrected', 'unknown') THEN syn
				ELSE part.terms || syn END;
			most := coalesce(part.most, 0)
				+ search_most(tsvector_to_array(to_tsvector(config, array_to_string(means, ' '))));
		ELSE
			how := part.how;
			means := part.means;
			terms := part.terms;
			most := part.most;
		END IF;
		RETURN NEXT;
	END LOOP;
END $$;

-- The filters as words: a product must be in the category, of one of the brands, and have
-- one of the values of each attribute.
CREATE FUNCTION search_filters(category text, brands text[], attributes text[])
RETURNS TABLE (means text[]) LANGUAGE plpgsql STABLE AS $$
DECLARE
	wrong text;
BEGIN
	IF category IS NOT NULL THEN
		means := ARRAY(SELECT '=c' || c.id FROM category c WHERE c.path = category_path($1));
		IF means = '{}' THEN
			PERFORM absent('category_exists', format('there is no category %s', category),
				'shopctl category list');
		END IF;
		RETURN NEXT;
	END IF;
	IF cardinality(brands) > 0 THEN
		SELECT x INTO wrong FROM unnest($2) x
		WHERE NOT EXISTS (SELECT FROM brand b WHERE b.slug = slug(x)) LIMIT 1;
		IF wrong IS NOT NULL THEN
			PERFORM absent('brand_exists', format('there is no brand %s', wrong),
				'shopctl brand list');
		END IF;
		means := ARRAY(SELECT '=b' || b.id FROM brand b
			WHERE b.slug IN (SELECT slug(x) FROM unnest($2) x));
		RETURN NEXT;
	END IF;
	SELECT x INTO wrong FROM unnest($3) x WHERE x !~ '^[^=]+=.+$' LIMIT 1;
	IF wrong IS NOT NULL THEN
		PERFORM invalid('attribute_filter_is_a_pair',
			format('"%s" is not NAME=VALUE', wrong), 'color=red');
	END IF;
	RETURN QUERY SELECT array_agg('=a' || left(search_fold(x), 120))
	FROM unnest($3) x GROUP BY search_fold(split_part(x, '=', 1));
END $$;

-- What a query asks for.  Without an order of its own it is by relevance when there are
-- words, and the best sold first when there are none.
CREATE FUNCTION search_plan_of(q text, category text, brands text[], currency text,
	price_min bigint, price_max bigint, attributes text[], in_stock boolean, sort text)
RETURNS search_plan LANGUAGE plpgsql STABLE AS $$
DECLARE
	p search_plan;
	part record;
	products bigint;
BEGIN
	p.parts := 0;
	p.share := 1;
	SELECT t.products INTO p.most FROM search_term t WHERE t.term = '=';
	products := greatest(p.most, 1);
	FOR part IN SELECT u.terms, u.most FROM search_understand($1) u
		WHERE u.terms IS NOT NULL
	LOOP
		p.words := coalesce(p.words || part.terms, part.terms);
		p.terms := coalesce(p.terms && part.terms, part.terms);
		p.most := least(p.most, part.most);
		p.share := p.share * least(part.most::float8 / products, 1);
		p.parts := p.parts + CASE WHEN numnode(part.terms) = 1 THEN 1 ELSE 2 END;
	END LOOP;
	FOR part IN SELECT x.q, search_most(f.means) AS most
		FROM search_filters($2, $3, $7) f, LATERAL (SELECT string_agg(search_quote(t),
			'|')::tsquery AS q FROM unnest(f.means) t) x
	LOOP
		p.terms := coalesce(p.terms && part.q, part.q);
		p.most := least(p.most, part.most);
		p.share := p.share * least(part.most::float8 / products, 1);
		p.parts := p.parts + CASE WHEN numnode(part.q) = 1 THEN 1 ELSE 2 END;
	END LOOP;
	p.most := coalesce(p.most, 0);
	p.currency := $4;
	p.price_min := $5;
	p.price_max := $6;
	p.in_stock := coalesce($8, false);
	p.parts := p.parts + CASE WHEN p.in_stock THEN 2 ELSE 0 END
		+ CASE WHEN coalesce($5, $6) IS NULL THEN 0 ELSE 2 END;
	p.sort := coalesce($9, CASE WHEN p.words IS NULL THEN 'sold' ELSE 'relevance' END);
	IF p.sort = 'relevance' AND p.words IS NULL THEN
		p.sort := 'sold';
	END IF;
	RETURN p;
END $$;

-- A place between two results: the sort key of the last one seen, largest first as a
-- negative number, and its number the same way round.
CREATE FUNCTION search_place(p search_plan, after text, print text, OUT key float8,
	OUT name text, OUT id bigint)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	part text[] := regexp_match(after, '^' || p.sort
		|| '~(-?[0-9]{1,16}(?:\.[0-9]{1,20})?(?:e[+-][0-9]{1,2})?)~(-?[0-9]{1,16})~'
		|| print || '$');
BEGIN
	name := '';
	IF after IS NULL THEN
		key := CASE WHEN p.sort IN ('name', 'price') THEN -1 ELSE -9e18 END;
		id := -9000000000000000000;
		RETURN;
	ELSIF part IS NULL THEN
		PERFORM invalid('cursor_is_of_this_query',
			'this cursor was not made by this query', 'begin without a cursor');
	END IF;
	key := part[1]::float8;
	id := part[2]::bigint;
	IF p.sort = 'name' THEN
		SELECT f.name INTO name FROM search_fact f WHERE f.product_id = part[2]::bigint;
		IF name IS NULL THEN
			PERFORM invalid('cursor_is_of_this_query',
				'what this cursor stood at is gone', 'begin without a cursor');
		END IF;
	END IF;
END $$;

-- All that matches, up to a bound, with what it is sorted by.
CREATE FUNCTION search_matches(p search_plan, bound bigint)
RETURNS TABLE (product_id bigint, key float8, name text, id bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT s.product_id, CASE p.sort
			WHEN 'relevance' THEN -search_score(s.words, p.words, f.sold)
			WHEN 'sold' THEN -f.sold::float8
			WHEN 'newest' THEN -(extract(epoch FROM f.created_at) * 1000000)::float8
			WHEN 'price' THEN r.amount::float8
			WHEN 'price-desc' THEN -r.amount::float8
			ELSE 0 END,
		CASE p.sort WHEN 'name' THEN f.name ELSE '' END,
		CASE WHEN p.sort IN ('name', 'price') THEN s.product_id ELSE -s.product_id END
	FROM (SELECT o.product_id, o.words FROM search_product o
			WHERE o.words @@ coalesce(p.terms, '''=''') LIMIT bound) s
		JOIN search_fact f ON f.product_id = s.product_id
		LEFT JOIN search_price r ON r.product_id = s.product_id AND r.currency = p.currency
	WHERE (NOT p.in_stock OR f.in_stock)
		AND (coalesce(p.price_min, p.price_max) IS NULL OR (r.amount
			BETWEEN coalesce(p.price_min, 0) AND coalesce(p.price_max, 9000000000000000000)))
		AND (p.sort NOT LIKE 'price%' OR r.amount IS NOT NULL);
END $$;

-- Words in a title count most, then brand, category and tags, then attributes and SKUs,
-- then the description; what is sold often goes before what is not.
CREATE FUNCTION search_score(words tsvector, wanted tsquery, sold bigint) RETURNS float8
LANGUAGE sql IMMUTABLE AS $$
	SELECT ts_rank('{0.05, 0.2, 0.4, 1}', $1, $2, 1) * (1 + ln(1 + $3::float8) / 10)
$$;

-- The next in the order asked for that match, reading no more than `budget` products.
-- Only the branch of that order is ever read.
CREATE FUNCTION search_walk(p search_plan, k float8, n text, i bigint, budget int, most int)
RETURNS TABLE (product_id bigint, key float8, name text, id bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY SELECT c.product_id, c.key, c.name, c.id FROM (
		(SELECT f.product_id, -f.sold::float8 AS key, ''::text AS name, -f.product_id AS id
		FROM search_fact f WHERE p.sort IN ('sold', 'relevance')
			AND (f.sold, f.product_id) < ((-k)::bigint, -i)
		ORDER BY f.sold DESC, f.product_id DESC LIMIT budget)
		UNION ALL
		(SELECT f.product_id, -(extract(epoch FROM f.created_at) * 1000000)::float8, '',
			-f.product_id
		FROM search_fact f WHERE p.sort = 'newest'
			AND (f.created_at, f.product_id) < (to_timestamp(-k / 1000000), -i)
		ORDER BY f.created_at DESC, f.product_id DESC LIMIT budget)
		UNION ALL
		(SELECT f.product_id, 0, f.name, f.product_id
		FROM search_fact f WHERE p.sort = 'name'
			AND (f.name, f.product_id) > (n COLLATE "C", i)
		ORDER BY f.name, f.product_id LIMIT budget)
		UNION ALL
		(SELECT r.product_id, r.amount, '', r.product_id
		FROM search_price r WHERE p.sort = 'price' AND r.currency = p.currency
			AND (r.amount, r.product_id) > (greatest(k::bigint, p.price_min - 1),
				CASE WHEN k < p.price_min THEN 9000000000000000000 ELSE i END)
			AND r.amount <= coalesce(p.price_max, 9000000000000000000)
		ORDER BY r.currency, r.amount, r.product_id LIMIT budget)
		UNION ALL
		(SELECT r.product_id, -r.amount, '', -r.product_id
		FROM search_price r WHERE p.sort = 'price-desc' AND r.currency = p.currency
			AND (r.amount, r.product_id) < (least((-k)::bigint, p.price_max + 1),
				CASE WHEN -k > p.price_max THEN -1 ELSE -i END)
			AND r.amount >= coalesce(p.price_min, 0)
		ORDER BY r.currency DESC, r.amount DESC, r.product_id DESC LIMIT budget)) c
	WHERE (NOT p.in_stock OR (SELECT f.in_stock FROM search_fact f
			WHERE f.product_id = c.product_id))
		AND (p.terms IS NULL OR (SELECT s.words @@ p.terms FROM search_product s
			WHERE s.product_id = c.product_id))
		AND (coalesce(p.price_min, p.price_max) IS NULL OR (SELECT r.amount
				BETWEEN coalesce(p.price_min, 0)
				AND coalesce(p.price_max, 9000000000000000000)
			FROM search_price r WHERE r.product_id = c.product_id AND r.currency = p.currency))
	LIMIT most;
END $$;

-- The page behind a place, and all that matched as far as it is known: `whole` says that
-- nothing else does.
CREATE FUNCTION search_run(p search_plan, k float8, n text, i bigint, most int,
	OUT path text, OUT ids bigint[], OUT keys float8[], OUT matched bigint[],
	OUT whole boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	bound bigint := 20000;
	ranked int := 200; -- of many that match, so many of the best sold are ranked
	m_keys float8[];
	m_names text[];
	m_ids bigint[];
BEGIN
	path := CASE WHEN p.most > 2000 AND p.share * 2000 >= least(most, 60) THEN 'walk'
		ELSE 'index' END;
	IF path = 'walk' AND p.sort = 'relevance' THEN
		SELECT array_agg(w.product_id), array_agg(-search_score(s.words, p.words, -w.key::bigint)),
			array_agg(w.name), array_agg(w.id) INTO matched, m_keys, m_names, m_ids
		FROM search_walk(p, -9e18, '', -9000000000000000000, 2000, ranked) w
			JOIN search_product s ON s.product_id = w.product_id;
	ELSIF path = 'walk' THEN
		SELECT array_agg(w.product_id), array_agg(w.key), array_agg(w.name), array_agg(w.id)
		INTO matched, m_keys, m_names, m_ids
		FROM search_walk(p, k, n, i, 2000, most) w;
	END IF;
	IF path = 'index' OR coalesce(cardinality(matched), 0) < least(most, 60) THEN
		path := 'index';
		SELECT array_agg(m.product_id), array_agg(m.key), array_agg(m.name), array_agg(m.id)
		INTO matched, m_keys, m_names, m_ids FROM search_matches(p, bound) m;
	END IF;
	matched := coalesce(matched, '{}');
	whole := path = 'index' AND cardinality(matched) < bound;
	SELECT array_agg(x.product_id), array_agg(x.key) INTO ids, keys
	FROM (SELECT u.product_id, u.key
		FROM unnest(matched, m_keys, m_names, m_ids) AS u (product_id, key, name, id)
		WHERE (u.key, u.name COLLATE "C", u.id) > (k, n COLLATE "C", i)
		ORDER BY u.key, u.name COLLATE "C", u.id LIMIT most) x;
END $$;

-- What a page shows of its products: price and stock are those of this moment.
CREATE FUNCTION search_items(ids bigint[], keys float8[], currency text, ranked boolean)
RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_agg(jsonb_build_object('handle', p.handle, 'sku', v.sku,
		'title', p.title, 'brand', b.name, 'category', c.path, 'price',
		CASE WHEN v.price IS NOT NULL THEN jsonb_build_object('amount', v.price,
			'currency', $3) END,
		'compare_at', CASE WHEN v.compare_at > v.price THEN jsonb_build_object('amount',
			v.compare_at, 'currency', $3) END, 'variants', v.n,
		'available', product_in_stock(p.id), 'image', (SELECT i.url FROM product_image i
			WHERE i.product_id = p.id ORDER BY i.position, i.url LIMIT 1))
		|| CASE WHEN $4 THEN jsonb_build_object('score', round(-u.key::numeric, 6))
			ELSE '{}' END ORDER BY u.i), '[]')
	FROM unnest($1, $2) WITH ORDINALITY u (id, key, i) JOIN product p ON p.id = u.id
		LEFT JOIN brand b ON b.id = p.brand_id LEFT JOIN category c ON c.id = p.category_id,
		LATERAL (SELECT count(*) AS n, (array_agg(o.sku ORDER BY o.position, o.id))[1] AS sku,
			min(r.amount) AS price, (array_agg(r.compare_at ORDER BY r.amount, o.id))[1]
				AS compare_at
			FROM variant o LEFT JOIN LATERAL price_now(o.id, $3) r ON true
			WHERE o.product_id = p.id AND o.sellable) v
$$;

-- How many of the products there are of each brand, category, price or attribute.
CREATE FUNCTION search_facet(ids bigint[], facet text, currency text)
RETURNS TABLE (value text, label text, products bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
	begins text := CASE WHEN facet IN ('brand', 'category', 'price') THEN NULL
		ELSE search_fold(facet) || '=' END;
BEGIN
	RETURN QUERY SELECT x.value, x.label, x.products FROM (
		SELECT b.slug AS value, b.name AS label, g.products
		FROM (SELECT f.brand_id, count(*) AS products FROM unnest(ids) i
			JOIN search_fact f ON f.product_id = i WHERE facet = 'brand' GROUP BY 1) g
		JOIN brand b ON b.id = g.brand_id
		UNION ALL
		SELECT c.path, c.name, g.products
		FROM (SELECT f.category_id, count(*) AS products FROM unnest(ids) i
			JOIN search_fact f ON f.product_id = i WHERE facet = 'category' GROUP BY 1) g
		JOIN category c ON c.id = g.category_id
		UNION ALL
		SELECT min(r.amount) || '-' || max(r.amount), money_text(min(r.amount), $3) || ' - '
			|| money_text(max(r.amount), $3), count(*)
		FROM (SELECT o.amount, ntile(5) OVER (ORDER BY o.amount) AS part FROM unnest(ids) i
			JOIN search_price o ON o.product_id = i AND o.currency = $3
			WHERE facet = 'price') r GROUP BY r.part
		UNION ALL
		SELECT substr(a, length(begins) + 1), substr(a, length(begins) + 1), count(*)
		FROM unnest(ids) i JOIN search_fact f ON f.product_id = i, unnest(f.attributes) a
		WHERE begins IS NOT NULL AND starts_with(a, begins) GROUP BY a) x
	ORDER BY x.products DESC, x.value LIMIT 20;
END $$;

CREATE FUNCTION search_facets(ids bigint[], facets text[], currency text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
	SELECT coalesce(jsonb_object_agg(n, coalesce((SELECT jsonb_agg(to_jsonb(x)
			ORDER BY x.products DESC, x.value) FROM search_facet($1, n, $3) x), '[]')), '{}')
	FROM (SELECT DISTINCT n FROM unnest($2[1:10]) n) d
$$;

-- A page of what customers find.  total is null when so many match that nobody counted;
-- counts of facets are then those of the first few hundred.
CREATE FUNCTION api.search_query(q text, category text, brands text[], currency text,
	price_min bigint, price_max bigint, attributes text[], in_stock boolean, sort text,
	counted text[], after text, most bigint)
RETURNS TABLE (total bigint, many boolean, corrected text, next text, facets jsonb, items jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
	p search_plan := search_plan_of($1, $2, $3, $4, $5, $6, $7, $8, $9);
	print text := left(md5(jsonb_build_array($1, $2, $3, $4, $5, $6, $7, $8, $9)::text), 8);
	place record := search_place(p, after, print);
	run record;
	n int := least(greatest(most, 1), 200);
BEGIN
	run := search_run(p, place.key, place.name, place.id, n + 1);
	total := CASE WHEN run.whole THEN cardinality(run.matched)
		WHEN p.parts < 2 THEN p.most END;
	many := total IS NULL;
	SELECT nullif(string_agg(CASE u.how WHEN 'corrected' THEN u.means[1] ELSE u.word END, ' '
		ORDER BY u.n), string_agg(u.word, ' ' ORDER BY u.n)) INTO corrected
	FROM search_understand($1) u;
	next := CASE WHEN cardinality(run.ids) > n THEN concat_ws('~', p.sort, run.keys[n],
		CASE WHEN p.sort IN ('name', 'price') THEN 1 ELSE -1 END * run.ids[n], print) END;
	IF cardinality($10) > 0 AND NOT run.whole THEN
		run.matched := ARRAY(SELECT w.product_id FROM search_walk(p, -9e18, '',
			-9000000000000000000, 3000, 500) w);
	END IF;
	facets := search_facets(run.matched, $10, $4);
	items := search_items(run.ids[:n], run.keys[:n], $4, p.sort = 'relevance');
	RETURN NEXT;
END $$;

-- How a query is understood, word by word, and how its page is found.
CREATE FUNCTION api.search_explain(q text, category text, brands text[], currency text,
	price_min bigint, price_max bigint, attributes text[], in_stock boolean, sort text)
RETURNS TABLE (part text, how text, means text, products bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
SET enable_mergejoin = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
	p search_plan := search_plan_of($1, $2, $3, $4, $5, $6, $7, $8, $9);
	place record := search_place(p, NULL, '');
	run record := search_run(p, place.key, place.name, place.id, 25);
BEGIN
	RETURN QUERY SELECT u.word, u.how, array_to_string(u.means, ' | '), u.most
		FROM search_understand($1) u ORDER BY u.n;
	RETURN QUERY SELECT 'filter', CASE WHEN f.means[1] LIKE '=c%' THEN 'category'
			WHEN f.means[1] LIKE '=b%' THEN 'brand' ELSE 'attribute' END,
		CASE WHEN f.means[1] LIKE '=c%' THEN $2 WHEN f.means[1] LIKE '=b%'
			THEN array_to_string($3, ' | ')
			ELSE (SELECT string_agg(substr(x, 3), ' | ') FROM unnest(f.means) x) END,
		search_most(f.means) FROM search_filters($2, $3, $7) f;
	RETURN QUERY SELECT 'page', run.path, 'sorted by ' || p.sort || CASE run.path
			WHEN 'index' THEN ', all that matches'
			ELSE ', in that order until the page is full' END,
		CASE WHEN run.whole THEN cardinality(run.matched)::bigint END;
END $$;
