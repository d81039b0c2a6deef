-- Rows of a file that belong together though each is a product of its own where the file
-- comes from: variations name their parent, configurable products name their variants.
--
-- What a row has more of than the stage has columns is its "extra": images and prices
-- after the first; refs, what other rows call it; parent, what it calls the row of its
-- product; pairs, names and values that are options when they tell variants apart;
-- children, the SKUs that are its variants, with such pairs.

CREATE FUNCTION import_link() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM import_stage s WHERE s.extra IS NOT NULL) THEN
		RETURN;
	END IF;
	INSERT INTO import_reject
	SELECT s.line, 'options', 'variant_options_are_unique', format(
		'it is another variant than the one on line %s, with the same options', f.line),
		'give each a SKU, or another option'
	FROM import_stage s JOIN (SELECT DISTINCT ON (o.sku) o.sku, o.line, o.extra ->> 'id' AS id
			FROM import_stage o WHERE o.derived AND o.extra ? 'id' ORDER BY o.sku, o.line) f
		ON f.sku = s.sku AND f.id <> s.extra ->> 'id'
	WHERE s.derived;
	INSERT INTO import_reject
	SELECT s.line, 'price', 'price_schedules_never_overlap', format(
		'%s is scheduled at another price from %s until %s', s.sku,
		price_time(p.valid_from), price_time(p.valid_until)),
		format('shopctl price cancel %s --currency %s', s.sku, p.currency)
	FROM import_stage s, jsonb_array_elements(s.extra -> 'sales') e (sale),
		import_sale(e.sale) o, variant v, price p
	WHERE s.extra ? 'sales' AND v.sku = s.sku AND p.variant_id = v.id AND p.scheduled
		AND p.currency = o.currency AND p.valid_until > coalesce(o.since, now())
		AND p.valid_from < o.until
		AND NOT (p.amount = o.amount AND p.valid_until = o.until);
	IF NOT EXISTS (SELECT FROM import_stage s WHERE s.extra ?| '{parent,children}') THEN
		RETURN;
	END IF;
	PERFORM import_children();
	PERFORM import_pairs();
	PERFORM import_option_names();
	PERFORM import_adopt();
END $$;

-- Which row is a variant of which; without a line, of a product that the shop has.
CREATE FUNCTION import_children() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_child;
	CREATE TEMPORARY TABLE import_child ON COMMIT DROP AS
	SELECT DISTINCT ON (f.line) f.line, f.parent_line, f.pairs FROM (
		SELECT c.line, p.line AS parent_line, '[]'::jsonb AS pairs
		FROM import_stage c LEFT JOIN (SELECT r.ref, min(s.line) AS line
			FROM import_stage s, jsonb_array_elements_text(s.extra -> 'refs') r (ref)
			GROUP BY r.ref) p ON p.ref = c.extra ->> 'parent'
		WHERE c.extra ? 'parent'
		UNION ALL
		SELECT c.line, s.line, k.child - 0
		FROM import_stage s, jsonb_array_elements(s.extra -> 'children') k (child)
			JOIN import_stage c ON c.sku = k.child ->> 0
		WHERE s.extra ? 'children' AND c.line <> s.line) f
	ORDER BY f.line, f.parent_line;
	INSERT INTO import_reject
	SELECT c.line, 'parent', 'variation_has_a_parent', format(
		'there is no product %s, neither in the file nor in the shop',
		s.extra ->> 'parent'),
		'import the row of the product together with its variations'
	FROM import_child c JOIN import_stage s USING (line)
	WHERE c.parent_line IS NULL
		AND NOT EXISTS (SELECT FROM product p WHERE p.handle = s.handle);
	INSERT INTO import_reject
	SELECT s.line, 'children', 'sku_stays_with_its_product', format(
		'SKU %s is a variant of the product on line %s, too', k.child ->> 0, c.parent_line),
		'a variant belongs to one product'
	FROM import_stage s, jsonb_array_elements(s.extra -> 'children') k (child)
		JOIN import_stage v ON v.sku = k.child ->> 0
		JOIN import_child c ON c.line = v.line
	WHERE c.parent_line < s.line;
	INSERT INTO import_reject
	SELECT m.line, 'children', 'variations_are_in_the_file', format(
		'%s of its %s variations are not in the file: %s', m.n, m.of, m.skus),
		'put a product and all its variations into one file'
	FROM (SELECT s.line, count(*) FILTER (WHERE k.absent) AS n, count(*) AS of,
			string_agg(k.sku, ', ' ORDER BY k.i) FILTER (WHERE k.absent AND k.i <= 5) AS skus
		FROM import_stage s, LATERAL (SELECT e.child ->> 0 AS sku, e.i,
				NOT EXISTS (SELECT FROM import_stage v WHERE v.sku = e.child ->> 0)
				AND NOT EXISTS (SELECT FROM variant v JOIN product p ON p.id = v.product_id
					WHERE v.sku = e.child ->> 0 AND p.handle = s.handle) AS absent
			FROM jsonb_array_elements(s.extra -> 'children') WITH ORDINALITY e (child, i)) k
		WHERE s.extra ? 'children' GROUP BY s.line) m
	WHERE m.n > 0;
	ANALYZE import_child;
