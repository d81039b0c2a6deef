-- The conditions of --where over the catalog: 'KEY OP VALUE', and all of them hold.
-- Nothing of them becomes SQL: a condition is a row, and what it asks is looked up by name.

CREATE FUNCTION catalog_keys() RETURNS TABLE (key text, kind text)
LANGUAGE sql IMMUTABLE AS $$
	VALUES ('attribute', 'text'), ('available', 'number'), ('barcode', 'text'),
		('brand', 'slug'), ('category', 'path'), ('cost', 'money'), ('created', 'time'),
		('handle', 'text'), ('on_hand', 'number'), ('price', 'money'), ('sku', 'text'),
		('status', 'text'), ('supplier', 'slug'), ('tag', 'list'), ('tax_class', 'text'),
		('title', 'text'), ('type', 'text'), ('updated', 'time'), ('weight', 'number')
$$;

-- One condition, read: number is of kinds number and money (in minor units), at of time.
CREATE FUNCTION catalog_condition(condition text, OUT key text, OUT kind text,
	OUT attribute text, OUT op text, OUT value text, OUT number numeric, OUT currency text,
	OUT at timestamptz)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	part text[] := regexp_match(condition,
		'^\s*([a-z_]+)(?:\.([^\s=<>!~]+))?\s*(<=|>=|!=|!~|=|<|>|~)\s*(.*?)\s*$');
BEGIN
	SELECT k.key, k.kind INTO key, kind FROM catalog_keys() k WHERE k.key = part[1];
	IF key IS NULL OR (key = 'attribute') <> (part[2] IS NOT NULL) THEN
		PERFORM invalid('where_is_readable', format('"%s" is no condition', condition), format(
			'KEY OP VALUE, such as brand=acme; KEY is one of %s, attribute.NAME; OP one of = != < <= > >= ~ !~',
			(SELECT string_agg(k.key, ', ') FROM catalog_keys() k WHERE k.key <> 'attribute')));
	END IF;
	attribute := part[2];
	op := part[3];
	value := part[4];
	IF op IN ('~', '!~') AND kind IN ('number', 'money', 'time')
		OR op IN ('<', '<=', '>', '>=') AND kind NOT IN ('number', 'money', 'time')
	THEN
		PERFORM invalid('where_operator_fits', format('%s cannot be compared by %s', key, op));
	END IF;
	IF kind = 'number' THEN
		number := catalog_number(condition, value);
	ELSIF kind = 'money' THEN
		SELECT m.minor, m.currency INTO number, currency
		FROM catalog_money(condition, value) m;
	ELSIF kind = 'time' THEN
		at := catalog_time(condition, value);
	END IF;
END $$;

CREATE FUNCTION catalog_number(condition text, value text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	IF value !~ '^-?[0-9]{1,15}(\.[0-9]{1,6})?$' THEN
		PERFORM invalid('where_is_readable', format('"%s": %s is no number', condition, value));
	END IF;
	RETURN value::numeric;
END $$;

CREATE FUNCTION catalog_money(condition text, value text, OUT minor numeric,
	OUT currency text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	part text[] := regexp_match(value, '^([0-9]{1,15}(?:\.[0-9]{1,4})?)\s*([A-Z]{3})$');
BEGIN
	SELECT part[1]::numeric * power(10::numeric, c.exponent), c.code INTO minor, currency
	FROM currency c WHERE c.code = part[2];
	IF minor IS NULL THEN
		PERFORM invalid('where_is_readable', format('"%s": %s is no amount', condition, value),
			'an amount has its currency: 29.99EUR');
	END IF;
END $$;

CREATE FUNCTION catalog_time(condition text, value text) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
	part text[] := regexp_match(value, '^([0-9]{1,6})([mhdw])$');
BEGIN
	IF part IS NOT NULL THEN
		RETURN now() - part[1]::integer * CASE part[2] WHEN 'm' THEN interval '1 minute'
			WHEN 'h' THEN interval '1 hour' WHEN 'd' THEN interval '1 day'
			ELSE interval '7 days' END;
	END IF;
	IF value !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]{5,15}(Z|[+-][0-9]{2}:?[0-9]{2})?)?$'
		OR NOT time_is_readable(value)
	THEN
		PERFORM invalid('where_is_readable', format('"%s": %s is no time', condition, value),
			'2026-11-20, 2026-11-20T08:00:00Z, or 30d for thirty days ago');
	END IF;
	RETURN value::timestamp AT TIME ZONE 'UTC';
END $$;

