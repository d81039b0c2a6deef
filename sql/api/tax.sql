-- Tax classes and rates as operators set them, and a quote in every detail.

CREATE FUNCTION api.tax_class_list()
RETURNS TABLE (code text, name text, rates bigint, variants bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT coalesce(c.code, v.tax_class), c.name, (SELECT count(*) FROM tax_rate r
			WHERE r.tax_class = c.code AND r.valid_from <= now() AND now() < r.valid_until),
		coalesce(v.n, 0)
	FROM tax_class c FULL JOIN (SELECT w.tax_class, count(*) AS n FROM variant w
		GROUP BY w.tax_class) v ON v.tax_class = c.code
	ORDER BY 1
$$;

CREATE FUNCTION api.tax_class_set(p_code text, p_name text)
RETURNS TABLE (code text, name text, rates bigint, variants bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	was text := (SELECT c.name FROM tax_class c WHERE c.code = $1);
BEGIN
	INSERT INTO tax_class AS c (code, name) VALUES ($1, $2)
	ON CONFLICT ON CONSTRAINT tax_class_pkey DO UPDATE SET name = excluded.name;
	PERFORM audit('tax_class:' || $1, 'set', to_jsonb(was), to_jsonb($2));
	RETURN QUERY SELECT * FROM api.tax_class_list() l WHERE l.code = $1;
END $$;

-- "8.875": millionths as a percentage, without needless zeros.
CREATE FUNCTION tax_percent(ppm integer) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT trim_scale(round($1 / 10000.0, 4))::text
$$;

CREATE FUNCTION tax_ppm(percent text) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF $1 !~ '^[0-9]{1,3}(\.[0-9]{1,4}0*)?%?$' OR rtrim($1, '%')::numeric > 100 THEN
		PERFORM invalid('tax_rate_is_a_percentage', format('%s is no tax rate', $1),
			'a percentage with at most four decimals: 19, 8.875');
	END IF;
	RETURN (rtrim($1, '%')::numeric * 10000)::integer;
END $$;

-- Rates in the order in which they are asked; those of a time, or all.
CREATE FUNCTION api.tax_rate_list(of_country text, of_class text, at timestamptz, every boolean)
RETURNS TABLE (id bigint, country text, region text, postcodes text[], tax_class text,
	priority bigint, name text, percent text, included boolean, compound boolean,
	shipping boolean, valid_from timestamptz, valid_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
	SELECT r.id, r.country, r.region, r.postcodes, r.tax_class, r.priority::bigint, r.name,
		tax_percent(r.ppm), r.included, r.compound, r.shipping,
		nullif(r.valid_from, '-infinity'), nullif(r.valid_until, 'infinity')
	FROM tax_rate r
	WHERE ($1 IS NULL OR r.country = upper($1)) AND ($2 IS NULL OR r.tax_class = $2)
		AND ($4 OR r.valid_from <= coalesce($3, now()) AND coalesce($3, now()) < r.valid_until)
	ORDER BY r.country, r.tax_class, r.priority, r.postcodes = '{}', r.region = '', r.region,
		r.postcodes, r.valid_from
$$;

-- The postcodes of a rate, folded and in one order, so that the same ones are the same.
CREATE FUNCTION tax_postcodes(postcodes text[]) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(array_agg(DISTINCT upper(trim(p)) ORDER BY upper(trim(p))), '{}')
	FROM unnest($1) u, regexp_split_to_table(u, '[,;]') p WHERE trim(p) <> ''
$$;

-- Lay a rate from a time until another, for its place, class and priority; whatever lay there
-- in that time makes room.  wish.id does not count.  Writers wait for each other: rates are
-- few, and two who lay the same at once must not both find the place empty.
CREATE FUNCTION tax_rate_put(wish tax_rate) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	cut tax_rate[];
	made bigint;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('shop.taxes'));
	WITH gone AS (
		DELETE FROM tax_rate r WHERE r.country = wish.country AND r.region = wish.region
			AND r.postcodes = wish.postcodes AND r.tax_class = wish.tax_class
			AND r.priority = wish.priority AND r.valid_from < wish.valid_until
			AND r.valid_until > wish.valid_from
		RETURNING r.*)
	SELECT array_agg(g::tax_rate ORDER BY g.valid_from) INTO cut FROM gone g;
	-- What is left before it is still the same rate; what follows is a new one.
	INSERT INTO tax_rate OVERRIDING SYSTEM VALUE
	SELECT c.id, c.country, c.region, c.postcodes, c.tax_class, c.priority, c.name, c.ppm,
		c.included, c.compound, c.shipping, c.valid_from, wish.valid_from
	FROM unnest(cut) c WHERE c.valid_from < wish.valid_from;
	INSERT INTO tax_rate (country, region, postcodes, tax_class, priority, name, ppm, included,
		compound, shipping, valid_from, valid_until)
	SELECT c.country, c.region, c.postcodes, c.tax_class, c.priority, c.name, c.ppm, c.included,
		c.compound, c.shipping, wish.valid_until, c.valid_until
	FROM unnest(cut) c WHERE wish.valid_until < c.valid_until;
	INSERT INTO tax_rate (country, region, postcodes, tax_class, priority, name, ppm, included,
		compound, shipping, valid_from, valid_until)
	VALUES (wish.country, wish.region, wish.postcodes, wish.tax_class, wish.priority, wish.name,
		wish.ppm, wish.included, wish.compound, wish.shipping, wish.valid_from, wish.valid_until)
	RETURNING id INTO made;
	PERFORM audit('tax_rate:' || made, 'set', to_jsonb(cut), (SELECT to_jsonb(r) FROM tax_rate r
		WHERE r.id = made));
	RETURN made;
END $$;

-- The first rate of a place holds since ever, one that follows from now on, unless a time is
-- given.
CREATE FUNCTION api.tax_rate_set(country text, region text, postcodes text[], class text,
	priority bigint, name text, percent text, included boolean, compound boolean,
	shipping boolean, since timestamptz, until timestamptz)
RETURNS TABLE (id bigint, country_code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	wish tax_rate;
BEGIN
	IF NOT EXISTS (SELECT FROM tax_class c WHERE c.code = $4) THEN
		PERFORM absent('tax_class_exists', format('there is no tax class %s', $4),
			'shopctl tax class list');
	END IF;
	wish.country := upper($1);
	wish.region := upper(coalesce($2, ''));
	wish.postcodes := tax_postcodes($3);
	wish.tax_class := $4;
	wish.priority := $5;
	wish.name := $6;
	wish.ppm := tax_ppm($7);
	wish.included := $8;
	wish.compound := $9;
	wish.shipping := $10;
	wish.valid_from := coalesce($11, CASE WHEN EXISTS (SELECT FROM tax_rate r
		WHERE (r.country, r.region, r.postcodes, r.tax_class, r.priority) = (wish.country,
			wish.region, wish.postcodes, wish.tax_class, wish.priority))
		THEN now() ELSE '-infinity' END);
	wish.valid_until := coalesce($12, 'infinity');
	id := tax_rate_put(wish);
	country_code := wish.country;
	RETURN NEXT;
END $$;

-- A rate ends, now or at a time; one that would end before it begins is gone.
CREATE FUNCTION api.tax_rate_end(rate bigint, at timestamptz)
RETURNS TABLE (id bigint, country_code text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	was tax_rate;
	ends timestamptz := coalesce($2, now());
BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('shop.taxes'));
	SELECT r.* INTO was FROM tax_rate r WHERE r.id = $1 AND r.valid_until > ends;
	IF was.id IS NULL THEN
		PERFORM absent('tax_rate_exists', format('there is no tax rate %s that holds then', $1),
			'shopctl tax rate list');
	END IF;
	IF was.valid_from >= ends THEN
		DELETE FROM tax_rate r WHERE r.id = $1;
	ELSE
		UPDATE tax_rate r SET valid_until = ends WHERE r.id = $1;
	END IF;
	PERFORM audit('tax_rate:' || $1, 'end', to_jsonb(was), to_jsonb(ends));
	id := was.id;
	country_code := was.country;
	RETURN NEXT;
END $$;

-- What a basket's lines ask for: "DOG-5KG" or "DOG-5KG:2"; a SKU may have a colon of its own.
CREATE FUNCTION tax_quote_lines(lines text[], currency text, who bigint, at timestamptz)
RETURNS TABLE (n bigint, sku text, qty bigint, class text, price bigint)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
	line record;
	v variant;
BEGIN
	FOR line IN SELECT u.line, u.n, regexp_match(u.line, '^(.+):([0-9]{1,6})$') AS part
			FROM unnest($1) WITH ORDINALITY AS u (line, n) LOOP
		v := variant_named(CASE WHEN line.part IS NULL OR EXISTS (SELECT FROM variant o
			WHERE o.sku = line.line) THEN line.line ELSE line.part[1] END);
		n := line.n;
		sku := v.sku;
		class := v.tax_class;
		qty := CASE WHEN v.sku = line.line THEN 1 ELSE line.part[2]::bigint END;
		price := (SELECT p.amount FROM price_for(ARRAY[v.id], ARRAY[$2], ARRAY[$3], $4) p);
		IF price IS NULL THEN
			PERFORM refuse('price_is_set', format('%s has no price in %s', sku, $2),
				'shopctl price show ' || sku);
		ELSIF qty = 0 OR price > 10000000000 THEN
			PERFORM invalid('line_is_within_bounds', format('%s of %s cannot be ordered', qty, sku));
		END IF;
		RETURN NEXT;
	END LOOP;
END $$;

-- The tax of a basket: a row a line, a row a rate, and the sum of all.
CREATE FUNCTION api.tax_quote(lines text[], shipping bigint, currency text, country text,
	region text, postcode text, customer text, at timestamptz)
RETURNS TABLE (part text, sku text, qty bigint, amount amount, rates text, net amount,
	tax amount, gross amount)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
#variable_conflict use_column
DECLARE
	who bigint := CASE WHEN $7 IS NOT NULL THEN (SELECT k.id FROM customer k
		WHERE k.email = customer_email($7)) END;
	moment timestamptz := coalesce($8, now());
	b record;
BEGIN
	SELECT array_agg(q.sku ORDER BY q.n) || CASE WHEN $2 IS NOT NULL THEN ARRAY[NULL::text] END AS skus,
		array_agg(q.qty ORDER BY q.n) || CASE WHEN $2 IS NOT NULL THEN ARRAY[1::bigint] END AS qtys,
		array_agg(q.qty * q.price ORDER BY q.n) || CASE WHEN $2 IS NOT NULL THEN ARRAY[$2] END AS amounts,
		array_agg(q.class ORDER BY q.n)
			|| CASE WHEN $2 IS NOT NULL THEN ARRAY['shipping'] END AS classes,
		array_fill(1::bigint, ARRAY[count(*)::int + 1]) AS ones
	INTO b FROM tax_quote_lines($1, $3, who, moment) q;
	b.ones := b.ones[:cardinality(b.skus)];
	RETURN QUERY
	WITH line AS MATERIALIZED (SELECT * FROM tax_of(b.ones, b.classes,
			ARRAY(SELECT $4 FROM unnest(b.ones)), ARRAY(SELECT $5 FROM unnest(b.ones)),
			ARRAY(SELECT $6 FROM unnest(b.ones)), b.amounts, moment)),
	split AS MATERIALIZED (SELECT * FROM tax_split(b.ones, b.classes,
			ARRAY(SELECT $4 FROM unnest(b.ones)), ARRAY(SELECT $5 FROM unnest(b.ones)),
			ARRAY(SELECT $6 FROM unnest(b.ones)), b.amounts, moment)),
	row AS (
		SELECT 1 AS kind, l.n, CASE WHEN b.skus[l.n] IS NULL THEN 'shipping' ELSE 'line' END AS part,
			b.skus[l.n] AS sku, b.qtys[l.n] AS qty, b.amounts[l.n] AS amount,
			(SELECT string_agg(format('%s %s%%', s.name, tax_percent(s.ppm)), ', ' ORDER BY s.n,
				s.included DESC, s.compound, s.rate_id) FROM split s WHERE s.n = l.n) AS rates,
			l.net, l.tax, l.gross
		FROM line l
		UNION ALL
		SELECT 2, min(s.rate_id), 'rate', NULL, NULL, NULL,
			format('%s %s%%%s', s.name, tax_percent(s.ppm), CASE WHEN s.included
				THEN ' included' ELSE '' END), NULL, sum(s.tax)::bigint, NULL
		FROM split s GROUP BY s.name, s.ppm, s.included
		UNION ALL
		SELECT 3, 0, 'total', NULL, NULL, (SELECT sum(u)::bigint FROM unnest(b.amounts) u), NULL,
			sum(l.net)::bigint, sum(l.tax)::bigint, sum(l.gross)::bigint FROM line l)
	SELECT r.part, r.sku, r.qty, tax_money(r.amount, $3), r.rates, tax_money(r.net, $3),
		tax_money(r.tax, $3), tax_money(r.gross, $3)
	FROM row r ORDER BY r.kind, r.n;
END $$;

CREATE FUNCTION tax_money(minor bigint, currency text) RETURNS amount LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN $1 IS NOT NULL THEN ROW($1, $2)::amount END
$$;