END $$;

-- What tells variants apart: listed is what their product says, the rest is their own.
CREATE FUNCTION import_pairs() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_pair;
	CREATE TEMPORARY TABLE import_pair ON COMMIT DROP AS
	SELECT DISTINCT ON (t.line, t.name) t.* FROM (
		SELECT c.line, c.parent_line, e.pair ->> 0 AS name,
			coalesce(nullif(e.pair ->> 1, ''), 'Any') AS value, true AS listed, e.n
		FROM import_child c, jsonb_array_elements(c.pairs) WITH ORDINALITY e (pair, n)
		UNION ALL
		SELECT c.line, c.parent_line, e.pair ->> 0, coalesce(nullif(e.pair ->> 1, ''), 'Any'),
			NOT s.extra ? 'loose' AND s.extra ? 'parent', e.n
		FROM import_child c JOIN import_stage s USING (line),
			jsonb_array_elements(s.extra -> 'pairs') WITH ORDINALITY e (pair, n)) t
	ORDER BY t.line, t.name, t.listed DESC, t.n;
	ANALYZE import_pair;
END $$;

-- The names of a product's options: those that are listed and, when they leave two
-- variants alike, the others in which the variants differ - one alone if it is enough.
CREATE FUNCTION import_option_names() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	DROP TABLE IF EXISTS pg_temp.import_names;
	CREATE TEMPORARY TABLE import_names ON COMMIT DROP AS
	SELECT c.parent_line, array(
		SELECT p.name FROM import_pair p LEFT JOIN (SELECT e.pair ->> 0 AS name, e.n
			FROM import_stage s, jsonb_array_elements(s.extra -> 'pairs')
				WITH ORDINALITY e (pair, n)
			WHERE s.line = c.parent_line) o ON o.name = p.name
		WHERE p.parent_line = c.parent_line AND p.listed
		GROUP BY p.name ORDER BY min(o.n), min(p.n), p.name) AS names
	FROM import_child c WHERE c.parent_line IS NOT NULL GROUP BY c.parent_line;
	UPDATE import_names m SET names = m.names || CASE
		WHEN m.names = '{}' AND w.enough IS NOT NULL THEN ARRAY[w.enough] ELSE w.names END
	FROM (SELECT d.parent_line, array_agg(d.name ORDER BY d.n, d.name) AS names,
			(array_agg(d.name ORDER BY d.n, d.name) FILTER (WHERE d.enough))[1] AS enough
		FROM (SELECT p.parent_line, p.name, min(p.n) AS n,
				count(DISTINCT p.value) = k.n AS enough
			FROM import_pair p JOIN (SELECT c.parent_line, count(*) AS n FROM import_child c
				GROUP BY c.parent_line) k USING (parent_line)
			WHERE NOT p.listed GROUP BY p.parent_line, p.name, k.n
			HAVING count(*) = k.n AND count(DISTINCT p.value) > 1) d
		GROUP BY d.parent_line) w
	WHERE w.parent_line = m.parent_line AND EXISTS (SELECT FROM import_child c
		WHERE c.parent_line = m.parent_line
		GROUP BY import_values(c.line, m.names) HAVING count(*) > 1);
	INSERT INTO import_reject
	SELECT m.parent_line, 'options', 'options_are_three_at_most', format(
		'its variants differ in %s', array_to_string(m.names, ', ')),
		'make several products of it'
	FROM import_names m WHERE cardinality(m.names) > 3;
END $$;

CREATE FUNCTION import_values(p_line bigint, names text[]) RETURNS text[]
LANGUAGE sql STABLE AS $$
	SELECT array(SELECT coalesce(p.value, 'Any') FROM unnest(names) WITH ORDINALITY m (name, i)
		LEFT JOIN import_pair p ON p.line = p_line AND p.name = m.name ORDER BY m.i)
$$;