CREATE FUNCTION time_is_readable(value text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN value::timestamptz IS NOT NULL;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
	RETURN false;
END $$;

-- Whether what there is stands so to what is asked: sign is -1, 0 or 1.
CREATE FUNCTION catalog_compare(op text, sign double precision) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE op WHEN '=' THEN sign = 0 WHEN '!=' THEN sign IS DISTINCT FROM 0
		WHEN '<' THEN sign < 0 WHEN '<=' THEN sign <= 0 WHEN '>' THEN sign > 0
		WHEN '>=' THEN sign >= 0 END
$$;

-- Texts: = without regard to case, ~ finds a part.
CREATE FUNCTION catalog_says(op text, has text, value text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE op WHEN '=' THEN lower(has) = lower(value)
		WHEN '!=' THEN lower(has) IS DISTINCT FROM lower(value)
		WHEN '~' THEN strpos(lower(has), lower(value)) > 0
		ELSE coalesce(strpos(lower(has), lower(value)), 0) = 0 END
$$;

-- Whether a list has a text that is asked for, or, with != and !~, none.
CREATE FUNCTION catalog_lists(op text, has text[], value text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
	SELECT EXISTS (SELECT FROM unnest(has) h
		WHERE catalog_says(ltrim(op, '!'), h, value)) <> starts_with(op, '!')
$$;

-- The variants, and the products without any, of which all conditions hold.
CREATE FUNCTION catalog_match(conditions text[])
RETURNS TABLE (product_id bigint, variant_id bigint)
LANGUAGE sql STABLE AS $$
	WITH asked AS MATERIALIZED (
		SELECT c.* FROM unnest(conditions) u CROSS JOIN LATERAL catalog_condition(u) c
	)
	SELECT p.id, v.id
	FROM product p LEFT JOIN variant v ON v.product_id = p.id
		LEFT JOIN brand b ON b.id = p.brand_id
		LEFT JOIN supplier s ON s.id = p.supplier_id
		LEFT JOIN category g ON g.id = p.category_id
	WHERE NOT EXISTS (SELECT FROM asked a WHERE (CASE a.key
		WHEN 'attribute' THEN catalog_says(a.op, coalesce(v.attributes ->> a.attribute,
			p.attributes ->> a.attribute), a.value)
		WHEN 'barcode' THEN catalog_says(a.op, v.barcode, a.value)
		WHEN 'brand' THEN catalog_says(a.op, b.slug, slug(a.value))
		WHEN 'supplier' THEN catalog_says(a.op, s.slug, slug(a.value))
		WHEN 'category' THEN CASE WHEN a.op IN ('~', '!~')
			THEN catalog_says(a.op, g.path, a.value)
			ELSE coalesce(starts_with(g.path || '/', category_path(a.value) || '/'), false)
				= (a.op = '=') END
		WHEN 'handle' THEN catalog_says(a.op, p.handle, a.value)
		WHEN 'sku' THEN catalog_says(a.op, v.sku, a.value)
		WHEN 'status' THEN catalog_says(a.op, p.status, a.value)
		WHEN 'tag' THEN catalog_lists(a.op, p.tags, a.value)
		WHEN 'tax_class' THEN catalog_says(a.op, v.tax_class, a.value)
		WHEN 'title' THEN catalog_says(a.op, p.title, a.value)
		WHEN 'type' THEN catalog_says(a.op, p.type, a.value)
		WHEN 'created' THEN catalog_compare(a.op,
			sign(extract(epoch FROM p.created_at - a.at)))
		WHEN 'updated' THEN catalog_compare(a.op,
			sign(extract(epoch FROM p.updated_at - a.at)))
		WHEN 'weight' THEN catalog_compare(a.op, sign(v.weight_grams - a.number))
		WHEN 'cost' THEN catalog_compare(a.op,
			sign(CASE WHEN v.cost_currency = a.currency THEN v.cost_minor END - a.number))
		WHEN 'price' THEN catalog_compare(a.op,
			sign((price_now(v.id, a.currency)).amount - a.number))
		WHEN 'on_hand' THEN catalog_compare(a.op, sign((SELECT coalesce(sum(t.on_hand), 0)
			FROM stock t WHERE t.variant_id = v.id) - a.number))
		WHEN 'available' THEN catalog_compare(a.op,
			sign((SELECT coalesce(sum(t.on_hand - t.reserved), 0)
				FROM stock t WHERE t.variant_id = v.id) - a.number))
		END) IS NOT TRUE)
$$;