-- A variant says nothing of its product, and its product's row has no variant.
CREATE FUNCTION import_adopt() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO import_reject
	SELECT c.line, 'parent', 'variation_has_a_parent', format(
		'it is a variant of the product on line %s, which was refused', c.parent_line),
		'correct that row'
	FROM import_child c WHERE c.line <> c.parent_line
		AND EXISTS (SELECT FROM import_reject r WHERE r.line = c.parent_line);
	INSERT INTO import_reject
	SELECT s.line, 'status', 'variant_is_sold_as_its_product', format(
		'it is not for sale, and its product on line %s is', p.line),
		'leave the row out, or give it no stock'
	FROM import_child c JOIN import_stage s USING (line)
		JOIN import_stage p ON p.line = c.parent_line
	WHERE s.status <> 'active' AND p.status = 'active' AND s.line <> p.line;
	CREATE INDEX ON import_pair (line);
	UPDATE import_stage s SET handle = p.handle, head_line = p.line,
		options = import_values(s.line, m.names)
	FROM import_child c JOIN import_stage p ON p.line = c.parent_line
		JOIN import_names m ON m.parent_line = c.parent_line
	WHERE s.line = c.line;
	UPDATE import_stage s SET options = import_values(s.line, p.option_names)
	FROM import_child c, product p
	WHERE s.line = c.line AND c.parent_line IS NULL AND p.handle = s.handle;
	UPDATE import_stage s SET title = NULL, description = NULL, brand = NULL,
		category = NULL, type = NULL, tags = NULL, status = NULL, option_names = NULL,
		variant_attributes = coalesce(s.attributes, '{}') ||
			coalesce(s.variant_attributes, '{}'), attributes = NULL,
		tax_class = coalesce(s.tax_class, p.tax_class),
		weight_grams = coalesce(s.weight_grams, p.weight_grams)
	FROM import_child c LEFT JOIN import_stage p ON p.line = c.parent_line
	WHERE s.line = c.line AND s.line IS DISTINCT FROM c.parent_line;
	UPDATE import_stage s SET option_names = m.names,
		attributes = coalesce(s.attributes, '{}') || coalesce((
			SELECT jsonb_object_agg(e.pair ->> 0, e.pair ->> 1)
			FROM jsonb_array_elements(s.extra -> 'pairs') e (pair)
			WHERE e.pair ->> 0 <> ALL (m.names) AND e.pair ->> 1 <> ''), '{}')
	FROM import_names m WHERE s.line = m.parent_line;
	UPDATE import_stage s SET sku = NULL, options = NULL, barcode = NULL,
		weight_grams = NULL, tax_class = NULL, requires_shipping = NULL, cost = NULL,
		variant_image = NULL, variant_attributes = NULL, currency = NULL, price = NULL,
		compare_at = NULL, warehouse = NULL, on_hand = NULL
	FROM import_names m WHERE s.line = m.parent_line
		AND NOT EXISTS (SELECT FROM import_child c WHERE c.line = s.line);
END $$;

-- The pictures of a row after its first.
CREATE FUNCTION import_more_images() RETURNS TABLE (product_id bigint, url text, alt text,
	"position" bigint, line bigint)
LANGUAGE sql STABLE AS $$
	SELECT r.product_id, e.url, NULL, NULL::bigint, r.line
	FROM import_row r, jsonb_array_elements_text(r.extra -> 'images') e (url)
	WHERE r.extra ? 'images'
$$;

-- The prices of all rows: each has one, and more in other currencies.
CREATE FUNCTION import_prices() RETURNS TABLE (variant_id bigint, new_variant boolean,
	currency text, price bigint, compare_at bigint, line bigint)
LANGUAGE sql STABLE AS $$
	SELECT r.variant_id, r.new_variant, r.currency, r.price, r.compare_at, r.line
	FROM import_row r WHERE r.price IS NOT NULL AND r.variant_id IS NOT NULL
	UNION ALL
	SELECT r.variant_id, r.new_variant, e.price ->> 0, (e.price ->> 1)::bigint, NULL, r.line
	FROM import_row r, jsonb_array_elements(r.extra -> 'prices') e (price)
	WHERE r.extra ? 'prices' AND r.is_variant
$$;

-- A price for a time; since: null has begun.
CREATE FUNCTION import_sale(sale jsonb, OUT currency text, OUT amount bigint,
	OUT compare_at bigint, OUT since timestamptz, OUT until timestamptz)
LANGUAGE sql STABLE AS $$
	SELECT sale ->> 0, (sale ->> 1)::bigint, (sale ->> 2)::bigint, (sale ->> 3)::timestamptz,
		coalesce((sale ->> 4)::timestamptz, 'infinity')
$$;

-- Schedule the sales that are not, once the prices around them are written.
CREATE FUNCTION import_sales() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	n record;
	before jsonb[];
BEGIN
	IF NOT EXISTS (SELECT FROM import_row r WHERE r.extra ? 'sales') THEN
		RETURN;
	END IF;
	FOR n IN SELECT o.currency, coalesce(o.since, now()) AS since, o.until,
			array_agg(r.variant_id ORDER BY r.variant_id) AS variants,
			array_agg(o.amount ORDER BY r.variant_id) AS amounts,
			array_agg(o.compare_at ORDER BY r.variant_id) AS compares,
			array_agg(r.line) AS lines
		FROM import_row r, jsonb_array_elements(r.extra -> 'sales') e (sale),
			import_sale(e.sale) o
		WHERE r.extra ? 'sales' AND r.variant_id IS NOT NULL AND r.is_variant
			AND NOT EXISTS (SELECT FROM price p WHERE p.variant_id = r.variant_id
				AND p.currency = o.currency AND p.scheduled AND p.amount = o.amount
				AND p.valid_until = o.until)
		GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 LOOP
		PERFORM price_lock(n.variants);
		before := price_pictures(n.variants, n.currency);
		PERFORM price_lay(n.variants, n.currency, n.amounts, n.compares, n.since, n.until);
		PERFORM price_audit(n.variants, n.currency, 'schedule', before);
		INSERT INTO import_change SELECT unnest(n.lines);
	END LOOP;
END $$;
